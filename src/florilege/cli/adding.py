"""`add`: groups from addresses, files and standard input."""

import io
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from florilege.cli import shell_complete
from florilege.cli.context import CliContext, library_option
from florilege.cli.output import Style, print_json, print_notice, print_styled, use_colour
from florilege.model import FlorilegeError
from florilege.text import clean_line
from florilege.urls import redact

if TYPE_CHECKING:
    from florilege.cli.running import Told
    from florilege.refresh import OnStep, Refresher, Result
    from florilege.store import Library

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Addition:
    """What is to be added, and how."""

    sources: Sequence[str]
    title: str | None = None
    tags: Sequence[str] = ()
    into: str | None = None
    """The id of the group that gets the sources."""
    refresh: bool = True
    all_pages: bool = False
    """Whether to fetch the older pages too."""
    dry_run: bool = False
    """Whether to write nothing, and only say what would be made."""


@click.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, shell_complete=shell_complete.files)
@click.option("--title", metavar="TITLE", help="What the group is to be called.")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="A tag of your own for the group; may be repeated.")
@click.option(
    "--into",
    metavar="GROUP",
    shell_complete=shell_complete.groups,
    help="Add to this group: an id, a title, or its beginning.",
)
@click.option("--no-refresh", is_flag=True, help="Don't fetch it now.")
@click.option("--all-pages", is_flag=True, help="Fetch its older pages too, where it has some.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be made.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
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

    What is already there is refreshed; what names a group that is there adds to it. What turns out to be no feed is not
    kept. A list (OPML) or an export with folders makes a group of each. With --into, or --title for an export, all goes
    into one group, and the names of folders become tags of its items.
    """
    _check(sources, title, tags, into)
    if all_pages and (no_refresh or dry_run):
        left_out = "--no-refresh" if no_refresh else "--dry-run"
        raise click.UsageError(f"--all-pages fetches: leave out {left_out}.", click.get_current_context())
    library = cli.library("florilege add")
    group = library.find_group(into) if into is not None else None
    title = clean_line(title) if title is not None else None
    tags = tuple(dict.fromkeys(clean_line(tag) for tag in tags))
    addition = Addition(sources, title, tags, group.id if group else None, not no_refresh, all_pages, dry_run)
    started = time.monotonic()
    tell_one = _silent if as_json else partial(_tell, in_colour=use_colour(cli.environ))
    results = add_sources(cli, library, addition, tell_one)
    if as_json:
        from florilege.cli.json_output import AddJson
        from florilege.cli.results import results_as_json

        seconds = round(time.monotonic() - started, 3)
        each = [part for result in results for part in result.parts or (result,)]
        about_lists = [warning for result in results if result.parts for warning in result.warnings]
        print_json(AddJson(results_as_json(each, library.groups()), about_lists, seconds))
        for result in each:
            if result.error:
                print_notice(result.error)
    from florilege.cli.results import code_of

    return code_of(results)


def add_sources(cli: CliContext, library: "Library", addition: Addition, tell_one: "Told") -> list["Result"]:
    """Add sources one after the other, so that groups stand in the order they were named."""
    from florilege.cli.running import done

    # Before the loop begins: a thread that waits for a terminal could not be interrupted.
    given = _standard_input() if STANDARD_INPUT in addition.sources else b""

    async def one_by_one(refresher: "Refresher", began: "OnStep") -> "AsyncGenerator[Result, None]":
        for source in addition.sources:
            yield await _add_one(refresher, source, addition, given, began)

    return done(cli, library, len(addition.sources), one_by_one, tell_one, changes=not addition.dry_run)


def _check(sources: Sequence[str], title: str | None, tags: Sequence[str], into: str | None) -> None:
    """What no addition could mean.

    Raises:
        click.UsageError: This is it.
    """
    problem = None
    if title is not None and len(sources) > 1:
        problem = "--title names one group: give one SOURCE with it."
    elif into is not None and (title is not None or tags):
        problem = "--into adds to a group that has a title and tags already: leave out --title and --tag."
    elif any(not clean_line(word) for word in (*tags, *([title] if title is not None else []))):
        problem = "A title or tag can't be empty."
    elif sources.count(STANDARD_INPUT) > 1:
        problem = "Standard input can be read only once: give - once."
    elif any(not source.strip() for source in sources):
        problem = "A SOURCE can't be empty."
    if problem:
        raise click.UsageError(problem, click.get_current_context())


async def _add_one(refresher: "Refresher", source: str, addition: Addition, given: bytes, began: "OnStep") -> "Result":
    """Add one source; `given` is what standard input held."""
    from florilege.model import Outcome
    from florilege.net import FetchFailure, read_stream
    from florilege.refresh import Result

    body = None
    if source == STANDARD_INPUT:
        answer = await read_stream(io.BytesIO(given))
        if isinstance(answer, FetchFailure):
            return Result("", addition.title or "Standard input", Outcome.FAILED, error=answer.sentence)
        body = given
    return await refresher.add(
        source,
        title=addition.title,
        tags=addition.tags,
        into=addition.into,
        refresh=addition.refresh,
        body=body,
        all_pages=addition.all_pages,
        dry_run=addition.dry_run,
        on_step=began,
    )


def _standard_input() -> bytes:
    """Everything on standard input; one byte more than is allowed when it is too much.

    Raises:
        FlorilegeError: It can't be read.
    """
    from florilege.net import FILE_LIMIT

    if sys.stdin is None:
        raise FlorilegeError("Standard input is closed: there is nothing to read. Name a file instead.")
    try:
        return sys.stdin.buffer.read(FILE_LIMIT + 1)
    except OSError as error:
        why = error.strerror or "no reason given"
        raise FlorilegeError(f"Standard input can't be read ({why}). Name a file instead.") from error


def _silent(_result: "Result") -> None:
    """Say nothing."""


def _tell(result: "Result", *, in_colour: bool) -> None:
    """Print what became of one source: a line for each group it describes, then one for all of them."""
    from florilege.cli.results import print_warnings

    if not result.parts:
        _tell_one(result, in_colour=in_colour)
        return
    for part in result.parts:
        _tell_one(part, in_colour=in_colour)
    print_warnings(result)
    print_styled([(f"{result.title}: {result.summary}", Style.FAINT)], in_colour=in_colour)


def _tell_one(result: "Result", *, in_colour: bool) -> None:
    """Print what became of one group."""
    from florilege.cli.results import print_outcome, print_warnings
    from florilege.model import Outcome

    print_outcome(result, in_colour=in_colour)
    print_warnings(result)
    if result.error and result.group and result.outcome is Outcome.FAILED:
        print_notice(f"{result.title} is kept; florilege asks again at the next refresh.")
    for address, title in result.feeds:
        print_styled([(redact(address), Style.PLAIN), (f"  {title}", Style.FAINT)], in_colour=in_colour)
    if result.outcome is Outcome.SKIPPED and not result.warnings:
        print_styled([(f"{result.title}: ", Style.PLAIN), ("added, not fetched yet", Style.FAINT)], in_colour=in_colour)
