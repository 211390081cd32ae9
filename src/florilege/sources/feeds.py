"""RSS, Atom and RDF, through feedparser: the only room that knows it. Bytes in, never a name or an address.

feedparser's sanitiser and its resolving of links are off: they cost two thirds of the time and remove what we need.
What it was measured to do with odd input stands in tests/sources/test_feeds.py. Feeds of a service with a dialect of
its own are handed on.
"""

import calendar
import re
import time
import xml.sax
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import feedparser
import msgspec

from florilege.model import BodyKind, Entry, Sharer
from florilege.sources import (
    Snapshot,
    SourceError,
    diigo,
    diigo_blog,
    feed_manners,
    fields,
    hypothesis_feed,
    zotero_feed,
)
from florilege.sources.dates import read_date
from florilege.sources.document import Document
from florilege.sources.formats import Format
from florilege.sources.references import mended
from florilege.sources.roots import SNIFFED, Markup, root_of
from florilege.sources.stream import Start, events, looks_like_html
from florilege.text import clean, counted
from florilege.urls import scheme_of

_DIALECTS = (
    (hypothesis_feed.is_hypothesis, hypothesis_feed.from_feed),
    (zotero_feed.is_zotero, zotero_feed.from_feed),
    (diigo_blog.is_blog, diigo_blog.from_feed),
    (diigo.is_diigo, diigo.from_feed),
)
"""Feeds of services: whether it is one, and what becomes of its snapshot. A new dialect is a line here."""

_BUFFERED_READER = "florilege.sources.buffered_expat"
_OTHER_VOCABULARIES = ("http://search.yahoo.com/mrss", "http://www.itunes.com/")
"""Schemes of words that feedparser mixes into the tags and that nobody filed the item under."""
_COMMUNITY_AUTHOR = re.compile(r"[\w.-]+\.\w+ (?:by|via) (\S+)")
"""`example.org by ann`, as Lobsters writes its authors."""
_TAXONOMY = "http://purl.org/rss/1.0/modules/taxonomy/"
_ITEM_TAG = re.compile(rb"<(/?)(?:[\w.-]+:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)

_REL_TAG = re.compile(r"""\brel\s*=\s*["']?[^"'<>]*\btag\b""", re.IGNORECASE)
_FAULTS = (LookupError, ValueError, TypeError, AttributeError, OverflowError, AssertionError)
"""What feedparser was seen to raise, or may, on bytes that fuzzing damaged: for it promises nothing."""

_Fields = Mapping[str, Any]


def read(document: Document) -> Snapshot:
    """The snapshot of a feed.

    Raises:
        SourceError: Nothing in the document could be read as a feed. A feed without items is none such.
    """
    kind = _kind(document.text)
    parsed = parse(document.data)
    feed: _Fields = _get(parsed, "feed") or {}
    elements: list[_Fields] = _get(parsed, "entries") or []
    if not _get(parsed, "version") and not elements:
        raise SourceError(
            "This looks like a feed, but nothing in it could be read, so it may be damaged: get it again later."
        )
    warnings = [*document.warnings, *_oddities(parsed)]
    site = fields.address(_get(feed, "link"))
    site = site if scheme_of(site or "") in {"http", "https"} else None
    default = _sharer(feed) if kind == "atom" else None
    packed = kind == "rdf" and _TAXONOMY in (_get(parsed, "namespaces") or {}).values()
    base = site or feed_manners.own_address(feed)
    entries = [_entry(element, kind, base, default, packed_tags=packed) for element in elements]
    is_cut = bool(elements) and _is_cut(document.data)
    if is_cut:
        entries[-1] = msgspec.structs.replace(entries[-1], incomplete=True)
        warnings.append("The document breaks off: what came before was read. Add or refresh it again for the rest.")
    kept = [entry for entry in entries if entry.title or entry.url or entry.body]
    if len(kept) < len(entries):
        warnings.append(
            f"{counted(len(entries) - len(kept), 'entry', 'entries')} without title, link or text left out."
        )
    if not kept:
        warnings.append("The feed holds no items.")
    snapshot = Snapshot(
        kind=kind,
        title=_title(feed, kind) or None,
        site=site,
        entries=tuple(kept),
        warnings=tuple(map(clean, warnings)),
        refresh_after=feed_manners.refresh_after(feed),
        next_page=feed_manners.next_page(feed),
        cut=is_cut,
    )
    return next((rewrite(snapshot) for recognises, rewrite in _DIALECTS if recognises(snapshot)), snapshot)


def parse(data: bytes, *, buffered: bool = True) -> _Fields:
    """What feedparser makes of these bytes.

    Args:
        data: The bytes of a feed, not empty.
        buffered: Read with our reader, which is a third faster and gives the same.
    """
    if not buffered:
        return _parse(data)
    with _buffered_reader():
        return _parse(data)


def _parse(data: bytes) -> _Fields:
    try:
        result: _Fields = feedparser.parse(mended(data), sanitize_html=False, resolve_relative_uris=False)
    except _FAULTS as error:
        raise SourceError("This looks like a feed, but it is too damaged to be read: get it again later.") from error
    return result


@contextmanager
def _buffered_reader() -> Iterator[None]:
    """Have feedparser prefer our reader for a while.

    Its list of readers is no documented interface. When it is gone the standard reader is used; a test notices.
    """
    readers = getattr(feedparser.api, "PREFERRED_XML_PARSERS", None)
    if not isinstance(readers, list):
        yield
        return
    readers.insert(0, _BUFFERED_READER)
    try:
        yield
    finally:
        readers.remove(_BUFFERED_READER)


def _get(element: _Fields, key: str) -> Any:
    """A field, or None. feedparser's own `get` invents some fields from others, and warns."""
    return dict.get(element, key) if isinstance(element, dict) else None


def _entry(element: _Fields, kind: str, base: str | None, default: Sharer | None, *, packed_tags: bool) -> Entry:
    """One element of a feed as an entry."""
    url = fields.address(_link(element), base)
    body, body_kind, description = _texts(element)
    published, updated = _date(element, "published"), _date(element, "updated")
    written = _get(element, "published") or _get(element, "updated")
    if published is None and not _get(element, "published") and kind != "atom":
        # dc:date is the only date of RSS 1.0, and feedparser calls it an update.
        published, updated = updated, None
    discussion = fields.address(_discussion(element), base)
    return Entry(
        native_id=fields.line(_get(element, "id")),
        title=_title(element, kind),
        url=url,
        discussion_url=discussion if discussion != url else None,
        sharer=_sharer(element) or default,
        shared_at=published,
        updated_at=updated,
        date_text=None if published or updated else fields.line(written),
        tags=_tags(element, packed=packed_tags) or _tags_in(body if body_kind is BodyKind.HTML else None),
        description=description,
        all_highlights=False,
        body=body,
        body_kind=body_kind,
    )


def _title(element: _Fields, kind: str) -> str:
    """The title as a line of text. RSS does not say what it is written in, and feedparser's guess is too careful."""
    title: str = _get(element, "title") or ""
    is_html = _get(_get(element, "title_detail") or {}, "type") != "text/plain"
    return fields.title(title, is_html=is_html or (kind != "atom" and looks_like_html(title)))


def _link(element: _Fields) -> str | None:
    """The shared page. A guid stands in for a missing link only when it is a web address."""
    link: str | None = _get(element, "link")
    if _get(element, "guidislink") and link == _get(element, "id") and scheme_of(link or "") not in {"http", "https"}:
        return None
    return link


def _discussion(element: _Fields) -> str | None:
    """Where the item is talked about: the `comments` element, or the link of Atom with that meaning."""
    comments: str | None = _get(element, "comments")
    links: list[_Fields] = _get(element, "links") or []
    replies = (_get(link, "href") for link in links if _get(link, "rel") == "replies")
    return comments or next(replies, None)


def _texts(element: _Fields) -> tuple[str | None, BodyKind, str | None]:
    """The body with its kind, and the summary as a description when it says something else."""
    candidates: list[_Fields] = [each for each in _get(element, "content") or [] if _get(each, "value")]
    summary: _Fields = _get(element, "summary_detail") or {}
    has_content = bool(candidates)
    if not has_content and _get(summary, "value"):
        candidates = [summary]
    if not candidates:
        return None, BodyKind.HTML, None
    chosen = next((each for each in candidates if _is_html(each)), candidates[0])
    value = _get(chosen, "value")
    kind = BodyKind.HTML if _is_html(chosen) else BodyKind.TEXT
    remark = _get(summary, "value")
    if not has_content or not remark or remark == value:
        return fields.prose(value), kind, None
    text = fields.page_text(remark) if _is_html(summary) else fields.prose(remark)
    body_text = fields.page_text(value) if kind is BodyKind.HTML else fields.prose(value)
    return fields.prose(value), kind, text if text != body_text else None


def _is_html(detail: _Fields) -> bool:
    """Whether a text of feedparser's is HTML."""
    return _get(detail, "type") in {"text/html", "application/xhtml+xml"}


def _sharer(element: _Fields) -> Sharer | None:
    """Who shared it: a name rather than a mail address, the first author rather than the last."""
    authors: list[_Fields] = [each for each in _get(element, "authors") or [] if each]
    name = next((found for each in authors if (found := fields.line(_get(each, "name")))), None)
    if name and (community := _COMMUNITY_AUTHOR.fullmatch(name)):
        name = community[1]
    return fields.sharer(name or next((_get(each, "email") for each in authors), None))


def _tags(element: _Fields, *, packed: bool) -> tuple[str, ...]:
    """The tags of an entry, one each for an element; not split, since tags may hold spaces and commas.

    Only RSS 1.0 of bookmark services, which declare the taxonomy module, packs all tags in one `dc:subject`.
    """
    tags: list[_Fields] = _get(element, "tags") or []
    words = [
        _get(tag, "label") or _get(tag, "term")
        for tag in tags
        if not str(_get(tag, "scheme") or "").startswith(_OTHER_VOCABULARIES)
    ]
    if packed and len(words) == 1 and words[0]:
        words = words[0].split()
    return fields.tags(words)


def _tags_in(markup: str | None) -> tuple[str, ...]:
    """The tags that a body links to, each with `rel="tag"`. Source: microformats.org/wiki/rel-tag."""
    if not markup or not _REL_TAG.search(markup):
        return ()
    words: list[str] = []
    is_tag = False
    for event in events(markup):
        if isinstance(event, str):
            if is_tag:
                words[-1] += event
        elif event.tag == "a":
            is_tag = isinstance(event, Start) and "tag" in event.attributes.get("rel", "").lower().split()
            words.extend([""] * is_tag)
    return fields.tags(word.strip().removeprefix("#") for word in words)


def _date(element: _Fields, key: str) -> datetime | None:
    """A date with the offset it was written with; as feedparser reads it (in UTC) when we can't."""
    parsed = _get(element, f"{key}_parsed")
    otherwise = None
    if isinstance(parsed, time.struct_time):
        try:
            otherwise = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        except (ValueError, OverflowError, OSError):
            otherwise = None
    return read_date(_get(element, key), otherwise)


def _oddities(parsed: _Fields) -> list[str]:
    """What feedparser remarked, where it matters: an encoding that was put right does not."""
    error = _get(parsed, "bozo_exception")
    if not _get(parsed, "bozo") or isinstance(error, feedparser.exceptions.ThingsNobodyCaresAboutButMe):
        return []
    where = ""
    if isinstance(error, xml.sax.SAXParseException) and error.getLineNumber():
        where = f" (line {error.getLineNumber()}: {error.getMessage()})"
    return [f"The feed is not well-formed{where}; what could be read was read."]


def _is_cut(data: bytes) -> bool:
    """Whether the document ends inside an entry. Documents in UTF-16 are not looked at."""
    if b"\0" in data[:4] or _CLOSED.search(data, max(0, len(data) - 2000)):
        return False
    last = deque(_ITEM_TAG.finditer(data), maxlen=1)
    return bool(last) and not last[0][1]


_ROOTS = {"rss": "rss", "feed": "atom", "rdf": "rdf", "channel": "cdf"}
"""What a feed is called by its root element."""
_ROOT = re.compile(r"<(\?xml\s|rss[\s>]|feed[\s>]|(?:\w+:)?RDF[\s>])", re.IGNORECASE)


def _kind(text: str) -> str:
    """`rss`, `atom` or `rdf` (or `cdf`), by the root element."""
    return _ROOTS.get(root_of(text[_start(text) :]), "rss")


def _start(text: str) -> int:
    """Where the markup of a feed begins: 0, or after lines that do not belong to it."""
    match = _ROOT.search(text[:SNIFFED])
    return match.start() if match and text[0] != "<" else 0


def _is_feed(markup: Markup) -> bool:
    return markup.root in _ROOTS


FORMATS = (Format("a feed", read, is_markup=_is_feed, is_text=lambda text: _start(text) > 0),)
