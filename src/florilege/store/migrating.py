"""How logs of earlier schemas become those of today, document by document. Pure: no files.

A log of an earlier schema is read as if it were today's; the first write to it puts it down anew, the old file kept
beside it as `NAME.schema-1`. So looking at an old library changes nothing, and works on a read-only disk.

To change what a document looks like: raise `SCHEMA` in `lines.py`, add the step here, and put a library written by the
version before into tests/library/generations.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from florilege.store.lines import Raw, decode, encode, is_removal

Step = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Table name and document of one schema -> the document of the next."""
STEPS: tuple[Step, ...] = ()
"""From schema 1 to 2, from 2 to 3 ...; so there is one less than `SCHEMA`."""


def brought_up(
    changes: Sequence[Mapping[str, Mapping[str, Raw] | None]], steps: Sequence[Step]
) -> list[dict[str, dict[str, Raw] | None]]:
    """Changes as this version would have written them.

    Args:
        changes: As they stand in the log.
        steps: Those from the schema of the log on.

    Raises:
        msgspec.MsgspecError: A document is none.
    """
    return [
        {name: None if documents is None else _documents(name, documents, steps) for name, documents in change.items()}
        for change in changes
    ]


def _documents(name: str, documents: Mapping[str, Raw], steps: Sequence[Step]) -> dict[str, Raw]:
    return {doc_id: raw if is_removal(raw) else _stepped(name, raw, steps) for doc_id, raw in documents.items()}


def _stepped(name: str, raw: Raw, steps: Sequence[Step]) -> Raw:
    document = decode(raw)
    for step in steps:
        document = step(name, document)
    return encode(document)
