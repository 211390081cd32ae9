"""Detects the format of a document and reads it with that format's reader, giving a `Snapshot`.

A new format needs one module with its `FORMATS` and one line in `MODULES`. Each `Format` has tests that distinguish it
from others of the same syntax: JSON, markup, table, other text or archive. Detection uses the content only, because
file names and content types are unreliable. Pure: no I/O, no network.
"""

import re
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import islice
from typing import Any

from msgspec.structs import replace

from florilege.formats import Snapshot, SourceError, unsupported
from florilege.formats.collecting import only
from florilege.formats.document import SHOWN, Document
from florilege.formats.snapshots import bounded
from florilege.formats.table import column_names
from florilege.gc_paused import gc_paused
from florilege.text import clean_line, counted

SNIFFED = 20_000
"""Number of characters at the beginning of a document that are examined to detect its format."""

_SKIPPED = re.compile(r"\s*(<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>)", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_HTML_DOCTYPE = re.compile(r"<!DOCTYPE\s+(?:html|netscape-bookmark)", re.IGNORECASE)
_HTML_ROOTS = frozenset(
    {"html", "head", "body", "title", "meta", "link", "script", "style", "div", "p", "table", "h1", "h2", "dl"}
    | {"ul", "ol", "li", "main", "section", "article", "header", "nav", "form", "blockquote"}
    | {"a", "b", "br", "center", "font", "iframe", "img", "noscript", "pre", "span"}
)


class Markup:
    """A document that begins with a tag, as format tests see it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.beginning = text[:SNIFFED]
        """The first `SNIFFED` characters."""
        self.root = root_of(text)
        """The local name of the root element, in lower case; empty if there is none."""
        self.is_html = bool(_HTML_DOCTYPE.search(self.beginning)) or self.root in _HTML_ROOTS
        """Whether it is an HTML page or fragment."""


def root_of(text: str) -> str:
    """The local name, in lower case, of the first element of a text that begins with a tag; empty if there is none."""
    place = 0
    while match := _SKIPPED.match(text, place):
        place = match.end()
    root = _ROOT.match(text, place)
    return root[1].lower() if root else ""


Object = Mapping[str, object]
"""A JSON object."""


@dataclass(frozen=True)
class Format:
    """A format that can be read."""

    name: str
    """Its name for use in a sentence: `a Pinboard export`."""
    read: Callable[[Document], Snapshot]
    """Reads a document in this format; raises `SourceError`."""
    is_object: Callable[[Object], bool] | None = None
    """Tests a JSON document that is an object."""
    is_element: Callable[[Object], bool] | None = None
    """Tests a JSON document that is a list; called with one of its first objects."""
    is_table: Callable[[Collection[str]], bool] | None = None
    """Tests a table; called with its column names in lower case."""
    member: str | None = None
    """Regular expression for a file that identifies a ZIP archive of this format; matches its name without folders."""
    roots: frozenset[str] = frozenset()
    """Names of the root elements of its XML documents, in lower case; none for HTML pages."""
    is_markup: Callable[[Markup], bool] | None = None
    """Tests markup that has one of the `roots`, or an HTML page if there are none; without it, the root suffices."""
    is_text: Callable[[str], bool] | None = None
    """Tests any other text."""


def has(*keys: str) -> Callable[[Collection[str]], bool]:
    """A test for whether an object has all of these keys, or a table all of these columns."""
    return lambda value: all(key in value for key in keys)


def first_of(value: Object, key: str) -> Object:
    """The first object among the first elements of the list under `key`; empty if there is none."""
    items = value.get(key)
    return next((each for each in items[:5] if isinstance(each, dict)), {}) if isinstance(items, list) else {}


MODULES = {
    "own": "json",
    "jsonfeed": "json",
    "webannotation": "json",
    "hypothesis": "json page text",
    "read_later": "json page text zip",
    "services": "json posts en-export text",
    "zotero": "json text",
    "ebooks": "json",
    "feeds": "rss feed rdf channel page text",
    "browsers": "json page",
    "diigo_page": "page text",
    "kindle": "page text",
    "any_table": "json text",
    "subscriptions": "opml outline text",
}
"""The format modules and the kinds of document each reads: `json`, `text` (including tables), `zip`, `page` (HTML), or
names of root elements. Formats are tested in this order and the first match wins, so more specific ones come first."""


@cache
def formats_of(kind: str) -> tuple[Format, ...]:
    """The formats for a kind of document, in the order of `MODULES`. Imports their modules."""
    modules = (import_module(f"florilege.formats.{name}") for name, kinds in MODULES.items() if kind in kinds.split())
    return tuple(found for module in modules for found in module.FORMATS)


def read(data: bytes, known: Container[str] | None = None) -> Snapshot:
    """Read a document in any supported format.

    Args:
        data: The bytes as received, compressed with gzip or not.
        known: Digests of entries that need not be parsed again; in the snapshot, such an entry has nothing but its
            digest. If None, no entry gets a digest.

    Raises:
        SourceError: It can't be read as a group: empty, too large, damaged, a web page, an unknown format.
    """
    document = Document(data, known=known)
    return bounded(_read(document, recognise(document)))


def _read(document: Document, found: Format) -> Snapshot:
    """Read a single document in its format."""
    try:
        with gc_paused():
            snapshot = found.read(document)
    except Exception as error:
        error.add_note(f"reading {found.name}")
        raise
    return replace(snapshot, cut=True) if document.is_cut else snapshot


_VISIBLE = r"[^.].*"
"""Matches names of files that are not hidden."""


def _read_packed(document: Document) -> Snapshot:
    """The snapshot of all documents in an archive, each a part if there are several.

    A warning says how many files could not be read.

    Raises:
        SourceError: No file in it could be read.
    """
    found: list[Snapshot] = []
    left_out: list[str] = []
    for name, inner in document.members(_VISIBLE):
        shown = clean_line(name)[:SHOWN]
        try:
            inside = recognise(inner)
            snapshot = _read(inner, inside) if inside is not _ARCHIVE else None
        except SourceError:
            snapshot = None
        if snapshot is None:
            left_out.append(shown)
        else:
            found.append(snapshot if snapshot.title else replace(snapshot, title=shown or None))
    if not found:
        raise SourceError(
            "This is a ZIP archive, but no file in it is in a format that florilege knows: give the address of a "
            "feed, or an export of bookmarks or annotations."
        )
    if left_out:
        files = counted(len(left_out), "file")
        document.warnings.append(f"{files} in the archive could not be read and was left out (“{left_out[0]}” first).")
    return _together(found, tuple(document.warnings))


_ARCHIVE = Format("a ZIP archive", _read_packed)
"""Archives of no known service, which are not opened inside another archive."""


def _together(found: list[Snapshot], warnings: tuple[str, ...]) -> Snapshot:
    """Combine the snapshots of several documents into one; a single one only gets the warnings added."""
    if len(found) == 1:
        return replace(found[0], warnings=(*warnings, *found[0].warnings))
    return Snapshot(
        kind=only(each.kind for each in found) or "zip",
        title=only(each.title for each in found),
        identity=only(each.identity for each in found),
        entries=tuple(entry for each in found for entry in each.entries),
        warnings=(*warnings, *(warning for each in found for warning in each.warnings)),
        older=any(each.older for each in found),
        cut=any(each.cut for each in found),
        parts=tuple(part for each in found if each.entries for part in (each.parts or (replace(each, warnings=()),))),
        subscriptions=tuple(subscription for each in found for subscription in each.subscriptions),
    )


_JSON = re.compile(r"\[\s*+(?:[\[{\"\]0-9-]|true|false|null)|\{\s*+[\"}]")
"""Matches the beginning of JSON, but not of page templates, lists of Markdown links or configuration files."""
_TAIL = 20_000
"""Number of characters at the end of an XML document in which the end of its root element must be found.

Free hosts append scripts and counters to it."""
_PREAMBLE = 10
"""Maximum number of lines examined for the header row of a table."""
_ASKED = 5
"""Number of elements of a list that are tested, as the first ones may be unusual."""
_WRAPPERS = 2
"""Maximum number of objects around a list of items."""
_KEYS = 20
"""Maximum number of keys of such an object that are examined."""


def recognise(document: Document) -> Format:
    """The first format that matches a document.

    Raises:
        SourceError: No format matches; the text says what the document seems to be and what to do about it.
    """
    data, text = document.data, document.text
    if data.startswith(b"PK\x03\x04"):
        return _inside_zip(document)
    if data.startswith(b"\x1f\x8b"):
        raise SourceError(
            "This is a compressed file inside a compressed file: unpack it once, then add what comes out."
        )
    if _JSON.match(text):
        return _json_format(document)
    if text[0] == "<":
        return _markup_format(document)
    found = _text_format(document)
    if found is None:
        raise unsupported.refusal(document)
    return found


def _markup_format(document: Document) -> Format:
    """The format of a document that begins with a tag. XML without the end of its root element is marked as cut."""
    markup = Markup(document.text)
    fitting = [each for each in formats_of(markup.root) if markup.root in each.roots]
    end = "(?:rss|channel)" if markup.root == "rss" else markup.root
    ends = rf"</(?:[\w.-]+:)?{end}\s*>|<(?:[\w.-]+:)?{end}\s[^<>]*/>\s*\Z"
    if fitting and not re.search(ends, markup.text[-_TAIL:], re.IGNORECASE):
        document.is_cut = True
        document.warnings.append(
            "The document breaks off: what came before was read. Add or refresh it again for the rest."
        )
    if markup.is_html:
        fitting += [each for each in formats_of("page") if not each.roots and each.is_markup]
    for each in fitting:
        if each.is_markup is None or each.is_markup(markup):
            return each
    raise unsupported.page(markup.text) if markup.is_html else unsupported.refusal(document, "an XML document")


def _text_format(document: Document) -> Format | None:
    """The format of plain text or a table, if known. Lines before the header row of a table are removed."""
    formats = formats_of("text")
    text = document.text
    if found := _table_format(text) or next((each for each in formats if each.is_text and each.is_text(text)), None):
        return found
    lines = text[:SNIFFED].splitlines(keepends=True)[:_PREAMBLE]
    for number in range(1, len(lines)):
        begins = sum(map(len, lines[:number]))
        if found := _table_format(text[begins : begins + SNIFFED]):
            document.text = text[begins:]
            document.warnings.append(f"{counted(number, 'line')} before the names of the columns left out.")
            return found
    return None


def _table_format(text: str) -> Format | None:
    names = column_names(text)
    return next((each for each in formats_of("text") if each.is_table and each.is_table(names)), None)


def _inside_zip(document: Document) -> Format:
    """The format of a ZIP archive, recognised by the names of its files."""
    try:
        names = [name.rpartition("/")[2] for name in document.archive.namelist()]
    except SourceError:
        return _ARCHIVE
    fitting = (each for each in formats_of("zip") if each.member)
    return next((each for each in fitting if any(re.fullmatch(each.member or "", name) for name in names)), _ARCHIVE)


def _json_format(document: Document) -> Format:
    """The format of a JSON document, or of a text that merely begins like one."""
    try:
        value = document.outline
    except SourceError:
        if found := _text_format(document):
            return found
        raise
    if value == []:
        raise SourceError("This is an empty JSON list: if it should hold items, export it again.")
    *specific, general = formats_of("json")
    for known in (specific, [general]):
        for path, inner in _inside(value):
            found = None
            if isinstance(inner, dict):
                found = next((each for each in known if each.is_object and each.is_object(inner)), None)
            is_single = found is None and isinstance(inner, dict) and not path  # the only line of a file of JSON lines
            items = [inner] if is_single else inner
            found = found or (_list_format(items, known) if isinstance(items, list) else None)
            if found:
                if path or is_single:
                    whole: Any = document.json
                    for key in path:
                        whole = whole[key]
                    document.replace([whole] if is_single else whole)
                return found
    raise unsupported.refusal(document, "a JSON document")


def _inside(value: object, depth: int = _WRAPPERS) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield a JSON value and those inside it, each with its path of keys: APIs put what they list into objects."""
    yield (), value
    if isinstance(value, dict) and depth:
        for key, inner in islice(value.items(), _KEYS):
            yield from (((key, *path), each) for path, each in _inside(inner, depth - 1))


def _list_format(items: Sequence[object], known: Sequence[Format]) -> Format | None:
    """The format of a JSON list, if known."""
    given = [item for item in items[:_ASKED] if isinstance(item, dict)]
    return next((each for item in given for each in known if each.is_element and each.is_element(item)), None)
