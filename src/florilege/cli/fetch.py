"""Fetching on the command line: what fetches, put together from the settings; a bar meanwhile; what became of groups.

Heavy rooms are loaded when something is fetched.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from florilege.cli.context import EXIT_DONE, EXIT_FAILED, EXIT_LIBRARY, CliContext
from florilege.cli.json_output import ResultJson, result_json
from florilege.cli.output import Style, log_file, print_notice, print_result, progress_bar
from florilege.model import FlorilegeError, Group, Outcome
from florilege.settings import Config
from florilege.store import Library, LibraryError
from florilege.text import clean, counted

if TYPE_CHECKING:
    from florilege.refresh import OnStep, Refresher, Result, Step

Work: TypeAlias = "Callable[[Refresher, OnStep], AsyncGenerator[Result, None]]"
"""Gives what became of groups, one after the other, and tells the steps on the way."""
OnResult: TypeAlias = "Callable[[Result], None]"

FIRST_WARNINGS = 10
"""Warnings of one document that are printed; the others are counted."""
_NEEDED_TO_ASK = ("florilege.net.exchange", "anyio._backends._asyncio")
"""What the first request would load, in the app on the way of keys: some 15 ms. The last is what httpx has below it."""


def fetch(
    cli: CliContext, library: Library, total: int, work: Work, on_result: OnResult, *, dry_run: bool = False
) -> "list[Result]":
    """Do the work, with a bar while it lasts. An interruption ends all at once, and leaves nothing half stored.

    Args:
        cli: The outside world.
        library: Where it is stored.
        total: How many groups it is about.
        work: What to do.
        on_result: Hears what became of each group as it is done.
        dry_run: Whether nothing is written.
    """
    from florilege.threads import run

    async def all_of_it() -> "list[Result]":
        results = []
        with progress_bar(total) as bar:
            async with (
                open_refresher(cli, library, cli.config(warn=True)) as refresher,
                aclosing(work(refresher, lambda step: bar.describe(_in_words(step)))) as coming,
            ):
                async for result in coming:
                    bar.advance()
                    on_result(result)
                    results.append(result)
        return results

    results = run(all_of_it())
    if not dry_run:
        with suppress(LibraryError):  # only makes the next start quicker
            library.remember_counts()
    return results


def _in_words(step: "Step") -> str:
    items = counted(step.items, "item")
    if step.page:
        return f"{step.stage} {step.title}, older page {step.page} ({items} so far)"
    return f"{step.stage} {step.title}" + (f" ({items})" if step.items else "")


@asynccontextmanager
async def open_refresher(
    cli: CliContext, library: Library, config: Config, *, ahead: bool = False
) -> "AsyncIterator[Refresher]":
    """What fetches and reads groups, closed with its connections and processes at the end.

    Its rooms are loaded in a thread, for in the app this happens while somebody reads.

    Args:
        cli: The outside world.
        library: Where groups are stored.
        config: The settings.
        ahead: Whether what a request needs is loaded before the first; a command that only reads a file needs none.
    """
    import asyncio

    rooms = ("florilege.net", "florilege.formats.pool", "florilege.refresh")
    await asyncio.to_thread(_load, *rooms, *(_NEEDED_TO_ASK if ahead else ()))
    from florilege.formats.pool import Parser
    from florilege.net import Fetcher, Secrets
    from florilege.refresh import Refresher

    settings, rules, pause = config.refresh, config.sources, cli.pause or asyncio.sleep
    secrets = Secrets(rules, cli.environ)
    parser = Parser(on_trouble=partial(_keep_trouble, cli, aloud=cli.wants_traceback and not ahead))
    async with Fetcher(settings=settings, secrets=secrets, clock=cli.clock) as fetcher, parser:
        if not ahead:
            parser.begin()
        yield Refresher(library, fetcher, parser, clock=cli.clock, settings=settings, rules=rules, pause=pause)


def _load(*modules: str) -> None:
    for module in modules:
        with suppress(ModuleNotFoundError):  # what is really needed is missed by who needs it
            import_module(module)


def _keep_trouble(cli: CliContext, words: str, *, aloud: bool) -> None:
    """Keep what a parsing process said before it stopped, and say it when the reader asked for that."""
    with suppress(FlorilegeError), log_file(cli.places.log, cli.clock) as log:
        for line in clean(words).splitlines():
            log(f"a parsing process said: {line}")
    if aloud:
        print_notice(clean(words))


def print_outcome(result: "Result") -> None:
    """Print what became of a group: on standard error when it failed or was not asked."""
    title = result.title
    if result.notice:
        print_notice(f"{title}: {result.notice}")
    if result.error:
        print_notice(result.error if title in result.error else f"{title}: {result.error}")
    elif result.outcome is Outcome.OK:
        is_news = bool(result.new or result.new_highlights)
        print_result(
            (f"{title}: ", Style.UNREAD) if is_news else f"{title}: ",
            result.news if is_news else (result.news, Style.FAINT),
        )
    elif result.outcome is Outcome.UNCHANGED:
        print_result(f"{title}: ", ("unchanged", Style.FAINT))
    elif result.outcome is Outcome.PLANNED:
        would = "would be added to" if result.group else "would be made"
        print_result((f"{title}: ", Style.UNREAD), f"{would}, {result.news if result.kind else 'not fetched yet'}")


def print_failure(result: "Result") -> None:
    """Print what became of a group, or of each group of a list, if it failed."""
    for each in result.parts or (result,):
        if each.error:
            print_outcome(each)


def print_warnings(result: "Result") -> None:
    """Say what was odd: the first ten sentences, then a number."""
    for warning in result.warnings[:FIRST_WARNINGS]:
        print_notice(f"{result.title}: {warning}")
    if (more := len(result.warnings) - FIRST_WARNINGS) > 0:
        print_notice(f"{result.title}: and {counted(more, 'more warning')}")


def results_as_json(results: "Iterable[Result]", groups: Iterable[Group]) -> list[ResultJson]:
    """What became of groups, as `add --json` and `refresh --json` give it.

    The outcome is that of the group as `groups --json` has it; whether anything was asked now, `asked` says.

    Args:
        results: What became of them.
        groups: The groups as they are now.
    """
    last = {group.id: group.outcome for group in groups}
    written = []
    for result in results:
        was_asked = result.outcome not in {Outcome.SKIPPED, Outcome.PLANNED}
        outcome = result.outcome if was_asked else last.get(result.group, Outcome.NEVER)
        written.append(result_json(result, outcome, asked=was_asked))
    return written


def code_of(results: "Sequence[Result]") -> int:
    """The exit code for all of them. Where some of a library can be used, only the rest has failed."""
    if results and all(result.unusable for result in results):
        return EXIT_LIBRARY
    return EXIT_FAILED if any(result.outcome is Outcome.FAILED or result.cut for result in results) else EXIT_DONE
