"""The orders a list can be put in. Pure: keys to sort by, and their names."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from heapq import merge
from itertools import compress
from typing import Any

from florilege.lists.loaded_group import UNMARKED, ItemRow, LoadedGroup
from florilege.model import ItemSummary, ReadingState, instant
from florilege.text import search_key
from florilege.words import date_of

_RUN = 10_000
"""Rows sorted in one call, during which no key is answered: a few milliseconds."""


class Order(StrEnum):
    """An order; its value is how it is said."""

    NEWEST = "newest first"
    OLDEST_UNREAD = "oldest unread first"
    GROUP = "by group"
    SHARER = "by sharer"
    TITLE = "by title"
    HIGHLIGHTS = "most highlighted first"
    VIEWS = "most viewed first"
    ADDED = "latest arrival first"
    READ = "last read first"


Found = Sequence[tuple[LoadedGroup, bytearray]]
"""Groups, and by 1 which of their rows were found."""

_KEYS: dict[Order, Callable[[ItemSummary, ReadingState], Any]] = {
    Order.OLDEST_UNREAD: lambda head, state: (state.is_read, date_of(head) is None, instant(date_of(head))),
    Order.ADDED: lambda head, _: -instant(head.added_at),
    Order.READ: lambda _, state: -instant(state.read_at),
    Order.SHARER: lambda head, _: (head.sharer is None, search_key(head.sharer.label) if head.sharer else ""),
    Order.TITLE: lambda head, _: (not head.title, search_key(head.title)),
    Order.HIGHLIGHTS: lambda head, _: -len(head.highlights),
    Order.VIEWS: lambda head, _: (head.views is None, -(head.views or 0)),
}
"""What to sort by. Equal items are newest first; what is unknown comes last."""


def in_order(found: Found, order: Order) -> list[ItemRow]:
    """What was found in several groups, in an order; items of one moment in the order of their groups.

    Groups come in their order, each with its newest rows first.
    """
    rows = [row for group, flags in found for row in compress(group.rows, flags)]
    if len(found) > 1 and order is not Order.GROUP:
        dates = [date for group, flags in found for date in compress(group.dates, flags)]
        rows = _sorted(rows, dates, run=len(rows))  # numbers in few runs: this takes a fifth of what others do
    if order not in _KEYS:
        return rows
    key, states = _KEYS[order], {group.group_id: group.states for group, _ in found}
    keys = [key(row.head, states[row.head.group].get(row.key, UNMARKED)) for row in rows]
    return _sorted(rows, keys, run=_RUN)


def _sorted(rows: list[ItemRow], keys: Sequence[Any], run: int) -> list[ItemRow]:
    """Rows by their keys, equal ones as they stand; so many are sorted in one call."""
    places = range(len(rows))
    runs = [sorted(places[first : first + run], key=keys.__getitem__) for first in range(0, len(rows), run or 1)]
    return [rows[place] for place in (runs[0] if len(runs) == 1 else merge(*runs, key=keys.__getitem__))]
