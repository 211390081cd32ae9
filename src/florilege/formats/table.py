"""Reads CSV tables as rows of named cells. Pure, format-independent. The only CSV reader, except for tags in a cell."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from florilege.formats import LIMIT
from florilege.formats.document import Document
from florilege.text import counted

_END = "\ufdd0"
"""Sentinel row appended to the table: if it is not read back as a row, a quotation mark was left open."""
_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR = re.compile(r"sep=([,;\t|])\r?\n?", re.IGNORECASE)
_FIRST_ROW = 2_000
"""Maximum length of the first row in characters."""
_COLUMNS = 1_000
"""Maximum number of columns that are read of a table with duplicate column names."""
_RESTARTS = 20
"""Maximum number of open quotation marks that are repaired: reading starts again after each of them."""


class TableRow(NamedTuple):
    """One row of a table."""

    number: int
    """Row number as in a spreadsheet: the header row is 1."""
    cells: Any
    """The cells by column name in lower case; missing cells are empty. Of a list in JSON, an element."""
    lost: Sequence[str]
    """Descriptions of what could not be read."""


def read_rows(document: Document, names: Sequence[str] | None = None) -> Iterator[TableRow]:
    """Yield the rows of a table, without blank rows and without a truncated last row.

    Args:
        document: The table. Open quotation marks and truncation are added to its warnings.
        names: The column names in lower case, for a table without a header row.
    """
    text = document.text
    delimiter, begins = _dialect(text)
    table = cells(text[begins:], document.warnings, delimiter=delimiter)
    first = 1
    if names is None:
        names = _compared(table[0]) if table else []
        first = 2
    width = len(names)
    is_short = len(table) >= first and len(table[-1]) < width and (len(table) == first or len(table[-2]) == width)
    if is_short and not text.endswith(("\n", "\r")):
        # What is left of an address might be taken for a different one.
        table.pop()
        document.is_cut = True
        document.warnings.append("The table breaks off within its last row, which was left out: export it again.")
    if len(set(names)) < width:  # of columns with the same name, the first is used
        names = [name if name not in names[:place] else "" for place, name in enumerate(names[:_COLUMNS])]
    for number, given in enumerate(table[first - 1 :], start=first):
        if not any(cell.strip("-: ") for cell in given):  # blank, or the line under the header of a Markdown table
            continue
        row = given
        lost: Sequence[str] = ()
        if len(row) != width:
            row = [*row, *[""] * (width - len(row))]
            lost = (f"{counted(len(given), 'cell')} where {width} were expected",)
        yield TableRow(number, dict(zip(names, row, strict=False)), lost)


def column_names(text: str) -> list[str]:
    """The cells of the first row of a table, stripped and in lower case."""
    delimiter, begins = _dialect(text)
    first = text[begins : begins + _FIRST_ROW].splitlines()[:1]
    return _compared(next(csv.reader(first, delimiter=delimiter), []))


def _compared(row: Iterable[str]) -> list[str]:
    return [name.strip().lower() for name in row]


def _dialect(text: str) -> tuple[str, int]:
    """The delimiter of a table, and the offset of its first row.

    Spreadsheets write semicolons in locales with a decimal comma, and tabs when saving as text; some declare the
    delimiter in a line before the table: `sep=;`.
    """
    if said := _SEPARATOR.match(text):
        return said[1], said.end()
    first, *_ = text[:_FIRST_ROW].splitlines() or [""]
    return max(_DELIMITERS, key=first.count), 0


def cells(text: str, warnings: list[str], *, delimiter: str = ",") -> list[list[str]]:
    """The cells of a table, row by row.

    A quotation mark that is never closed would swallow all rows after it. If one of the swallowed lines can be read as
    a row, only the line with the quotation mark counts as damaged.

    Args:
        text: The table.
        warnings: Receives a warning for each open quotation mark.
        delimiter: The delimiter between cells.
    """
    csv.field_size_limit(LIMIT)  # by default 131,072 characters
    lines = list(io.StringIO(text, newline=""))
    found: list[list[str]] = []
    place = 0
    for attempt in range(_RESTARTS + 1):
        rows = list(csv.reader(chain(islice(lines, place, None), [_END]), delimiter=delimiter))
        found += rows
        if rows[-1] == [_END]:
            return found[:-1]
        reader = csv.reader(islice(lines, place, None), delimiter=delimiter)
        for _ in rows[:-1]:
            next(reader)
        begins = place + reader.line_num
        found[-1][-1] = found[-1][-1].removesuffix(_END)
        warnings.append(f"Row {len(found)}: a quotation mark is not closed.")
        place = begins + 1
        rest = (next(csv.reader([line], delimiter=delimiter), []) for line in islice(lines, place, None))
        width = len(found[0])
        if attempt == _RESTARTS or not any(width < 2 or len(row) == width for row in rest):
            break
        found[-1] = next(csv.reader(lines[begins:place], delimiter=delimiter), [])
    return found
