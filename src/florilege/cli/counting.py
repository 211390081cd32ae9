"""`groups`, `tags` and `sharers`: what there is, with how much of it. Reads; never writes, fetches or opens."""

from datetime import datetime

import click

from florilege.cli import shell_complete
from florilege.cli.args import asked
from florilege.cli.context import EXIT_DONE, EXIT_LIBRARY, CliContext, library_option
from florilege.cli.json_output import GroupsJson, SharerCountJson, SharersJson, TagJson, TagsJson, group_json
from florilege.cli.output import Style, print_json, print_notice, print_styled, use_colour
from florilege.lists.catalogue import Catalogue
from florilege.lists.counts import SHARERS, TAGS, LabelCount, Labels, count_labels
from florilege.lists.failing import failure_of
from florilege.lists.places import Kind, Place
from florilege.model import Counts, Group, Outcome
from florilege.store import LibraryUnreadable, NoSuchGroup
from florilege.text import counted, grouped
from florilege.words import ago


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def groups(cli: CliContext, as_json: bool) -> int:
    """Show the groups with their counts and last outcome."""
    library = cli.library("florilege groups")
    found, problems = [], []
    for group in library.groups():
        try:
            found.append((group, library.counts(group.id)))
        except NoSuchGroup:  # removed by another process since
            continue
        except LibraryUnreadable as error:  # which costs this group, and no other
            problems.append(str(error))
    for problem in filter(None, (library.problem, *problems)):
        print_notice(problem)
    code = EXIT_LIBRARY if problems else EXIT_DONE
    if as_json:
        print_json(GroupsJson([group_json(group, counts) for group, counts in found]))
        return code
    now, in_colour = cli.clock(), use_colour(cli.environ)
    for group, counts in found:
        print_styled(_group_line(group, counts, now), in_colour=in_colour)
    if not found and not problems:
        print_notice("There are no groups yet. `florilege add SOURCE` brings one; `florilege demo` shows some.")
    return code


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
@click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=shell_complete.queries)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def tags(cli: CliContext, words: tuple[str, ...], as_json: bool) -> int:
    """Show tags with their counts, the most used first.

    Those of all items, or of the items a query asks for.
    """
    counts = _counted(cli, words, TAGS)
    if as_json:
        print_json(TagsJson([TagJson(each.label, each.items, each.unread) for each in counts]))
        return EXIT_DONE
    in_colour = use_colour(cli.environ)
    for each in counts:
        print_styled(_line(each, counted(each.items, "item")), in_colour=in_colour)
    print_notice(counted(len(counts), "tag"))
    return EXIT_DONE


@click.command()
@click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=shell_complete.queries)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def sharers(cli: CliContext, words: tuple[str, ...], as_json: bool) -> int:
    """Show who shared, with counts, the most active first.

    Those of all items, or of the items a query asks for.
    """
    counts = _counted(cli, words, SHARERS)
    if as_json:
        known = [SharerCountJson(each.label, each.items, each.highlights, each.unread) for each in counts]
        print_json(SharersJson(known))
        return EXIT_DONE
    in_colour = use_colour(cli.environ)
    for each in counts:
        facts = f"{counted(each.items, 'item')}, {counted(each.highlights, 'highlight')}"
        print_styled(_line(each, facts), in_colour=in_colour)
    print_notice(counted(len(counts), "sharer"))
    return EXIT_DONE


def _counted(cli: CliContext, words: tuple[str, ...], labels: Labels) -> list[LabelCount]:
    """What labels the items that a query asks for bear, the most frequent first.

    Args:
        cli: What the command is given of the outside world.
        words: The query.
        labels: The labels of an item.
    """
    library = cli.library("florilege")
    catalogue = Catalogue(library, clock=cli.clock, texts=cli.texts(library))
    heads = [row.head for row in catalogue.listed(Place(Kind.EVERYTHING), asked(words))]
    unread = (not catalogue.state(head.group, head.id).is_read for head in heads)
    return count_labels(heads, labels, unread, with_highlights=True)


def _line(count: LabelCount, facts: str) -> list[tuple[str, Style]]:
    """`Odette Plumier: 12 items, 3 unread`: in bold what holds something unread, as in the app."""
    unread = (f", {grouped(count.unread)} unread", Style.PLAIN if count.unread else Style.FAINT)
    return [(f"{count.label}: ", Style.UNREAD if count.unread else Style.PLAIN), (facts, Style.FAINT), unread]
