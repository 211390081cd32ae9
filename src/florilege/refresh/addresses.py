"""What a reader may add: which addresses and files, and how a group is called until its document says.

Pure, but for asking whether a file is there.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from florilege.model import Group, Source
from florilege.text import clean_line
from florilege.urls import canonical, redact, scheme_of, site_of

_WITHOUT_SCHEME = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+([a-z]{2,24})(?::\d{1,5})?([/?]\S*)?", re.IGNORECASE
)
_ENDINGS = frozenset(
    ["atom", "csv", "gz", "htm", "html", "json", "jsonld", "jsonl", "md", "opml", "rdf", "rss", "txt", "xml", "zip"]
)
"""Of files that groups come in."""

STANDARD_INPUT = "-"
"""The source that is no address: a document already read."""


def address_of(source: str) -> str | None:
    """The address kept for what a reader names: an http(s) address as it is, the absolute path of a file.

    None when it has another scheme: florilege does not follow it.
    """
    scheme = scheme_of(source)
    if scheme in {"http", "https"}:
        return source.strip()
    if scheme is None or len(scheme) == 1 or Path(source).exists():  # one letter: a drive
        return os.path.abspath(source)  # noqa: PTH100 -- `..` is resolved, links are not: the reader's own name stays
    return None


def meant(source: str) -> str | None:
    """The address that a reader means by one without its beginning: `example.org/feed`.

    None when it looks like none, or when there is a file of that name. The last word of the host must not be the ending
    of a file: `export.csv` is one that is not there.
    """
    match = _WITHOUT_SCHEME.fullmatch(source.strip())
    if match is None or (match[1].lower() in _ENDINGS and not match[2]) or os.path.lexists(source):
        return None
    return f"https://{source.strip()}"


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


def known_as(groups: Iterable[Group], address: str) -> tuple[Group, Source] | None:
    """The group and source that already have this address, in whatever spelling; None when none has."""
    wanted = canonical(address)
    for group in groups:
        for source in group.sources:
            if canonical(source.address) == wanted:
                return group, source
    return None


def part_known_as(groups: Iterable[Group], address: str, part: str) -> tuple[Group, Source] | None:
    """The group that already has this part of the document at an address, and the source; None when none has."""
    wanted = canonical(address)
    for group in groups:
        for source in group.sources:
            if source.part == part and canonical(source.address) == wanted:
                return group, source
    return None


def named_by(groups: Iterable[Group], identity: str | None) -> Group | None:
    """The group that a document names: one that had a document of that name before, or an export of this very group."""
    if identity is None:
        return None
    return next(
        (group for group in groups if identity in group.identities or identity == f"florilege:group:{group.id}"), None
    )
