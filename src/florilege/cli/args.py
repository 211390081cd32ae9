"""Interpreting command line arguments: queries and the items they find, group names, and choices."""

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
    """Parse the query given by the words of a command line.

    Raises:
        WrongUsage: The query is invalid; a caret shows where.
    """
    text = typed(words)
    try:
        return parse(text)
    except QueryError as error:
        shown = "".join(map(_visible, text))
        raise WrongUsage(str(error), f"  {shown}", f"  {' ' * _width(shown[: error.column])}^") from error


def _visible(character: str) -> str:
    """The character, or `·` for one that can't be shown in a line, so that the caret stays aligned."""
    return character if character != "\n" and clean(character) == character else "·"


def _width(text: str) -> int:
    """The width of a text on a terminal, in cells."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


@dataclass(frozen=True, slots=True)
class FoundItems:
    """The items that match a query, from the whole library."""

    query: Query
    state: "ReaderState"
    rows: "list[ItemRow]"
    """Newest first."""
    code: int
    """The exit code of the search: EXIT_FAILED if a group could not be read; the others are searched all the same."""


def find_items(cli: CliContext, query: Query) -> FoundItems:
    """Find the items that match a query, and report the groups that could not be searched."""
    from florilege.lists.places import Kind, Place
    from florilege.lists.reader_state import ReaderState

    library = cli.library()
    state = ReaderState(library, clock=cli.clock, texts=cli.texts(library), keeps_unsaved=False)
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
    """The groups with these names, without duplicates, and the exit code. Unknown or ambiguous names are reported."""
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
    """Whether standard input is a terminal, so that questions can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


class OneOf(click.Choice[str]):
    """A choice among several words, with an error message that suggests the closest."""

    def __init__(self, words: Iterable[str], name: str) -> None:
        """Create a choice.

        Args:
            words: The words to choose from.
            name: What one of them is called in messages: `format`.
        """
        super().__init__(tuple(words))
        self._name = name

    def get_invalid_choice_message(self, value: str, ctx: click.Context | None) -> str:  # noqa: ARG002
        """The message for a word that is not among them."""
        near = get_close_matches(value.casefold(), self.choices, n=1)
        *others, last = self.choices
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"There is no {self._name} “{clean_line(value)}”: there are {', '.join(others)} and {last}.{hint}"
