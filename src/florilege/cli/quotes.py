"""`quotes`, `tags` and `sharers`: what was highlighted, under which words, by whom. Reads; never writes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import click
import msgspec

from florilege.cli import suggesting
from florilege.cli.asking import asked
from florilege.cli.outside import EXIT_DONE, Outside, library_option
from florilege.cli.shapes import quote_shape
from florilege.cli.templating import line_template, tell_filled, template_option
from florilege.cli.voice import Style, paints, remark, tell, tell_json, tell_painted, tell_raw
from florilege.exporting.gathering import Gathered
from florilege.exporting.selection import Row
from florilege.model import Head, Highlight
from florilege.query import Query, Subject
from florilege.templates import QUOTE_FIELDS
from florilege.text import counted, fold, grouped, same_tag
from florilege.views.catalogue import Catalogue
from florilege.views.citing import quote_values
from florilege.views.places import Kind, Place
from florilege.views.words import title_of

Names: TypeAlias = Callable[[Head], dict[str, str]]


@click.command()
@click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=suggesting.queries)
@click.option("--json", "as_json", is_flag=True, help="As JSON: the total, and every quote.")
@click.option("--jsonl", "as_lines", is_flag=True, help="As JSON, one quote a line.")
@template_option
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="No more than the first N.")
@library_option
@click.pass_obj
def quotes(
    outside: Outside, words: tuple[str, ...], as_json: bool, as_lines: bool, line: str | None, limit: int | None
) -> int:
    """Show highlights with their source.

    All, or those a query asks for: a highlight is shown when its item would answer to the query if it had no other
    highlight.
    """
    if sum((as_json, as_lines, line is not None)) > 1:
        raise click.UsageError("Of --json, --jsonl and --template only one can be had.", click.get_current_context())
    wanted = line_template(line, QUOTE_FIELDS) if line is not None else None
    found = list(_answering(outside, asked(words)))
    shown = found if limit is None else found[:limit]
    if as_json:
        tell_json({"total": len(found), "quotes": [quote_shape(row, highlight) for row, highlight in shown]})
        return EXIT_DONE
    for row, highlight in shown:
        if as_lines:
            tell_raw(msgspec.json.encode(quote_shape(row, highlight)) + b"\n")
        elif wanted is not None:
            tell_filled(wanted, quote_values(row.item, highlight, row.group.title))
        else:
            _tell_quote(row, highlight, in_colour=paints(outside.environ))
    if not as_lines and wanted is None:
        first = f"the first {grouped(len(shown))} of " if len(shown) < len(found) else ""
        remark(f"{first}{counted(len(found), 'quote')}")
    return EXIT_DONE


def _answering(outside: Outside, query: Query) -> Iterator[tuple[Row, Highlight]]:
    """The highlights that a query asks for, newest item first."""
    library = outside.library("florilege quotes")
    listed = Catalogue(library, clock=outside.clock).listed(Place(Kind.EVERYTHING), query)
    answers = query.predicate(now=outside.clock())
    for row in Gathered(library, [each.head for each in listed if each.head.highlights]):
        for highlight in row.item.highlights:
            alone = msgspec.structs.replace(row.item, highlights=(highlight,))
            if answers(Subject(alone, row.state, row.group.title)):
                yield row, highlight


def _tell_quote(row: Row, highlight: Highlight, *, in_colour: bool) -> None:
    """The passage behind a bar, then where it is from."""
    for line in highlight.quote.split("\n"):
        tell(f"> {line}")
    known = quote_values(row.item, highlight, row.group.title)
    facts = (title_of(row.item), known["author"], known["date"], known["passage"])
    tell_painted([(f"  — {', '.join(fact for fact in facts if fact)}", Style.FAINT)], in_colour=in_colour)
    tell("")


@click.command()
@click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=suggesting.queries)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def tags(outside: Outside, words: tuple[str, ...], as_json: bool) -> int:
    """Show tags with their counts, the most used first.

    Those of all items, or of the items a query asks for.
    """
    counts = _counted(outside, words, lambda head: {same_tag(tag): tag for tag in reversed(head.tags)})
    if as_json:
        shapes = [{"tag": each.name, "items": each.items, "unread": each.unread} for each in counts]
        tell_json({"tags": shapes})
        return EXIT_DONE
    for each in counts:
        tell(f"{each.name}: {counted(each.items, 'item')}, {grouped(each.unread)} unread")
    remark(counted(len(counts), "tag"))
    return EXIT_DONE


@click.command()
@click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=suggesting.queries)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def sharers(outside: Outside, words: tuple[str, ...], as_json: bool) -> int:
    """Show who shared, with counts, the most active first.

    Those of all items, or of the items a query asks for.
    """

    def names(head: Head) -> dict[str, str]:
        return {fold(head.sharer.label): head.sharer.label} if head.sharer and head.sharer.label else {}

    counts = _counted(outside, words, names)
    if as_json:
        shapes = [
            {"name": each.name, "items": each.items, "highlights": each.highlights, "unread": each.unread}
            for each in counts
        ]
        tell_json({"sharers": shapes})
        return EXIT_DONE
    for each in counts:
        facts = f"{counted(each.items, 'item')}, {counted(each.highlights, 'highlight')}"
        tell(f"{each.name}: {facts}, {grouped(each.unread)} unread")
    remark(counted(len(counts), "sharer"))
    return EXIT_DONE


@dataclass(slots=True)
class _Count:
    """How much goes by a name."""

    name: str
    items: int = 0
    highlights: int = 0
    unread: int = 0


def _counted(outside: Outside, words: tuple[str, ...], names: Names) -> list[_Count]:
    """What goes by each name among the items a query asks for, the most first.

    Args:
        outside: The outside world of the command.
        words: The query.
        names: The names of an item, each under what it is compared by.
    """
    catalogue = Catalogue(outside.library("florilege"), clock=outside.clock)
    counts: dict[str, _Count] = {}
    for row in catalogue.listed(Place(Kind.EVERYTHING), asked(words)):
        is_read = catalogue.state(row.head.group, row.head.id).is_read
        for same, name in names(row.head).items():
            count = counts.setdefault(same, _Count(name))
            count.items += 1
            count.highlights += len(row.head.highlights)
            count.unread += not is_read
    return sorted(counts.values(), key=lambda count: (-count.items, fold(count.name)))
