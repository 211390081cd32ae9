"""Synchronises reading states between machines through a folder kept in sync by any file synchroniser; no server.

Each machine has its own log in the folder (`states`), to which only it writes: a line for each new state of an item.
All logs are read, whatever their names, so a copy that a synchroniser sets aside after a conflict is just another log.
States are merged by `marking.joined`. The user documentation is docs/sync.md.
"""

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from florilege.files import NotWritten, open_file, read_file, write_atomically
from florilege.model import FlorilegeError
from florilege.store.errors import LibraryUnreadable, NoSuchGroup
from florilege.store.library import Library
from florilege.store.states import (
    LONGEST,
    StateRecord,
    StatesLog,
    export_states,
    import_states,
    lines_of,
    log_of,
    read_log,
)
from florilege.text import clean_line, counted
from florilege.threads import within

_PATIENCE = 30.0
"""Seconds to wait for a synchronisation already running before the folder is reported as not answering."""


@dataclass(frozen=True, slots=True)
class SyncResult:
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
        self._done: object = None
        """The state of folder and library (`_looks`) when they were last in sync."""
        self._one = threading.Lock()

    def __call__(self) -> SyncResult:
        """Import the states of other machines, and export what is new here. Blocks for as long as the disk does.

        Raises:
            LibraryError: The library can't be read or written.
        """
        if not self._one.acquire(timeout=_PATIENCE):
            return SyncResult(problem=self._said("it does not answer"))
        try:
            return self._synchronise()
        finally:
            self._one.release()

    def within(self, seconds: float) -> SyncResult:
        """Synchronise, but wait for at most this many seconds.

        Raises:
            LibraryError: The library can't be read or written.
        """
        try:
            return within(seconds, self)
        except TimeoutError:
            return SyncResult(problem=self._said("it does not answer"))

    def _said(self, why: str, advice: str = "") -> str:
        return clean_line(f"Reading states were not synchronised: {self._folder}: {why}.{advice}")

    def _synchronise(self) -> SyncResult:
        try:
            if self._looks() == self._done:
                return SyncResult()
            machine = _id_of(self._machine)
            problems, logs = self._read()
            groups = import_states(self._library, [log.values() for log in logs.values()], now=None).groups
            path = self._folder / f"florilege-{machine}.jsonl"
            self._write(path, machine, logs.get(path, {}))
            self._done = self._looks()
        except (OSError, NotWritten) as error:
            why = getattr(error, "strerror", None) or error
            advice = " Make that folder, or attach the disk it is on." if isinstance(error, FileNotFoundError) else ""
            return SyncResult(problem=self._said(str(why), advice))
        return SyncResult(groups, problems[0] if problems else None)

    def _looks(self) -> object:
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
            try:
                records = export_states(self._library, group)
            except (NoSuchGroup, LibraryUnreadable):
                continue  # removed since, or damaged: that is reported when the group is opened
            for record in records:
                if log.get((group.id, record.state.item)) != record:
                    log[group.id, record.state.item] = record
                    new.append(record)
        size = path.stat().st_size if path.is_file() else 0
        if not new and size:
            return
        lines, whole = lines_of(new), log_of(log.values(), machine)
        if not size or size + len(lines) > 2 * len(whole) + LONGEST:
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
