"""The table of a group as it stands in its file, and what it was made by. Bytes in, values out, and back; no files."""

import sys
import unicodedata
from array import array
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import msgspec

from florilege.model import Comment, Highlight, Item, Sharer
from florilege.query import searchable
from florilege.store.search_text.parts import FilePart, Part
from florilege.store.search_text.table import Stamp, Table
from florilege.text import digest, fold

_LAYOUT = 1
"""The form of the files. What another form says is made anew."""


_COMMENT = Comment("k", author="l", replies=(Comment("m"),))
_SAMPLE = Item(
    id="a",
    group="b",
    added_at=datetime.min.replace(tzinfo=UTC),
    title="c",
    url="d",
    sharer=Sharer("e", "f"),
    tags=("g",),
    description="h",
    notes=(_COMMENT,),
    comments=(_COMMENT,),
    highlights=(Highlight(id="i", quote="j", author="n", comments=(_COMMENT,)),),
    body="o",
)
"""An item of which the text says which of its fields are looked through, and in which order."""


class _Index(msgspec.Struct, frozen=True):
    """A table as it stands in its file."""

    made_by: str
    """What it was made by: with another folding, all texts are others."""
    stamp: Stamp | None
    parts: list[tuple[str, int]]
    """Name and size in bytes of each file."""
    ids: list[str]
    digests: bytes
    part: bytes
    start: bytes
    length: bytes


def encoded(table: Table) -> bytes:
    """A table as it stands in its file. Its parts are files, all of them."""
    index = _Index(
        made_by=_made_by(),
        stamp=table.stamp,
        parts=[(part.path.name, part.size) for part in table.parts if isinstance(part, FilePart)],
        ids=table.ids,
        digests=table.digests.tobytes(),
        part=table.part.tobytes(),
        start=table.start.tobytes(),
        length=table.length.tobytes(),
    )
    return msgspec.msgpack.encode(index)


def decoded(data: bytes, folder: Path) -> Table | None:
    """The table that stands in a file; None when it says nothing to us.

    Args:
        data: What the file holds.
        folder: Where it is, and the parts as well.
    """
    try:
        index = msgspec.msgpack.decode(data, type=_Index)
        parts: list[Part] = [FilePart(folder / Path(name).name, size) for name, size in index.parts]
        columns = (array(code) for code in "QBQI")
        table = Table(index.stamp, parts, index.ids, *columns)
        for column, data in (
            (table.digests, index.digests),
            (table.part, index.part),
            (table.start, index.start),
            (table.length, index.length),
        ):
            column.frombytes(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError):
        return None
    return table if index.made_by == _made_by() and _is_sound(table) else None


def _is_sound(table: Table) -> bool:
    """Whether every text lies in a part that is named."""
    columns = (table.digests, table.part, table.start, table.length)
    sizes = [part.size for part in table.parts]
    return all(len(column) == len(table) for column in columns) and all(
        part < len(sizes) and start + length <= sizes[part]
        for part, start, length in zip(table.part, table.start, table.length, strict=True)
    )


@lru_cache(maxsize=1)
def _made_by() -> str:
    """A name for how texts are made, another one when that changes: by a version of ours, of Python, or its tables."""
    sample = "".join(map(chr, (*range(0x2600), *range(0xFB00, 0xFFFF))))
    return digest(str(_LAYOUT), sys.byteorder, unicodedata.unidata_version, fold(sample), searchable(_SAMPLE))
