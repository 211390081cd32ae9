"""Bookmarks as Diigo's API v2 gives them: an array of objects. Only this format; no feeds, no HTML of its own.

A wrong type or a missing field costs one warning and that field, never the item and never the file. The service's own
`shared` and `readlater` are not imported. Source: the documentation of the API; captured answers.
"""

from collections.abc import Iterable

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, only
from florilege.formats.dates import read_date
from florilege.formats.document import Document
from florilege.formats.formats import Format, Object
from florilege.formats.identity import named
from florilege.formats.objects import collect_from
from florilege.model import Comment, Entry, Highlight

KIND = "diigo-json"


class _Comment(msgspec.Struct):
    content: str | None = None
    user: str | None = None
    created_at: str | None = None


_Comments = list[str | _Comment | None] | None


class _Annotation(msgspec.Struct):
    content: str | None = None
    user: str | None = None
    created_at: str | None = None
    comments: _Comments = None


class _Bookmark(msgspec.Struct):
    title: str | None = None
    url: str | None = None
    user: str | None = None
    desc: str | None = None
    tags: str | list[str | None] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    comments: _Comments = None
    annotations: list[_Annotation | None] | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of an array of bookmarks."""
    collection = Collection(document.warnings)
    collect_from(document, _Bookmark, _entry, collection)
    owner = only(entry.sharer.handle if entry.sharer else None for entry in collection.entries)
    return collection.snapshot(KIND, identity=f"diigo:user:{owner}" if owner else None)


def _entry(bookmark: _Bookmark) -> Entry:
    """A bookmark as an entry. An annotation without content carries notes on the page."""
    highlights: list[Highlight] = []
    notes: list[Comment] = []
    for annotation in bookmark.annotations or []:
        if annotation is None:
            continue
        comments = _comments(annotation.comments) if annotation.comments else ()
        quote = fields.passage(annotation.content)
        if not quote:
            notes.extend(comments)
            continue
        author, made_at = fields.line(annotation.user), read_date(annotation.created_at)
        highlights.append(Highlight(id="", quote=quote, author=author, made_at=made_at, comments=comments))
    shared_at, updated_at = read_date(bookmark.created_at), read_date(bookmark.updated_at)
    return Entry(
        title=fields.title(bookmark.title, is_html=False),
        url=fields.address(bookmark.url),
        sharer=fields.sharer(None, bookmark.user),
        shared_at=shared_at,
        updated_at=updated_at,
        date_text=None if shared_at else fields.line(bookmark.created_at),
        tags=fields.comma_tags(given) if isinstance(given := bookmark.tags, str) else fields.tags(given or ()),
        description=fields.remark(bookmark.desc),
        notes=tuple(notes),
        comments=_comments(bookmark.comments) if bookmark.comments else (),
        highlights=named(highlights) if highlights else (),
    )


def _comments(comments: Iterable[str | _Comment | None] | None) -> tuple[Comment, ...]:
    """Comments, objects or bare strings as older servers wrote them; those without text are left out."""
    found: list[Comment] = []
    for comment in comments or ():
        given = _Comment(content=comment) if isinstance(comment, str) else comment
        if given is not None and (text := fields.passage(given.content)):
            found.append(Comment(text=text, author=fields.line(given.user), made_at=read_date(given.created_at)))
    return tuple(found)


def _is_bookmark(value: Object) -> bool:
    """Whether an object has an address and one of the names that only Diigo uses."""
    return "url" in value and ("desc" in value or "readlater" in value)


FORMATS = (Format("Diigo bookmarks as JSON (API v2)", read, is_element=_is_bookmark),)
