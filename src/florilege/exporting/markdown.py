"""Markdown as one document: every item with its quotes, notes and source. Pure."""

from collections.abc import Iterator

from florilege.exporting import markup
from florilege.exporting.selection import Row, Selection
from florilege.text import counted
from florilege.views.words import date_of, long_date, title_of


def write(selection: Selection) -> Iterator[str]:
    """The selection under its title, an item a section."""
    day = long_date(selection.exported_at, selection.exported_at)
    quotes = sum(len(row.item.highlights) for row in selection.rows)
    yield f"# {markup.plain(selection.title)}\n\n"
    yield f"{counted(len(selection.rows), 'page')}, {counted(quotes, 'quote')}. Exported on {day}.\n"
    for row in selection.each():
        yield "\n" + section(row)


def section(row: Row) -> str:
    """One item under its title."""
    return f"## {markup.link(title_of(row.item), row.item.url)}\n\n" + "\n\n".join(body(row)) + "\n"


def body(row: Row) -> list[str]:
    """What is known of an item, as blocks: where from, tags, description, annotations."""
    item = row.item
    blocks = [_source(row)]
    if item.tags:
        blocks.append(f"Tags: {', '.join(map(markup.plain, item.tags))}")
    if item.description:
        blocks.append(markup.paragraphs(item.description))
    return [block for block in [*blocks, *markup.annotations(item)] if block]


def _source(row: Row) -> str:
    """Where it is from, as a sentence: `Shared by Odette, 12 April 2019, in Encre & Papier.`."""
    item = row.item
    who = f"Shared by {markup.plain(item.sharer.label)}" if item.sharer and item.sharer.label else "Shared"
    day = date_of(item)
    when = f", {long_date(day, day)}," if day else ""
    talk = f" ({markup.link('discussion', item.discussion_url)})" if item.discussion_url else ""
    return f"{who}{when} in {markup.plain(row.group.title)}{talk}."
