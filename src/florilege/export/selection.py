"""What is exported: items with their groups and states, and what the reader wishes to be in it. Pure values."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from florilege.lists.groupings import Grouping
from florilege.model import Group, Highlight, Item, ReadingState, Sharer


class Row(NamedTuple):
    """One item, with where it is from and what the reader did with it."""

    group: Group
    item: Item
    state: ReadingState


def nobody(_more: int) -> None:
    """Nobody is told how far the work has come."""


class Rows(Protocol):
    """Rows that are read as they are asked for, as often as they are."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[Row]:
        """All of them in their order."""

    @property
    def groups(self) -> list[Group]:
        """The groups they are from."""

    def of(self, group_id: str) -> Iterator[Row]:
        """Those of one group in their order."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What becomes one document."""

    rows: Sequence[Row] | Rows
    """The items in the order they shall have."""
    exported_at: datetime
    """When, with zone."""
    title: str = "florilege"
    """What the selection is called: a group, a query in words."""
    groups: Sequence[Group] = ()
    """Groups that belong in it though none of their items do; those of the rows need not be named."""
    with_state: bool = True
    """Whether the reader's own state goes along, in the formats that have a place for it."""
    with_secrets: bool = False
    """Whether addresses that open a private group are written out."""
    grouping: Grouping = Grouping.ITEM
    """By what a document for people is parted, in the one format that can be: Markdown."""
    told: Callable[[int], None] = nobody
    """Told how many rows more are written, so that long work can be followed; what it raises ends the work."""

    def each(self, rows: Iterable[Row] | None = None) -> Iterator[Row]:
        """All rows, or these, each told of once whoever takes them has done with it."""
        for row in self.rows if rows is None else rows:
            yield row
            self.told(1)

    def all_groups(self) -> list[Group]:
        """Every group of the selection once: those named, then those of the rows."""
        theirs = (row.group for row in self.rows) if isinstance(self.rows, Sequence) else self.rows.groups
        found = {group.id: group for group in self.groups}
        for group in theirs:
            found.setdefault(group.id, group)
        return list(found.values())

    def by_group(self) -> Iterator[tuple[Group, Iterable[Row]]]:
        """Every group with its rows, in their order."""
        if not isinstance(self.rows, Sequence):
            for group in self.all_groups():
                yield group, self.rows.of(group.id)
            return
        rows: dict[str, list[Row]] = {group.id: [] for group in self.all_groups()}
        for row in self.rows:
            rows[row.group.id].append(row)
        for group in self.all_groups():
            yield group, rows[group.id]


def highlighter(item: Item, highlight: Highlight) -> str:
    """Who highlighted, else who shared; empty when neither is known."""
    return highlight.author or label(item.sharer)


def label(sharer: Sharer | None) -> str:
    """What a sharer is called; empty when unknown."""
    return sharer.label if sharer else ""


def in_utc(moment: datetime | None) -> str | None:
    """A time as formats want it that allow none without zone: `2019-04-12T08:00:00Z`.

    A time of unknown zone counts as UTC, as it does everywhere in florilege.
    """
    if moment is None:
        return None
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
