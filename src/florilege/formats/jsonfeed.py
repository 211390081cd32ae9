"""JSON Feed 1.0 and 1.1, which feedparser does not read. `next_url` is reported but not followed.

The shared page is `external_url`; if `url` differs from it, that is the discussion address. Our own export adds an
extension `_florilege` to each item, with highlights, notes and comments in full; it takes precedence over the standard
fields. Source: jsonfeed.org/version/1.1.
"""

from typing import Any

import msgspec

from florilege.formats import Snapshot, fields, own
from florilege.formats.collecting import Collection
from florilege.formats.dates import read_date
from florilege.formats.detect import Format, Object
from florilege.formats.document import Document
from florilege.formats.records import converted
from florilege.model import BodyKind, Entry, Sharer
from florilege.urls import canonical, scheme_of

KIND = "json-feed"


class _Author(msgspec.Struct):
    name: str | None = None


class _Item(msgspec.Struct):
    id: str | int | float | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    authors: list[_Author | None] | None = None
    author: _Author | None = None
    """Version 1 has one author; later versions keep it for older readers."""
    tags: list[str | None] | str | None = None
    own: dict[str, Any] | None = msgspec.field(default=None, name="_florilege")


class _Feed(msgspec.Struct):
    title: str | None = None
    home_page_url: str | None = None
    feed_url: str | None = None
    next_url: str | None = None
    authors: list[_Author | None] | None = None
    author: _Author | None = None
    items: list[Any] | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of a feed."""
    feed, lost = converted(document.json if isinstance(document.json, dict) else {}, _Feed)
    collection = Collection(list(document.warnings), noun="Item")
    if lost:
        collection.warnings.append(f"Some fields of the feed could not be read ({', '.join(lost)}).")
    site = fields.address(feed.home_page_url)
    site = site if scheme_of(site or "") in {"http", "https"} else None
    default = _sharer(feed.authors, feed.author)
    for number, value in enumerate(feed.items or [], start=1):
        if not isinstance(value, dict):
            collection.leave_out(number, "is no object")
            continue
        item, lost = converted(value, _Item)
        entry = _entry(item, site, default)
        kept, lost_here, group = _kept(item)
        if kept:  # the standard fields replace a title or address that could not be read
            title, url = kept.title or entry.title, kept.url or entry.url
            entry = msgspec.structs.replace(kept, title=title, url=url, all_highlights=False)
        collection.add(number, entry, [*lost, *lost_here], folder=group)
    next_page = _next_page(feed)
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
    return msgspec.structs.replace(snapshot, next_page=next_page)


def _entry(item: _Item, base: str | None, default: Sharer | None) -> Entry:
    """An item as an entry, from its standard fields.

    Args:
        item: The item.
        base: What relative addresses are resolved against.
        default: The sharer of an item without authors.
    """
    page, talk = fields.address(item.external_url, base), fields.address(item.url, base)
    html, text = fields.prose(item.content_html), fields.prose(item.content_text)
    summary = fields.prose(item.summary)
    shared_at, updated_at = read_date(item.date_published), read_date(item.date_modified)
    is_apart = page is not None and talk is not None and canonical(page) != canonical(talk)
    return Entry(
        native_id=fields.identifier(item.id),
        title=fields.title(item.title, is_html=False),
        url=page or talk,
        discussion_url=talk if is_apart else None,
        sharer=_sharer(item.authors, item.author) or default,
        shared_at=shared_at,
        updated_at=updated_at,
        date_text=None if shared_at else fields.line(item.date_published),
        tags=fields.comma_tags(item.tags) if isinstance(item.tags, str) else fields.tags(item.tags or ()),
        description=summary if summary not in {html, text} else None,
        all_highlights=False,
        body=html or text,
        body_kind=BodyKind.HTML if html else BodyKind.TEXT if text else BodyKind.HTML,
    )


def _kept(item: _Item) -> tuple[Entry | None, list[str], str | None]:
    """The entry in our own extension of an item, the names of its unreadable fields, and the title of its group."""
    value = (item.own or {}).get("entry")
    group = (item.own or {}).get("group")
    title = fields.line(group) if isinstance(group, str) else None
    if not isinstance(value, dict):
        return None, [], title
    entry, lost = converted(own.cleaned(value), Entry)
    return own.entry_of(entry), lost, title


def _sharer(authors: list[_Author | None] | None, author: _Author | None) -> Sharer | None:
    """The first author with a name."""
    given = [each for each in [*(authors or []), author] if each]
    return next((found for each in given if (found := fields.sharer(each.name))), None)


def _next_page(feed: _Feed) -> str | None:
    """The address of the next, older page; None when there is none or it is that of the feed itself."""
    found = fields.address(feed.next_url)
    own_address = fields.address(feed.feed_url)
    return None if found is None or (own_address and found == own_address) else found


def _is_feed(value: Object) -> bool:
    return str(value.get("version", "")).partition(":")[2].startswith("//jsonfeed.org/version/")


FORMATS = (Format("a JSON Feed", read, is_object=_is_feed),)
