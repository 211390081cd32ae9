"""Bookmarks as Diigo's own pages load them (interact_api): an object with `items`. Only this format.

Counters, pictures and the service's own read marks are not imported. Source: captured answers without
annotations; for annotations, other importers.
"""

from typing import Any

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, dated, only
from florilege.formats.document import Document
from florilege.formats.formats import Format, Object, first_of
from florilege.formats.identity import named
from florilege.formats.objects import collect_from
from florilege.model import Comment, Entry, Highlight

KIND = "diigo-interact"

_Time = int | float | str | None


class _Remark(msgspec.Struct):
    content: str | None = None
    created_at: _Time = None
    u_name: str | None = None


class _Annotation(_Remark):
    id: int | str | None = None
    type_name: str | None = None
    extra: Any = None
    notes: list[_Remark | None] | None = msgspec.field(default=None, name="stickyNotes")


class _Bookmark(msgspec.Struct):
    title: str | None = None
    url: str | None = None
    description: str | None = None
    tags: str | list[str | None] | None = None
    t_name: str | None = None
    created_at: _Time = None
    updated_at: _Time = None
    u_name: str | None = None
    real_name: str | None = None
    comments: list[_Remark | None] | None = None
    annotations: list[_Annotation | None] | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of an answer. `total` says how many items there are besides; it is zero past the end."""
    collection = Collection(document.warnings)
    count = collect_from(document, _Bookmark, _entry, collection, key="items")
    total = document.outline.get("total") if isinstance(document.outline, dict) else None
    older = isinstance(total, int) and total > count > 0
    if older:
        collection.warnings.append(f"These are {count} of {total} items: the others are on other pages.")
    owner = only(entry.sharer.handle if entry.sharer else None for entry in collection.entries)
    return collection.snapshot(KIND, identity=f"diigo:user:{owner}" if owner else None, older=older)


def _entry(bookmark: _Bookmark) -> Entry:
    """A bookmark as an entry. What was said about a picture, or about no passage, are notes on the page."""
    highlights: list[Highlight] = []
    notes: list[Comment] = []
    for annotation in bookmark.annotations or ():
        if annotation is None:
            continue
        remarks = _remarks(annotation.notes)
        quote = fields.passage(annotation.content) if annotation.type_name != "image" else ""
        if quote:
            highlights.append(_highlight(annotation, quote, remarks))
        else:
            notes.extend(remarks)
    shared_at, date_text = dated(bookmark.created_at)
    words = bookmark.tags or bookmark.t_name or ()
    return Entry(
        title=fields.title(bookmark.title, is_html=False),
        url=fields.address(bookmark.url),
        sharer=fields.sharer(bookmark.real_name, bookmark.u_name),
        shared_at=shared_at,
        updated_at=dated(bookmark.updated_at)[0],
        date_text=date_text,
        tags=fields.comma_tags(words) if isinstance(words, str) else fields.tags(words),
        description=fields.remark(bookmark.description),
        notes=tuple(notes),
        comments=_remarks(bookmark.comments),
        highlights=named(highlights),
    )


def _highlight(annotation: _Annotation, quote: str, comments: tuple[Comment, ...]) -> Highlight:
    """An annotation of a passage."""
    colour = annotation.extra.get("color") if isinstance(annotation.extra, dict) else None
    return Highlight(
        id=fields.line(str(annotation.id or "")) or "",
        quote=quote,
        author=fields.line(annotation.u_name),
        made_at=dated(annotation.created_at)[0],
        colour=fields.line(colour) if isinstance(colour, str) else None,
        comments=comments,
    )


def _remarks(remarks: list[_Remark | None] | None) -> tuple[Comment, ...]:
    """Comments, those without text left out."""
    return tuple(
        Comment(text=text, author=fields.line(remark.u_name), made_at=dated(remark.created_at)[0])
        for remark in remarks or ()
        if remark is not None and (text := fields.passage(remark.content))
    )


def _is_item(value: Object) -> bool:
    return "u_name" in value or "link_id" in value


def _is_answer(value: Object) -> bool:
    own = "unread_total" in value or "rss_link" in value or _is_item(first_of(value, "items"))
    return "items" in value and own


FORMATS = (Format("an answer of Diigo's interact API", read, is_object=_is_answer, is_element=_is_item),)
