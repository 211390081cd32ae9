"""Articles as Instapaper exports them to CSV. Folders, but for its own three, become parts. Source: genuine ones."""

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, dated
from florilege.formats.document import Document
from florilege.formats.formats import Format, has
from florilege.formats.identity import named
from florilege.formats.table import Row, read_rows
from florilege.model import Entry, Highlight

KIND = "instapaper"

_STATES = frozenset({"unread", "archive", "starred"})
"""Folders that say what the member did with an article, not where it belongs."""


def read(document: Document) -> Snapshot:
    """The snapshot of an export."""
    collection = Collection(document.warnings, "Row")
    for row in read_rows(document.text, document.warnings):
        folder = fields.line(row.cells.get("folder"))
        named_folder = folder if folder and folder.lower() not in _STATES else None
        collection.add(row.number, _entry(row), row.lost, named_folder)
    return collection.snapshot(KIND, scope="instapaper:folder")


def _entry(row: Row) -> Entry:
    """A row as an entry. What the member had selected on the page is a highlight; later ones are not exported."""
    cell = row.cells
    shared_at, date_text = dated(cell.get("timestamp"))
    quote = fields.prose(cell.get("selection"))
    return Entry(
        title=fields.title(cell.get("title"), is_html=False),
        url=fields.address(cell.get("url")),
        shared_at=shared_at,
        date_text=date_text,
        tags=fields.tags(fields.json_list(cell.get("tags"))),
        highlights=named([Highlight(id="", quote=quote)] if quote else []),
        all_highlights=False,
    )


FORMATS = (Format("an Instapaper export", read, is_table=has("url", "title", "selection", "folder")),)
