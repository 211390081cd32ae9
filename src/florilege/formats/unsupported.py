"""What is said of a document that no reader takes: what it seems to be, and what to do. Pure; reads no format."""

import re
from urllib.parse import urljoin

from florilege.formats import SourceError
from florilege.formats.document import Document
from florilege.formats.stream import Event, Start, events
from florilege.formats.table import column_names
from florilege.text import clean_line
from florilege.urls import safe_to_open

_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
_NAME = re.compile(r"[\w -]{1,40}")
"""The name of a column."""
_SHOWN = 60
"""Characters of a foreign document shown in a message."""
_MOST_FEEDS = 10
"""Feeds of a page that are named."""
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
_TEMPLATE = ("{%", "{{", "{#")
"""How templates of pages begin."""
_INSTEAD = "give the address of a feed, or an export of bookmarks or annotations"


def text(document: Document) -> SourceError:
    """The error about a text, or something that is none."""
    if kind := _kind_of(document):
        return SourceError(f"This is {kind}, and florilege can't read it: {_INSTEAD}.")
    shown = _beginning(document.text)
    return SourceError(f"This is in no format that florilege knows (it begins with “{shown}”): {_INSTEAD}.")


def other(kind: str, text: str) -> SourceError:
    """The error about a document whose kind is read, but not in this format."""
    return SourceError(
        f"This is {kind} of another kind, not one that florilege knows (it begins with “{_beginning(text)}”): "
        f"{_INSTEAD}."
    )


def page(text: str) -> SourceError:
    """The error about a web page that came instead of a feed, with the feed it advertises."""
    page = _Page()
    for event in events(text[:_SEARCHED]):
        page.take(event)
    name = clean_line(" ".join(page.title.split()))[:_SHOWN]
    kind = "a sign-in page" if page.has_password else "a web page"
    what = f"This is {kind}{f' (“{name}”)' if name else ''}, not a feed"
    if page.feeds:
        return SourceError(what, feeds=page.feeds)
    if page.has_password:
        return SourceError(f"{what}: look for a public feed of the group, or for an export of it.")
    return SourceError(f"{what}: look on it for a link to its feed, often called RSS or Atom, and add that.")


class _Page:
    """What the tags of a web page say about it."""

    def __init__(self) -> None:
        self.title = ""
        self.has_password = False
        """Whether it asks for a password."""
        self._in_title = False
        self._feeds: dict[str, str] = {}
        self._base: str | None = None

    @property
    def feeds(self) -> list[tuple[str, str]]:
        """Address and title of the feeds it names, as far as the page says them."""
        return [(self._whole(feed), title) for feed, title in self._feeds.items()]

    def _whole(self, feed: str) -> str:
        try:
            return urljoin(self._base or "", feed)
        except ValueError:
            return feed

    def take(self, event: Event) -> None:
        """One more event."""
        if isinstance(event, str):
            self.title += event if self._in_title and len(self.title) < _SHOWN else ""
        elif event.tag == "title":
            self._in_title = isinstance(event, Start) and not self.title
        elif isinstance(event, Start):
            self._start(event.tag, event.attributes)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        address, kind = attributes.get("href", "").strip(), attributes.get("type", "").strip().lower()
        if tag == "input":
            self.has_password = self.has_password or kind == "password"
        elif tag == "base":
            self._base = self._base or safe_to_open(address)
        elif tag != "link" or kind not in _FEED_TYPES or not address or len(self._feeds) == _MOST_FEEDS:
            return
        elif "alternate" in attributes.get("rel", "").lower().split():
            self._feeds.setdefault(clean_line(address), clean_line(attributes.get("title", ""))[:_SHOWN])


def _kind_of(document: Document) -> str | None:
    """What a document that is no text of a format seems to be; None when that can't be told."""
    known = next((kind for magic, kind in _MAGIC if document.data.startswith(magic)), None)
    if known is not None:
        return known
    if document.text.startswith(_TEMPLATE):
        return "a template of a page"
    first, second, *_ = [*document.text[:_SEARCHED].splitlines(), "", ""]
    names, cells = column_names(first), column_names(second)
    if len(names) < 2 or len(cells) < len(names) or not all(map(_NAME.fullmatch, names)):
        return None
    return f"a table whose columns (“{clean_line(', '.join(names))[:_SHOWN]}”) are of no export known here"


def _beginning(text: str) -> str:
    """The first characters of a document, fit to be shown."""
    beginning = clean_line(text[: 4 * _SHOWN])
    return beginning[:_SHOWN] + "…" if len(beginning) > _SHOWN else beginning
