"""The logs of a library by kind and group: loaded on demand, and dropped when they take too much memory.

Also tracks which logs other processes have written. Knows where the files are, but not what is in them.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import cast

from florilege.store.errors import LibraryGone, LibraryNotWritable, LibraryUnreadable, NoSuchGroup
from florilege.store.files import Files
from florilege.store.lock import LibraryLock
from florilege.store.log import Log, Stamp
from florilege.store.tables import LogDB, LogStorage, LogTable

_HELD = 12 << 20
"""Bytes of logs kept in memory, besides those in use. A group of 1,000 items takes about 2.5 MiB, and is read again
from disk in a few milliseconds."""
_OPEN = 64
"""Maximum number of logs kept in memory, whatever their size."""
_GROUP_ID = re.compile("[0-9a-f]{4,64}")


class Kind(StrEnum):
    """What a log holds; also the name of its main table."""

    GROUPS = "groups"
    ITEMS = "items"
    STATES = "states"


Key = tuple[Kind, str]
"""Identifies a log: its kind, and the id of its group, "" for the log of the groups."""


class LogFiles:
    """All logs of a library. May be used from several threads; its own lock is never held during file access.

    Args:
        folder: The library.
        lock: The lock, entered for each write.
        files: The file operations.
        missed: Called when the log of a group doesn't exist; raises if it should.
    """

    def __init__(
        self, folder: Path, lock: LibraryLock, files: Files | None, missed: Callable[[Kind, str], None]
    ) -> None:
        # Joined only once: with 2,000 groups, joining paths took a fifth of the time for reading at the start.
        self._folders = {Kind.GROUPS: folder, Kind.ITEMS: folder / Kind.ITEMS, Kind.STATES: folder / Kind.STATES}
        self._lock = lock
        self._files = files
        self._missed = missed
        self._memory = threading.RLock()
        self._open: OrderedDict[Key, LogDB] = OrderedDict()
        self._stamps: dict[Key, Stamp | None] = {}
        self._being_written: set[Key] = set()
        self._touched: set[str] = set()

    def table(self, kind: Kind, group_id: str = "", name: str | None = None) -> LogTable:
        """A table of a log, up to date with the disk.

        Raises:
            LibraryUnreadable: The file is foreign, newer, damaged or inaccessible.
            LibraryGone: The file has disappeared.
        """
        database = self._database(kind, group_id)
        log = _log_of(database)
        grown = log.catch_up()
        self._note((kind, group_id), log.stamp)
        if log.stamp is None and group_id:
            self._missed(kind, group_id)
        if grown and group_id:
            self._make_room(group_id)
        return cast("LogTable", database.table(name or kind.value))

    def log(self, kind: Kind, group_id: str = "") -> Log:
        """A log as it was last read, which may be not at all."""
        return _log_of(self._database(kind, group_id))

    def at_hand(self, kind: Kind, group_id: str) -> Log | None:
        """A log as it was last read, if it is in memory; else None."""
        database = self._open.get((kind, group_id))
        return _log_of(database) if database is not None else None

    def stamp(self, kind: Kind, group_id: str = "") -> Stamp | None:
        """The current stamp of a log, without reading it; None when there is no file."""
        stamp = self.log(kind, group_id).look()
        self._note((kind, group_id), stamp)
        return stamp

    @contextmanager
    def writing(self, kind: Kind, group_id: str = "") -> Iterator[LogTable]:
        """A context with the main table of a log for writing, under the library's lock. Compacts the log if needed."""
        key = (kind, group_id)
        with self._lock:
            table = self.table(kind, group_id)
            outermost = key not in self._being_written
            self._being_written.add(key)
            try:
                yield table
                if table.log.needs_compaction:
                    # The data itself is stored, so a failed compaction is not reported as an error.
                    with suppress(LibraryNotWritable, LibraryUnreadable):
                        table.log.compact()
            finally:
                if outermost:
                    self._being_written.discard(key)
                    self._stamps[key] = table.log.stamp
            if table.log.size > _HELD // _OPEN or len(self._open) > _OPEN:
                self._make_room(group_id)

    def remove(self, kind: Kind, group_id: str) -> None:
        """Remove a log and its previous generation. The caller must hold the library's lock."""
        self.log(kind, group_id).remove()
        with self._memory:
            self._open.pop((kind, group_id), None)
            self._stamps.pop((kind, group_id), None)

    def touched_by_others(self) -> set[str]:
        """The ids of groups whose logs others have written since the last call; "" for the log of the groups.

        Only logs that were read or whose stamp was taken meanwhile are covered.
        """
        with self._memory:
            touched, self._touched = self._touched, set()
        return touched

    def path(self, kind: Kind, group_id: str) -> Path:
        """The path of a log. A string that is not a florilege id never becomes part of a path.

        Raises:
            NoSuchGroup: The group id is not a florilege id.
        """
        if kind is Kind.GROUPS:
            return self._folders[kind] / "groups.log"
        if not _GROUP_ID.fullmatch(group_id):
            raise NoSuchGroup(group_id, ())
        return self._folders[kind] / f"{group_id}.log"

    def close(self) -> None:
        """Drop all logs from memory."""
        with self._memory:
            self._open.clear()

    def _database(self, kind: Kind, group_id: str) -> LogDB:
        with self._memory:
            database = self._open.get((kind, group_id))
            if database is None:
                database = LogDB(
                    self.path(kind, group_id),
                    kind.value,
                    self._lock,
                    self._files,
                    lenient=kind is Kind.GROUPS,  # damage to one group must not make the others unreadable
                    storage=LogStorage,
                )
                self._open[kind, group_id] = database
            self._open.move_to_end((kind, group_id))
            return database

    def _note(self, key: Key, stamp: Stamp | None) -> None:
        """Record the stamp of a file. If it differs from the last one, the file was written by others.

        Raises:
            LibraryGone: The log of the groups has disappeared.
        """
        with self._memory:
            before = self._stamps.get(key, stamp)
            if stamp is None and before is not None and key[0] is Kind.GROUPS:
                raise LibraryGone(self.path(*key))
            if key not in self._being_written:
                if before != stamp:
                    self._touched.add(key[1])
                self._stamps[key] = stamp

    def _make_room(self, group_id: str) -> None:
        """Drop the least recently used logs, but never those of the group in use or the log of the groups."""
        with self._memory:
            # While the log of the groups is written, the group in use is the one whose items were just stored.
            group_id = group_id or next((name for _, name in reversed(self._open) if name), "")
            held = sum(_log_of(each).size for each in self._open.values())
            for key in list(self._open):
                if held <= _HELD and len(self._open) <= _OPEN:
                    return
                if key[1] not in ("", group_id):
                    held -= _log_of(self._open.pop(key)).size


def _log_of(database: LogDB) -> Log:
    return cast("LogStorage", database.storage).log
