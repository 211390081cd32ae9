"""What is exported: items with their groups and states, read as they are asked for, and what shall be in it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from florilege.lists.river import Grouping
from florilege.model import Comment, Group, Item, ItemSummary, ReadingState, Sharer
from florilege.store import Library, NoSuchGroup
from florilege.text import counted

AT_ONCE = 250
"""Items that are values at the same time: an export of 100,000 takes little more memory than their list."""


class Row(NamedTuple):
    """One item, with where it is from and what the reader did with it."""

    group: Group
    item: Item
    state: ReadingState

    @property
    def annotated(self) -> Item:
        """The item with the reader's own notes on its highlights as the first words said about these."""
        notes = {each.highlight: Comment(each.text, author="My note") for each in self.state.notes if each.text}
        if not notes:
            return self.item
        highlights = (
            msgspec.structs.replace(each, comments=(notes[each.id], *each.comments)) if each.id in notes else each
            for each in self.item.highlights
        )
        return msgspec.structs.replace(self.item, highlights=tuple(highlights))


@dataclass(slots=True)
class Tally:
    """How much has been written so far."""

    items: int = 0
    quotes: int = 0
    left_out: int = 0
    """Items that have nothing the format can hold."""

    def __str__(self) -> str:
        """`12 items with 40 highlights`; `40 highlights of 12 items` when those without any were left out."""
        items, quotes = counted(self.items, "item"), counted(self.quotes, "highlight")
        if self.left_out:
            return f"{quotes} of {items}"
        return f"{items} with {quotes}" if self.quotes else items

    @property
    def missing(self) -> str:
        """What is not in it, to stand behind what is; empty when nothing is missing."""
        if not self.left_out:
            return ""
        has = "has none and is" if self.left_out == 1 else "have none and are"
        return f"; {counted(self.left_out, 'item')} {has} not in it"


@dataclass(frozen=True, slots=True)
class Selection:
    """What becomes one document."""

    rows: Iterable[Row]
    """The items in the order they shall have; gone through once."""
    exported_at: datetime
    """When, with zone."""
    title: str = "florilege"
    """What the selection is called: a group, a query in words."""
    groups: Sequence[Group] = ()
    """The groups it is of, those included that have no item in it."""
    with_state: bool = True
    """Whether the reader's own state goes along, in the formats that have a place for it."""
    with_secrets: bool = False
    """Whether addresses that open a private group are written out."""
    grouping: Grouping = Grouping.ITEM
    """By what a document for people is parted, in the one format that can be: Markdown."""
    on_progress: Callable[[int], None] = lambda _: None
    """Called with how many rows more are written; what it raises ends the work."""
    tally: Tally = field(default_factory=Tally)
    """What has been written."""

    def each(self, holds: Callable[[Item], object] = lambda _: True) -> Iterator[Row]:
        """The rows, each counted when whoever takes them has done with it.

        Args:
            holds: Whether the format can hold an item; others are counted as left out.
        """
        for row in self.rows:
            if holds(row.item):
                yield row if self.with_state else row._replace(state=ReadingState(item=row.item.id))
                self.tally.items += 1
                self.tally.quotes += len(row.item.highlights)
            else:
                self.tally.left_out += 1
            self.on_progress(1)


def rows_of(
    library: Library,
    heads: Sequence[ItemSummary],
    *,
    by_group: bool = False,
    wanted: Mapping[str, Collection[str]] | None = None,
) -> Iterator[Row]:
    """The items of some heads, whole, in their order; what another process removed meanwhile is left out.

    Items of many groups come mixed, by date say, and a group is quickest read as a whole: so what is kept of the groups
    are their records as they are stored.

    Args:
        library: Where they are.
        heads: Which items.
        by_group: Whether those of one group come together.
        wanted: Of each item, by its id, the ids of the highlights that are wanted; None for all.
    """
    groups = {group.id: group for group in library.groups()}
    stored = {}
    of_groups = _by_group(heads)
    for group_id, item_ids in of_groups.items():
        if group_id in groups:
            try:
                kept = library.stored(group_id, item_ids)
                stored[group_id] = kept, kept.by_id(), library.states(group_id)
            except NoSuchGroup:
                continue
    order = {group_id: place for place, group_id in enumerate(of_groups)}
    rest = iter(sorted(heads, key=lambda head: order[head.group]) if by_group else heads)
    while some := list(islice(rest, AT_ONCE)):
        rows: dict[str, Row] = {}
        for group_id, item_ids in _by_group(some).items():
            if group_id not in stored:
                continue
            kept, records, states = stored[group_id]
            for item in kept.items([records[item_id] for item_id in item_ids if item_id in records]):
                state = states.get(item.id) or ReadingState(item=item.id)
                rows[item.id] = Row(groups[group_id], item if wanted is None else _only(item, wanted[item.id]), state)
        yield from (rows[head.id] for head in some if head.id in rows)


def groups_of(library: Library, heads: Iterable[ItemSummary]) -> list[Group]:
    """The groups of some heads, in the order in which they come."""
    there = {group.id: group for group in library.groups()}
    return [there[group_id] for group_id in dict.fromkeys(head.group for head in heads) if group_id in there]


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


def as_json(value: object) -> str:
    """A value as JSON."""
    return msgspec.json.encode(value).decode()


def json_elements(values: Iterable[object]) -> Iterator[str]:
    """Values as the elements of a JSON list, a line each."""
    for place, value in enumerate(values):
        yield (",\n" if place else "\n") + as_json(value)


def known(**facts: Any) -> dict[str, Any]:
    """The facts that are known."""
    return {name: value for name, value in facts.items() if value is not None}


def _only(item: Item, wanted: Collection[str]) -> Item:
    return msgspec.structs.replace(item, highlights=tuple(each for each in item.highlights if each.id in wanted))


def _by_group(heads: Iterable[ItemSummary]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for head in heads:
        found.setdefault(head.group, []).append(head.id)
    return found
