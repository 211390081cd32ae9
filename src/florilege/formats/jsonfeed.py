"""JSON Feed 1.0 and 1.1, which feedparser does not read. `next_url` is reported but not followed.

The shared page is `external_url`; if `url` differs from it, that is the discussion address. Our own export adds an
extension `_florilege` to each item, with highlights, notes and comments in full; it takes precedence over the standard
fields. Source: jsonfeed.org/version/1.1.
"""

import msgspec
from msgspec.structs import replace

from florilege.formats import Snapshot, fields, own
from florilege.formats.collecting import Collection
from florilege.formats.detect import Format, Object
from florilege.formats.document import Document
from florilege.formats.records import Bookmark, bookmark_of, converted, items_of, take_objects
from florilege.formats.snapshots import resolved
from florilege.model import BodyKind, Entry
from florilege.text import counted
from florilege.urls import scheme_of

KIND = "json-feed"
_ITEM = bookmark_of(
    id="id", title="title", url=("external_url", "url"), discussion="url", sharer=("authors.name", "author.name"),
    time="date_published", changed="date_modified", tags="tags", description="summary", html_body="content_html",
    body="content_text", folder="_florilege.group", extra="_florilege.entry", all_marks=False,
)  # fmt: skip
"""An item. Version 1 has one `author`; later versions keep it for older readers."""


class _Feed(msgspec.Struct):
    title: str | None = None
    home_page_url: str | None = None
    feed_url: str | None = None
    next_url: str | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of a feed."""
    whole = document.json if isinstance(document.json, dict) else {}
    feed, lost = converted(whole, _Feed)
    collection = Collection(document.warnings, noun="Item")
    if lost:
        collection.warnings.append(f"Some fields of the feed could not be read ({', '.join(lost)}).")
    next_page, site = fields.address(feed.next_url), fields.address(feed.home_page_url)
    next_page = next_page if next_page != fields.address(feed.feed_url) else None
    site = site if scheme_of(site or "") in {"http", "https"} else None
    by_feed = [{key: whole.get(key) for key in ("title", "authors", "author")}]
    of_feed = Collection([])
    take_objects(by_feed, _ITEM, of_feed)
    default = of_feed.entries[0].sharer if of_feed.entries else None

    def entry(item: Bookmark) -> Entry:
        found = item.entry()
        found = replace(
            found,
            sharer=found.sharer or default,
            description=found.description if found.description != found.body else None,
            body_kind=BodyKind.TEXT if found.body and not fields.prose(item.html_body) else BodyKind.HTML,
        )
        return _kept(item.extra, found, collection.warnings) if isinstance(item.extra, dict) else found

    take_objects(items_of(whole, "items"), _ITEM, collection, entry)
    if next_page:
        collection.warnings.append("The feed has older pages, which the document does not hold.")
    several = len({folder for folder in collection.folders if folder}) > 1
    snapshot = collection.snapshot(
        KIND,
        title=fields.line(feed.title),
        site=site,
        older=next_page is not None,
        scope="florilege:title" if several else None,
    )
    return replace(resolved(snapshot, site or ""), next_page=next_page)


def _kept(value: dict[str, object], found: Entry, warnings: list[str]) -> Entry:
    """The entry in our own extension of an item.

    Args:
        value: The extension.
        found: The entry by the standard fields, which replace a title or address that could not be read.
        warnings: Receives a warning about fields that can't be read.
    """
    kept, lost = converted(own.cleaned(value), Entry)
    title, url = kept.title or found.title, kept.url or found.url
    if lost:
        warnings.append(f"Item “{title[:60]}”: {counted(len(lost), 'field')} could not be read ({', '.join(lost)}).")
    return replace(own.entry_of(kept), title=title, url=url, all_highlights=False, incomplete=bool(lost))


def _is_feed(value: Object) -> bool:
    return str(value.get("version", "")).partition(":")[2].startswith("//jsonfeed.org/version/")


FORMATS = (Format("a JSON Feed", read, is_object=_is_feed),)
