"""Several items as text that leaves the app: lists of links, and all their quotes. Pure."""

from collections.abc import Sequence
from datetime import datetime

from florilege.model import Item
from florilege.quotes import quoting


def links(items: Sequence[Item]) -> str:
    """The links of items, one a line; those without one are left out."""
    return "\n".join(item.url for item in items if item.url)


def markdown_links(items: Sequence[Item]) -> str:
    """A Markdown list of titles with their links; those without a link are left out."""
    return "\n".join(f"- {quoting.markdown_link(item)}" for item in items if item.url)


def all_quotes(items: Sequence[Item], now: datetime) -> str:
    """All highlights of items as one Markdown document; items without any are left out."""
    return "\n".join(quoting.all_quotes(item, now) for item in items if item.highlights)
