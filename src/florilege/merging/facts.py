"""What an entry, an item or a trace is known by, in the form in which it is compared. Pure.

Worked out once a thing: the rules of `matching` ask ten times, and folding is what costs.
"""

from typing import NamedTuple

from florilege.merging.traces import Trace
from florilege.model import Entry
from florilege.text import fold
from florilege.urls import canonical


class Facts(NamedTuple):
    """The facts that identify. None for what is not known."""

    native_id: str | None
    link: str | None
    """In its canonical form."""
    handle: str | None
    """Of the sharer, folded."""
    name: str | None
    """Of the sharer, else the handle; folded."""
    title: str
    """Folded; empty when there is none."""


def facts_of(thing: Entry | Trace) -> Facts:
    """The facts of an entry, an item or a trace."""
    url, sharer, title = thing.url, thing.sharer, thing.title
    handle = name = None
    if sharer is not None:
        handle = fold(sharer.handle) if sharer.handle else None
        name = fold(sharer.name) if sharer.name else handle
    return Facts(thing.native_id or None, canonical(url) if url else None, handle, name, fold(title))
