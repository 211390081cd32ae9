"""OPML subscription lists, with folders. Nothing that a list names is fetched here.

A list is read as a stream of tags, not as XML: real lists are often not well-formed, attribute names vary in case, and
no entity that a document declares is ever expanded. Source: opml.org/spec2.
"""

from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

import msgspec

from florilege.formats import Snapshot, SourceError, Subscription, fields
from florilege.formats.detect import Format
from florilege.formats.document import Document
from florilege.formats.markup import Start, events
from florilege.formats.odd_feed import with_plain_ampersands
from florilege.text import clean
from florilege.urls import canonical, redact, safe_to_open, scheme_of, without_feed_scheme

MOST = 10_000
"""Most groups that are read from one list."""
_LONGEST = 60
"""Characters of a title shown in a warning."""
KIND = "opml"
FOLDERS = 20
"""Most levels of folders around a group that become tags."""
_FEEDS = frozenset({"rss", "atom", "feed"})
_ELSEWHERE = frozenset({"include", "link"})


def read(document: Document) -> Snapshot:
    """The groups of a list. One that is in several folders gets them all as tags.

    Raises:
        SourceError: The list names no group that can be followed; the text says why the first one can't be.
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
    """Add the group that an `outline` element names.

    Args:
        attributes: The attributes of the element.
        folders: The names of the folders around it, outermost first.
        found: Where the group goes.

    Returns:
        The name of the folder, if the element is one; otherwise None.
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
    """The tags of a group: our own attribute `florilege:tags`, or the parts of its comma-separated category paths."""
    try:
        yield from msgspec.json.decode(attributes.get("florilege:tags", ""), type=list[str])
    except msgspec.DecodeError:
        for category in attributes.get("category", "").split(","):
            yield from category.split("/")


def _fault(text: str) -> str | None:
    """A warning that the list declares entities or is not well-formed; None when neither is the case."""
    if "<!ENTITY" in text:
        return "The list declares entities of its own, which florilege does not expand."
    try:
        expat.ParserCreate("utf-8").Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        return f"The list is not well-formed (line {error.lineno}): what could be read was; something may be missing."
    return None


class Subscriptions:
    """Collects groups, each address once. Addresses that are not http or https are refused with a warning.

    Args:
        warnings: The warnings so far; more are added here.
    """

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        self._found: dict[str, Subscription] = {}

    @property
    def all(self) -> tuple[Subscription, ...]:
        """The groups collected so far, in the order of the list."""
        return tuple(self._found.values())

    def add(self, name: str | None, address: str, tags: Iterable[str | None] = (), site: str | None = None) -> None:
        """Add a group; if its address is known already, only add the tags."""
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
    """The name of an outline as warnings show it."""
    return f"“{name[:_LONGEST]}”" if name else "An entry without a name"


FORMATS = (Format("an OPML subscription list", read, roots=frozenset({"opml", "outline"})),)
