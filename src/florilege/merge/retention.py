"""Retention: which items of a group may be purged. Pure. Off unless the user enables it.

Items that are unread, starred, have the user's own notes or have new highlights are always kept.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from florilege.model import ItemSummary, ReadingState, instant, newest_first


def spent(
    summaries: Sequence[ItemSummary],
    states: Mapping[str, ReadingState],
    *,
    keep_days: int | None = None,
    keep_items: int | None = None,
    now: datetime,
) -> list[str]:
    """The ids of the items to purge.

    Args:
        summaries: All items of a group.
        states: Their reading states.
        keep_days: Days to keep an item after it was added, read, shared or updated, whichever is latest. None keeps it
            for ever.
        keep_items: Number of items to keep, newest first; items that are always kept count too. None keeps all.
        now: The current time, with time zone.
    """
    free = [
        summary
        for summary in sorted(summaries, key=newest_first, reverse=True)
        if _may_be_purged(summary, states.get(summary.id))
    ]
    gone: dict[str, None] = {}
    if keep_days is not None:
        limit = instant(now - timedelta(days=keep_days))
        gone |= {summary.id: None for summary in free if _last_touched(summary, states[summary.id]) < limit}
    if keep_items is not None:
        too_many = len(summaries) - len(gone) - keep_items
        left = [summary.id for summary in free if summary.id not in gone]
        gone |= dict.fromkeys(left[: max(too_many, 0)])
    return list(gone)


def _may_be_purged(summary: ItemSummary, state: ReadingState | None) -> bool:
    return (
        state is not None
        and state.is_read
        and not (state.is_starred or state.is_noted or state.new_highlights(summary))
    )


def _last_touched(summary: ItemSummary, state: ReadingState) -> float:
    return max(
        instant(summary.added_at), instant(summary.shared_at), instant(summary.updated_at), instant(state.read_at)
    )
