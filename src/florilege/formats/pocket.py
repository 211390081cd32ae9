"""Pocket's ZIP export, one of the files in it, or the HTML page that it exported earlier.

Highlights are joined to articles by address. No genuine HTML page was available; its shape is the one on which
independent readers rely: `li` and `a` with `time_added` (seconds) and `tags` (comma-separated), under the headings
`Unread` and `Read Archive`, which are states of an article and not folders. Sources: fixtures of wallabag/wallabag for
the CSV; other importers for the highlights; the importer of ArchiveBox for the page.
"""

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.formats.archive import members
from florilege.formats.collecting import Collection, named
from florilege.formats.detect import Format, first_of, has
from florilege.formats.document import Document
from florilege.formats.records import Bookmark, bookmark_of, mark_of, take, take_objects, take_rows
from florilege.formats.stream import links
from florilege.model import Entry
from florilege.urls import canonical

_FILES = re.compile(r"part_\d+\.(csv|json)")
_ARTICLE = bookmark_of(title="title", url="url", time="time_added", tags="tags", separator=r"\|")
_LINK = bookmark_of(title="title", url="href", time="time_added", tags="tags")
_PAGE = bookmark_of(mark_of(quote="quote", time="created_at"), marks="highlights", title="title", url="url")


def read(document: Document) -> Snapshot:
    """The snapshot of an export: the whole archive, only a list of articles, or only a file of highlights."""
    articles, pages = Collection(document.warnings, "Row"), Collection(document.warnings, "Page")
    files = members(document, _FILES) if document.data.startswith(b"PK") else [("", document)]
    for name, inner in files:
        if name.endswith(".json") or inner.text.startswith("["):
            if not take(inner, _PAGE, pages, build=_titled):
                pages.warnings.append("A file of highlights in the archive can't be read.")
        else:
            take_rows(inner, _ARTICLE, articles, _titled)
    joined = Collection(document.warnings)
    joined.entries = list(_joined(articles.entries, pages.entries))
    return joined.snapshot("pocket")


def read_page(document: Document) -> Snapshot:
    """The snapshot of the older HTML export."""
    collection = Collection(document.warnings)
    found = [{**link.attributes, "title": link.words} for link in links(document.text)]
    take_objects(found, _LINK, collection, _titled)
    return collection.snapshot("pocket")


def _joined(articles: Iterable[Entry], pages: Iterable[Entry]) -> Iterator[Entry]:
    """The articles with their highlights, then the highlighted pages that are not among the articles."""
    by_address: dict[str, list[Entry]] = {}
    for page in pages:
        by_address.setdefault(canonical(page.url or ""), []).append(page)
    for article in articles:
        found = by_address.pop(canonical(article.url or ""), [])
        highlights = named(highlight for page in found for highlight in page.highlights)
        yield replace(article, highlights=highlights, all_highlights=bool(found))
    for rest in by_address.values():
        yield from rest


def _titled(given: Bookmark) -> Entry:
    """An article as an entry. Pocket writes the address as the title of an untitled article: that is dropped."""
    entry = given.entry()
    return replace(entry, title="") if entry.title == entry.url else entry


_TIMED = re.compile(r"<a\s[^<>]*\btime_added\s*=", re.IGNORECASE)

FORMATS = (
    Format(
        "a Pocket export",
        read,
        is_element=lambda value: "quote" in first_of(value, "highlights"),
        is_table=has("title", "url", "time_added"),
        member=r"part_\d+\.csv",
    ),
    Format(
        "a Pocket export as a page",
        read_page,
        is_markup=lambda markup: bool(_TIMED.search(markup.beginning)),
    ),
)
