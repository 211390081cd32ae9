"""A query asked of many heads at once: which rows of a list surely answer to it, and which possibly do.

What only the text or the whole item says is left open. Pure: now is an argument, and the rows say how they are asked.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from florilege.query.bounding import depth_of
from florilege.query.fields import FIELDS, Depth
from florilege.query.nodes import All, Any_, Everything, Field, Has, Is, Not, Phrase, Query, Words, leaves
from florilege.query.rows import Mask, Rows, Together
from florilege.text import fold

Between: TypeAlias = Callable[[Rows, Mask], tuple[Mask, Mask]]
"""Of some rows, those that surely answer, and those that possibly do. Of rows that are not among them, nothing is said;
neither mask holds one."""


def between(query: Query, *, now: datetime) -> Between:
    """The question as it is asked of rows of a list.

    Args:
        query: What is asked.
        now: What spans such as `7d` count from, with zone.
    """
    match query:
        case Everything():
            return lambda _, among: (among, among)
        case Words(text) | Phrase(text):
            return _shown(fold(text))
        case Not(part):
            return _not(between(part, now=now))
        case All(parts):
            return _all([between(part, now=now) for part in sorted(parts, key=_is_slow)])
        case Any_(parts):
            return _any([between(part, now=now) for part in sorted(parts, key=_is_slow)])
        case _ if depth_of(query) is Depth.HEAD:
            return _exactly(query, now)
        case _:
            return lambda _, among: (0, among)


def _together(query: Query) -> Together | None:
    match query:
        case Is(status):
            return FIELDS["is"].together(status, False)
        case Has(part):
            return FIELDS["has"].together(part, False)
        case Field(name, value, beginning):
            return FIELDS[name].together(value, beginning)
        case _:
            return None


def _is_slow(query: Query) -> bool:
    """Whether each row has to be asked: better only those that are left by the others."""
    return any(not isinstance(leaf, Words | Phrase) and _together(leaf) is None for leaf in leaves(query))


def _shown(needle: str) -> Between:
    """What shows some words answers; what does not may hold them elsewhere."""

    def ask(rows: Rows, among: Mask) -> tuple[Mask, Mask]:
        shown = rows.titled(needle) | rows.shared_by(needle) | rows.tagged(lambda tag: needle in tag)
        return shown & among, among

    return ask


def _exactly(query: Query, now: datetime) -> Between:
    together = _together(query)
    test = query.predicate(now=now)

    def ask(rows: Rows, among: Mask) -> tuple[Mask, Mask]:
        found = rows.one_by_one(test, among) if together is None else together(rows) & among
        return found, found

    return ask


def _not(part: Between) -> Between:
    def ask(rows: Rows, among: Mask) -> tuple[Mask, Mask]:
        surely, possibly = part(rows, among)
        return among ^ possibly, among ^ surely

    return ask


def _all(parts: list[Between]) -> Between:
    def ask(rows: Rows, among: Mask) -> tuple[Mask, Mask]:
        surely = possibly = among
        for part in parts:
            if not possibly:
                break
            its_surely, possibly = part(rows, possibly)
            surely &= its_surely
        return surely, possibly

    return ask


def _any(parts: list[Between]) -> Between:
    def ask(rows: Rows, among: Mask) -> tuple[Mask, Mask]:
        surely = possibly = 0
        for part in parts:
            its_surely, its_possibly = part(rows, among ^ surely)
            surely |= its_surely
            possibly |= its_possibly
        return surely, possibly | surely

    return ask
