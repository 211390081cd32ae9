"""What an entry, an item or a trace is known by, in the form in which it is compared. Pure.

Worked out once a thing: the rules of `matching` ask ten times, and folding is what costs.
"""

from functools import lru_cache

import msgspec

from florilege.merge.traces import Trace
from florilege.model import Entry, Sharer
from florilege.text import fold
from florilege.urls import canonical


class Facts(msgspec.Struct, frozen=True, gc=False):
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
    url, sharer = thing.url, thing.sharer
    handle, name = _names(sharer) if sharer is not None else (None, None)
    return Facts(thing.native_id or None, canonical(url) if url else None, handle, name, fold(thing.title))


@lru_cache(maxsize=1024)
def _names(sharer: Sharer) -> tuple[str | None, str | None]:
    """The handle and the name of a member, folded. The same member shares hundreds of times."""
    handle = fold(sharer.handle) if sharer.handle else None
    return handle, fold(sharer.name) if sharer.name else handle
