"""`groups`, `tags` and `sharers`: what there is, with how much of it. Reads; never writes, fetches or opens."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import click

from florilege.cli import suggesting
from florilege.cli.asking import asked
from florilege.cli.json_output import GroupsJson, SharerCountJson, SharersJson, TagJson, TagsJson, group_json
from florilege.cli.outside import EXIT_DONE, Outside, library_option
from florilege.cli.voice import Style, paints, remark, tell_json, tell_painted
from florilege.lists.catalogue import Catalogue
from florilege.lists.failing import failure_of
from florilege.lists.places import Kind, Place
from florilege.model import Counts, Group, Head, Outcome
from florilege.store import NoSuchGroup
from florilege.text import counted, fold, grouped, same_tag
from florilege.words import ago

Names: TypeAlias = Callable[[Head], dict[str, str]]


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
        tell_json(GroupsJson([group_json(group, counts) for group, counts in found]))
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
        tell_json(TagsJson([TagJson(each.name, each.items, each.unread) for each in counts]))
        return EXIT_DONE
    in_colour = paints(outside.environ)
    for each in counts:
        tell_painted(_line(each, counted(each.items, "item")), in_colour=in_colour)
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
        known = [SharerCountJson(each.name, each.items, each.highlights, each.unread) for each in counts]
        tell_json(SharersJson(known))
        return EXIT_DONE
    in_colour = paints(outside.environ)
    for each in counts:
        facts = f"{counted(each.items, 'item')}, {counted(each.highlights, 'highlight')}"
        tell_painted(_line(each, facts), in_colour=in_colour)
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
    library = outside.library("florilege")
    catalogue = Catalogue(library, clock=outside.clock, texts=outside.texts(library))
    counts: dict[str, _Count] = {}
    for row in catalogue.listed(Place(Kind.EVERYTHING), asked(words)):
        is_read = catalogue.state(row.head.group, row.head.id).is_read
        for same, name in names(row.head).items():
            count = counts.setdefault(same, _Count(name))
            count.items += 1
            count.highlights += len(row.head.highlights)
            count.unread += not is_read
    return sorted(counts.values(), key=lambda count: (-count.items, fold(count.name)))


def _line(count: _Count, facts: str) -> list[tuple[str, Style]]:
    """`Odette Plumier: 12 items, 3 unread`: in bold what holds something unread, as in the app."""
    unread = (f", {grouped(count.unread)} unread", Style.PLAIN if count.unread else Style.FAINT)
    return [(f"{count.name}: ", Style.UNREAD if count.unread else Style.PLAIN), (facts, Style.FAINT), unread]
