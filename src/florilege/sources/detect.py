"""From bytes to a snapshot: recognises the format, and hands the document to the reader of that format.

A new format is one module and one line in `READERS`; `recognise` knows its name already. Pure: no I/O, no network.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from florilege.sources import (
    Snapshot,
    SourceError,
    delicious,
    diigo_csv,
    diigo_interact,
    diigo_json,
    diigo_page,
    feeds,
    hypothesis,
    instapaper,
    jsonfeed,
    karakeep,
    netscape,
    omnivore,
    opml,
    own,
    pinboard,
    pocket,
    raindrop,
    readwise,
    webannotation,
    zotero,
)
from florilege.sources.document import Broken, Document
from florilege.sources.markup import Start, events, html_to_text
from florilege.sources.recognise import Format, recognise
from florilege.text import clean_line
from florilege.urls import redact

Reader = Callable[[Document], Snapshot]

READERS: Mapping[Format, Reader] = MappingProxyType(
    {
        Format.OWN: own.read,
        Format.FEED: feeds.read,
        Format.DIIGO_JSON: diigo_json.read,
        Format.DIIGO_INTERACT: diigo_interact.read,
        Format.DIIGO_CSV: diigo_csv.read,
        Format.HYPOTHESIS: hypothesis.read,
        Format.HYPOTHESIS_SEARCH: hypothesis.read,
        Format.JSON_FEED: jsonfeed.read,
        Format.WEB_ANNOTATION: webannotation.read,
        Format.DIIGO_PAGE: diigo_page.read,
        Format.NETSCAPE: netscape.read,
        Format.ZOTERO: zotero.read,
        Format.RAINDROP: raindrop.read,
        Format.RAINDROP_CSV: raindrop.read_csv,
        Format.READWISE: readwise.read,
        Format.READWISE_CSV: readwise.read_csv,
        Format.PINBOARD: pinboard.read,
        Format.POCKET: pocket.read,
        Format.OMNIVORE: omnivore.read,
        Format.INSTAPAPER: instapaper.read,
        Format.KARAKEEP: karakeep.read,
        Format.LINKWARDEN: karakeep.read_linkwarden,
        Format.DELICIOUS: delicious.read,
        Format.OPML: opml.read,
    }
)
"""What can be read, and by what."""

_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
_PASSWORD = re.compile(r"""<input\b[^>]*\btype\s*=\s*["']?password""", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_SHOWN = 60
"""Characters of a foreign document shown in a message."""


def read(data: bytes) -> Snapshot:
    """What a document says, whatever its format, name and content type.

    Args:
        data: The bytes as they came, compressed with gzip or not.

    Raises:
        SourceError: It can't be read as a group: empty, too large, damaged, a web page, a format that is unknown or
            that florilege can't read yet.
    """
    document = Document(data)
    found = recognise(document)
    reader = READERS.get(found)
    if reader is None:
        raise SourceError(_refusal(found, document))
    return reader(document)


def _refusal(found: Format, document: Document) -> str:
    """The sentence about a document that no reader takes."""
    match found:
        case Format.HTML:
            return _about_page(document.text)
        case Format.EMPTY_JSON:
            return "This is an empty JSON list: it holds no items."
        case Format.BROKEN_JSON if isinstance(document.json, Broken):
            return document.json.sentence
        case Format.UNKNOWN:
            return f"This is in no format that florilege knows; it begins with “{_beginning(document.text)}”."
        case Format.OTHER_JSON | Format.OTHER_XML:
            return f"This is {found.value}, not one that florilege knows; it begins with “{_beginning(document.text)}”."
        case _:
            return f"This looks like {found.value}, which florilege can't read yet."


def _about_page(text: str) -> str:
    """The sentence about a web page that came instead of a feed, with the feed it advertises."""
    title = _TITLE.search(text)
    name = clean_line(html_to_text(title[1]))[:_SHOWN] if title else ""
    what = "a sign-in page" if _PASSWORD.search(text) else "a web page"
    sentence = f"This is {what}, not a feed{f' (“{name}”)' if name else ''}."
    feed = _advertised_feed(text)
    return f"{sentence} It names a feed, which you can add instead: {feed}" if feed else sentence


def _advertised_feed(text: str) -> str | None:
    """The address of the first feed that a web page names, as it may be shown; None when it names none."""
    for event in events(text[:200_000]):
        if isinstance(event, Start) and event.tag == "link":
            attributes = event.attributes
            is_feed = attributes.get("type", "").strip().lower() in _FEED_TYPES
            if is_feed and "alternate" in attributes.get("rel", "").lower().split() and attributes.get("href"):
                return redact(attributes["href"])[:200]
    return None


def _beginning(text: str) -> str:
    """The first characters of a document, fit to be shown."""
    beginning = clean_line(text[: 4 * _SHOWN])
    return beginning[:_SHOWN] + "…" if len(beginning) > _SHOWN else beginning
