"""`groups`, `rename`, `remove` and `restore`: list and change groups; also purges items by the retention settings."""

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial

import click
from msgspec.structs import replace

from florilege.cli.args import NO_GROUPS, complete_groups, complete_removed, find_groups
from florilege.cli.context import CliContext
from florilege.cli.json_output import GroupsJson, group_json
from florilege.cli.options import WrongUsage, as_json_option, command
from florilege.cli.output import Piece, Style, is_terminal, print_json, print_notice, print_result
from florilege.model import Counts, Group, Outcome
from florilege.settings import Config
from florilege.store import Library, LibraryError, LibraryUnreadable, NoSuchGroup, find
from florilege.text import clean_line, counted, grouped
from florilege.words import ago, failure_of


@command()
@as_json_option
def groups(cli: CliContext, as_json: bool) -> None:
    """Show the groups with their counts and last outcome."""
    library, found = cli.library(), []
    known = library.groups()
    if library.problem:
        cli.report(library.problem)
    for group in known:
        try:
            found.append((group, library.counts(group.id)))
        except NoSuchGroup:  # removed by another process since
            continue
        except LibraryUnreadable as error:  # only this group is left out
            cli.report(str(error))
    if as_json:
        print_json(GroupsJson([group_json(group, counts) for group, counts in found]))
        return
    for group, counts in found:
        print_result(*_in_a_line(group, counts, cli.clock()))
    if not found and not cli.problems:
        print_notice(NO_GROUPS)


def _in_a_line(group: Group, counts: Counts, now: datetime) -> list[Piece]:
    pieces: list[Piece] = [
        (f"{group.title}: ", Style.UNREAD) if counts.unread else f"{group.title}: ",
        f"{grouped(counts.unread)} unread of {grouped(counts.items)}",
    ]
    if counts.new_highlights:
        pieces.append(f", {counted(counts.new_highlights, 'new highlight')}")
    if group.outcome is Outcome.FAILED:
        pieces += [", ", (f"not refreshed: {failure_of(group, now)}", Style.ERROR)]
    elif group.sources:
        when = f"refreshed {ago(group.checked_at, now)}" if group.checked_at else "never refreshed"
        pieces += [", ", (when, Style.FAINT)]
    return pieces


@command()
@click.argument("name", metavar="GROUP", shell_complete=complete_groups)
@click.argument("title", metavar="TITLE")
def rename(cli: CliContext, name: str, title: str) -> None:
    """Rename a group.

    GROUP is an id, a title, or the beginning of one.
    """
    wanted = clean_line(title)
    if not wanted:
        raise WrongUsage("A title can't be empty.")
    library = cli.library()
    group = find(name, library.groups())
    library.update_group(group.id, partial(replace, title=wanted))
    print_result(f"{group.title} is now called {wanted}")


@command()
@click.argument("names", metavar="GROUP...", nargs=-1, required=True, shell_complete=complete_groups)
@click.option("--yes", is_flag=True, help="Don't ask.")
def remove(cli: CliContext, names: tuple[str, ...], yes: bool) -> None:
    """Remove groups with their items.

    Your marks and notes on them are removed too. For a week, `florilege restore` brings them back with everything they
    had. GROUP is an id, a title, or the beginning of one.
    """
    library = cli.library()
    for group in find_groups(cli, names, library.groups()):
        if yes or _is_confirmed(library, group):
            library.trash.remove_group(group.id)
            print_result(f"{group.title} was removed; for a week, florilege restore {group.id} brings it back")
        else:
            cli.report(f"{group.title} was not removed.")


@command()
@click.argument("names", metavar="[GROUP]...", nargs=-1, shell_complete=complete_removed)
def restore(cli: CliContext, names: tuple[str, ...]) -> None:
    """Restore removed groups, and items removed by your settings.

    Both are kept for a week. Without GROUP, the groups that can be restored are listed.
    """
    library = cli.library()
    removed = library.trash.groups()
    if not names:
        for group in removed:
            print_result(f"{group.title} ({group.id})")
        back = f"{counted(len(removed), 'group')} can be brought back: florilege restore GROUP"
        print_notice(back if removed else "No group was removed in the last week.")
    gone = {group.id for group in removed}
    for group in find_groups(cli, names, [*removed, *library.groups()]):
        if group.id in gone:
            library.trash.restore_group(group.id)
            print_result(f"{group.title} is back, with {counted(library.counts(group.id).items, 'item')}")
        elif number := library.trash.restore_items(group.id):
            print_result(f"{group.title}: {counted(number, 'item')} brought back")
        else:
            cli.report(f"{group.title}: nothing was removed from it in the last week.")


def _is_confirmed(library: Library, group: Group) -> bool:
    """Ask whether to remove a group. Without a terminal to ask on, the answer is no."""
    if not is_terminal(sys.stdin):
        print_notice("There is no terminal to ask on: use --yes to remove without asking.")
        return False
    try:
        counts = library.counts(group.id)
        starred = f", {counts.starred} of them starred" if counts.starred else ""
        held = f"{counted(counts.items, 'item')}{starred}"
    except LibraryUnreadable:
        held = "what it holds, which can't be read"
    return click.confirm(f"Remove {clean_line(group.title)} with {held}?", err=True)


def purge(library: Library, config: Config, groups: Iterable[Group], *, clock: Callable[[], datetime]) -> str:
    """Purge the items of these groups that the settings don't keep; by default, everything is kept.

    Done after `florilege refresh` and when the app has been closed, so that nothing vanishes before the reader's eyes.

    Args:
        library: The library to purge.
        config: The settings; `[library]` says what is kept.
        groups: The groups to purge; those removed meanwhile are skipped.
        clock: Gives the current time, with zone.

    Returns:
        A message about it; empty when nothing was purged.

    Raises:
        LibraryError: The library could not be written. What was purged before that stays purged.
    """
    from florilege.merge import spent  # imports modules that `groups` does not need

    keep_days, keep_items = config.library.keep_days, config.library.keep_items
    if keep_days is None and keep_items is None:
        return ""
    choose = partial(spent, keep_days=keep_days, keep_items=keep_items, now=clock())
    gone: list[int] = []
    for group in groups:
        with suppress(NoSuchGroup, LibraryUnreadable):  # an unreadable group is skipped
            gone.append(library.trash.purge(group.id, choose))
    if not sum(gone):
        return ""
    with suppress(LibraryError):  # this only speeds up the next start
        library.remember_counts()
    where = counted(sum(number > 0 for number in gone), "group")
    went = f"{counted(sum(gone), 'read item')} in {where}"
    return f"{went} removed, as [library] in your settings asks; for a week, florilege restore GROUP brings them back."
