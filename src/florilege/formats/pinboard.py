"""Pinboard: its JSON export, its JSON feeds, and the XML of its API, which Delicious invented; Delicious's own export.

`description` is the title. Its hash names the page, not the bookmark, so it is no id; an item of the service's feed is
then the same item. Sources: fixtures of wallabag; pinboard.in/api and pinboard.in/howto; the API of Delicious.
"""

from collections.abc import Mapping

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, bookmark, only
from florilege.formats.document import Document
from florilege.formats.objects import collect_from
from florilege.formats.recognise import Format, has
from florilege.formats.stream import Start, events
from florilege.model import Entry

KIND = "pinboard"
KIND_FEED = "pinboard-feed"
KIND_POSTS = "posts-xml"
KIND_DELICIOUS = "delicious"


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


class _Delicious(msgspec.Struct):
    """A bookmark of Delicious. Its date is seconds as text."""

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
    return collection.snapshot(KIND)


def read_feed(document: Document) -> Snapshot:
    """The snapshot of a feed."""
    collection = Collection(document.warnings)
    collect_from(document, _Shared, _from_feed, collection)
    return _of_member(collection, KIND_FEED, "pinboard")


def read_delicious(document: Document) -> Snapshot:
    """The snapshot of an export of Delicious."""
    collection = Collection(document.warnings)
    collect_from(document, _Delicious, _from_delicious, collection)
    return _of_member(collection, KIND_DELICIOUS, "delicious")


def _of_member(collection: Collection, kind: str, service: str) -> Snapshot:
    """The snapshot of bookmarks, known by their member when all are of one."""
    owner = only(entry.sharer.handle if entry.sharer else None for entry in collection.entries)
    return collection.snapshot(kind, identity=f"{service}:user:{owner}" if owner else None)


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


def _from_delicious(given: _Delicious) -> Entry:
    """A bookmark of Delicious as an entry."""
    tags = given.tags or ()
    return bookmark(
        given.title,
        given.url,
        given.created,
        sharer=fields.sharer(None, given.owner),
        tags=fields.comma_tags(tags) if isinstance(tags, str) else fields.tags(tags),
        description=fields.remark(given.description),
    )


def _from_post(post: Mapping[str, str], owner: str | None) -> Entry:
    """A post as an entry: the names of an export, but for one tag too few."""
    names = ("href", "description", "extended", "time", "tag")
    return msgspec.structs.replace(_entry(_Bookmark(*map(post.get, names))), sharer=fields.sharer(None, owner))


FORMATS = (
    Format("a Pinboard export", read, is_element=has("href", "description", "extended", "time")),
    Format("a Pinboard feed as JSON", read_feed, is_element=has("u", "d", "dt")),
    Format("a Delicious export", read_delicious, is_element=has("url", "created", "owner")),
    Format("posts of Delicious or Pinboard as XML", read_posts, is_markup=lambda markup: markup.root == "posts"),
)
