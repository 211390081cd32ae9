"""RSS, Atom and RDF feeds: plain ones are read by `plain_feed`, others by `odd_feed`. Needs only the bytes.

If some items of a feed are already known, only the others are parsed, in a smaller feed made of them. This requires
that the elements of the items are balanced and have at most white space between them, and that what is around them is
a feed by itself. Feeds in a service's own dialect are passed on to its module.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from florilege import __version__
from florilege.formats import Snapshot, SourceError, diigo, fields, odd_feed, plain_feed
from florilege.formats.detect import SNIFFED, Format, Markup, root_of
from florilege.formats.document import Document
from florilege.formats.feed_entries import (
    Context,
    Fields,
    entry_of,
    is_shared,
    linked,
    refresh_after,
    sharer_of,
    title_of,
)
from florilege.formats.markup import events
from florilege.model import Entry
from florilege.text import clean, counted
from florilege.urls import safe_to_open, scheme_of

_HAS_HIGHLIGHTS = "h"
"""Suffix of the digest of an entry with highlights."""
_OLDER = ("next", "prev-archive")
"""Link relations for older entries, in paged and in archived feeds. Source: RFC 5005, sections 3 and 4."""
_TAXONOMY = "http://purl.org/rss/1.0/modules/taxonomy/"
_BOOKMARKS = re.compile(r"https?://(?:\w+\.)?(?:delicious\.com|del\.icio\.us|pinboard\.in)(?:/|$)", re.IGNORECASE)
"""Sites of bookmark services, whose feeds describe pages in the words of the sharer."""
_BEGINS = re.compile(rb"<(?:item|entry)[\s>]")
_ELEMENT = re.compile(
    rb"<(item|entry)[\s>]"
    rb"(?:[^<]++|<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+\]\]>|<(?!/?(?:item|entry)[\s/>]|[!?]))*+"
    rb"</\1\s*+>\s*+"
)
"""An element without comments, processing instructions and nested `item` or `entry` elements. In well-formed XML, the
pattern matches exactly the element: attributes never contain `<`, and end tags inside CDATA are skipped."""
_END = re.compile(
    rb"(?:</channel\s*+>\s*+)?</(?:rss|feed|rdf:RDF)\s*+>\s*+(?:<!--(?:[^-]++|-(?!->))*+-->\s*+)*+", re.IGNORECASE
)
_DIGEST = 8
"""Size of a hash in bytes: enough to tell the items of one group apart."""
_ITEM_TAG = re.compile(rb"<(/?)(?:[\w.-]+:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)


class FeedElements(NamedTuple):
    """A feed split into the elements of its items and what surrounds them."""

    before: bytes
    elements: tuple[bytes, ...]
    """The elements of its items, in document order."""
    after: bytes

    def feed(self, places: Iterable[int] = ()) -> bytes:
        """The feed with only the elements at these indices."""
        return b"".join((self.before, *(self.elements[place] for place in places), self.after))


def elements_of(data: bytes) -> FeedElements | None:
    """Split a feed into its elements; None if its structure does not allow it: see `FeedElements` and `_ELEMENT`."""
    if (begins := _BEGINS.search(data)) is None:
        return None
    elements = []
    place = begins.start()
    while found := _ELEMENT.match(data, place):
        elements.append(found[0].rstrip())
        place = found.end()
    after = data[place:]
    return FeedElements(data[: begins.start()], tuple(elements), after) if _END.fullmatch(after) else None


def read(document: Document) -> Snapshot:
    """The snapshot of a feed.

    Raises:
        SourceError: Nothing in the document could be read as a feed. An empty feed does not raise it.
    """
    elements = elements_of(document.data) if document.known is not None else None
    frame = plain_feed.read(elements.feed()) if elements else None
    if elements and frame:
        snapshot = _read_new(document, elements, _context(frame, document))
        if snapshot is not None:
            return snapshot
    snapshot = _snapshot(document, plain_feed.read(document.data) or odd_feed.read(document.data))
    if not snapshot.entries:
        snapshot = replace(snapshot, warnings=(*snapshot.warnings, "The feed holds no items."))
    rewrite = _dialect_of(snapshot)
    return rewrite(snapshot) if rewrite else snapshot


def _read_new(document: Document, elements: FeedElements, context: Context) -> Snapshot | None:
    """The snapshot of a plain feed in which only unknown elements are parsed; all entries get digests.

    None if the result might differ from that of parsing everything, now or when these elements are known the next time.
    Entries are independent of each other only if each element became one entry, there were no warnings, and the feed is
    in no dialect, which any single entry would show. Diigo's dialect is supported: it depends only on the site and on
    whether any entry has highlights, which the digests therefore record.
    """
    known = document.known or ()
    version = msgspec.json.encode((__version__, context))  # other versions may read it differently
    digests = [hashlib.blake2b(version + each, digest_size=_DIGEST).hexdigest() for each in elements.elements]
    met = [next((each for each in (digest, digest + _HAS_HIGHLIGHTS) if each in known), None) for digest in digests]
    new = [place for place, digest in enumerate(met) if digest is None]
    parsed = plain_feed.read(elements.feed(new))
    if parsed is None or replace(_context(parsed, document), namespaces={}) != replace(context, namespaces={}):
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
        entries[place] = replace(entry, digest=digest)
    return replace(snapshot, entries=tuple(entries))


def _context(parsed: Fields, document: Document) -> Context:
    feed: Fields = parsed["feed"]
    kind = _ROOTS.get(root_of(document.text[_start(document.text) :]), "rss")
    return Context(
        kind=kind,
        base=_site(feed) or next(filter(safe_to_open, linked(feed, "self")), None),
        default=sharer_of(feed) if kind == "atom" else None,
        of_bookmarks=(kind == "rdf" and _TAXONOMY in parsed["namespaces"].values())
        or bool(_BOOKMARKS.match(_site(feed) or "")),
        namespaces=parsed["namespaces"],
    )


def _site(feed: Fields) -> str | None:
    site = fields.address(feed.get("link"))
    return site if scheme_of(site or "") in {"http", "https"} else None


def _dialect_of(snapshot: Snapshot) -> Callable[[Snapshot], Snapshot] | None:
    """The function that interprets a feed in the dialect of its service; None if it is in no dialect."""
    ids = " ".join(entry.native_id or "" for entry in snapshot.entries)
    if "hypothes.is" in ids:
        from florilege.formats import hypothesis

        if hypothesis.is_hypothesis(snapshot):
            return hypothesis.from_feed
    if "zotero.org" in ids:
        from florilege.formats import zotero

        if zotero.is_zotero(snapshot):
            return zotero.from_feed
    if diigo.is_blog(snapshot):
        return diigo.from_blog
    return diigo.from_feed if diigo.is_diigo(snapshot) else None


def _snapshot(document: Document, parsed: Fields) -> Snapshot:
    """The snapshot of a parsed feed, or of a part of it, without regard to dialects.

    Raises:
        SourceError: Nothing in it could be read.
    """
    feed: Fields = parsed["feed"]
    elements: list[Fields] = parsed["entries"]
    if not parsed["version"] and not elements:
        raise SourceError(
            "This looks like a feed, but nothing in it could be read, so it may be damaged: get it again later."
        )
    warnings = list(document.warnings)
    if (fault := parsed.get("fault")) is not None and not document.is_cut:
        warnings.append(f"The feed is not well-formed{fault}; what could be read was read.")
    if elements and document.is_cut:
        # A truncated last entry is left out: what is left of its id, link or title might be taken for another one.
        last = max(_ITEM_TAG.finditer(document.data), key=re.Match.start, default=None)
        elements = elements[:-1] if last and not last[1] else elements
    if unshared := len(elements) - len(elements := [element for element in elements if is_shared(element)]):
        left_out = counted(
            unshared, "draft, comment, attachment or setting", "drafts, comments, attachments and settings"
        )
        warnings.append(f"{left_out} left out, because they were not shared as items.")
    context = _context(parsed, document)
    entries = [entry_of(element, context) for element in elements]
    kept = [entry for entry in entries if entry.title or entry.url or entry.body]
    if len(kept) < len(entries):
        warnings.append(
            f"{counted(len(entries) - len(kept), 'entry', 'entries')} without title, link or text left out."
        )
    return Snapshot(
        kind=context.kind,
        title=title_of(feed, context.kind) or None,
        site=_site(feed),
        entries=tuple(kept),
        warnings=tuple(map(clean, warnings)),
        refresh_after=refresh_after(feed),
        next_page=next(filter(None, linked(feed, *_OLDER)), None),
    )


_ROOTS = {"rss": "rss", "feed": "atom", "rdf": "rdf", "channel": "cdf"}
"""Kinds of feed by root element."""
_ROOT = re.compile(r"<(\?xml\s|rss[\s>]|feed[\s>]|(?:\w+:)?RDF[\s>])", re.IGNORECASE)


def _start(text: str) -> int:
    """The offset at which the markup of a feed begins, after any text that does not belong to it."""
    match = _ROOT.search(text[:SNIFFED])
    return match.start() if match and text[0] != "<" else 0


_WRAPPED = re.compile(r"<((?:rss|feed|rdf:RDF)\s[^<>]{0,2000}?(?:version|xmlns)\s*+=)", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;(?:rss|feed|rdf:RDF)\s[^<>&]{0,2000}?(?:version|xmlns)\s*+=", re.IGNORECASE)


def _is_wrapped(markup: Markup) -> bool:
    """Whether an HTML page contains a feed, with its tags escaped or not, like feeds that were saved from a browser."""
    return bool(_WRAPPED.search(markup.text) or _ESCAPED.search(markup.text))


def _read_wrapped(document: Document) -> Snapshot:
    """The snapshot of a feed inside an HTML page."""
    text = document.text
    if (begins := _WRAPPED.search(text)) is None:
        text = "".join(event for event in events(text) if isinstance(event, str))
        begins = _WRAPPED.search(text)
    root = begins[1].split(None, 1)[0] if begins else ""
    end = text.lower().rfind(f"</{root.lower()}>")
    inner = text[begins.start() if begins else 0 : end + len(root) + 3 if end >= 0 else len(text)]
    wrapped = Document(inner.encode("utf-8", "replace"))
    wrapped.is_cut = document.is_cut = end < 0
    wrapped.warnings = [*document.warnings, "The feed is inside a web page: what is around it was left out."]
    return read(wrapped)


FORMATS = (
    Format(
        "a feed",
        read,
        roots=frozenset(_ROOTS),
        is_markup=lambda markup: "http://www.zotero.org/namespaces/export#" not in markup.beginning,
        is_text=lambda text: _start(text) > 0,
    ),
    Format("a feed in a web page", _read_wrapped, is_markup=_is_wrapped),
)
