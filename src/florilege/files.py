"""Files read without ever waiting, and written as a whole or not at all, for every room that reads or writes one."""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from florilege.model import FlorilegeError
from florilege.text import clean_line


class NotWritten(FlorilegeError):
    """A file could not be written; it is as it was. The text says why."""


LARGEST = 64 << 20
"""Bytes of a file of our own, or of the reader's settings, at most."""


def open_file(path: Path, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """Open a file; the descriptor is closed by the caller. What is no file (a folder, a pipe, a device) is refused.

    So it is never waited for, nor read without end.

    Raises:
        OSError: It is none, or can't be opened.
    """
    descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0), mode)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "it is not a file")
    return descriptor


def read_file(path: Path) -> bytes:
    """The content of a file.

    Raises:
        OSError: It is none, can't be read, or is too large.
    """
    with os.fdopen(open_file(path), "rb") as file:
        if os.fstat(file.fileno()).st_size > LARGEST:
            raise OSError(0, f"it is larger than {LARGEST >> 20} megabytes")
        return file.read()


def write_atomically(path: Path, content: bytes | Iterable[str], *, new: bool = False, private: bool = True) -> None:
    """Make this the content of a file, durably.

    The file a link leads to is written, and the permissions of one that is there stay.

    Args:
        path: The file.
        content: What shall be in it; pieces of text are written in UTF-8.
        new: Whether it must not be there yet.
        private: Whether a new one is for its owner alone, and its folder is made where it is missing; else permissions
            are the usual ones, and the folder has to be there.

    Raises:
        FileExistsError: It is there, and must not be.
        NotWritten: It can't be written.
    """
    beside: Path | None = None
    try:
        place = path.resolve() if path.is_symlink() else path
        if private:
            make_private_folder(place.parent)
        beside = place.with_name(f".{place.name[:100]}.{os.urandom(8).hex()}.tmp")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "wb") as file:
            if private:
                os.fchmod(descriptor, 0o600)  # whatever the umask
            for piece in (content,) if isinstance(content, bytes) else content:
                file.write(piece if isinstance(piece, bytes) else piece.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            beside.chmod(stat.S_IMODE(place.stat().st_mode))
        if new:
            _put(beside, place)
        else:
            beside.replace(place)
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: a NUL in its name; RuntimeError: links in a ring
        if new and isinstance(error, FileExistsError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise NotWritten(clean_line(f"{path} can't be written ({reason}).")) from error
    finally:
        if beside is not None:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it, for their owner alone whatever the umask. One that is there stays as it is.

    Raises:
        OSError: It can't be made.
    """
    if not folder.is_dir():
        make_private_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder would survive a power cut.

    Raises:
        OSError: The disk is broken.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put(beside: Path, path: Path) -> None:
    """Give a file its name, unless another one bears it.

    Raises:
        FileExistsError: One does.
    """
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the look at the name was a moment ago
        if path.exists():
            raise FileExistsError from None
        beside.replace(path)
