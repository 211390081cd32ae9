"""Pinboard: its JSON export, its JSON feeds, and the XML of its API, which Delicious invented.

`description` is the title. Its hash names the page, not the bookmark, so it is no id; an item of the service's feed is
then the same item. Sources: fixtures of wallabag; pinboard.in/api and pinboard.in/howto; the API of Delicious.
"""

from collections.abc import Mapping

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, bookmark, only
from florilege.formats.document import Document
from florilege.formats.formats import Format, has
from florilege.formats.objects import collect_from
from florilege.formats.stream import Start, events
from florilege.model import Entry

KIND = "pinboard"
KIND_FEED = "pinboard-feed"
KIND_POSTS = "posts-xml"


class _Bookmark(msgspec.Struct):
    href: str | None = None
    description: str | None = None
    extended: str | None = None
    time: str | None = None
    tags: str | None = None


class _Shared(msgspec.Struct):
    """A bookmark of a feed."""

    url: str | None = msgspec.field(default=None, name="u")
    title: str | None = msgspec.field(default=None, name="d")
    remark: str | None = msgspec.field(default=None, name="n")
    time: str | None = msgspec.field(default=None, name="dt")
    sharer: str | None = msgspec.field(default=None, name="a")
    tags: list[str | None] | None = msgspec.field(default=None, name="t")


def read(document: Document) -> Snapshot:
    """The snapshot of an export."""
    collection = Collection(document.warnings)
    collect_from(document, _Bookmark, _entry, collection)
    return collection.snapshot(KIND)


def read_feed(document: Document) -> Snapshot:
    """The snapshot of a feed."""
    collection = Collection(document.warnings)
    collect_from(document, _Shared, _from_feed, collection)
    owner = only(entry.sharer.handle if entry.sharer else None for entry in collection.entries)
    return collection.snapshot(KIND_FEED, identity=f"pinboard:user:{owner}" if owner else None)


def read_posts(document: Document) -> Snapshot:
    """The snapshot of the posts of a member. Of Delicious or of Pinboard: they don't say."""
    collection = Collection(document.warnings)
    owner: str | None = None
    for event in events(document.text, of_html=False):
        if isinstance(event, Start) and event.tag == "posts":
            owner = fields.line(event.attributes.get("user"))
        elif isinstance(event, Start) and event.tag == "post":
            collection.add(len(collection.entries) + 1, _from_post(event.attributes, owner))
    return collection.snapshot(KIND_POSTS)


def _entry(given: _Bookmark) -> Entry:
    """A bookmark as an entry."""
    return bookmark(
        given.description,
        given.href,
        given.time,
        tags=fields.tags((given.tags or "").split()),
        description=fields.remark(given.extended),
    )


def _from_feed(given: _Shared) -> Entry:
    """A bookmark of a feed as an entry."""
    return bookmark(
        given.title,
        given.url,
        given.time,
        sharer=fields.sharer(None, given.sharer),
        tags=fields.tags(given.tags or ()),
        description=fields.remark(given.remark),
    )


def _from_post(post: Mapping[str, str], owner: str | None) -> Entry:
    """A post as an entry: the names of an export, but for one tag too few."""
    names = ("href", "description", "extended", "time", "tag")
    return msgspec.structs.replace(_entry(_Bookmark(*map(post.get, names))), sharer=fields.sharer(None, owner))


FORMATS = (
    Format("a Pinboard export", read, is_element=has("href", "description", "extended", "time")),
    Format("a Pinboard feed as JSON", read_feed, is_element=has("u", "d", "dt")),
    Format("posts of Delicious or Pinboard as XML", read_posts, is_markup=lambda markup: markup.root == "posts"),
)
