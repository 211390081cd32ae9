"""The input of an export: items with their groups and states, read lazily, and the export options."""

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
"""Number of items decoded at a time: an export of 100,000 takes little more memory than their list."""


class SelectedItem(NamedTuple):
    """An item, with its group and reading state."""

    group: Group
    item: Item
    state: ReadingState

    @property
    def annotated(self) -> Item:
        """The item with the user's own note on each highlight inserted as its first comment."""
        notes = {each.highlight: Comment(each.text, author="My note") for each in self.state.notes if each.text}
        if not notes:
            return self.item
        highlights = (
            msgspec.structs.replace(each, comments=(notes[each.id], *each.comments)) if each.id in notes else each
            for each in self.item.highlights
        )
        return msgspec.structs.replace(self.item, highlights=tuple(highlights))


@dataclass(slots=True)
class ExportCounts:
    """Counts of what has been written so far."""

    items: int = 0
    quotes: int = 0
    left_out: int = 0
    """Items left out because they have nothing the format can represent."""

    def __str__(self) -> str:
        """`12 items with 40 highlights`, or `40 highlights of 12 items` if some items were left out."""
        items, quotes = counted(self.items, "item"), counted(self.quotes, "highlight")
        if self.left_out:
            return f"{quotes} of {items}"
        return f"{items} with {quotes}" if self.quotes else items

    @property
    def missing(self) -> str:
        """A clause about the items left out, to append to the summary; empty if there are none."""
        if not self.left_out:
            return ""
        has = "has none and is" if self.left_out == 1 else "have none and are"
        return f"; {counted(self.left_out, 'item')} {has} not in it"


@dataclass(frozen=True, slots=True)
class Selection:
    """The content and options of one exported document."""

    rows: Iterable[SelectedItem]
    """The items in the desired order; iterated over once."""
    exported_at: datetime
    """The time of the export, with time zone."""
    title: str = "florilege"
    """The title of the selection: a group's, or a query in words."""
    groups: Sequence[Group] = ()
    """The groups covered, including those without an item in the selection."""
    with_state: bool = True
    """Whether to include the user's reading state, in formats that support it."""
    with_secrets: bool = False
    """Whether to include addresses that give access to a private group."""
    grouping: Grouping = Grouping.ITEM
    """How to divide the document into sections; only Markdown supports this."""
    on_progress: Callable[[int], None] = lambda _: None
    """Called with the number of rows processed since the last call; an exception from it ends the export."""
    tally: ExportCounts = field(default_factory=ExportCounts)
    """Counts of what has been written."""

    def each(self, holds: Callable[[Item], object] = lambda _: True) -> Iterator[SelectedItem]:
        """Iterate over the rows, counting each once the caller has finished with it.

        Args:
            holds: Whether the format can represent an item; others are skipped and counted as left out.
        """
        for row in self.rows:
            if holds(row.item):
                yield row if self.with_state else row._replace(state=ReadingState(item=row.item.id))
                self.tally.items += 1
                self.tally.quotes += len(row.item.highlights)
            else:
                self.tally.left_out += 1
            self.on_progress(1)


def selected_items(
    library: Library,
    summaries: Sequence[ItemSummary],
    *,
    by_group: bool = False,
    wanted: Mapping[str, Collection[str]] | None = None,
) -> Iterator[SelectedItem]:
    """Read the full items for some summaries, in order; items removed by another process are skipped.

    Items of several groups may be interleaved, for example by date, while a group is fastest to read as a whole.
    Therefore each group's encoded records are kept in memory, and items are decoded in batches.

    Args:
        library: The library to read from.
        summaries: Summaries of the items.
        by_group: Whether to bring the items of each group together.
        wanted: The ids of the highlights to include, by item id; None for all.
    """
    groups = {group.id: group for group in library.groups()}
    stored = {}
    of_groups = _by_group(summaries)
    for group_id, item_ids in of_groups.items():
        if group_id in groups:
            try:
                kept = library.stored(group_id, item_ids)
                stored[group_id] = kept, kept.by_id(), library.states(group_id)
            except NoSuchGroup:
                continue
    order = {group_id: place for place, group_id in enumerate(of_groups)}
    rest = iter(sorted(summaries, key=lambda summary: order[summary.group]) if by_group else summaries)
    while some := list(islice(rest, AT_ONCE)):
        rows: dict[str, SelectedItem] = {}
        for group_id, item_ids in _by_group(some).items():
            if group_id not in stored:
                continue
            kept, records, states = stored[group_id]
            for item in kept.items([records[item_id] for item_id in item_ids if item_id in records]):
                state = states.get(item.id) or ReadingState(item=item.id)
                rows[item.id] = SelectedItem(
                    groups[group_id], item if wanted is None else _only(item, wanted[item.id]), state
                )
        yield from (rows[summary.id] for summary in some if summary.id in rows)


def groups_of(library: Library, summaries: Iterable[ItemSummary]) -> list[Group]:
    """The groups of some items, in order of first appearance."""
    there = {group.id: group for group in library.groups()}
    return [there[group_id] for group_id in dict.fromkeys(summary.group for summary in summaries) if group_id in there]


def label(sharer: Sharer | None) -> str:
    """The label of a sharer; empty if unknown."""
    return sharer.label if sharer else ""


def in_utc(moment: datetime | None) -> str | None:
    """A time in UTC, for formats that require a time zone: `2019-04-12T08:00:00Z`.

    Naive times count as UTC, as in `model.instant`.
    """
    if moment is None:
        return None
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def as_json(value: object) -> str:
    """A value as JSON."""
    return msgspec.json.encode(value).decode()


def json_elements(values: Iterable[object]) -> Iterator[str]:
    """Values as the elements of a JSON list, one per line."""
    for place, value in enumerate(values):
        yield (",\n" if place else "\n") + as_json(value)


def known(**facts: Any) -> dict[str, Any]:
    """The keyword arguments that are not None, as a dictionary."""
    return {name: value for name, value in facts.items() if value is not None}


def _only(item: Item, wanted: Collection[str]) -> Item:
    return msgspec.structs.replace(item, highlights=tuple(each for each in item.highlights if each.id in wanted))


def _by_group(summaries: Iterable[ItemSummary]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for summary in summaries:
        found.setdefault(summary.group, []).append(summary.id)
    return found
