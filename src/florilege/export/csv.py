"""CSV with the columns Readwise imports: one highlight a line. Pages without a highlight have no line.

Source: readwise.io, "Import highlights in bulk via CSV": Highlight, Title, Author, URL, Note, Location, Date. The
author of a page is not known to us, so the sharer stands there; the tags have no column.

A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula, and what
stands in our cells was written by strangers. Such a cell gets an apostrophe in front, as OWASP advises ("CSV
Injection"): spreadsheets hide it, other programs show it. Whoever needs every character takes another format.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from florilege.export.selection import Row, Selection, label
from florilege.formats.any_table import FORMULA
from florilege.model import Highlight, thread
from florilege.words import title_of

COLUMNS = ("Highlight", "Title", "Author", "URL", "Note", "Location", "Date")


def write(selection: Selection) -> Iterator[str]:
    """The highlights, in the order of the items."""
    yield _line(COLUMNS)
    for row in selection.each(lambda item: item.highlights):
        for number, highlight in enumerate(row.annotated.highlights, 1):
            yield _line(_cells(row, highlight, number))


def harmless(cell: str) -> str:
    """The cell, with an apostrophe in front when a spreadsheet would take it for a formula, or had one in front."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell


def _cells(row: Row, highlight: Highlight, number: int) -> tuple[str, ...]:
    item = row.item
    comments = (f"{comment.author}: {comment.text}" if comment.author else comment.text
                for _, comment in thread(highlight.comments))  # fmt: skip
    return (
        highlight.quote,
        title_of(item),
        label(item.sharer),
        item.url or "",
        "\n".join(comments),
        str(number),
        _moment(highlight.made_at or item.shared_at or item.updated_at),
    )


def _moment(moment: datetime | None) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "seconds") if moment else ""


def _line(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow(map(harmless, cells))
    return buffer.getvalue()
