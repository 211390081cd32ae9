"""`tags` and `sharers`: what labels the items bear, with how many of them. Only reads."""

import click

from florilege.cli import shell_complete
from florilege.cli.args import find_items, parse_query
from florilege.cli.context import CliContext, library_option
from florilege.cli.json_output import SharerCountJson, SharersJson, TagJson, TagsJson
from florilege.cli.output import Style, print_json, print_notice, print_result
from florilege.lists.counts import SHARERS, TAGS, LabelCount, Labels, count_labels
from florilege.text import counted, grouped


@click.command()
@click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=shell_complete.queries)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def tags(cli: CliContext, words: tuple[str, ...], as_json: bool) -> int:
    """Show tags with their counts, the most used first.

    Those of all items, or of the items a query asks for.
    """
    counts, code = _count(cli, "tags", words, TAGS)
    if as_json:
        print_json(TagsJson([TagJson(each.label, each.items, each.unread) for each in counts]))
        return code
    for each in counts:
        _print_count(each, counted(each.items, "item"))
    print_notice(counted(len(counts), "tag"))
    return code


@click.command()
@click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=shell_complete.queries)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def sharers(cli: CliContext, words: tuple[str, ...], as_json: bool) -> int:
    """Show who shared, with counts, the most active first.

    Those of all items, or of the items a query asks for.
    """
    counts, code = _count(cli, "sharers", words, SHARERS)
    if as_json:
        known = [SharerCountJson(each.label, each.items, each.highlights, each.unread) for each in counts]
        print_json(SharersJson(known))
        return code
    for each in counts:
        _print_count(each, f"{counted(each.items, 'item')}, {counted(each.highlights, 'highlight')}")
    print_notice(counted(len(counts), "sharer"))
    return code


def _count(cli: CliContext, command: str, words: tuple[str, ...], labels: Labels) -> tuple[list[LabelCount], int]:
    """What labels the items that a query finds bear, the most frequent first; and the exit code."""
    found = find_items(cli, command, parse_query(words))
    heads, unread = [row.head for row in found.rows], found.state.unread_flags(found.rows)
    return count_labels(heads, labels, unread, with_highlights=True), found.code


def _print_count(count: LabelCount, facts: str) -> None:
    """`Odette Plumier: 12 items, 3 unread`: in bold what holds something unread, as in the app."""
    unread = f", {grouped(count.unread)} unread"
    print_result(
        (f"{count.label}: ", Style.UNREAD) if count.unread else f"{count.label}: ",
        (facts, Style.FAINT),
        unread if count.unread else (unread, Style.FAINT),
    )
