"""The format of the lines of a log, and reading them, whole, cut off or damaged. Pure: bytes in, values out, no files.

The first line of a log is its header. Every other line has the structure of TinyDB's data: table, `doc_id` (as a
string), document. The last line on an id wins. A line holds one document, so that a damaged byte loses one document
only; but a mark of many items is one line, so that it is stored as a whole or not at all.

    {"florilege": "items", "schema": 1, "generation": 1}
    {"items": {"17": {"id": "4be2", "title": "Du papier"}}, "crc32": {"5ad8a92e": null}}      a document stored
    {"items": {"17": null}, "crc32": {"c1f0e2b7": null}}                                      a document removed
    {"states": {"17": {"item": "4be2"}, "18": {"item": "4be3"}}, "crc32": {"07c3d9f4": null}}   two, as one change

The checksum covers the bytes before it. It has the form of the removal of a document that never existed, so readers of
a log need not know about it. It is checked by `florilege doctor`, and shows that a last line without a newline is
complete.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import msgspec

from florilege.store.errors import LibraryNewer, LibraryUnreadable

SCHEMA = 1
"""The schema this version writes, and the newest it reads. Defined only here."""

Raw = msgspec.Raw
Change = Mapping[str, Raw | None]
"""Changes to a table: `doc_id` as a string -> encoded document, None for a removal."""
Changes = dict[str, dict[str, Raw]]
"""A decoded line: table -> `doc_id` -> encoded document, `null` for a removal."""

CHECKSUM = "crc32"
"""The name of the pseudo-table that holds a checksum."""
ENDING = b',"crc32":{"%08x":null}}'
"""The end of a line, before its newline."""
INVALID = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding a damaged or foreign line may raise; the last one, if its values are nested too deeply."""
_lines = msgspec.json.Decoder(Changes)
_BEGINNING = re.compile(rb'\{"[a-z]{1,20}":\{"')
"""The beginning of a line."""
_STATE = re.compile(rb'"(\d{1,20})":(\{"item":[^{}]*\})')
"""A reading state, of which a line may hold many."""


class Header(msgspec.Struct, frozen=True):
    """The first line of a log."""

    florilege: str
    """What the log holds: `groups`, `items`, `states`. This key identifies a file as a florilege log."""
    schema: int
    generation: int = 1
    """The number of the file: compaction adds one, so that a reader never mistakes a new file for the old one, even if
    the file system reuses the inode."""

    def next_generation(self) -> "Header":
        """The header of the file that replaces this one."""
        return Header(self.florilege, SCHEMA, self.generation + 1)

    def line(self) -> bytes:
        """The encoded header, with its newline."""
        return msgspec.json.encode(self) + b"\n"


def read_header(path: Path, line: bytes, kind: str | None) -> Header:
    """Decode and check the header of a log.

    Args:
        path: The file, for error messages.
        line: The first line of the file, with its newline if it has one.
        kind: What the log must hold; None for anything.

    Raises:
        LibraryUnreadable: The file is empty, cut, foreign, or holds something else.
        LibraryNewer: Its schema is newer than this version knows.
    """
    if not line:
        raise LibraryUnreadable(path, "is empty, which no library file ever is", REPAIR)
    try:
        if not line.endswith(b"\n"):
            raise msgspec.DecodeError  # a log is created atomically, so its header can't be cut by a crash
        header = msgspec.json.decode(line, type=Header)
    except INVALID:
        what = "is not a file of a florilege library, or its beginning is damaged"
        raise LibraryUnreadable(path, what, REPAIR) from None
    if header.schema > SCHEMA:
        raise LibraryNewer(path, header.schema, SCHEMA)
    if header.schema < 1 or (kind is not None and header.florilege != kind):
        what = f"holds {header.florilege!r} (schema {header.schema}) where {kind!r} belongs"
        raise LibraryUnreadable(path, what, REPAIR)
    return header


REPAIR = "`florilege doctor --repair` recovers what can be read of it."
BEGIN_ANEW = "Bring the file back, or let `florilege doctor --repair` begin it anew."


def read_lines(data: memoryview) -> list[Changes] | None:
    """Decode whole lines, but not the documents in them; None when a line is damaged.

    A torn tail (a last line cut off by a crash) has no newline, so it is never part of the data.
    """
    try:
        return _lines.decode_lines(data)
    except INVALID:
        return None


def unended_line(tail: bytes) -> int:
    """The length of a complete line after the last newline; 0 if what is there was cut off by a crash.

    A crash may have prevented the newline from being written, or another byte may have replaced it.
    """
    return next((length for length in (len(tail), len(tail) - 1) if _is_as_written(tail[:length])), 0)


def _is_as_written(line: bytes) -> bool:
    """Whether a line, without its newline, has the right checksum."""
    begin = line[: -len(ENDING % 0)]
    return line == begin + ENDING % crc32(begin)


def read_damaged(data: bytes, first: int) -> tuple[list[Changes], list[str], list[str]]:
    """Read what can be read of lines of which some are damaged.

    Args:
        data: Whole lines.
        first: The offset of the data in the file: places are given in bytes, as in editors and `tail -c`.

    Returns:
        The changes that can be read, where the unreadable lines are, and where the readable ones with a wrong checksum.
    """
    found: list[Changes] = []
    damaged: list[str] = []
    changed: list[str] = []
    for line in data.split(b"\n"):
        if line.strip():
            try:
                found.append(_lines.decode(line))
                if not _is_as_written(line):
                    changed.append(_place(line, first))
            except INVALID:
                damaged.append(_place(line, first))
                found += _salvaged(line)
        first += len(line) + 1
    return found, damaged, changed


def _place(line: bytes, first: int) -> str:
    """A phrase that locates a damaged line, with the title in it if that can still be read."""
    title = re.search(rb'"title":"([^"\\]{1,80})', line)
    named = f" (“{title[1].decode('utf-8', 'replace')}”)" if title else ""
    return f"the line that begins after {first} bytes{named}"


def _salvaged(line: bytes) -> Iterator[Changes]:
    """The intact documents in a damaged line: those of lines that have run together, and single reading states.

    Takes linear time, whatever is in the line.
    """
    begins = [match.start() for match in _BEGINNING.finditer(line)]
    for begin, end in zip(begins, [*begins[1:], len(line)], strict=False):
        piece = line[begin:end]
        # The checksum may be damaged, too.
        for whole in (piece[: piece.rfind(b"}}") + 2], piece[: -len(ENDING % 0)] + b"}"):
            with suppress(*INVALID):
                yield _lines.decode(whole)
                break
    states = {match[1].decode(): Raw(match[2]) for match in _STATE.finditer(line)}
    if states:
        yield {"states": states}
