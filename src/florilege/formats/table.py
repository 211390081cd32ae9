"""Reads CSV tables as rows of named cells. Pure, format-independent. The only CSV reader, except for tags in a cell.

Python's limit on the length of a field, which is global to the process, is raised while a table is read.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import NamedTuple

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


class Row(NamedTuple):
    """One row of a table."""

    number: int
    """Row number as in a spreadsheet: the header row is 1."""
    cells: Mapping[str, str]
    """The cells by column name in lower case; missing cells are empty."""
    lost: Sequence[str]
    """Descriptions of what could not be read."""


def read_rows(document: Document, names: Sequence[str] | None = None) -> Iterator[Row]:
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
        yield Row(number, dict(zip(names, row, strict=False)), lost)


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


def cells(text: str, warnings: list[str], rows: int | None = None, *, delimiter: str = ",") -> list[list[str]]:
    """The cells of a table, row by row.

    A quotation mark that is never closed would swallow all rows after it. If the swallowed lines can be read as rows,
    only the line with the quotation mark counts as damaged.

    Args:
        text: The table.
        warnings: Receives a warning for each open quotation mark.
        rows: Maximum number of rows to read; None for all.
        delimiter: The delimiter between cells.
    """
    lines = list(io.StringIO(text, newline=""))
    found: list[list[str]] = []
    place = 0
    with _wide_fields(len(text)):
        if rows is None and _END not in text:
            found = list(csv.reader([*lines, _END], delimiter=delimiter))
            if found.pop() == [_END]:
                return found  # all quotation marks are closed
            found = []
        for attempt in range(_RESTARTS + 1):
            ended, place = _read(lines, place, found, rows, delimiter)
            if ended:
                break
            warnings.append(f"Row {len(found)}: a quotation mark is not closed.")
            if attempt == _RESTARTS or not _has_rows(lines[place:], len(found[0]), delimiter):
                break
            found[-1] = next(csv.reader(lines[place - 1 : place], delimiter=delimiter), [])
    return found


def _read(lines: list[str], place: int, found: list[list[str]], rows: int | None, delimiter: str) -> tuple[bool, int]:
    """Append the rows from line `place` on to `found`.

    Returns:
        Whether reading ended with all quotation marks closed; if not, also the index of the line after the one on which
        the unclosed row begins.
    """
    reader = csv.reader(chain(islice(lines, place, None), [_END]), delimiter=delimiter)
    begins = place
    for row in reader:
        if row == [_END] or (rows is not None and len(found) >= rows):
            return True, begins
        ends = place + reader.line_num
        if ends > len(lines):
            found.append([*row[:-1], row[-1].removesuffix(_END)])
            return False, begins + 1
        found.append(row)
        begins = ends
    return True, begins


def _has_rows(lines: list[str], width: int, delimiter: str) -> bool:
    """Whether one of the lines can be read as a row of that width, which shows that it is not part of a cell."""
    if width < 2:
        return bool(lines)
    return any(len(next(csv.reader([line], delimiter=delimiter), [])) == width for line in lines)


@contextmanager
def _wide_fields(size: int) -> Iterator[None]:
    """Raise Python's limit on the length of a field to `size` characters within the context."""
    before = csv.field_size_limit(max(size + 1, csv.field_size_limit()))
    try:
        yield
    finally:
        csv.field_size_limit(before)
