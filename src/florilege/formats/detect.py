"""From bytes to a snapshot: finds which format a document is in, and hands it to the reader of that format.

A new format is one module with its `FORMATS`, and one line in `MODULES`. Each `Format` says what tells it from the
others, by the kind of thing it is: JSON, markup, a table or other text, an archive. All is told by the bytes, for names
of files and content types lie. Pure: no I/O, no network.
"""

import io
import re
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module

from msgspec.structs import replace

from florilege.formats import Snapshot, SourceError, unsupported
from florilege.formats.document import Document
from florilege.formats.snapshots import bounded
from florilege.formats.table import column_names
from florilege.gc_paused import gc_paused
from florilege.text import counted

SNIFFED = 20_000
"""Characters looked at to tell formats apart."""

_SKIPPED = re.compile(r"\s*(<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>)", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_HTML_DOCTYPE = re.compile(r"<!DOCTYPE\s+(?:html|netscape-bookmark)", re.IGNORECASE)
_HTML_ROOTS = frozenset(
    {"html", "head", "body", "title", "meta", "link", "script", "style", "div", "p", "table", "h1", "h2", "dl"}
    | {"a", "b", "br", "center", "font", "iframe", "img", "noscript", "pre", "span"}
)


class Markup:
    """A document that begins with a tag, as far as it is looked at.

    Args:
        text: All of it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.beginning = text[:SNIFFED]
        """Its first characters."""

    @cached_property
    def root(self) -> str:
        """The local name of its first element, in lower case; empty when there is none."""
        return root_of(self.text)

    @cached_property
    def is_html(self) -> bool:
        """Whether it is a page of HTML, or a piece of one."""
        return bool(_HTML_DOCTYPE.search(self.beginning)) or self.root in _HTML_ROOTS


def root_of(text: str) -> str:
    """The local name of the first element of a text that begins with a tag; empty when there is none."""
    place = 0
    while match := _SKIPPED.match(text, place):
        place = match.end()
    root = _ROOT.match(text, place)
    return root[1].lower() if root else ""


Object = Mapping[str, object]
"""An object of JSON."""


@dataclass(frozen=True)
class Format:
    """A format that can be read."""

    name: str
    """In a sentence: `a Pinboard export`."""
    read: Callable[[Document], Snapshot]
    """Its reader; raises `SourceError`."""
    is_object: Callable[[Object], bool] | None = None
    """Whether a JSON document that is an object is in this format."""
    is_element: Callable[[Object], bool] | None = None
    """Whether a JSON document that is a list is in this format, asked of one of its first objects."""
    is_table: Callable[[Collection[str]], bool] | None = None
    """Whether a table is in this format, asked of the names of its columns, in lower case."""
    member: str | None = None
    """A pattern that the name of a file in a ZIP archive of this format matches, its folders cut off."""
    roots: frozenset[str] = frozenset()
    """What the first element of its documents is called, in lower case; none for pages of HTML."""
    is_markup: Callable[[Markup], bool] | None = None
    """Whether a document with such a first element is in this format; all of them are when it has `roots` alone."""
    is_text: Callable[[str], bool] | None = None
    """Whether any other document is in this format."""


def has(*keys: str) -> Callable[[Collection[str]], bool]:
    """A test for keys of an object, or columns of a table, that are all there."""
    return lambda value: all(key in value for key in keys)


def first_of(value: Object, key: str) -> Object:
    """The first object in a list of an object, for what stands before it may be odd; empty when there is none."""
    items = value.get(key)
    return next((each for each in items[:5] if isinstance(each, dict)), {}) if isinstance(items, list) else {}


MODULES = {
    "own": "json",
    "jsonfeed": "json",
    "webannotation": "json",
    "hypothesis": "json page text",
    "diigo_exports": "json text",
    "raindrop": "json text",
    "readwise": "json text",
    "services": "json posts en-export page text",
    "omnivore": "json zip",
    "zotero": "json text",
    "browsers": "json",
    "ebooks": "json",
    "refused": "json rdf plist text",
    "opml": "opml outline",
    "feeds": "rss feed rdf channel page text",
    "netscape": "page",
    "pocket": "json page text zip",
    "diigo_page": "page text",
    "kindle": "page text",
    "any_table": "json text",
    "addresses": "text",
}
"""The modules of formats, and what documents each reads: `json`, `text` (tables, too), `zip`, a `page` of HTML, or the
names of root elements. The order is that in which a document is asked whether it is in one: the first that fits is it,
so what tells more stands before what tells less."""


@cache
def formats_of(kind: str) -> tuple[Format, ...]:
    """The formats that documents of a kind may be in, in their order; their modules are loaded."""
    modules = (import_module(f"florilege.formats.{name}") for name, kinds in MODULES.items() if kind in kinds.split())
    return tuple(found for module in modules for found in module.FORMATS)


def read(data: bytes, known: Container[str] | None = None) -> Snapshot:
    """What a document says, whatever its format, name and content type.

    Args:
        data: The bytes as they came, compressed with gzip or not.
        known: Digests of entries that need not be read again: of each that is met, the snapshot has an entry with
            nothing but its digest. With None no entry has a digest.

    Raises:
        SourceError: It can't be read as a group: empty, too large, damaged, a web page, an unknown format.
    """
    document = Document(data, known=known)
    found = recognise(document)
    if found is None:
        from florilege.formats.archive import read_packed

        return bounded(read_packed(document, _read))
    return bounded(_read(document, found))


def _read(document: Document, found: Format | None = None) -> Snapshot:
    """What one document says; archives inside an archive are not opened."""
    found = found or recognise(document)
    if found is None:
        raise SourceError("This is an archive inside an archive: unpack it once, then add what comes out.")
    try:
        with gc_paused():
            snapshot = found.read(document)
    except Exception as error:
        error.add_note(f"reading {found.name}")
        raise
    return replace(snapshot, cut=True) if document.is_cut else snapshot


_JSON = re.compile(r"\[\s*+(?:[\[{\"\]0-9-]|true|false|null)|\{\s*+[\"}]")
"""How JSON begins, unlike templates of pages, lists of links in Markdown, and files of settings."""
_TAIL = 2_000
"""Characters in which XML ends."""
_PREAMBLE = 10
"""Lines that may stand before the names of the columns of a table."""
_ASKED = 5
"""Objects of a list that are looked at, for the first ones may be odd."""


def recognise(document: Document) -> Format | None:
    """The format of a document, the first of those it could be in; None for a ZIP archive of no service we know.

    Raises:
        SourceError: It is in none: the sentence says what it seems to be, and what to do.
    """
    data, text = document.data, document.text
    if data.startswith(b"PK\x03\x04"):
        return _inside_zip(data)
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
        raise unsupported.text(document)
    return found


def _markup_format(document: Document) -> Format:
    """The format of something that begins with a tag. XML without the end of its root element is cut."""
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
    raise unsupported.page(markup.text) if markup.is_html else unsupported.other("an XML document", markup.text)


def _text_format(document: Document) -> Format | None:
    """The format of plain text; None when it is none we know. Lines before the names of a table are cut off."""
    text = document.text
    tables = [each for each in formats_of("text") if each.is_table is not None]
    texts = (each for each in formats_of("text") if each.is_text is not None and each.is_text(text))
    if found := _table_format(text, tables) or next(texts, None):
        return found
    lines = text[:SNIFFED].splitlines(keepends=True)[:_PREAMBLE]
    for number in range(1, len(lines)):
        rest = text[sum(map(len, lines[:number])) :]
        if found := _table_format(rest, tables):
            document.text = rest
            document.warnings.append(f"{counted(number, 'line')} before the names of the columns left out.")
            return found
    return None


def _table_format(text: str, formats: Sequence[Format]) -> Format | None:
    names = column_names(text)
    return next((each for each in formats if each.is_table is not None and each.is_table(names)), None)


def _inside_zip(data: bytes) -> Format | None:
    """The format of a ZIP archive, by the names of its files."""
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name.rpartition("/")[2] for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    for each in formats_of("zip"):
        if each.member is not None and any(re.fullmatch(each.member, name) for name in names):
            return each
    return None


def _json_format(document: Document) -> Format:
    """The format of a JSON document, or of a text that only begins like one."""
    try:
        value = document.outline
    except SourceError:
        if found := _text_format(document):
            return found
        raise
    known = formats_of("json")
    if isinstance(value, dict):
        for each in known:
            if each.is_object is not None and each.is_object(value):
                return each
    elif value == []:
        raise SourceError("This is an empty JSON list: if it should hold items, export it again.")
    items = value[:_ASKED] if isinstance(value, list) else [value]
    for item in (item for item in items if isinstance(item, dict)):
        for each in known:
            if each.is_element is not None and each.is_element(item):
                if item is value:
                    document.make_list()  # one line of a file that has one object a line
                return each
    raise unsupported.other("a JSON document", document.text)
