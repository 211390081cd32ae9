"""Reads local documents: files and standard input. Blocking calls run in a thread; failures are returned as values."""

import asyncio
import stat
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from florilege.net.answers import MIB, Answer, FailureReason, Fetched, FetchFailure, NotModified, failure
from florilege.text import clean_line

FILE_LIMIT = 64 * MIB
"""Maximum bytes of a file or of standard input."""
_SETTLED = 2.0
"""Age in seconds from which a file's modification time can be relied on to differ after the next change, since file
systems have coarse timestamps (2 s on FAT)."""


async def read_file(path: Path, *, now: datetime, etag: str | None = None, limit: int = FILE_LIMIT) -> Answer:
    """Read a file.

    Args:
        path: the path; links are followed.
        now: the current time, with zone.
        etag: the `Fetched.etag` of last time; a file with the same modification time, size and inode is not read again.
        limit: the maximum size in bytes.
    """
    return await asyncio.to_thread(_read_file, path, now, etag, limit)


async def read_stream(stream: BinaryIO, *, name: str = "Standard input", limit: int = FILE_LIMIT) -> Answer:
    """Read a stream to its end; `name` is used in messages."""
    return await asyncio.to_thread(_read_stream, stream, name, limit)


def _read_file(path: Path, now: datetime, etag: str | None, limit: int) -> Answer:
    shown = clean_line(str(path))
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # a pipe or a device could block forever
            is_folder = stat.S_ISDIR(facts.st_mode)
            what, advice = ("a folder", "name a file in it") if is_folder else ("not a file", "pipe it in, with -")
            return FetchFailure(FailureReason.FILE_UNREADABLE, f"{shown} is {what}", advice)
        mark = f"{facts.st_mtime_ns}-{facts.st_size}-{facts.st_ino}"
        if mark == etag:
            return NotModified()
        with path.open("rb") as file:
            body = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the name
        return failure(FailureReason.FILE_MISSING, shown)
    except OSError as error:
        return _unreadable(shown, error)
    settled = now.timestamp() - facts.st_mtime > _SETTLED
    return _checked(body, shown, limit, mark if settled else None)


def _read_stream(stream: BinaryIO, name: str, limit: int) -> Answer:
    try:
        body = stream.read(limit + 1)
    except OSError as error:
        return _unreadable(name, error, "name a file instead")
    return _checked(body, name, limit, None)


def _unreadable(shown: str, error: OSError, advice: str | None = None) -> FetchFailure:
    why = clean_line(error.strerror or "unknown reason").lower()
    return failure(FailureReason.FILE_UNREADABLE, shown, why, advice=advice)


def _checked(body: bytes, shown: str, limit: int, mark: str | None) -> Answer:
    if len(body) > limit:
        return failure(FailureReason.TOO_LARGE, shown, f"{limit / MIB:.3g} MiB", advice="take it apart first")
    if not body.strip():
        what, advice = f"{shown} is empty, and nothing was changed", "check that it was saved whole"
        return FetchFailure(FailureReason.EMPTY, what, advice)
    return Fetched(body, etag=mark)
