"""Bookmarks as Diigo's API v2 gives them: an array of objects. Only this format; no feeds, no HTML of its own.

A wrong type or a missing field costs one warning and that field, never the item and never the file. The service's own
`shared` and `readlater` are not imported. Source: FORMATS 3.1.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from florilege.model import Comment, Entry, Highlight
from florilege.sources import Snapshot, fields
from florilege.sources.dates import read_date
from florilege.sources.document import Document
from florilege.sources.identity import named
from florilege.text import counted

KIND = "diigo-json"
_Kind = TypeVar("_Kind", bound=msgspec.Struct)


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
    items = document.json if isinstance(document.json, list) else []
    warnings = list(document.warnings)
    entries: list[Entry] = []
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            warnings.append(f"Bookmark {number} is no object and was left out.")
            continue
        bookmark, lost = _bookmark(item)
        entry = _entry(bookmark)
        if not (entry.title or entry.url or entry.highlights or entry.notes or entry.description):
            warnings.append(f"Bookmark {number} holds neither title nor address and was left out.")
            continue
        if lost:
            name = f" “{entry.title[:60]}”" if entry.title else ""
            fields_lost = counted(len(lost), "field")
            warnings.append(f"Bookmark {number}{name}: {fields_lost} could not be read ({', '.join(lost)}).")
            entry = msgspec.structs.replace(entry, incomplete=True, all_highlights=False)
        entries.append(entry)
    return Snapshot(kind=KIND, entries=tuple(entries), warnings=tuple(warnings))


def _bookmark(item: dict[str, Any]) -> tuple[_Bookmark, list[str]]:
    """An object as a bookmark, and the names of the fields that could not be read."""
    try:
        return msgspec.convert(item, _Bookmark), []
    except msgspec.ValidationError:
        lost: dict[str, None] = {}
        return _salvaged(item, _Bookmark, lost), list(lost)


_PARTS: dict[str, type[msgspec.Struct]] = {"comments": _Comment, "annotations": _Annotation}
"""The fields that hold lists of objects."""


def _salvaged(item: dict[str, Any], kind: type[_Kind], lost: dict[str, None]) -> _Kind:
    """As much of an object as can be read; the names of the fields that could not go to `lost`."""
    kept: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        value = item.get(field.name)
        part = _PARTS.get(field.name)
        if part is not None and isinstance(value, list):
            value = [_salvaged(each, part, lost) if isinstance(each, dict) else each for each in value]
            readable = [each for each in value if each is None or isinstance(each, part | str)]
            if len(readable) < len(value) or (part is _Annotation and any(isinstance(each, str) for each in value)):
                lost[field.name] = None
            kept[field.name] = [each for each in readable if part is _Comment or not isinstance(each, str)]
            continue
        try:
            kept[field.name] = msgspec.convert(value, field.type)
        except msgspec.ValidationError:
            lost[field.name] = None
    return kind(**kept)


def _entry(bookmark: _Bookmark) -> Entry:
    """A bookmark as an entry. An annotation without content carries notes on the page."""
    highlights: list[Highlight] = []
    notes: list[Comment] = []
    for annotation in bookmark.annotations or []:
        if annotation is None:
            continue
        comments = _comments(annotation.comments)
        quote = fields.passage(annotation.content)
        if not quote:
            notes.extend(comments)
            continue
        author, made_at = fields.line(annotation.user), read_date(annotation.created_at)
        highlights.append(Highlight(id="", quote=quote, author=author, made_at=made_at, comments=comments))
    shared_at, updated_at = read_date(bookmark.created_at), read_date(bookmark.updated_at)
    words = fields.comma_list(bookmark.tags) if isinstance(bookmark.tags, str) else bookmark.tags
    return Entry(
        title=fields.title(bookmark.title, is_html=False),
        url=fields.address(bookmark.url),
        sharer=fields.sharer(None, bookmark.user),
        shared_at=shared_at,
        updated_at=updated_at,
        date_text=None if shared_at else fields.line(bookmark.created_at),
        tags=fields.tags(words or ()),
        description=fields.remark(bookmark.desc),
        notes=tuple(notes),
        comments=_comments(bookmark.comments),
        highlights=named(highlights),
    )


def _comments(comments: Iterable[str | _Comment | None] | None) -> tuple[Comment, ...]:
    """Comments, objects or bare strings as older servers wrote them; those without text are left out."""
    found: list[Comment] = []
    for comment in comments or ():
        given = _Comment(content=comment) if isinstance(comment, str) else comment
        if given is not None and (text := fields.passage(given.content)):
            found.append(Comment(text=text, author=fields.line(given.user), made_at=read_date(given.created_at)))
    return tuple(found)
