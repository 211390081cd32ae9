"""Items and highlights as text that leaves the app: links and quotes with their source. Pure.

Quotes stand exactly as they were marked, with the writer's own quotation marks; a Markdown block quote frames them
without adding any.
"""

import re
from datetime import datetime

from florilege.model import Highlight, Item
from florilege.words import date_of, long_date, title_of

_MARKDOWN = re.compile(r"([\\`*_\[\]<>])")


def markdown_link(item: Item) -> str:
    """`[Title](<address>)`, with what Markdown would misread made harmless."""
    title = plain(title_of(item))
    if item.url is None:
        return title
    address = item.url
    if re.search(r"[\s()<>]", address):
        address = "<" + re.sub(r"\s", "%20", address).replace("<", "%3C").replace(">", "%3E") + ">"
    return f"[{title}]({address})"


def quote(item: Item, highlight: Highlight, now: datetime) -> str:
    """One highlight as a Markdown block quote, followed by its source."""
    return f"{_block(highlight.quote)}\n\n— {source(item, now, highlight)}\n"


def all_quotes(item: Item, now: datetime) -> str:
    """All highlights of an item as Markdown, under its title and source."""
    blocks = []
    for highlight in item.highlights:
        author = _other(highlight, item)
        blocks.append(_block(highlight.quote) + (f"\n>\n> — {plain(author)}" if author else ""))
    shared = _shared(item, now)
    facts = shared[:1].upper() + shared[1:]  # a line of its own
    return "\n\n".join(part for part in (f"## {markdown_link(item)}", facts, *blocks) if part) + "\n"


def source(item: Item, now: datetime, highlight: Highlight | None = None) -> str:
    """Where a quote comes from: title with link, who highlighted it if not the sharer, who shared it, when."""
    parts = [markdown_link(item)]
    author = _other(highlight, item) if highlight else None
    if author:
        parts.append(f"highlighted by {plain(author)}")
    shared = _shared(item, now)
    if shared:
        parts.append(shared)
    return ", ".join(parts)


def _shared(item: Item, now: datetime) -> str:
    who = f"shared by {plain(item.sharer.label)}" if item.sharer and item.sharer.label else ""
    when = long_date(date_of(item), now) if date_of(item) else ""
    return ", ".join(part for part in (who, when) if part)


def _other(highlight: Highlight, item: Item) -> str | None:
    """Who highlighted it, when that is known and is not the sharer."""
    own = {item.sharer.name, item.sharer.handle} if item.sharer else set()
    return highlight.author if highlight.author not in own else None


def plain(text: str) -> str:
    """The text with what Markdown would misread made harmless."""
    return _MARKDOWN.sub(r"\\\1", text)


def _block(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))
