"""Whole items for a list of heads, from whatever keeps them. Reads; never writes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from florilege.exporting.selection import Row, nobody
from florilege.library import NoSuchGroup
from florilege.model import Group, Head, Item, ReadingState

FEW = 20
"""Up to so many items of a group are looked up one by one; for more, the group is read as a whole."""


class Keeps(Protocol):
    """What is needed of a library."""

    def groups(self) -> list[Group]:
        """All groups."""

    def items(self, group_id: str) -> list[Item]:
        """The items of a group, whole."""

    def item(self, group_id: str, item_id: str) -> Item | None:
        """One item, whole."""

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group, by item id."""


def gathered(library: Keeps, heads: Sequence[Head], told: Callable[[int], None] = nobody) -> list[Row]:
    """The items of these heads with their groups and states, in the order of the heads.

    Each group is read once. What another process removed meanwhile is left out.

    Args:
        library: What keeps them.
        heads: Which items.
        told: Told how many items more have been looked for, group by group; what it raises ends the work.
    """
    by_group: dict[str, dict[str, Head]] = {}
    for head in heads:
        by_group.setdefault(head.group, {})[head.id] = head
    rows: dict[str, Row] = {}
    for group in library.groups():
        wanted = by_group.get(group.id)
        if not wanted:
            continue
        with suppress(NoSuchGroup):
            states = library.states(group.id)
            for item in _items(library, group.id, wanted):
                rows[item.id] = Row(group, item, states.get(item.id) or ReadingState(item=item.id))
        told(len(wanted))
    return [rows[head.id] for head in heads if head.id in rows]


def _items(library: Keeps, group_id: str, wanted: Mapping[str, Head]) -> Iterable[Item]:
    if len(wanted) <= FEW:
        return [item for item_id in wanted if (item := library.item(group_id, item_id)) is not None]
    return [item for item in library.items(group_id) if item.id in wanted]
