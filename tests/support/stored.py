"""A library in memory that counts what is read."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Raw

from florilege.marking import count
from florilege.model import Counts, Group, Item, ItemSummary, ReadingState
from florilege.store import Library, StoredItems

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Records(StoredItems, frozen=True):
    """The items of a group, encoded; counts those that are decoded."""

    decoded: Counter[str]
    group: str

    def items(self, records: Iterable[Raw]) -> list[Item]:
        """Some of them, decoded."""
        items = super().items(records)
        self.decoded[self.group] += len(items)
        return items


@dataclass
class Stack(Library):
    """Groups and their items, by the id of the group, which is its title as well."""

    groups_of: dict[str, list[Item]]
    states_of: dict[str, dict[str, ReadingState]] = field(default_factory=dict)
    listed: Counter[str] = field(default_factory=Counter)
    """How often the summaries of each group were read."""
    decoded: Counter[str] = field(default_factory=Counter)
    """How many items of each group were decoded."""
    version: int = 0
    """Increased whenever the items change."""

    def groups(self) -> list[Group]:
        """All groups."""
        return [Group(id=name, title=name, added_at=NOW) for name in self.groups_of]

    def summaries(self, group_id: str) -> list[ItemSummary]:
        """The summaries of a group."""
        self.listed[group_id] += 1
        return [msgspec.json.decode(msgspec.json.encode(item), type=ItemSummary) for item in self.groups_of[group_id]]

    def item(self, group_id: str, item_id: str) -> Item | None:
        """One whole item."""
        return next(iter(self.several(group_id, [item_id])), None)

    def several(self, group_id: str, item_ids: Iterable[str]) -> list[Item]:
        """Some whole items."""
        wanted = set(item_ids)
        self.decoded[group_id] += len(wanted)
        return [item for item in self.groups_of[group_id] if item.id in wanted]

    def stored(self, group_id: str, item_ids: Iterable[str] | None = None) -> Records:
        """The items of a group as they are stored."""
        records = [Raw(msgspec.json.encode(item)) for item in self.groups_of[group_id]]
        return Records(records, Path("nowhere"), self.decoded, group_id)

    def stamps(self, group_id: str) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
        """The stamps of items and states, which change with them."""
        return (self.version, len(self.groups_of[group_id])), (len(self.states(group_id)),)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group."""
        return self.states_of.get(group_id, {})

    def counts(self, group_id: str) -> Counts:
        """The counts of a group."""
        items = self.groups_of[group_id]
        summaries = [msgspec.json.decode(msgspec.json.encode(item), type=ItemSummary) for item in items]
        return count(summaries, self.states(group_id))
