"""Lists of groups, or of pages: OPML, newsboat's file `urls`, and plain text. Nothing in a list is fetched here.

- OPML is read as a stream of tags, not as XML: real lists are often not well-formed, attribute names vary in case, and
  no entity that a document declares is ever expanded. Source: opml.org/spec2.
- Plain text has an address or a Markdown link on each line. An address may be followed by a title after a dash, a bar
  or a tab, or by tags and a title after `~`; a Markdown link may be followed by a remark. A line right before a bare
  address is its title. Other lines, such as headings, are left out with a warning; at most half of the lines may be of
  that kind. A list is taken for feeds if it has query, command or filter lines of newsboat, or if most addresses look
  like feeds; otherwise for pages, with a warning. Those lines of newsboat are left out, and never executed. Source: the
  documentation of newsboat.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

import msgspec

from florilege.formats import Snapshot, SourceError, Subscription, fields
from florilege.formats.collecting import Collection
from florilege.formats.detect import Format
from florilege.formats.document import Document
from florilege.formats.markup import Start, events
from florilege.formats.odd_feed import with_plain_ampersands
from florilege.model import Entry
from florilege.text import clean, counted
from florilege.urls import canonical, redact, safe_to_open, scheme_of, without_feed_scheme

MOST = 10_000
"""Most groups that are read from one list."""
KIND = "opml"
FOLDERS = 20
"""Most levels of folders around a group that become tags."""
_FEEDS = frozenset({"rss", "atom", "feed"})
_ELSEWHERE = {"include": "another list, which is not fetched automatically: add", "link": "a link, no feed:"}
"""Types of outlines that are no groups, and what warnings say of them."""


def read(document: Document) -> Snapshot:
    """The groups of an OPML list. One that is in several folders gets them all as tags.

    Raises:
        SourceError: The list names no group that can be followed; the text says why the first one can't be.
    """
    warnings, titles = document.warnings, list[str]()
    found = _subscriptions(_outlines(document, titles), warnings)
    if not found:
        why = f" ({clean(warnings[0]).rstrip('.')})" if warnings else ""
        raise SourceError(
            f"This is an OPML subscription list, but it names no feed that can be followed{why}: add feeds by their "
            "addresses."
        )
    if "<!ENTITY" in document.text:
        warnings.append("The list declares entities of its own, which florilege does not expand.")
    elif not document.is_cut:
        try:
            expat.ParserCreate("utf-8").Parse(document.text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            warnings.append(
                f"The list is not well-formed (line {error.lineno}): what could be read was; something may be missing."
            )
    title = fields.line("".join(titles))
    return Snapshot(kind=KIND, title=title, warnings=tuple(map(clean, warnings)), subscriptions=found)


def _outlines(document: Document, titles: list[str]) -> Iterator[Subscription]:
    """The groups in a list.

    Args:
        document: The list. Outlines that are no groups are added to its warnings.
        titles: Receives the parts of the list's own title.
    """
    folders: list[str | None] = []
    is_in_title = False
    text = with_plain_ampersands(document.text.encode("utf-8", "replace")).decode()
    for event in events(text, of_html=False):
        if isinstance(event, str):
            titles.extend([event] * is_in_title)
        elif not event.tag.endswith("outline"):
            is_in_title = isinstance(event, Start) and event.tag.endswith("title") and not titles
        elif isinstance(event, Start):
            given = event.attributes
            name = fields.line(given.get("text")) or fields.line(given.get("title"))
            kind = given.get("type", "").strip().lower()
            address = fields.line(given.get("xmlurl") or (given.get("url") if kind in _FEEDS else None))
            folders.append(None if address or kind in _ELSEWHERE else name)
            if kind in _ELSEWHERE:
                where = fields.line(given.get("url")) or address
                if where and safe_to_open(where):
                    document.warnings.append(f"{_shown(name)} is {_ELSEWHERE[kind]} {redact(where)}.")
            elif address:
                tags = (*filter(None, folders[:FOLDERS]), *_tags(given))
                yield Subscription(address=address, title=name, tags=tags, site=given.get("htmlurl"))
        else:
            del folders[-1:]


def _tags(attributes: Mapping[str, str]) -> Iterator[str]:
    """The tags of a group: our own attribute `florilege:tags`, or the parts of its comma-separated category paths."""
    try:
        yield from msgspec.json.decode(attributes.get("florilege:tags", ""), type=list[str])
    except msgspec.DecodeError:
        for category in attributes.get("category", "").split(","):
            yield from category.split("/")


def _subscriptions(named: Iterable[Subscription], warnings: list[str]) -> tuple[Subscription, ...]:
    """The groups that lines name, each address once and with all its tags.

    Addresses that are not http or https are refused with a warning.
    """
    found: dict[str, Subscription] = {}
    for each in named:
        address = without_feed_scheme(each.address)
        if safe_to_open(address) is None:
            scheme = scheme_of(address)
            why = f"not {scheme}:" if scheme not in {None, "http", "https"} else "and its address is no such"
            warnings.append(
                f"{_shown(each.title)} was left out: florilege follows http and https addresses only, {why}."
            )
            continue
        key = canonical(address)
        if (known := found.get(key)) is not None:
            found[key] = msgspec.structs.replace(known, tags=fields.tags((*known.tags, *each.tags)))
        elif len(found) < MOST:
            site, tags = safe_to_open(fields.line(each.site)), fields.tags(each.tags)
            found[key] = Subscription(address=address, title=each.title, tags=tags, site=site)
        elif (warning := f"The list names more than {MOST} groups: the others were left out.") not in warnings:
            warnings.append(warning)
    return tuple(found.values())


def _shown(name: str | None) -> str:
    """The name of a group as warnings show it."""
    return f"“{name[:60]}”" if name else "An entry without a name"


KIND_PAGES = "addresses"
KIND_NEWSBOAT = "newsboat"

_ADDRESS = re.compile(r"(https?://[^\s\"'<>]+)(?:$|\t\s*|\s+[|–—-]\s+|(?=\s))(.*)")
"""An address, and the rest of the line."""
_TITLED = re.compile(r"https?://\S+(?:\t|\s+[|–—-]\s)")
_LINK = re.compile(
    r"\[([^\[\]]{1,500})\]\(<?(https?://[^\s()<>]++(?:\([^\s()]*+\)[^\s()]*+)?)>?(?: \"[^\"]{0,300}\")?\)[\s:–—-]*(.*)"
)
"""A Markdown link, perhaps with a title, and the rest of the line."""
_BARE = re.compile(r"https?://\S+")
_BETWEEN = re.compile(r"(?<![,;\s])[,;\s]++(?=https?://)")
"""What separates several addresses in a line."""
_BULLET = re.compile(r"(?:[-*+]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?")
_MADE = re.compile(r'"?(?:query|exec|filter|file):')
"""The beginning of newsboat's lines for queries, commands, filters and local files."""
_FEEDLIKE = re.compile(r"\b(?:rss|atom|feeds?|rdf|xml|jsonfeed)\b", re.IGNORECASE)
_NAMES = frozenset({"url", "urls", "link", "links", "address", "addresses"})
_RULE = "=-*_# "
"""Characters of horizontal rules."""
_LONGEST_LINE = 4_000
"""Length in characters from which a line is split without regard to quotation marks."""
_ASKED = 1_000
"""Lines that are examined to recognise a list."""


def read_text(document: Document) -> Snapshot:
    """The snapshot of a list of addresses."""
    lines = [*_lines(document.text)]
    distinct = frozenset(lines)
    given = [each for before, line in zip(["", *lines], lines, strict=False) if (each := _read_line(line, before))]
    named = [each for each, _ in given]
    made = sum(bool(_MADE.match(line)) for line in lines)
    titles = sum(each.title in distinct for each in named)
    if others := len([*filter(None, lines)]) - len(given) - made - titles:
        document.warnings.append(f"{counted(others, 'line')} without an address left out.")
    feedlike = sum(bool(_FEEDLIKE.search(each.address)) for each in named)
    if not made and feedlike * 2 <= len(given):
        return _pages(given, document)
    groups = _subscriptions(named, document.warnings)
    if made:
        document.warnings.append(f"{counted(made, 'line')} with queries, commands or files left out.")
    return Snapshot(kind=KIND_NEWSBOAT, warnings=tuple(map(clean, document.warnings)), subscriptions=groups)


def _pages(given: Iterable[tuple[Subscription, str]], document: Document) -> Snapshot:
    """The snapshot of a list of pages."""
    collection = Collection(document.warnings, "Line")
    collection.warnings.append("This was taken for a list of pages, not of feeds: a feed is added by its own address.")
    for number, (each, remark) in enumerate(given, start=1):
        entry = Entry(
            title=fields.title(each.title, is_html=False),
            url=fields.address(each.address),
            tags=fields.tags(each.tags),
            description=fields.prose(remark),
            all_highlights=False,
        )
        collection.add(number, entry)
    return collection.snapshot(KIND_PAGES)


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
        line = line[1:-1] if line.startswith("<http") and line.endswith(">") else line
        several = _BETWEEN.split(line)
        yield from several if all(map(_BARE.fullmatch, several)) else [line]


def _read_line(line: str, before: str) -> tuple[Subscription, str] | None:
    """The address in a line with its title and tags, and a remark; None when the line has no address.

    Args:
        line: The line.
        before: The preceding line, which is the title if this line is a bare address and that one has none.
    """
    if link := _LINK.fullmatch(line):
        return Subscription(address=link[2], title=link[1]), link[3]
    if (found := _ADDRESS.fullmatch(line.replace('"', "", 2) if line.startswith('"') else line)) is None:
        return None
    if _TITLED.match(line):
        return Subscription(address=found[1], title=fields.line(found[2])), ""
    if not found[2].strip():
        is_title = before and not _ADDRESS.match(before) and not _MADE.match(before)
        return Subscription(address=found[1], title=before if is_title else None), ""
    try:
        words = shlex.split(found[2]) if len(line) < _LONGEST_LINE else found[2].split()
    except ValueError:
        words = found[2].split()
    named = next((word[1:] for word in words if word.startswith("~")), None)
    # In newsboat, a tag that begins with `!` hides the feed.
    tags = tuple(word.lstrip("#!") for word in words if not word.startswith("~"))
    return Subscription(address=found[1], title=fields.line(named), tags=tags), ""


def _is_list(text: str) -> bool:
    """Whether all lines are addresses or special lines of newsboat; with several addresses, half of them suffice."""
    lines = [line for line, _ in zip(_lines(text[:200_000]), range(_ASKED), strict=False) if line]
    addresses = sum(_read_line(line, "") is not None for line in lines)
    known = addresses + sum(bool(_MADE.match(line)) for line in lines)
    return addresses > 0 and (known == len(lines) or (addresses > 1 and known * 2 >= len(lines)))


FORMATS = (
    Format("an OPML subscription list", read, roots=frozenset({"opml", "outline"})),
    Format("a list of addresses", read_text, is_text=_is_list),
)
