"""`mark`: the reading state of the items that answer to a query."""

import click

from florilege.cli import suggesting
from florilege.cli.asking import asked
from florilege.cli.choosing import OneOf
from florilege.cli.outside import EXIT_DONE, Outside, library_option
from florilege.cli.voice import remark, tell
from florilege.marking import Mark
from florilege.text import counted, grouped


@click.command()
@click.argument("mark_as", metavar="read|unread|starred|unstarred", type=OneOf([mark.value for mark in Mark], "mark"))
@click.argument("words", metavar="QUERY...", nargs=-1, shell_complete=suggesting.queries)
@library_option
@click.pass_obj
def mark(outside: Outside, mark_as: str, words: tuple[str, ...]) -> int:
    """Mark the items a query asks for; `is:any` is every item."""
    query = asked(words)
    if query.is_blank:
        sentence = "Nothing was marked: say which items, with a query; is:any is every item."
        raise click.UsageError(sentence, click.get_current_context())
    from florilege.lists.desk import Desk
    from florilege.lists.places import Kind, Place

    desk = Desk(outside.library("florilege mark"), clock=outside.clock)
    rows = desk.listed(Place(Kind.EVERYTHING), query)
    step = desk.mark(rows, Mark(mark_as), bulk=True)
    changed = len(step.changes) if step else 0
    tell(f"{counted(changed, 'item')} marked {mark_as}")
    if changed < len(rows):
        remark(f"{grouped(len(rows) - changed)} of {counted(len(rows), 'item')} already {_were(len(rows) - changed)}")
    elif not rows:
        remark("0 items")
    return EXIT_DONE


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
