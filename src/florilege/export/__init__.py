"""Exporting: a selection of items in, text in other programs' formats out. Pure, but for files written by `formats`.

Each format is a function from `Selection` to pieces of text; `formats.FORMATS` is the one list of them, so that a new
one is one function and one line. `selection` is what they are given, and who only selects loads none; `notes` keeps a
folder of notes. Nothing here reads a library, asks a clock or knows a screen.
"""
