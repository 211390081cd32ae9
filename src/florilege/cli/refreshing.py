"""`refresh`: fetch what is due, with a bar on a terminal and plain lines elsewhere."""

import time
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from florilege.cli import shell_complete
from florilege.cli.args import named
from florilege.cli.context import EXIT_DONE, EXIT_FAILED, CliContext, library_option
from florilege.cli.output import print_json, print_notice, use_colour
from florilege.cli.refresh_log import log_result, refresh_log
from florilege.text import counted

if TYPE_CHECKING:
    from florilege.cli.running import Told
    from florilege.model import Group
    from florilege.refresh import OnStep, Refresher, Result
    from florilege.store import Library


@click.command()
@click.argument("names", metavar="[GROUP]...", nargs=-1, shell_complete=shell_complete.groups)
@click.option("--all", "insist", is_flag=True, help="Also what is not due; never what a server asked us to leave.")
@click.option(
    "--all-pages", is_flag=True, help="Fetch the older pages of the groups named; with --all, also known ones."
)
@click.option("--anew", is_flag=True, help="Fetch the groups named whatever is known of them: for one that is stuck.")
@click.option("--quiet", is_flag=True, help="Print only what failed.")
@click.option(
    "--log", metavar="FILE", shell_complete=shell_complete.files, help="Write what happens into this log, too."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
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

    Those named by id, title or its beginning are fetched in any case; without a name, all that are due.
    """
    for option, is_given in (("--all-pages", all_pages), ("--anew", anew)):
        if is_given and not names:
            raise click.UsageError(f"{option} asks much of a server: name the GROUP.", click.get_current_context())
    if all_pages and anew:
        raise click.UsageError("--all-pages with --all reads all anew: leave out --anew.", click.get_current_context())
    library = cli.library("florilege refresh")
    there = library.groups()
    groups, code = named(names, there) if names else (there, EXIT_DONE)
    started = time.monotonic()
    telling = _tell_failure if quiet else _tell_all if all_pages else _tell
    tell_one = _silent if as_json else partial(telling, in_colour=use_colour(cli.environ))
    with refresh_log(cli, log) as write:

        def told(result: "Result") -> None:
            tell_one(result)
            log_result(result, write)

        if all_pages:
            results = _with_older(cli, library, groups, again=insist, tell_one=told)
        else:
            how = {"insist": insist, "by_name": bool(names), "anew": anew}
            results = _refreshed(cli, library, groups, tell_one=told, **how)
        if wrong := _run_hook(cli, library, results):
            print_notice(wrong)
            write(wrong)
            code = EXIT_FAILED
    if as_json:
        from florilege.cli.json_output import RefreshJson
        from florilege.cli.results import results_as_json

        order = {group.id: place for place, group in enumerate(groups)}
        results.sort(key=lambda result: order.get(result.group, len(order)))
        seconds = round(time.monotonic() - started, 3)
        print_json(RefreshJson(results_as_json(results, library.groups()), seconds))
        _tell_failures(results)
    elif groups and not quiet:
        _sum_up(groups, results, insist=insist or bool(names))
    elif not names and not quiet:
        print_notice("There is no group to refresh. `florilege add SOURCE` brings one.")
    from florilege.cli.groups import purge

    if (gone := purge(library, cli.config(), groups, clock=cli.clock)) and not quiet:
        print_notice(gone)
    if not results:
        return code
    from florilege.cli.results import code_of

    return code_of(results) or code


def _run_hook(cli: CliContext, library: "Library", results: "Sequence[Result]") -> str | None:
    """Run the reader's own program if something came; gives what went wrong."""
    if not any(result.arrived for result in results):
        return None
    import asyncio

    from florilege.cli.hooks import after_refresh

    return asyncio.run(after_refresh(cli, library, results))


def _refreshed(
    cli: CliContext, library: "Library", groups: "Sequence[Group]", *, tell_one: "Told", **how: bool
) -> "list[Result]":
    """Refresh groups, telling each as it is done; `how` is for `Refresher.refresh`."""
    if not groups:
        return []
    from florilege.cli.running import done

    return done(
        cli,
        library,
        len(groups),
        lambda refresher, began: refresher.refresh(groups, on_step=began, **how),
        tell_one,
    )


def _with_older(
    cli: CliContext, library: "Library", groups: "Sequence[Group]", *, again: bool, tell_one: "Told"
) -> "list[Result]":
    """Fetch the older pages of groups, one group after the other. What came before an interruption is kept."""
    if not groups:
        return []
    from florilege.cli.running import done

    async def one_by_one(refresher: "Refresher", began: "OnStep") -> "AsyncGenerator[Result, None]":
        for group in groups:
            yield await refresher.fetch_older(group, again=again, on_step=began)

    return done(cli, library, len(groups), one_by_one, tell_one)


def _silent(_result: "Result") -> None:
    """Say nothing."""


def _tell(result: "Result", *, in_colour: bool) -> None:
    """Print what became of one group, and why it was not asked when the reader wanted it asked."""
    from florilege.cli.results import print_outcome, print_warnings
    from florilege.model import Outcome

    print_outcome(result, in_colour=in_colour)
    if result.outcome is Outcome.SKIPPED:
        print_warnings(result)
    elif result.warnings:
        print_notice(f"{result.title}: {counted(len(result.warnings), 'warning')} about its document")


def _tell_all(result: "Result", *, in_colour: bool) -> None:
    """Print what became of one group, with everything that was odd: why a walk ended is among it."""
    from florilege.cli.results import print_outcome, print_warnings

    print_outcome(result, in_colour=in_colour)
    print_warnings(result)


def _tell_failure(result: "Result", *, in_colour: bool) -> None:
    """Print what became of one group if it failed."""
    from florilege.cli.results import print_outcome

    if result.error:
        print_outcome(result, in_colour=in_colour)


def _tell_failures(results: "Sequence[Result]") -> None:
    for result in results:
        _tell_failure(result, in_colour=False)


def _sum_up(groups: "Sequence[Group]", results: "Sequence[Result]", *, insist: bool) -> None:
    """Say in one line what is new, and in another what was left alone."""
    from florilege.model import Outcome
    from florilege.words import announced

    new = sum(result.new for result in results)
    highlights = sum(result.new_highlights for result in results)
    revised = 0 if new or highlights else sum(result.revised for result in results)
    touched = sum(bool(result.new or result.new_highlights or (revised and result.revised)) for result in results)
    print_notice(announced(new, highlights, touched, revised, sum(result.more_highlights for result in results)))
    has_source = {group.id for group in groups if group.sources}
    skipped = sum(result.outcome is Outcome.SKIPPED and result.group in has_source for result in results)
    if skipped and not insist:
        is_due = "was not due: --all asks it too" if skipped == 1 else "were not due: --all asks them too"
        print_notice(f"{counted(skipped, 'group')} {is_due}")
