"""The few operations on files that a log needs. Nothing else in the library touches the disk.

They stand behind one small object so that a test can cut a write at any byte, fill the disk or break it.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from florilege.files import make_private_folder, open_file, sync_folder
from florilege.store.errors import LibraryNotWritable


class Files:
    """The real disk. Every method raises `OSError` when it fails."""

    def open(self, path: Path, flags: int) -> int:
        """Open a file, for its owner alone when it is made here; the descriptor is closed by the caller."""
        descriptor = open_file(path, flags)
        if flags & os.O_CREAT:
            os.fchmod(descriptor, 0o600)  # whatever the umask
        return descriptor

    def stat(self, path: Path) -> os.stat_result:
        """What the system knows of a path."""
        return os.stat(path)  # noqa: PTH116 - a mark asks several times, and a Path takes longer to ask

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        """So many bytes from this place; fewer when the file ends before."""
        parts = []
        while size > 0 and (part := os.pread(descriptor, size, offset)):
            parts.append(part)
            size -= len(part)
            offset += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def content(self, path: Path) -> bytes:
        """All bytes of a file."""
        descriptor = self.open(path, os.O_RDONLY)
        try:
            return self.read(descriptor, os.fstat(descriptor).st_size, 0)
        finally:
            os.close(descriptor)

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        """Write at this place in one call, and say how many bytes went: fewer than given when the disk is full."""
        return os.pwrite(descriptor, data, offset)

    def truncate(self, descriptor: int, length: int) -> None:
        """Cut a file to this length in bytes."""
        os.ftruncate(descriptor, length)

    def sync(self, descriptor: int) -> None:
        """Return when the bytes of the file, and its length, would survive a power cut."""
        getattr(os, "fdatasync", os.fsync)(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Return when the names in a folder would survive a power cut."""
        sync_folder(folder)

    def make_folder(self, folder: Path) -> None:
        """Make a folder for its owner alone, and those above it, durably; one that is there stays as it is."""
        make_private_folder(folder)

    def replace(self, source: Path, target: Path) -> None:
        """Put a file in the place of another, at once."""
        source.replace(target)

    def keep(self, source: Path, target: Path) -> None:
        """Give a file a second name, or copy it where the file system knows no hard links."""
        try:
            target.hardlink_to(source)
        except FileExistsError:
            raise
        except OSError:
            shutil.copyfile(source, target)

    def remove(self, path: Path) -> None:
        """Remove a file; one that is not there is no failure."""
        path.unlink(missing_ok=True)


def sibling(path: Path, suffix: str) -> Path:
    """The file beside a log with this ending: `.previous`, or after a crash `.new` and `.keep`."""
    return path.with_name(path.name + suffix)


def put_whole(files: Files, path: Path, parts: Iterable[bytes], *, kept_as: str = ".previous") -> None:
    """Make or replace a log, complete or not at all. The generation before stays beside it, under this ending.

    Raises:
        LibraryNotWritable: The disk is full, read-only or broken. The log is as it was.
    """
    path = Path(os.path.realpath(path))  # a link stays one
    fresh, kept = sibling(path, ".new"), sibling(path, ".keep")
    is_new = False
    try:
        is_new = not path.exists()
        files.make_folder(path.parent)
        files.remove(fresh)
        _write(files, fresh, parts)
        if not is_new:
            # A second name first, so that there is no moment without a generation before.
            files.remove(kept)
            files.keep(path, kept)
            files.replace(kept, sibling(path, kept_as))
        files.replace(fresh, path)
        files.sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):  # on a full disk, of all places, nothing half written should lie about
            files.remove(fresh)
            if is_new:  # it may have its name already, and was not said to be written
                files.remove(path)
        raise LibraryNotWritable(path, error) from error


def remove_log(files: Files, path: Path) -> None:
    """Remove a log and what stands beside it. One that is not there is no failure.

    Raises:
        LibraryNotWritable: It could not be removed.
    """
    try:
        for suffix in ("", ".previous", ".new", ".keep"):
            files.remove(sibling(path, suffix))
        if path.parent.is_dir():
            files.sync_folder(path.parent)
    except OSError as error:
        raise LibraryNotWritable(path, error) from error


def write_all(files: Files, descriptor: int, data: bytes, offset: int) -> int:
    """Write all of it: one call, and more only where the system took less. Returns the place after it."""
    while data:
        written = files.write(descriptor, data, offset)
        data = data[written:]
        offset += written
    return offset


def _write(files: Files, path: Path, parts: Iterable[bytes]) -> None:
    descriptor = files.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        place = 0
        for part in parts:
            place = write_all(files, descriptor, part, place)
        files.sync(descriptor)
    finally:
        os.close(descriptor)
