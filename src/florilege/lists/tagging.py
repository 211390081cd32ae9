"""The tags of a list of items, with how many bear each. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from florilege.model import Head, ReadingState
from florilege.text import fold, same_tag


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag with how many items bear it."""

    tag: str
    """In the spelling most recently used."""
    items: int
    unread: int


def tag_counts(heads: Iterable[Head], states: Mapping[str, ReadingState]) -> list[TagCount]:
    """The tags of items, newest first, and how many bear each: the most frequent tag first."""
    spelling: dict[str, str] = {}
    items: dict[str, int] = {}
    unread: dict[str, int] = {}
    for head in heads:
        state = states.get(head.id)
        for tag in head.tags:
            same = same_tag(tag)
            spelling.setdefault(same, tag)
            items[same] = items.get(same, 0) + 1
            unread[same] = unread.get(same, 0) + (state is None or not state.is_read)
    ranked = sorted(items, key=lambda same: (-items[same], fold(same)))
    return [TagCount(spelling[same], items[same], unread[same]) for same in ranked]
