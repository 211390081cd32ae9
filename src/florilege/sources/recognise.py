"""Which format a document is in; the order of the questions matters. Pure; looks only at what tells formats apart.

Every format known to exist is named here, also those florilege can't read yet, so that a refusal says what it refuses.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from florilege.sources.diigo_links import page_text
from florilege.sources.document import Broken, Document
from florilege.sources.markup import events
from florilege.sources.table import cells
from florilege.urls import scheme_of


class Format(Enum):
    """A format, and the words for it in a sentence: "This looks like ..."."""

    OWN = "an export of florilege"
    FEED = "a feed"
    DIIGO_JSON = "Diigo bookmarks as JSON (API v2)"
    DIIGO_INTERACT = "an answer of Diigo's interact API"
    DIIGO_CSV = "a Diigo CSV export"
    DIIGO_PAGE = "a Diigo group page saved as text"
    HYPOTHESIS = "a Hypothes.is export"
    HYPOTHESIS_SEARCH = "a Hypothes.is search answer"
    JSON_FEED = "a JSON Feed"
    WEB_ANNOTATION = "a W3C Web Annotation document"
    RAINDROP = "a Raindrop answer"
    RAINDROP_CSV = "a Raindrop CSV export"
    READWISE = "a Readwise export"
    READWISE_CSV = "a Readwise Reader CSV export"
    KARAKEEP = "a Karakeep export"
    LINKWARDEN = "a Linkwarden export"
    PINBOARD = "a Pinboard export"
    POCKET = "a Pocket export"
    INSTAPAPER = "an Instapaper export"
    OMNIVORE = "an Omnivore export"
    ZOTERO = "a Zotero library"
    DELICIOUS = "a Delicious export"
    NETSCAPE = "a Netscape bookmark file"
    OPML = "an OPML subscription list"
    FOAF = "a list of feeds in RDF (FOAF)"
    HTML = "a web page"
    ZIP = "a ZIP archive"
    GZIP = "a compressed file inside a compressed file"
    OTHER_XML = "an XML document of another kind"
    OTHER_JSON = "a JSON document of another kind"
    EMPTY_JSON = "an empty JSON list"
    BROKEN_JSON = "JSON that is broken"
    UNKNOWN = "something unknown"


_SKIPPED = re.compile(r"\s*(<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>)", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_FEED_ROOT = re.compile(r"<(\?xml\s|rss[\s>]|feed[\s>]|(?:\w+:)?RDF[\s>])", re.IGNORECASE)
_NETSCAPE = re.compile(r"<!DOCTYPE\s+NETSCAPE-Bookmark-file", re.IGNORECASE)
_NETSCAPE_BODY = re.compile(r"<DT>\s*<A\s[^<>]*\bHREF", re.IGNORECASE)
_HTML_DOCTYPE = re.compile(r"<!DOCTYPE\s+html", re.IGNORECASE)
_HTML_ROOTS = frozenset(
    {"html", "head", "body", "title", "meta", "link", "script", "style", "div", "p", "table", "h1", "h2"}
)
_FEED_ROOTS = {"rss": "rss", "feed": "atom", "rdf": "rdf", "channel": "cdf"}
_FOAF = re.compile(r"<foaf:(?:Agent|Group|Person|Document)\b")
_ITEM = re.compile(r"<(?:\w+:)?item\b")
_BREADCRUMB = re.compile(r"^Home/ [^\n]+/ Group items\b", re.MULTILINE)
_VIEWS = re.compile(r"^(?:Home/ |(?![\s•]).* - \d+ views?\s*$)", re.MULTILINE)
_CSV_HEADERS = {
    "title,url,tags,description,comments,annotations,created_at": Format.DIIGO_CSV,
    "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite": Format.RAINDROP_CSV,
    "title,url,id,document tags,saved date,reading progress,location,seen": Format.READWISE_CSV,
    "url,title,selection,folder": Format.INSTAPAPER,
    "title,url,time_added,": Format.POCKET,
}
_DIIGO_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_SNIFFED = 20_000
"""Characters looked at to tell formats apart; the JSON value is looked at whole."""


def recognise(document: Document) -> Format:
    """The format of a document."""
    data, text = document.data, document.text
    if data.startswith(b"PK\x03\x04"):
        return _inside_zip(data)
    if data.startswith(b"\x1f\x8b"):
        return Format.GZIP
    if text[0] in "{[":
        found = _json_format(document.outline)
        return _text_format(text) or found if found is Format.BROKEN_JSON else found
    if text[0] == "<":
        return _markup_format(text)
    return _text_format(text) or Format.UNKNOWN


def feed_kind(document: Document) -> str:
    """`rss`, `atom` or `rdf` (or `cdf`), by the root element."""
    return _FEED_ROOTS.get(_root(document.text[_feed_start(document.text) :]), "rss")


def _feed_start(text: str) -> int:
    """Where the markup of a feed begins: 0, or after lines that do not belong to it."""
    match = _FEED_ROOT.search(text[:_SNIFFED])
    return match.start() if match and text[0] != "<" else 0


def _root(text: str) -> str:
    """The local name of the first element, in lower case; empty when there is none."""
    place = 0
    while match := _SKIPPED.match(text, place):
        place = match.end()
    root = _ROOT.match(text, place)
    return root[1].lower() if root else ""


def _markup_format(text: str) -> Format:
    """The format of something that begins with a tag."""
    beginning = text[:_SNIFFED]
    if _NETSCAPE.search(beginning):
        return Format.NETSCAPE
    root = _root(text)
    if root == "opml":
        return Format.OPML
    if root == "rdf" and _FOAF.search(beginning) and not _ITEM.search(text):
        return Format.FOAF
    if root in _FEED_ROOTS:
        return Format.FEED
    if _HTML_DOCTYPE.search(beginning) or root in _HTML_ROOTS or root == "dl":
        if _NETSCAPE_BODY.search(beginning):
            return Format.NETSCAPE
        is_page = "diigo" in text.lower() and _is_group_page(page_text(events(text)))
        return Format.DIIGO_PAGE if is_page else Format.HTML
    return Format.OTHER_XML


def _is_group_page(text: str) -> bool:
    """Whether a text has the breadcrumb of a group page, or titles with their views, and highlights."""
    return bool(_BREADCRUMB.search(text[:_SNIFFED])) or ("•" in text and bool(_VIEWS.search(text[:_SNIFFED])))


def _text_format(text: str) -> Format | None:
    """The format of plain text; None when it is none we know."""
    first, *_ = text[:_SNIFFED].splitlines()
    header = first.strip().replace('"', "").lower()
    for known, found in _CSV_HEADERS.items():
        if header.startswith(known):
            return found
    if text.startswith('"') and any(map(_is_diigo_row, cells(text[: 10 * _SNIFFED], [], rows=3))):
        return Format.DIIGO_CSV
    if _is_group_page(text):
        return Format.DIIGO_PAGE
    return Format.FEED if _feed_start(text) else None


def _is_diigo_row(row: Sequence[str]) -> bool:
    """Whether these are the cells of a bookmark in an export that lost the names of its columns."""
    return len(row) == 7 and bool(scheme_of(row[1])) and bool(_DIIGO_DATE.fullmatch(row[6].strip()))


def _inside_zip(data: bytes) -> Format:
    """What a ZIP archive holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return Format.ZIP
    if any(re.search(r"(^|/)metadata_\d+_to_\d+\.json$", name) for name in names):
        return Format.OMNIVORE
    return Format.POCKET if any(re.search(r"(^|/)part_\d+\.csv$", name) for name in names) else Format.ZIP


_Object = Mapping[str, object]


def _json_format(value: object) -> Format:
    """The format of a JSON value."""
    if isinstance(value, Broken):
        return Format.BROKEN_JSON
    if isinstance(value, dict):
        return next((found for found, tells in _OBJECTS if tells(value)), Format.OTHER_JSON)
    if not isinstance(value, list):
        return Format.OTHER_JSON
    if not value:
        return Format.EMPTY_JSON
    items = [item for item in value[:5] if isinstance(item, dict)]
    return next((found for item in items for found, tells in _ARRAYS if tells(item)), Format.OTHER_JSON)


def _has(*keys: str) -> Callable[[_Object], bool]:
    """A test for keys that are all there."""
    return lambda value: all(key in value for key in keys)


def _first_item(value: _Object, key: str) -> _Object:
    """The first object in a list of an object; empty when there is none."""
    items = value.get(key)
    first = items[0] if isinstance(items, list) and items else None
    return first if isinstance(first, dict) else {}


def _is_annotation(value: _Object) -> bool:
    kinds = value.get("type")
    names = kinds if isinstance(kinds, list) else [kinds]
    known = {"Annotation", "AnnotationPage", "AnnotationCollection"}
    return "anno.jsonld" in str(value.get("@context", "")) or any(isinstance(n, str) and n in known for n in names)


def _is_interact(value: _Object) -> bool:
    first = _first_item(value, "items")
    return "items" in value and any(
        ("unread_total" in value, "rss_link" in value, "u_name" in first, "link_id" in first),
    )


def _is_hypothesis(value: _Object) -> bool:
    return "target" in value and str(value.get("user", "")).startswith("acct:")


def _is_raindrop(value: _Object) -> bool:
    first = _first_item(value, "items")
    return ("link" in first and "_id" in first) or "raindropRef" in first


def _is_diigo(value: _Object) -> bool:
    return "url" in value and any(key in value for key in ("desc", "readlater", "annotations"))


_OBJECTS: tuple[tuple[Format, Callable[[_Object], bool]], ...] = (
    (Format.OWN, lambda value: value.get("florilege") == "library"),
    (Format.JSON_FEED, lambda value: str(value.get("version", "")).startswith("https://jsonfeed.org/version/")),
    (Format.WEB_ANNOTATION, _is_annotation),
    (Format.HYPOTHESIS, lambda value: isinstance(value.get("annotations"), list) and "url" not in value),
    (Format.HYPOTHESIS_SEARCH, _has("rows", "total")),
    (Format.HYPOTHESIS, _is_hypothesis),
    (Format.DIIGO_INTERACT, _is_interact),
    (Format.RAINDROP, _is_raindrop),
    (Format.READWISE, lambda value: "nextPageCursor" in value or "user_book_id" in _first_item(value, "results")),
    (Format.KARAKEEP, _has("bookmarks")),
    (Format.LINKWARDEN, _has("collections")),
)
_ARRAYS: tuple[tuple[Format, Callable[[_Object], bool]], ...] = (
    (Format.PINBOARD, _has("href", "description")),
    (Format.DIIGO_JSON, _is_diigo),
    (Format.POCKET, lambda value: "quote" in _first_item(value, "highlights")),
    (Format.OMNIVORE, _has("slug", "savedAt")),
    (Format.ZOTERO, lambda value: isinstance(data := value.get("data"), dict) and "itemType" in data),
    (Format.HYPOTHESIS, _is_hypothesis),
    (Format.WEB_ANNOTATION, _has("target")),
    (Format.DELICIOUS, _has("url", "created", "owner")),
)
