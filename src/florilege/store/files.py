"""The few operations on files that a log needs. Nothing else in the library touches the disk.

They stand behind one small object so that a test can cut a write at any byte, fill the disk or break it.
"""

import os
import shutil
from pathlib import Path


class Files:
    """The real disk. Every method raises `OSError` when it fails."""

    def open(self, path: Path, flags: int) -> int:
        """Open a file for its owner alone; the descriptor is closed by the caller."""
        return os.open(path, flags | os.O_CLOEXEC, 0o600)

    def close(self, descriptor: int) -> None:
        """Close a descriptor."""
        os.close(descriptor)

    def status(self, descriptor: int) -> os.stat_result:
        """What the system knows of an open file."""
        return os.fstat(descriptor)

    def stat(self, path: Path) -> os.stat_result:
        """What the system knows of a path."""
        return os.stat(path)  # noqa: PTH116 - a mark asks ten times, and a Path takes longer to ask

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        """So many bytes from this place; fewer when the file ends before."""
        parts = []
        while size > 0 and (part := os.pread(descriptor, size, offset)):
            parts.append(part)
            size -= len(part)
            offset += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

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
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def make_folder(self, folder: Path) -> None:
        """Make a folder for its owner alone, and those above it; one that is there stays as it is."""
        missing = [folder, *folder.parents]
        for parent in reversed(missing[: next((n for n, path in enumerate(missing) if path.is_dir()), 0)]):
            parent.mkdir(mode=0o700, exist_ok=True)
            self.sync_folder(parent.parent)

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
