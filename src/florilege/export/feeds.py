"""Export of groups for florilege itself and for feed readers: our own JSON, JSON Feed 1.1, OPML 2.0. Pure.

Our own format holds everything, including ids and reading state, so that an import restores what was exported; its
schema is in `formats.own`. Of a source, only the address, format and part are exported: with its HTTP validators, the
next refresh would assume that items missing from a partial export are already stored.

In a JSON Feed (jsonfeed.org/version/1.1), `external_url` is the shared page and `url` is its discussion; `_florilege`
holds what the format cannot express.

In OPML (opml.org/spec2), an address that gives access to a private group is omitted unless secrets are requested; so is
a file path, which is of no use on another machine. A category cannot contain a comma or a slash, so tags that do are
also written to an attribute of ours, which florilege reads back.
"""

import json
import re
from collections.abc import Iterable, Iterator
from email.utils import format_datetime
from itertools import chain, groupby
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from florilege.export.selection import SelectedItem, Selection, as_json, in_utc, json_elements, known, label
from florilege.formats.own import MARK, VERSION, OwnGroup, OwnSource, entry_of
from florilege.model import Group, Item, ReadingState, Source
from florilege.text import clean_line
from florilege.urls import redact, safe_to_open, scheme_of

_PLACEHOLDER = "…"
"""What `urls.redact` replaces a secret with."""


def own_json(selection: Selection) -> Iterator[str]:
    """Write the selection in our own format, one line per group, item and state. Rows must be grouped by group."""
    head = {"florilege": MARK, "version": VERSION, "exported_at": selection.exported_at}
    yield as_json(head).removesuffix("}") + ',\n"groups":['
    between, done = "\n", set()
    without_rows = ((group, ()) for group in selection.groups if group.id not in done)
    for group, rows in chain(groupby(selection.each(), key=lambda row: row.group), without_rows):
        yield between
        yield from _group(group, rows, selection)
        between = ",\n"
        done.add(group.id)
    yield "\n]}\n"


def holds_secret(address: str) -> bool:
    """Whether an address contains a secret."""
    return redact(address).count(_PLACEHOLDER) > address.count(_PLACEHOLDER)


def _source(source: Source, *, with_secrets: bool) -> OwnSource:
    """A source as exported, with its address redacted unless secrets are included."""
    is_hidden = not with_secrets and holds_secret(source.address)
    address = redact(source.address) if is_hidden else source.address
    return OwnSource(address, source.kind, source.part, redacted=is_hidden)


def _group(group: Group, rows: Iterable[SelectedItem], selection: Selection) -> Iterator[str]:
    facts = OwnGroup(
        id=group.id,
        title=group.title,
        tags=group.tags,
        site=group.site,
        added_at=group.added_at,
        sources=tuple(_source(source, with_secrets=selection.with_secrets) for source in group.sources),
    )
    states: list[ReadingState] = []

    def items() -> Iterator[Item]:
        for row in rows:
            if selection.with_state and row.state != ReadingState(item=row.item.id):
                states.append(row.state)
            yield msgspec.structs.replace(row.item, digest=None)

    yield as_json(facts).removesuffix("}") + ',\n"items":['
    yield from json_elements(items())
    yield '],\n"states":['
    yield from json_elements(states)
    yield "]}"


_JSON_FEED = "https://jsonfeed.org/version/1.1"
_ABOUT = "The entry as florilege keeps it, with highlights, notes and comments."


def json_feed(selection: Selection) -> Iterator[str]:
    """Write the selection as a JSON Feed, one item per line."""
    head: dict[str, Any] = {"version": _JSON_FEED, "title": selection.title or "florilege"}
    if len(selection.groups) == 1 and (site := safe_to_open(selection.groups[0].site)):
        head["home_page_url"] = site
    yield as_json(head).removesuffix("}") + ',"items":['
    yield from json_elements(map(_item, selection.each()))
    yield "\n]}\n"


def _item(row: SelectedItem) -> dict[str, Any]:
    item = row.item
    sharer = label(item.sharer)
    return known(
        id=item.id,
        url=item.discussion_url,
        external_url=item.url,
        title=item.title or None,
        content_text=_text(row),
        summary=item.description,
        date_published=in_utc(item.shared_at),
        date_modified=in_utc(item.updated_at),
        authors=[{"name": sharer}] if sharer else None,
        tags=list(item.tags) or None,
        _florilege={"about": _ABOUT, "group": row.group.title, "entry": entry_of(item)},
    )


def _text(row: SelectedItem) -> str:
    """The text for feed readers: the description, then every quote and note."""
    item = row.item
    parts = [item.description or ""]
    for highlight in item.highlights:
        by = f"\n— {highlight.author}" if highlight.author else ""
        parts.append(f"“{highlight.quote}”{by}")
    parts += [f"{note.author}: {note.text}" if note.author else note.text for note in item.notes]
    return "\n\n".join(part for part in parts if part)


NAMESPACE = "urn:florilege"
"""The XML namespace of our own attribute."""


def opml(selection: Selection) -> Iterator[str]:
    """Write the groups of the selection as OPML, in order."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0" xmlns:florilege="{NAMESPACE}">\n<head>\n'
    yield f"<title>{escape(clean_line(selection.title))}</title>\n"
    yield f"<dateCreated>{format_datetime(selection.exported_at)}</dateCreated>\n</head>\n<body>\n"
    for group in selection.groups:
        web = (source.address for source in group.sources if scheme_of(source.address) in {"http", "https"})
        shown: list[str | None] = [address for address in web if selection.with_secrets or not holds_secret(address)]
        for each in shown or [None]:
            yield _outline(group, each)
    yield "</body>\n</opml>\n"


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
