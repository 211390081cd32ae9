"""What can be said of an answer before all of an item is known: which items surely answer to a query, which perhaps.

A list knows heads, an index knows texts, and only the library knows items whole. Whoever looks asks at each depth and
looks deeper only where that leaves it open. Heads are asked by `together`. Pure: now is an argument.
"""

from dataclasses import dataclass
from datetime import datetime

from florilege.query.fields import FIELDS, Depth, always
from florilege.query.nodes import (
    All,
    Any_,
    Everything,
    Field,
    Has,
    Not,
    Phrase,
    Query,
    Words,
    all_of,
    all_tests,
    any_test,
    cheapest_first,
    contains,
    negated,
)
from florilege.query.subject import Predicate, Subject
from florilege.text import fold


def never(_: Subject) -> bool:
    """What everything answers with no."""
    return False


@dataclass(frozen=True, slots=True)
class Question:
    """A question in two halves, the cheaper first."""

    needles: tuple[str, ...]
    """What the text of a subject must hold for a yes, folded."""
    asked: Predicate | None
    """What must be true besides; None when there is nothing more to ask."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a query says of subjects of which the text is known, but not the whole item."""

    surely: Question
    """Who passes answers to the query, whatever else there is to know."""
    possibly: Question
    """Who fails does not, whatever else there is to know."""


def depth_of(query: Query) -> Depth:
    """How much must be known of an item to answer for sure."""
    match query:
        case Words() | Phrase():
            return Depth.TEXT
        case Has(part):
            return FIELDS["has"].depth(part)
        case Field(name, value):
            return FIELDS[name].depth(value)
        case Not(part):
            return depth_of(part)
        case All(parts) | Any_(parts):
            return max(map(depth_of, parts))
        case _:
            return Depth.HEAD


def bounds(query: Query, *, now: datetime) -> Bounds:
    """The question as it can be asked of subjects whose `item` is a head and `known_text` what `searchable` says.

    Args:
        query: What is asked.
        now: What spans such as `7d` count from, with zone.
    """
    # Of plain words side by side all is said by the needles.
    surely, possibly = _asked(all_of(part for part in query.conjuncts if not isinstance(part, Words | Phrase)), now)
    needles = _needles(query)
    return Bounds(
        Question(needles, None if surely is always else surely),
        Question(needles, None if possibly is always else possibly),
    )


def _asked(query: Query, now: datetime) -> tuple[Predicate, Predicate]:
    """What surely answers, and what possibly does."""
    match query:
        case Not(part):
            surely, possibly = _asked(part, now)
            return _not(possibly), _not(surely)
        case All(parts):
            pairs = [_asked(part, now) for part in cheapest_first(parts)]
            return _all([surely for surely, _ in pairs]), _all([possibly for _, possibly in pairs])
        case Any_(parts):
            pairs = [_asked(part, now) for part in parts]
            return _any([surely for surely, _ in pairs]), _any([possibly for _, possibly in pairs])
        case _:
            if depth_of(query) <= Depth.TEXT:
                return (exact := query.predicate(now=now)), exact
            needles = _needles(query)
            return never, contains(needles[0]) if needles else always


def _needles(query: Query) -> tuple[str, ...]:
    """What a text must hold for a yes, the longest first, for that is the rarest."""
    found = set()
    for part in query.conjuncts:
        match part:
            case Words(text) | Phrase(text):
                found.add(fold(text))
            case Field(name, value) if FIELDS[name].is_within:
                found.add(fold(value).strip())
    return tuple(sorted((needle for needle in found if needle), key=len, reverse=True))


def _not(test: Predicate) -> Predicate:
    return never if test is always else always if test is never else negated(test)


def _all(tests: list[Predicate]) -> Predicate:
    """All of them, without those that everything passes."""
    left = [test for test in tests if test is not always]
    if never in left:
        return never
    return all_tests(left) if len(left) > 1 else left[0] if left else always


def _any(tests: list[Predicate]) -> Predicate:
    """Any of them, without those that nothing passes."""
    left = [test for test in tests if test is not never]
    if always in left:
        return always
    return any_test(left) if len(left) > 1 else left[0] if left else never


def narrows(query: Query, other: Query) -> bool:
    """Whether whatever answers to a query answers to the other one as well, as far as their words tell.

    What is typed on at the end of a word asks for less. False when in doubt.
    """
    return all(any(_implies(part, wanted) for part in query.conjuncts) for wanted in other.conjuncts)


def _implies(part: Query, wanted: Query) -> bool:
    match part, wanted:
        case ((Words(text) | Phrase(text)), (Words(less) | Phrase(less))):
            return fold(less) in fold(text)
        case Field(name, value, False), Field(other, less, False) if name == other and name in _HOLDING:
            return fold(less) in fold(value)
        case _, Everything():
            return True
        case _:
            return part == wanted


_HOLDING = frozenset({"by", "group", "title", "quote", "note"})
"""Fields that look for their value anywhere in what they look at."""
