"""A CSV of highlights, one a row, with the columns Readwise imports: what our own CSV export writes, too.

Rows of one page make one item; without an address, rows of one title. The author of a page shared nothing, so the
sharer is unknown: our export writes sharers into that column, but a row does not tell which of them it means. Nor does
it tell where one comment ends and the next begins, so the note is one. Source: readwise.io, "Import highlights in bulk
via CSV".
"""

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, dated
from florilege.formats.document import Document
from florilege.formats.formats import Format, has
from florilege.formats.identity import annotation, parted
from florilege.formats.table import Row, read_rows
from florilege.model import Entry, instant

KIND = "quotes-csv"

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula; such cells are exported behind an apostrophe."""


def read(document: Document) -> Snapshot:
    """The snapshot of such a file."""
    collection = Collection(document.warnings, "Row")
    pages: dict[str, list[Row]] = {}
    for row in read_rows(document.text, document.warnings):
        page = fields.address(row.cells.get("url")) or fields.title(_cell(row, "title"), is_html=False) or ""
        pages.setdefault(page, []).append(row)
    for rows in pages.values():
        collection.add(rows[0].number, _entry(rows), [name for row in rows for name in row.lost])
    return collection.snapshot(KIND)


def _entry(rows: list[Row]) -> Entry:
    """The rows of a page as an entry. Its date is that of its newest highlight."""
    dates = [dated(row.cells.get("date")) for row in rows]
    highlights, notes = parted(
        annotation(_cell(row, "highlight"), _cell(row, "note"), made_at=moment)
        for row, (moment, _) in zip(rows, dates, strict=True)
    )
    return Entry(
        title=fields.title(_cell(rows[0], "title"), is_html=False),
        url=fields.address(rows[0].cells.get("url")),
        updated_at=max((moment for moment, _ in dates if moment), key=instant, default=None),
        date_text=next((text for _, text in dates if text), None),
        notes=notes,
        highlights=highlights,
        all_highlights=False,
    )


def _cell(row: Row, name: str) -> str:
    """A cell as it was before it was made harmless to spreadsheets."""
    text = row.cells.get(name, "")
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


FORMATS = (
    Format("highlights in CSV, as Readwise imports them", read, is_table=has("highlight", "title", "url", "note")),
)
