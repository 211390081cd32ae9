"""`mark`, `note` and `undo`: the reader's own state of the items that answer to a query, and the way back."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from florilege.cli import shell_complete
from florilege.cli.args import OneOf, asked
from florilege.cli.context import EXIT_DONE, EXIT_FAILED, CliContext, library_option
from florilege.cli.output import print_notice, print_result
from florilege.marking import Mark, Step, marked, told
from florilege.text import clean, counted, grouped
from florilege.words import title_of

if TYPE_CHECKING:
    from florilege.lists.catalogue import ItemRow

MANY = 20
"""Items that are marked without a question."""
_SHOWN = 5
"""Titles that a dry run names."""


@click.command()
@click.argument(
    "mark_as",
    metavar="read|unread|starred|unstarred",
    type=OneOf([mark.value for mark in Mark if mark is not Mark.NOTED], "mark"),
)
@click.argument("words", metavar="QUERY...", nargs=-1, shell_complete=shell_complete.queries)
@click.option("--yes", is_flag=True, help="Don't ask before marking many.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would change.")
@library_option
@click.pass_obj
def mark(cli: CliContext, mark_as: str, words: tuple[str, ...], yes: bool, dry_run: bool) -> int:
    """Mark the items a query asks for; `is:any` is every item.

    `florilege undo` takes the last one back. On a terminal you are asked before more than 20 items are marked.
    """
    query = asked(words)
    if query.is_blank:
        sentence = "Nothing was marked: say which items with a query (is:any is every item)."
        raise click.UsageError(sentence, click.get_current_context())
    from florilege.lists.places import Kind, Place
    from florilege.lists.reader_state import ReaderState

    state = ReaderState(cli.library("florilege mark"), clock=cli.clock, tolerant=False)
    rows = state.listed(Place(Kind.EVERYTHING), query)
    what, now = Mark(mark_as), cli.clock()
    changing = [
        row for row in rows if marked(before := state.state_of(row), what, seen=row.head.revision, now=now) != before
    ]
    if dry_run:
        _tell_plan(changing, mark_as)
        return EXIT_DONE
    if len(changing) > MANY and not yes and not _agreed(f"Mark {counted(len(changing), 'item')} {mark_as}?"):
        print_notice("Nothing was marked.")
        return EXIT_FAILED
    step = state.changes.mark(rows, what, bulk=True)
    changed = len(step.changes) if step else 0
    if step:
        _remember(_last_mark(cli), step)
    print_result(f"{counted(changed, 'item')} marked {mark_as}")
    if changed < len(rows):
        print_notice(
            f"{grouped(len(rows) - changed)} of {counted(len(rows), 'item')} already {_were(len(rows) - changed)}"
        )
    elif not rows:
        print_notice("0 items")
    return EXIT_DONE


@click.command()
@click.argument("words", metavar="QUERY...", nargs=-1, shell_complete=shell_complete.queries)
@click.option("--text", metavar="TEXT", help="What the note shall say; nothing, as '', takes it away.")
@library_option
@click.pass_obj
def note(cli: CliContext, words: tuple[str, ...], text: str | None) -> int:
    """Write a note of your own on the newest item found, or print it.

    It is printed without --text. It is yours alone: it never becomes part of the item, and no refresh touches it.
    `mine:` finds its words, among them tags such as #todo; `florilege undo` takes it back.
    """
    from florilege.cli.copying import find_items

    state, rows = find_items(cli, words, "note")
    if not rows:
        return EXIT_FAILED
    if text is None:
        for line in filter(None, state.state_of(rows[0]).note.split("\n")):
            print_result(line)
        return EXIT_DONE
    said = clean(text).strip()
    step = state.changes.mark(rows[:1], Mark.NOTED, note=said)
    if step:
        _remember(_last_mark(cli), step)
    done = "Noted on" if said else "No note any more on"
    print_result(f"{done}: {title_of(rows[0].head)}")
    return EXIT_DONE


@click.command()
@library_option
@click.pass_obj
def undo(cli: CliContext) -> int:
    """Take back the last `florilege mark` or `florilege note`.

    What was marked since, in the app or by another command, stays as it is.
    """
    import msgspec

    place = _last_mark(cli)
    try:
        step = msgspec.json.decode(place.read_bytes(), type=Step)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        print_notice("There is nothing to take back: `florilege undo` takes back the last `florilege mark`.")
        return EXIT_FAILED
    turned = {change.after.item for change in cli.library("florilege undo").undo(step.changes)}
    place.unlink(missing_ok=True)
    print_result(told(Step(step.mark, tuple(change for change in step.changes if change.after.item in turned))))
    return EXIT_DONE


def _tell_plan(rows: "Sequence[ItemRow]", mark_as: str) -> None:
    """Say what would be marked."""
    print_result(f"{counted(len(rows), 'item')} would be marked {mark_as}")
    for row in rows[:_SHOWN]:
        print_result(f"  {title_of(row.head)} ({row.group_title})")
    if len(rows) > _SHOWN:
        print_result(f"  and {grouped(len(rows) - _SHOWN)} more")


def _agreed(question: str) -> bool:
    """Whether the reader says yes. A script, which nobody can be asked about, means what it says."""
    return sys.stdin is None or not sys.stdin.isatty() or click.confirm(question, err=True)


def _last_mark(cli: CliContext) -> Path:
    """The file that remembers what `undo` takes back."""
    return cli.places.session.with_name("last-mark.json")


def _remember(place: Path, step: Step) -> None:
    import msgspec

    from florilege.files import NotWritten, write_atomically

    try:
        write_atomically(place, msgspec.json.encode(step))
    except NotWritten as error:
        print_notice(f"`florilege undo` can't take this back: {error}")


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
