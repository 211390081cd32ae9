"""Gets the document of a source: fetches or reads it, compares it with the last one, parses it. Stores nothing."""

import asyncio
import hashlib
import stat
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from florilege.formats import LIMIT, MEBIBYTE, Snapshot, SourceError
from florilege.formats.snapshots import resolved
from florilege.model import Source
from florilege.net import Answer, FailureReason, Fetched, Fetcher, FetchFailure, NotModified, failure, host_of
from florilege.refresh.paging import first_page, older_page
from florilege.refresh.results import Stage
from florilege.refresh.sources import is_file, waits_until
from florilege.text import clean_line

WAITING = 64 * MEBIBYTE
"""Bytes of documents waiting to be parsed at which no further requests are started."""
_LARGE = MEBIBYTE
"""Size in bytes above which a document is hashed in a thread, since that takes more than a millisecond or two."""
_SETTLED = 2.0
"""Age in seconds from which a file's modification time can be relied on to differ after the next change, since file
systems have coarse timestamps (2 s on FAT)."""


class Parser(Protocol):
    """Parses bytes to a snapshot, like `florilege.formats.pool.Parser`, which does so in separate processes."""

    async def parse(self, data: bytes, known: Callable[[], Collection[str]] = tuple) -> Snapshot:
        """Parse a document, or raise `SourceError`. `known` returns digests of entries not to be parsed again."""


@dataclass(frozen=True)
class Fresh:
    """A document that is new or has changed."""

    snapshot: Snapshot
    answer: Fetched
    """The answer without its body, which is no longer needed."""
    body_hash: str
    page: str = ""
    """The address from which it is requested, with the largest page size of the service."""

    @property
    def older(self) -> str | None:
        """The address of the page after this one; None when there is none."""
        return older_page(self.page, self.snapshot, link=self.answer.next_page)


Document = Fresh | NotModified | FetchFailure
"""The result of fetching a source. `NotModified` means that the items of the document are stored already."""


class Documents:
    """Gets documents from addresses and files.

    Args:
        fetcher: fetches addresses.
        parser: see `Parser`.
        clock: returns the current time, with zone.
        waiting: see `WAITING`; may be exceeded by the requests already under way.
    """

    def __init__(
        self, fetcher: Fetcher, parser: Parser, *, clock: Callable[[], datetime], waiting: int = WAITING
    ) -> None:
        self._fetcher = fetcher
        self._parser = parser
        self._clock = clock
        self._limit = waiting
        self._waiting = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    def record_retry_at(self, source: Source) -> None:
        """Send no requests to the host of a source until the time it asked us to wait for."""
        until = waits_until(source, self._clock())
        if until is not None:
            self._fetcher.record_retry_at(source.waits_at or host_of(source.address), until)

    async def get(
        self,
        source: Source,
        on_stage: Callable[[Stage], None],
        *,
        anew: bool = False,
        known: Callable[[], Collection[str]] = tuple,
    ) -> Document:
        """Get the current document of a source.

        Args:
            source: the source, with the validators of its last document.
            on_stage: called at the beginning of each stage.
            anew: whether to ignore the validators, and get the document even if it is unchanged.
            known: returns digests of entries not to be parsed again; called in a thread, if there is a document.
        """
        if anew:
            source = Source(address=source.address, since=source.since)
        if is_file(source):
            on_stage(Stage.FETCHING)
            answer = await asyncio.to_thread(read_file, Path(source.address), now=self._clock(), etag=source.etag)
        else:
            answer = await self._fetcher.fetch(
                first_page(source.address, source.since),
                etag=source.etag,
                last_modified=source.last_modified,
                begin=partial(self._begin, on_stage),
            )
        if isinstance(answer, Fetched):
            return await self.read(answer, on_stage, source=source, known=tuple if anew else known)
        if isinstance(answer, FetchFailure) and answer.reason is FailureReason.FILE_MISSING and source.body_hash:
            return NotModified()  # an export that was read once and cleared away: its items stay
        return answer

    async def read(
        self,
        answer: Fetched,
        on_stage: Callable[[Stage], None],
        *,
        source: Source | None = None,
        known: Callable[[], Collection[str]] = tuple,
    ) -> Document:
        """Parse a document and resolve its relative addresses, unless it is the same as the source had last time."""
        is_large = len(answer.body) > _LARGE
        body_hash = await asyncio.to_thread(_hashed, answer.body) if is_large else _hashed(answer.body)
        address = answer.address or source.address if source else ""
        if source and body_hash == source.body_hash:
            return NotModified(answer.etag, answer.last_modified, answer.address, answer.max_age)
        on_stage(Stage.READING)
        self._wait_for_parser(len(answer.body))
        try:
            snapshot = await self._parser.parse(answer.body, known)
        except SourceError as error:
            failed = failure(FailureReason.UNREADABLE, address, error.about(address))
            return replace(failed, body=answer.body.strip()[:100], feeds=error.feeds_of(address))
        finally:
            self._wait_for_parser(-len(answer.body))
        page = first_page(address, source.since) if source else ""
        return Fresh(resolved(snapshot, address), replace(answer, body=b""), body_hash, page)

    async def _begin(self, on_stage: Callable[[Stage], None]) -> None:
        await self._has_room.wait()
        on_stage(Stage.FETCHING)

    def _wait_for_parser(self, size: int) -> None:
        """Add to the number of bytes waiting to be parsed; above the limit, no further requests are started."""
        self._waiting += size
        if self._waiting < self._limit:
            self._has_room.set()
        else:
            self._has_room.clear()


def _hashed(body: bytes) -> str:
    """The hash that identifies a document."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def read_file(path: Path, *, now: datetime, etag: str | None = None, limit: int = LIMIT) -> Answer:
    """Read a file.

    Args:
        path: the path; links are followed.
        now: the current time, with zone.
        etag: the `Fetched.etag` of last time; a file with the same modification time, size and inode is not read again.
        limit: the maximum size in bytes.
    """
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
        why = clean_line(error.strerror or "unknown reason").lower()
        return failure(FailureReason.FILE_UNREADABLE, shown, why)
    settled = now.timestamp() - facts.st_mtime > _SETTLED
    return checked(body, shown, limit=limit, etag=mark if settled else None)


def checked(body: bytes, shown: str, *, limit: int = LIMIT, etag: str | None = None) -> Fetched | FetchFailure:
    """A document that was read from a file or standard input, unless it is empty or larger than the limit in bytes."""
    if len(body) > limit:
        detail = f"{limit / MEBIBYTE:.3g} MiB"
        return failure(FailureReason.TOO_LARGE, shown, detail, advice="take it apart first")
    if not body.strip():
        what, advice = f"{shown} is empty, and nothing was changed", "check that it was saved whole"
        return FetchFailure(FailureReason.EMPTY, what, advice)
    return Fetched(body, etag=etag)
