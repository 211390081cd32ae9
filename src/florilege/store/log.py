"""One append-only file: read on from where one was, append a line durably, write the live lines anew.

Knows bytes, lines and the disk; nothing of TinyDB, items or groups. It takes no lock: whoever appends or compacts holds
the library's lock meanwhile (`lock.py`). Reading needs none: a line is there once its newline is, and a file that was
replaced is noticed.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from florilege.store import generations
from florilege.store.errors import LibraryNotWritable, LibraryUnreadable
from florilege.store.files import Files
from florilege.store.generations import write_all
from florilege.store.lines import Change, Header, Raw, Records, read_header, read_lines, write_line, write_live
from florilege.store.migrating import STEPS, Step, brought_up

Stamp = tuple[int, ...]
"""Inode, length in bytes and time of change of a log: what tells cheaply whether others have written."""

_FINGERPRINT = 64
"""Bytes before our place that must still be the same, else the file is another one or was cut and written on."""
_WORTH_COMPACTING = 1 << 20
"""A log shorter than this, in bytes, is never compacted by itself."""


class Log:
    """An append-only log of changes to tables, and its live documents in memory, decoded by nobody until touched.

    Args:
        path: The file. It is made by the first append, complete with that change, or not at all.
        kind: What the header must say; None accepts any log of ours, and a new one says `documents`.
        files: The disk.
        steps: How logs of earlier schemas are brought up to today's.
    """

    def __init__(
        self, path: Path, kind: str | None = None, files: Files | None = None, steps: Sequence[Step] = STEPS
    ) -> None:
        self.path = path
        self.kind = kind
        self.tables: dict[str, Records] = {}
        """The live documents, as far as the log has been read. Replaced, not emptied, when the file is another."""
        self._files = files or Files()
        self._steps = steps
        self._schema = 1 + len(steps)
        self._doubted: int | None = None  # the inode of a file whose bytes the system once failed to make durable
        self.forget()

    def forget(self) -> None:
        """Let go of everything in memory; the next `catch_up` reads the file from its beginning."""
        self.tables = {}
        self._header: Header | None = None
        self._beginning = b""  # the header as it stands in the file, perhaps written by other hands
        self._end = 0  # bytes read and taken in: always just after a newline
        self._fingerprint = b""
        self._known: Stamp | None = None  # the file when it was last read or written

    @property
    def is_open(self) -> bool:
        """Whether the file has been read (and so was there)."""
        return self._header is not None

    @property
    def size(self) -> int:
        """Bytes read, which is about what the documents keep in memory."""
        return self._end

    @property
    def stamp(self) -> Stamp | None:
        """The file as it was last read or written; None when there was none."""
        return self._known

    def look(self) -> Stamp | None:
        """The file as it is now on disk, read by nobody; None when there is none."""
        try:
            return _stamp(self._files.stat(self.path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from error

    @property
    def is_torn(self) -> bool:
        """Whether an unfinished line stood at the end when the file was last read or written."""
        return self._known is not None and self._known[1] > self._end

    @property
    def is_mostly_dead(self) -> bool:
        """Whether compacting is worth it: more than half of a log above 1 MiB says nothing any more."""
        return self._end > _WORTH_COMPACTING and 2 * sum(table.live for table in self.tables.values()) < self._end

    # Reading

    def catch_up(self) -> bool:
        """Take in what was appended since, or the whole file when it is another one.

        Returns:
            Whether there was anything.

        Raises:
            LibraryUnreadable: The file is foreign, newer, damaged or out of reach. What was read before stays.
        """
        try:
            if self._is_read(self._files.stat(self.path)):
                return False
            descriptor = self._files.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            was_open = self.is_open
            self.forget()
            return was_open
        except OSError as error:
            raise self._unreadable(error) from error
        try:
            return self._read(descriptor)
        except LibraryUnreadable:
            # A torn tail may have been cut and written over while we read it: then a second look finds all in order.
            return self._read(descriptor)
        except OSError as error:
            raise self._unreadable(error) from error
        finally:
            self._files.close(descriptor)

    def _is_read(self, status: os.stat_result) -> bool:
        """Whether the file is as we read or wrote it last.

        One with a torn tail never counts as such: what replaces the tail may be as long, in the same tick of the clock.
        """
        return self._known == _stamp(status) and not self.is_torn

    def _read(self, descriptor: int) -> bool:
        """Read on from where we were, or from the beginning, up to the last newline."""
        status = self._files.status(descriptor)
        start = self._end if self._continues(descriptor, status) else 0
        data = self._files.read(descriptor, status.st_size - start, start)
        length = data.rfind(b"\n") + 1
        if start == 0:
            body = data.find(b"\n") + 1
            header = read_header(self.path, data[:body] or data, self.kind, self._schema)
            changes = self._today(header, read_lines(self.path, memoryview(data)[body:length], body))
            self.forget()
            self._header, self._beginning = header, data[:body]
        else:
            changes = self._today(self._header, read_lines(self.path, memoryview(data)[:length], start))
        self._take_in(changes)
        self._end = start + length
        self._fingerprint = (self._fingerprint + data[max(0, length - _FINGERPRINT) : length])[-_FINGERPRINT:]
        self._known = _stamp(status)
        return length > 0

    def _continues(self, descriptor: int, status: os.stat_result) -> bool:
        """Whether this is the file we know, at least as long as what we have read of it."""
        if self._known is None or self._header is None:
            return False
        if status.st_ino != self._known[0] or status.st_size < self._end:
            return False
        place = self._end - len(self._fingerprint)
        return (
            self._files.read(descriptor, len(self._fingerprint), place) == self._fingerprint
            and self._files.read(descriptor, len(self._beginning), 0) == self._beginning
        )

    def _today(self, header: Header | None, changes: list[dict[str, dict[str, Raw] | None]]) -> list[Any]:
        """Changes of this file as this version would have written them."""
        if header is None or header.schema == self._schema:
            return changes
        try:
            return brought_up(changes, self._steps[header.schema - 1 :])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise LibraryUnreadable(self.path, f"holds a record that is no document ({error})") from error

    def _take_in(self, changes: list[dict[str, dict[str, Raw] | None]]) -> None:
        for change in changes:
            for name, documents in change.items():
                if documents is None:
                    self.tables.pop(name, None)
                    continue
                table = self.tables.get(name)
                if table is None:
                    table = self.tables[name] = Records()
                table.apply(documents)

    def _unreadable(self, error: OSError) -> LibraryUnreadable:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return LibraryUnreadable(self.path, f"can't be read ({reason})", "Check its permissions and the disk.")

    # Writing, under the library's lock

    def append(self, change: Change) -> None:
        """Write one change as one line, and return when it would survive a power cut.

        What others appended is taken in first, and a torn tail is cut. When anything fails the file is cut back to
        what it was, and so is what is in memory.

        Raises:
            LibraryNotWritable: The disk is full, read-only or broken.
            LibraryUnreadable: The file is not a log we may write to.
        """
        line = write_line(change)
        if self._header is None:
            self.catch_up()
        if self._header is None:
            header = Header(self.kind or "documents", self._schema)
            generations.create(self._files, self.path, [header.line(), line])
            self.catch_up()
        elif not self._extend(line):
            self._write_anew(line)

    @property
    def _is_to_be_renewed(self) -> bool:
        """Whether the file is of an earlier schema, or the system has failed to make this very file durable.

        It then counts the pages as clean and forgets them, so a second try that succeeds means nothing
        (https://wiki.postgresql.org/wiki/Fsync_Errors). What is in memory was durable before: it goes to a new file.
        """
        is_older = self._header is None or self._header.schema < self._schema
        return is_older or (self._known is not None and self._known[0] == self._doubted)

    def _extend(self, line: bytes) -> bool:
        """Write after the last whole line, or leave the file as it was; False when it has to be written anew."""
        try:
            descriptor = self._files.open(self.path, os.O_RDWR)
            try:
                if not self._is_read(self._files.status(descriptor)):
                    self._read(descriptor)
                if self._is_to_be_renewed:
                    return False
                self._write(descriptor, line)
                self._known = _stamp(self._files.status(descriptor))
            finally:
                self._files.close(descriptor)
        except OSError as error:
            raise LibraryNotWritable(self.path, error) from error
        self._take_in(read_lines(self.path, memoryview(line), self._end))
        self._end += len(line)
        self._fingerprint = (self._fingerprint + line[-_FINGERPRINT:])[-_FINGERPRINT:]
        return True

    def _write(self, descriptor: int, line: bytes) -> None:
        """Write a line durably in the place of a torn tail; when that fails, cut off what was written of it."""
        try:
            if self.is_torn:
                self._files.truncate(descriptor, self._end)
            write_all(self._files, descriptor, line, self._end)
            self._sync(descriptor)
        except OSError:
            # Should the cut fail too, what is left is a torn tail, and the next append cuts it.
            with suppress(OSError):
                self._files.truncate(descriptor, self._end)
            raise

    def _sync(self, descriptor: int) -> None:
        try:
            self._files.sync(descriptor)
        except OSError:
            self._doubted = self._files.status(descriptor).st_ino
            raise

    def compact(self) -> None:
        """Write the live documents anew, one a line, and put that in the place of the file, at once.

        The generation before stays beside it as `NAME.previous`. Readers notice by the inode.
        """
        self.catch_up()
        if self._header is not None:
            self._write_anew(b"")

    def _write_anew(self, line: bytes) -> None:
        """The next generation: what lives, and one more line."""
        assert self._header is not None  # noqa: S101 - only called for a file that was read
        before = self._header
        header = Header(before.florilege, self._schema, before.generation + 1)
        schema = before.schema if before.schema < self._schema else None
        generations.replace(self._files, self.path, chain(write_live(header, self.tables), [line]), schema)
        self.forget()
        self.catch_up()

    def remove(self) -> None:
        """Remove the file and what stands beside it. One that is not there is no failure."""
        generations.remove(self._files, self.path)
        self.forget()


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns
