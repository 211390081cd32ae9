"""How many of what items are: of a whole group, and after one more change. Pure."""

from collections.abc import Iterable, Mapping

from florilege.marking import Change
from florilege.model import Counts, Head, ReadingState


def count(heads: Iterable[Head], states: Mapping[str, ReadingState]) -> Counts:
    """How many of what these items are."""
    items = unread = starred = highlights = new = newly = 0
    for head in heads:
        items += 1
        highlights += len(head.highlights)
        state = states.get(head.id)
        if state is None or not state.is_read:
            unread += 1
        elif news := state.new_highlights(head):
            new += news
            newly += 1
        starred += bool(state and state.is_starred)
    return Counts(
        items=items, unread=unread, starred=starred, highlights=highlights, new_highlights=new, newly_highlighted=newly
    )


def recounted(counts: Counts, head: Head, change: Change) -> Counts:
    """The counts after one more change, without counting everything again."""
    was = count([head], {head.id: change.before})
    now = count([head], {head.id: change.after})
    return Counts(
        **{name: getattr(counts, name) - getattr(was, name) + getattr(now, name) for name in Counts.__struct_fields__}
    )
