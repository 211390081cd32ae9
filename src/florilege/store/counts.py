"""How many of what items are: of a whole group, and after marks; and the record of it that makes the group list quick.

Pure: no files, no clock.
"""

from collections.abc import Iterable, Mapping

import msgspec

from florilege.marking import Change
from florilege.model import Counts, ItemSummary, ReadingState
from florilege.store.log import Stamp


class CachedCounts(msgspec.Struct, frozen=True):
    """The counts of a group, and the logs they were counted from. As stored in the table `counts`."""

    group: str
    items: Stamp | None
    """The log of items; None when there was none."""
    states: Stamp | None
    """The log of reading states."""
    counts: Counts


def count(heads: Iterable[ItemSummary], states: Mapping[str, ReadingState]) -> Counts:
    """How many of what these items are."""
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


def recounted(counts: Counts, head: ItemSummary, change: Change) -> Counts:
    """The counts after one more change of an item, without counting everything again."""
    before, after = change.before, change.after
    was_new, is_new = before.new_highlights(head), after.new_highlights(head)
    return Counts(
        items=counts.items,
        unread=counts.unread + before.is_read - after.is_read,
        starred=counts.starred + after.is_starred - before.is_starred,
        highlights=counts.highlights,
        new_highlights=counts.new_highlights + is_new - was_new,
        newly_highlighted=counts.newly_highlighted + (is_new > 0) - (was_new > 0),
    )
