"""`refresh`: fetches the groups that are due, with a progress bar on a terminal, and writes the refresh log."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from florilege.cli import shell_complete
from florilege.cli.args import find_groups
from florilege.cli.context import EXIT_DONE, EXIT_FAILED, CliContext, WrongUsage, as_json_option, command
from florilege.cli.fetch import code_of, fetch, print_failure, print_outcome, print_warnings, results_as_json
from florilege.cli.json_output import RefreshJson
from florilege.cli.output import log_file, print_json, print_notice
from florilege.model import Outcome
from florilege.text import counted

_PATIENCE = 30.0
"""Seconds to wait for the folder of reading states."""

if TYPE_CHECKING:
    from florilege.model import Group
    from florilege.refresh import OnStep, Refresher, Result
    from florilege.store import Library


@command()
@click.argument("names", metavar="[GROUP]...", nargs=-1, shell_complete=shell_complete.groups)
@click.option(
    "--all", "insist", is_flag=True, help="Also groups that are not due, but never those whose server asked us to wait."
)
@click.option(
    "--all-pages",
    is_flag=True,
    help="Fetch the older pages of the groups named; with --all, also those fetched before.",
)
@click.option("--anew", is_flag=True, help="Fetch the groups named as if for the first time, when one is stuck.")
@click.option("--quiet", is_flag=True, help="Print only what failed.")
@click.option(
    "--log", metavar="FILE", shell_complete=shell_complete.files, help="Also write what happens to this log file."
)
@as_json_option
def refresh(
    cli: CliContext,
    names: tuple[str, ...],
    insist: bool,
    all_pages: bool,
    anew: bool,
    quiet: bool,
    log: str | None,
    as_json: bool,
) -> int:
    """Fetch the groups that are due.

    GROUP is an id, a title, or the beginning of one; a group you name is fetched even if it is not due.
    """
    if anew and all_pages:
        raise WrongUsage("--all-pages with --all reads all anew: leave out --anew.")
    if (anew or all_pages) and not names:
        raise WrongUsage(f"{'--anew' if anew else '--all-pages'} asks much of a server: name the GROUP.")
    library = cli.library()
    groups, code = find_groups(names, library.groups()) if names else (library.groups(), EXIT_DONE)
    started = time.monotonic()
    from florilege.cli.groups import purge

    def work(refresher: "Refresher", on_step: "OnStep") -> "AsyncGenerator[Result, None]":
        if all_pages:
            return _older_pages(refresher, groups, again=insist, on_step=on_step)
        return refresher.refresh(groups, insist=insist, by_name=bool(names), anew=anew, on_step=on_step)

    with log_file(Path(log) if log else None, cli.clock) as write:

        def on_result(result: "Result") -> None:
            if quiet or as_json:
                print_failure(result)
            else:
                _print_one(result, in_full=all_pages)
            log_result(result, write)

        results = fetch(cli, library, len(groups), work, on_result) if groups else []
        if wrong := _run_hook(cli, library, results):
            print_notice(wrong)
            write(wrong)
            code = EXIT_FAILED
    code = _sync(cli, library) or code
    if as_json:
        order = {group.id: place for place, group in enumerate(groups)}
        results.sort(key=lambda result: order.get(result.group, len(order)))
        seconds = round(time.monotonic() - started, 3)
        print_json(RefreshJson(results_as_json(results, library.groups()), seconds))
    elif groups and not quiet:
        _sum_up(groups, results, insist=insist or bool(names))
    elif not names and not quiet:
        print_notice("There is no group to refresh. `florilege add SOURCE` brings one.")
    if (gone := purge(library, cli.config(), groups, clock=cli.clock)) and not quiet:
        print_notice(gone)
    return code_of(results) or code


def _print_one(result: "Result", *, in_full: bool) -> None:
    """Print the result of one group: its warnings in full with `in_full` or if it was skipped, or else their number."""
    print_outcome(result)
    if in_full or result.outcome is Outcome.SKIPPED:  # the warnings say why fetching older pages ended
        print_warnings(result)
    elif result.warnings:
        print_notice(f"{result.title}: {counted(len(result.warnings), 'warning')} about its document")


def _sync(cli: CliContext, library: "Library") -> int:
    """Synchronise reading states with other machines, if that is configured; gives the exit code."""
    sync = cli.sync(library)
    if sync is None or not (problem := sync.within(_PATIENCE).problem):
        return EXIT_DONE
    print_notice(problem)
    return EXIT_FAILED


def _run_hook(cli: CliContext, library: "Library", results: "Sequence[Result]") -> str | None:
    """Run the reader's hook if something new arrived; gives what went wrong, or None."""
    if not any(result.arrived for result in results):
        return None
    from florilege.cli.hooks import after_refresh
    from florilege.threads import run

    return run(after_refresh(cli, library, results))


async def _older_pages(
    refresher: "Refresher", groups: "Sequence[Group]", *, again: bool, on_step: "OnStep"
) -> "AsyncGenerator[Result, None]":
    """Fetch the older pages of one group after the other. Pages fetched before an interruption are kept."""
    for group in groups:
        yield await refresher.fetch_older(group, again=again, on_step=on_step)


def _sum_up(groups: "Sequence[Group]", results: "Sequence[Result]", *, insist: bool) -> None:
    """Print one line about what is new, and another about groups that were not due."""
    from florilege.refresh.results import announcement

    print_notice(announcement(results))
    has_source = {group.id for group in groups if group.sources}
    skipped = sum(result.outcome is Outcome.SKIPPED and result.group in has_source for result in results)
    if skipped and not insist:
        is_due = "was not due: --all asks it too" if skipped == 1 else "were not due: --all asks them too"
        print_notice(f"{counted(skipped, 'group')} {is_due}")


def log_result(result: "Result", log: Callable[[str], None]) -> None:
    """Log the result and the warnings of a group; of a skipped one, the warnings only."""
    if result.error:
        log(result.error if result.title in result.error else f"{result.title}: {result.error}")
    elif result.outcome is not Outcome.SKIPPED:
        log(f"{result.title}: {'unchanged' if result.outcome is Outcome.UNCHANGED else result.news}")
    for warning in result.warnings:
        log(f"{result.title}: {warning}")
