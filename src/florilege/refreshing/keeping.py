"""Storing what a refresh found: through the library, in a thread, one write at a time, items before validators."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, TypeVar

from msgspec.structs import replace

from florilege.fetching import FetchFailure
from florilege.library import Library
from florilege.merging import Decision, decide
from florilege.model import Group, Item, Source
from florilege.refreshing.addresses import stand_in
from florilege.refreshing.documents import Document, Failed, Fresh, HeldBack, Same
from florilege.refreshing.results import Ending, Result
from florilege.refreshing.schedule import Settings
from florilege.refreshing.sourcing import after_failure, after_fresh, after_held_back, after_same
from florilege.sources import Snapshot

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Sketch:
    """A group that is to be made."""

    title: str
    tags: tuple[str, ...] = ()
    site: str | None = None


async def in_thread(function: Callable[_Given, _Result], *args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
    """Run a blocking call in a thread. When cancelled, wait for its end first: no write goes on alone."""
    running = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        if not running.cancelled():
            running.exception()
        raise


class Keeper:
    """Writes to the library for a refresh.

    Args:
        library: where.
        clock: the current time, with zone.
        settings: how often sources are asked.
    """

    def __init__(self, library: Library, *, clock: Callable[[], datetime], settings: Settings) -> None:
        self.library = library
        self._clock = clock
        self._settings = settings
        self._writing = asyncio.Lock()  # our own threads need not wait for each other at the library's lock

    async def keep(self, group: Group, source: Source | None, document: Document) -> Result:
        """Store what a document brought, or that it brought nothing, and say so.

        Args:
            group: Where.
            source: Where the document came from; None when it can't be asked again.
            document: What came.

        Raises:
            LibraryError: The library could not be written.
        """
        async with self._writing:
            return await in_thread(self._keep, group, source, document)

    async def keep_new(self, sketch: Sketch, source: Source | None, document: Document | None) -> Result:
        """Make a group and store what came for it; None for a document that was not asked for.

        Raises:
            LibraryError: The library could not be written.
        """
        async with self._writing:
            return await in_thread(self._keep_new, sketch, source, document)

    async def keep_page(self, group: Group, snapshot: Snapshot) -> Result:
        """Store what an older page brought. It says nothing about the source.

        Raises:
            LibraryError: The library could not be written.
        """
        async with self._writing:
            decision = await in_thread(self._update, group.id, snapshot)
        outcome = Ending.OK if decision.added or decision.revised else Ending.UNCHANGED
        counts = (decision.added, decision.revised, decision.new_highlights)
        return Result(group.id, group.title, outcome, snapshot.kind, *counts, snapshot.warnings)

    async def source(self, group_id: str, address: str) -> Source | None:
        """The source of a group as it is stored now; None when it is there no longer.

        Raises:
            LibraryError: The library could not be read.
        """
        group = await in_thread(self.library.group, group_id)
        return next((source for source in group.sources if source.address == address), None)

    async def stop_at(self, group_id: str, address: str, older: str | None) -> None:
        """Remember at which older page a source stopped; None when its history is complete.

        Raises:
            LibraryError: The library could not be written.
        """
        source = await self.source(group_id, address)
        if source is not None and source.older != older:
            async with self._writing:
                await in_thread(self.library.save_source, group_id, replace(source, older=older))

    async def wait(self, group_id: str, address: str, failure: FetchFailure) -> None:
        """Remember how long the host of a source wants to be left alone, if it said so.

        Raises:
            LibraryError: The library could not be written.
        """
        source = await self.source(group_id, address)
        if source is not None and failure.retry_at is not None:
            async with self._writing:
                await in_thread(self.library.save_source, group_id, after_held_back(source, failure))

    def _keep_new(self, sketch: Sketch, source: Source | None, document: Document | None) -> Result:
        sources = (source,) if source else ()
        group = self.library.add_group(sketch.title, sources=sources, tags=sketch.tags, site=sketch.site)
        if document is None:
            return Result(group.id, group.title, Ending.SKIPPED)
        return self._keep(group, source, document)

    def _keep(self, group: Group, source: Source | None, document: Document) -> Result:
        match document:
            case Failed(sentence=sentence, failure=failure):
                if source is not None:
                    after = after_failure(source, sentence, self._clock(), self._settings, failure=failure)
                    self.library.save_source(group.id, after)
                return Result(group.id, group.title, Ending.FAILED, source.kind if source else None, error=sentence)
            case HeldBack(failure=failure):
                if source is not None:
                    self.library.save_source(group.id, after_held_back(source, failure))
                kind = source.kind if source else None
                return Result(group.id, group.title, Ending.SKIPPED, kind, warnings=(failure.sentence,))
            case Same(answer=answer):
                if source is not None:
                    group = self._save(group.id, source, after_same(source, answer, self._clock(), self._settings))
                return Result(group.id, group.title, Ending.UNCHANGED, source.kind if source else None)
            case Fresh(snapshot=snapshot):
                decision = self._update(group.id, snapshot)
                if source is not None:  # only now: a 304 must never vouch for items that were not stored
                    after = after_fresh(source, document, self._clock(), self._settings)
                    group = self._save(group.id, source, after, snapshot)
                return Result(
                    group.id,
                    group.title,
                    Ending.OK,
                    snapshot.kind,
                    decision.added,
                    decision.revised,
                    decision.new_highlights,
                    snapshot.warnings,
                    cut=snapshot.cut,
                    arrived=decision.arrived,
                )

    def _update(self, group_id: str, snapshot: Snapshot) -> Decision:
        now = self._clock()

        def decided(known: list[Item]) -> Decision:
            read = {item for item, state in self.library.states(group_id).items() if state.is_read}
            buried = self.library.buried(group_id)
            return decide(known, snapshot, group=group_id, now=now, read=read, buried=buried)

        return self.library.update_items(group_id, decided)

    def _save(self, group_id: str, before: Source, after: Source, snapshot: Snapshot | None = None) -> Group:
        """Store a source; the group too when the source moved, or when its document first names it."""
        group = self.library.group(group_id)
        title, site = group.title, group.site
        if snapshot is not None:
            if snapshot.title and title == stand_in(before.address):
                title = snapshot.title
            site = site or snapshot.site
        if (title, site, before.address) == (group.title, group.site, after.address):
            return self.library.save_source(group_id, after)
        sources = [after if one.address == before.address else one for one in group.sources]
        sources = [one for one in sources if one is after or one.address != after.address]
        sources += [] if after in sources else [after]
        group = replace(group, title=title, site=site, sources=tuple(sources))
        self.library.save_group(group)
        return group
