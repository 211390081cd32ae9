"""`list` and `quotes`: items, and what was highlighted in them, as lines, as JSON or by a template. Only reads."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from heapq import nlargest
from itertools import islice
from typing import TypeAlias

import click
import msgspec

from florilege.cli import shell_complete
from florilege.cli.args import asked
from florilege.cli.context import EXIT_DONE, CliContext, library_option
from florilege.cli.output import Style, print_notice, print_raw, print_styled, use_colour
from florilege.export.jsonlines import ItemJson, item_json, quote_json
from florilege.export.selection import Row, rows_of
from florilege.lists.catalogue import Catalogue, ItemRow
from florilege.lists.places import Kind, Place
from florilege.model import Highlight, ReadingState
from florilege.query import Query, Subject
from florilege.query.fields import FIELDS
from florilege.quotes.templates import ITEM_FIELDS, QUOTE_FIELDS, Template, TemplateError, template
from florilege.quotes.values import item_values, quote_values
from florilege.text import clean_line, counted, grouped
from florilege.words import NO_DATE, date_of, sharer_of, title_of

Block: TypeAlias = Iterable[Iterable[tuple[str, Style]]]
"""Lines that belong together, each in pieces."""

template_option = click.option(
    "--template",
    "line",
    metavar="TEXT",
    help="A line for each, with fields in braces: '{title}\\t{url}'; \\t is a tab, \\n a new line.",
)


def listing_options(name: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """The query, the forms, `--limit` and `--library`, for a list of such things."""
    options = (
        click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=shell_complete.queries),
        click.option("--json", "as_json", is_flag=True, help=f"As JSON: the total, and every {name}."),
        click.option("--jsonl", "as_lines", is_flag=True, help=f"As JSON, one {name} a line."),
        template_option,
        click.option("--limit", type=click.IntRange(min=0), metavar="N", help="No more than the first N."),
        library_option,
        click.pass_obj,
    )
    return lambda command: reduce(lambda inner, option: option(inner), reversed(options), command)


def fields_told(fields: Mapping[str, str]) -> str:
    """The end of a help: what a query and a template may say."""
    known = ", ".join(f"{name}:" for name in FIELDS)
    braces = "; ".join(f"{{{name}}} {meaning}" for name, meaning in fields.items())
    return f"Fields of a query: {known}. Fields of a template: {braces}."


@dataclass(frozen=True, slots=True)
class Form:
    """In which form a list is wanted, and how much of it."""

    as_json: bool
    as_lines: bool
    line: str | None
    """A template for each line."""
    limit: int | None

    def checked(self) -> "Form":
        """The form, if it is one.

        Raises:
            click.UsageError: It is several.
        """
        if sum((self.as_json, self.as_lines, self.line is not None)) > 1:
            sentence = "Use only one of --json, --jsonl and --template."
            raise click.UsageError(sentence, click.get_current_context())
        return self


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, in each form; made only in the one that is wanted."""

    name: str
    """What one is called: `item`."""
    elements: Callable[[], Iterable[msgspec.Struct]]
    """Each as JSON."""
    fields: Mapping[str, str]
    """The fields of a template."""
    values: Callable[[], Iterable[Mapping[str, str]]]
    """Their values for each."""
    blocks: Callable[[], Iterable[Block]]
    """Each for people."""
    total: int | None = None
    """How many there are; None when only going through them tells."""


def print_all(found: Found, form: Form, *, in_colour: bool) -> None:
    """Tell what was found in the form that is wanted.

    Raises:
        click.UsageError: The template can't be read.
    """
    wanted = line_template(form.line, found.fields) if form.line is not None else None
    if form.as_json:
        _tell_as_json(found, form.limit)
    elif form.as_lines:
        for element in islice(found.elements(), form.limit):
            print_raw(msgspec.json.encode(element) + b"\n")
    elif wanted is not None:
        for values in islice(found.values(), form.limit):
            print_filled(wanted, values)
    else:
        _tell_to_people(found, form.limit, in_colour=in_colour)


def _tell_to_people(found: Found, limit: int | None, *, in_colour: bool) -> None:
    """Lines, then how many there are."""
    blocks = iter(found.blocks())
    shown = 0
    for block in islice(blocks, limit):
        for line in block:
            print_styled(line, in_colour=in_colour)
        shown += 1
    total = shown + sum(1 for _ in blocks) if found.total is None else found.total
    first = f"the first {grouped(shown)} of " if shown < total else ""
    print_notice(f"{first}{counted(total, found.name)}")


def _tell_as_json(found: Found, limit: int | None) -> None:
    """The total stands first: where only the end tells it, everything waits for that, encoded."""
    elements = iter(found.elements())
    encoded: Iterable[bytes] = map(msgspec.json.encode, islice(elements, limit))
    total = found.total
    if total is None:
        kept = list(encoded)
        total, encoded = len(kept) + sum(1 for _ in elements), kept
    print_raw(b'{"total":%d,"%ss":[' % (total, found.name.encode()))
    for place, element in enumerate(encoded):
        print_raw((b",\n" if place else b"\n") + element)
    print_raw(b"]}\n")


@click.command("list", epilog=fields_told(ITEM_FIELDS))
@listing_options("item")
def list_items(
    cli: CliContext, words: tuple[str, ...], as_json: bool, as_lines: bool, line: str | None, limit: int | None
) -> int:
    """Show items, all or those a query asks for, newest first.

    The words of a query must all occur; `is:unread`, `has:quote`, `not word` and `"exact phrase"` work too.
    """
    form = Form(as_json, as_lines, line, limit).checked()
    query = asked(words)
    library = cli.library("florilege list")
    catalogue = Catalogue(library, clock=cli.clock, texts=cli.texts(library))
    listed = catalogue.listed(Place(Kind.EVERYTHING), query)
    shown = listed if limit is None else listed[:limit]
    rows = rows_of(library, [each.head for each in shown])
    found = Found(
        "item",
        elements=lambda: _items_as_json(catalogue, shown, rows),
        fields=ITEM_FIELDS,
        values=lambda: (item_values(row.item, row.state, row.group.title) for row in rows),
        blocks=lambda: _item_lines(catalogue, shown, cli.clock()),
        total=len(listed),
    )
    print_all(found, form, in_colour=use_colour(cli.environ))
    return EXIT_DONE


def _items_as_json(catalogue: Catalogue, shown: Sequence[ItemRow], rows: Iterator[Row]) -> Iterator[ItemJson]:
    if len({group.id for group in catalogue.groups()}) > 1:
        catalogue.index_pages()
    heads = {each.key: each.head for each in shown}
    for item, state, title in ((row.item, row.state, row.group.title) for row in rows):
        yield item_json(item, state, title, catalogue.also_in(heads[item.id]))


def _item_lines(catalogue: Catalogue, shown: Sequence[ItemRow], now: datetime) -> Iterator[Block]:
    for row in shown:
        yield [_item_line(row, catalogue.state(row.head.group, row.head.id), now)]


def _item_line(row: ItemRow, state: ReadingState, now: datetime) -> list[tuple[str, Style]]:
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
@click.option("--random", "drawn", type=click.IntRange(1, 1000), metavar="N", help="N of them, drawn by lot.")
@click.option("--seed", type=int, metavar="NUMBER", help="With --random: the same number draws the same quotes.")
@listing_options("quote")
def quotes(
    cli: CliContext,
    words: tuple[str, ...],
    as_json: bool,
    as_lines: bool,
    line: str | None,
    limit: int | None,
    drawn: int | None,
    seed: int | None,
) -> int:
    """Show highlights with their source.

    All, or those a query asks for: a highlight is shown when its item would answer to the query if it had no other
    highlight.
    """
    form = Form(as_json, as_lines, line, limit).checked()
    if seed is not None and drawn is None:
        raise click.UsageError("--seed is for --random.", click.get_current_context())
    answering = _answering(cli, asked(words))
    if drawn is not None:
        lot = random.Random(seed)  # noqa: S311 -- no secret hangs on it
        answering = iter(nlargest(drawn, answering, key=lambda _: lot.random()))
    found = Found(
        "quote",
        elements=lambda: (quote_json(row, highlight) for row, highlight in answering),
        fields=QUOTE_FIELDS,
        values=lambda: (quote_values(row.item, highlight, row.group.title) for row, highlight in answering),
        blocks=lambda: (_quote_block(row, highlight) for row, highlight in answering),
    )
    print_all(found, form, in_colour=use_colour(cli.environ))
    return EXIT_DONE


def _answering(cli: CliContext, query: Query) -> Iterator[tuple[Row, Highlight]]:
    """The highlights that a query asks for, newest item first."""
    library = cli.library("florilege quotes")
    listed = Catalogue(library, clock=cli.clock, texts=cli.texts(library)).listed(Place(Kind.EVERYTHING), query)
    answers = query.predicate(now=cli.clock())
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


def line_template(line: str, fields: Mapping[str, str]) -> Template:
    """The template that a line is, its tabs and new lines written as shells leave them.

    Raises:
        click.UsageError: It can't be read.
    """
    try:
        return template(line.replace("\\t", "\t").replace("\\n", "\n"), fields)
    except TemplateError as error:
        raise click.UsageError(str(error), click.get_current_context()) from error


def print_filled(wanted: Template, values: Mapping[str, str]) -> None:
    """Print a template with these values, each on one clean line: tabs and newlines are the template's alone."""
    text = wanted.fill({name: clean_line(value) for name, value in values.items()})
    print_raw(f"{text}\n".encode("utf-8", "replace"))
