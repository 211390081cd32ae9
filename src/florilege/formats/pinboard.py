"""Bookmarks as Pinboard exports them: an array of objects. `description` is the title. Source: fixtures of wallabag.

Its hash names the page, not the bookmark, so it is no id; an item of the service's feed is then the same item.
"""

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, dated
from florilege.formats.document import Document
from florilege.formats.formats import Format, has
from florilege.formats.objects import collect_from
from florilege.model import Entry

KIND = "pinboard"


class _Bookmark(msgspec.Struct):
    href: str | None = None
    description: str | None = None
    extended: str | None = None
    time: str | None = None
    tags: str | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of an export."""
    collection = Collection(document.warnings)
    collect_from(document, _Bookmark, _entry, collection)
    return collection.snapshot(KIND)


def _entry(bookmark: _Bookmark) -> Entry:
    """A bookmark as an entry."""
    shared_at, date_text = dated(bookmark.time)
    return Entry(
        title=fields.title(bookmark.description, is_html=False),
        url=fields.address(bookmark.href),
        shared_at=shared_at,
        date_text=date_text,
        tags=fields.tags((bookmark.tags or "").split()),
        description=fields.remark(bookmark.extended),
        all_highlights=False,
    )


FORMATS = (Format("a Pinboard export", read, is_element=has("href", "description")),)
