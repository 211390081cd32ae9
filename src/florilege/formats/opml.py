"""OPML: lists of groups by their addresses, in folders. Only this format; nothing a list names is fetched here.

Read as a stream of tags, not as XML: real lists are often not well-formed, attribute names vary in case, and no entity
that a document declares is ever expanded. Source: opml.org/spec2.
"""

from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

import msgspec

from florilege.formats import Snapshot, SourceError, Subscription, fields
from florilege.formats.document import Document
from florilege.formats.recognise import Format
from florilege.formats.stream import Start, events
from florilege.text import clean
from florilege.urls import canonical, redact, safe_to_open, scheme_of

MOST = 10_000
"""Groups that are read of one list."""
_SHOWN = 60
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
    reader = _Reader(document.warnings)
    for event in events(_with_plain_ampersands(document.text), of_html=False):
        if isinstance(event, str):
            reader.text(event)
        elif isinstance(event, Start):
            reader.start(event.tag, event.attributes)
        else:
            reader.end(event.tag)
    if not reader.found.all:
        why = f" ({clean(reader.warnings[0]).rstrip('.')})" if reader.warnings else ""
        raise SourceError(
            f"This is an OPML subscription list, but it names no feed that can be followed{why}: add feeds by their "
            "addresses."
        )
    if (fault := _fault(document.text)) is not None:
        reader.warnings.append(fault)
        document.is_cut = "</opml" not in document.text[-200:].lower()
    return Snapshot(
        kind=KIND,
        title=fields.line(reader.title),
        warnings=tuple(map(clean, reader.warnings)),
        subscriptions=reader.found.all,
    )


class _Reader:
    """Reads the tags one after the other."""

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        self.title = ""
        """What the list calls itself."""
        self.found = Subscriptions(warnings)
        self._open: list[str | None] = []
        """The outlines that are open, outermost first: the names of folders, None for all else."""
        self._in_head = False
        self._in_title = False

    def text(self, text: str) -> None:
        """Text between tags: only the title of the list counts."""
        if self._in_title:
            self.title += text

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        name = tag.rpartition(":")[2]
        if name == "outline":
            self._outline(attributes)
        elif name == "head":
            self._in_head = True
        elif name == "title" and self._in_head and not self.title:
            self._in_title = True

    def end(self, tag: str) -> None:
        """An element ends."""
        name = tag.rpartition(":")[2]
        if name == "outline":
            del self._open[-1:]
        elif name == "head":
            self._in_head = False
        elif name == "title":
            self._in_title = False

    def _outline(self, attributes: Mapping[str, str]) -> None:
        name = fields.line(attributes.get("text")) or fields.line(attributes.get("title"))
        kind = attributes.get("type", "").strip().lower()
        address = fields.line(attributes.get("xmlurl") or (attributes.get("url") if kind in _FEEDS else None))
        if kind in _ELSEWHERE:
            where = fields.line(attributes.get("url")) or address
            if where and safe_to_open(where):
                what = "another list, which is not fetched unasked: add" if kind == "include" else "a link, no feed:"
                self.warnings.append(f"{shown(name)} is {what} {redact(where)}.")
            self._open.append(None)
        elif address is None:
            self._open.append(name)
        else:
            tags = (*self._folders(), *_tags(attributes))
            self.found.add(name, address, tags, attributes.get("htmlurl"))
            self._open.append(None)

    def _folders(self) -> Iterator[str]:
        return (name for name in self._open[:FOLDERS] if name)


def _tags(attributes: Mapping[str, str]) -> Iterator[str]:
    """Categories, which may be paths with a slash between their parts; an attribute of our own has tags whole."""
    try:
        yield from msgspec.json.decode(attributes.get("florilege:tags", ""), type=list[str])
    except msgspec.DecodeError:
        for category in attributes.get("category", "").split(","):
            yield from category.split("/")


def _with_plain_ampersands(text: str) -> str:
    """The text with every `&` that begins no entity with a semicolon as `&amp;`: `?a=1&copy=2` is an address."""
    pieces = text.split("&")
    return pieces[0] + "".join(f"{'&' if _begins_entity(piece) else '&amp;'}{piece}" for piece in pieces[1:])


def _begins_entity(piece: str) -> bool:
    name, semicolon, _ = piece[:40].partition(";")
    return bool(semicolon) and name.removeprefix("#").isalnum()


def _fault(text: str) -> str | None:
    """What to say when the list is not well-formed; None when it is. Entities it declares are not looked at."""
    parser = expat.ParserCreate("utf-8")
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except _DeclaredEntitiesError:
        return "The list declares entities of its own, which florilege does not expand."
    except expat.ExpatError as error:
        return f"The list is not well-formed (line {error.lineno}): what could be read was; something may be missing."
    return None


class _DeclaredEntitiesError(Exception):
    """A document wants entities expanded."""


def _refuse_entities(*_: object) -> None:
    raise _DeclaredEntitiesError


class Subscriptions:
    """Groups by their addresses, each once. Unsafe addresses are refused with a warning, and never kept.

    Args:
        warnings: What was odd before; more is added here.
    """

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        self._found: dict[str, Subscription] = {}
        self._left_out = 0

    @property
    def all(self) -> tuple[Subscription, ...]:
        """What was kept, in the order of the list."""
        return tuple(self._found.values())

    def add(self, name: str | None, address: str, tags: Iterable[str | None] = (), site: str | None = None) -> None:
        """One more; one that is there gets the tags too."""
        if safe_to_open(address) is None:
            scheme = scheme_of(address)
            why = f"not {scheme}:" if scheme not in {None, "http", "https"} else "and its address is no such"
            self.warnings.append(f"{shown(name)} was left out: florilege follows http and https addresses only, {why}.")
            return
        key = canonical(address)
        known = self._found.get(key)
        if known is not None:
            self._found[key] = msgspec.structs.replace(known, tags=fields.tags((*known.tags, *tags)))
        elif len(self._found) < MOST:
            site = safe_to_open(fields.line(site))
            self._found[key] = Subscription(address=address, title=name, tags=fields.tags(tags), site=site)
        elif not self._left_out:
            self._left_out = 1
            self.warnings.append(f"The list names more than {MOST} groups: the others were left out.")


def shown(name: str | None) -> str:
    """The name of an outline as it stands in a warning."""
    return f"“{name[:_SHOWN]}”" if name else "An entry without a name"


FORMATS = (Format("an OPML subscription list", read, roots=frozenset({"opml", "outline"})),)
