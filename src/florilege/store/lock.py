"""The lock of a library: held for one write, by one process and thread; it names its holder when it can't be had.

No reading is ever behind it. The lock is the system's own (`flock`), so that of a process that was killed is free at
once: a lock file that lies there means nothing. Who holds it writes its name into it.
"""

import fcntl
import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType

import msgspec

from florilege.store.errors import LibraryBusy, LibraryNotWritable
from florilege.store.files import Files

_LONGEST_NAP = 0.01
"""Seconds between two tries while another process writes, at most. They vary, so that no two go on colliding."""


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock, as written in it."""

    pid: int
    program: str
    """As people know it: `florilege refresh`."""
    since: datetime

    @property
    def is_running(self) -> bool:
        """Whether there is a process of this number."""
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError, ValueError):
            return False
        except PermissionError:
            return True
        return True

    def __str__(self) -> str:
        words = f"{self.program} (process {self.pid}, since {self.since.astimezone():%H:%M})"
        return words if self.is_running else f"another process; {words} held it last and is no longer running"


class LibraryLock:
    """A lock between processes and threads, to be used as a context; entering it again is free.

    Args:
        folder: The library. It is made when it is missing.
        clock: Now, with zone.
        program: The name under which this process holds it.
        timeout: Seconds to wait for it.
        files: The disk, for the folder.
        before_making: Called before the folder or the lock file is made; what it raises keeps them from being made.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        program: str = "florilege",
        timeout: float = 5.0,
        files: Files | None = None,
        before_making: Callable[[], object] = lambda: None,
    ) -> None:
        self.path = folder / "lock"
        self._clock = clock
        self._program = program
        self._timeout = timeout
        self._files = files or Files()
        self._before_making = before_making
        self._threads = threading.RLock()
        self._depth = 0
        self._turns = 0
        self._thread: int | None = None  # that holds it
        self._descriptor: int | None = None
        self._signed: tuple[int, int, int] | None = None

    def __enter__(self) -> None:
        """Take the lock.

        Raises:
            LibraryBusy: It could not be had in time; the text names the holder.
            LibraryNotWritable: The lock can't be made here, so nothing else could either.
        """
        if not self._threads.acquire(timeout=self._timeout):
            raise LibraryBusy(self._named())
        try:
            if self._depth == 0:
                self._take()
                self._turns += 1
                self._thread = threading.get_ident()
            self._depth += 1
        except BaseException:
            self._threads.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._depth -= 1
            if self._depth == 0 and self._descriptor is not None:
                self._thread = None
                descriptor, self._descriptor = self._descriptor, None
                os.close(descriptor)  # which lets go of the lock
        finally:
            self._threads.release()

    def turn(self) -> int | None:
        """The number of this hold of the lock; None when this thread doesn't hold it."""
        return self._turns if self._thread == threading.get_ident() else None

    def _take(self) -> None:
        deadline = time.monotonic() + self._timeout
        try:
            while (taken := self._tried()) is None:
                if time.monotonic() >= deadline:
                    raise LibraryBusy(self._named())
                time.sleep(random.uniform(0.1, 1) * _LONGEST_NAP)  # noqa: S311 - no secret
        except OSError as error:
            raise LibraryNotWritable(self.path, error) from error
        self._descriptor, status = taken
        self._sign(self._descriptor, status)

    def _tried(self) -> tuple[int, os.stat_result] | None:
        """The lock file, open and locked, and what the system knows of it; None while another process holds it.

        It is opened anew each time: the folder may have been put in the place of another meanwhile.
        """
        flags = os.O_RDWR | os.O_CLOEXEC
        try:
            descriptor = os.open(self.path, flags)
        except FileNotFoundError:
            self._before_making()
            self._files.make_folder(self.path.parent)  # durably: what is written into it must not vanish with its name
            descriptor = os.open(self.path, flags | os.O_CREAT, 0o600)
            os.fchmod(descriptor, 0o600)  # whatever the umask
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            status = os.fstat(descriptor)
            if _is_same(status, self.path):
                return descriptor, status
        except BlockingIOError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    def _sign(self, descriptor: int, status: os.stat_result) -> None:
        """Write who we are, unless it stands there already. Where it can't be written, one goes on without.

        Our name with a time not a minute old is left, for it reads the same, and a write costs the mark as much again.
        """
        now = self._clock()
        minute = int(now.timestamp()) // 60
        if self._signed == (status.st_ino, status.st_mtime_ns, minute):
            return
        holder = msgspec.json.encode(Holder(os.getpid(), self._program, now))
        with suppress(OSError):
            os.pwrite(descriptor, holder, 0)
            os.ftruncate(descriptor, len(holder))
            status = os.fstat(descriptor)
            self._signed = (status.st_ino, status.st_mtime_ns, minute)

    def holder(self) -> Holder | None:
        """Who took the lock last; None when nobody has, or their name can't be read."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                return msgspec.json.decode(os.read(descriptor, 4096), type=Holder)
            finally:
                os.close(descriptor)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _named(self) -> str:
        holder = self.holder()
        return str(holder) if holder else "another process"


def _is_same(status: os.stat_result, path: Path) -> bool:
    """Whether the file that was opened is still the one of this name."""
    try:
        return os.path.samestat(status, os.stat(path))  # noqa: PTH116 - a mark asks, and a Path takes longer
    except FileNotFoundError:
        return False
