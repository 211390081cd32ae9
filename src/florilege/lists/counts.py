"""Counting: the tags and sharers of a list, and a list in numbers.

Pure: items in, values out. There may be 100,000 items, so nothing here belongs on the way of a key.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from florilege.model import ItemSummary, Sharer
from florilege.text import clean_line, search_key, tag_key

MONTHS_SHOWN = 24
"""Months of a plot, the last ones that hold anything."""


class Labels(NamedTuple):
    """Where an item has labels of some kind."""

    value: Callable[[ItemSummary], Any]
    """Gives what holds its labels; hashable. Many items share the same: that is taken apart only once."""
    written: Callable[[Any], Iterable[tuple[str, str]]]
    """Gives the labels in that: what each is compared by, and how it is written."""


class LabelCount(msgspec.Struct, frozen=True):
    """A tag, sharer or the like with how many items bear it."""

    label: str
    """In the spelling met first."""
    items: int
    unread: int = 0
    highlights: int = 0


def count_labels(
    heads: Iterable[ItemSummary], labels: Labels, unread: Iterable[int] = (), *, with_highlights: bool = False
) -> list[LabelCount]:
    """How many items bear each label: the most frequent first, equal ones by name. 50,000 items take some 10 ms.

    Args:
        heads: The items, newest first for the newest spelling.
        labels: The labels, such as `TAGS`.
        unread: Whether each item is unread; without, none is.
        with_highlights: Whether their highlights are counted, too.
    """
    heads = list(heads)
    values = list(map(labels.value, heads))
    unread_of, highlights_of = Counter(compress(values, unread)), Counter[Any]()
    for value, head in zip(values, heads, strict=True) if with_highlights else ():
        if head.highlights:
            highlights_of[value] += len(head.highlights)
    counts: dict[str, list[int]] = {}
    spelling: dict[str, str] = {}
    for value, items in Counter(values).items():
        for key, label in dict(labels.written(value)).items():
            spelling.setdefault(key, label)
            count = counts.setdefault(key, [0, 0, 0])
            count[0] += items
            count[1] += unread_of[value]
            count[2] += highlights_of[value]
    ranked = sorted(counts, key=lambda key: (-counts[key][0], key))
    return [LabelCount(spelling[key], *counts[key]) for key in ranked]


def _sharer(sharer: Sharer | None) -> Iterator[tuple[str, str]]:
    if sharer is not None and clean_line(sharer.label):  # a name of which nothing can be seen is none
        yield search_key(sharer.label), sharer.label


TAGS = Labels(attrgetter("tags"), lambda tags: ((tag_key(tag), tag) for tag in reversed(tags)))
SHARERS = Labels(attrgetter("sharer"), _sharer)


class Month(msgspec.Struct, frozen=True):
    """What was shared in one month."""

    year: int
    month: int
    items: int
    highlights: int


class Overview(msgspec.Struct, frozen=True):
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


def overview(heads: Sequence[ItemSummary], *, unread: int, starred: int) -> Overview:
    """The numbers of a list. 50,000 items take some 30 ms."""
    items, highlights = Counter[int](), Counter[int]()
    undated = 0
    for head in heads:
        date = head.shared_at or head.updated_at
        if date is None:
            undated += 1
            continue
        month = date.year * 12 + date.month - 1
        items[month] += 1
        if head.highlights:
            highlights[month] += len(head.highlights)
    last = max(items, default=0)
    first = max(min(items, default=1), last - MONTHS_SHOWN + 1)
    return Overview(
        items=len(heads),
        unread=unread,
        starred=starred,
        highlights=sum(len(head.highlights) for head in heads),
        words=sum(len(head.notes) + len(head.comments) for head in heads),
        undated=undated,
        months=tuple(Month(at // 12, at % 12 + 1, items[at], highlights[at]) for at in range(first, last + 1)),
    )
