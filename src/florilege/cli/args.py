"""Interpreting and completing command line arguments: queries and the items they find, and names of groups."""

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from florilege.cli.context import CliContext
from florilege.cli.options import WrongUsage
from florilege.cli.output import print_notice
from florilege.model import FlorilegeError
from florilege.query.language import QueryError, parse, typed
from florilege.query.nodes import Query
from florilege.text import clean_line, search_key

if TYPE_CHECKING:
    from florilege.lists.catalogue import ItemRow
    from florilege.lists.reader_state import ReaderState
    from florilege.model import Group
    from florilege.store import Library

NO_GROUPS = "There are no groups yet. Add one with `florilege add SOURCE`, or see the samples with `florilege demo`."


def parse_query(words: Sequence[str]) -> Query:
    """Parse the query given by the words of a command line.

    Raises:
        WrongUsage: The query is invalid; a caret shows where.
    """
    text = typed(words)
    try:
        return parse(text)
    except QueryError as error:
        from rich.cells import cell_len

        shown = "".join(character if character.isprintable() else "·" for character in text)
        raise WrongUsage(str(error), f"  {shown}", f"  {' ' * cell_len(shown[: error.column])}^") from error


def query_argument(metavar: str = "[QUERY]...") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The argument `query`: the rest of the words of a command line, as a `Query`."""
    return click.argument("query", metavar=metavar, nargs=-1, callback=lambda *given: parse_query(given[-1]))


def find_items(cli: CliContext, query: Query) -> "tuple[ReaderState, list[ItemRow]]":
    """The state of the library, and the items that match a query, newest first.

    Groups that can't be searched are reported, and left out.
    """
    from florilege.lists.places import Place, PlaceKind
    from florilege.lists.reader_state import ReaderState

    library = cli.library()
    state = ReaderState(library, clock=cli.clock, texts=cli.paths.cache / "texts", keeps_unsaved=False)
    search = state.new_search(Place(PlaceKind.EVERYTHING), query).to_the_end()
    groups = state.catalogue.groups()
    if not groups:
        print_notice(NO_GROUPS)
    problems = [library.problem, *map(str, search.problems), *(state.catalogue.problem(group.id) for group in groups)]
    for problem in filter(None, dict.fromkeys(problems)):
        cli.report(problem)
    return state, search.rows


def find_groups(cli: CliContext, names: Sequence[str], groups: "Sequence[Group]") -> "list[Group]":
    """The groups with these names, without duplicates. Unknown or ambiguous names are reported, and left out."""
    from florilege.store import AmbiguousGroup, NoSuchGroup, find

    found: dict[str, Group] = {}
    for name in names:
        try:
            group = find(name, groups)
            found[group.id] = group
        except (NoSuchGroup, AmbiguousGroup) as error:
            cli.report(str(error))
    return list(found.values())


def complete_groups(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Titles of groups that begin with what was typed; if there are none, ids that do."""
    return _completions(context.obj, lambda library: library.groups(), incomplete)


def complete_removed(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Titles or ids of removed groups, as for `complete_groups`."""
    return _completions(context.obj, lambda library: library.trash.groups(), incomplete)


def _completions(
    cli: CliContext, listed: "Callable[[Library], Sequence[Group]]", incomplete: str
) -> list[CompletionItem]:
    try:
        groups = listed(cli.library())
    except (FlorilegeError, OSError):
        return []
    wanted = search_key(incomplete)
    titles = [title for group in groups if search_key(title := clean_line(group.title)).startswith(wanted)]
    found = titles or [group.id for group in groups if group.id.startswith(incomplete)]
    in_bash = cli.environ.get("_FLORILEGE_COMPLETE", "").startswith("bash")  # other shells quote by themselves
    return [CompletionItem(shlex.quote(each) if in_bash else each) for each in found]
