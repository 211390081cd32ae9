"""Error messages for documents in no known format: what they seem to be, and what to do. Pure; reads no format."""

import re
from collections import defaultdict

from florilege.formats import SourceError, joined
from florilege.formats.document import Document
from florilege.formats.markup import Start, events, title_to_text
from florilege.formats.table import column_names
from florilege.text import clean_line
from florilege.urls import safe_to_open

_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
_NAME = re.compile(r"[\w -]{1,40}")
"""A plausible name of a column."""
_SHOWN = 60
"""Characters of a document shown in a message."""
_TITLE = re.compile(r"<title(?:\s[^<>]*+)?>([^<]*+)", re.IGNORECASE)
_MOST_FEEDS = 10
"""Most feeds of a web page that are listed."""
_SEARCHED = 200_000
"""Characters of a web page that are searched for addresses of feeds."""
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
    (b"{%", "a template of a page"),
    (b"{{", "a template of a page"),
    (b"{#", "a template of a page"),
)
"""Beginnings of files of other kinds. Source: the magic database of file(1)."""
_REFUSED = {
    r"\A> ": "This looks like the highlights of one article in an Omnivore export, which do not say of which page: add "
    "the ZIP of the whole export.",
    r"//www\.zotero\.org/namespaces/export#": "This is Zotero's RDF export, which florilege does not read: export the "
    "items as CSV or CSL JSON, or follow the group at https://api.zotero.org/groups/ID/items?format=json, which has "
    "the annotations, too.",
    r"\A(?:%[^\n]*+\s*+)*+@\w{1,20}\s*+\{": "This is BibTeX, which florilege does not read: export the same works "
    "as RIS or CSL JSON, and add that.",
    r"\Abplist0|<plist[\s>]": "This is a property list, in which Safari keeps its bookmarks, and florilege does not "
    "read it: export them in Safari (File, Export Bookmarks), and add that page.",
    r"\A-- we can read Lua syntax here": "These are KOReader's own data about a book, which florilege does not read: "
    "export the highlights in KOReader as JSON, and add that file.",
    r"<response>\s*+<item key=": "This looks like wallabag's XML export, which florilege does not read: export the "
    "same articles as JSON, and add that file.",
    r"<xbel[\s>]": "These are bookmarks in XBEL, which florilege does not read: export the same bookmarks as HTML, and "
    "add that page.",
    r"\AmozLz40": "This is a compressed backup of Firefox's bookmarks, which florilege does not read: make one in "
    "Firefox (Bookmarks, Manage Bookmarks, Import and Backup, Backup), and add that file.",
    r'\A(?=[^\0]*"pageUrl")(?=[^\0]*"(?:createdWhen|collection)")': "This is a backup of Memex, which florilege "
    "does not read: let Memex send its highlights to Readwise, and export them there.",
}
"""What is in the beginning of documents in formats that are recognised but not read, and what to add instead."""
_INSTEAD = "give the address of a feed, or an export of bookmarks or annotations"


def refusal(document: Document, kind: str = "") -> SourceError:
    """The error for a document in no known format.

    Args:
        document: Anything but a web page: see `page`.
        kind: What it is, in a sentence, if its syntax is a known one, such as JSON; empty for other text.
    """
    beginning = document.text[:_SEARCHED]
    for pattern, sentence in _REFUSED.items():
        if re.search(pattern, beginning):
            return SourceError(sentence)
    shown = clean_line(beginning[: 4 * _SHOWN])
    shown = shown[:_SHOWN] + "…" if len(shown) > _SHOWN else shown
    if kind:
        return SourceError(
            f"This is {kind} of another kind, not one that florilege knows (it begins with “{shown}”): {_INSTEAD}."
        )
    if what := next((name for magic, name in _MAGIC if document.data.startswith(magic)), None) or _table(beginning):
        return SourceError(f"This is {what}, and florilege can't read it: {_INSTEAD}.")
    return SourceError(f"This is in no format that florilege knows (it begins with “{shown}”): {_INSTEAD}.")


def _table(text: str) -> str | None:
    """A table with its column names; None if the text does not look like a table."""
    first, second, *_ = [*text.splitlines(), "", ""]
    names, cells = column_names(first), column_names(second)
    if len(names) < 2 or len(cells) < len(names) or not all(map(_NAME.fullmatch, names)):
        return None
    return f"a table whose columns (“{clean_line(', '.join(names))[:_SHOWN]}”) are of no export known here"


def page(text: str) -> SourceError:
    """The error for a web page in place of a feed, with the feeds that it advertises."""
    text = text[:_SEARCHED]
    tags: dict[str, list[dict[str, str]]] = defaultdict(list)
    for event in events(text):
        if isinstance(event, Start):
            tags[event.tag].append({name: value.strip() for name, value in event.attributes.items()})
    has_password = any(each.get("type", "").lower() == "password" for each in tags["input"])
    base = next(filter(None, (safe_to_open(each.get("href")) for each in tags["base"])), "")
    feeds: dict[str, str] = {}
    for link in tags["link"]:
        is_feed = link.get("type", "").lower() in _FEED_TYPES and "alternate" in link.get("rel", "").lower().split()
        if is_feed and link.get("href") and len(feeds) < _MOST_FEEDS:
            feeds.setdefault(clean_line(link["href"]), clean_line(link.get("title", ""))[:_SHOWN])
    title = _TITLE.search(text)
    name = clean_line(" ".join(title_to_text(title[1]).split()))[:_SHOWN] if title else ""
    what = f"This is {'a sign-in page' if has_password else 'a web page'}{f' (“{name}”)' if name else ''}, not a feed"
    if feeds:
        return SourceError(what, feeds=[(joined(base, feed), title) for feed, title in feeds.items()])
    if has_password:
        return SourceError(f"{what}: look for a public feed of the group, or for an export of it.")
    return SourceError(f"{what}: look on it for a link to its feed, often called RSS or Atom, and add that.")
