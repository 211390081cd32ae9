"""`list` and `quotes`: items, and what was highlighted in them, as lines or as JSON. Reads; never writes."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import click
import msgspec

from florilege.cli.asking import asked
from florilege.cli.json_output import ItemJson, item_json, quote_json
from florilege.cli.listing import Block, Form, Found, fields_told, listing_options, tell_all
from florilege.cli.outside import EXIT_DONE, Outside
from florilege.cli.voice import Style, paints
from florilege.export.selection import Row, rows_of
from florilege.lists.catalogue import Catalogue, Listed
from florilege.lists.places import Kind, Place
from florilege.model import Highlight, ReadingState
from florilege.query import Query, Subject
from florilege.quotes.templates import ITEM_FIELDS, QUOTE_FIELDS
from florilege.quotes.values import item_values, quote_values
from florilege.words import NO_DATE, date_of, sharer_of, title_of


@click.command("list", epilog=fields_told(ITEM_FIELDS))
@listing_options("item")
def list_items(
    outside: Outside, words: tuple[str, ...], as_json: bool, as_lines: bool, line: str | None, limit: int | None
) -> int:
    """Show items, all or those a query asks for, newest first.

    The words of a query must all occur; `is:unread`, `has:quote`, `not word` and `"exact phrase"` work too.
    """
    form = Form(as_json, as_lines, line, limit).checked()
    query = asked(words)
    library = outside.library("florilege list")
    catalogue = Catalogue(library, clock=outside.clock, texts=outside.texts(library))
    listed = catalogue.listed(Place(Kind.EVERYTHING), query)
    shown = listed if limit is None else listed[:limit]
    rows = rows_of(library, [each.head for each in shown])
    found = Found(
        "item",
        elements=lambda: _items_as_json(catalogue, shown, rows),
        fields=ITEM_FIELDS,
        values=lambda: (item_values(row.item, row.state, row.group.title) for row in rows),
        blocks=lambda: _item_lines(catalogue, shown, outside.clock()),
        total=len(listed),
    )
    tell_all(found, form, in_colour=paints(outside.environ))
    return EXIT_DONE


def _items_as_json(catalogue: Catalogue, shown: Sequence[Listed], rows: Iterator[Row]) -> Iterator[ItemJson]:
    if len({group.id for group in catalogue.groups()}) > 1:
        catalogue.index_pages()
    heads = {each.key: each.head for each in shown}
    for item, state, title in ((row.item, row.state, row.group.title) for row in rows):
        yield item_json(item, state, title, catalogue.also_in(heads[item.id]))


def _item_lines(catalogue: Catalogue, shown: Sequence[Listed], now: datetime) -> Iterator[Block]:
    for row in shown:
        yield [_item_line(row, catalogue.state(row.head.group, row.head.id), now)]


def _item_line(row: Listed, state: ReadingState, now: datetime) -> list[tuple[str, Style]]:
    """`● 2026-04-12  Title  (Sharer, Group) ❝4 +2 ★`."""
    head = row.head
    shared = date_of(head)
    if shared is not None and shared.tzinfo is not None:
        shared = shared.astimezone(now.tzinfo)
    day = shared.date().isoformat() if shared else NO_DATE
    sign = " " if state.is_read else "●"
    signs = [f"❝{len(head.highlights)}"] if head.highlights else []
    if news := state.new_highlights(head):
        signs.append(f"+{news}")
    if state.is_starred:
        signs.append("★")
    return [
        (f"{sign} ", Style.PLAIN),
        (f"{day}  ", Style.FAINT),
        (title_of(head), Style.PLAIN if state.is_read else Style.UNREAD),
        (f"  ({sharer_of(head)}, {row.group_title})", Style.FAINT),
        *((f" {each}", Style.PLAIN) for each in signs),
    ]


@click.command(epilog=fields_told(QUOTE_FIELDS))
@listing_options("quote")
def quotes(
    outside: Outside, words: tuple[str, ...], as_json: bool, as_lines: bool, line: str | None, limit: int | None
) -> int:
    """Show highlights with their source.

    All, or those a query asks for: a highlight is shown when its item would answer to the query if it had no other
    highlight.
    """
    form = Form(as_json, as_lines, line, limit).checked()
    answering = _answering(outside, asked(words))
    found = Found(
        "quote",
        elements=lambda: (quote_json(row, highlight) for row, highlight in answering),
        fields=QUOTE_FIELDS,
        values=lambda: (quote_values(row.item, highlight, row.group.title) for row, highlight in answering),
        blocks=lambda: (_quote_block(row, highlight) for row, highlight in answering),
    )
    tell_all(found, form, in_colour=paints(outside.environ))
    return EXIT_DONE


def _answering(outside: Outside, query: Query) -> Iterator[tuple[Row, Highlight]]:
    """The highlights that a query asks for, newest item first."""
    library = outside.library("florilege quotes")
    listed = Catalogue(library, clock=outside.clock, texts=outside.texts(library)).listed(Place(Kind.EVERYTHING), query)
    answers = query.predicate(now=outside.clock())
    for row in rows_of(library, [each.head for each in listed if each.head.highlights]):
        for highlight in row.item.highlights:
            alone = msgspec.structs.replace(row.item, highlights=(highlight,))
            if answers(Subject(alone, row.state, row.group.title)):
                yield row, highlight


def _quote_block(row: Row, highlight: Highlight) -> Block:
    """The passage behind a bar, then where it is from, then a blank line."""
    known = quote_values(row.item, highlight, row.group.title)
    facts = (title_of(row.item), known["author"], known["date"], known["passage"])
    return [
        *([(f"> {line}", Style.PLAIN)] for line in highlight.quote.split("\n")),
        [(f"  — {', '.join(fact for fact in facts if fact)}", Style.FAINT)],
        [],
    ]
