"""A log, an append-only file: reads what was appended, appends lines durably, compacts the file.

Knows bytes, lines and the disk, but nothing of TinyDB, items or groups. The caller must hold the library's lock
(`LibraryLock`) to append or compact. Reading needs no lock, also in other processes and threads: a line counts once its
newline is written, a replaced file is noticed, and no reader waits while a writer waits for the disk.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from zlib import crc32

import msgspec

from florilege.store.disk import Files, sibling, write_whole
from florilege.store.errors import LibraryNotWritable, LibraryUnreadable, out_of_reach
from florilege.store.lines import (
    CHECKSUM,
    ENDING,
    REPAIR,
    SCHEMA,
    Change,
    Header,
    Raw,
    read_damaged,
    read_header,
    read_lines,
    unended_line,
)

Stamp = tuple[int, ...]
"""Inode, length in bytes and modification time of a log: a cheap way to tell whether others have written."""

_FINGERPRINT = 64
"""Number of bytes before our offset that are compared, to notice a file that was replaced, or cut and extended."""
_WORTH_COMPACTING = 1 << 20
"""Size in bytes below which a log is never compacted automatically."""
_CHUNK = 1 << 20
"""Bytes a compaction writes at a time."""
_NULL = Raw(b"null")

Tables = dict[str, dict[str, Raw]]
"""The live documents of a log: table -> `doc_id` as a string -> encoded document, in the order first stored. The
documents are slices of the data read, not copies."""


class Log:
    """An append-only log of documents in tables. Its live documents are kept in memory, encoded.

    Args:
        path: The file. It is made by the first append, atomically and with that change in it.
        kind: The kind that the header must name; None accepts any florilege log, and a new one gets `documents`. In a
            log of `groups`, damaged lines are skipped and recorded in `damage`, instead of the log being refused:
            damage to one group must not make the others unreadable.
        files: The file operations.
        turn: Returns `LibraryLock.turn()`: a number that differs each time the library's lock is taken, None when the
            caller doesn't hold it. Nobody else writes while the lock is held, so the file is checked only once then.
    """

    def __init__(
        self,
        path: Path,
        kind: str | None = None,
        files: Files | None = None,
        *,
        turn: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.path = path
        self.kind = kind
        self.memory = threading.RLock()
        """Held while the data in memory is read or changed, but never while data is flushed to disk."""
        self._files = files or Files()
        self._turn = turn
        self._fsync_failed_inode: int | None = None  # the inode of a file for which fsync once failed
        self.forget()

    def forget(self) -> None:
        """Drop everything in memory; the next `catch_up` reads the file from its beginning."""
        with self.memory:
            self.tables: Tables = {}
            self.damage: list[str] = []
            """A phrase for each place where lines were skipped."""
            self._header = b""  # as another program may have formatted it; empty when nothing has been read
            self.size = 0
            """The bytes read and applied, always whole lines; about the memory that the documents take."""
            self._fingerprint = b""
            self.stamp: Stamp | None = None
            """The stamp of the file when it was last read or written; None when there was no file."""
            self._checked_turn: int | None = None  # the value of `turn` when the file was last checked
            self._compact_above = _WORTH_COMPACTING  # the size below which at most half can be obsolete

    def table(self, name: str) -> Mapping[str, Raw]:
        """The live documents of a table, as far as the log has been read. Empty if there is no such table."""
        return self.tables.get(name, {})

    @property
    def is_torn(self) -> bool:
        """Whether the file ended with an incomplete line when it was last read or written."""
        return self.stamp is not None and self.stamp[1] > self.size

    @property
    def needs_compaction(self) -> bool:
        """Whether compacting is worthwhile: more than half of an undamaged log above 1 MiB is obsolete."""
        if self.size <= self._compact_above or self.damage:
            return False
        live = sum(len(doc_id) + len(raw) for table in self.tables.values() for doc_id, raw in table.items())
        self._compact_above = max(2 * live, _WORTH_COMPACTING)
        return self.size > self._compact_above

    def current_stamp(self) -> Stamp | None:
        """The current stamp of the file, without reading it; None when there is no file."""
        try:
            return _stamp(self._files.stat(self.path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise out_of_reach(self.path, error) from error

    # Reading

    def catch_up(self) -> bool:
        """Read what was appended since the last call, or the whole file if it was replaced.

        Returns:
            Whether anything had changed.

        Raises:
            LibraryUnreadable: The file is foreign, newer, damaged or inaccessible. What was read before stays.
        """
        turn = self._turn()
        if turn is not None and turn == self._checked_turn:
            return False
        with self.memory:
            grown = self._read_changes()
            self._checked_turn = turn
            return grown

    def _read_changes(self) -> bool:
        """Do the work of `catch_up`, once the file has to be checked."""
        try:
            # A torn tail may be replaced by a line of the same length within one clock tick, so it is read again.
            if self.stamp == _stamp(self._files.stat(self.path)) and not self.is_torn:
                return False
            descriptor = self._files.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            was_there = bool(self._header)
            self.forget()
            return was_there
        except OSError as error:
            raise out_of_reach(self.path, error) from error
        try:
            try:
                return self._read(descriptor)
            except LibraryUnreadable:
                # A torn tail may have been cut and overwritten while we read it: the second attempt decides.
                return self._read(descriptor, is_last_try=True)
        except OSError as error:
            raise out_of_reach(self.path, error) from error
        finally:
            os.close(descriptor)

    def _read(self, descriptor: int, *, is_last_try: bool = False) -> bool:
        """Read up to the end of the last whole line, from our offset, or from the beginning of a new file."""
        status = os.fstat(descriptor)
        start = self.size if self._continues(descriptor, status) else 0
        data = self._files.read(descriptor, status.st_size - start, start)
        length = data.rfind(b"\n") + 1
        length += unended_line(data[length:])
        body, damage = 0, list[str]()
        if start == 0:
            body = data.find(b"\n") + 1
            read_header(self.path, data[:body] or data, self.kind)
        changes = read_lines(memoryview(data)[body:length])
        if changes is None:
            changes, damage, _ = read_damaged(data[body:length], start + body)
            if damage and not (is_last_try and self.kind == "groups"):
                raise LibraryUnreadable(self.path, f"is damaged in {damage[0]}", REPAIR)
        if start == 0:
            self.forget()
            self._header = data[:body]
        for change in changes:
            apply(self.tables, change)
        self.damage += damage
        self._advance(start + length, data[max(0, length - _FINGERPRINT) : length], status)
        return length > 0

    def _continues(self, descriptor: int, status: os.stat_result) -> bool:
        """Whether this is the file read before, and not shorter than what was read of it."""
        if self.stamp is None or status.st_ino != self.stamp[0] or status.st_size < self.size:
            return False
        place = self.size - len(self._fingerprint)
        return (
            self._files.read(descriptor, len(self._fingerprint), place) == self._fingerprint
            and self._files.read(descriptor, len(self._header), 0) == self._header
        )

    def _advance(self, end: int, read: bytes, status: os.stat_result) -> None:
        self.size = end
        self._fingerprint = (self._fingerprint + read)[-_FINGERPRINT:]
        self.stamp = _stamp(status)

    # Writing, under the library's lock

    def append(self, name: str, change: Change, *, as_one: bool = False) -> None:
        """Append changes of a table durably, leaving out documents that are unchanged.

        Reads first what others appended, and cuts off a torn tail. On failure the file is cut back to what it was, and
        the data in memory stays as it was.

        Args:
            name: The table.
            change: The changed documents.
            as_one: Whether a crash must leave all of the change or nothing; else it may leave its first documents.

        Raises:
            LibraryNotWritable: The disk is full, read-only or broken.
            LibraryUnreadable: The file is not a log that can be written to.
        """
        self.catch_up()
        known = self.table(name)
        change = {doc_id: raw for doc_id, raw in change.items() if known.get(doc_id) != raw}
        if not change:
            return
        lines = write_lines(name, change, as_one=as_one)
        if not self._header:
            header = Header(self.kind or "documents", SCHEMA).line()
            write_whole(self._files, self.path, [header, lines])
            self._apply(name, change, header + lines, self._files.stat(self.path), header)
        elif self.stamp is not None and self.stamp[0] == self._fsync_failed_inode:
            # An fsync of this very file has failed. The system then marks the pages as clean, so a second fsync that
            # succeeds proves nothing (https://wiki.postgresql.org/wiki/Fsync_Errors). The documents in memory were
            # durable before, so they are written to a new file.
            self._rewrite(lines)
        else:
            self._extend(name, change, lines)

    def _extend(self, name: str, change: Change, lines: bytes) -> None:
        """Append after the last whole line; on failure the file is left as it was."""
        end = self.size
        if not self._fingerprint.endswith(b"\n"):
            lines = b"\n" + lines
        try:
            descriptor = self._files.open(self.path, os.O_RDWR)
            try:
                self._write(descriptor, lines, end)
                status = os.fstat(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise LibraryNotWritable(self.path, error) from error
        self._apply(name, change, lines, status)

    def _apply(self, name: str, change: Change, written: bytes, status: os.stat_result, header: bytes = b"") -> None:
        """Apply a change that was written, without reading it back, unless another thread has already read of it."""
        with self.memory:
            end = self.size + len(written)
            if status.st_size == end and (self.stamp is None or self.stamp[0] == status.st_ino):
                self._header = self._header or header
                apply(self.tables, {name: change})
                self._advance(end, written[-_FINGERPRINT:], status)
            else:
                self._read_changes()

    def _write(self, descriptor: int, lines: bytes, end: int) -> None:
        """Write lines durably, replacing a torn tail; on failure cut off what was written of them."""
        try:
            if self.is_torn:
                self._files.truncate(descriptor, end)
            self._files.write_all(descriptor, lines, end)
            self._sync(descriptor)
        except OSError:
            # If this fails too, what is left is a torn tail, which the next append cuts off.
            with suppress(OSError):
                self._files.truncate(descriptor, end)
            raise

    def _sync(self, descriptor: int) -> None:
        try:
            self._files.sync(descriptor)
        except OSError:
            self._fsync_failed_inode = os.fstat(descriptor).st_ino
            raise

    def compact(self) -> None:
        """Replace the file atomically by one with only the live documents, one for each line.

        The previous generation is kept beside it as `NAME.previous`. Readers notice the change by the inode.

        Raises:
            LibraryNotWritable: The disk is full, read-only or broken.
            LibraryUnreadable: The checksum of a line is wrong, which the new file would hide.
        """
        self.catch_up()
        self._verify_checksums()
        if self._header:
            self._rewrite(b"")

    def _verify_checksums(self) -> None:
        """Verify the checksum of every line.

        Raises:
            LibraryUnreadable: A line is damaged or has a wrong checksum.
        """
        with suppress(OSError):  # then writing will fail, too
            first = len(self._header)
            _, damaged, changed = read_damaged(self._files.content(self.path)[first : self.size], first)
            if places := damaged + changed:
                self.damage += places
                raise LibraryUnreadable(self.path, f"is damaged in {places[0]}", REPAIR)

    def _rewrite(self, lines: bytes) -> None:
        """Write the next generation of the file: the live documents, followed by more lines."""
        header = read_header(self.path, self._header, self.kind).next_generation()
        write_whole(self._files, self.path, chain(write_live(header, self.tables), [lines]))
        self.forget()
        self._read_changes()

    def remove(self) -> None:
        """Remove the file, if it exists, and the files beside it: its previous generation and what a crash left.

        Raises:
            LibraryNotWritable: It could not be removed.
        """
        try:
            for suffix in ("", ".previous", ".new", ".keep"):
                self._files.remove(sibling(self.path, suffix))
            if self.path.parent.is_dir():
                self._files.sync_folder(self.path.parent)
        except OSError as error:
            raise LibraryNotWritable(self.path, error) from error
        self.forget()


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns


def apply(tables: Tables, changes: Mapping[str, Change]) -> None:
    """Apply the changes of a line, or a part of one, to the tables of a log."""
    for name, documents in changes.items():
        if name == CHECKSUM:
            continue
        table = tables.setdefault(name, {})
        for doc_id, raw in documents.items():
            if raw is None or raw == _NULL:
                table.pop(doc_id, None)
            else:
                table[doc_id] = raw


def write_lines(name: str, change: Change, *, as_one: bool = False) -> bytes:
    """Encode a change as lines of a log, with newlines: one for each document, or a single one (`as_one`)."""
    table = msgspec.json.encode(name)
    pieces = [b'"%b":%b' % (doc_id.encode(), raw or _NULL) for doc_id, raw in change.items()]
    lines = [b"{%b:{%b}" % (table, piece) for piece in ([b",".join(pieces)] if as_one else pieces)]
    return b"".join([line + ENDING % crc32(line) + b"\n" for line in lines])


def write_live(header: Header, tables: Tables) -> Iterator[bytes]:
    """The bytes of a log that holds only the live documents, in parts of about a MiB."""
    lines, length = [header.line()], 0
    for name, table in tables.items():
        for doc_id, raw in list(table.items()):
            lines.append(write_lines(name, {doc_id: raw}))
            length += len(raw)
            if length > _CHUNK:
                yield b"".join(lines)
                lines, length = [], 0
    yield b"".join(lines)
