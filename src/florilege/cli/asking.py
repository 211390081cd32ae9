"""The query of a command line: its words joined, read, and pointed at where they can't be."""

import unicodedata
from collections.abc import Sequence

import click

from florilege.query import Query, QueryError, parse, typed
from florilege.text import clean


class BadQuery(click.UsageError):
    """A query can't be read."""

    def __init__(self, error: QueryError, text: str) -> None:
        super().__init__(str(error))
        shown = "".join(_visible(character) for character in text)
        self.lines = (str(error), f"  {shown}", f"  {' ' * _width(shown[: error.column])}^")
        """What to say: the sentence, the query, a caret under the place."""


def asked(words: Sequence[str]) -> Query:
    """What the words of a command line ask for.

    Raises:
        BadQuery: They can't be read.
    """
    text = typed(words)
    try:
        return parse(text)
    except QueryError as error:
        raise BadQuery(error, text) from error


def _visible(character: str) -> str:
    """The character, or one of the same width for what can't stand in a line: so the caret stays in its place."""
    return character if character != "\n" and clean(character) == character else "·"


def _width(text: str) -> int:
    """Cells that text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
