"""Bookmarks as Karakeep and Linkwarden export them; lists and collections become parts. Source: Karakeep's code."""

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, bookmark
from florilege.formats.document import Document
from florilege.formats.objects import converted, items_of
from florilege.formats.recognise import Format, Object, first_of
from florilege.model import Comment, Entry

KIND = "karakeep"
KIND_LINKWARDEN = "linkwarden"

_Id = int | str | None
_Time = int | float | str | None


class _Content(msgspec.Struct):
    url: str | None = None
    text: str | None = None


class _Bookmark(msgspec.Struct):
    title: str | None = None
    content: _Content | None = None
    tags: list[str | None] | None = None
    lists: list[_Id] | None = None
    note: str | None = None
    created: _Time = msgspec.field(default=None, name="createdAt")


class _Named(msgspec.Struct):
    id: _Id = None
    name: str | None = None


class _Link(msgspec.Struct):
    name: str | None = None
    url: str | None = None
    description: str | None = None
    tags: list[_Named | str | None] | None = None
    created: _Time = msgspec.field(default=None, name="createdAt")


def read(document: Document) -> Snapshot:
    """The snapshot of an export of Karakeep; a bookmark on several lists goes with the first one."""
    collection = Collection(document.warnings)
    lists = [converted(each, _Named)[0] for each in items_of(document.json, "lists") if isinstance(each, dict)]
    names = {each.id: fields.line(each.name) for each in lists}
    for number, item in enumerate(items_of(document.json, "bookmarks"), start=1):
        if not isinstance(item, dict):
            collection.leave_out(number, "is no object")
            continue
        given, lost = converted(item, _Bookmark)
        folders = (names.get(each) for each in given.lists or ())
        collection.add(number, _entry(given), lost, next((name for name in folders if name), None))
    return collection.snapshot(KIND, scope="karakeep:list")


def read_linkwarden(document: Document) -> Snapshot:
    """The snapshot of an export of Linkwarden."""
    collection = Collection(document.warnings, "Link")
    number = 0
    for each in items_of(document.json, "collections"):
        folder = fields.line(converted(each, _Named)[0].name) if isinstance(each, dict) else None
        for item in items_of(each, "links"):
            number += 1
            if not isinstance(item, dict):
                collection.leave_out(number, "is no object")
                continue
            link, lost = converted(item, _Link)
            collection.add(number, _from_link(link), lost, folder)
    return collection.snapshot(KIND_LINKWARDEN, scope="linkwarden:collection")


def _entry(given: _Bookmark) -> Entry:
    """A bookmark of Karakeep as an entry. One without address is a text."""
    content = given.content or _Content()
    note = fields.prose(given.note)
    return bookmark(
        given.title,
        content.url,
        given.created,
        tags=fields.tags(given.tags or ()),
        description=fields.prose(content.text),
        notes=(Comment(text=note),) if note else (),
    )


def _from_link(link: _Link) -> Entry:
    """A link of Linkwarden as an entry."""
    return bookmark(
        link.name,
        link.url,
        link.created,
        tags=fields.tags(tag.name if isinstance(tag, _Named) else tag for tag in link.tags or ()),
        description=fields.prose(link.description),
    )


def _is_karakeep(value: Object) -> bool:
    first = first_of(value, "bookmarks")
    return value.get("bookmarks") == [] or ("createdAt" in first and "content" in first)


def _is_linkwarden(value: Object) -> bool:
    return value.get("collections") == [] or "links" in first_of(value, "collections")


FORMATS = (
    Format("a Karakeep export", read, is_object=_is_karakeep),
    Format("a Linkwarden export", read_linkwarden, is_object=_is_linkwarden),
)
