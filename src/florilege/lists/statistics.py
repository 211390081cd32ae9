"""The overview of a list in numbers: how much a month, who shares, under which tags. Pure: lists in, values out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from florilege.lists.catalogue import Listed
from florilege.words import date_of

MONTHS_SHOWN = 24
"""Months of a plot, the last ones that hold anything."""


@dataclass(frozen=True, slots=True)
class Month:
    """What was shared in one month."""

    year: int
    month: int
    items: int
    highlights: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A list in numbers."""

    items: int
    unread: int
    starred: int
    highlights: int
    words: int
    """Notes and comments."""
    undated: int
    months: tuple[Month, ...]
    """Without gaps, the last one last; at most `MONTHS_SHOWN`."""


def overview(rows: Sequence[Listed], *, unread: int, starred: int) -> Overview:
    """The numbers of a list."""
    dates = [(date_of(row.head), len(row.head.highlights)) for row in rows]
    return Overview(
        items=len(rows),
        unread=unread,
        starred=starred,
        highlights=sum(len(row.head.highlights) for row in rows),
        words=sum(len(row.head.notes) + len(row.head.comments) for row in rows),
        undated=sum(date is None for date, _ in dates),
        months=_months((date, highlights) for date, highlights in dates if date is not None),
    )


def _months(dates: Iterable[tuple[datetime, int]]) -> tuple[Month, ...]:
    items: Counter[int] = Counter()
    highlights: Counter[int] = Counter()
    for date, count in dates:
        number = date.year * 12 + date.month - 1
        items[number] += 1
        highlights[number] += count
    if not items:
        return ()
    last = max(items)
    first = max(min(items), last - MONTHS_SHOWN + 1)
    return tuple(
        Month(number // 12, number % 12 + 1, items[number], highlights[number]) for number in range(first, last + 1)
    )
