"""Merges two versions of an item. Pure.

Known facts are never erased because a newer version lacks them, since a poorer feed may contain the same page. Only
highlights, notes and comments are removed, and only if a version that claims to list them all no longer has them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from florilege.merge.highlights import merge_comments, merge_highlights
from florilege.model import Comment, Entry, Item, Sharer, instant, thread
from florilege.text import search_key, tag_key

Version = TypeVar("Version", bound=Entry)
_FACTS = [name for name in Entry.__struct_fields__ if name != "digest"]
"""The fields that make up an entry's content."""


def merge(known: Version, fresh: Entry, *, keep_missing: bool = False, same_document: bool = False) -> Version:
    """Merge another version into a known item or entry. An item keeps its id, group, order and time added.

    Args:
        known: The known version.
        fresh: The other version; takes precedence, unless its `updated_at` is older.
        keep_missing: Whether to keep what `fresh` lacks even if it claims to list everything.
        same_document: Whether both are from the same document: then neither replaces the other, and their tags and
            descriptions are combined.
    """
    older = bool(known.updated_at and fresh.updated_at and instant(fresh.updated_at) < instant(known.updated_at))
    first, second = (known, fresh) if older else (fresh, known)
    keep = keep_missing or older or not fresh.all_highlights or fresh.incomplete or bool(fresh.folded)
    before = known.revision if isinstance(known, Item) else None
    highlights = merge_highlights(
        known.highlights,
        fresh.highlights,
        revision=0 if before is None else before + 1,
        keep_missing=keep,
        known_first=older,
    )
    folded, incomplete = _completeness(known, fresh, len(highlights))
    tags, all_tags = _merge_tags(known, fresh, first, add_up=same_document)
    shared_at = first.shared_at or second.shared_at
    after = replace(
        known,
        native_id=first.native_id or second.native_id,
        title=first.title or second.title,
        url=first.url or second.url,
        discussion_url=first.discussion_url or second.discussion_url,
        sharer=merge_sharers(first.sharer, second.sharer),
        shared_at=shared_at,
        updated_at=first.updated_at or second.updated_at,
        date_text=None if shared_at else first.date_text or second.date_text,
        tags=tags,
        description=_descriptions(first, second) if same_document else first.description or second.description,
        notes=merge_comments(known.notes, fresh.notes, keep_missing=keep),
        comments=merge_comments(known.comments, fresh.comments, keep_missing=keep),
        highlights=highlights,
        views=second.views if first.views is None else first.views,
        folded=folded,
        incomplete=incomplete,
        all_highlights=known.all_highlights or fresh.all_highlights,
        all_tags=all_tags,
        was_starred=known.was_starred or (same_document and fresh.was_starred),
        was_read=known.was_read or (same_document and fresh.was_read),
        body=first.body or second.body,
        body_kind=first.body_kind if first.body else second.body_kind,
        digest=None,
    )
    if before is not None and any(each.revision > before for each in highlights):
        after = replace(after, revision=before + 1)
    if fresh.is_aggregate:
        after = _keep_first_annotator(known, fresh, after)
    # If both have the same content, keep the known digest: a new digest alone is not worth rewriting the item.
    digest = next((each.digest for each in (known, fresh) if each.digest and _has_same_content(each, after)), None)
    return replace(after, digest=digest) if digest else after


def _has_same_content(one: Entry, other: Entry) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _FACTS)


def merge_sharers(first: Sharer | None, second: Sharer | None) -> Sharer | None:
    """The first sharer; if name or handle shows that both are the same, the other one is filled in from the second."""
    if first is None or second is None:
        return first or second
    names, handles = (first.name, second.name), (first.handle, second.handle)
    halves = [(search_key(mine), search_key(theirs)) for mine, theirs in (names, handles) if mine and theirs]
    if not halves or any(mine != theirs for mine, theirs in halves):
        return first
    return Sharer(name=first.name or second.name, handle=first.handle or second.handle)


def _descriptions(first: Entry, second: Entry) -> str | None:
    """The descriptions of both, without repetition."""
    words = [each.description for each in (first, second) if each.description]
    return "\n\n".join(words[:1] if len(words) == 2 and words[1] in words[0] else words) or None


def _merge_tags(known: Entry, fresh: Entry, first: Entry, *, add_up: bool) -> tuple[tuple[str, ...], bool]:
    """Merge tags, and determine whether they are complete.

    If both versions list all tags, those of `first` are taken; otherwise, or with `add_up`, the tags are united. Tags
    known only from an incomplete version are kept for good, so the result does not depend on which version recurs.
    """
    both_all = known.all_tags and fresh.all_tags
    if first.tags and both_all and not add_up:
        return first.tags, True
    tags = _union(*(first, known, fresh) if first.all_tags else (known, fresh))
    keys = {tag_key(tag) for tag in tags}
    are_all = any(each.all_tags and {tag_key(tag) for tag in each.tags} == keys for each in (known, fresh))
    return tags, are_all or (add_up and both_all)


def _union(*versions: Entry) -> tuple[str, ...]:
    """The union of the tags of several versions, in order, each in its first spelling."""
    tags: dict[str, str] = {}
    for version in versions:
        for tag in version.tags:
            tags.setdefault(tag_key(tag), tag)
    return tuple(tags.values())


def _completeness(known: Entry, fresh: Entry, total: int) -> tuple[int | None, bool]:
    """The merged `folded` and `incomplete`, given that `total` highlights are now known."""
    if fresh.folded is None:
        return known.folded, fresh.incomplete and known.incomplete
    return fresh.folded, fresh.incomplete and (known.incomplete or total == len(fresh.highlights))


def _keep_first_annotator(known: Entry, fresh: Entry, after: Version) -> Version:
    """For an aggregate of annotations, keep the sharer, date and title of the earliest annotation."""
    earlier = fresh.shared_at is not None and instant(fresh.shared_at) < (
        instant(known.shared_at) if known.shared_at else float("inf")
    )
    first, second = (fresh, known) if earlier else (known, fresh)
    return replace(
        after,
        title=first.title or second.title,
        discussion_url=first.discussion_url or second.discussion_url,
        sharer=first.sharer or second.sharer,
        shared_at=first.shared_at or second.shared_at,
        tags=_union(known, fresh),
        comments=tuple(_comments_outside_threads(after)),
    )


def _comments_outside_threads(item: Entry) -> Iterator[Comment]:
    """The comments on an item not found in any thread: replies whose parents are not known (yet) are among them."""
    threads = [highlight.comments for highlight in item.highlights] + [item.notes]
    placed = {_comment_key(comment) for comments in threads for _, comment in thread(comments)}
    for comment in item.comments:
        if not all(each.made_at and _comment_key(each) in placed for _, each in thread((comment,))):
            yield comment


def _comment_key(comment: Comment) -> tuple[str, str, datetime | None]:
    return (search_key(comment.author or ""), search_key(comment.text), comment.made_at)
