"""Reading states of several machines through a folder that any file synchroniser keeps alike; no server.

Each machine has a log of its own there (`states`), and is the only one that writes to it: a line for each state it has
come to hold. All logs are read, whatever their names, so that a copy which a synchroniser sets aside as a conflict is
one more log; `marking.joined` makes one state of all. docs/sync.md tells it to readers.
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
"""Seconds to wait for another look at the folder before it is said to hang."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What became of it."""

    groups: tuple[str, ...] = ()
    """Ids of the groups in which states have changed here."""
    problem: str | None = None
    """What went wrong, a sentence."""


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
        self._one = threading.Lock()

    def __call__(self) -> SyncResult:
        """Take in what other machines say, and tell them what is new here. May take for ever where the disk does.

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
        """The same, waited for no longer than this.

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
        """What the logs and the library look like now: the same while nobody wrote."""
        files = []
        for path in sorted(self._paths()):
            with suppress(OSError):  # a link that leads nowhere
                stat = path.stat()
                files.append((path.name, stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return files, [(group.id, self._library.stamps(group.id)) for group in self._library.groups()]

    def _paths(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.suffix == ".jsonl" and not path.name.startswith(".")]

    def _read(self) -> tuple[list[str], dict[Path, StatesLog]]:
        """What all logs say, and what was wrong with some."""
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
                    continue  # another's file
                logs[path], damaged = log
                if damaged:
                    problems.append(f"{counted(damaged, 'line')} of {path.name} can't be read.")
        return [clean_line(f"Reading states of other machines: {each}") for each in problems], logs

    def _write(self, path: Path, machine: str, log: StatesLog) -> None:
        """Write what our log does not say yet; all of it anew where most of it has been replaced since."""
        new: list[StateRecord] = []
        for group in self._library.groups():
            try:
                records = export_states(self._library, group)
            except (NoSuchGroup, LibraryUnreadable):
                continue  # removed since; or damaged, which whoever opens it is told
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
