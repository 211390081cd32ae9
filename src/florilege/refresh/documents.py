"""From a source to what its document says: fetched or read, compared with the last one, parsed. Stores nothing."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from florilege.formats import Snapshot, SourceError
from florilege.formats.snapshots import resolved
from florilege.model import Entry, Source
from florilege.net import FailureReason, Fetched, Fetcher, FetchFailure, NotModified, failure, host_of, read_file
from florilege.refresh.paging import first_page
from florilege.refresh.results import Stage
from florilege.refresh.sources import is_file, waits_until

WAITING = 64 * 1024 * 1024
"""Bytes of documents that may wait to be parsed before nothing more is asked for."""
_LARGE = 1 << 20
"""Bytes of a document that would hold up the event loop for longer than a millisecond or two to be hashed."""


class Parser(Protocol):
    """What turns bytes into a snapshot; `florilege.formats.pool.Parser` does so in processes of its own."""

    async def parse(self, data: bytes, known: Callable[[], Mapping[str, Entry]] = dict) -> Snapshot:
        """Read a document, or raise `SourceError`; `known` gives entries by their digests, which need not be read."""


@dataclass(frozen=True)
class Fresh:
    """A document that differs from the last one."""

    snapshot: Snapshot
    answer: Fetched
    """Without its body, which is not needed any more."""
    body_hash: str


Document = Fresh | NotModified | FetchFailure
"""What comes of asking a source. The document is the one whose items are stored when it is `NotModified`."""


class Documents:
    """Gets documents.

    Args:
        fetcher: for addresses; its limits hold for files too.
        parser: see `Parser`.
        clock: the current time, with zone.
        waiting: see `WAITING`; what is already asked for may come on top.
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

    def hold(self, source: Source) -> None:
        """Leave the host that sent a source away alone as long as it has asked for."""
        until = waits_until(source, self._clock())
        if until is not None:
            self._fetcher.hold(source.waits_at or host_of(source.address), until)

    async def get(
        self,
        source: Source,
        on_stage: Callable[[Stage], None],
        *,
        anew: bool = False,
        known: Callable[[], Mapping[str, Entry]] = dict,
    ) -> Document:
        """What the document of a source says now.

        Args:
            source: what is asked, with what it knows of its document.
            on_stage: hears when each stage begins.
            anew: whether the document is wanted whatever we know of it.
            known: entries by their digests, which need not be read again; asked in a thread when there is a document.
        """
        if anew:
            source = Source(address=source.address, since=source.since)
        if is_file(source):
            on_stage(Stage.FETCHING)
            answer = await read_file(Path(source.address), now=self._clock(), etag=source.etag)
        else:
            answer = await self._fetcher.fetch(
                first_page(source.address, source.since),
                etag=source.etag,
                last_modified=source.last_modified,
                begin=partial(self._begin, on_stage),
            )
        return await self._read_answer(source, answer, on_stage, dict if anew else known)

    async def page(self, address: str, on_stage: Callable[[Stage], None]) -> Fresh | FetchFailure:
        """What an older page says. An empty list is a page without entries: so some services end."""
        answer = await self._fetcher.fetch(address, begin=partial(self._begin, on_stage))
        document = await self._read_answer(Source(address=address), answer, on_stage)
        assert not isinstance(document, NotModified)  # noqa: S101 - nothing was sent by which it could be
        if isinstance(document, FetchFailure) and document.body == b"[]":
            return Fresh(Snapshot(kind="empty"), Fetched(b"[]"), "")
        return document

    async def read(
        self,
        answer: Fetched,
        on_stage: Callable[[Stage], None],
        *,
        source: Source | None = None,
        known: Callable[[], Mapping[str, Entry]] = dict,
    ) -> Document:
        """Parse a document, unless it is the one the source had last; its relative addresses are resolved."""
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
        return Fresh(resolved(snapshot, address), replace(answer, body=b""), body_hash)

    async def _begin(self, on_stage: Callable[[Stage], None]) -> None:
        await self._has_room.wait()
        on_stage(Stage.FETCHING)

    async def _read_answer(
        self,
        source: Source,
        answer: Fetched | NotModified | FetchFailure,
        on_stage: Callable[[Stage], None],
        known: Callable[[], Mapping[str, Entry]] = dict,
    ) -> Document:
        if isinstance(answer, Fetched):
            return await self.read(answer, on_stage, source=source, known=known)
        if isinstance(answer, FetchFailure) and answer.reason is FailureReason.FILE_MISSING and source.body_hash:
            return NotModified()  # an export that was read once and cleared away: its items stay
        return answer

    def _wait_for_parser(self, size: int) -> None:
        """Count bytes that wait; while they are too many, nothing more is asked for."""
        self._waiting += size
        if self._waiting < self._limit:
            self._has_room.set()
        else:
            self._has_room.clear()


def _hashed(body: bytes) -> str:
    """What tells a document from another one."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()
