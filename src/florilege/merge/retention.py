"""Which items a group need not keep. Pure. Off unless the reader asks for it.

Unread, starred, noted and newly highlighted items always stay, whatever their age and number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from florilege.model import ItemSummary, ReadingState, instant, newest_first


@dataclass(frozen=True, slots=True)
class Retention:
    """How long items are kept, and how many."""

    keep_days: int | None = None
    """Days since an item came, was read, or was shared or changed, whichever is latest. None keeps them for ever."""
    keep_items: int | None = None
    """Items of a group, the newest first; those that always stay count too. None keeps all."""

    @property
    def is_on(self) -> bool:
        """Whether anything is ever purged."""
        return self.keep_days is not None or self.keep_items is not None


def spent(
    heads: Sequence[ItemSummary], states: Mapping[str, ReadingState], retention: Retention, *, now: datetime
) -> list[str]:
    """The ids of the items that need not be kept, the oldest first.

    Args:
        heads: All items of a group.
        states: Their reading states.
        retention: What the reader wishes.
        now: When, with zone.
    """
    free = [head for head in sorted(heads, key=newest_first, reverse=True) if _is_free(head, states.get(head.id))]
    gone: dict[str, None] = {}
    if retention.keep_days is not None:
        limit = instant(now - timedelta(days=retention.keep_days))
        gone |= {head.id: None for head in free if _last_touched(head, states[head.id]) < limit}
    if retention.keep_items is not None:
        too_many = len(heads) - len(gone) - retention.keep_items
        left = [head.id for head in free if head.id not in gone]
        gone |= dict.fromkeys(left[: max(too_many, 0)])
    return list(gone)


def _is_free(head: ItemSummary, state: ReadingState | None) -> bool:
    return (
        state is not None and state.is_read and not (state.is_starred or state.is_noted or state.new_highlights(head))
    )


def _last_touched(head: ItemSummary, state: ReadingState) -> float:
    return max(instant(head.added_at), instant(head.shared_at), instant(head.updated_at), instant(state.read_at))
