"""Pocket: the ZIP of its export, one of the files in it, or the page of HTML that it gave before.

Highlights are joined to articles by their address. No genuine page was at hand; its shape is that on which independent
readers rely: `li` and `a` with `time_added` (seconds) and `tags` (with commas), under the headings `Unread` and
`Read Archive`, which say what the member did with an article and not where it belongs. Sources: fixtures of
wallabag/wallabag for the CSV; for the highlights, other importers; for the page, the importer of ArchiveBox.
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
    """The snapshot of an export: the whole archive, its list of articles alone, or its highlights alone."""
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
    """The snapshot of a page."""
    collection = Collection(document.warnings)
    found = [{**link.attributes, "title": link.words} for link in links(document.text)]
    take_objects(found, _LINK, collection, _titled)
    return collection.snapshot("pocket")


def _joined(articles: Iterable[Entry], pages: Iterable[Entry]) -> Iterator[Entry]:
    """Articles with their highlights, then the pages that are in no list of articles."""
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
    """An article as an entry. One without title has its address for one."""
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
