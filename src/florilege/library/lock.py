"""The lock of a library: held for one write, by one process and thread; it names its holder when it can't be had.

No reading is ever behind it. The lock file itself says nothing (filelock may empty it), so the holder writes its name
into `lock.holder` beside it.
"""

import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec

from florilege.library.errors import LibraryBusy, LibraryNotWritable

if TYPE_CHECKING:
    from filelock import FileLock


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock, as written in `lock.holder`."""

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
    """

    def __init__(
        self, folder: Path, *, clock: Callable[[], datetime], program: str = "florilege", timeout: float = 5.0
    ) -> None:
        self.path = folder / "lock"
        self._clock = clock
        self._program = program
        self._timeout = timeout
        self._threads = threading.RLock()
        self._depth = 0
        self._file: FileLock | None = None

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
            self._depth += 1
        except BaseException:
            self._threads.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._depth -= 1
            if self._depth == 0 and self._file is not None:
                self._file.release()
        finally:
            self._threads.release()

    def _take(self) -> None:
        import filelock  # 40 ms to import: not before the first paint, and not for reading

        try:
            if self._file is None:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                # Threads are kept apart above; a lock local to a thread could not be released by another.
                self._file = filelock.FileLock(self.path, timeout=self._timeout, mode=0o600, thread_local=False)
            self._file.acquire(poll_interval=0.01)
        except filelock.Timeout:
            raise LibraryBusy(self._named()) from None
        except (OSError, NotImplementedError) as error:
            self._file = None
            reason = error if isinstance(error, OSError) else OSError(str(error))
            raise LibraryNotWritable(self.path, reason) from error
        self._sign()

    def _sign(self) -> None:
        """Write who we are. A name that can't be written (a full disk) is no reason not to go on."""
        holder = msgspec.json.encode(Holder(os.getpid(), self._program, self._clock()))
        try:
            descriptor = os.open(self._signature, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return
        try:
            os.pwrite(descriptor, holder, 0)
            if os.fstat(descriptor).st_size > len(holder):
                os.ftruncate(descriptor, len(holder))
        except OSError:
            return
        finally:
            os.close(descriptor)

    @property
    def _signature(self) -> Path:
        return self.path.with_name("lock.holder")

    def holder(self) -> Holder | None:
        """Who took the lock last; None when nobody has, or their name can't be read."""
        try:
            return msgspec.json.decode(self._signature.read_bytes(), type=Holder)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _named(self) -> str:
        holder = self.holder()
        return str(holder) if holder else "another process"
