"""Passages in the reader's own words, as plain text, and as links that lead to them. Pure."""

from florilege.model import Highlight, Item, ReadingState, thread
from florilege.quotes.fragments import passage_url
from florilege.quotes.templates import QUOTE_FIELDS, Template
from florilege.words import date_of, title_of

ITEM_FIELDS = QUOTE_FIELDS | {
    "quote": "the first passage",
    "passage": "an address that leads to the first passage",
    "author": "who highlighted the first passage, else who shared the page",
    "note": "what members said of the page, else of the first passage",
    "id": "the id of the item",
    "quotes": "how many passages were highlighted",
    "read": "read or unread",
    "starred": "starred, or nothing",
}
"""What may stand in the braces of a template for items."""


def passage_link(item: Item, highlight: Highlight) -> str | None:
    """The address of the page with a fragment that leads to the passage; None when no page is known."""
    return passage_url(item.url, highlight.quote, highlight.prefix, highlight.suffix) if item.url else None


def quote_values(item: Item, highlight: Highlight | None, group_title: str) -> dict[str, str]:
    """The values of `QUOTE_FIELDS`. What is unknown is empty; so is what belongs to a passage, without one."""
    day = date_of(item)
    sharer = item.sharer.label if item.sharer else ""
    said = [comment.text for _, comment in thread(highlight.comments if highlight else ())]
    return {
        "quote": highlight.quote if highlight else "",
        "title": item.title,
        "url": item.url or "",
        "passage": (passage_link(item, highlight) or "") if highlight else item.url or "",
        "sharer": sharer,
        "author": (highlight.author if highlight else None) or sharer,
        "date": day.date().isoformat() if day else "",
        "tags": ", ".join(item.tags),
        "note": "\n".join(said or [comment.text for _, comment in thread(item.notes)]),
        "group": group_title,
    }


def item_values(item: Item, state: ReadingState, group_title: str) -> dict[str, str]:
    """The values of `ITEM_FIELDS`. What is unknown is empty."""
    said = [comment.text for _, comment in thread(item.notes)]
    known = quote_values(item, next(iter(item.highlights), None), group_title)
    return known | {
        "note": "\n".join(said) or known["note"],
        "id": item.id,
        "quotes": str(len(item.highlights)),
        "read": "read" if state.is_read else "unread",
        "starred": "starred" if state.is_starred else "",
    }


def by_template(wanted: Template, item: Item, highlight: Highlight, group_title: str) -> str:
    """The passage as the reader's template has it."""
    return wanted.fill(quote_values(item, highlight, group_title))


def plain_quote(item: Item, highlight: Highlight, group_title: str) -> str:
    """The passage without any markup, followed by its source."""
    known = quote_values(item, highlight, group_title)
    source = ", ".join(part for part in (title_of(item), known["author"], known["date"]) if part)
    address = f"{known['url']}\n" if known["url"] else ""
    return f"{highlight.quote}\n\n— {source}\n{address}"
