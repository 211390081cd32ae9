"""What is said of a document that no reader takes: what it seems to be, and what to do. Pure; reads no format."""

import re
from urllib.parse import urljoin

from florilege.formats import SourceError
from florilege.formats.document import Broken, Document
from florilege.formats.markup import html_to_text
from florilege.formats.recognise import Unread
from florilege.formats.stream import Start, events
from florilege.formats.table import column_names
from florilege.text import clean_line
from florilege.urls import safe_to_open

_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
_PASSWORD = re.compile(r"""<input\b[^>]*\btype\s*=\s*["']?password""", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_NAME = re.compile(r"[\w -]{1,40}")
"""The name of a column."""
_SHOWN = 60
"""Characters of a foreign document shown in a message."""
_SEARCHED = 200_000
"""Characters of a page in which the address of a feed is looked for."""
_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"SQLite format 3\0", "a database (SQLite)"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a file compressed with bzip2"),
    (b"\xfd7zXZ", "a file compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "a file compressed with Zstandard"),
    (b"PK\x05\x06", "an empty ZIP archive"),
)
"""How files of other kinds begin, and what they are. Source: the magic of file(1)."""
_INSTEAD = "give the address of a feed, or an export of bookmarks or annotations"


def refusal(found: Unread, document: Document) -> SourceError:
    """The error about a document that no reader takes."""
    match found:
        case Unread.HTML:
            return _about_page(document.text)
        case Unread.EMPTY_JSON:
            return SourceError("This is an empty JSON list: if it should hold items, export it again.")
        case Unread.BROKEN_JSON if isinstance(document.json, Broken):
            return SourceError(document.json.sentence)
        case Unread.GZIP:
            return SourceError(f"This is {found.value}: unpack it once, then add what comes out.")
        case Unread.UNKNOWN if kind := _kind_of(document):
            return SourceError(f"This is {kind}, and florilege can't read it: {_INSTEAD}.")
        case Unread.UNKNOWN:
            shown = _beginning(document.text)
            return SourceError(f"This is in no format that florilege knows (it begins with “{shown}”): {_INSTEAD}.")
        case _:
            shown = _beginning(document.text)
            return SourceError(
                f"This is {found.value}, not one that florilege knows (it begins with “{shown}”): {_INSTEAD}."
            )


def _about_page(text: str) -> SourceError:
    """The error about a web page that came instead of a feed, with the feed it advertises."""
    title = _TITLE.search(text)
    name = clean_line(html_to_text(title[1]))[:_SHOWN] if title else ""
    is_for_members = bool(_PASSWORD.search(text))
    what = f"This is {'a sign-in page' if is_for_members else 'a web page'}{f' (“{name}”)' if name else ''}, not a feed"
    feed = _advertised_feed(text)
    if feed:
        return SourceError(what, feed=feed)
    if is_for_members:
        return SourceError(f"{what}: look for a public feed of the group, or for an export of it.")
    return SourceError(f"{what}: look on it for a link to its feed, often called RSS or Atom, and add that.")


def _advertised_feed(text: str) -> str | None:
    """The address of the first feed that a web page names, as far as the page says it; None when it names none."""
    feed = base = None
    for event in events(text[:_SEARCHED]):
        if not isinstance(event, Start) or event.tag not in {"link", "base"}:
            continue
        address = event.attributes.get("href", "").strip()
        relations = event.attributes.get("rel", "").lower().split()
        if event.tag == "base":
            base = base or safe_to_open(address)
        elif "alternate" in relations and event.attributes.get("type", "").strip().lower() in _FEED_TYPES:
            feed = feed or clean_line(address)
    try:
        return urljoin(base or "", feed) if feed else None
    except ValueError:
        return feed


def _kind_of(document: Document) -> str | None:
    """What a document that is no text of a format seems to be; None when that can't be told."""
    known = next((kind for magic, kind in _MAGIC if document.data.startswith(magic)), None)
    if known is not None:
        return known
    first, second, *_ = [*document.text[:_SEARCHED].splitlines(), "", ""]
    names, cells = column_names(first), column_names(second)
    if len(names) < 2 or len(cells) < len(names) or not all(map(_NAME.fullmatch, names)):
        return None
    return f"a table whose columns (“{clean_line(', '.join(names))[:_SHOWN]}”) are of no export known here"


def _beginning(text: str) -> str:
    """The first characters of a document, fit to be shown."""
    beginning = clean_line(text[: 4 * _SHOWN])
    return beginning[:_SHOWN] + "…" if len(beginning) > _SHOWN else beginning
