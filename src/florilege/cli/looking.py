"""`groups` and `list`: what the library holds, as lines or as JSON. Reads; never writes, fetches or opens."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

import click
import msgspec

from florilege.cli import suggesting
from florilege.cli.asking import asked
from florilege.cli.outside import EXIT_DONE, Outside, library_option
from florilege.cli.shapes import group_shape, item_shape
from florilege.cli.templating import line_template, tell_filled, template_option
from florilege.cli.voice import Style, paints, remark, tell_json, tell_painted, tell_raw
from florilege.exporting.gathering import Gathered
from florilege.library import Library, NoSuchGroup
from florilege.model import Counts, Group, Outcome, ReadingState
from florilege.text import counted, grouped
from florilege.views.catalogue import Catalogue, Listed
from florilege.views.citing import ITEM_FIELDS, item_values
from florilege.views.failing import failure_of
from florilege.views.places import Kind, Place
from florilege.views.words import NO_DATE, ago, date_of, sharer_of, title_of

FEW = 20
"""Up to so many items of a group are looked up one by one; for more, the group is read as a whole."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def groups(outside: Outside, as_json: bool) -> int:
    """Show the groups with their counts and last outcome."""
    library = outside.library("florilege groups")
    found = []
    for group in library.groups():
        with suppress(NoSuchGroup):  # removed by another process since
            found.append((group, library.counts(group.id)))
    if as_json:
        tell_json({"groups": [group_shape(group, counts) for group, counts in found]})
        return EXIT_DONE
    now, in_colour = outside.clock(), paints(outside.environ)
    for group, counts in found:
        tell_painted(_group_line(group, counts, now), in_colour=in_colour)
    if not found:
        remark("There are no groups yet. `florilege add SOURCE` brings one; `florilege demo` shows some.")
    return EXIT_DONE


def _group_line(group: Group, counts: Counts, now: datetime) -> list[tuple[str, Style]]:
    unread = f"{grouped(counts.unread)} unread of {grouped(counts.items)}"
    facts = [(unread, Style.PLAIN)]
    if counts.new_highlights:
        facts.append((counted(counts.new_highlights, "new highlight"), Style.PLAIN))
    if group.outcome is Outcome.FAILED:
        facts.append((f"not refreshed: {failure_of(group, now)}", Style.WRONG))
    elif group.sources:
        when = f"refreshed {ago(group.checked_at, now)}" if group.checked_at else "never refreshed"
        facts.append((when, Style.FAINT))
    title = (f"{group.title}: ", Style.UNREAD if counts.unread else Style.PLAIN)
    parted = [piece for fact in facts for piece in ((", ", Style.PLAIN), fact)]
    return [title, *parted[1:]]


@click.command("list")
@click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=suggesting.queries)
@click.option("--json", "as_json", is_flag=True, help="As JSON: the total, and every item.")
@click.option("--jsonl", "as_lines", is_flag=True, help="As JSON, one item a line.")
@template_option
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="No more than the first N.")
@library_option
@click.pass_obj
def list_items(
    outside: Outside, words: tuple[str, ...], as_json: bool, as_lines: bool, line: str | None, limit: int | None
) -> int:
    """Show items, all or those a query asks for, newest first.

    The words of a query must all occur; `is:unread`, `has:quote`, `not word` and `"exact phrase"` work too.
    """
    if sum((as_json, as_lines, line is not None)) > 1:
        raise click.UsageError("Of --json, --jsonl and --template only one can be had.", click.get_current_context())
    wanted = line_template(line, ITEM_FIELDS) if line is not None else None
    query = asked(words)
    library = outside.library("florilege list")
    catalogue = Catalogue(library, clock=outside.clock)
    found = catalogue.listed(Place(Kind.EVERYTHING), query)
    shown = found if limit is None else found[:limit]
    if as_json:
        tell_raw(b'{"total":%d,"items":[' % len(found))
        for place, item in enumerate(_encoded(library, catalogue, shown)):
            tell_raw((b",\n" if place else b"\n") + item)
        tell_raw(b"]}\n")
    elif as_lines:
        for item in _encoded(library, catalogue, shown):
            tell_raw(item + b"\n")
    elif wanted is not None:
        for each in Gathered(library, [row.head for row in shown]):
            tell_filled(wanted, item_values(each.item, each.state, each.group.title))
    else:
        in_colour = paints(outside.environ)
        for row in shown:
            state = catalogue.state(row.head.group, row.head.id)
            tell_painted(_item_line(row, state, outside.clock()), in_colour=in_colour)
        first = f"the first {grouped(len(shown))} of " if len(shown) < len(found) else ""
        remark(f"{first}{counted(len(found), 'item')}")
    return EXIT_DONE


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


def _encoded(library: Library, catalogue: Catalogue, rows: Sequence[Listed]) -> Iterator[bytes]:
    """The items of rows as JSON, in their order.

    Rows of many groups are mixed by date, and a group is quickest read as a whole: so groups are read one after the
    other, and what is kept is the JSON. An item that another process removed meanwhile is left out.
    """
    if len({group.id for group in catalogue.groups()}) > 1:
        catalogue.learn_sharing()
    by_group: dict[str, dict[str, Listed]] = {}
    for row in rows:
        by_group.setdefault(row.head.group, {})[row.head.id] = row
    encoded: dict[str, bytes] = {}
    for group_id, wanted in by_group.items():
        few = len(wanted) <= FEW
        for item in map(partial(library.item, group_id), wanted) if few else library.items(group_id):
            if item is not None and item.id in wanted:
                listed = wanted[item.id]
                state = catalogue.state(group_id, item.id)
                shape = item_shape(item, state, listed.group_title, catalogue.also_in(listed.head))
                encoded[item.id] = msgspec.json.encode(shape)
    return (encoded[row.key] for row in rows if row.key in encoded)
