"""Text for copying: links, and passages formatted with the user's template, as Markdown or as plain text. Pure."""

import re
from collections.abc import Iterable
from datetime import datetime

from florilege.model import Highlight, Item, ReadingState, thread
from florilege.quotes import markdown
from florilege.quotes.passages import passage_link
from florilege.quotes.templates import Template
from florilege.urls import safe_to_open
from florilege.words import date_of, title_of

_PAGE = re.compile(r"pp?\. ?(\S.*)")


def tags_of(item: Item, highlight: Highlight) -> list[str]:
    """The tags of a quote: its own, else those of the item that belong to no other quote."""
    if highlight.tags:
        return list(highlight.tags)
    others = {tag for each in item.highlights for tag in each.tags}
    return [tag for tag in item.tags if tag not in others]


def quote_values(item: Item, highlight: Highlight | None, group_title: str) -> dict[str, str]:
    """The values of `QUOTE_FIELDS`.

    Unknown values are empty; so are passage fields if `highlight` is None, and addresses that are not safe to open.
    """
    day = date_of(item)
    sharer = item.sharer.label if item.sharer else ""
    url = safe_to_open(item.url) or ""
    location = (highlight.location if highlight else None) or ""
    said = [comment.text for _, comment in thread(highlight.comments if highlight else ())]
    return {
        "quote": highlight.quote if highlight else "",
        "title": item.title,
        "url": url,
        "passage": (passage_link(item, highlight) or "") if highlight and url else url,
        "sharer": sharer,
        "author": (highlight.author if highlight else None) or sharer,
        "date": day.date().isoformat() if day else "",
        "tags": ", ".join(tags_of(item, highlight) if highlight else item.tags),
        "location": location,
        "page": page[1] if (page := _PAGE.fullmatch(location)) else "",
        "note": "\n".join(said or [comment.text for _, comment in thread(item.notes)]),
        "group": group_title,
    }


def item_values(item: Item, state: ReadingState, group_title: str) -> dict[str, str]:
    """The values of `ITEM_FIELDS`. Unknown values are empty."""
    said = [comment.text for _, comment in thread(item.notes)]
    known = quote_values(item, next(iter(item.highlights), None), group_title)
    return known | {
        "tags": ", ".join(item.tags),
        "note": "\n".join(said) or known["note"],
        "id": item.id,
        "quotes": str(len(item.highlights)),
        "read": "read" if state.is_read else "unread",
        "starred": "starred" if state.is_starred else "",
    }


def plain_quote(item: Item, highlight: Highlight, group_title: str) -> str:
    """The passage as plain text, followed by its source."""
    known = quote_values(item, highlight, group_title)
    source = ", ".join(part for part in (title_of(item), known["location"], known["author"], known["date"]) if part)
    address = f"{known['url']}\n" if known["url"] else ""
    return f"{highlight.quote}\n\n— {source}\n{address}"


def quote_text(item: Item, highlight: Highlight, group: str, *, now: datetime, template: Template | None) -> str:
    """A passage with its source.

    Args:
        item: The item of the passage.
        highlight: The passage.
        group: The title of the item's group.
        now: The user's local time.
        template: The user's template; None for Markdown.
    """
    if template is None:
        return markdown.quote(item, highlight, now)
    return template.fill(quote_values(item, highlight, group))


def quotes_text(items: Iterable[tuple[Item, str]], *, now: datetime, template: Template | None) -> str:
    """All passages of items with their sources; items without passages are omitted.

    Args:
        items: The items, each with the title of its group.
        now: The user's local time.
        template: The user's template; None for Markdown with a section for each item.
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
    """The links of items, one per line; items without a link are omitted."""
    return "\n".join(item.url for item in items if item.url)


def markdown_links(items: Iterable[Item]) -> str:
    """A Markdown list of linked titles; items without a link are omitted."""
    return "\n".join(f"- {markdown.item_link(item)}" for item in items if item.url)
