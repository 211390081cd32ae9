"""`mark`, `note` and `undo`: change the reading state of the items that match a query, and undo that."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from florilege.cli.args import find_items, query_argument
from florilege.cli.context import CliContext
from florilege.cli.options import WrongUsage, command
from florilege.cli.output import is_terminal, print_notice, print_result
from florilege.files import NotWritten, write_atomically
from florilege.marking import Mark, UndoStep, marked, undo_sentence, undoing
from florilege.model import FlorilegeError, OwnNote
from florilege.query.nodes import Query
from florilege.text import clean, counted, grouped
from florilege.words import title_of

if TYPE_CHECKING:
    from florilege.lists.catalogue import ItemRow

MANY = 20
"""Number of items that are marked without asking."""
_SHOWN = 5
"""Number of titles that a dry run prints."""


@command()
@click.argument(
    "mark_as",
    metavar="read|unread|starred|unstarred",
    type=click.Choice([mark.value for mark in Mark if mark is not Mark.NOTED]),
)
@query_argument("QUERY...")
@click.option("--yes", is_flag=True, help="Don't ask before marking many.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would change.")
def mark(cli: CliContext, mark_as: str, query: Query, yes: bool, dry_run: bool) -> None:
    """Mark the items that match a query; `is:any` is every item.

    `florilege undo` undoes it. On a terminal, you are asked before more than 20 items are marked.
    """
    if query.is_blank:
        raise WrongUsage("Nothing was marked: say which items with a query (is:any is every item).")
    state, rows = find_items(cli, query)
    what, now = Mark(mark_as), cli.clock().astimezone(UTC)
    changing = [
        row for row in rows if marked(before := state.state_of(row), what, seen=row.summary.revision, now=now) != before
    ]
    if dry_run:
        _print_plan(changing, mark_as)
        return
    # Scripts are not asked: there is nobody to answer.
    is_asked = len(changing) > MANY and not yes and is_terminal(sys.stdin)
    if is_asked and not click.confirm(f"Mark {counted(len(changing), 'item')} {mark_as}?", err=True):
        raise FlorilegeError("Nothing was marked.")
    step = state.changes.mark(rows, what, bulk=True)
    changed = len(step.changes) if step else 0
    _remember(cli, step)
    print_result(f"{counted(changed, 'item')} marked {mark_as}")
    if unchanged := len(rows) - changed:
        was = "was" if unchanged == 1 else "were"
        print_notice(f"{grouped(unchanged)} of {counted(len(rows), 'item')} already {was}")
    elif not rows:
        print_notice("0 items")


@command()
@query_argument("QUERY...")
@click.option("--text", metavar="TEXT", help="The text of the note; '' removes it.")
def note(cli: CliContext, query: Query, text: str | None) -> None:
    """Write your own note on the newest match, or show it.

    Without --text, the note is printed. It stays private, and no refresh changes it. `mine:` searches your notes,
    including tags such as #todo in them; `florilege undo` undoes the change.
    """
    if query.is_blank:
        raise WrongUsage("Say which item, with a query.")
    state, rows = find_items(cli, query)
    if not rows:
        raise FlorilegeError("No item matches." if text else "No item matches. The text of a note follows --text.")
    if len(rows) > 1:
        print_notice(f"{counted(len(rows), 'item')} found; using the newest")
    row = rows[0]
    if text is None:
        for line in filter(None, state.state_of(row).note.split("\n")):
            print_result(line)
        return
    words = clean(text).strip()
    if text.strip() and not words:
        raise WrongUsage("Nothing of that text can be shown; '' removes the note.")
    _remember(cli, state.changes.mark([row], Mark.NOTED, note=OwnNote(words)))
    print_result(f"{'Noted on' if words else 'Note removed from'}: {title_of(row.summary)}")


@command()
def undo(cli: CliContext) -> None:
    """Undo the last `florilege mark` or `florilege note`.

    Items marked since then, in the app or by another command, stay as they are.
    """
    from florilege.files import read_file

    place = _last_mark(cli)
    try:
        step = msgspec.json.decode(read_file(place), type=UndoStep)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        raise FlorilegeError(
            "There is nothing to undo: only the last `florilege mark` or `note` can be undone, once."
        ) from None
    turned = {change.after.item for change in cli.library().change(undoing(step.changes))}
    place.unlink(missing_ok=True)
    undone = UndoStep(step.mark, tuple(change for change in step.changes if change.after.item in turned))
    print_result(undo_sentence(undone))


def _print_plan(rows: "Sequence[ItemRow]", mark_as: str) -> None:
    """Print what would be marked."""
    print_result(f"{counted(len(rows), 'item')} would be marked {mark_as}")
    for row in rows[:_SHOWN]:
        print_result(f"  {title_of(row.summary)} ({row.group_title})")
    if len(rows) > _SHOWN:
        print_result(f"  and {grouped(len(rows) - _SHOWN)} more")


def _last_mark(cli: CliContext) -> Path:
    """The file that stores the step which `undo` takes back."""
    return cli.paths.session.with_name("last-mark.json")


def _remember(cli: CliContext, step: UndoStep | None) -> None:
    """Save a step for `undo`, if it changed something."""
    if step is None:
        return
    try:
        write_atomically(_last_mark(cli), msgspec.json.encode(step))
    except NotWritten as error:
        with suppress(OSError):  # `undo` must not take back an earlier mark instead
            _last_mark(cli).unlink(missing_ok=True)
        print_notice(f"`florilege undo` can't undo this: {error}")
