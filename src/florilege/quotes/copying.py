"""What is copied of items and quotes: links, and passages as the reader's template has them, else as Markdown. Pure."""

from collections.abc import Iterable
from datetime import datetime

from florilege.model import Highlight, Item
from florilege.quotes import markdown
from florilege.quotes.templates import Template
from florilege.quotes.values import quote_values


def quote_text(item: Item, highlight: Highlight, group: str, *, now: datetime, template: Template | None) -> str:
    """A passage with its source.

    Args:
        item: What it is of.
        highlight: The passage.
        group: The title of the item's group.
        now: The time on the reader's clock.
        template: The reader's own; None for Markdown.
    """
    if template is None:
        return markdown.quote(item, highlight, now)
    return template.fill(quote_values(item, highlight, group))


def quotes_text(items: Iterable[tuple[Item, str]], *, now: datetime, template: Template | None) -> str:
    """All passages of items with their sources; items without any are left out.

    Args:
        items: Each with the title of its group.
        now: The time on the reader's clock.
        template: The reader's own; None for Markdown, with each item a section.
    """
    found = [(item, group) for item, group in items if item.highlights]
    if template is None:
        return "\n".join(markdown.all_quotes(item, now) for item, _ in found)
    filled = (
        quote_text(item, highlight, group, now=now, template=template).rstrip("\n")
        for item, group in found
        for highlight in item.highlights
    )
    return "\n\n".join(filled) + "\n"


def links(items: Iterable[Item]) -> str:
    """The links of items, one a line; those without one are left out."""
    return "\n".join(item.url for item in items if item.url)


def markdown_links(items: Iterable[Item]) -> str:
    """A Markdown list of titles with their links; those without a link are left out."""
    return "\n".join(f"- {markdown.item_link(item)}" for item in items if item.url)
