"""Bookmarks as Karakeep, Linkwarden and Toby export them; lists and collections become parts. Source: Karakeep's code.

The answers of Karakeep's API look like its export, but each says more of the page. For Toby: what importers rely on.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, bookmark
from florilege.formats.document import Document
from florilege.formats.objects import collect, converted, items_of
from florilege.formats.recognise import Format, Object, first_of
from florilege.model import Comment, Entry

KIND = "karakeep"
KIND_LINKWARDEN = "linkwarden"
KIND_TOBY = "toby"

_Id = int | str | None
_Time = int | float | str | None


class _Named(msgspec.Struct):
    id: _Id = None
    name: str | None = None


class _Content(msgspec.Struct):
    url: str | None = None
    title: str | None = None
    description: str | None = None
    text: str | None = None


class _Bookmark(msgspec.Struct):
    id: str | None = None
    title: str | None = None
    content: _Content | None = None
    tags: list[_Named | str | None] | None = None
    lists: list[_Id] | None = None
    note: str | None = None
    created: _Time = msgspec.field(default=None, name="createdAt")


class _Link(msgspec.Struct):
    name: str | None = None
    url: str | None = None
    description: str | None = None
    tags: list[_Named | str | None] | None = None
    created: _Time = msgspec.field(default=None, name="createdAt")


class _Card(msgspec.Struct, rename="camel"):
    title: str | None = None
    url: str | None = None
    description: str | None = None
    custom_title: str | None = None
    custom_description: str | None = None


_Kind = TypeVar("_Kind", bound=msgspec.Struct)


def read(document: Document) -> Snapshot:
    """The snapshot of an export of Karakeep; a bookmark on several lists goes with the first one."""
    collection = Collection(document.warnings)
    lists = [converted(each, _Named)[0] for each in items_of(document.json, "lists") if isinstance(each, dict)]
    names = {each.id: fields.line(each.name) for each in lists}

    def first_list(given: _Bookmark) -> str | None:
        return next((name for each in given.lists or () if (name := names.get(each))), None)

    collect(items_of(document.json, "bookmarks"), _Bookmark, _entry, collection, first_list)
    cursor = document.json.get("nextCursor") if isinstance(document.json, dict) else None
    return collection.snapshot(KIND, older=collection.is_continued(cursor), scope="karakeep:list")


def read_linkwarden(document: Document) -> Snapshot:
    """The snapshot of an export of Linkwarden."""
    collection = Collection(document.warnings, "Link")
    _collect(document, collection, ("collections", "name", "links"), _Link, _from_link)
    return collection.snapshot(KIND_LINKWARDEN, scope="linkwarden:collection")


def read_toby(document: Document) -> Snapshot:
    """The snapshot of an export of Toby."""
    collection = Collection(document.warnings, "Card")
    _collect(document, collection, ("lists", "title", "cards"), _Card, _from_card)
    return collection.snapshot(KIND_TOBY, scope="toby:list")


def _collect(
    document: Document,
    collection: Collection,
    keys: tuple[str, str, str],
    kind: type[_Kind],
    build: Callable[[_Kind], Entry],
) -> None:
    """Read what is in folders: under the first key are the folders, under the others the name and content of each."""
    folders, name, content = keys
    found = [(each, item) for each in items_of(document.json, folders) for item in items_of(each, content)]
    for number, (folder, item) in enumerate(found, start=1):
        if not isinstance(item, dict):
            collection.leave_out(number, "is no object")
            continue
        link, lost = converted(item, kind)
        title = folder.get(name) if isinstance(folder, dict) else None
        collection.add(number, build(link), lost, title if isinstance(title, str) else None)


def _entry(given: _Bookmark) -> Entry:
    """A bookmark of Karakeep as an entry. One without address is a text."""
    content = given.content or _Content()
    note = fields.prose(given.note)
    return bookmark(
        given.title or content.title,
        content.url,
        given.created,
        native_id=fields.line(given.id),
        tags=_names(given.tags),
        description=fields.prose(content.text) or fields.remark(content.description),
        notes=(Comment(text=note),) if note else (),
    )


def _from_link(link: _Link) -> Entry:
    """A link of Linkwarden as an entry."""
    return bookmark(
        link.name,
        link.url,
        link.created,
        tags=_names(link.tags),
        description=fields.prose(link.description),
    )


def _from_card(card: _Card) -> Entry:
    """A card of Toby as an entry; what the member wrote of it goes before what the page says."""
    return bookmark(
        card.custom_title or card.title, card.url, description=fields.prose(card.custom_description or card.description)
    )


def _names(tags: list[_Named | str | None] | None) -> tuple[str, ...]:
    return fields.tags(tag.name if isinstance(tag, _Named) else tag for tag in tags or ())


def _is_karakeep(value: Object) -> bool:
    first = first_of(value, "bookmarks")
    return value.get("bookmarks") == [] or ("createdAt" in first and "content" in first)


def _is_linkwarden(value: Object) -> bool:
    return value.get("collections") == [] or "links" in first_of(value, "collections")


def _is_toby(value: Object) -> bool:
    return "version" in value and "cards" in first_of(value, "lists")


FORMATS = (
    Format("a Karakeep export", read, is_object=_is_karakeep),
    Format("a Linkwarden export", read_linkwarden, is_object=_is_linkwarden),
    Format("a Toby export", read_toby, is_object=_is_toby),
)
