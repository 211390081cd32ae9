"""Our own JSON: everything, ids and reading state included, so that an import gives back what was there. Pure.

`formats.own` holds the shape. Of a source only its address and format go along: a validator would make the next
refresh believe that items are here which an export of a few items lacks.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from florilege.export.selection import Row, Selection, as_json, json_elements
from florilege.formats.own import MARK, VERSION, OwnGroup, OwnSource
from florilege.model import Group, Item, ReadingState, Source
from florilege.urls import redact

_PLACEHOLDER = "…"
"""What `urls.redact` puts in the place of a secret."""


def write(selection: Selection) -> Iterator[str]:
    """The selection, whose rows come group by group: a line for each group, each item and each state."""
    head = {"florilege": MARK, "version": VERSION, "exported_at": selection.exported_at}
    yield as_json(head).removesuffix("}") + ',\n"groups":['
    between, done = "\n", set()
    for group, rows in groupby(selection.each(), key=lambda row: row.group):
        yield between
        yield from _group(group, rows, selection)
        between = ",\n"
        done.add(group.id)
    for group in selection.groups:
        if group.id not in done:
            yield between
            yield from _group(group, (), selection)
            between = ",\n"
    yield "\n]}\n"


def holds_secret(address: str) -> bool:
    """Whether something in an address opens what others shall not see."""
    return redact(address).count(_PLACEHOLDER) > address.count(_PLACEHOLDER)


def source_of(source: Source, *, with_secrets: bool) -> OwnSource:
    """A source as far as an export may tell."""
    if with_secrets or not holds_secret(source.address):
        return OwnSource(source.address, source.kind, source.part)
    return OwnSource(redact(source.address), source.kind, source.part, redacted=True)


def _group(group: Group, rows: Iterable[Row], selection: Selection) -> Iterator[str]:
    facts = OwnGroup(
        id=group.id,
        title=group.title,
        tags=group.tags,
        site=group.site,
        added_at=group.added_at,
        sources=tuple(source_of(source, with_secrets=selection.with_secrets) for source in group.sources),
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
