"""Fetching on the command line: builds the refresher from the settings, shows progress, and prints results.

Expensive packages are imported only when something is fetched.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime, timedelta, timezone
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from florilege.cli.context import EXIT_DONE, EXIT_FAILED, EXIT_LIBRARY, CliContext
from florilege.cli.output import Style, log_file, print_notice, print_result, progress_bar
from florilege.model import FlorilegeError, Outcome
from florilege.store import Library, LibraryError
from florilege.text import clean, clean_line, counted

if TYPE_CHECKING:
    from florilege.refresh import OnStep, Refresher, Result, Step

Work: TypeAlias = "Callable[[Refresher, OnStep], AsyncGenerator[Result, None]]"
"""Yields the results of groups one by one, and reports the steps in between."""
OnResult: TypeAlias = "Callable[[Result], None]"

FIRST_WARNINGS = 10
"""Number of warnings about one document that are printed; the rest are only counted."""
_NEEDED_TO_ASK = ("florilege.net.exchange", "anyio._backends._asyncio")
"""Modules that the first request would import, which would block keys in the app for some 15 ms. httpx uses anyio."""


def fetch(
    cli: CliContext, library: Library, total: int, work: Work, on_result: OnResult, *, dry_run: bool = False
) -> "list[Result]":
    """Do the work with a progress bar. An interruption stops everything at once and leaves nothing half stored.

    Args:
        cli: The context of the command.
        library: Where groups are stored.
        total: Number of groups or sources, for the progress bar.
        work: What to do.
        on_result: Called with each result as it arrives.
        dry_run: Whether nothing is written.
    """
    from florilege.threads import run

    async def all_of_it() -> "list[Result]":
        results = []
        with progress_bar(total) as bar:
            async with (
                open_refresher(cli, library) as refresher,
                aclosing(work(refresher, lambda step: bar(description=clean_line(_in_words(step))))) as coming,
            ):
                async for result in coming:
                    bar(advance=1)
                    on_result(result)
                    results.append(result)
        return results

    results = run(all_of_it())
    if not dry_run:
        with suppress(LibraryError):  # this only speeds up the next start
            library.remember_counts()
    return results


def _in_words(step: "Step") -> str:
    items = counted(step.items, "item")
    if step.page:
        return f"{step.stage} {step.title}, older page {step.page} ({items} so far)"
    return f"{step.stage} {step.title}" + (f" ({items})" if step.items else "")


@asynccontextmanager
async def open_refresher(cli: CliContext, library: Library, *, ahead: bool = False) -> "AsyncIterator[Refresher]":
    """Open a refresher; its connections and processes are closed at the end.

    The packages it needs are imported in a thread, because in the app this happens while somebody reads.

    Args:
        cli: The context of the command.
        library: Where groups are stored.
        ahead: Whether to import in advance what requests need, as the app does; a command may only read a file, but
            reports problems in the settings.
    """
    import asyncio

    for name in ("florilege.net", "florilege.formats.pool", "florilege.refresh", *(_NEEDED_TO_ASK if ahead else ())):
        with suppress(ModuleNotFoundError):  # the actual import will report it
            await asyncio.to_thread(import_module, name)
    from florilege.formats.pool import Parser
    from florilege.net import Fetcher, Secrets
    from florilege.refresh import Refresher

    config = cli.config(warn=not ahead)  # read again: settings may have been changed in the app
    settings, rules, pause = config.refresh, config.sources, cli.pause or asyncio.sleep
    secrets = Secrets(rules, cli.environ)
    parser = Parser(on_error_output=partial(_log_parser_errors, cli, print_too=cli.wants_traceback and not ahead))

    def clock() -> datetime:
        moment = cli.clock()  # an offset that does not change, so that an hour later is an hour later
        return moment.astimezone(timezone(moment.utcoffset() or timedelta()))

    async with Fetcher(settings=settings, secrets=secrets, clock=clock) as fetcher, parser:
        if not ahead:
            parser.begin()
        yield Refresher(library, fetcher, parser, clock=clock, settings=settings, rules=rules, pause=pause)


def _log_parser_errors(cli: CliContext, words: str, *, print_too: bool) -> None:
    """Log the error output of a parsing process, and print it if `print_too`."""
    with suppress(FlorilegeError), log_file(cli.paths.log, cli.clock) as log:
        for line in clean(words).splitlines():
            log(f"a parsing process said: {line}")
    if print_too:
        print_notice(clean(words))


def print_outcome(result: "Result") -> None:
    """Print the result of a group; errors and notices go to standard error."""
    if result.notice:
        print_notice(f"{result.title}: {result.notice}")
    if result.error:
        print_notice(_failure(result))
    elif words := _words(result):
        is_news = bool(result.new or result.new_highlights) or result.outcome is Outcome.PLANNED
        title = f"{result.title}: "
        print_result((title, Style.UNREAD) if is_news else title, words if is_news else (words, Style.FAINT))


def log_result(result: "Result", log: Callable[[str], None]) -> None:
    """Log the result and the warnings of a group; of a skipped one, the warnings only."""
    if result.error:
        log(_failure(result))
    elif words := _words(result):
        log(f"{result.title}: {words}")
    for warning in result.warnings:
        log(f"{result.title}: {warning}")


def _failure(result: "Result") -> str:
    error = result.error or ""
    return error if result.title in error else f"{result.title}: {error}"


def _words(result: "Result") -> str:
    """What became of a group that did not fail; empty when it was skipped."""
    would = "would be added to" if result.group else "would be made"
    return {
        Outcome.OK: result.news,
        Outcome.UNCHANGED: "unchanged",
        Outcome.PLANNED: f"{would}, {result.news if result.kind else 'not fetched yet'}",
    }.get(result.outcome, "")


def print_failure(result: "Result") -> None:
    """Print the error of a group that failed, or of each such group in a list."""
    for each in result.parts or (result,):
        if each.error:
            print_outcome(each)


def print_warnings(result: "Result") -> None:
    """Print the first `FIRST_WARNINGS` warnings, then the number of further ones."""
    for warning in result.warnings[:FIRST_WARNINGS]:
        print_notice(f"{result.title}: {warning}")
    if (more := len(result.warnings) - FIRST_WARNINGS) > 0:
        print_notice(f"{result.title}: and {counted(more, 'more warning')}")


def code_of(results: "Sequence[Result]") -> int:
    """The exit code for several results: EXIT_LIBRARY only if the library was unusable for all of them."""
    if results and all(result.unusable for result in results):
        return EXIT_LIBRARY
    return EXIT_FAILED if any(result.outcome is Outcome.FAILED or result.cut for result in results) else EXIT_DONE
