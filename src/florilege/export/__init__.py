"""Exporting: turns a selection of items into text in other programs' formats.

Each format is a function from `Selection` to pieces of text; `formats.FORMATS` lists them all, so adding a format takes
one function and one line. `selection` defines the input and can be imported without loading any format; it reads items
from the library on demand. `formats` and `notes` write files; the rest is pure. Nothing here uses a clock or a screen.
"""
