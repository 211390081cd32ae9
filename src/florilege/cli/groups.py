"""`rename`, `remove` and `restore`: what becomes of groups; and letting go of what the settings do not keep."""

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial

import click

from florilege.cli import shell_complete
from florilege.cli.args import named
from florilege.cli.context import EXIT_DONE, EXIT_FAILED, CliContext, library_option
from florilege.cli.output import print_notice, print_result
from florilege.merge import Retention, spent
from florilege.model import Group
from florilege.settings import Config
from florilege.store import Library, LibraryError, NoSuchGroup
from florilege.text import clean_line, counted


@click.command()
@click.argument("name", metavar="GROUP", shell_complete=shell_complete.groups)
@click.argument("title", metavar="TITLE")
@library_option
@click.pass_obj
def rename(cli: CliContext, name: str, title: str) -> int:
    """Give a group another title.

    GROUP is an id, a title, or its beginning.
    """
    wanted = clean_line(title)
    if not wanted:
        raise click.UsageError("A title can't be empty.", click.get_current_context())
    library = cli.library("florilege rename")
    group = library.find_group(name)
    library.rename_group(group.id, wanted)
    print_result(f"{group.title} is now called {wanted}")
    return EXIT_DONE


@click.command()
@click.argument("names", metavar="GROUP...", nargs=-1, required=True, shell_complete=shell_complete.groups)
@click.option("--yes", is_flag=True, help="Don't ask.")
@library_option
@click.pass_obj
def remove(cli: CliContext, names: tuple[str, ...], yes: bool) -> int:
    """Remove groups with their items.

    What you have read and starred of them goes too. For a week, `florilege restore` brings them back with everything
    they had. GROUP is an id, a title, or its beginning.
    """
    library = cli.library("florilege remove")
    groups, code = named(names, library.groups())
    for group in groups:
        if yes or _agreed(library, group):
            library.remove_group(group.id)
            print_result(f"{group.title} was removed; for a week, florilege restore {group.id} brings it back")
        else:
            print_notice(f"{group.title} was not removed.")
            code = EXIT_FAILED
    return code


@click.command()
@click.argument("names", metavar="[GROUP]...", nargs=-1, shell_complete=shell_complete.restorable)
@library_option
@click.pass_obj
def restore(cli: CliContext, names: tuple[str, ...]) -> int:
    """Bring back removed groups, and items that your settings removed.

    Both can be had back for a week. Without a name, it says which groups were removed.
    """
    library = cli.library("florilege restore")
    removed = library.removed_groups()
    if not names:
        for group in removed:
            print_result(f"{group.title} ({group.id})")
        print_notice(f"{counted(len(removed), 'group')} can be brought back: florilege restore GROUP")
        return EXIT_DONE
    groups, code = named(names, [*removed, *library.groups()])
    gone = {group.id for group in removed}
    for group in groups:
        if group.id in gone:
            library.restore_group(group.id)
            print_result(f"{group.title} is back, with {counted(library.counts(group.id).items, 'item')}")
        elif number := library.restore_purged(group.id):
            print_result(f"{group.title}: {counted(number, 'item')} brought back")
        else:
            print_notice(f"{group.title}: nothing was removed from it in the last week.")
            code = EXIT_FAILED
    return code


def _agreed(library: "Library", group: "Group") -> bool:
    """Whether the reader says yes. Where nobody can be asked, nobody has agreed."""
    if sys.stdin is None or not sys.stdin.isatty():
        print_notice("There is no terminal to ask on; --yes removes without asking.")
        return False
    counts = library.counts(group.id)
    starred = f", {counts.starred} of them starred" if counts.starred else ""
    question = f"Remove {clean_line(group.title)} with {counted(counts.items, 'item')}{starred}?"
    return click.confirm(question, err=True)


def purge(library: Library, config: Config, groups: Iterable[Group], *, clock: Callable[[], datetime]) -> str:
    """Purge what need not be kept of these groups: off unless the settings say otherwise.

    Done when nobody looks, after `florilege refresh` and when the app has been closed, so that nothing vanishes under
    the reader's eyes.

    Args:
        library: Where.
        config: The settings; `[library]` says what is kept.
        groups: Which groups; those removed meanwhile are passed over.
        clock: Now, with zone.

    Returns:
        What to say about it; empty when nothing went.

    Raises:
        LibraryError: The library could not be written. What went before is gone.
    """
    retention = Retention(config.library.keep_days, config.library.keep_items)
    if not retention.is_on:
        return ""
    choose = partial(spent, retention=retention, now=clock())
    gone: list[int] = []
    for group in groups:
        with suppress(NoSuchGroup):
            gone.append(library.purge(group.id, choose))
    if not sum(gone):
        return ""
    with suppress(LibraryError):  # only makes the next start quicker
        library.remember_counts()
    where = counted(sum(number > 0 for number in gone), "group")
    went = f"{counted(sum(gone), 'read item')} in {where}"
    return f"{went} removed, as [library] in your settings asks; for a week, florilege restore GROUP brings them back."
