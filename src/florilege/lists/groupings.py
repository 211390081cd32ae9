"""What a page of passages is parted by: items, sharers, tags, months; for the river and for documents. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from florilege.model import Item, ItemSummary, instant
from florilege.text import search_key, tag_key
from florilege.words import LONG_MONTHS, NO_DATE, NO_SHARER, title_of

NO_TAGS = "untagged"
Passage = TypeVar("Passage")


class Grouping(StrEnum):
    """What passages are parted by; its value is how it is said."""

    ITEM = "by item"
    SHARER = "by sharer"
    TAG = "by tag"
    DATE = "by date"

    @property
    def next(self) -> "Grouping":
        """The grouping after this one, round and round."""
        groupings = list(Grouping)
        return groupings[(groupings.index(self) + 1) % len(groupings)]


def parted(
    found: Iterable[Passage],
    grouping: Grouping,
    *,
    item_of: Callable[[Passage], ItemSummary | Item],
    date_of: Callable[[Passage], datetime | None],
) -> list[tuple[str, list[Passage]]]:
    """Passages under what they have in common.

    Items in their order, sharers and tags the most quoted first, months the latest first. Under each tag stand all
    passages of the items filed under it, so one with three tags stands three times.

    Args:
        found: The passages.
        grouping: By what.
        item_of: The item of a passage.
        date_of: When a passage was made, or shared.
    """
    labels: dict[str, str] = {}
    parts: dict[str, list[Passage]] = {}
    for passage in found:
        for key, label in _headings(item_of(passage), date_of(passage), grouping):
            labels.setdefault(key, label)
            parts.setdefault(key, []).append(passage)
    keys = list(parts)
    if grouping is Grouping.DATE:
        for passages_of_month in parts.values():
            passages_of_month.sort(key=lambda passage: -instant(date_of(passage)))
        keys.sort(reverse=True)
    elif grouping is not Grouping.ITEM:
        # Without sharer or tag comes last, whatever their number.
        keys.sort(key=lambda key: (not key, -len(parts[key]), search_key(labels[key])))
    return [(labels[key], parts[key]) for key in keys]


def _headings(head: ItemSummary | Item, date: datetime | None, grouping: Grouping) -> list[tuple[str, str]]:
    """The parts a passage belongs to: what they are sorted by, and what they are called."""
    match grouping:
        case Grouping.ITEM:
            return [(head.id, title_of(head))]
        case Grouping.SHARER:
            label = head.sharer.label if head.sharer else ""
            return [(search_key(label), label or NO_SHARER)]
        case Grouping.TAG:
            tags = {tag_key(tag): f"#{tag}" for tag in reversed(head.tags)}
            return list(reversed(tags.items())) or [("", NO_TAGS)]
        case Grouping.DATE:
            return [(f"{date:%Y-%m}", f"{LONG_MONTHS[date.month - 1]} {date.year}") if date else ("", NO_DATE)]
