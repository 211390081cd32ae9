"""Plain lists of addresses, one a line: of pages, or of feeds as newsboat keeps them in its `urls`; links in Markdown.

A line may have more words: tags, and a title behind `~`; after a link in Markdown, a remark. Which of both a list is,
its words tell, or else how its addresses look; a warning says what it was taken for. Nothing is fetched here, and no
line is run: what newsboat makes of queries, commands and filters is left out. Source: the documentation of newsboat.
"""

import re
import shlex
from collections.abc import Iterator

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, bookmark
from florilege.formats.document import Document
from florilege.formats.opml import Subscriptions
from florilege.formats.recognise import Format
from florilege.text import clean, counted

KIND = "addresses"
KIND_FEEDS = "newsboat"

_ADDRESS = re.compile(r"https?://[^\s\"'<>]+(?=\s|$)")
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\(<?(https?://[^\s()<>]++(?:\([^\s()]*+\)[^\s()]*+)?)>?\)[\s:–—-]*(.*)")
_BULLET = re.compile(r"(?:[-*+]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?")
_MADE = re.compile(r'"?(?:query|exec|filter|file):')
"""How lines of newsboat begin that make a feed of something else."""
_FEEDLIKE = re.compile(r"\b(?:rss|atom|feeds?|rdf|xml|jsonfeed)\b", re.IGNORECASE)
_NAMES = frozenset({"url", "urls", "link", "links", "address", "addresses"})
_LONGEST = 4_000
"""Characters of a line in which quotation marks are looked for."""
_ASKED = 1_000
"""Lines that are looked at to tell what a text is."""


def read(document: Document) -> Snapshot:
    """The snapshot of a list."""
    lines = [*_lines(document.text)]
    if not any(_MADE.match(line) for line in lines) and not _are_feeds(lines):
        return _pages(lines, document)
    found = Subscriptions(document.warnings)
    left_out = 0
    for line in lines:
        if _MADE.match(line):
            left_out += 1
            continue
        address, title, tags = _words(line)
        found.add(title, address, tags)
    if left_out:
        found.warnings.append(f"{counted(left_out, 'line')} with queries, commands or files left out.")
    return Snapshot(kind=KIND_FEEDS, warnings=tuple(map(clean, found.warnings)), subscriptions=found.all)


def _pages(lines: list[str], document: Document) -> Snapshot:
    """Addresses of pages as items."""
    collection = Collection(document.warnings, "Line")
    collection.warnings.append("This was taken for a list of pages, not of feeds: a feed is added by its own address.")
    for number, line in enumerate(lines, start=1):
        if link := _LINK.fullmatch(line):
            collection.add(number, bookmark(link[1], link[2], description=fields.prose(link[3])))
            continue
        address, title, tags = _words(line)
        collection.add(number, bookmark(title, address, tags=fields.tags(tags)))
    return collection.snapshot(KIND)


def _lines(text: str) -> Iterator[str]:
    """The lines that are neither blank, nor a comment, nor the name of the only column of a table."""
    lines = (line for each in text.splitlines() if (line := _bare(each)) and not line.startswith("#"))
    return (line for line in lines if line.strip('"').lower() not in _NAMES)


def _bare(line: str) -> str:
    """A line without the mark of an item in a list, and without the angle brackets of an address in text."""
    line = line.strip()
    found = line[mark.end() :] if (mark := _BULLET.match(line)) else line
    return found[1:-1] if found.startswith("<http") and found.endswith(">") else found


def _words(line: str) -> tuple[str, str | None, list[str]]:
    """The address in a line, the title and the tags after it. A tag of newsboat that begins with `!` hides the feed."""
    address, bar, title = line.partition(" | ")
    if bar:
        return address, fields.line(title), []  # as the extension OneTab writes them
    try:
        address, *words = shlex.split(line) if len(line) < _LONGEST else line.split()
    except ValueError:
        address, *words = line.split()
    named = next((word[1:] for word in words if word.startswith("~")), None)
    return address, fields.line(named), [word.lstrip("#!") for word in words if not word.startswith("~")]


def _are_feeds(lines: list[str]) -> bool:
    """Whether most addresses look like those of feeds."""
    feeds = sum(bool(_FEEDLIKE.search(line.split()[0])) and not _LINK.fullmatch(line) for line in lines)
    return feeds * 2 > len(lines)


def _is_list(text: str) -> bool:
    """Whether all lines begin with an address, or with what newsboat knows besides."""
    lines = [line for line, _ in zip(_lines(text[:200_000]), range(_ASKED), strict=False)]
    addresses = sum(bool(_ADDRESS.match(line) or _LINK.fullmatch(line)) for line in lines)
    return addresses > 0 and addresses + sum(bool(_MADE.match(line)) for line in lines) == len(lines)


FORMATS = (Format("a list of addresses", read, is_text=_is_list),)
