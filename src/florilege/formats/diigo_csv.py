r"""Bookmarks as Diigo exports them to CSV: all of a library, or those selected there; with the row of names or without.

The file names no owner and no group, and its dates name no zone: they stay without. That of selected ones has no dates,
and says `Sticky note` where the other says `Sticky notes`. Some files have their line breaks written out as `\n`.
Sources: genuine exports of both kinds.
"""

import re
from collections.abc import Sequence

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, dated, named
from florilege.formats.document import Document
from florilege.formats.recognise import Format, has
from florilege.formats.table import Row, cells, column_names, read_rows
from florilege.model import Comment, Entry, Highlight
from florilege.urls import scheme_of

KIND = "diigo-csv"
NAMES = ("title", "url", "tags", "description", "comments", "annotations", "created_at")
"""The columns. One of the files seen had lost the row that names them."""

_RECORD = re.compile(r"^(Highlight|Sticky notes?):", re.MULTILINE)
_WRITTEN_OUT = re.compile(r"\\n(?:Highlight|Sticky notes?):")


def read(document: Document) -> Snapshot:
    """The snapshot of a CSV export."""
    collection = Collection(document.warnings, "Row")
    has_names = _has_names(column_names(document.text))
    for row in read_rows(document.text, document.warnings, None if has_names else NAMES):
        collection.add(row.number, _entry(row), row.lost)
    return collection.snapshot(KIND)


def _entry(row: Row) -> Entry:
    """A row as an entry."""
    cell = row.cells
    highlights, notes = _annotations(cell.get("annotations", ""))
    shared_at, date_text = dated(cell.get("created_at", ""))
    remark = fields.passage(cell.get("comments", ""))
    return Entry(
        title=fields.title(cell.get("title", ""), is_html=False),
        url=fields.address(cell.get("url", "")),
        shared_at=shared_at,
        date_text=date_text,
        tags=fields.comma_tags(cell.get("tags", "")),
        description=fields.remark(cell.get("description", "")),
        notes=tuple(notes),
        comments=(Comment(text=remark),) if remark else (),
        highlights=named(highlights),
    )


def _annotations(cell: str) -> tuple[list[Highlight], list[Comment]]:
    """The highlights in a cell and the notes on the page, which follow a highlight without text.

    The keys count at the beginning of a line only; what stands before the first one is a highlight.
    """
    highlights: list[Highlight] = []
    notes: list[Comment] = []
    if not cell.strip():
        return highlights, notes
    if _WRITTEN_OUT.search(cell) and len(_RECORD.findall(cell)) < 2:
        cell = cell.replace("\\r\\n", "\n").replace("\\n", "\n")
    before, *records = _RECORD.split(cell)
    pairs = [("Highlight", before)] if before.strip() else []
    pairs += zip(records[::2], records[1::2], strict=True)
    on_page = True
    for key, text in pairs:
        words = fields.passage(text)
        if key == "Highlight":
            on_page = not words
            if words:
                highlights.append(Highlight(id="", quote=words))
        elif words and on_page:
            notes.append(Comment(text=words))
        elif words:
            last = highlights[-1]
            highlights[-1] = Highlight(id="", quote=last.quote, comments=(*last.comments, Comment(text=words)))
    return highlights, notes


_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_LOOKED_AT = 200_000
"""Characters of a table without names in which a row is looked for."""


def _is_without_names(text: str) -> bool:
    """Whether a text is an export that lost the names of its columns."""
    return text.startswith('"') and any(map(_is_bookmark, cells(text[:_LOOKED_AT], [], rows=3)))


def _is_bookmark(row: Sequence[str]) -> bool:
    return len(row) == len(NAMES) and bool(scheme_of(row[1])) and bool(_DATE.fullmatch(row[6].strip()))


_has_names = has("title", "url", "tags", "description", "annotations")

FORMATS = (Format("a Diigo CSV export", read, is_table=_has_names, is_text=_is_without_names),)
