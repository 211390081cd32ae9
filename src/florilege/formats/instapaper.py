"""Articles as Instapaper exports them to CSV, or to a page of HTML. Folders, but for its own three, become parts.

What stands in `Starred` or `Archive` is starred or read when it is new here. In the page, headings name folders. What a
member had selected on a page is a highlight; later ones are not exported. Source: genuine exports.
"""

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, annotation, bookmark, parted
from florilege.formats.document import Document
from florilege.formats.recognise import Format, Markup, has
from florilege.formats.stream import links
from florilege.formats.table import read_rows

KIND = "instapaper"
KIND_PAGE = "instapaper-page"

_STATES = frozenset({"unread", "archive", "starred"})
"""Folders that say what the member did with an article, not where it belongs."""


def read(document: Document) -> Snapshot:
    """The snapshot of a table."""
    collection = Collection(document.warnings, "Row")
    for row in read_rows(document.text, document.warnings):
        cell = row.cells
        highlights, _ = parted([annotation(cell.get("selection"))])
        entry = bookmark(
            cell.get("title"),
            cell.get("url"),
            cell.get("timestamp"),
            tags=fields.tags(fields.json_list(cell.get("tags"))),
            highlights=highlights,
            was_starred=_is(cell.get("folder"), "starred"),
            was_read=_is(cell.get("folder"), "archive"),
        )
        collection.add(row.number, entry, row.lost, _folder(cell.get("folder")))
    return collection.snapshot(KIND, scope="instapaper:folder")


def read_page(document: Document) -> Snapshot:
    """The snapshot of a page."""
    collection = Collection(document.warnings, "Link")
    for number, link in enumerate(links(document.text), start=1):
        folder = link.heading
        was_starred, was_read = _is(folder, "starred"), _is(folder, "archive")
        entry = bookmark(link.words, link.attributes["href"], was_starred=was_starred, was_read=was_read)
        collection.add(number, entry, folder=_folder(folder))
    return collection.snapshot(KIND_PAGE, scope="instapaper:folder")


def _folder(name: str | None) -> str | None:
    """A folder that members made; None for others."""
    folder = fields.line(name)
    return folder if folder and folder.lower() not in _STATES else None


def _is(folder: str | None, state: str) -> bool:
    """Whether a folder is the one that says this."""
    return (fields.line(folder) or "").lower() == state


def _is_page(markup: Markup) -> bool:
    return markup.is_html and "<title>Instapaper" in markup.beginning


FORMATS = (
    Format("an Instapaper export", read, is_table=has("url", "title", "selection", "folder")),
    Format("an Instapaper export as a page", read_page, is_markup=_is_page),
)
