"""One append-only file: read on from where one was, append lines durably, write the live ones anew.

Knows bytes, lines and the disk; nothing of TinyDB, items or groups. Whoever appends or compacts holds the library's
lock meanwhile (`lock.py`). Reading needs none, in another process or another thread: a line is there once its newline
is, a file that was replaced is noticed, and no reader waits while a writer waits for the disk.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from pathlib import Path

from florilege.store.errors import LibraryNotWritable, LibraryUnreadable, out_of_reach
from florilege.store.files import Files, put_whole, remove_log, write_all
from florilege.store.lines import (
    REPAIR,
    SCHEMA,
    Change,
    Header,
    Records,
    read_damaged,
    read_header,
    read_lines,
    take_in,
    unended_line,
    write_lines,
    write_live,
)

Stamp = tuple[int, ...]
"""Inode, length in bytes and time of change of a log: what tells cheaply whether others have written."""

_FINGERPRINT = 64
"""Bytes before our place that must still be the same, else the file is another one or was cut and written on."""
_WORTH_COMPACTING = 1 << 20
"""A log shorter than this, in bytes, is never compacted by itself."""


class Log:
    """An append-only log of documents in tables, and its live documents in memory, decoded by nobody until touched.

    Args:
        path: The file. It is made by the first append, complete with that change, or not at all.
        kind: What the header must say; None accepts any log of ours, and a new one says `documents`.
        files: The disk.
        lenient: Whether damaged lines are passed over and told by `damage`, instead of the log being refused.
        turn: The number of this hold of the library's lock, None when the caller doesn't hold it: within one hold
            nobody else writes, so once is enough to look whether they have.
    """

    def __init__(
        self,
        path: Path,
        kind: str | None = None,
        files: Files | None = None,
        *,
        lenient: bool = False,
        turn: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.path = path
        self.kind = kind
        self.memory = threading.RLock()
        """Held while what is in memory is read or changed; never while the disk makes something durable."""
        self._files = files or Files()
        self._lenient = lenient
        self._turn = turn
        self._doubted: int | None = None  # the inode of a file whose bytes the system once failed to make durable
        self.forget()

    def forget(self) -> None:
        """Let go of everything in memory; the next `catch_up` reads the file from its beginning."""
        with self.memory:
            self.tables: dict[str, Records] = {}
            self.damage: list[str] = []
            """Where lines were passed over, a phrase each."""
            self._header: Header | None = None
            self._beginning = b""  # the header as it stands in the file, perhaps written by other hands
            self._end = 0  # bytes read and taken in: always just after a line, and its newline when that is there
            self._fingerprint = b""
            self._known: Stamp | None = None  # the file when it was last read or written
            self._looked_in: int | None = None  # the hold of the lock in which it was last looked at

    def table(self, name: str) -> Records:
        """The live documents of a table, as far as the log has been read; an empty one that is not in it."""
        return self.tables.get(name) or Records()

    @property
    def size(self) -> int:
        """Bytes read, which is about what the documents keep in memory."""
        return self._end

    @property
    def stamp(self) -> Stamp | None:
        """The file as it was last read or written; None when there was none."""
        return self._known

    @property
    def is_torn(self) -> bool:
        """Whether something that is no line stood at the end when the file was last read or written."""
        return self._known is not None and self._known[1] > self._end

    @property
    def needs_compaction(self) -> bool:
        """Whether compacting is worth it: more than half of a log above 1 MiB says nothing any more."""
        live = sum(table.live for table in self.tables.values())
        return self._end > _WORTH_COMPACTING and 2 * live < self._end and not self.damage

    def look(self) -> Stamp | None:
        """The file as it is now on disk, read by nobody; None when there is none."""
        try:
            return _stamp(self._files.stat(self.path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise out_of_reach(self.path, error) from error

    # Reading

    def catch_up(self) -> bool:
        """Take in what was appended since, or the whole file when it is another one.

        Returns:
            Whether there was anything.

        Raises:
            LibraryUnreadable: The file is foreign, newer, damaged or out of reach. What was read before stays.
        """
        turn = self._turn()
        if turn is not None and turn == self._looked_in:
            return False
        with self.memory:
            grown = self._caught_up()
            self._looked_in = turn
            return grown

    def _caught_up(self) -> bool:
        """What `catch_up` does when it has to look."""
        try:
            if self._is_read(self._files.stat(self.path)):
                return False
            descriptor = self._files.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            was_there = self._header is not None
            self.forget()
            return was_there
        except OSError as error:
            raise out_of_reach(self.path, error) from error
        try:
            try:
                return self._read(descriptor)
            except LibraryUnreadable:
                # A torn tail may have been cut and written over while we read it: the second look decides.
                return self._read(descriptor, lenient=self._lenient)
        except OSError as error:
            raise out_of_reach(self.path, error) from error
        finally:
            os.close(descriptor)

    def _is_read(self, status: os.stat_result) -> bool:
        """Whether the file is as we read or wrote it last.

        One with a torn tail never counts as such: what replaces the tail may be as long, in the same tick of the clock.
        """
        return self._known == _stamp(status) and not self.is_torn

    def _read(self, descriptor: int, *, lenient: bool = False) -> bool:
        """Read on from where we were, or from the beginning, up to the end of the last whole line."""
        status = os.fstat(descriptor)
        start = self._end if self._continues(descriptor, status) else 0
        data = self._files.read(descriptor, status.st_size - start, start)
        length = data.rfind(b"\n") + 1
        length += unended_line(data[length:])
        header, body, damage = self._header, 0, list[str]()
        if start == 0 or header is None:
            body = data.find(b"\n") + 1
            header = read_header(self.path, data[:body] or data, self.kind)
        changes = read_lines(memoryview(data)[body:length])
        if changes is None:
            changes, damage, _ = read_damaged(data[body:length], start + body)
            if damage and not lenient:
                raise LibraryUnreadable(self.path, f"is damaged in {damage[0]}", REPAIR)
        if start == 0:
            self.forget()
            self._header, self._beginning = header, data[:body]
        for change in changes:
            take_in(self.tables, change)
        self.damage += damage
        self._now_read_to(start + length, data[max(0, length - _FINGERPRINT) : length], status)
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

    def _now_read_to(self, end: int, read: bytes, status: os.stat_result) -> None:
        self._end = end
        self._fingerprint = (self._fingerprint + read)[-_FINGERPRINT:]
        self._known = _stamp(status)

    # Writing, under the library's lock

    def append(self, name: str, change: Change, *, as_one: bool = False) -> None:
        """Write what becomes of a table, and return when it would survive a power cut. What is so already is left out.

        What others appended is taken in first, and a torn tail is cut. When anything fails the file is cut back to
        what it was, and so is what is in memory.

        Args:
            name: The table.
            change: What becomes of its documents.
            as_one: Whether a crash must leave all of it or nothing; else it may leave the first of the documents.

        Raises:
            LibraryNotWritable: The disk is full, read-only or broken.
            LibraryUnreadable: The file is not a log we may write to.
        """
        self.catch_up()
        known = self.table(name).raws
        change = {doc_id: raw for doc_id, raw in change.items() if known.get(doc_id) != raw}
        if not change:
            return
        lines = write_lines(name, change, as_one=as_one)
        if self._header is None:
            header = Header(self.kind or "documents", SCHEMA)
            put_whole(self._files, self.path, [header.line(), lines])
            self._begun(header, name, change, header.line() + lines)
        elif self._known is not None and self._known[0] == self._doubted:
            # The system failed to make this very file durable. It then counts the pages as clean and forgets them, so
            # a second try that succeeds means nothing (https://wiki.postgresql.org/wiki/Fsync_Errors). What is in
            # memory was durable before: it goes to a new file.
            self._write_anew(lines)
        else:
            self._extend(name, change, lines)

    def _begun(self, header: Header, name: str, change: Change, written: bytes) -> None:
        """Take in what a new file was begun with, without reading it again."""
        with self.memory:
            status = self._files.stat(self.path)
            if self._header is None and status.st_size == len(written):
                self._header, self._beginning = header, header.line()
                take_in(self.tables, {name: change})
                self._now_read_to(len(written), written[-_FINGERPRINT:], status)
            else:  # another thread has read it meanwhile
                self._caught_up()

    def _extend(self, name: str, change: Change, lines: bytes) -> None:
        """Write after the last whole line, or leave the file as it was."""
        end = self._end
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
        with self.memory:
            if self._end == end and self._known is not None and self._known[0] == status.st_ino:
                take_in(self.tables, {name: change})
                self._now_read_to(end + len(lines), lines[-_FINGERPRINT:], status)
            else:  # another thread has read a part of it meanwhile
                self._caught_up()

    def _write(self, descriptor: int, lines: bytes, end: int) -> None:
        """Write lines durably in the place of a torn tail; when that fails, cut off what was written of them."""
        try:
            if self.is_torn:
                self._files.truncate(descriptor, end)
            write_all(self._files, descriptor, lines, end)
            self._sync(descriptor)
        except OSError:
            # Should the cut fail too, what is left is a torn tail, and the next append cuts it.
            with suppress(OSError):
                self._files.truncate(descriptor, end)
            raise

    def _sync(self, descriptor: int) -> None:
        try:
            self._files.sync(descriptor)
        except OSError:
            self._doubted = os.fstat(descriptor).st_ino
            raise

    def compact(self) -> None:
        """Write the live documents anew, one a line, and put that in the place of the file, at once.

        The generation before stays beside it as `NAME.previous`. Readers notice by the inode.

        Raises:
            LibraryNotWritable: The disk is full, read-only or broken.
            LibraryUnreadable: A line is not as it was written, which the new file would hide.
        """
        self.catch_up()
        self._compare()
        if self._header is not None:
            self._write_anew(b"")

    def _compare(self) -> None:
        """Compare every line with its checksum."""
        with suppress(OSError):  # then it can't be written either
            first = len(self._beginning)
            _, damaged, changed = read_damaged(self._files.content(self.path)[first : self._end], first)
            if places := damaged + changed:
                self.damage += places
                raise LibraryUnreadable(self.path, f"is damaged in {places[0]}", REPAIR)

    def _write_anew(self, lines: bytes) -> None:
        """The next generation: what lives, and some lines more."""
        assert self._header is not None  # noqa: S101 - only called for a file that was read
        header = Header(self._header.florilege, SCHEMA, self._header.generation + 1)
        parts = chain(write_live(header, self.tables), [lines])
        put_whole(self._files, self.path, parts)
        self.forget()
        self._caught_up()

    def remove(self) -> None:
        """Remove the file and what stands beside it. One that is not there is no failure."""
        remove_log(self._files, self.path)
        self.forget()


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns
