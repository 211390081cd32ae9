"""`browse` and `copy`: open or copy the newest item that matches a query. Meant for launchers."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from florilege.cli import shell_complete
from florilege.cli.args import FoundItems, OneOf, find_items, parse_query
from florilege.cli.context import EXIT_FAILED, CliContext, WrongUsage, command
from florilege.cli.output import print_notice, print_result
from florilege.marking import Mark
from florilege.text import counted
from florilege.words import title_of

if TYPE_CHECKING:
    from florilege.lists.catalogue import ItemRow
    from florilege.model import Highlight, Item

WAYS = {
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
@click.argument("words", metavar="QUERY...", nargs=-1, shell_complete=shell_complete.queries)
@click.option("--limit", type=click.IntRange(1, 20), default=1, metavar="N", help="Open the first N pages, at most 20.")
@click.option("--archived", is_flag=True, help="Open it as it was when it was highlighted, in the Wayback Machine.")
def browse(cli: CliContext, words: tuple[str, ...], limit: int, archived: bool) -> int:
    """Open the newest page a query asks for in the browser."""
    from florilege.quotes.passages import archived_link

    found = find_newest(cli, words, limit)
    code = found.code if found.rows else EXIT_FAILED
    settings = cli.config(warn=True)
    for row in found.rows[:limit]:
        item = found.state.item(row) if archived else None
        address = archived_link(item, _highlight(cli, found, row, item)) if item else row.head.url
        opening = cli.browse(address)
        if not opening.is_open:
            print_notice(str(opening))
            code = EXIT_FAILED
            continue
        print_result(str(opening))
        if settings.reading.mark_on_open:
            found.state.changes.mark([row], Mark.READ, automatic=True)
    return code


@command()
@click.argument("words", metavar="QUERY...", nargs=-1, shell_complete=shell_complete.queries)
@click.option("--as", "way", type=OneOf(WAYS, "way to copy"), default="link", show_default=True, help="What to copy.")
def copy(cli: CliContext, words: tuple[str, ...], way: str) -> int:
    """Copy from the newest item a query asks for.

    Its link, a quote, all its quotes, and more: see --as.
    """
    found = find_newest(cli, words)
    row = found.rows[0] if found.rows else None
    item = found.state.item(row) if row else None
    if row is None or item is None:
        return EXIT_FAILED
    settings = cli.config(warn=True)
    text = _text(cli, way, item, _highlight(cli, found, row, item), row.group_title)
    if not text:
        has_link = way not in {"link", "markdown", "passage"} or item.url
        print_notice("This item has no highlight." if has_link else "No link is known for this item.")
        return EXIT_FAILED
    copied = cli.copy(text, _terminal())
    if not copied.ways:
        print_notice(str(copied))
        return EXIT_FAILED
    print_result(f"{WAYS[way]} of “{title_of(item)}” {copied}")
    if settings.reading.mark_on_copy:
        found.state.changes.mark([row], Mark.READ, automatic=True)
    return found.code


def find_newest(cli: CliContext, words: tuple[str, ...], limit: int = 1) -> FoundItems:
    """The items that match a query; a notice says when more than `limit` were found.

    Raises:
        WrongUsage: The query is empty or invalid.
    """
    query = parse_query(words)
    if query.is_blank:
        raise WrongUsage("Say which item, with a query.")
    found = find_items(cli, query)
    if not found.rows:
        print_notice("0 items found")
    elif len(found.rows) > limit:
        taken = "the newest" if limit == 1 else f"the newest {limit}"
        print_notice(f"{counted(len(found.rows), 'item')} found; using {taken}")
    return found


def _highlight(cli: CliContext, found: FoundItems, row: "ItemRow", item: "Item") -> "Highlight | None":
    """The first highlight that matches the query, or else the item's first; None when it has none."""
    from florilege.query.subject import answering

    state = found.state.state_of(row)
    answers = answering(item, state, row.group_title, found.query.predicate(now=cli.clock()))
    return next(answers, None) or next(iter(item.highlights), None)


def _text(cli: CliContext, way: str, item: "Item", highlight: "Highlight | None", group_title: str) -> str:
    """The text to copy; empty when the item has nothing of that kind."""
    from florilege.export.citations import bibtex_entry
    from florilege.quotes import markdown
    from florilege.quotes.copying import plain_quote, quote_text, quotes_text
    from florilege.quotes.passages import passage_link

    if way == "link":
        return item.url or ""
    if way == "markdown":
        return markdown.item_link(item) if item.url else ""
    if way == "bibtex":
        return bibtex_entry(item, group_title)
    if highlight is None:
        return ""
    if way == "passage":
        return passage_link(item, highlight) or ""
    if way == "plain":
        return plain_quote(item, highlight, group_title)
    template, now = cli.config().copy.quote, cli.clock()
    if way == "quotes":
        return quotes_text([(item, group_title)], now=now, template=template)
    return quote_text(item, highlight, group_title, now=now, template=template)


def _terminal() -> Callable[[str], None] | None:
    """A function that writes an escape sequence to the terminal; None when stdout and stderr are both redirected."""
    stream = next((each for each in (sys.stdout, sys.stderr) if each is not None and each.isatty()), None)
    if stream is None:
        return None

    def write(text: str) -> None:
        stream.write(text)
        stream.flush()

    return write
