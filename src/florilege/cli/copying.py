"""`browse` and `copy`: the newest item a query asks for, opened or copied. Made for launchers."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from florilege.cli import shell_complete
from florilege.cli.args import OneOf, asked
from florilege.cli.context import EXIT_DONE, EXIT_FAILED, CliContext, library_option
from florilege.cli.output import print_notice, print_result
from florilege.marking import Mark
from florilege.text import counted
from florilege.words import title_of

if TYPE_CHECKING:
    from florilege.lists.catalogue import ItemRow
    from florilege.lists.reader_state import ReaderState
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
"""What may be copied, and what it is called once it is."""


@click.command()
@click.argument("words", metavar="QUERY...", nargs=-1, shell_complete=shell_complete.queries)
@click.option("--limit", type=click.IntRange(1, 20), default=1, metavar="N", help="Open the first N pages, at most 20.")
@click.option("--archived", is_flag=True, help="As it was when it was highlighted, in the Wayback Machine.")
@library_option
@click.pass_obj
def browse(cli: CliContext, words: tuple[str, ...], limit: int, archived: bool) -> int:
    """Open the newest page a query asks for in the browser."""
    state, rows = find_items(cli, words, "browse", limit)
    from florilege.cli.world import Hands

    open_page = cli.open_page or Hands(cli).open_page
    code = EXIT_DONE if rows else EXIT_FAILED
    settings = cli.config_aloud()
    for row in rows[:limit]:
        opening = open_page(_archived(cli, words, row, state) if archived else row.head.url)
        if not opening.is_open:
            print_notice(str(opening))
            code = EXIT_FAILED
            continue
        print_result(str(opening))
        if settings.reading.mark_on_open:
            state.changes.mark([row], Mark.READ, automatic=True)
    return code


@click.command()
@click.argument("words", metavar="QUERY...", nargs=-1, shell_complete=shell_complete.queries)
@click.option("--as", "way", type=OneOf(WAYS, "way to copy"), default="link", show_default=True, help="What to copy.")
@library_option
@click.pass_obj
def copy(cli: CliContext, words: tuple[str, ...], way: str) -> int:
    """Copy from the newest item a query asks for.

    Its link, a quote, all its quotes, and more: see --as.
    """
    state, rows = find_items(cli, words, "copy")
    item = state.item(rows[0]) if rows else None
    if item is None:
        return EXIT_FAILED
    highlight = _highlight(cli, words, rows[0], state, item)
    text = _text(cli, way, item, highlight, rows[0].group_title)
    if not text:
        print_notice(
            "No link is known for this item." if way in {"link", "markdown"} else "This item has no highlight."
        )
        return EXIT_FAILED
    from florilege.cli.world import Hands

    copied = cli.copy(text) if cli.copy else Hands(cli).copy(text, _terminal())
    if not copied.ways:
        print_notice(str(copied))
        return EXIT_FAILED
    print_result(f"{WAYS[way]} of “{title_of(item)}” {copied}")
    if cli.config_aloud().reading.mark_on_copy:
        state.changes.mark(rows[:1], Mark.READ, automatic=True)
    return EXIT_DONE


def find_items(
    cli: CliContext, words: tuple[str, ...], command: str, limit: int = 1
) -> "tuple[ReaderState, list[ItemRow]]":
    """The items a query asks for, with a word about those that will not be taken."""
    query = asked(words)
    if query.is_blank:
        raise click.UsageError("Say which item with a query.", click.get_current_context())
    from florilege.lists.places import Kind, Place
    from florilege.lists.reader_state import ReaderState

    state = ReaderState(cli.library(f"florilege {command}"), clock=cli.clock, tolerant=False)
    rows = state.listed(Place(Kind.EVERYTHING), query)
    if not rows:
        print_notice("0 items found")
    elif len(rows) > limit:
        taken = "the newest" if limit == 1 else f"the newest {limit}"
        print_notice(f"{counted(len(rows), 'item')} found; using {taken}")
    return state, rows


def _archived(cli: CliContext, words: tuple[str, ...], row: "ItemRow", state: "ReaderState") -> str | None:
    """The address of the archived page, at the first highlight that answers to the query, else at the first."""
    from florilege.quotes.passages import archived_link

    item = state.item(row)
    return archived_link(item, _highlight(cli, words, row, state, item)) if item else None


def _highlight(
    cli: CliContext, words: tuple[str, ...], row: "ItemRow", state: "ReaderState", item: "Item"
) -> "Highlight | None":
    """The first highlight that answers to the query, else the first."""
    import msgspec

    from florilege.query import Subject

    answers = asked(words).predicate(now=cli.clock())
    alone = (msgspec.structs.replace(item, highlights=(each,)) for each in item.highlights)
    found = (one.highlights[0] for one in alone if answers(Subject(one, state.state_of(row), row.group_title)))
    return next(found, None) or next(iter(item.highlights), None)


def _text(cli: CliContext, way: str, item: "Item", highlight: "Highlight | None", group_title: str) -> str:
    """What to copy; empty when the item has nothing of the kind."""
    from florilege.quotes import bibtex, markdown
    from florilege.quotes.copying import quote_text, quotes_text
    from florilege.quotes.passages import passage_link
    from florilege.quotes.values import plain_quote

    if way == "link":
        return item.url or ""
    if way == "markdown":
        return markdown.item_link(item) if item.url else ""
    if way == "bibtex":
        return bibtex.entry(item, group_title)
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
    """Writes an escape sequence to the terminal, where results or remarks go to one: never into a pipe."""
    stream = next((each for each in (sys.stdout, sys.stderr) if each is not None and each.isatty()), None)
    if stream is None:
        return None

    def write(text: str) -> None:
        stream.write(text)
        stream.flush()

    return write
