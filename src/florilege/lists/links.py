"""The links of an item: its page, its discussion, and those in its texts, which are numbered. Pure.

The number is put in brackets after the link text: `the archive [2]`. Each address has one number. Only links that are
safe to open in a browser are numbered; quotes are left unchanged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from florilege.model import BodyKind, Comment, Item
from florilege.text import clean, grouped
from florilege.urls import safe_to_open

if TYPE_CHECKING:  # only needed for HTML bodies, not to show highlights
    from florilege.formats.markup import Event

_LINK = re.compile(
    r"\[(?P<label>[^\[\]\n]{0,500})\]\((?P<in_markdown>https?://[^\s()]{1,2000})[^()\n]{0,500}\)"
    r"|<(?P<in_brackets>https?://[^\s<>]{1,2000})>"
    r"|(?P<bare>https?://[^\s<>()\[\]\"“”«»]*[^\s<>()\[\]\"“”«».,;:!?'’])",
    re.IGNORECASE,
)


MOST_MARKUP = 100_000
"""Maximum characters of HTML converted to text. A line says how many were left out."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that can be opened."""

    url: str
    label: str
    """The link text; empty if that is the address itself."""
    number: int | None = None
    """Its number in the texts; None for the page and the discussion."""


class _Numbers:
    """Numbers addresses in the order they occur."""

    def __init__(self) -> None:
        self.links: dict[str, Link] = {}

    def sign(self, url: str, label: str) -> str:
        """The bracketed number to put after a link; empty if it is not safe to open."""
        address = safe_to_open(url.strip())
        if address is None:
            return ""
        if address not in self.links:
            label = " ".join(clean(label).split())
            self.links[address] = Link(address, "" if label == address else label, len(self.links) + 1)
        return f"\u00a0[{self.links[address].number}]"

    def text(self, text: str) -> str:
        """Number the links in plain text or Markdown."""

        def signed(match: re.Match[str]) -> str:
            url = match["in_markdown"] or match["in_brackets"] or match["bare"]
            return match[0] + self.sign(url, match["label"] or "")

        return _LINK.sub(signed, text) if "://" in text else text

    def comment(self, comment: Comment) -> Comment:
        """Number the links in a comment and its replies."""
        replies = tuple(map(self.comment, comment.replies))
        return msgspec.structs.replace(comment, text=self.text(comment.text), replies=replies)

    def html(self, markup: str) -> str:
        """Convert HTML to readable text with its links numbered."""
        from florilege.formats.markup import readable

        return clean(readable(self._events(markup)))

    def _events(self, markup: str) -> "Iterator[Event]":
        from florilege.formats.markup import End, Start, events

        open_links: list[tuple[str, list[str]]] = []
        for event in events(markup):
            if isinstance(event, Start) and event.tag == "a":
                open_links.append((event.attributes.get("href", ""), []))
            elif isinstance(event, End) and event.tag == "a" and open_links:
                url, said = open_links.pop()
                yield self.sign(url, "".join(said))
            elif isinstance(event, str):
                for _, said in open_links:
                    said.append(event)
            yield event


def numbered(item: Item, most: int = MOST_MARKUP) -> tuple[Item, tuple[Link, ...]]:
    """The item with the links in its texts numbered, and those links.

    Args:
        item: The item. An HTML body is converted to text.
        most: The maximum number of characters of HTML to convert.
    """
    numbers = _Numbers()
    description = numbers.text(item.description) if item.description else item.description
    highlights = tuple(
        msgspec.structs.replace(each, comments=tuple(map(numbers.comment, each.comments))) if each.comments else each
        for each in item.highlights
    )
    notes, comments = tuple(map(numbers.comment, item.notes)), tuple(map(numbers.comment, item.comments))
    body, kind = item.body, item.body_kind
    if body and kind is BodyKind.HTML:
        more = len(body) - most
        body, kind = numbers.html(body[:most]), BodyKind.TEXT
        body += f"\n… {grouped(more)} more characters" if more > 0 else ""
    elif body and kind is not BodyKind.TAKEN_APART:
        body = numbers.text(body)
    shown = msgspec.structs.replace(
        item, description=description, highlights=highlights, notes=notes, comments=comments, body=body, body_kind=kind
    )
    return shown, tuple(numbers.links.values())


def all_links(item: Item) -> tuple[Link, ...]:
    """All links of an item that can be opened: its page, its discussion, and the links in its texts."""
    own = [
        Link(url, label)
        for url, label in ((item.url, "The page"), (item.discussion_url, "Its discussion"))
        if safe_to_open(url) is not None and url is not None
    ]
    return (*own, *numbered(item)[1])
