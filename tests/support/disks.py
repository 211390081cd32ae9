"""Failing disks: full, broken, or cut off at any byte. Passed to a log or library in place of the real disk."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from florilege.store.disk import Files


class Failing(Files):
    """A disk that fails after this many bytes, or fails to sync."""

    def __init__(self, error: int = errno.EIO, room: int = 1 << 30) -> None:
        self.error = error
        self.room = room
        self.syncs = True

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        if self.room <= 0:
            raise OSError(self.error, os.strerror(self.error))
        written = super().write(descriptor, data[: self.room], offset)
        self.room -= written
        return written

    def sync(self, descriptor: int) -> None:
        if not self.syncs:
            raise OSError(self.error, os.strerror(self.error))
        super().sync(descriptor)


class Faulty(Files):
    """A disk that fails once, after this many successful steps."""

    def __init__(self, steps: int, error: int) -> None:
        self.steps = steps
        self.error = error

    def _step(self) -> None:
        self.steps -= 1
        if self.steps == -1:
            raise OSError(self.error, os.strerror(self.error))

    def open(self, path: Path, flags: int) -> int:
        self._step()
        return super().open(path, flags)

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        if self.steps == 0:  # a failed write may have been done in part
            super().write(descriptor, data[: len(data) // 2], offset)
        self._step()
        return super().write(descriptor, data, offset)

    def sync(self, descriptor: int) -> None:
        self._step()
        super().sync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        self._step()
        super().sync_folder(folder)

    def replace(self, source: Path, target: Path) -> None:
        self._step()
        super().replace(source, target)

    def keep(self, source: Path, target: Path) -> None:
        self._step()
        super().keep(source, target)

    def remove(self, path: Path) -> None:
        self._step()
        super().remove(path)


class PowerCut(BaseException):
    """Raised when the power is cut; no `except` of the program may catch it."""


class Cutting(Files):
    """A disk whose power is cut after this many steps: each byte written is a step, as is any other change.

    Args:
        steps: How many are done before the cut.
        forgets: Whether bytes and file names that were not synced are lost in the cut, as they may be; otherwise
            everything is kept.
    """

    def __init__(self, steps: int, *, forgets: bool = False) -> None:
        self.steps = steps
        self.forgets = forgets
        self.is_off = False
        self._paths: dict[int, Path] = {}
        self._durable: dict[int, bytes] = {}  # inode -> synced content of a file that has been written to since
        self._names: dict[
            Path, list[Callable[[], object]]
        ] = {}  # folder -> how to take back what was done in it since its last sync

    def open(self, path: Path, flags: int) -> int:
        if flags & (os.O_CREAT | os.O_TRUNC):
            self._step()
            if not path.exists():
                self._remember(path)
        descriptor = super().open(path, flags)
        self._paths[descriptor] = path
        if flags & os.O_TRUNC:
            self._durable.setdefault(os.fstat(descriptor).st_ino, b"")
        return descriptor

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        self._touch(descriptor)
        left = min(self.steps, len(data))
        written = super().write(descriptor, data[:left], offset) if left else 0
        self.steps -= left
        if left < len(data):
            self._cut()
        return written

    def truncate(self, descriptor: int, length: int) -> None:
        self._step()
        self._touch(descriptor)
        super().truncate(descriptor, length)

    def sync(self, descriptor: int) -> None:
        self._step()
        super().sync(descriptor)
        self._durable.pop(os.fstat(descriptor).st_ino, None)

    def sync_folder(self, folder: Path) -> None:
        self._step()
        super().sync_folder(folder)
        self._names.pop(folder, None)

    def make_folder(self, folder: Path) -> None:
        self._step()
        is_new = not folder.exists()
        super().make_folder(folder)
        if is_new:  # until it is synced it may be lost
            # Only the innermost is taken back: the folders above are not the library's.
            self._names.setdefault(folder.parent, []).append(lambda: shutil.rmtree(folder, ignore_errors=True))
            self.sync_folder(folder.parent)

    def replace(self, source: Path, target: Path) -> None:
        self._step()
        self._remember(target)
        self._remember(source)
        super().replace(source, target)

    def keep(self, source: Path, target: Path) -> None:
        self._step()
        self._remember(target)
        super().keep(source, target)

    def remove(self, path: Path) -> None:
        self._step()
        self._remember(path)
        super().remove(path)

    def _remember(self, path: Path) -> None:
        """Record how to restore a name, with the synced content of its file."""
        try:
            content = self._durable.get(path.stat().st_ino, path.read_bytes())
        except FileNotFoundError:
            content = None

        def put_back() -> None:
            path.unlink(missing_ok=True)  # not written in place: this may be a second name of another file
            if content is not None:
                path.write_bytes(content)

        self._names.setdefault(path.parent, []).append(put_back)

    def _touch(self, descriptor: int) -> None:
        inode = os.fstat(descriptor).st_ino
        if inode not in self._durable:
            self._durable[inode] = self._paths[descriptor].read_bytes()

    def _step(self) -> None:
        if self.steps <= 0:
            self._cut()
        self.steps -= 1

    def _cut(self) -> None:
        if not self.is_off and self.forgets:
            for put_back in [act for acts in self._names.values() for act in reversed(acts)]:
                put_back()
            for folder in {path.parent for path in self._paths.values()}:
                for file in folder.iterdir() if folder.exists() else ():
                    if file.is_file() and file.stat().st_ino in self._durable:
                        file.write_bytes(self._durable[file.stat().st_ino])
        self.is_off = True
        raise PowerCut
