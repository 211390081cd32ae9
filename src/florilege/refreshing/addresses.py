"""What a reader may add: which addresses and files, and how a group is called until its document says.

Pure, but for asking whether a file is there.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from florilege.model import Group, Source
from florilege.text import clean_line
from florilege.urls import canonical, redact, scheme_of, site_of

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


def stand_in(address: str) -> str:
    """The title of a group whose document has not said its own: the host, the name of the file."""
    if address == STANDARD_INPUT:
        return "Standard input"
    return site_of(address) or clean_line(Path(address).name) or redact(address)


def known_as(groups: Iterable[Group], address: str) -> tuple[Group, Source] | None:
    """The group and source that already have this address, in whatever spelling; None when none has."""
    wanted = canonical(address)
    for group in groups:
        for source in group.sources:
            if canonical(source.address) == wanted:
                return group, source
    return None
