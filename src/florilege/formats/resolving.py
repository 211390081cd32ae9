"""Addresses that a document writes relative to its own, once that is known. Pure."""

from msgspec.structs import replace

from florilege.formats import Snapshot, fields
from florilege.model import Entry


def resolved(snapshot: Snapshot, address: str) -> Snapshot:
    """A snapshot whose relative addresses are whole.

    Args:
        snapshot: What a document says; it has resolved what it could against addresses that it names itself.
        address: Where the document came from. When it is no web address, nothing can be resolved against it.
    """
    if not address.lower().startswith(("http://", "https://")) or not any(map(_is_relative, snapshot.entries)):
        return snapshot
    return replace(
        snapshot,
        entries=tuple(_whole(entry, address) for entry in snapshot.entries),
        parts=tuple(resolved(part, address) for part in snapshot.parts),
    )


def _is_relative(entry: Entry) -> bool:
    return any(link is not None and ":" not in link for link in (entry.url, entry.discussion_url))


def _whole(entry: Entry, address: str) -> Entry:
    if not _is_relative(entry):
        return entry
    return replace(
        entry,
        url=fields.address(entry.url, address),
        discussion_url=fields.address(entry.discussion_url, address),
    )
