"""What the lines of a log mean: the header, and changes to tables. Pure: bytes in, values out, no files.

The first line of a log is its header; every other line is one change, a piece of what TinyDB itself keeps: table,
`doc_id` (as a string), document. The last word on an id wins.

    {"florilege": "items", "schema": 1, "generation": 1}
    {"items": {"17": {"id": "4be2", "title": "Du papier"}, "18": {"id": "4be3"}}}   two documents, as one change
    {"items": {"18": null}}                                                          a document removed
    {"items": {"*": null, "19": {"id": "4be4"}}}                                     all before removed, then one added
    {"items": {}}                                                                    nothing; but there is a table
    {"items": null}                                                                  the table dropped
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from florilege.store.errors import LibraryNewer, LibraryUnreadable

SCHEMA = 1
"""The schema this version writes, and the newest it reads. This is the one place that knows it."""
EVERYTHING = "*"
"""The id that stands for every document of the table before this change. Always first in its change."""

Raw = msgspec.Raw
Stored = Raw | msgspec.Struct
"""A document as it is written: encoded already, or encoded with its line, which for thousands takes half the time."""
Change = Mapping[str, Mapping[str, Stored | None] | None]
"""One line: table name -> (id -> document, None when removed), None for a table that is dropped."""

_CHUNK = 1 << 20
"""Bytes written at once by a compaction."""
_AT_ONE_GO = 256
"""Documents encoded at one go, which holds up every thread: a millisecond or two."""
_NULL = Raw(b"null")
_lines = msgspec.json.Decoder(dict[str, dict[str, Raw] | None])
_document = msgspec.json.Decoder(dict[str, Any])
_encoder = msgspec.json.Encoder()


class Header(msgspec.Struct, frozen=True):
    """The first line of a log."""

    florilege: str
    """What the log holds: `groups`, `items`, `states`. Its presence says that the file is ours."""
    schema: int
    generation: int = 1
    """How many times the log was written anew. Compaction adds one, so that a reader never takes one file for the
    other, even where the file system gives the same inode again."""

    def line(self) -> bytes:
        """The header as it stands in the file."""
        return _encoder.encode(self) + b"\n"


class Records:
    """The live documents of one table, still encoded, in the order they came."""

    __slots__ = ("journal", "live", "raws", "removals")

    def __init__(self) -> None:
        self.raws: dict[str, Raw] = {}
        """`doc_id` as a string -> encoded document. Slices of what was read, not copies."""
        self.journal: list[str] = []
        """The ids stored since the records were made, in order: an index reads on from where it stopped."""
        self.removals = 0
        """How many changes removed something; then an index starts anew."""
        self.live = 0
        """Bytes the live documents take in a log, about."""

    def apply(self, changes: Mapping[str, Raw]) -> None:
        """Take one change in."""
        raws = self.raws
        for doc_id, raw in changes.items():
            if doc_id == EVERYTHING:
                raws.clear()
                self.live = 0
                self.removals += 1
                continue
            old = raws.get(doc_id)
            if old is not None:
                self.live -= len(old) + len(doc_id)
            if is_removal(raw):
                self.removals += raws.pop(doc_id, None) is not None
                continue
            raws[doc_id] = raw
            self.live += len(raw) + len(doc_id)
            self.journal.append(doc_id)


def read_header(path: Path, line: bytes, kind: str | None, newest: int = SCHEMA) -> Header:
    """The header of a log, checked.

    Args:
        path: For the sentence, should it be refused.
        line: The first line of the file, with its newline when it has one.
        kind: What the log must hold; None for anything.
        newest: The newest schema that can be read.

    Raises:
        LibraryUnreadable: The file is empty, cut, foreign, or holds something else.
        LibraryNewer: Its schema is newer than this version knows.
    """
    if not line:
        raise LibraryUnreadable(path, "is empty, which no library file ever is")
    try:
        if not line.endswith(b"\n"):
            raise msgspec.DecodeError  # a log is put in its place whole, so its header is never half there
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise LibraryUnreadable(path, "is not a file of a florilege library, or its beginning is damaged") from None
    if header.schema > newest:
        raise LibraryNewer(path, header.schema, newest)
    if header.schema < 1 or (kind is not None and header.florilege != kind):
        raise LibraryUnreadable(path, f"holds {header.florilege!r} (schema {header.schema}) where {kind!r} belongs")
    return header


def read_lines(path: Path, data: memoryview, first: int) -> list[dict[str, dict[str, Raw] | None]]:
    """Whole lines as changes, the documents in them not yet decoded.

    Args:
        path: For the sentence, should a line be damaged.
        data: Lines, each with its newline.
        first: Bytes that stand in the file before them; 0 makes the place of a damaged line a line number.

    Raises:
        LibraryUnreadable: A line is not a change. A torn tail has no newline, so it never comes here.
    """
    try:
        return _lines.decode_lines(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise LibraryUnreadable(path, f"is damaged in {_place_of_damage(data, first)}", _RESTORE) from None


_RESTORE = "`florilege doctor --repair` recovers what can be read of it."


def _place_of_damage(data: memoryview, first: int) -> str:
    """Where the first line that can't be read begins, counted in bytes as editors and `tail -c` do."""
    place = first
    for line in bytes(data).splitlines(keepends=True):
        try:
            _lines.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            break
        place += len(line)
    return f"the line that begins after {place} bytes"


def write_line(change: Change) -> bytes:
    """One change as its line, newline included."""
    if all(documents is None or len(documents) <= _AT_ONE_GO for documents in change.values()):
        return _encoder.encode(change) + b"\n"
    pieces: list[bytes | memoryview] = []
    for name, documents in change.items():
        pieces += [b"," if pieces else b"{", _encoder.encode(name), b":"]
        pieces += [b"null"] if documents is None else _in_pieces(documents)
    return b"".join((*pieces, b"}\n"))


def _in_pieces(documents: Mapping[str, Stored | None]) -> Iterator[bytes | memoryview]:
    """The documents of a table as they stand in a line, encoded a few at a time: other threads have their turn."""
    each = iter(documents.items())
    begins = b"{"
    while piece := dict(islice(each, _AT_ONE_GO)):
        yield begins
        yield memoryview(_encoder.encode(piece))[1:-1]  # without its braces, and without copying it
        begins = b","
    yield b"}" if documents else b"{}"


def write_live(header: Header, tables: Mapping[str, Records]) -> Iterator[bytes]:
    """The bytes of a log that says only what lives, a document a line, in parts of about a MiB."""
    lines, length = [header.line()], 0
    for name, table in tables.items():
        lines.append(write_line({name: {}}))
        for doc_id, raw in table.raws.items():
            lines.append(write_line({name: {doc_id: raw}}))
            length += len(raw)
            if length > _CHUNK:
                yield b"".join(lines)
                lines, length = [], 0
    yield b"".join(lines)


def is_removal(raw: Raw) -> bool:
    """Whether this stands for a document that is removed."""
    return raw == _NULL


def encode(document: Mapping[str, Any] | msgspec.Struct) -> Raw:
    """A document as it stands in a line."""
    return Raw(_encoder.encode(document))


def decode(raw: Raw) -> dict[str, Any]:
    """A document as TinyDB knows it: a fresh dictionary. Raises `msgspec.MsgspecError` when it isn't one."""
    return _document.decode(raw)


def same(raw: Raw, document: Mapping[str, Any]) -> bool:
    """Whether a document is still what was stored. Compares what would be written: for Python `1 == True`."""
    encoded = encode(document)
    return encoded == raw or encoded == encode(decode(raw))
