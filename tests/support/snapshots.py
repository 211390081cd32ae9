"""Snapshots in the form of the expectations beside the samples, and a check for unclean text."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from florilege.formats import Snapshot
from florilege.model import BodyKind
from florilege.text import clean

SAMPLES = Path(__file__).parents[1] / "samples"


def sample(name: str) -> bytes:
    """The bytes of a sample."""
    return (SAMPLES / name).read_bytes()


def as_json(snapshot: Snapshot) -> str:
    """A snapshot as an expectation, without bodies that were taken apart: those repeat the sample."""
    entries = tuple(
        msgspec.structs.replace(entry, body="...") if entry.body and entry.body_kind is BodyKind.TAKEN_APART else entry
        for entry in snapshot.entries
    )
    encoded = msgspec.json.encode(msgspec.structs.replace(snapshot, entries=entries))
    return msgspec.json.format(encoded, indent=1).decode() + "\n"


def texts(value: object) -> Iterator[str]:
    """Every string in a value of built-in types."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)


def unclean_texts(snapshot: Snapshot) -> list[str]:
    """The texts of a snapshot that cleaning would change."""
    return [text for text in texts(msgspec.to_builtins(snapshot)) if clean(text) != text]
