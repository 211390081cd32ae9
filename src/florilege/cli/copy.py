"""`browse` and `copy`: open or copy the newest item that matches a query. Meant for launchers."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from florilege.cli.args import FoundItems, find_newest
from florilege.cli.context import CliContext
from florilege.cli.options import command
from florilege.cli.output import is_terminal, print_result
from florilege.marking import Mark
from florilege.model import FlorilegeError
from florilege.words import title_of

if TYPE_CHECKING:
    from florilege.lists.catalogue import ItemRow
    from florilege.model import Highlight, Item

FORMS = {
    "link": "Link",
    "markdown": "Markdown link",
    "passage": "Link to the passage",
    "quote": "Quote with its source",
    "quotes": "All quotes",
    "plain": "Quote as plain text",
    "bibtex": "Entry for BibTeX",
}
"""What can be copied -> its name in the message afterwards."""


@command()
@click.argument("words", metavar="QUERY...", nargs=-1)
@click.option("--limit", type=click.IntRange(1, 20), default=1, metavar="N", help="Open the first N pages.")
@click.option("--archived", is_flag=True, help="Open it in the Wayback Machine, as it was when it was highlighted.")
def browse(cli: CliContext, words: tuple[str, ...], limit: int, archived: bool) -> None:
    """Open the newest page that matches a query in the browser."""
    from florilege.quotes.passages import archived_link

    found = find_newest(cli, words, limit)
    settings = cli.config(warn=True)
    for row in found.rows[:limit]:
        item = found.state.item(row) if archived else None
        address = archived_link(item, _highlight(cli, found, row, item)) if item else row.summary.url
        opening = cli.browse(address)
        if not opening.is_open:
            cli.report(str(opening))
            continue
        print_result(str(opening))
        if settings.reading.mark_on_open:
            found.state.changes.mark([row], Mark.READ, automatic=True)


@command()
@click.argument("words", metavar="QUERY...", nargs=-1)
@click.option("--as", "form", type=click.Choice([*FORMS]), default="link", show_default=True, help="What to copy.")
def copy(cli: CliContext, words: tuple[str, ...], form: str) -> None:
    """Copy from the newest item that matches a query.

    --as says what: its link, a quote, all its quotes, and more.
    """
    found = find_newest(cli, words)
    row = found.rows[0]
    item = found.state.item(row)
    if item is None:
        raise FlorilegeError("Another process removed the item.")
    settings = cli.config(warn=True)
    text = _text(cli, form, item, _highlight(cli, found, row, item), row.group_title)
    if not text:
        lacks_link = form in {"link", "markdown", "passage"} and not item.url
        raise FlorilegeError("No link is known for this item." if lacks_link else "This item has no highlight.")
    copied = cli.copy(text, _terminal())
    if not copied.ways:
        raise FlorilegeError(str(copied))
    print_result(f"{FORMS[form]} of “{title_of(item)}” {copied}")
    if settings.reading.mark_on_copy:
        found.state.changes.mark([row], Mark.READ, automatic=True)


def _highlight(cli: CliContext, found: FoundItems, row: "ItemRow", item: "Item") -> "Highlight | None":
    """The first highlight that matches the query, or else the item's first; None when it has none."""
    from florilege.query.subject import answering

    state = found.state.state_of(row)
    answers = answering(item, state, row.group_title, found.query.predicate(now=cli.clock()))
    return next(answers, None) or next(iter(item.highlights), None)


def _text(cli: CliContext, form: str, item: "Item", highlight: "Highlight | None", group_title: str) -> str:
    """The text to copy; empty when the item has nothing of that kind."""
    from florilege.export.citations import bibtex_entry
    from florilege.quotes import markdown
    from florilege.quotes.copying import plain_quote, quote_text, quotes_text
    from florilege.quotes.passages import passage_link

    if form == "link":
        return item.url or ""
    if form == "markdown":
        return markdown.item_link(item) if item.url else ""
    if form == "bibtex":
        return bibtex_entry(item, group_title)
    if highlight is None:
        return ""
    if form == "passage":
        return passage_link(item, highlight) or ""
    if form == "plain":
        return plain_quote(item, highlight, group_title)
    template, now = cli.config().copy.quote, cli.clock()
    if form == "quotes":
        return quotes_text([(item, group_title)], now=now, template=template)
    return quote_text(item, highlight, group_title, now=now, template=template)


def _terminal() -> Callable[[str], None] | None:
    """A function that writes an escape sequence to the terminal; None when stdout and stderr are both redirected."""
    stream = next(filter(is_terminal, (sys.stdout, sys.stderr)), None)
    if stream is None:
        return None

    def write(text: str) -> None:
        stream.write(text)
        stream.flush()

    return write
