"""What a reader may add: which addresses and files, and how a group is called until its document says.

Pure, but for asking whether a file is there.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from florilege.model import Group, Source
from florilege.text import clean_line
from florilege.urls import canonical, redact, scheme_of, site_of, without_feed_scheme

_WITHOUT_SCHEME = re.compile(
    r"(?:(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.){1,20}([a-z]{2,24})|localhost|\d{1,3}(?:\.\d{1,3}){3})"
    r"(?::\d{1,5})?([/?]\S*)?",
    re.IGNORECASE,
)
_ENDINGS = frozenset(
    ["atom", "csv", "gz", "htm", "html", "json", "jsonld", "jsonl", "md", "opml", "rdf", "rss", "txt", "xml", "zip"]
)
"""Of files that groups come in."""
_FEED_SCHEME = re.compile(r"feed:(?://)?", re.IGNORECASE)

STANDARD_INPUT = "-"
"""The source that is no address: a document already read."""

Known = dict[tuple[str, str | None], tuple[Group, Source]]
"""The groups and sources there are, by canonical address and part."""


def address_of(source: str) -> str | None:
    """The address kept for what a reader names: an http(s) address as it is, the absolute path of a file.

    None when it has another scheme: florilege does not follow it.
    """
    source = without_feed_scheme(source)
    scheme = scheme_of(source)
    if scheme in {"http", "https"}:
        return source
    if scheme is None or len(scheme) == 1 or Path(source).exists():  # one letter: a drive
        return os.path.abspath(source)  # noqa: PTH100 -- `..` is resolved, links are not: the reader's own name stays
    return None


def completed(source: str) -> str | None:
    """The address that a reader means by one without its beginning: `example.org/feed`, or one that begins `feed:`.

    None when it looks like none, or when there is a file of that name. The last word of the host must not be the ending
    of a file: `export.csv` is one that is not there.
    """
    beyond = _FEED_SCHEME.sub("", source.strip())
    match = _WITHOUT_SCHEME.fullmatch(beyond)
    if match is None or ((match[1] or "").lower() in _ENDINGS and not match[2]) or os.path.lexists(source):
        return None
    return f"https://{beyond}"


def is_address(word: str) -> bool:
    """Whether a word is a web address, be it without its beginning."""
    return scheme_of(address_of(word) or "") in {"http", "https"} or completed(word) is not None


def stand_in(address: str) -> str:
    """The title of a group whose document has not said its own: the host and what follows it, the name of the file.

    The host alone would not do: groups of one service that can't be reached yet could not be told from each other.
    """
    if address == STANDARD_INPUT:
        return "Standard input"
    site = site_of(address)
    if site is None:
        return clean_line(Path(address).name) or redact(address)
    beyond = redact(address).partition("://")[2].partition("/")[2]
    return f"{site}/{beyond}".rstrip("/")


def known_sources(groups: Iterable[Group]) -> Known:
    """The sources of groups; of several with one address, in whatever spelling, the first."""
    known: Known = {}
    for group in groups:
        for source in group.sources:
            known.setdefault((canonical(source.address), source.part), (group, source))
    return known


def known_as(known: Known, address: str, part: str | None = None) -> tuple[Group, Source] | None:
    """The group and source that already have this address, in whatever spelling, or a part of the document there."""
    return known.get((canonical(address), part))


def named_by(groups: Iterable[Group], identity: str | None) -> Group | None:
    """The group that a document names: one that had a document of that name before, or an export of this very group."""
    if identity is None:
        return None
    return next(
        (group for group in groups if identity in group.identities or identity == f"florilege:group:{group.id}"), None
    )
