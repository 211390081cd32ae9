"""The logs of a library by kind and group: opened when asked for, let go of when there is too much in memory.

Also knows what others have written since this process last looked. Knows where files are; nothing of what they say.
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
"""Bytes of logs kept in memory, beside the one in use. A group of 1,000 items takes about 2.5 MiB, and is read again
from the disk in a few milliseconds."""
_OPEN = 64
"""Logs kept open at most, whatever they hold."""
_GROUP_ID = re.compile("[0-9a-f]{4,64}")


class Kind(StrEnum):
    """What a log holds; also the name of its main table."""

    GROUPS = "groups"
    ITEMS = "items"
    STATES = "states"


Key = tuple[Kind, str]
"""A log: what it holds, and the id of its group, "" for the log of the groups."""


class LogFiles:
    """All logs of one library. May be used from several threads: no file is read or written under its own lock.

    Args:
        folder: The library.
        lock: Entered for each write.
        files: The disk.
        missed: Called for the log of a group that is not there; raises when it should be.
    """

    def __init__(
        self, folder: Path, lock: LibraryLock, files: Files | None, missed: Callable[[Kind, str], None]
    ) -> None:
        # Joined once: with 2,000 groups a fifth of what a start reads went into the parts of paths.
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
        """A table of a log, with everything in it that is on disk now.

        Raises:
            LibraryUnreadable: The file is foreign, newer, damaged or out of reach.
            LibraryGone: It was there, and is not.
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
        """A log as it was last read."""
        return _log_of(self._database(kind, group_id))

    def at_hand(self, kind: Kind, group_id: str) -> Log | None:
        """A log that is in memory, as it was last read."""
        database = self._open.get((kind, group_id))
        return _log_of(database) if database is not None else None

    def stamp(self, kind: Kind, group_id: str = "") -> Stamp | None:
        """Which file is there and how long it is, without reading it; None when there is none."""
        stamp = self.log(kind, group_id).look()
        self._note((kind, group_id), stamp)
        return stamp

    @contextmanager
    def writing(self, kind: Kind, group_id: str = "") -> Iterator[LogTable]:
        """The main table of a log, to be written to: alone among processes and threads."""
        key = (kind, group_id)
        with self._lock:
            table = self.table(kind, group_id)
            outermost = key not in self._being_written
            self._being_written.add(key)
            try:
                yield table
                if table.log.needs_compaction:
                    # What was asked for is stored; that there is no room to tidy up is no reason to say otherwise.
                    with suppress(LibraryNotWritable, LibraryUnreadable):
                        table.log.compact()
            finally:
                if outermost:
                    self._being_written.discard(key)
                    self._stamps[key] = table.log.stamp
            if table.log.size > _HELD // _OPEN or len(self._open) > _OPEN:
                self._make_room(group_id)

    def remove(self, kind: Kind, group_id: str) -> None:
        """Remove a log and its previous generation. Under the library's lock."""
        self.log(kind, group_id).remove()
        with self._memory:
            self._open.pop((kind, group_id), None)
            self._stamps.pop((kind, group_id), None)

    def touched_by_others(self) -> set[str]:
        """The groups whose logs others have written since this was last asked, as far as looked at ("" for groups)."""
        with self._memory:
            touched, self._touched = self._touched, set()
        return touched

    def path(self, kind: Kind, group_id: str) -> Path:
        """Where a log is. A word that is not an id of ours never becomes a path.

        Raises:
            NoSuchGroup: It is such a word.
        """
        if kind is Kind.GROUPS:
            return self._folders[kind] / "groups.log"
        if not _GROUP_ID.fullmatch(group_id):
            raise NoSuchGroup(group_id, ())
        return self._folders[kind] / f"{group_id}.log"

    def close(self) -> None:
        """Let go of everything in memory."""
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
                    lenient=kind is Kind.GROUPS,  # the damage of one group must not cost the others
                    storage=LogStorage,
                )
                self._open[kind, group_id] = database
            self._open.move_to_end((kind, group_id))
            return database

    def _note(self, key: Key, stamp: Stamp | None) -> None:
        """Remember what a file looks like; one that differs from what we knew was written by others.

        Raises:
            LibraryGone: It is the list of groups, and has vanished.
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
        """Let go of the logs not used for longest. Those of the group in use and the log of the groups always stay."""
        with self._memory:
            # When the log of the groups is written, the group in use is the one whose items were just stored.
            group_id = group_id or next((name for _, name in reversed(self._open) if name), "")
            held = sum(_log_of(each).size for each in self._open.values())
            for key in list(self._open):
                if held <= _HELD and len(self._open) <= _OPEN:
                    return
                if key[1] not in ("", group_id):
                    held -= _log_of(self._open.pop(key)).size


def _log_of(database: LogDB) -> Log:
    return cast("LogStorage", database.storage).log
