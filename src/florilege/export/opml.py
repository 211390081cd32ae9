"""OPML 2.0: the groups, their tags and addresses, for other feed readers.

Source: opml.org/spec2. A group whose address opens a private group is there without it, unless secrets are asked for;
so is one read from a file, for a path of this machine helps no one else. A category has no way to hold a comma or a
slash: tags that do stand in an attribute of ours as well, which is what florilege reads back.
"""

import json
import re
from collections.abc import Iterator
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from florilege.export.own import holds_secret
from florilege.export.selection import Selection
from florilege.model import Group
from florilege.text import clean_line
from florilege.urls import scheme_of

NAMESPACE = "urn:florilege"
"""Of the attribute that is ours."""


def write(selection: Selection) -> Iterator[str]:
    """The groups of the selection, in their order."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0" xmlns:florilege="{NAMESPACE}">\n<head>\n'
    yield f"<title>{escape(clean_line(selection.title))}</title>\n"
    yield f"<dateCreated>{format_datetime(selection.exported_at)}</dateCreated>\n</head>\n<body>\n"
    for group in selection.groups:
        for address in _addresses(group, with_secrets=selection.with_secrets) or [None]:
            yield _outline(group, address)
    yield "</body>\n</opml>\n"


def _addresses(group: Group, *, with_secrets: bool) -> list[str | None]:
    """The addresses of a group that may be told."""
    return [
        source.address
        for source in group.sources
        if scheme_of(source.address) in {"http", "https"} and (with_secrets or not holds_secret(source.address))
    ]


def _outline(group: Group, address: str | None) -> str:
    facts = {
        "text": group.title,
        "title": group.title,
        "type": "rss" if address else None,
        "xmlUrl": address,
        "htmlUrl": group.site,
        "category": ",".join(tag.replace(",", " ") for tag in group.tags) or None,
        "florilege:tags": json.dumps(group.tags, ensure_ascii=False)
        if re.search("[,/]", "".join(group.tags))
        else None,
    }
    written = (f"{name}={quoteattr(clean_line(value))}" for name, value in facts.items() if value is not None)
    return f"<outline {' '.join(written)}/>\n"
