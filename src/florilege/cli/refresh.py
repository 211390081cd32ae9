"""`refresh`: fetches the groups that are due, writes the refresh log, and runs the reader's hook if anything is new."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from florilege.cli.args import complete_groups, find_groups
from florilege.cli.context import CliContext
from florilege.cli.fetch import (
    code_of,
    fetch,
    log_result,
    print_failure,
    print_outcome,
    print_warnings,
)
from florilege.cli.options import FILE, WrongUsage, as_json_option, command
from florilege.cli.output import log_file, print_json, print_notice
from florilege.model import Outcome, ReadingState
from florilege.text import clean_line, counted

_PATIENCE = 30.0
"""Seconds to wait for the folder of reading states."""

if TYPE_CHECKING:
    from florilege.cli.json_output import NewJson
    from florilege.model import Group
    from florilege.refresh import OnStep, Refresher, Result
    from florilege.store import Library


@command()
@click.argument("names", metavar="[GROUP]...", nargs=-1, shell_complete=complete_groups)
@click.option(
    "--all", "insist", is_flag=True, help="Also fetch groups that are not due, except where a server asked us to wait."
)
@click.option(
    "--all-pages",
    is_flag=True,
    help="Fetch older pages of the named groups; with --all, also those fetched before.",
)
@click.option("--anew", is_flag=True, help="Fetch the named groups as if for the first time, in case one is stuck.")
@click.option("--quiet", is_flag=True, help="Print only failures.")
@click.option("--log", metavar="FILE", type=FILE, help="Also write the results to this log file.")
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
) -> int | None:
    """Fetch the groups that are due.

    GROUP is an id, a title, or the beginning of one; a group you name is fetched even if it is not due.
    """
    if anew and all_pages:
        raise WrongUsage("--all-pages with --all fetches everything again already: leave out --anew.")
    if (anew or all_pages) and not names:
        raise WrongUsage(f"{'--anew' if anew else '--all-pages'} is hard on servers: name a GROUP.")
    library = cli.library()
    groups = find_groups(cli, names, library.groups()) if names else library.groups()
    started = time.monotonic()
    from florilege.threads import run

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
        if results and (wrong := run(after_refresh(cli, library, results))):
            cli.report(wrong)
            write(wrong)
    if as_json:
        from florilege.cli.json_output import results_json

        order = {group.id: place for place, group in enumerate(groups)}
        results.sort(key=lambda result: order.get(result.group, len(order)))
        print_json(results_json(results, library.groups(), started=started))
    elif groups and not quiet:
        _sum_up(groups, results, insist=insist or bool(names))
    elif not names and not quiet:
        print_notice("There are no groups to refresh. Add one with `florilege add SOURCE`.")
    _finish(cli, library, groups, quiet=quiet)
    return code_of(results)


def _finish(cli: CliContext, library: "Library", groups: "Sequence[Group]", *, quiet: bool) -> None:
    """Synchronise reading states with other machines, and purge what the settings don't keep."""
    from florilege.cli.groups import purge

    if (sync := cli.sync(library)) and (problem := sync.within(_PATIENCE).problem):
        cli.report(problem)
    if (gone := purge(library, cli.config(), groups, clock=cli.clock)) and not quiet:
        print_notice(gone)


def _print_one(result: "Result", *, in_full: bool) -> None:
    """Print the result of one group: its warnings in full with `in_full` or if it was skipped, or else their number."""
    print_outcome(result)
    if in_full or result.outcome is Outcome.SKIPPED:  # the warnings say why fetching older pages ended
        print_warnings(result)
    elif result.warnings:
        print_notice(f"{result.title}: {counted(len(result.warnings), 'warning')} about its document")


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


async def after_refresh(cli: CliContext, library: "Library", results: "Sequence[Result]") -> str | None:
    """Run the reader's own program, if one is configured and something is new, with that as JSON on its stdin.

    Args:
        cli: The context of the command.
        library: The library that was refreshed.
        results: The results of the refreshed groups.

    Returns:
        What went wrong, as a sentence; None when nothing did.
    """
    hook = cli.config().hooks.after_refresh
    arrived = {result.group: result.arrived for result in results if result.arrived}
    if not hook or not arrived:
        return None
    import asyncio

    from florilege.store import LibraryError

    try:
        news = await asyncio.to_thread(_news, library, arrived, cli.clock)
    except LibraryError as error:
        wrong: str | None = f"was not run: {error}"
    else:
        wrong = (await cli.desktop.run(hook, msgspec.json.encode(news))).error
    return wrong and clean_line(f"The hook {hook[0]} {wrong}")


def _news(library: "Library", arrived: Mapping[str, Sequence[str]], clock: Callable[[], datetime]) -> "NewJson":
    """The news: items never seen before, and new highlights in items already read."""
    from florilege.cli.json_output import NewJson
    from florilege.export.jsonlines import item_json, quote_json
    from florilege.export.selection import SelectedItem
    from florilege.lists.catalogue import Catalogue

    news = NewJson([], [])
    catalogue = Catalogue(library, clock=clock)
    catalogue.index_pages()
    for group in library.groups():
        if not (ids := arrived.get(group.id)):
            continue
        stored, states = library.stored(group.id, ids), library.states(group.id)
        for item in stored.items(stored.by_id().values()):
            row = SelectedItem(group, item, states.get(item.id) or ReadingState(item=item.id))
            new = [highlight for highlight in item.highlights if row.state.has_new(highlight)]
            news.quotes.extend(quote_json(row, highlight) for highlight in new)
            if not new:
                news.items.append(item_json(item, row.state, group.title, catalogue.also_in(item)))
    return news
