"""Storing what a refresh found: through the library, in a thread, one write at a time, items before validators."""

import asyncio
import dataclasses
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, TypeVar

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.formats.parting import part_of
from florilege.marking import Mark
from florilege.merge import Decision, decide
from florilege.model import Group, Item, Source
from florilege.net import FetchFailure
from florilege.pausing import collector_paused
from florilege.refresh.addresses import stand_in
from florilege.refresh.documents import Document, Failed, Fresh, HeldBack, Same
from florilege.refresh.results import Ending, Result
from florilege.refresh.schedule import Settings
from florilege.refresh.sourcing import after_failure, after_fresh, after_held_back, after_same
from florilege.store import Library, LibraryError

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

_LIST = "This is a list of groups (OPML), and no group itself: add it by itself, and each of its groups is made."


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

    async def foretell(self, group: Group | None, snapshot: Snapshot) -> Result:
        """What keeping a document would bring; nothing is written.

        Args:
            group: Where it would go; None for a group that is not there yet.
            snapshot: What the document says.

        Raises:
            LibraryError: The library could not be read.
        """
        known = await in_thread(self.library.items, group.id) if group else []
        buried = await in_thread(self.library.tombstones, group.id) if group else []
        identity = group.id if group else ""
        decision = await in_thread(decide, known, snapshot, group=identity, now=self._clock(), purged=buried)
        title = group.title if group else snapshot.title or ""
        counts = (decision.added, decision.revised)
        warnings, joined = snapshot.warnings, decision.joined
        return Result(identity, title, Ending.PLANNED, snapshot.kind, *counts, joined=joined, warnings=warnings)

    async def keep_page(self, group: Group, snapshot: Snapshot) -> Result:
        """Store what an older page brought. It says nothing about the source.

        Raises:
            LibraryError: The library could not be written.
        """
        async with self._writing:
            decision = await in_thread(self._update, group.id, snapshot, fed_by_others=len(group.sources) > 1)
        outcome = Ending.OK if decision.added or decision.revised else Ending.UNCHANGED
        counts = (decision.added, decision.revised, decision.new_highlights)
        return Result(group.id, group.title, outcome, snapshot.kind, *counts, decision.joined, snapshot.warnings)

    async def source(self, group_id: str, address: str) -> Source | None:
        """The source of a group as it is stored now; None when it is there no longer.

        Raises:
            LibraryError: The library could not be read.
        """
        group = await in_thread(self.library.group, group_id)
        return next((source for source in group.sources if source.address == address), None)

    async def stop_at(self, group_id: str, address: str, older: str | None, *, whole: bool = False) -> None:
        """Remember at which older page a source stopped; None when there is nothing to go on with.

        Args:
            group_id: The group.
            address: Of the source.
            older: The page.
            whole: Whether its history has been fetched to the end.

        Raises:
            LibraryError: The library could not be written.
        """
        source = await self.source(group_id, address)
        if source is not None and (source.older, source.whole) != (older, whole or source.whole):
            after = replace(source, older=older, whole=whole or source.whole)
            async with self._writing:
                await in_thread(self.library.save_source, group_id, after)

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
        try:
            return self._keep(group, source, document)
        except LibraryError:
            # Nothing half there, if it can be helped: a full disk may have room for a title, and none for the items.
            with suppress(LibraryError):
                self.library.remove_group(group.id)
                self.library.empty_trash([group.id])
            raise

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
            case Fresh(snapshot=snapshot) if snapshot.subscriptions:
                return self._keep(group, source, Failed(_LIST))
            case Fresh():
                snapshot = part_of(document.snapshot, source.part if source else None)
                document = dataclasses.replace(document, snapshot=snapshot)
                sources = self.library.group(group.id).sources
                others = source is None or any(one.address != source.address for one in sources)
                decision = self._update(group.id, snapshot, fed_by_others=others)
                if source is None:
                    self._named(group.id, snapshot)
                else:  # only now: a 304 must never vouch for items that were not stored
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
                    decision.joined,
                    snapshot.warnings,
                    cut=snapshot.cut,
                    arrived=decision.arrived,
                )

    def _update(self, group_id: str, snapshot: Snapshot, *, fed_by_others: bool) -> Decision:
        now = self._clock()

        def decided(known: list[Item]) -> Decision:
            read = {item for item, state in self.library.states(group_id).items() if state.is_read}
            buried = self.library.tombstones(group_id)
            return decide(
                known, snapshot, group=group_id, now=now, read=read, purged=buried, fed_by_others=fed_by_others
            )

        with collector_paused():
            decision = self.library.update_items(group_id, decided)
            if decision.items:
                self._take_over_marks(group_id, decision, now)
                self.library.counts(group_id)  # here in a thread, and not when the list of groups is drawn
            return decision

    def _take_over_marks(self, group_id: str, decision: Decision, now: datetime) -> None:
        """Star and mark read, of the new items, what had been where they come from."""
        new = [item for item in decision.items if not item.revision and item.id in decision.arrived]
        starred = {item.id: item.revision for item in new if item.was_starred}
        read = {item.id: item.revision for item in new if item.was_read}
        for mark, targets in ((Mark.STARRED, starred), (Mark.READ, read)):
            if targets:
                self.library.mark(mark, {group_id: targets}, now=now)

    def _save(self, group_id: str, before: Source, after: Source, snapshot: Snapshot | None = None) -> Group:
        """Store a source; the group too when the source moved, or when its document first names it."""
        group = self.library.group(group_id)
        title, site, identities = group.title, group.site, group.identities
        if snapshot is not None:
            if snapshot.title and title == stand_in(before.address):
                title = snapshot.title
            site = site or snapshot.site
            identities = _with_identity(group, snapshot)
        known = (group.title, group.site, group.identities, before.address)
        if (title, site, identities, after.address) == known:
            return self.library.save_source(group_id, after)
        sources = [after if one.address == before.address else one for one in group.sources]
        sources = [one for one in sources if one is after or one.address != after.address]
        sources += [] if after in sources else [after]
        group = replace(group, title=title, site=site, identities=identities, sources=tuple(sources))
        self.library.save_group(group)
        return group

    def _named(self, group_id: str, snapshot: Snapshot) -> None:
        """Remember what a document without a source calls its group."""
        group = self.library.group(group_id)
        identities = _with_identity(group, snapshot)
        if identities != group.identities:
            self.library.save_group(replace(group, identities=identities))


def _with_identity(group: Group, snapshot: Snapshot) -> tuple[str, ...]:
    """What documents call this group, with what this one calls it."""
    if snapshot.identity is None or snapshot.identity in group.identities:
        return group.identities
    return (*group.identities, snapshot.identity)
