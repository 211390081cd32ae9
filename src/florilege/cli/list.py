"""`list`, `quotes`, `tags` and `sharers`: items, their highlights, and their labels with counts. Read-only."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from heapq import nlargest
from itertools import count
from typing import Any, TypeAlias

import click
import msgspec

from florilege.cli.args import find_items, query_argument
from florilege.cli.context import CliContext
from florilege.cli.json_output import SharerCountJson, SharersJson, TagJson, TagsJson
from florilege.cli.options import WrongUsage, as_json_option, command
from florilege.cli.output import Piece, Style, print_json, print_notice, print_raw, print_result
from florilege.export.jsonlines import ItemJson, copied, item_json, quote_json
from florilege.export.selection import SelectedItem, selected_items
from florilege.lists.catalogue import Catalogue, ItemRow
from florilege.lists.counts import SHARERS, TAGS, Labels, count_labels
from florilege.model import Highlight, ReadingState
from florilege.query.fields import FIELDS
from florilege.query.nodes import Query
from florilege.query.subject import answering
from florilege.quotes.copying import item_values, quote_values
from florilege.quotes.templates import ITEM_FIELDS, QUOTE_FIELDS, Template, TemplateError
from florilege.quotes.templates import template as parse_template
from florilege.text import clean_line, counted, grouped
from florilege.words import date_of, sharer_of, short_date, title_of

Line: TypeAlias = Sequence[Piece]


@dataclass(frozen=True, slots=True)
class ListFormat:
    """The output format and limit of a list: the options of `_listing_options`."""

    as_json: bool
    as_lines: bool
    template: Template | None
    limit: int | None

    def __post_init__(self) -> None:
        """Refuse several formats at once."""
        if self.as_json + self.as_lines + (self.template is not None) > 1:
            raise WrongUsage("Use only one of --json, --jsonl and --template.")


def _listing_options(name: str, fields: Mapping[str, str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorator that adds the query argument, the output options and `--limit` to a command that lists `name`s."""

    def parsed(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Template | None:
        try:
            return None if text is None else parse_template(text.replace("\\t", "\t").replace("\\n", "\n"), fields)
        except TemplateError as error:
            raise WrongUsage(str(error)) from error

    options = (
        query_argument(),
        click.option("--json", "as_json", is_flag=True, help=f"As JSON: every {name}, and the total."),
        click.option("--jsonl", "as_lines", is_flag=True, help=f"As JSON, one {name} a line."),
        click.option(
            "--template",
            metavar="TEXT",
            callback=parsed,
            help="Print a line for each, with fields in braces: '{title}\\t{url}'; \\t is a tab, \\n a new line.",
        ),
        click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Show only the first N."),
    )
    return lambda work: reduce(lambda inner, option: option(inner), reversed(options), work)


def _described_fields(fields: Mapping[str, str]) -> str:
    """The epilog of a help text: the fields of queries and templates."""
    known = ", ".join(f"{name}:" for name in FIELDS)
    braces = "; ".join(f"{{{name}}} {meaning}" for name, meaning in fields.items())
    return f"Fields of a query: {known}. Fields of a template: {braces}."


def print_listing(
    name: str,
    form: ListFormat,
    *,
    elements: Iterable[msgspec.Struct],
    values: Iterable[Mapping[str, str]],
    lines: Iterable[Sequence[Line]],
    total: int | None = None,
) -> None:
    """Print what was found in the given format, and how much it is. Only one of the three iterables is consumed.

    Args:
        name: The singular of what is listed: `item`.
        form: The format and limit.
        elements: Each entry as JSON.
        values: Each entry as values for the fields of a template.
        lines: Each entry as lines to be read by people.
        total: The number of entries; None when they have to be counted by iterating.
    """
    left: Iterator[Any] = iter(elements if form.as_json or form.as_lines else values if form.template else lines)
    if form.as_json:
        print_raw(b'{"%ss":[' % name.encode())
    shown = 0
    for shown, entry in zip(count(1) if form.limit is None else range(1, form.limit + 1), left, strict=False):
        if form.as_json:
            print_raw((b",\n" if shown > 1 else b"\n") + msgspec.json.encode(entry))
        elif form.as_lines:
            print_json(entry)
        elif form.template:  # values must not add tabs or newlines
            text = form.template.fill({field: clean_line(value) for field, value in entry.items()})
            print_raw(f"{text}\n".encode("utf-8", "replace"))
        else:
            for line in entry:
                print_result(*line)
    if form.as_lines or form.template:
        return
    total = shown + sum(1 for _ in left) if total is None else total
    if form.as_json:
        print_raw(b'],"total":%d}\n' % total)
    else:
        print_notice(f"{f'the first {grouped(shown)} of ' if shown < total else ''}{counted(total, name)}")


@command("list", epilog=_described_fields(ITEM_FIELDS))
@_listing_options("item", ITEM_FIELDS)
def list_items(cli: CliContext, query: Query, **options: Any) -> None:
    """Show items, all or those that match a query, newest first.

    The words of a query must all occur; `is:unread`, `has:quote`, `not word` and `"exact phrase"` work too.
    """
    form = ListFormat(**options)
    state, found = find_items(cli, query)
    shown, now = found[: form.limit], cli.clock()
    rows = selected_items(state.library, [row.summary for row in shown])
    print_listing(
        "item",
        form,
        elements=_as_json(state.catalogue, shown, rows),
        values=(item_values(row.item, row.state, row.group.title) for row in rows),
        lines=([_item_line(row, state.state_of(row), now)] for row in shown),
        total=len(found),
    )


def _as_json(catalogue: Catalogue, shown: Sequence[ItemRow], rows: Iterator[SelectedItem]) -> Iterator[ItemJson]:
    if len(catalogue.groups()) > 1:
        catalogue.index_pages()
    summaries = {each.key: each.summary for each in shown}
    for row in rows:
        yield item_json(row.item, row.state, row.group.title, catalogue.also_in(summaries[row.item.id]))


def _item_line(row: ItemRow, state: ReadingState, now: datetime) -> Line:
    """The line for an item: `● 2026-04-12  Title  (Sharer, Group) ❝4 +2 ★`."""
    summary = row.summary
    signs = f" ❝{len(summary.highlights)}" if summary.highlights else ""
    if news := state.new_highlights(summary):
        signs += f" +{news}"
    title = title_of(summary)
    return [
        "  " if state.is_read else "● ",
        (f"{short_date(date_of(summary), now, 'iso')}  ", Style.FAINT),
        title if state.is_read else (title, Style.UNREAD),
        (f"  ({sharer_of(summary)}, {row.group_title})", Style.FAINT),
        signs + (" ★" if state.is_starred else ""),
    ]


@command(epilog=_described_fields(QUOTE_FIELDS))
@click.option("--random", "drawn", type=click.IntRange(1, 1000), metavar="N", help="Show N of them, picked at random.")
@click.option("--seed", type=int, metavar="NUMBER", help="With --random: the same number picks the same quotes.")
@_listing_options("quote", QUOTE_FIELDS)
def quotes(cli: CliContext, query: Query, drawn: int | None, seed: int | None, **options: Any) -> None:
    """Show highlights with their source.

    All, or those that match a query: a highlight is shown if its item, with that highlight alone, matches.
    """
    form = ListFormat(**options)
    if seed is not None and drawn is None:
        raise WrongUsage("--seed needs --random.")
    state, found = find_items(cli, query)
    answers = query.predicate(now=cli.clock())
    rows = selected_items(state.library, [row.summary for row in found if row.summary.highlights])
    each: Iterator[tuple[SelectedItem, Highlight]] = (
        (row, one) for row in rows for one in answering(row.item, row.state, row.group.title, answers)
    )
    if drawn is not None:
        lot = random.Random(seed)  # noqa: S311 -- not used for security
        each = iter(nlargest(drawn, each, key=lambda _: lot.random()))
    print_listing(
        "quote",
        form,
        elements=(quote_json(row, highlight) for row, highlight in each),
        values=(quote_values(row.item, highlight, row.group.title) for row, highlight in each),
        lines=(_quote_lines(row, highlight) for row, highlight in each),
    )


def _quote_lines(row: SelectedItem, highlight: Highlight) -> list[Line]:
    """The passage, each line prefixed with `> `, then its source, then a blank line."""
    known = quote_values(row.item, highlight, row.group.title)
    facts = (title_of(row.item), known["author"], known["date"], known["passage"])
    return [
        *([f"> {line}"] for line in highlight.quote.split("\n")),
        [(f"  — {', '.join(fact for fact in facts if fact)}", Style.FAINT)],
        [],
    ]


@command()
@query_argument()
@as_json_option
def tags(cli: CliContext, query: Query, as_json: bool) -> None:
    """Show tags with their counts, the most used first.

    Of all items, or of the items that match a query.
    """
    _print_counts(cli, query, TAGS, "tag", as_json=as_json)


@command()
@query_argument()
@as_json_option
def sharers(cli: CliContext, query: Query, as_json: bool) -> None:
    """Show who shared, with counts, the most active first.

    Of all items, or of the items that match a query.
    """
    _print_counts(cli, query, SHARERS, "sharer", as_json=as_json)


def _print_counts(cli: CliContext, query: Query, labels: Labels, name: str, *, as_json: bool) -> None:
    """Print the labels of the items that match a query, the most frequent first.

    A line such as `Odette Plumier: 12 items, 3 unread`; labels with unread items are in bold, as in the app.
    """
    state, found = find_items(cli, query)
    unread = state.unread_flags(found)
    counts = count_labels([row.summary for row in found], labels, unread, with_highlights=True)
    if as_json and labels is TAGS:
        print_json(TagsJson([copied(TagJson, each, tag=each.label) for each in counts]))
    elif as_json:
        print_json(SharersJson([copied(SharerCountJson, each, name=each.label) for each in counts]))
    else:
        for each in counts:
            highlights = f", {counted(each.highlights, 'highlight')}" if labels is SHARERS else ""
            print_result(
                (f"{each.label}: ", Style.UNREAD) if each.unread else f"{each.label}: ",
                (f"{counted(each.items, 'item')}{highlights}", Style.FAINT),
                f", {grouped(each.unread)} unread" if each.unread else (", 0 unread", Style.FAINT),
            )
        print_notice(counted(len(counts), name))
