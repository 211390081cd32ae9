"""The lock of a library, held during a write by one process and thread. Errors name its holder.

Reading never needs it. It is a lock of the operating system (`flock`), so it is released at once when its process is
killed, and a lock file left behind means nothing. The holder writes its name into the file.
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

from florilege.files import open_file
from florilege.store.errors import LibraryBusy, LibraryNotWritable
from florilege.store.files import Files
from florilege.text import clean_line

_LONGEST_NAP = 0.01
"""Maximum seconds between two tries while another process writes. Randomised, so that waiting processes don't
collide again and again."""
_LONGEST_NAME = 200
"""Maximum length in bytes of the name of a holder in an error."""


class LibraryLock:
    """A reentrant lock between processes and threads, used as a context manager.

    Args:
        folder: The library; made if it is missing.
        clock: Returns the current time, with zone.
        program: The name of this process, written into the lock file.
        timeout: Seconds to wait for the lock.
        files: The file operations used to make the folder.
        before_making: Called before the folder or the lock file is made; raises to prevent that.
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
        self._thread: int | None = None  # the one that holds the lock
        self._descriptor: int | None = None
        self._signed: tuple[int, int, bytes] | None = None

    def __enter__(self) -> None:
        """Take the lock.

        Raises:
            LibraryBusy: It could not be taken in time; the message names the holder.
            LibraryNotWritable: The lock file can't be made, so nothing else could be written either.
        """
        if not self._threads.acquire(timeout=self._timeout):
            raise LibraryBusy(self._holder())
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
                os.close(descriptor)  # this releases the lock
        finally:
            self._threads.release()

    def turn(self) -> int | None:
        """A number that differs each time the lock is taken; None when this thread doesn't hold it."""
        return self._turns if self._thread == threading.get_ident() else None

    def _take(self) -> None:
        deadline = time.monotonic() + self._timeout
        try:
            while (taken := self._tried()) is None:
                if time.monotonic() >= deadline:
                    raise LibraryBusy(self._holder())
                time.sleep(random.uniform(0.1, 1) * _LONGEST_NAP)  # noqa: S311 - no secret
        except OSError as error:
            raise LibraryNotWritable(self.path, error) from error
        self._descriptor, status = taken
        self._sign(self._descriptor, status)

    def _tried(self) -> tuple[int, os.stat_result] | None:
        """Try to lock the file. Returns its descriptor and stat result; None while another process holds the lock.

        The file is opened again on each try, since the folder may have been replaced meanwhile.
        """
        flags = os.O_RDWR | os.O_CLOEXEC
        try:
            descriptor = os.open(self.path, flags)
        except FileNotFoundError:
            self._before_making()
            self._files.make_folder(self.path.parent)  # durably: a folder lost in a crash would lose the logs in it
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
        """Write the name of this process into the lock file, ignoring errors.

        A name that this process wrote within the same minute is kept: it reads the same, and another write would double
        the time a mark takes.
        """
        name = f"{self._program} (process {os.getpid()}, since {self._clock().astimezone():%H:%M})".encode()
        if self._signed == (status.st_ino, status.st_mtime_ns, name):
            return
        with suppress(OSError):
            os.pwrite(descriptor, name, 0)
            os.ftruncate(descriptor, len(name))
            status = os.fstat(descriptor)
            self._signed = (status.st_ino, status.st_mtime_ns, name)

    def _holder(self) -> str:
        """The name of the process that last took the lock."""
        name = b""
        with suppress(OSError):
            descriptor = open_file(self.path)
            try:
                name = os.read(descriptor, _LONGEST_NAME)
            finally:
                os.close(descriptor)
        return clean_line(name.decode("utf-8", "replace")) or "another process"


def _is_same(status: os.stat_result, path: Path) -> bool:
    """Whether an opened file is still the one at this path."""
    try:
        return os.path.samestat(status, os.stat(path))  # noqa: PTH116 - called for each mark, and Path.stat is slower
    except FileNotFoundError:
        return False
