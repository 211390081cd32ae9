"""Documents from this machine: files and standard input. Blocking calls run in a thread; failures are values."""

import asyncio
import stat
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from florilege.net.sentences import too_large
from florilege.net.values import DEFAULT_LIMITS, Answer, FailureReason, Fetched, FetchFailure, Limits, NotModified
from florilege.text import clean_line

_SETTLED = 2.0
"""Seconds after which a file's time of change can be trusted to move at the next change: clocks of file systems tick
coarsely (2 s on FAT)."""


async def read_file(path: Path, *, now: datetime, etag: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Answer:
    """Read a file.

    Args:
        path: any path; a link is followed.
        now: the current time, with zone.
        etag: what `Fetched.etag` said last time; a file that still has the same time of change, size and number is
            not read again.
        limits: `file` is the greatest size, in bytes.
    """
    return await asyncio.to_thread(_read_file, path, now, etag, limits.file)


async def read_stream(stream: BinaryIO, *, name: str = "Standard input", limits: Limits = DEFAULT_LIMITS) -> Answer:
    """Read a stream to its end; `name` stands in sentences."""
    return await asyncio.to_thread(_read_stream, stream, name, limits.file)


def _read_file(path: Path, now: datetime, etag: str | None, limit: int) -> Answer:
    shown = clean_line(str(path))
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # a pipe or a device could keep us waiting for ever
            what = "a folder: name a file in it" if stat.S_ISDIR(facts.st_mode) else "not a file: pipe it in, with -"
            return FetchFailure(f"{shown} is {what}.", FailureReason.FILE_UNREADABLE)
        mark = f"{facts.st_mtime_ns}-{facts.st_size}-{facts.st_ino}"
        if mark == etag:
            return NotModified()
        with path.open("rb") as file:
            body = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the name
        return FetchFailure(f"There is no file {shown}: check its name.", FailureReason.FILE_MISSING)
    except OSError as error:
        why = clean_line(error.strerror or "unknown reason").lower()
        return FetchFailure(
            f"{shown} can't be read ({why}): check its permissions and its disk.", FailureReason.FILE_UNREADABLE
        )
    settled = now.timestamp() - facts.st_mtime > _SETTLED
    return _checked(body, shown, limit, mark if settled else None)


def _read_stream(stream: BinaryIO, name: str, limit: int) -> Answer:
    try:
        body = stream.read(limit + 1)
    except OSError as error:
        why = clean_line(error.strerror or "unknown reason").lower()
        return FetchFailure(f"{name} can't be read ({why}): name a file instead.", FailureReason.FILE_UNREADABLE)
    return _checked(body, name, limit, None)


def _checked(body: bytes, shown: str, limit: int, mark: str | None) -> Answer:
    if len(body) > limit:
        return too_large(shown, limit, "take it apart first")
    if not body.strip():
        return FetchFailure(
            f"{shown} is empty, and nothing was changed: check that it was saved whole.", FailureReason.EMPTY
        )
    return Fetched(body, etag=mark)
