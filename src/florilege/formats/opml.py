"""OPML: lists of groups by their addresses, in folders. Only this format; nothing a list names is fetched here.

Read as a stream of tags, not as XML: real lists are often not well-formed, attribute names vary in case, and no entity
that a document declares is ever expanded. Source: opml.org/spec2.
"""

from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

import msgspec

from florilege.formats import Snapshot, SourceError, Subscription, fields
from florilege.formats.detect import Format
from florilege.formats.document import Document
from florilege.formats.odd_feed import with_plain_ampersands
from florilege.formats.stream import Start, events
from florilege.text import clean
from florilege.urls import canonical, redact, safe_to_open, scheme_of, without_feed_scheme

MOST = 10_000
"""Groups that are read of one list."""
_LONGEST = 60
"""Characters of a title shown in a warning."""
KIND = "opml"
FOLDERS = 20
"""Folders around a group that become tags, at most."""
_FEEDS = frozenset({"rss", "atom", "feed"})
_ELSEWHERE = frozenset({"include", "link"})


def read(document: Document) -> Snapshot:
    """The groups of a list; those in several folders have all of them as tags.

    Raises:
        SourceError: It names none that can be followed; the text says why of the first one.
    """
    found = Subscriptions(document.warnings)
    title, opened = "", ""
    folders: list[str | None] = []
    text = with_plain_ampersands(document.text.encode("utf-8", "replace")).decode()
    for event in events(text, of_html=False):
        if isinstance(event, str):
            title += event if opened == "title" else ""
            continue
        name = event.tag.rpartition(":")[2]
        if name == "outline" and isinstance(event, Start):
            folders.append(_outline(event.attributes, [name for name in folders[:FOLDERS] if name], found))
        elif name == "outline":
            del folders[-1:]
        elif isinstance(event, Start):
            opened = name if name == "head" or (name == "title" and opened == "head" and not title) else opened
        elif name in {"head", "title"}:
            opened = "head" if name == "title" else ""
    if not found.all:
        why = f" ({clean(found.warnings[0]).rstrip('.')})" if found.warnings else ""
        raise SourceError(
            f"This is an OPML subscription list, but it names no feed that can be followed{why}: add feeds by their "
            "addresses."
        )
    if not document.is_cut and (fault := _fault(document.text)) is not None:
        found.warnings.append(fault)
    return Snapshot(
        kind=KIND,
        title=fields.line(title),
        warnings=tuple(map(clean, found.warnings)),
        subscriptions=found.all,
    )


def _outline(attributes: Mapping[str, str], folders: Iterable[str], found: "Subscriptions") -> str | None:
    """Keep the group that an outline names.

    Returns:
        The name of the folder it is, when it names no group.
    """
    name = fields.line(attributes.get("text")) or fields.line(attributes.get("title"))
    kind = attributes.get("type", "").strip().lower()
    address = fields.line(attributes.get("xmlurl") or (attributes.get("url") if kind in _FEEDS else None))
    if kind in _ELSEWHERE:
        where = fields.line(attributes.get("url")) or address
        if where and safe_to_open(where):
            what = "another list, which is not fetched unasked: add" if kind == "include" else "a link, no feed:"
            found.warnings.append(f"{_shown(name)} is {what} {redact(where)}.")
        return None
    if address is None:
        return name
    found.add(name, address, (*folders, *_tags(attributes)), attributes.get("htmlurl"))
    return None


def _tags(attributes: Mapping[str, str]) -> Iterator[str]:
    """Categories, which may be paths with a slash between their parts; an attribute of our own has tags whole."""
    try:
        yield from msgspec.json.decode(attributes.get("florilege:tags", ""), type=list[str])
    except msgspec.DecodeError:
        for category in attributes.get("category", "").split(","):
            yield from category.split("/")


def _fault(text: str) -> str | None:
    """What to say when the list is not well-formed; None when it is. Entities it declares are not looked at."""
    if "<!ENTITY" in text:
        return "The list declares entities of its own, which florilege does not expand."
    try:
        expat.ParserCreate("utf-8").Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        return f"The list is not well-formed (line {error.lineno}): what could be read was; something may be missing."
    return None


class Subscriptions:
    """Groups by their addresses, each once. Unsafe addresses are refused with a warning, and never kept.

    Args:
        warnings: What was odd before; more is added here.
    """

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        self._found: dict[str, Subscription] = {}

    @property
    def all(self) -> tuple[Subscription, ...]:
        """What was kept, in the order of the list."""
        return tuple(self._found.values())

    def add(self, name: str | None, address: str, tags: Iterable[str | None] = (), site: str | None = None) -> None:
        """One more; one that is there gets the tags too."""
        address = without_feed_scheme(address)
        if safe_to_open(address) is None:
            scheme = scheme_of(address)
            why = f"not {scheme}:" if scheme not in {None, "http", "https"} else "and its address is no such"
            self.warnings.append(
                f"{_shown(name)} was left out: florilege follows http and https addresses only, {why}."
            )
            return
        key = canonical(address)
        known = self._found.get(key)
        if known is not None:
            self._found[key] = msgspec.structs.replace(known, tags=fields.tags((*known.tags, *tags)))
        elif len(self._found) < MOST:
            site = safe_to_open(fields.line(site))
            self._found[key] = Subscription(address=address, title=name, tags=fields.tags(tags), site=site)
        elif (told := f"The list names more than {MOST} groups: the others were left out.") not in self.warnings:
            self.warnings.append(told)


def _shown(name: str | None) -> str:
    """The name of an outline as it stands in a warning."""
    return f"“{name[:_LONGEST]}”" if name else "An entry without a name"


FORMATS = (Format("an OPML subscription list", read, roots=frozenset({"opml", "outline"})),)
