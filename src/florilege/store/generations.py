"""Writing a whole log anew, as its next generation: under another name first, then in the place of the old, at once.

The generation before stays beside it as `NAME.previous`; one of an earlier schema as `NAME.schema-1` too, where no
later generation takes its place. Knows bytes and names of files; what is in them is the log's affair.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from florilege.store.errors import LibraryNotWritable
from florilege.store.files import Files

BESIDE = (".previous", ".new", ".keep")
"""What may stand beside a log, by the end of its name; the last two only after a crash."""


def beside(path: Path, suffix: str) -> Path:
    """The file beside a log."""
    return path.with_name(path.name + suffix)


def create(files: Files, path: Path, parts: Iterable[bytes]) -> None:
    """Make a log that is not there yet, complete, or not at all.

    Raises:
        LibraryNotWritable: The disk is full, read-only or broken.
    """
    try:
        files.make_folder(path.parent)
    except OSError as error:
        raise LibraryNotWritable(path, error) from error
    _put(files, path, parts, ())


def replace(
    files: Files, path: Path, parts: Iterable[bytes], schema: int | None = None, *, keeps_previous: bool = True
) -> None:
    """Put other bytes in the place of a log, and keep the generation before.

    Args:
        files: The disk.
        path: The log.
        parts: What it shall be.
        schema: The schema of the file there is, when that is an earlier one.
        keeps_previous: Whether the file there is shall be the generation before; a damaged one should not.

    Raises:
        LibraryNotWritable: The disk is full, read-only or broken. The log is as it was.
    """
    kept = [".previous"] if keeps_previous else []
    _put(files, path, parts, kept if schema is None else [*kept, f".schema-{schema}"])


def remove(files: Files, path: Path) -> None:
    """Remove a log and what stands beside it. One that is not there is no failure.

    Raises:
        LibraryNotWritable: It could not be removed.
    """
    try:
        files.remove(path)
        for suffix in BESIDE:
            files.remove(beside(path, suffix))
        for old in path.parent.glob(f"{path.name}.schema-*"):
            files.remove(old)
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


def _put(files: Files, path: Path, parts: Iterable[bytes], kept: Iterable[str]) -> None:
    fresh = beside(path, ".new")
    try:
        _write(files, fresh, parts)
        for suffix in kept:
            # A second name first, so that there is no moment without a generation before.
            files.remove(beside(path, ".keep"))
            files.keep(path, beside(path, ".keep"))
            files.replace(beside(path, ".keep"), beside(path, suffix))
        files.replace(fresh, path)
        files.sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):  # on a full disk, of all places, nothing half written should lie about
            files.remove(fresh)
        raise LibraryNotWritable(path, error) from error


def _write(files: Files, path: Path, parts: Iterable[bytes]) -> None:
    descriptor = files.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        place = 0
        for part in parts:
            place = write_all(files, descriptor, part, place)
        files.sync(descriptor)
    finally:
        files.close(descriptor)
