"""Exporting: a selection of items in, text in other programs' formats out. Pure, but for `writing`.

One module a format, each with a function from `Selection` to pieces of text; `formats.FORMATS` is the one list of them,
so that a new format is one module and one line, and who only selects loads none. `selection` is what they are given,
`notes` keeps a folder of notes, `writing` alone touches the disk. Nothing here reads a library, asks a clock or
knows a screen.
"""

from florilege.export.selection import Row, Selection, groups_of, rows_of
from florilege.export.writing import AlreadyThere, ExportError, write_file

__all__ = [
    "AlreadyThere",
    "ExportError",
    "Row",
    "Selection",
    "groups_of",
    "rows_of",
    "write_file",
]
