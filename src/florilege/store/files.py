"""The file operations that a log needs. Nothing else in the library writes its data to disk.

They are methods of one small class, so that a test can cut a write at any byte, fill the disk or make it fail.
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
        except FileExistsError:
            raise
        except OSError:
            shutil.copyfile(source, target)

    def remove(self, path: Path) -> None:
        """Remove a file, if it exists."""
        path.unlink(missing_ok=True)


def sibling(path: Path, suffix: str) -> Path:
    """The file beside a log with this suffix: `.previous`; `.new` or `.keep` during a write and after a crash."""
    return path.with_name(path.name + suffix)


def put_whole(files: Files, path: Path, parts: Iterable[bytes], *, kept_as: str = ".previous") -> None:
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
        _write(files, fresh, parts)
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


def remove_log(files: Files, path: Path) -> None:
    """Remove a log, if it exists, and the files beside it: its previous generation and what a crash left.

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
    """Write all of the data, in several calls only if the system writes less. Returns the offset after it."""
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
