"""Lists of friends and the feeds of their pages, in RDF (FOAF): groups by their addresses. Only this format.

Read as a stream of tags, like OPML: a name stands before the pages of whoever it names. Nothing is fetched here.
Sources: xmlns.com/foaf/spec; the lists that come with the tests of listparser.
"""

import re

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.document import Document
from florilege.formats.formats import Format
from florilege.formats.roots import Markup
from florilege.formats.stream import End, Start, events
from florilege.formats.subscribing import Subscriptions
from florilege.text import clean

KIND = "foaf"

_NAMES = frozenset({"name", "nick", "member_name", "membername"})
_FOAF = re.compile(r"<foaf:(?:Agent|Group|Person|Document)\b")
_ITEM = re.compile(r"<(?:\w+:)?item\b")


def read(document: Document) -> Snapshot:
    """The groups of a list; those of a group of people have its name as a tag.

    Raises:
        SourceError: It names no feed that can be followed.
    """
    found = Subscriptions(document.warnings)
    name: str | None = None
    group: str | None = None
    site: str | None = None
    words: str | None = None
    in_group = False
    for event in events(document.text, of_html=False):
        if isinstance(event, str):
            words = words + event if words is not None else None
            continue
        tag = event.tag.rpartition(":")[2]
        if isinstance(event, End):
            if words is not None and tag in _NAMES:
                name, words = fields.line(words), None
                group = group or (name if in_group else None)
            if tag == "group":
                in_group, group = False, None
        elif tag in _NAMES:
            words = ""
        elif tag == "group":
            in_group, group = True, None
        elif tag in {"agent", "person"}:
            name = site = None
        elif tag == "document":
            site = fields.line(_about(event))
        elif tag == "channel" and (address := fields.line(_about(event))):
            found.add(name, address, [group] if group != name else [], site)
    if not found.all:
        raise SourceError(
            "This is a list of feeds in RDF (FOAF), but it names none that can be followed: add feeds by their "
            "addresses."
        )
    return Snapshot(kind=KIND, warnings=tuple(map(clean, found.warnings)), subscriptions=found.all)


def _about(event: Start) -> str:
    """The address that an element is about."""
    return event.attributes.get("rdf:about", "") or event.attributes.get("rdf:resource", "")


def _is_list(markup: Markup) -> bool:
    """Whether it speaks of people, and is no feed."""
    return markup.root == "rdf" and bool(_FOAF.search(markup.beginning)) and not _ITEM.search(markup.text)


FORMATS = (Format("a list of feeds in RDF (FOAF)", read, is_markup=_is_list),)
