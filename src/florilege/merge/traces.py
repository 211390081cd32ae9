"""What is left of an item when its content is not at hand, and is enough to know it again. Pure.

A trace stays where an item was purged, so that it does not come back; and goes with a reading state to another
machine, so that the state finds its item there.
"""

import msgspec

from florilege.merge.highlights import normalised
from florilege.model import Entry, Item, Sharer
from florilege.text import digest, fold


class Trace(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What an item is known by: the same facts that `matching` looks at, and nothing else."""

    id: str
    """The id of the item."""
    native_id: str | None = None
    url: str | None = None
    title: str = ""
    sharer: Sharer | None = None
    content: str | None = None
    """A hash of what it said, for items that have no link to be known by."""


def trace(item: Item) -> Trace:
    """The trace of an item."""
    return Trace(
        id=item.id,
        native_id=item.native_id,
        url=item.url,
        title=item.title,
        sharer=item.sharer,
        content=None if item.url else content_key(item),
    )


def content_key(entry: Entry | Trace) -> str:
    """A hash of what an entry says, for entries that have nothing else to be known by."""
    if isinstance(entry, Trace):
        return entry.content or ""
    quotes = "\n".join(normalised(highlight.quote) for highlight in entry.highlights)
    words = "\n".join(fold(note.text) for note in entry.notes)
    body = fold(entry.body or "")
    return digest(fold(entry.title), fold(entry.description or ""), quotes, words, body)
