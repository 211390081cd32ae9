"""How many of what a group holds, and the record of it that makes the group pane quick. Pure: no files, no clock."""

from collections.abc import Iterable, Mapping

import msgspec

from florilege.marking import Change
from florilege.model import Counts, Head, ReadingState
from florilege.store.log import Stamp


class Summary(msgspec.Struct, frozen=True):
    """The counts of a group, and the logs they were counted from. As stored in the table `counts`."""

    group: str
    items: Stamp | None
    """The log of items; None when there was none."""
    states: Stamp | None
    """The log of reading states."""
    counts: Counts


def of_one(head: Head, state: ReadingState | None) -> Counts:
    """What one item adds to the counts."""
    new = state.new_highlights(head) if state else 0
    return Counts(
        items=1,
        unread=int(state is None or not state.is_read),
        starred=int(state is not None and state.is_starred),
        highlights=len(head.highlights),
        new_highlights=new,
        newly_highlighted=int(new > 0),
    )


def of_all(heads: Iterable[Head], states: Mapping[str, ReadingState]) -> Counts:
    """The counts of a whole group. The same as adding up `of_one`, without a value in between for each item."""
    items = read = starred = highlights = new_highlights = newly_highlighted = 0
    for head in heads:
        items += 1
        highlights += len(head.highlights)
        state = states.get(head.id)
        if state is None:
            continue
        read += state.is_read
        starred += state.is_starred
        new = state.new_highlights(head)
        new_highlights += new
        newly_highlighted += new > 0
    return Counts(
        items=items,
        unread=items - read,
        starred=starred,
        highlights=highlights,
        new_highlights=new_highlights,
        newly_highlighted=newly_highlighted,
    )


def after(counts: Counts, changes: Iterable[Change], heads: Mapping[str, Head]) -> Counts:
    """The counts after these marks. A mark on an item that is not there counts for nothing."""
    unread, starred = counts.unread, counts.starred
    new_highlights, newly_highlighted = counts.new_highlights, counts.newly_highlighted
    for change in changes:
        head = heads.get(change.after.item)
        if head is None:
            continue
        before, now = of_one(head, change.before), of_one(head, change.after)
        unread += now.unread - before.unread
        starred += now.starred - before.starred
        new_highlights += now.new_highlights - before.new_highlights
        newly_highlighted += now.newly_highlighted - before.newly_highlighted
    return Counts(
        items=counts.items,
        unread=unread,
        starred=starred,
        highlights=counts.highlights,
        new_highlights=new_highlights,
        newly_highlighted=newly_highlighted,
    )
