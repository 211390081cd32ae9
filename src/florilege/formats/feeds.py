"""RSS, Atom and RDF, plain ones by `plain_feed`, others through feedparser. Bytes in, never a name or an address.

The only room that knows feedparser, which is loaded where something is in doubt: it takes as long as all else. Its
sanitiser and its resolving of links are off: they cost two thirds of the time and remove what we need.
What it was measured to do with odd input stands in tests/sources/test_feeds.py. Feeds of a service with a dialect of
its own are handed on.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from florilege import __version__
from florilege.formats import (
    Snapshot,
    SourceError,
    diigo,
    fields,
    hypothesis,
    plain_feed,
    zotero_feed,
)
from florilege.formats.document import Document
from florilege.formats.feed_elements import FeedElements, elements_of
from florilege.formats.feed_entries import (
    Fields,
    entry_of,
    field,
    is_shared,
    next_page,
    own_address,
    refresh_after,
    sharer_of,
    title_of,
)
from florilege.formats.recognise import SNIFFED, Format, Markup, root_of
from florilege.formats.stream import events
from florilege.model import Entry, Sharer
from florilege.text import clean, counted
from florilege.urls import scheme_of

_DIALECTS: tuple[tuple[Callable[[Snapshot], bool], Callable[[Snapshot], Snapshot]], ...] = (
    (hypothesis.is_hypothesis, hypothesis.from_feed),
    (zotero_feed.is_zotero, zotero_feed.from_feed),
    (diigo.is_blog, diigo.from_blog),
    (diigo.is_diigo, diigo.from_feed),
)
"""Feeds of services: whether it is one, and what becomes of its snapshot. A new dialect is a line here."""

_HAS_HIGHLIGHTS = "h"
"""How the digest of an entry with highlights ends."""
_BUFFERED_READER = "florilege.formats.xml_reading"
_TAXONOMY = "http://purl.org/rss/1.0/modules/taxonomy/"
_ITEM_TAG = re.compile(rb"<(/?)(?:[\w.-]+:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)

_LINK = re.compile(rb"<link>[^<]*+")
_FIRST_TAG = re.compile(rb"<\w")
_LONG_PROLOG = 2_000
"""Bytes before the root element; a declaration, a style sheet and a document type have hundreds."""

_FAULTS = (LookupError, ValueError, TypeError, AttributeError, OverflowError, AssertionError)
"""What feedparser was seen to raise, or may, on bytes that fuzzing damaged: for it promises nothing."""


def read(document: Document) -> Snapshot:
    """The snapshot of a feed.

    Raises:
        SourceError: Nothing in the document could be read as a feed. A feed without items is none such.
    """
    elements = elements_of(document.data) if document.known is not None else None
    frame = plain_feed.read(elements.feed()) if elements else None
    if elements and frame:
        snapshot = _read_new(document, elements, _context(frame, document))
        if snapshot is not None:
            return snapshot
    snapshot = _snapshot(document, plain_feed.read(document.data) or parse(document.data))
    if not snapshot.entries:
        snapshot = msgspec.structs.replace(snapshot, warnings=(*snapshot.warnings, "The feed holds no items."))
    rewrite = _dialect_of(snapshot)
    return rewrite(snapshot) if rewrite else snapshot


def _read_new(document: Document, elements: FeedElements, context: "_Context") -> Snapshot | None:
    """The snapshot of a plain feed, of which only the elements are read that are not known; their entries get digests.

    None where reading the rest alone, or one of it alone the next time, might say something else than reading all: the
    entries do not depend on the elements beside them only if each element became one entry, there was nothing to warn
    of, and the feed is in no dialect, which any one entry shows. That of Diigo depends on two things besides: the site,
    and whether any entry has highlights, which is why digests say that.
    """
    known = document.known or ()
    digests = elements.digests(msgspec.json.encode((__version__, context)))  # another reader may read it better
    met = [next((each for each in (digest, digest + _HAS_HIGHLIGHTS) if each in known), None) for digest in digests]
    new = [place for place, digest in enumerate(met) if digest is None]
    parsed = plain_feed.read(elements.feed(new))
    if parsed is None or _context(parsed, document)[:-1] != context[:-1]:
        return None
    snapshot = _snapshot(document, parsed)
    if len(snapshot.entries) != len(new) or len(snapshot.warnings) != len(document.warnings):
        return None
    rewrite = _dialect_of(snapshot)
    if rewrite is diigo.from_feed and diigo.is_at_diigo(snapshot):
        shows_highlights = any(digest.endswith(_HAS_HIGHLIGHTS) for digest in met if digest)
        snapshot = diigo.from_feed(snapshot, shows_highlights=shows_highlights)
        if not shows_highlights and not any(entry.highlights for entry in snapshot.entries):
            return None
    elif rewrite is not None:
        return None
    entries = [Entry(digest=digest) for digest in met]
    for place, entry in zip(new, snapshot.entries, strict=True):
        digest = digests[place] + (_HAS_HIGHLIGHTS if entry.highlights else "")
        entries[place] = msgspec.structs.replace(entry, digest=digest)
    return msgspec.structs.replace(snapshot, entries=tuple(entries))


class _Context(NamedTuple):
    """What an entry depends on, besides its element."""

    kind: str
    base: str | None
    """What relative addresses are resolved against, when the feed names something."""
    default: Sharer | None
    """Who shared what names nobody: the author of the feed, in Atom."""
    of_bookmarks: bool
    """Whether it is the feed of a service of bookmarks."""
    namespaces: dict[str, str]
    """By their prefixes."""


def _context(parsed: Fields, document: Document) -> _Context:
    feed: Fields = field(parsed, "feed") or {}
    kind = _kind(document.text)
    namespaces = field(parsed, "namespaces") or {}
    return _Context(
        kind,
        _site(feed) or own_address(feed),
        sharer_of(feed) if kind == "atom" else None,
        kind == "rdf" and _TAXONOMY in namespaces.values(),
        namespaces,
    )


def _site(feed: Fields) -> str | None:
    site = fields.address(field(feed, "link"))
    return site if scheme_of(site or "") in {"http", "https"} else None


def _dialect_of(snapshot: Snapshot) -> Callable[[Snapshot], Snapshot] | None:
    """What makes of a feed what the dialect of its service says; None when it is in none."""
    return next((rewrite for recognises, rewrite in _DIALECTS if recognises(snapshot)), None)


def _snapshot(document: Document, parsed: Fields) -> Snapshot:
    """What was parsed of a document, all or some of it, as a snapshot of a feed without a dialect."""
    feed: Fields = field(parsed, "feed") or {}
    elements: list[Fields] = field(parsed, "entries") or []
    if not field(parsed, "version") and not elements:
        raise SourceError(
            "This looks like a feed, but nothing in it could be read, so it may be damaged: get it again later."
        )
    warnings = [*document.warnings, *_oddities(parsed)]
    if unshared := len(elements) - len(elements := [element for element in elements if is_shared(element)]):
        left_out = counted(
            unshared, "draft, comment, attachment or setting", "drafts, comments, attachments and settings"
        )
        warnings.append(f"{left_out} left out, for nobody shared them as items.")
    kind, base, default, of_bookmarks, _ = _context(parsed, document)
    entries = [entry_of(element, kind, base, default, of_bookmarks=of_bookmarks) for element in elements]
    is_cut = bool(elements) and _is_cut(document.data)
    if is_cut:
        entries[-1] = msgspec.structs.replace(entries[-1], incomplete=True)
        warnings.append("The document breaks off: what came before was read. Add or refresh it again for the rest.")
    kept = [entry for entry in entries if entry.title or entry.url or entry.body]
    if len(kept) < len(entries):
        warnings.append(
            f"{counted(len(entries) - len(kept), 'entry', 'entries')} without title, link or text left out."
        )
    return Snapshot(
        kind=kind,
        title=title_of(feed, kind) or None,
        site=_site(feed),
        entries=tuple(kept),
        warnings=tuple(map(clean, warnings)),
        refresh_after=refresh_after(feed),
        next_page=next_page(feed),
        cut=is_cut,
    )


def parse(data: bytes, *, buffered: bool = True) -> Fields:
    """What feedparser makes of these bytes.

    Args:
        data: The bytes of a feed, not empty.
        buffered: Read with our reader, which is a third faster and gives the same.
    """
    if not buffered:
        return _parse(data)
    with _buffered_reader():
        return _parse(data)


def _parse(data: bytes) -> Fields:
    from xml.sax import SAXParseException

    import feedparser

    from florilege.formats.xml_reading import fix_char_refs, with_numbers, with_plain_ampersands

    data = _with_short_prolog(with_numbers(fix_char_refs(data)))
    try:
        result: Fields = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
        if isinstance(field(result, "bozo_exception"), SAXParseException):
            plain = _LINK.sub(_escaped_once, with_plain_ampersands(data))
            if plain != data:
                # Its parser for such feeds takes "R&D" for the entity D, and writes "R&D;",
                # and makes "&ampb" of "&amp;amp;b" in a link.
                again: Fields = feedparser.parse(plain, sanitize_html=False, resolve_relative_uris=False)
                faults = {name: field(result, name) for name in ("bozo", "bozo_exception")}
                result = {**again, **faults}
    except _FAULTS as error:
        raise SourceError("This looks like a feed, but it is too damaged to be read: get it again later.") from error
    return result


def _escaped_once(found: re.Match[bytes]) -> bytes:
    return found[0].replace(b"&amp;amp;", b"&amp;")


def _with_short_prolog(data: bytes) -> bytes:
    """The bytes with a short prolog: feedparser takes quadratic time for white space before the root."""
    root = _FIRST_TAG.search(data)
    if root is None or root.start() < _LONG_PROLOG:
        return data
    return b"\n".join(data[: root.start()].split()) + data[root.start() :]


@contextmanager
def _buffered_reader() -> Iterator[None]:
    """Have feedparser prefer our reader for a while.

    Its list of readers is no documented interface. When it is gone the standard reader is used; a test notices.
    """
    import feedparser

    readers = getattr(feedparser.api, "PREFERRED_XML_PARSERS", None)
    if not isinstance(readers, list):
        yield
        return
    readers.insert(0, _BUFFERED_READER)
    try:
        yield
    finally:
        readers.remove(_BUFFERED_READER)


def _oddities(parsed: Fields) -> list[str]:
    """What feedparser remarked, where it matters: an encoding that was put right does not."""
    error = field(parsed, "bozo_exception")
    if not field(parsed, "bozo"):
        return []
    from xml.sax import SAXParseException

    import feedparser

    if isinstance(error, feedparser.exceptions.ThingsNobodyCaresAboutButMe):
        return []
    where = ""
    if isinstance(error, SAXParseException) and error.getLineNumber():
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


_WRAPPED = re.compile(r"<((?:rss|feed|rdf:RDF)\s[^<>]{0,2000}?(?:version|xmlns)\s*+=)", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;(?:rss|feed|rdf:RDF)\s[^<>&]{0,2000}?(?:version|xmlns)\s*+=", re.IGNORECASE)


def _is_wrapped(markup: Markup) -> bool:
    """Whether a feed is inside a page of HTML, as browsers save the way they show feeds, its tags escaped or not."""
    return markup.is_html and bool(_WRAPPED.search(markup.text) or _ESCAPED.search(markup.text))


def _read_wrapped(document: Document) -> Snapshot:
    """The snapshot of a feed inside a page of HTML."""
    text = document.text
    if (begins := _WRAPPED.search(text)) is None:
        text = "".join(event for event in events(text) if isinstance(event, str))
        begins = _WRAPPED.search(text)
    root = begins[1].split(None, 1)[0] if begins else ""
    end = text.lower().rfind(f"</{root.lower()}>")
    inner = text[begins.start() if begins else 0 : end + len(root) + 3 if end >= 0 else len(text)]
    wrapped = Document(inner.encode("utf-8", "replace"))
    wrapped.warnings = [*document.warnings, "The feed is inside a web page: what is around it was left out."]
    return read(wrapped)


FORMATS = (
    Format("a feed", read, is_markup=_is_feed, is_text=lambda text: _start(text) > 0),
    Format("a feed in a web page", _read_wrapped, is_markup=_is_wrapped),
)
