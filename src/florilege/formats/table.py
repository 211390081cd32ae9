"""Tables as CSV: rows of named cells. Pure; knows no format. The only place that reads CSV but for tags in a cell.

Python's limit on the length of a field is raised while a table is read, and put back: it holds for the whole process.
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
"""A row of this alone is put after the last one: when it does not come back, a quotation mark was left open."""
_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR = re.compile(r"sep=([,;\t|])\r?\n?", re.IGNORECASE)
_FIRST_ROW = 2_000
"""Characters in which the first row ends."""
_COLUMNS = 1_000
"""Columns of a table in which a name comes twice, at most."""
_RESTARTS = 20
"""How many quotation marks may be left open before the rest is taken as it comes: each one costs a new reading."""


class Row(NamedTuple):
    """One row of a table."""

    number: int
    """As a spreadsheet counts: the row of names is 1."""
    cells: Mapping[str, str]
    """By the name of their column, in lower case; a missing cell is empty."""
    lost: Sequence[str]
    """What could not be read."""


def read_rows(document: Document, names: Sequence[str] | None = None) -> Iterator[Row]:
    """The rows of a table, blank ones left out, and a last one within which it breaks off.

    Args:
        document: The table; quotation marks that were left open, and a cut, are told in its warnings.
        names: The names of the columns, in lower case, for a table whose first row does not name them.
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
        # What is there of an address may be the beginning of another.
        table.pop()
        document.is_cut = True
        document.warnings.append("The table breaks off within its last row, which was left out: export it again.")
    if len(set(names)) < width:  # the first of two columns of one name counts
        names = [name if name not in names[:place] else "" for place, name in enumerate(names[:_COLUMNS])]
    for number, given in enumerate(table[first - 1 :], start=first):
        if not any(cell.strip("-: ") for cell in given):  # as Markdown rules off the names of columns
            continue
        row = given
        lost: Sequence[str] = ()
        if len(row) != width:
            row = [*row, *[""] * (width - len(row))]
            lost = (f"{counted(len(given), 'cell')} where {width} were expected",)
        yield Row(number, dict(zip(names, row, strict=False)), lost)


def column_names(text: str) -> list[str]:
    """The cells of the first row of a table as names are compared: in lower case, without white space around them."""
    delimiter, begins = _dialect(text)
    first = text[begins : begins + _FIRST_ROW].splitlines()[:1]
    return _compared(next(csv.reader(first, delimiter=delimiter), []))


def _compared(row: Iterable[str]) -> list[str]:
    return [name.strip().lower() for name in row]


def _dialect(text: str) -> tuple[str, int]:
    """What parts the cells of a table, and where its first row begins.

    Spreadsheets write semicolons where the comma is used in numbers, tabs when asked for text, and some say so in a
    line of its own before the table: `sep=;`.
    """
    if said := _SEPARATOR.match(text):
        return said[1], said.end()
    first, *_ = text[:_FIRST_ROW].splitlines() or [""]
    return max(_DELIMITERS, key=first.count), 0


def cells(text: str, warnings: list[str], rows: int | None = None, *, delimiter: str = ",") -> list[list[str]]:
    """The cells of a table, row by row.

    A quotation mark that is never closed would swallow all rows after it. When what it swallowed reads as rows of its
    own, only the line it stands on is damaged.

    Args:
        text: The table.
        warnings: Quotation marks that were left open are told here.
        rows: How many rows to read at most.
        delimiter: What parts the cells.
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
    """Read rows from a line on.

    Returns:
        Whether the end was reached with all quotation marks closed, and else the place of the line after the one on
        which the last row begins.
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
    """Whether one of these lines reads as a row of that width: then it is no part of a cell."""
    if width < 2:
        return bool(lines)
    return any(len(next(csv.reader([line], delimiter=delimiter), [])) == width for line in lines)


@contextmanager
def _wide_fields(size: int) -> Iterator[None]:
    """Let fields be as long as the table for a while."""
    before = csv.field_size_limit(max(size + 1, csv.field_size_limit()))
    try:
        yield
    finally:
        csv.field_size_limit(before)
