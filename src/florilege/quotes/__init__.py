"""Formatting of quotes for the clipboard and for files. Pure."""
