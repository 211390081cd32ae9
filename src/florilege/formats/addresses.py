"""Plain-text lists of addresses: of pages, of feeds as in newsboat's file `urls`, or of Markdown links.

An address may be followed by a title after a dash, a bar or a tab, or by tags and a title after `~`; a Markdown link
may be followed by a remark. A line right before a bare address is its title. Other lines, such as headings, are left
out with a warning; at most half of the lines may be of that kind. A list is taken for feeds if it has query, command or
filter lines of newsboat, or if most addresses look like feeds; otherwise for pages, with a warning. Nothing is fetched
or executed here: those lines of newsboat are left out. Source: the documentation of newsboat.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection
from florilege.formats.detect import Format
from florilege.formats.document import Document
from florilege.formats.opml import Subscriptions
from florilege.model import Entry
from florilege.text import clean, counted

KIND = "addresses"
KIND_FEEDS = "newsboat"

_ADDRESS = re.compile(r"(https?://[^\s\"'<>]+)(?:$|\t\s*|\s+[|–—-]\s+|(?=\s))(.*)")
"""An address, and the rest of the line."""
_TITLED = re.compile(r"https?://\S+(?:\t|\s+[|–—-]\s)")
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\(<?(https?://[^\s()<>]++(?:\([^\s()]*+\)[^\s()]*+)?)>?\)[\s:–—-]*(.*)")
_BULLET = re.compile(r"(?:[-*+]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?")
_MADE = re.compile(r'"?(?:query|exec|filter|file):')
"""The beginning of newsboat's lines for queries, commands, filters and local files."""
_FEEDLIKE = re.compile(r"\b(?:rss|atom|feeds?|rdf|xml|jsonfeed)\b", re.IGNORECASE)
_NAMES = frozenset({"url", "urls", "link", "links", "address", "addresses"})
_RULE = "=-*_# "
"""Characters of horizontal rules."""
_LONGEST = 4_000
"""Length in characters from which a line is split without regard to quotation marks."""
_ASKED = 1_000
"""Lines that are examined to recognise a list."""


class _Line(NamedTuple):
    """A line with an address."""

    address: str
    title: str | None = None
    tags: Sequence[str] = ()
    remark: str = ""


def read(document: Document) -> Snapshot:
    """The snapshot of a list of addresses."""
    lines = [*_lines(document.text)]
    given = [each for before, line in zip(["", *lines], lines, strict=False) if (each := _read_line(line, before))]
    made = sum(bool(_MADE.match(line)) for line in lines)
    titles = sum(line.title in lines for line in given)
    if others := len([*filter(None, lines)]) - len(given) - made - titles:
        document.warnings.append(f"{counted(others, 'line')} without an address left out.")
    if not made and not _are_feeds(given):
        return _pages(given, document)
    found = Subscriptions(document.warnings)
    for line in given:
        found.add(line.title, line.address, line.tags)
    if made:
        found.warnings.append(f"{counted(made, 'line')} with queries, commands or files left out.")
    return Snapshot(kind=KIND_FEEDS, warnings=tuple(map(clean, found.warnings)), subscriptions=found.all)


def _pages(lines: Iterable[_Line], document: Document) -> Snapshot:
    """The snapshot of a list of pages."""
    collection = Collection(document.warnings, "Line")
    collection.warnings.append("This was taken for a list of pages, not of feeds: a feed is added by its own address.")
    for number, line in enumerate(lines, start=1):
        remark = fields.prose(line.remark)
        title, url = fields.title(line.title, is_html=False), fields.address(line.address)
        tags = fields.tags(line.tags)
        collection.add(number, Entry(title=title, url=url, tags=tags, description=remark, all_highlights=False))
    return collection.snapshot(KIND)


def _lines(text: str) -> Iterator[str]:
    """The stripped lines, without comments and the header of a one-column table; horizontal rules become blank lines.

    List items lose their bullet and get a blank line before them; addresses lose surrounding angle brackets.
    """
    for each in text.splitlines():
        line = each.strip()
        if line.startswith("#") or line.strip('"').lower() in _NAMES:
            continue
        if mark := _BULLET.match(line):
            yield ""
            line = line[mark.end() :]
        line = line if line.strip(_RULE) else ""
        yield line[1:-1] if line.startswith("<http") and line.endswith(">") else line


def _read_line(line: str, before: str) -> _Line | None:
    """The address in a line, with its title, tags or remark; None when the line has no address.

    Args:
        line: The line.
        before: The preceding line, which is the title if this line is a bare address and that one has none.
    """
    if link := _LINK.fullmatch(line):
        return _Line(link[2], link[1], remark=link[3])
    if (found := _ADDRESS.fullmatch(line.replace('"', "", 2) if line.startswith('"') else line)) is None:
        return None
    if _TITLED.match(line):
        return _Line(found[1], fields.line(found[2]))
    if not found[2].strip():
        return _Line(found[1], before if before and not _ADDRESS.match(before) and not _MADE.match(before) else None)
    try:
        words = shlex.split(found[2]) if len(line) < _LONGEST else found[2].split()
    except ValueError:
        words = found[2].split()
    named = next((word[1:] for word in words if word.startswith("~")), None)
    # In newsboat, a tag that begins with `!` hides the feed.
    return _Line(found[1], fields.line(named), [word.lstrip("#!") for word in words if not word.startswith("~")])


def _are_feeds(lines: Sequence[_Line]) -> bool:
    """Whether most addresses look like those of feeds."""
    return sum(bool(_FEEDLIKE.search(line.address)) for line in lines) * 2 > len(lines)


def _is_list(text: str) -> bool:
    """Whether all lines are addresses or special lines of newsboat; with several addresses, half of them suffice."""
    lines = [line for line, _ in zip(_lines(text[:200_000]), range(_ASKED), strict=False) if line]
    addresses = sum(_read_line(line, "") is not None for line in lines)
    known = addresses + sum(bool(_MADE.match(line)) for line in lines)
    return addresses > 0 and (known == len(lines) or (addresses > 1 and known * 2 >= len(lines)))


FORMATS = (Format("a list of addresses", read, is_text=_is_list),)
