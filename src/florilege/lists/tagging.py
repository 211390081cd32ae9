"""The tags of a list of items, with how many bear each. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from florilege.model import Head
from florilege.text import fold, same_tag


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag with how many items bear it."""

    tag: str
    """In the spelling most recently used."""
    items: int


def tag_counts(heads: Iterable[Head]) -> list[TagCount]:
    """The tags of items, newest first, and how many bear each: the most frequent tag first."""
    spelling: dict[str, str] = {}
    items: dict[str, int] = {}
    for head in heads:
        for tag in head.tags:
            same = same_tag(tag)
            spelling.setdefault(same, tag)
            items[same] = items.get(same, 0) + 1
    ranked = sorted(items, key=lambda same: (-items[same], fold(same)))
    return [TagCount(spelling[same], items[same]) for same in ranked]
