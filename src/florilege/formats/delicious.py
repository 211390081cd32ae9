"""Bookmarks as Delicious exported them: an array of objects. Dates are seconds as text. Source: wallabag's fixtures."""

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, bookmark, only
from florilege.formats.document import Document
from florilege.formats.formats import Format, has
from florilege.formats.objects import collect_from
from florilege.model import Entry

KIND = "delicious"


class _Bookmark(msgspec.Struct):
    url: str | None = None
    title: str | None = None
    description: str | None = None
    tags: list[str | None] | str | None = None
    created: str | int | float | None = None
    owner: str | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of an export."""
    collection = Collection(document.warnings)
    collect_from(document, _Bookmark, _entry, collection)
    owner = only(entry.sharer.handle if entry.sharer else None for entry in collection.entries)
    return collection.snapshot(KIND, identity=f"delicious:user:{owner}" if owner else None)


def _entry(given: _Bookmark) -> Entry:
    """A bookmark as an entry."""
    tags = given.tags or ()
    return bookmark(
        given.title,
        given.url,
        given.created,
        sharer=fields.sharer(None, given.owner),
        tags=fields.comma_tags(tags) if isinstance(tags, str) else fields.tags(tags),
        description=fields.remark(given.description),
    )


FORMATS = (Format("a Delicious export", read, is_element=has("url", "created", "owner")),)
