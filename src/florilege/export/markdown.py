"""Export as a single Markdown document: every item with its quotes, notes and source. Pure."""

from collections.abc import Iterator

from florilege.export.selection import SelectedItem, Selection
from florilege.lists.river import Grouping, in_sections
from florilege.quotes import markdown as markup
from florilege.text import counted
from florilege.words import date_of, long_date, title_of


def write(selection: Selection) -> Iterator[str]:
    """Write the selection under its title: a section per item, or the quotes grouped by sharer, tag or month."""
    yield f"# {markup.plain(selection.title)}\n\n"
    if selection.grouping is not Grouping.ITEM:
        yield from _quotes(selection)
        return
    yield _exported(selection)
    for row in selection.each():
        yield "\n" + section(row)


def _quotes(selection: Selection) -> Iterator[str]:
    """Write the quotes in sections by the selection's grouping, each with its source. Omits items without quotes."""
    found = [
        (row, highlight)
        for row in selection.each(lambda item: item.highlights)
        for highlight in row.annotated.highlights
    ]
    pages = len({row.item.id for row, _ in found})
    of = f"{counted(len(found), 'quote')} of {counted(pages, 'page')}, {selection.grouping.value}"
    yield f"{of}. {_exported(selection)}"
    sections = in_sections(
        found,
        selection.grouping,
        item_of=lambda each: each[0].item,
        date_of=lambda each: each[1].made_at or date_of(each[0].item),
    )
    for label, theirs in sections:
        yield f"\n## {markup.plain(label)}\n"
        for row, highlight in theirs:
            source = f"— {markup.link(title_of(row.item), row.item.url)}. {_source(row)}"
            quote, *comments = markup.quoted(highlight, row.item)
            yield "\n" + "\n\n".join([quote, source, *comments]) + "\n"


def _exported(selection: Selection) -> str:
    return f"Exported on {long_date(selection.exported_at, selection.exported_at)}.\n"


def section(row: SelectedItem) -> str:
    """An item under its title."""
    return f"## {markup.link(title_of(row.item), row.item.url)}\n\n" + "\n\n".join(body(row)) + "\n"


def body(row: SelectedItem, *, with_anchors: bool = False) -> list[str]:
    """The content of an item as blocks: source, tags, description, the user's note, annotations.

    Args:
        row: The item.
        with_anchors: Whether each highlight gets a block id as used by Obsidian and Logseq.
    """
    item = row.item
    blocks = [_source(row)]
    if item.tags:
        blocks.append(f"Tags: {', '.join(map(markup.plain, item.tags))}")
    if item.description:
        blocks.append(markup.paragraphs(item.description))
    if row.state.note:
        blocks.append(f"**My note:** {markup.paragraphs(row.state.note)}")
    return [block for block in [*blocks, *markup.annotations(row.annotated, with_anchors=with_anchors)] if block]


def _source(row: SelectedItem) -> str:
    """The origin of an item as a sentence: `Shared by Odette, 12 April 2019, in Encre & Papier.`."""
    item = row.item
    who = f"Shared by {markup.plain(item.sharer.label)}" if item.sharer and item.sharer.label else "Shared"
    day = date_of(item)
    when = f", {long_date(day, day)}," if day else ""
    talk = f" ({markup.link('discussion', item.discussion_url)})" if item.discussion_url else ""
    return f"{who}{when} in {markup.plain(row.group.title)}{talk}."
