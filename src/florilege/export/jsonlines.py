"""An item, and a quote with its item, as JSON: what `--json` and `--jsonl` write, hooks and commands are given.

Stable: fields are added, never renamed; unknown is null and never missing. Written out here, apart from the model, so
that a change of the model can't change them unnoticed. Times are ISO 8601, with an offset where one is known. No body:
that is for an export. Pure.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from florilege.export.selection import Row
from florilege.model import Comment, Highlight, Item, ReadingState


class GroupName(Struct):
    """Which group something is from."""

    id: str
    title: str


class SharerJson(Struct):
    """The member who shared an item."""

    name: str | None
    handle: str | None


class CommentJson(Struct):
    """A note, a comment, or a reply to one."""

    author: str | None
    text: str
    made_at: datetime | None
    replies: list["CommentJson"]


class HighlightJson(Struct):
    """A highlighted passage."""

    id: str
    quote: str
    author: str | None
    made_at: datetime | None
    colour: str | None
    tags: Sequence[str]
    location: str | None
    prefix: str | None
    suffix: str | None
    new: bool
    comments: list[CommentJson]


class ItemName(Struct):
    """Which item a quote is from."""

    id: str
    title: str
    url: str | None
    group: GroupName


class QuoteJson(HighlightJson):
    """A highlight with its item: an element of `quotes --json`."""

    item: ItemName


class ItemJson(Struct):
    """An item with its reading state: an element of `list --json`."""

    id: str
    group: GroupName
    title: str
    url: str | None
    discussion_url: str | None
    sharer: SharerJson
    shared_at: datetime | None
    updated_at: datetime | None
    tags: Sequence[str]
    description: str | None
    views: int | None
    folded: int | None
    incomplete: bool
    notes: list[CommentJson]
    comments: list[CommentJson]
    highlights: list[HighlightJson]
    read: bool
    starred: bool
    new_highlights: int
    own_note: str | None
    """The reader's own words on it."""
    also_in: Sequence[str]
    """Titles of other groups that hold the same page."""


def item_json(item: Item, state: ReadingState, group_title: str, also_in: Sequence[str]) -> ItemJson:
    """An item with its state."""
    return ItemJson(
        id=item.id,
        group=GroupName(item.group, group_title),
        title=item.title,
        url=item.url,
        discussion_url=item.discussion_url,
        sharer=SharerJson(item.sharer.name, item.sharer.handle) if item.sharer else SharerJson(None, None),
        shared_at=item.shared_at,
        updated_at=item.updated_at,
        tags=item.tags,
        description=item.description,
        views=item.views,
        folded=item.folded,
        incomplete=item.incomplete,
        notes=_comments(item.notes),
        comments=_comments(item.comments),
        highlights=[_highlight(highlight, new=state.has_new(highlight)) for highlight in item.highlights],
        read=state.is_read,
        starred=state.is_starred,
        new_highlights=state.new_highlights(item),
        own_note=state.note or None,
        also_in=also_in,
    )


def quote_json(row: Row, highlight: Highlight) -> QuoteJson:
    """A highlight with where it is from."""
    item = ItemName(row.item.id, row.item.title, row.item.url, GroupName(row.group.id, row.group.title))
    known = _highlight(highlight, new=row.state.has_new(highlight))
    return QuoteJson(**{name: getattr(known, name) for name in known.__struct_fields__}, item=item)


def _highlight(highlight: Highlight, *, new: bool) -> HighlightJson:
    return HighlightJson(
        id=highlight.id,
        quote=highlight.quote,
        author=highlight.author,
        made_at=highlight.made_at,
        colour=highlight.colour,
        tags=highlight.tags,
        location=highlight.location,
        prefix=highlight.prefix,
        suffix=highlight.suffix,
        new=new,
        comments=_comments(highlight.comments),
    )


def _comments(comments: Iterable[Comment]) -> list[CommentJson]:
    return [CommentJson(each.author, each.text, each.made_at, _comments(each.replies)) for each in comments]
