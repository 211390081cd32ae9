"""Snapshots in the form of the expectations beside the samples, and a check for unclean text."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from florilege.formats import Snapshot
from florilege.model import BodyKind
from florilege.text import clean

_Leaf = TypeVar("_Leaf")
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


def leaves(value: object, kind: type[_Leaf]) -> Iterator[_Leaf]:
    """Every value of this type in nested dictionaries, lists and tuples."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each, kind)


def unclean_texts(snapshot: Snapshot) -> list[str]:
    """The texts of a snapshot that cleaning would change."""
    return [text for text in leaves(msgspec.to_builtins(snapshot), str) if clean(text) != text]
