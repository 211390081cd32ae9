"""`add`: adds groups from addresses, files and standard input."""

import sys
import time
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Any

import click

from florilege.cli.args import complete_groups
from florilege.cli.context import CliContext
from florilege.cli.fetch import OnResult, code_of, fetch, print_failure, print_outcome, print_warnings
from florilege.cli.options import FILE, WrongUsage, as_json_option, command
from florilege.cli.output import Style, print_json, print_notice, print_result
from florilege.model import FlorilegeError, Outcome
from florilege.text import clean_line
from florilege.urls import redact

if TYPE_CHECKING:
    from florilege.refresh import OnStep, Refresher, Result
    from florilege.store import Library

STANDARD_INPUT = "-"


@command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=FILE)
@click.option("--title", metavar="TITLE", help="Title of the group.")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="Your own tag for the group; may be repeated.")
@click.option(
    "--into",
    metavar="GROUP",
    shell_complete=complete_groups,
    help="Add to this group: an id, a title, or the beginning of one.",
)
@click.option("--no-refresh", is_flag=True, help="Add it without fetching it.")
@click.option("--all-pages", is_flag=True, help="Fetch its older pages too, if it has any.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would be added.")
@as_json_option
def add(
    cli: CliContext,
    sources: tuple[str, ...],
    title: str | None,
    tags: tuple[str, ...],
    into: str | None,
    no_refresh: bool,
    all_pages: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Add groups: addresses, files, or - for standard input.

    A source that you already have is refreshed, and a document that names one of your groups is added to it. Nothing is
    added if a source turns out not to be a feed. A list of feeds (OPML) or an export with folders makes one group of
    each. With --into, or with --title for an export, everything goes into one group, and folder names become tags.
    """
    _check(sources, title, tags, into)
    if all_pages and (no_refresh or dry_run):
        raise WrongUsage(f"--all-pages fetches: leave out {'--no-refresh' if no_refresh else '--dry-run'}.")
    from florilege.store import find

    library = cli.library(may_be_new=True)
    how = {
        "title": clean_line(title) if title is not None else None,
        "tags": tuple(dict.fromkeys(map(clean_line, tags))),
        "into": find(into, library.groups()).id if into is not None else None,
        "refresh": not no_refresh,
        "all_pages": all_pages,
        "dry_run": dry_run,
    }
    started = time.monotonic()
    results = add_sources(cli, library, sources, print_failure if as_json else _print_addition, **how)
    if as_json:
        from florilege.cli.json_output import results_json

        print_json(results_json(results, library.groups(), started=started))
    return code_of(results)


def add_sources(
    cli: CliContext, library: "Library", sources: Sequence[str], on_result: OnResult, **how: Any
) -> "list[Result]":
    """Add sources one after the other, so that groups are in the order in which they were named.

    Args:
        cli: The context of the command.
        library: The library to add them to.
        sources: Addresses, paths of files, or `-`.
        on_result: Called with the result of each source.
        how: Fields of `AddRequest`: `title`, `tags`, `into`, `refresh`, `all_pages`, `dry_run`.
    """
    # Before the event loop starts: a thread blocked on reading a terminal could not be interrupted.
    given = _read_stdin() if STANDARD_INPUT in sources else b""

    from florilege.refresh import AddRequest

    async def one_by_one(refresher: "Refresher", on_step: "OnStep") -> "AsyncGenerator[Result, None]":
        for source in sources:
            body = given if source == STANDARD_INPUT else None
            yield await refresher.add(AddRequest(source, on_step=on_step, **how), body=body)

    return fetch(cli, library, len(sources), one_by_one, on_result, dry_run=how.get("dry_run", False))


def _check(sources: Sequence[str], title: str | None, tags: Sequence[str], into: str | None) -> None:
    """Reject invalid combinations of arguments.

    Raises:
        WrongUsage: The arguments are invalid.
    """
    if title is not None and len(sources) > 1:
        raise WrongUsage("--title names one group: give one SOURCE with it.")
    if into is not None and (title is not None or tags):
        raise WrongUsage("--into adds to an existing group: leave out --title and --tag.")
    if any(not clean_line(word) for word in (*tags, *([title] if title is not None else []))):
        raise WrongUsage("A title or tag can't be empty.")
    if sources.count(STANDARD_INPUT) > 1:
        raise WrongUsage("Standard input can be read only once: give - once.")
    if any(not source.strip() for source in sources):
        raise WrongUsage("A SOURCE can't be empty.")


def _read_stdin() -> bytes:
    """All of standard input, but at most one byte more than `LIMIT`, so that the excess can be noticed.

    Raises:
        FlorilegeError: Standard input can't be read.
    """
    from florilege.formats import LIMIT

    if sys.stdin is None:
        raise FlorilegeError("Standard input is closed: there is nothing to read. Name a file instead.")
    try:
        return sys.stdin.buffer.read(LIMIT + 1)
    except OSError as error:
        why = error.strerror or "no reason given"
        raise FlorilegeError(f"Standard input can't be read ({why}). Name a file instead.") from error


def _print_addition(result: "Result") -> None:
    """Print the result of one source: a line for each group in it, then a summary if it is a list of groups."""
    for each in result.parts or (result,):
        print_outcome(each)
        print_warnings(each)
        if each.is_unreached and not each.group:
            print_notice("To add it anyway, use --no-refresh.")
        if each.error and each.group and each.outcome is Outcome.FAILED:
            print_notice(f"{each.title} is kept; florilege tries again at the next refresh.")
        for address, title in each.feeds:
            print_result(redact(address), (f"  {title}", Style.FAINT))
        if each.outcome is Outcome.SKIPPED and not each.warnings:
            print_result(f"{each.title}: ", ("added, not fetched yet", Style.FAINT))
    if result.parts:
        print_warnings(result)
        print_result((f"{result.title}: {result.summary}", Style.FAINT))
