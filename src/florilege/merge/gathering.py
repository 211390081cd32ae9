"""Items put together from annotations that members made one after the other, of which a document holds some. Pure.

Whatever part of them a document shows, in whatever order documents come, the item stays that of the first annotator.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from florilege.model import Comment, Entry, Item, instant, thread
from florilege.text import fold, same_tag


def gathered(before: Item, entry: Entry, after: Item) -> Item:
    """The item after another version of it, which may know older or newer annotations than we do.

    Args:
        before: The item as it was known.
        entry: The other version.
        after: What became of both by the common rules.
    """
    entry_is_earlier = entry.shared_at is not None and (
        before.shared_at is None or instant(entry.shared_at) < instant(before.shared_at)
    )
    first, second = (entry, before) if entry_is_earlier else (before, entry)
    tags: dict[str, str] = {}
    for tag in (*before.tags, *entry.tags):
        tags.setdefault(same_tag(tag), tag)
    return replace(
        after,
        title=first.title or second.title,
        discussion_url=first.discussion_url or second.discussion_url,
        sharer=first.sharer or second.sharer,
        shared_at=first.shared_at or second.shared_at,
        tags=tuple(tags.values()),
        comments=tuple(_unplaced(after)),
    )


def _unplaced(item: Item) -> Iterator[Comment]:
    """The comments on an item that stand in no thread: a reply met without its parent is one until that is known."""
    threads = [highlight.comments for highlight in item.highlights] + [item.notes]
    placed = {_key(comment) for comments in threads for _, comment in thread(comments)}
    for comment in item.comments:
        if not all(each.made_at and _key(each) in placed for _, each in thread((comment,))):
            yield comment


def _key(comment: Comment) -> tuple[str, str, datetime | None]:
    return (fold(comment.author or ""), fold(comment.text), comment.made_at)
