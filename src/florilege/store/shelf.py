"""The logs of a library by kind and group: opened when asked for, let go of when there is too much in memory.

Also knows what others have written since this process last looked. Knows where files are; nothing of what they say.
"""

import gc
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TypeVar, cast

import msgspec

from florilege.store.errors import LibraryGone, LibraryNotWritable, LibraryUnreadable, NoSuchGroup
from florilege.store.files import Files
from florilege.store.index import Index, item_name, state_name
from florilege.store.lines import Change, Raw, Records, Stored
from florilege.store.lock import LibraryLock
from florilege.store.log import Log, Stamp
from florilege.store.storage import LogStorage
from florilege.store.table import LogDB, LogTable

Value = TypeVar("Value")
_HELD = 16 << 20
"""Bytes of logs kept in memory, beside the one in use. A group of 1,000 items takes about 2.5 MiB, and is read again
from the disk in a few milliseconds."""
_OPEN = 64
"""Logs kept open at most, whatever they hold."""
_GROUP_ID = re.compile("[0-9a-f]{4,64}")


class Kind(StrEnum):
    """What a log holds; also the name of its table."""

    GROUPS = "groups"
    ITEMS = "items"
    STATES = "states"


class Volume:
    """One log, open: TinyDB over it, and the index of what it holds."""

    def __init__(self, path: Path, kind: Kind, lock: LibraryLock, files: Files | None) -> None:
        storage = LogStorage(path, kind.value, lock, files)
        self.kind = kind
        self.database = LogDB(storage=lambda: storage)
        self.log = storage.log
        self.table = self.named(kind.value)
        """The table named as the log."""
        self.index = Index(state_name if kind is Kind.STATES else item_name)

    def named(self, name: str) -> LogTable:
        """A table of this log."""
        return cast("LogTable", self.database.table(name))

    @property
    def records(self) -> Records:
        """The records as last read, still encoded."""
        return self.table.records

    def places(self) -> Mapping[str, str]:
        """Item id -> `doc_id` as a string.

        Raises:
            LibraryUnreadable: A record doesn't say which item it is about.
        """
        try:
            return self.index.places(self.records)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self.damaged(error) from error

    def decoded(self, decoder: msgspec.json.Decoder[Value], raws: Iterable[Raw]) -> list[Value]:
        """Records of this log as values.

        Raises:
            LibraryUnreadable: A record isn't what it should be.
        """
        decode = decoder.decode
        # Thousands of new values, none of them garbage, make the collector look at all of them again and again: without
        # it 100,000 heads take half the time. Who turns it off turns it on again, also where two threads meet.
        collects = gc.isenabled()
        gc.disable()
        try:
            return [decode(raw) for raw in raws]
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self.damaged(error) from error
        finally:
            if collects:
                gc.enable()

    def damaged(self, error: Exception) -> LibraryUnreadable:
        """What to say of a record that can't be read."""
        return LibraryUnreadable(self.log.path, f"holds a record that can't be read ({error})")


class Shelf:
    """All logs of one library.

    Args:
        folder: The library.
        lock: Entered for each write.
        files: The disk.
    """

    def __init__(self, folder: Path, lock: LibraryLock, files: Files | None = None) -> None:
        self._folder = folder
        self._lock = lock
        self._files = files
        self._volumes: OrderedDict[tuple[Kind, str], Volume] = OrderedDict()
        self._stamps: dict[tuple[Kind, str], Stamp | None] = {}
        self._touched_by_others: set[str] = set()

    def open(self, kind: Kind, group: str = "") -> Volume:
        """A log, with everything in it that is on disk now.

        Raises:
            LibraryUnreadable: The file is foreign, newer, damaged or out of reach.
        """
        volume = self._volume(kind, group)
        self._volumes.move_to_end((kind, group))
        grown = volume.log.catch_up()
        self._note(kind, group, volume.log.stamp)
        if grown and group:
            self._make_room(group)
        return volume

    def at_hand(self, kind: Kind, group: str, stamp: Stamp | None) -> Volume | None:
        """A log that is in memory, as it was when it looked so; None when it is not, or has grown since."""
        volume = self._volumes.get((kind, group))
        return volume if volume is not None and volume.log.stamp == stamp else None

    def look(self, kind: Kind, group: str = "") -> Stamp | None:
        """Which file is there and how long it is, without reading it; None when there is none."""
        volume = self._volumes.get((kind, group))
        log = volume.log if volume is not None else Log(self._path(kind, group), kind.value, self._files)
        stamp = log.look()
        self._note(kind, group, stamp)
        return stamp

    def touched_by_others(self) -> set[str]:
        """The groups whose logs others have written since this was last asked, as far as looked at ("" for groups)."""
        touched, self._touched_by_others = self._touched_by_others, set()
        return touched

    def put(self, kind: Kind, group: str, documents: Mapping[int, Stored]) -> None:
        """Store documents as one line. Under the library's lock, after `open`."""
        volume = self._volumes[kind, group]
        volume.table.put(documents)
        self._written(volume, group)

    def append(self, kind: Kind, group: str, change: Change) -> None:
        """Store one change to several tables of a log as one line. Under the library's lock, after `open`."""
        volume = self.open(kind, group)
        volume.log.append(change)
        self._written(volume, group)

    def compact(self, kind: Kind, group: str = "") -> None:
        """Write a log anew without what is dead in it. Under the library's lock."""
        volume = self.open(kind, group)
        volume.log.compact()
        self._stamps[kind, group] = volume.log.stamp

    def remove(self, kind: Kind, group: str) -> None:
        """Remove a log and its previous generation. Under the library's lock."""
        self._volume(kind, group).log.remove()
        del self._volumes[kind, group]
        self._stamps.pop((kind, group), None)

    def close(self) -> None:
        """Let go of everything in memory."""
        self._volumes.clear()

    def _volume(self, kind: Kind, group: str) -> Volume:
        volume = self._volumes.get((kind, group))
        if volume is None:
            volume = Volume(self._path(kind, group), kind, self._lock, self._files)
            self._volumes[kind, group] = volume
        return volume

    def _path(self, kind: Kind, group: str) -> Path:
        """Where a log is. A word that is not an id of ours never becomes a path."""
        if kind is Kind.GROUPS:
            return self._folder / "groups.log"
        if not _GROUP_ID.fullmatch(group):
            raise NoSuchGroup(group, ())
        return self._folder / kind.value / f"{group}.log"

    def _note(self, kind: Kind, group: str, stamp: Stamp | None) -> None:
        """Remember what a file looks like; one that differs from what we knew was written by others.

        Raises:
            LibraryGone: It is the list of groups, and has vanished.
        """
        if stamp is None and kind is Kind.GROUPS and self._stamps.get((kind, group)) is not None:
            raise LibraryGone(self._path(kind, group))
        if self._stamps.get((kind, group), stamp) != stamp:
            self._touched_by_others.add(group)
        self._stamps[kind, group] = stamp

    def _written(self, volume: Volume, group: str) -> None:
        if volume.log.is_mostly_dead:
            # What was asked for is stored; that there is no room to tidy up is no reason to say otherwise.
            with suppress(LibraryNotWritable):
                volume.log.compact()
        self._stamps[volume.kind, group] = volume.log.stamp
        self._make_room(group)

    def _make_room(self, group: str) -> None:
        """Let go of the logs not used for longest. Those of the group in use and the log of the groups always stay."""
        # When the log of the groups is written, the group in use is the one whose items were just stored.
        group = group or next((name for _, name in reversed(self._volumes) if name), "")
        held = sum(volume.log.size for volume in self._volumes.values())
        for key in list(self._volumes):
            if held <= _HELD and len(self._volumes) <= _OPEN:
                return
            if key[1] not in ("", group):
                held -= self._volumes.pop(key).log.size
