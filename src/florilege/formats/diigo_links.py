"""What a browser's copy of a Diigo page knows beyond its text: where its links lead. Pure; also lays that text out."""

import re
from collections import defaultdict
from collections.abc import Iterable

from florilege.formats import fields
from florilege.formats.diigo import handle_of, is_diigo_address
from florilege.formats.markup import BLOCKS
from florilege.formats.stream import End, Event, Start
from florilege.text import clean_line
from florilege.urls import safe_to_open

_BLANK = re.compile(r"[ \t\r\n\f]+")
_UNSHOWN = frozenset({"script", "style"})
_BREAKS = BLOCKS | {"br", "title", "head", "body"}
_HOLDERS = frozenset({"ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
"""Elements whose beginning shows that the list item around them is no highlight but a piece of the page."""


class Links:
    """The links of a page by their text, each given out once, in the order of the page.

    Args:
        stream: The events of the page; none for a page of plain text, which knows no links.
    """

    def __init__(self, stream: Iterable[Event]) -> None:
        self._pages: defaultdict[str, list[str]] = defaultdict(list)
        self._profiles: dict[str, str] = {}
        address: str | None = None
        words = ""
        for event in stream:
            if isinstance(event, str):
                words += event
            elif event.tag == "a":
                if address:
                    self._keep(_key(words), address)
                address = fields.address(event.attributes.get("href")) if isinstance(event, Start) else None
                words = ""

    def page(self, title: str) -> str | None:
        """The shared page of the next item with this title; None when no link has that text."""
        found = self._pages.get(_key(title))
        return found.pop(0) if found else None

    def profile(self, name: str) -> str | None:
        """The account of a member; None when no link to a profile has that text."""
        return self._profiles.get(_key(name))

    def _keep(self, words: str, address: str) -> None:
        handle = handle_of(address)
        if handle:
            self._profiles.setdefault(words, handle)
        elif words and safe_to_open(address) and not is_diigo_address(address):
            self._pages[words].append(address)


def page_text(stream: Iterable[Event]) -> str:
    """The text of a page of HTML, laid out as browsers save it as text: list items begin with a bullet."""
    pieces: list[str] = []
    items: list[int] = []
    unshown = 0
    for event in stream:
        if isinstance(event, str):
            if not unshown:
                pieces.append(_BLANK.sub(" ", event))
            continue
        begins = isinstance(event, Start)
        if event.tag in _UNSHOWN:
            unshown = max(0, unshown + (1 if begins else -1))
        elif begins and event.tag == "li":
            items.append(len(pieces))
            pieces.append("\n•")
        elif event.tag in _BREAKS:
            if begins and event.tag in _HOLDERS and items:
                pieces[items[-1]] = "\n"
            if isinstance(event, End) and event.tag == "li":
                del items[-1:]
            pieces.append("\n")
    return "\n".join(line.strip(" ") for line in "".join(pieces).split("\n"))


def _key(words: str) -> str:
    """The text of a link as it is compared."""
    return _BLANK.sub(" ", clean_line(words.replace("\xa0", " "))).strip()
