"""What the words of a command line mean: a query, the items it finds, groups by their names, one word of a few."""

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from florilege.cli.context import EXIT_DONE, EXIT_FAILED, CliContext, WrongUsage
from florilege.cli.output import print_notice
from florilege.query.language import QueryError, parse, typed
from florilege.query.nodes import Query
from florilege.text import clean, clean_line

if TYPE_CHECKING:
    from florilege.lists.catalogue import ItemRow
    from florilege.lists.reader_state import ReaderState
    from florilege.model import Group

NO_GROUPS = "There are no groups yet. `florilege add SOURCE` brings one; `florilege demo` shows some."


def parse_query(words: Sequence[str]) -> Query:
    """What the words of a command line ask for.

    Raises:
        WrongUsage: They can't be read; a caret shows where.
    """
    text = typed(words)
    try:
        return parse(text)
    except QueryError as error:
        shown = "".join(map(_visible, text))
        raise WrongUsage(str(error), f"  {shown}", f"  {' ' * _width(shown[: error.column])}^") from error


def _visible(character: str) -> str:
    """The character, or one of the same width for what can't stand in a line: so the caret stays in its place."""
    return character if character != "\n" and clean(character) == character else "·"


def _width(text: str) -> int:
    """Cells that text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


@dataclass(frozen=True, slots=True)
class FoundItems:
    """The items that a query finds in the whole library."""

    query: Query
    state: "ReaderState"
    rows: "list[ItemRow]"
    """Newest first."""
    code: int
    """The exit code as far as finding goes: a group that can't be read fails, and is said; the others are looked at."""


def find_items(cli: CliContext, query: Query) -> FoundItems:
    """Find items, and say which groups could not be looked at."""
    from florilege.lists.places import Kind, Place
    from florilege.lists.reader_state import ReaderState

    library = cli.library()
    state = ReaderState(library, clock=cli.clock, texts=cli.texts(library))
    search = state.finding(Place(Kind.EVERYTHING), query).to_the_end()
    groups = state.catalogue.groups()
    if not groups:
        print_notice(NO_GROUPS)
    problems = [library.problem or "", *map(str, search.problems)]
    problems += [state.catalogue.problem(group.id) for group in groups]
    for problem in filter(None, dict.fromkeys(problems)):
        print_notice(problem)
    return FoundItems(query, state, search.rows, EXIT_FAILED if any(problems) else EXIT_DONE)


def find_groups(names: Sequence[str], groups: "Sequence[Group]") -> "tuple[list[Group], int]":
    """The groups named, each once, and the exit code: wrong names are said, and fail."""
    from florilege.store import AmbiguousGroup, NoSuchGroup, find

    found: dict[str, Group] = {}
    code = EXIT_DONE
    for name in names:
        try:
            group = find(name, groups)
        except (NoSuchGroup, AmbiguousGroup) as error:
            print_notice(str(error))
            code = EXIT_FAILED
        else:
            found[group.id] = group
    return list(found.values()), code


def has_keyboard() -> bool:
    """Whether somebody sits at standard input, who can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


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

    def get_invalid_choice_message(self, value: str, ctx: click.Context | None) -> str:  # noqa: ARG002
        """What is said of a word that is none of them."""
        near = get_close_matches(value.casefold(), self.choices, n=1)
        *others, last = self.choices
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"There is no {self._name} “{clean_line(value)}”: there are {', '.join(others)} and {last}.{hint}"
