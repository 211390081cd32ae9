"""Bookmarks of Diigo as JSON: the array that its API v2 gives, and the object with `items` that its own pages load.

Both say the same by different names. A wrong type or a missing field costs one warning and that field, never the item
and never the file. Counters, pictures, and the service's own `shared`, `readlater` and read marks are not imported.
Sources: the documentation of the API; captured answers, those of the pages without annotations; other importers.
"""

from typing import Any

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, dated, named, only
from florilege.formats.document import Document
from florilege.formats.objects import collect_from
from florilege.formats.recognise import Format, Object, first_of
from florilege.model import Comment, Entry, Highlight

KIND = "diigo-json"
KIND_ANSWER = "diigo-interact"

_Time = int | float | str | None


class _Remark(msgspec.Struct):
    content: str | None = None
    user: str | None = None
    u_name: str | None = None
    created_at: _Time = None


_Remarks = list[str | _Remark | None] | None


class _Annotation(_Remark):
    comments: _Remarks = None
    id: int | str | None = None
    type_name: str | None = None
    extra: Any = None
    notes: _Remarks = msgspec.field(default=None, name="stickyNotes")


class _Bookmark(msgspec.Struct):
    title: str | None = None
    url: str | None = None
    user: str | None = None
    u_name: str | None = None
    real_name: str | None = None
    desc: str | None = None
    description: str | None = None
    tags: str | list[str | None] | None = None
    t_name: str | None = None
    created_at: _Time = None
    updated_at: _Time = None
    comments: _Remarks = None
    annotations: list[_Annotation | None] | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of an array of bookmarks."""
    return _read(document, KIND)


def read_answer(document: Document) -> Snapshot:
    """The snapshot of an answer to a page."""
    return _read(document, KIND_ANSWER)


def _read(document: Document, kind: str) -> Snapshot:
    collection = Collection(document.warnings)
    count = collect_from(document, _Bookmark, _entry, collection, key="items")
    total = document.outline.get("total") if isinstance(document.outline, dict) else None
    older = collection.is_part_of(total, count)
    owner = only(entry.sharer.handle if entry.sharer else None for entry in collection.entries)
    return collection.snapshot(kind, identity=f"diigo:user:{owner}" if owner else None, older=older)


def _entry(bookmark: _Bookmark) -> Entry:
    """A bookmark as an entry. What was said about a picture, or about no passage, are notes on the page."""
    highlights: list[Highlight] = []
    notes: list[Comment] = []
    for annotation in bookmark.annotations or ():
        if annotation is None:
            continue
        comments = _comments(annotation.comments or annotation.notes)
        quote = fields.passage(annotation.content) if annotation.type_name != "image" else ""
        if quote:
            highlights.append(_highlight(annotation, quote, comments))
        else:
            notes.extend(comments)
    shared_at, date_text = dated(bookmark.created_at)
    words = bookmark.tags or bookmark.t_name or ()
    return Entry(
        title=fields.title(bookmark.title, is_html=False),
        url=fields.address(bookmark.url),
        sharer=fields.sharer(bookmark.real_name, bookmark.user or bookmark.u_name),
        shared_at=shared_at,
        updated_at=dated(bookmark.updated_at)[0],
        date_text=date_text,
        tags=fields.comma_tags(words) if isinstance(words, str) else fields.tags(words),
        description=fields.remark(bookmark.desc or bookmark.description),
        notes=tuple(notes),
        comments=_comments(bookmark.comments),
        highlights=named(highlights) if highlights else (),
    )


def _highlight(annotation: _Annotation, quote: str, comments: tuple[Comment, ...]) -> Highlight:
    """An annotation of a passage."""
    colour = annotation.extra.get("color") if isinstance(annotation.extra, dict) else None
    return Highlight(
        id=fields.line(str(annotation.id or "")) or "",
        quote=quote,
        author=fields.line(annotation.user or annotation.u_name),
        made_at=dated(annotation.created_at)[0],
        colour=fields.line(colour) if isinstance(colour, str) else None,
        comments=comments,
    )


def _comments(remarks: _Remarks) -> tuple[Comment, ...]:
    """Comments, objects or bare strings as older servers wrote them; those without text are left out."""
    found: list[Comment] = []
    for remark in remarks or ():
        given = _Remark(content=remark) if isinstance(remark, str) else remark
        if given is not None and (text := fields.passage(given.content)):
            author = fields.line(given.user or given.u_name)
            found.append(Comment(text=text, author=author, made_at=dated(given.created_at)[0]))
    return tuple(found)


def _is_bookmark(value: Object) -> bool:
    """Whether an object has an address and one of the names that only Diigo uses."""
    return "url" in value and ("desc" in value or "readlater" in value)


def _is_item(value: Object) -> bool:
    return "u_name" in value or "link_id" in value


def _is_answer(value: Object) -> bool:
    own = "unread_total" in value or "rss_link" in value or _is_item(first_of(value, "items"))
    return "items" in value and own


FORMATS = (
    Format("an answer of Diigo's interact API", read_answer, is_object=_is_answer, is_element=_is_item),
    Format("Diigo bookmarks as JSON (API v2)", read, is_element=_is_bookmark),
)
