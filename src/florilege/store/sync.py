"""Takes reading states from one machine to another, in an export or through a folder kept in sync; there is no server.

A state stores up to which revision an item was seen, but each machine counts revisions for itself; so an exported
record lists the highlights that were seen. Its item is found by id, else by the keys that `merge` uses. Content of
sources is in it only as hashes.

In a folder that any file synchroniser keeps alike (`Sync`), each machine has its own log, to which only it writes: a
header, then a line for each new state of an item. All logs are read, whatever their names, so a copy that a
synchroniser sets aside after a conflict is just another log. States are merged by `marking.merge_latest`. The user
documentation is docs/sync.md.
"""

import os
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from florilege.files import NotWritten, open_file, read_file, write_atomically
from florilege.marking import merge_added, merge_latest
from florilege.merge import find, find_by_keys, keys_of
from florilege.model import FlorilegeError, Group, Item, ReadingState
from florilege.store.errors import LibraryUnreadable, NoSuchGroup
from florilege.store.library import Library
from florilege.store.lines import INVALID
from florilege.text import clean_line, counted, digest, search_key
from florilege.urls import canonical

_VERSION = 1
"""The version of the logs written. Later ones are refused."""
_LONGEST = 1 << 20
"""Maximum length of a line in bytes."""
_LATEST = 9000
"""Times from this year on are rejected: a change has to be later than the one before, so there must be room left."""
_PATIENCE = 30.0
"""Seconds to wait for a synchronisation already running before the folder is reported as not answering."""


class _Header(msgspec.Struct, frozen=True, tag_field="florilege", tag="states", omit_defaults=True, kw_only=True):
    """The first line of a log, `{"florilege":"states","version":1}`."""

    version: int
    machine: str = ""
    """The id of the machine that writes the log."""


class StateRecord(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A line of a log: the reading state of one item, and what is needed to find the item on another machine."""

    group: str
    """The id of its group."""
    names: tuple[str, ...] = ()
    """Hashes of the title and the addresses of the group, to recognise it on another machine."""
    keys: tuple[str, ...] = ()
    """Keys that identify the item (`merge.keys_of`), besides its id."""
    state: ReadingState
    seen: tuple[str, ...] = ()
    """Hashes of the highlights that were seen; empty for an unread item, where they don't matter."""

    @property
    def is_believable(self) -> bool:
        """Whether its times are such that a later change can still come after them."""
        state = self.state
        changed = (note.changed for note in state.notes)
        times = (state.read_at, state.starred_at, state.read_changed, state.star_changed, *changed)
        return all(time is None or 1 < time.year < _LATEST for time in times)


StatesLog = dict[tuple[str, str], StateRecord]
"""The last record on each state in a log, by group and item id on the machine that wrote it."""
_encode = msgspec.json.Encoder().encode
_header = msgspec.json.Decoder(_Header).decode
_record = msgspec.json.Decoder(StateRecord).decode


def log_of(records: Iterable[StateRecord], machine: str = "") -> bytes:
    """Encode a complete log."""
    return _encode(_Header(version=_VERSION, machine=machine)) + b"\n" + _lines_of(records)


def _lines_of(records: Iterable[StateRecord]) -> bytes:
    return b"".join(_encode(each) + b"\n" for each in records)


def read_log(file: BinaryIO) -> tuple[StatesLog, int] | None:
    """Read a log. Returns its records and the number of invalid lines; None when the file is not such a log.

    An incomplete last line is ignored, since it may still be arriving.

    Raises:
        FlorilegeError: It is of a later version. The message is to be appended to the name of the file.
        OSError: It can't be read.
    """
    try:
        header = _header(file.readline(_LONGEST))
    except INVALID:
        return None
    if header.version > _VERSION:
        raise FlorilegeError("was written by a newer florilege: install that one here, too.")
    log: StatesLog = {}
    damaged = 0
    for line in iter(lambda: file.readline(_LONGEST), b""):
        try:
            record = _record(line)
        except INVALID:
            damaged += line.endswith(b"\n") and bool(line.strip())
            continue
        if record.is_believable:
            log[record.group, record.state.item] = record
        else:
            damaged += 1
    return log, damaged


# Export


def export_states(library: Library, group: Group) -> list[StateRecord]:
    """Records of what was read, starred and noted in a group, for another machine.

    Raises:
        LibraryError: The group can't be read.
    """
    states = library.states(group.id)
    return records_of(group, library.items(group.id, states), states)


def records_of(group: Group, items: Iterable[Item], states: Mapping[str, ReadingState]) -> list[StateRecord]:
    """Records for the items of a group that have a state other than the initial one."""
    names = _names_of(group)
    return [
        StateRecord(group=group.id, names=names, keys=keys_of(item), state=_portable(state), seen=_seen(item, state))
        for item in items
        if (state := states.get(item.id)) is not None and state != ReadingState(item=item.id)
    ]


def _names_of(group: Group) -> tuple[str, ...]:
    addresses = (digest(canonical(source.address), source.part or "") for source in group.sources)
    return (digest(search_key(group.title)), *addresses)


def _portable(state: ReadingState) -> ReadingState:
    """A state for export: the highlights of its notes are identified by hashes, like those seen."""
    notes = (replace(each, highlight=_hash(each.highlight) if each.highlight else "") for each in state.notes)
    return replace(state, notes=tuple(notes)) if state.notes else state


def _seen(item: Item, state: ReadingState) -> tuple[str, ...]:
    return tuple(_hash(each.id) for each in item.highlights if state.is_read and not state.has_new(each))


def _hash(highlight: str) -> str:
    return digest(highlight)[:8]


# Import


def import_states(library: Library, logs: Iterable[Iterable[StateRecord]], *, now: datetime | None) -> dict[str, int]:
    """Import what was read, starred and noted on other machines. Safe to repeat.

    Args:
        library: The library to change.
        logs: The records of each machine.
        now: The time of the import. If given, states are only added to, and nothing marked here is undone
            (`marking.merge_added`). If None, the later change of each part wins (`marking.merge_latest`).

    Returns:
        The number of items whose state changed, by the id of their group. States of unknown items are left out.

    Raises:
        LibraryError: The library can't be written.
    """
    changed: Counter[str] = Counter()
    items: dict[str, list[Item]] = {}
    batches: list[list[StateRecord]] = []
    for log in logs:
        by_group: dict[str, list[StateRecord]] = {}
        for record in log:
            by_group.setdefault(record.group, []).append(record)
        batches += by_group.values()
    for waiting in sorted(batches, key=lambda batch: batch[0].names):  # so that the items of each group are read once
        for group in _groups_for(waiting[0], library.groups()):
            if not waiting:
                break
            if group.id not in items:
                try:
                    items = {group.id: library.items(group.id)}  # of one group only, to limit memory
                except LibraryUnreadable:
                    continue  # treat the items of a damaged group as missing, and go on with the others
            found = find(items[group.id], [each.state.item for each in waiting], partial(_by_keys, waiting))
            pairs = list(zip(waiting, found, strict=True))
            here = {item.id: partial(_with_theirs, each, item, now) for each, item in pairs if item is not None}
            changed.update(change.group for change in library.change({group.id: here}))
            waiting = [each for each, item in pairs if item is None]  # noqa: PLW2901 - to be found in the next group
    return changed


def _by_keys(records: Sequence[StateRecord], items: Sequence[Item], places: Sequence[int]) -> list[Item | None]:
    return find_by_keys(items, [records[place].keys for place in places])


def _groups_for(theirs: StateRecord, groups: Sequence[Group]) -> Sequence[Group]:
    """The groups that may hold the item of a record: the one with its group id, else those with its names, else all."""
    names = set(theirs.names)
    return (
        [group for group in groups if group.id == theirs.group]
        or [group for group in groups if not names.isdisjoint(_names_of(group))]
        or groups
    )


def _with_theirs(theirs: StateRecord, item: Item, now: datetime | None, ours: ReadingState) -> ReadingState:
    """Merge an imported record into the state of its item: its id, its revision and its highlights are ours.

    The revision seen is the last one before the first highlight not seen there, but highlights the item first came with
    always count as seen. For an unread item our own revision is kept. Notes on highlights that don't exist here are
    left out; a later import adds them once the highlights do.
    """
    known = {_hash(each.id): each.id for each in item.highlights} | {"": ""}
    notes = (replace(each, highlight=known[each.highlight]) for each in theirs.state.notes if each.highlight in known)
    unseen = [each.revision for each in item.highlights if _hash(each.id) not in theirs.seen]
    seen = max(min((revision - 1 for revision in unseen if revision), default=item.revision), 0)
    seen = seen if theirs.state.is_read else ours.seen
    there = replace(theirs.state, item=item.id, seen=seen, notes=tuple(notes))
    return merge_latest(ours, there) if now is None else merge_added(ours, there, now)


# The folder


class SyncResult(msgspec.Struct, frozen=True):
    """The result of a synchronisation."""

    groups: tuple[str, ...] = ()
    """Ids of the groups whose states have changed in the library."""
    problem: str | None = None
    """A sentence on what went wrong; None when nothing did."""


class Sync:
    """Synchronises a library with a folder. May be used from any thread.

    Args:
        library: The library.
        folder: The folder. It must exist: if it is missing, its disk may be detached.
        machine: The file with the id of this machine, which is used in the name of its log; made if it is missing. Must
            not be in that folder.
    """

    def __init__(self, library: Library, folder: Path, machine: Path) -> None:
        self._library = library
        self._folder = folder
        self._machine = machine
        self._synced: object = None
        """The state of folder and library (`_stamps`) when they were last in sync."""
        self._running = threading.Lock()

    def __call__(self) -> SyncResult:
        """Import the states of other machines, and export what is new here. Blocks for as long as the disk does.

        Raises:
            LibraryError: The library can't be read or written.
        """
        if not self._running.acquire(timeout=_PATIENCE):
            return self._failed("it does not answer")
        try:
            return self._synchronise()
        except (OSError, NotWritten) as error:
            advice = " Make that folder, or attach the disk it is on." if isinstance(error, FileNotFoundError) else ""
            return self._failed(str(getattr(error, "strerror", None) or error), advice)
        finally:
            self._running.release()

    def within(self, seconds: float) -> SyncResult:
        """Synchronise, but wait for at most this many seconds.

        Raises:
            LibraryError: The library can't be read or written.
        """
        from florilege.threads import within  # loads asyncio

        try:
            return within(seconds, self)
        except TimeoutError:
            return self._failed("it does not answer")

    def _failed(self, why: str, advice: str = "") -> SyncResult:
        problem = f"Reading states were not synchronised: {self._folder}: {why}.{advice}"
        return SyncResult(problem=clean_line(problem))

    def _synchronise(self) -> SyncResult:
        if self._stamps() == self._synced:
            return SyncResult()
        machine = _id_of(self._machine)
        problems, logs = self._read()
        changed = import_states(self._library, [log.values() for log in logs.values()], now=None)
        path = self._folder / f"florilege-{machine}.jsonl"
        self._write(path, machine, logs.get(path, {}))
        self._synced = self._stamps()
        return SyncResult(tuple(changed), problems[0] if problems else None)

    def _stamps(self) -> object:
        """The stamps of the logs and of the library, which are equal while nobody writes."""
        files = []
        for path in sorted(self._paths()):
            with suppress(OSError):  # a dangling link
                stat = path.stat()
                files.append((path.name, stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return files, [(group.id, self._library.stamps(group.id)) for group in self._library.groups()]

    def _paths(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.suffix == ".jsonl" and not path.name.startswith(".")]

    def _read(self) -> tuple[list[str], dict[Path, StatesLog]]:
        """Read all logs. Returns sentences on the problems with some of them, and the records by file."""
        problems, logs = [], {}
        for path in self._paths():
            try:
                with os.fdopen(open_file(path), "rb") as file:
                    log = read_log(file)
            except FileNotFoundError:
                continue  # it has just gone
            except OSError as error:
                problems.append(f"{path.name} can't be read ({error.strerror}).")
            except FlorilegeError as error:
                problems.append(f"{path.name} {error}")
            else:
                if log is None:
                    continue  # a file of another program
                logs[path], damaged = log
                if damaged:
                    problems.append(f"{counted(damaged, 'line')} of {path.name} can't be read.")
        return [clean_line(f"Reading states of other machines: {each}") for each in problems], logs

    def _write(self, path: Path, machine: str, log: StatesLog) -> None:
        """Append the records missing from our log, or rewrite it if most of it is obsolete."""
        new: list[StateRecord] = []
        for group in self._library.groups():
            with suppress(NoSuchGroup, LibraryUnreadable):  # removed since, or damaged: reported when it is opened
                for record in export_states(self._library, group):
                    if log.get((group.id, record.state.item)) != record:
                        log[group.id, record.state.item] = record
                        new.append(record)
        size = path.stat().st_size if path.is_file() else 0
        if not new and size:
            return
        lines, whole = _lines_of(new), log_of(log.values(), machine)
        if not size or size + len(lines) > 2 * len(whole) + _LONGEST:
            write_atomically(path, whole)
            return
        with path.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"  # the end of a line that a crash cut off
            file.write(b"\n" * torn + lines)


def _id_of(path: Path) -> str:
    """The id of this machine, made on the first call.

    Raises:
        NotWritten: A new id can't be stored.
    """
    with suppress(OSError, UnicodeDecodeError):
        known = read_file(path).decode("ascii").strip()
        if known.isalnum() and len(known) <= 64:
            return known
    made = os.urandom(4).hex()
    write_atomically(path, made.encode())
    return made
