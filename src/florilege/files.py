"""Reading regular files without blocking on pipes or devices, and writing files atomically. Used by all packages."""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from florilege.model import FlorilegeError
from florilege.text import clean_line


class NotWritten(FlorilegeError):
    """A file could not be written and is unchanged. The message says why."""


LARGEST = 64 << 20
"""Maximum size in bytes of a file of florilege's own, or of the user's settings."""


def open_file(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a regular file and return its descriptor, which the caller closes.

    Anything else (a folder, a pipe, a device) is refused, since it could block or be endless.

    Raises:
        OSError: It is not a regular file, or can't be opened.
    """
    descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0), 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "it is not a file")
    return descriptor


def read_file(path: Path) -> bytes:
    """The content of a file.

    Raises:
        OSError: It is not a regular file, can't be read, or is larger than `LARGEST`.
    """
    with os.fdopen(open_file(path), "rb") as file:
        if os.fstat(file.fileno()).st_size > LARGEST:
            raise OSError(0, f"it is larger than {LARGEST >> 20} megabytes")
        return file.read()


def write_atomically(path: Path, content: bytes | Iterable[str], *, new: bool = False, private: bool = True) -> None:
    """Write a file durably, as a whole or not at all.

    A symbolic link is followed, and an existing file keeps its permissions.

    Args:
        path: The file.
        content: Its new content; pieces of text are written in UTF-8.
        new: Whether the file must not exist yet.
        private: Whether a new file is readable by its owner only, and a missing folder is made. Otherwise permissions
            follow the umask, and the folder must exist.

    Raises:
        FileExistsError: The file exists, and `new` is set.
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
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: a NUL in its name; RuntimeError: a loop of links
        if new and isinstance(error, FileExistsError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise NotWritten(clean_line(f"{path} can't be written ({reason}).")) from error
    finally:
        if beside is not None:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def make_private_folder(folder: Path) -> None:
    """Make a folder and its missing parents, for their owner only whatever the umask. Existing ones are left alone.

    Raises:
        OSError: It can't be made.
    """
    if not folder.is_dir():
        make_private_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder to disk, so that the names in it would survive a power cut.

    Raises:
        OSError: The folder can't be opened or flushed.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put(beside: Path, path: Path) -> None:
    """Move a file to its final name, unless that name is taken.

    Raises:
        FileExistsError: It is taken.
    """
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, where checking the name first is not atomic
        if path.exists():
            raise FileExistsError from None
        beside.replace(path)
