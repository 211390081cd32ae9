"""Pocket: the ZIP of its export, one of the files in it, or the page of HTML that it gave before.

Highlights are joined to articles by their address. No genuine page was at hand; its shape is that on which independent
readers rely: `li` and `a` with `time_added` (seconds) and `tags` (with commas), under the headings `Unread` and
`Read Archive`, which say what the member did with an article and not where it belongs. Sources: fixtures of
wallabag/wallabag for the CSV; for the highlights, other importers; for the page, the importer of ArchiveBox.
"""

import re
from collections.abc import Iterable

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.archive import members
from florilege.formats.collecting import Collection, annotation, bookmark, dated, named, parted
from florilege.formats.document import Document
from florilege.formats.objects import collect
from florilege.formats.recognise import Format, Markup, first_of, has
from florilege.formats.stream import links
from florilege.formats.table import read_rows
from florilege.model import Entry
from florilege.urls import canonical

KIND = "pocket"

_FILES = re.compile(r"part_\d+\.(csv|json)")


class _Highlight(msgspec.Struct):
    quote: str | None = None
    created_at: int | float | str | None = None


class _Page(msgspec.Struct):
    url: str | None = None
    title: str | None = None
    highlights: list[_Highlight | None] | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of an export: the whole archive, its list of articles alone, or its highlights alone."""
    articles, pages = Collection(document.warnings, "Row"), Collection(document.warnings, "Page")
    if document.data.startswith(b"PK"):
        for name, inner in members(document, _FILES):
            if name.endswith(".csv"):
                _collect_rows(inner, articles)
            else:
                _collect_pages(inner, pages)
    elif document.text.startswith("["):
        _collect_pages(document, pages)
    else:
        _collect_rows(document, articles)
    joined = Collection(document.warnings)
    joined.entries = list(_joined(articles.entries, pages.entries))
    return joined.snapshot(KIND)


def _collect_rows(document: Document, articles: Collection) -> None:
    """The articles of one file."""
    for row in read_rows(document.text, articles.warnings):
        cell = row.cells
        tags = cell.get("tags", "").split("|")
        articles.add(row.number, _article(cell.get("title"), cell.get("url"), cell.get("time_added"), tags), row.lost)


def _collect_pages(document: Document, pages: Collection) -> None:
    """The highlights of one file, by page."""
    items = document.json if isinstance(document.json, list) else []
    if not items:
        pages.warnings.append("A file of highlights in the archive can't be read.")
    collect(items, _Page, _page, pages)


def _joined(articles: Iterable[Entry], pages: Iterable[Entry]) -> Iterable[Entry]:
    """Articles with their highlights, then the pages that are in no list of articles."""
    by_address: dict[str, list[Entry]] = {}
    for page in pages:
        by_address.setdefault(canonical(page.url or ""), []).append(page)
    for article in articles:
        found = by_address.pop(canonical(article.url or ""), [])
        highlights = named(highlight for page in found for highlight in page.highlights)
        yield msgspec.structs.replace(article, highlights=highlights, all_highlights=bool(found))
    for rest in by_address.values():
        yield from rest


def _article(title: str | None, url: str | None, time: str | None, tags: Iterable[str]) -> Entry:
    """An article as an entry. One without title has its address for one."""
    article = bookmark(title, url, time, tags=fields.tags(tags))
    return msgspec.structs.replace(article, title="") if article.title == article.url else article


def _page(page: _Page) -> Entry:
    """A page with highlights as an entry."""
    given = (each for each in page.highlights or () if each is not None)
    highlights, _ = parted(annotation(each.quote, made_at=dated(each.created_at)[0]) for each in given)
    title, url = fields.title(page.title, is_html=False), fields.address(page.url)
    return Entry(title=title if title != url else "", url=url, highlights=highlights)


_LINK = re.compile(r"<a\s[^<>]*\btime_added\s*=", re.IGNORECASE)


def read_page(document: Document) -> Snapshot:
    """The snapshot of an export."""
    collection = Collection(document.warnings)
    for number, link in enumerate(links(document.text), start=1):
        given = link.attributes
        tags = fields.comma_list(given.get("tags", ""))
        collection.add(number, _article(link.words, given["href"], given.get("time_added"), tags))
    return collection.snapshot(KIND)


def _is_page(markup: Markup) -> bool:
    return markup.is_html and bool(_LINK.search(markup.beginning))


FORMATS = (
    Format(
        "a Pocket export",
        read,
        is_element=lambda value: "quote" in first_of(value, "highlights"),
        is_table=has("title", "url", "time_added"),
        member=r"part_\d+\.csv",
    ),
    Format("a Pocket export as a page", read_page, is_markup=_is_page),
)
