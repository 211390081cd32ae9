"""How many of what items are: of a whole group, and after marks; and the record of it that makes the group list quick.

Pure: no files, no clock.
"""

from collections.abc import Iterable, Mapping

import msgspec

from florilege.marking import Change
from florilege.model import Counts, Head, ReadingState
from florilege.store.log import Stamp


class CachedCounts(msgspec.Struct, frozen=True):
    """The counts of a group, and the logs they were counted from. As stored in the table `counts`."""

    group: str
    items: Stamp | None
    """The log of items; None when there was none."""
    states: Stamp | None
    """The log of reading states."""
    counts: Counts


def count(heads: Iterable[Head], states: Mapping[str, ReadingState]) -> Counts:
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


def recounted(counts: Counts, head: Head, change: Change) -> Counts:
    """The counts after one more change, without counting everything again."""
    was = count([head], {head.id: change.before})
    now = count([head], {head.id: change.after})
    return Counts(
        **{name: getattr(counts, name) - getattr(was, name) + getattr(now, name) for name in Counts.__struct_fields__}
    )
