"""What the words of a command line mean: a query, groups by their names, one word of a few."""

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from florilege.cli.context import EXIT_DONE, EXIT_FAILED
from florilege.cli.output import print_notice
from florilege.query import Query, QueryError, parse, typed
from florilege.text import clean, clean_line

if TYPE_CHECKING:
    from florilege.model import Group


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


def named(names: Sequence[str], there: "Sequence[Group]") -> "tuple[list[Group], int]":
    """The groups named, each once, and the exit code for names that are wrong, which are told."""
    from florilege.store import AmbiguousGroup, NoSuchGroup, find

    found: dict[str, Group] = {}
    code = EXIT_DONE
    for name in names:
        try:
            group = find(name, there)
        except (NoSuchGroup, AmbiguousGroup) as error:
            print_notice(str(error))
            code = EXIT_FAILED
        else:
            found[group.id] = group
    return list(found.values()), code


class OneOf(click.Choice[str]):
    """One of a few words."""

    def __init__(self, words: Iterable[str], name: str) -> None:
        """Take the words.

        Args:
            words: Them.
            name: What one is: `format`.
        """
        super().__init__(tuple(words))
        self._name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """The word, if it is one of them.

        Raises:
            click.UsageError: It is not.
        """
        if value in self.choices:
            return str(value)
        near = get_close_matches(str(value).casefold(), self.choices, n=1)
        *others, last = self.choices
        hint = f" Did you mean {near[0]}?" if near else ""
        sentence = (
            f"There is no {self._name} “{clean_line(str(value))}”: there are {', '.join(others)} and {last}.{hint}"
        )
        raise click.UsageError(sentence, ctx)
