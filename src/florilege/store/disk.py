"""The disk under a library: file operations that tests replace, logs written as a whole, and the lock.

The lock is held during a write by one process and thread; reading never needs it. It is a lock of the operating system
(`flock`), so it is released at once when its process is killed, and a lock file left behind means nothing. The holder
writes its name into the file.
"""

import fcntl
import os
import random
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType

from florilege.files import make_private_folder, open_file, sync_folder
from florilege.store.errors import LibraryBusy, LibraryNotWritable
from florilege.text import clean_line

_LONGEST_WAIT = 0.01
"""Maximum seconds between two tries while another process writes. Randomised, so that waiting processes don't
collide again and again."""
_LONGEST_NAME = 200
"""Maximum length in bytes of the name of a holder in an error."""
_PROCESS = re.compile(r"\(process (\d{1,19}),")


class Files:
    """The file operations that a library needs; its logs are written by no others. A test can cut or fail each of them.

    Every method raises `OSError` when it fails.
    """

    def open(self, path: Path, flags: int) -> int:
        """Open a file and return its descriptor, which the caller closes. With O_CREAT it is for its owner only."""
        descriptor = open_file(path, flags)
        if flags & os.O_CREAT:
            os.fchmod(descriptor, 0o600)  # whatever the umask
        return descriptor

    def stat(self, path: Path) -> os.stat_result:
        """The stat result of a path."""
        return os.stat(path)  # noqa: PTH116 - called several times for each mark, and Path.stat is slower

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        """Read `size` bytes from an offset; fewer when the file ends before."""
        parts = []
        while size > 0 and (part := os.pread(descriptor, size, offset)):
            parts.append(part)
            size -= len(part)
            offset += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def content(self, path: Path) -> bytes:
        """The whole content of a file."""
        descriptor = self.open(path, os.O_RDONLY)
        try:
            return self.read(descriptor, os.fstat(descriptor).st_size, 0)
        finally:
            os.close(descriptor)

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        """Write at an offset in one call and return how many bytes were written: fewer than given on a full disk."""
        return os.pwrite(descriptor, data, offset)

    def write_all(self, descriptor: int, data: bytes, offset: int) -> int:
        """Write all of the data, in several calls only if the system writes less. Returns the offset after it."""
        while data:
            written = self.write(descriptor, data, offset)
            data = data[written:]
            offset += written
        return offset

    def truncate(self, descriptor: int, length: int) -> None:
        """Cut a file to this length in bytes."""
        os.ftruncate(descriptor, length)

    def sync(self, descriptor: int) -> None:
        """Flush a file to disk, so that its bytes and its length would survive a power cut."""
        getattr(os, "fdatasync", os.fsync)(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Flush a folder to disk, so that the names in it would survive a power cut."""
        sync_folder(folder)

    def make_folder(self, folder: Path) -> None:
        """Make a folder and its missing parents durably, for their owner only. Existing ones are left alone."""
        make_private_folder(folder)

    def replace(self, source: Path, target: Path) -> None:
        """Replace a file by another atomically."""
        source.replace(target)

    def keep(self, source: Path, target: Path) -> None:
        """Give a file a second name by a hard link, or copy it where the file system has none."""
        try:
            target.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, target)

    def remove(self, path: Path) -> None:
        """Remove a file, if it exists."""
        path.unlink(missing_ok=True)


def sibling(path: Path, suffix: str) -> Path:
    """The file beside a log with this suffix: `.previous`; `.new` or `.keep` during a write and after a crash."""
    return path.with_name(path.name + suffix)


def write_whole(files: Files, path: Path, parts: Iterable[bytes], *, kept_as: str = ".previous") -> None:
    """Make or replace a log atomically. The previous generation is kept beside it, with the suffix `kept_as`.

    Raises:
        LibraryNotWritable: The disk is full, read-only or broken. The log is as it was.
    """
    path = Path(os.path.realpath(path))  # a symbolic link is followed, not replaced
    fresh, kept = sibling(path, ".new"), sibling(path, ".keep")
    is_new = False
    try:
        is_new = not path.exists()
        files.make_folder(path.parent)
        files.remove(fresh)
        descriptor = files.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        try:
            place = 0
            for part in parts:
                place = files.write_all(descriptor, part, place)
            files.sync(descriptor)
        finally:
            os.close(descriptor)
        if not is_new:
            # A second name first, so that a previous generation exists at every moment.
            files.remove(kept)
            files.keep(path, kept)
            files.replace(kept, sibling(path, kept_as))
        files.replace(fresh, path)
        files.sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):  # leave nothing half written, least of all on a full disk
            files.remove(fresh)
            if is_new:  # it may have its final name already, though the write is reported as failed
                files.remove(path)
        raise LibraryNotWritable(path, error) from error


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
            while (taken := self._try_lock()) is None:
                if time.monotonic() >= deadline:
                    raise LibraryBusy(self._holder())
                time.sleep(random.uniform(0.1, 1) * _LONGEST_WAIT)  # noqa: S311 - no secret
        except OSError as error:
            raise LibraryNotWritable(self.path, error) from error
        self._descriptor, status = taken
        self._sign(self._descriptor, status)

    def _try_lock(self) -> tuple[int, os.stat_result] | None:
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
        words = clean_line(name.decode("utf-8", "replace"))
        signer = _PROCESS.search(words)
        if signer is None:
            return words or "another process"
        try:
            os.kill(int(signer[1]), 0)
        except ProcessLookupError:
            return f"another process; {words} held it last and is no longer running"
        except (OSError, OverflowError):
            pass  # a process of another user, or no number of one
        return words


def _is_same(status: os.stat_result, path: Path) -> bool:
    """Whether an opened file is still the one at this path."""
    try:
        return os.path.samestat(status, os.stat(path))  # noqa: PTH116 - called for each mark, and Path.stat is slower
    except FileNotFoundError:
        return False
