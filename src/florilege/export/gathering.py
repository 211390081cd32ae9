"""Whole items for a list of heads, from whatever keeps them, read as they are asked for. Reads; never writes.

Items of many groups come mixed, by date say, and a group is quickest read as a whole. So what is kept of the groups are
their records as they are stored, and only a few hundred items at a time are values: an export of 100,000 items takes
little more memory than their list.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from msgspec import Raw

from florilege.export.selection import Row
from florilege.model import Group, Head, Item, ReadingState
from florilege.store import NoSuchGroup, StoredItems

AT_ONCE = 250
"""Items that are values at the same time."""


class Keeps(Protocol):
    """What is needed of a library."""

    def groups(self) -> list[Group]:
        """All groups."""

    def stored(self, group_id: str, item_ids: Iterable[str]) -> StoredItems:
        """Some items of a group, decoded as they are asked for; those that it does not have are left out."""

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group, by item id."""


@dataclass(frozen=True, slots=True)
class _Of:
    """What is kept of a group."""

    group: Group
    stored: StoredItems
    records: Mapping[str, Raw]
    states: Mapping[str, ReadingState]

    def rows(self, item_ids: Iterable[str]) -> Iterator[Row]:
        for item in self.stored.items([self.records[name] for name in item_ids if name in self.records]):
            yield Row(self.group, item, self.states.get(item.id) or ReadingState(item=item.id))


class Gathered:
    """The items of some heads with their groups and states, each time they are gone through read anew."""

    def __init__(
        self, library: Keeps, heads: Sequence[Head], change: Callable[[Item], Item] = lambda item: item
    ) -> None:
        """Take which items; nothing is read yet.

        Args:
            library: What keeps them.
            heads: Which items.
            change: What is to be made of each.
        """
        self._library = library
        self._heads = heads
        self._change = change
        self._kept: dict[str, _Of] | None = None

    def __len__(self) -> int:
        """How many there are; what another process removed meanwhile does not count."""
        return sum(len(each.records) for each in self._all.values())

    def __iter__(self) -> Iterator[Row]:
        """The items in the order of the heads."""
        kept = self._all
        heads = iter(self._heads)
        while some := list(islice(heads, AT_ONCE)):
            rows: dict[str, Row] = {}
            for group_id, item_ids in _by_group(some).items():
                if group_id in kept:
                    rows.update((row.item.id, self._changed(row)) for row in kept[group_id].rows(item_ids))
            yield from (rows[head.id] for head in some if head.id in rows)

    @property
    def groups(self) -> list[Group]:
        """The groups they are from, in the order in which they come."""
        there = {group.id: group for group in self._library.groups()}
        return [there[group_id] for group_id in dict.fromkeys(head.group for head in self._heads) if group_id in there]

    def of(self, group_id: str) -> Iterator[Row]:
        """The items of one group in the order of the heads; nothing of it is kept afterwards."""
        group = next((each for each in self.groups if each.id == group_id), None)
        if group is None:
            return
        item_ids = [head.id for head in self._heads if head.group == group_id]
        kept = self._of(group, item_ids)
        if kept is None:
            return
        for begin in range(0, len(item_ids), AT_ONCE):
            yield from map(self._changed, kept.rows(item_ids[begin : begin + AT_ONCE]))

    @property
    def _all(self) -> dict[str, _Of]:
        if self._kept is None:
            wanted = _by_group(self._heads)
            found = (self._of(group, wanted[group.id]) for group in self.groups)
            self._kept = {each.group.id: each for each in found if each is not None}
        return self._kept

    def _of(self, group: Group, item_ids: Sequence[str]) -> _Of | None:
        """What there is to keep of a group; None when another process removed it since."""
        try:
            stored = self._library.stored(group.id, item_ids)
            return _Of(group, stored, stored.by_id(), self._library.states(group.id))
        except NoSuchGroup:
            return None

    def _changed(self, row: Row) -> Row:
        return row._replace(item=self._change(row.item))


def _by_group(heads: Iterable[Head]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for head in heads:
        found.setdefault(head.group, []).append(head.id)
    return found
