"""Items and quotes as JSON, as written by `--json` and `--jsonl` and passed to hooks and commands.

A stable format: fields may be added, but are never renamed; unknown values are null, never absent. The structs are
defined separately from the model, so that changing the model cannot change them by accident. Times are ISO 8601, with
an offset where known. The body is only included in exports. Pure.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

from florilege.export.selection import SelectedItem
from florilege.model import Comment, Highlight, Item, ReadingState

T = TypeVar("T", bound=Struct)


class GroupName(Struct):
    """The id and title of a group."""

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
    own_note: str | None
    """The user's own note on the highlight."""
    comments: list[CommentJson]


class ItemName(Struct):
    """The item that a quote is from."""

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
    """The user's own note on the item."""
    also_in: Sequence[str]
    """Titles of other groups that contain the same page."""


def copied(to: type[T], of: object, **others: Any) -> T:
    """Build a struct from the fields of the same name in `of`, and from the values in `others`."""
    return to(**{name: getattr(of, name) for name in to.__struct_fields__ if name not in others}, **others)


def item_json(item: Item, state: ReadingState, group_title: str, also_in: Sequence[str]) -> ItemJson:
    """Convert an item with its reading state to JSON form."""
    return copied(
        ItemJson,
        item,
        group=GroupName(item.group, group_title),
        sharer=SharerJson(item.sharer.name, item.sharer.handle) if item.sharer else SharerJson(None, None),
        notes=_comments(item.notes),
        comments=_comments(item.comments),
        highlights=[_highlight(HighlightJson, highlight, state) for highlight in item.highlights],
        read=state.is_read,
        starred=state.is_starred,
        new_highlights=state.new_highlights(item),
        own_note=state.note or None,
        also_in=also_in,
    )


def quote_json(row: SelectedItem, highlight: Highlight) -> QuoteJson:
    """Convert a highlight with its item to JSON form."""
    item = copied(ItemName, row.item, group=GroupName(row.group.id, row.group.title))
    return _highlight(QuoteJson, highlight, row.state, item=item)


def _highlight(to: type[T], highlight: Highlight, state: ReadingState, **others: Any) -> T:
    others |= {"new": state.has_new(highlight), "own_note": state.note_on(highlight.id) or None}
    return copied(to, highlight, comments=_comments(highlight.comments), **others)


def _comments(comments: Iterable[Comment]) -> list[CommentJson]:
    return [CommentJson(each.author, each.text, each.made_at, _comments(each.replies)) for each in comments]
