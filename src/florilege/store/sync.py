"""Reading states of several machines through a folder that any file synchroniser keeps alike; no server.

Each machine has a log of its own there, and is the only one that writes to it: a header, then a line for each state it
has come to hold, as `states_export` writes states. All logs are read, whatever their names, so that a copy which a
synchroniser sets aside as a conflict is one more log; `marking.joined` makes one state of all. docs/sync.md tells it to
readers.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from florilege.files import NotWritten, open_file, read_file, write_atomically
from florilege.model import ReadingState
from florilege.store.errors import LibraryUnreadable, NoSuchGroup
from florilege.store.library import Library
from florilege.store.states_export import GroupStates, export_states, import_states
from florilege.text import clean_line, counted

VERSION = 1
"""The version of the logs that are written. Later ones are not read."""
_LATEST = 9000
"""The last year that is believed: after it, there would be no time left for another change."""
_LONGEST = 1 << 20
"""Bytes of the longest line."""


class Header(msgspec.Struct, frozen=True, tag_field="florilege", tag="sync", kw_only=True):
    """The first line of a log."""

    version: int = VERSION
    machine: str = ""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What became of it."""

    groups: tuple[str, ...] = ()
    """Ids of the groups in which states have changed here."""
    problem: str | None = None
    """What went wrong, a sentence."""


_encode = msgspec.json.Encoder().encode
_header = msgspec.json.Decoder(Header).decode
_line = msgspec.json.Decoder(GroupStates).decode
_Log = dict[tuple[str, str], GroupStates]
"""What a log says last of each state, by group and item of the machine that wrote it."""


class Sync:
    """Keeps a library and a folder alike. May be used from a thread of its own.

    Args:
        library: What was read here.
        folder: The folder. It has to be there: one that is missing may be a disk that is not attached.
        machine: The file that keeps the id of this machine, which the name of its log bears; made when it is missing.
            Not in that folder.
    """

    def __init__(self, library: Library, folder: Path, machine: Path) -> None:
        self._library = library
        self._folder = folder
        self._machine = machine
        self._done: object = None
        """What folder and library looked like when there was nothing left to do."""

    def __call__(self) -> SyncResult:
        """Take in what other machines say, and tell them what is new here.

        Raises:
            LibraryError: The library can't be read or written.
        """
        try:
            if self._looks() == self._done:
                return SyncResult()
            machine = _id_of(self._machine)
            problems, logs = self._read()
            theirs = [each for log in logs.values() for each in _by_group(log)]
            theirs.sort(key=lambda each: each.names)  # the items of a group are read once
            groups = import_states(self._library, theirs, now=None).groups
            path = self._folder / f"florilege-{machine}.jsonl"
            self._tell(path, Header(machine=machine), logs.get(path, {}))
            self._done = self._looks()
        except (OSError, NotWritten) as error:
            why = getattr(error, "strerror", None) or error
            advice = " Make that folder, or attach the disk it is on." if isinstance(error, FileNotFoundError) else ""
            problem = f"Reading states were not synchronised: {self._folder}: {why}.{advice}"
            return SyncResult(problem=clean_line(problem))
        return SyncResult(groups, problems[0] if problems else None)

    def _looks(self) -> object:
        """What the logs and the library look like now: the same while nobody wrote."""
        files = []
        for path in sorted(self._paths()):
            with suppress(OSError):  # a link that leads nowhere
                stat = path.stat()
                files.append((path.name, stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return files, [(group.id, self._library.stamps(group.id)) for group in self._library.groups()]

    def _paths(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.suffix == ".jsonl" and not path.name.startswith(".")]

    def _read(self) -> tuple[list[str], dict[Path, _Log]]:
        """What all logs say, and what was wrong with some."""
        problems, logs = [], {}
        for path in self._paths():
            try:
                with os.fdopen(open_file(path), "rb") as file:
                    header = _header(file.readline(_LONGEST))
                    if header.version > VERSION:
                        problems.append(f"{path.name} was written by a newer florilege: install that one here, too.")
                        continue
                    logs[path] = log = _Log()
                    damaged = 0
                    for each in _lines(file):
                        if each is None:
                            damaged += 1
                        else:
                            log[each.group, each.states[0].state.item] = each
            except (msgspec.MsgspecError, UnicodeDecodeError, FileNotFoundError):
                continue  # another's file, or one that has just gone
            except OSError as error:
                problems.append(f"{path.name} can't be read ({error.strerror}).")
                continue
            if damaged:
                problems.append(f"{counted(damaged, 'line')} of {path.name} can't be read.")
        return [clean_line(f"Reading states of other machines: {each}") for each in problems], logs

    def _tell(self, path: Path, header: Header, told: _Log) -> None:
        """Write what our log does not say yet; all of it anew where most of it has been replaced since."""
        new: list[GroupStates] = []
        for group in self._library.groups():
            try:
                states = export_states(self._library, group)
            except (NoSuchGroup, LibraryUnreadable):
                continue  # removed since; or damaged, which whoever opens it is told
            for record in states.states:
                line = GroupStates(group=group.id, names=states.names, states=(record,))
                if told.get((group.id, record.state.item)) != line:
                    told[group.id, record.state.item] = line
                    new.append(line)
        size = path.stat().st_size if path.is_file() else 0
        if not new and size:
            return
        lines = b"".join(_encode(each) + b"\n" for each in new)
        if not size or size + len(lines) > 2 * sum(len(_encode(each)) + 1 for each in told.values()) + _LONGEST:
            whole = b"".join(_encode(each) + b"\n" for each in told.values())
            write_atomically(path, _encode(header) + b"\n" + whole)
            return
        with path.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"  # the end of a line that a crash cut off
            file.write(b"\n" * torn + lines)


def _lines(file: BinaryIO) -> Iterator[GroupStates | None]:
    """The states of a log; None for a line that says something else. The last line may not have come whole yet."""
    for line in iter(lambda: file.readline(_LONGEST), b""):
        try:
            each = _line(line)
            yield each if len(each.states) == 1 and _is_believable(each.states[0].state) else None
        except (msgspec.MsgspecError, UnicodeDecodeError):
            if line.endswith(b"\n") and line.strip():
                yield None


def _is_believable(state: ReadingState) -> bool:
    noted = (note.changed for note in state.notes)
    times = (state.read_at, state.starred_at, state.read_changed, state.star_changed, *noted)
    return all(time is None or 1 < time.year < _LATEST for time in times)


def _by_group(log: _Log) -> Iterator[GroupStates]:
    """The states of a log, those of one group together."""
    groups: dict[str, list[GroupStates]] = {}
    for line in log.values():
        groups.setdefault(line.group, []).append(line)
    for lines in groups.values():
        yield msgspec.structs.replace(lines[-1], states=tuple(each.states[0] for each in lines))


def _id_of(path: Path) -> str:
    """The id of this machine, made when it is first asked for.

    Raises:
        NotWritten: It can't be kept.
    """
    with suppress(OSError, UnicodeDecodeError):
        known = read_file(path).decode("ascii").strip()
        if known.isalnum() and len(known) <= 64:
            return known
    made = os.urandom(4).hex()
    write_atomically(path, made.encode())
    return made
