"""What a list can be narrowed by: its tags and its sharers, each with how many items, and the query a choice makes.

Pure: lists in, values out. The pickers show these; the query they make is the one that could be typed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import compress
from typing import TypeVar

from florilege.lists.catalogue import Listed
from florilege.query import Field, Not, Query, all_of, any_of, none_of
from florilege.text import clean_line, fold, same_tag

T = TypeVar("T")

UNTAGGED = none_of(Field("tag", "", beginning=True))
"""What asks for items without any tag."""
_UNTAGGED = "untagged"
_SIGNS = {"tag": "#"}


class Mode(StrEnum):
    """How a choice takes part in the query."""

    ALL = "all"
    """An item must have it."""
    ANY = "any"
    """An item must have it or another one chosen so."""
    NONE = "none"
    """An item must not have it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a list can be narrowed by."""

    label: str
    query: Query
    items: int
    unread: int


def tag_choices(rows: Iterable[Listed], unread: Iterable[int]) -> list[Choice]:
    """The tags of a list, the most frequent first, and a choice for items without any.

    Args:
        rows: The list.
        unread: Whether each row is unread.
    """
    rows = list(rows)
    both = _numbers([row.head.tags for row in rows], unread)
    tally = _Tally()
    for tags, (items, new) in both.items():  # the same tags often come together: 50,000 items take some 20 ms
        for tag in dict.fromkeys(tags):
            tally.add(same_tag(tag), tag, items, new)
    items, new = both.get((), (0, 0))
    untagged = [Choice(_UNTAGGED, UNTAGGED, items, new)] if items else []
    return tally.choices(lambda label: Field("tag", label), _SIGNS["tag"]) + untagged


def sharer_choices(rows: Iterable[Listed], unread: Iterable[int]) -> list[Choice]:
    """The sharers of a list, the most frequent first. Arguments are those of `tag_choices`."""
    tally = _Tally()
    labels = [row.head.sharer.label if row.head.sharer else "" for row in rows]
    for label, (items, new) in _numbers(labels, unread).items():
        if clean_line(label):  # a name of which nothing can be seen is none
            tally.add(fold(label), label, items, new)
    return tally.choices(lambda label: Field("by", label))


def taken(query: Query, name: str, choices: Sequence[Choice]) -> tuple[dict[Choice, Mode], Query]:
    """What of a list's filter such choices could have made, to be changed by choosing anew; and what else there is.

    Args:
        query: The filter.
        name: The field the choices are about: `tag` or `by`.
        choices: Those of the list as it is. What the filter asks for and the list does not have becomes one, too.
    """
    known = {choice.query: choice for choice in choices}
    modes: dict[Choice, Mode] = {}
    rest = []

    def choice_of(part: Query) -> Choice | None:
        if part in known:
            return known[part]
        if part == UNTAGGED and name == "tag":
            return Choice(_UNTAGGED, part, 0, 0)
        if isinstance(part, Field) and part.name == name and not part.beginning:
            return Choice(f"{_SIGNS.get(name, '')}{part.value}", part, 0, 0)
        return None

    for part in query.conjuncts:
        mode, parts = Mode.ALL, part.alternatives
        if choice_of(part) is None:
            mode, parts = (Mode.NONE, (part.part,)) if isinstance(part, Not) else (Mode.ANY, parts)
        made = {choice: mode for each in parts if (choice := choice_of(each)) is not None}
        # Of several alternatives one can be chosen anew, and each choice can be taken in one way only.
        if len(made) < len(parts) or made.keys() & modes or (mode is Mode.ANY and Mode.ANY in modes.values()):
            rest.append(part)
        else:
            modes |= made
    return modes, all_of(rest)


def chosen(choices: Mapping[Choice, Mode]) -> Query:
    """The query that the choices make together."""
    together = [choice.query for choice, mode in choices.items() if mode is Mode.ALL]
    either = any_of(choice.query for choice, mode in choices.items() if mode is Mode.ANY)
    without = [none_of(choice.query) for choice, mode in choices.items() if mode is Mode.NONE]
    return all_of([*together, either, *without])


def _numbers(values: Sequence[T], unread: Iterable[int]) -> dict[T, tuple[int, int]]:
    """How many rows have each value, and how many of those are unread; in the order of the list."""
    items, new = Counter(values), Counter(compress(values, unread))
    return {value: (number, new[value]) for value, number in items.items()}


class _Tally:
    """Counts items and unread ones by key, in the spelling met first."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}
        self._items: Counter[str] = Counter()
        self._unread: Counter[str] = Counter()

    def add(self, key: str, label: str, items: int, unread: int) -> None:
        """Count items under a key."""
        self._labels.setdefault(key, label)
        self._items[key] += items
        self._unread[key] += unread

    def choices(self, query: Callable[[str], Query], sign: str = "") -> list[Choice]:
        """What was counted, the most frequent first."""
        ranked = sorted(self._items, key=lambda key: (-self._items[key], fold(key)))
        return [
            Choice(f"{sign}{self._labels[key]}", query(self._labels[key]), self._items[key], self._unread[key])
            for key in ranked
        ]
