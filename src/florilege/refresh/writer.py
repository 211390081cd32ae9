"""Storing what a refresh found: through the library, in a thread, one write at a time, items before validators.

Of a source only what was learnt is written, on the source as it is on disk by then: another process may have moved on.
What comes while something is being written is written together after it: making a write durable takes as long for one
group as for many.
"""

import asyncio
import dataclasses
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ParamSpec, TypeVar

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.formats.snapshots import part_of
from florilege.gc_paused import gc_paused
from florilege.marking import Mark
from florilege.merge import Decision, decide
from florilege.model import Group, Item, Outcome, Source
from florilege.net import FailureReason, FetchFailure, NotModified, failure
from florilege.refresh.documents import Document, Fresh
from florilege.refresh.paging import without_older
from florilege.refresh.results import Result
from florilege.refresh.sources import after_answer, after_failure, after_fresh, held_back, moved, named
from florilege.settings import Refresh
from florilege.settings.rules import Rule, interval_for
from florilege.store import Library, LibraryError, NoSuchGroup

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")
_Change = Callable[[Source], Source]

_LIST = "This is a list of groups (OPML), and no group itself: add it by itself, and each of its groups is made."
_MOST_AT_ONCE = 16
"""Groups written together, so that their results do not all wait for the last."""


@dataclass(eq=False)
class _Keeping:
    """A document that waits to be stored."""

    group: Group
    source: Source | None
    document: Document
    result: "asyncio.Future[Result]"


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


class RefreshWriter:
    """Writes to the library for a refresh. Every method may raise `LibraryError`.

    Args:
        library: where.
        clock: the current time, with zone.
        settings: how often sources are asked.
        rules: sources with an interval of their own.
    """

    def __init__(
        self, library: Library, *, clock: Callable[[], datetime], settings: Refresh, rules: Sequence[Rule] = ()
    ) -> None:
        self.library = library
        self._clock = clock
        # Without an interval groups are fetched only when asked for; then they are always due.
        self._interval = settings.every or timedelta()
        self._rules = rules
        self._writing = asyncio.Lock()  # our own threads need not wait for each other at the library's lock
        self._waiting: list[_Keeping] = []

    async def keep(self, group: Group, source: Source | None, document: Document) -> Result:
        """Store what a document brought, or that it brought nothing, and say so.

        Args:
            group: Where; one without an id is made, and is not there when that goes wrong.
            source: Where the document came from; None when it can't be asked again.
            document: What came.
        """
        mine = _Keeping(group, source, document, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        try:
            async with self._writing:
                while not mine.result.done():
                    await self._write_waiting()
            return await mine.result
        except asyncio.CancelledError:
            # Not written if it has not begun; if it has, nobody else asks what went wrong.
            if not mine.result.cancel() and not mine.result.cancelled():
                mine.result.exception()
            raise

    async def add_many(self, home: Group | None, wanted: Sequence[Group]) -> list[Result]:
        """Make groups, not fetched yet, or add their sources to one that is there; as one line."""
        if not wanted:
            return []
        sources = tuple(source for group in wanted for source in group.sources)
        async with self._writing:
            if home is None:
                groups = await in_thread(self.library.add_groups, wanted)
            else:
                change = partial(_with_sources, sources=sources)
                groups = [await in_thread(self.library.update_group, home.id, change)] * len(wanted)
        return [Result(group.id, group.title, Outcome.SKIPPED) for group in groups]

    async def preview(self, group: Group | None, snapshot: Snapshot) -> Result:
        """What keeping a document would bring; nothing is written.

        Args:
            group: Where it would go; None for a group that is not there yet.
            snapshot: What the document says.
        """
        decision = await in_thread(self._decide_only, group, snapshot)
        planned = _result(group, Outcome.PLANNED, snapshot, decision)
        # Which items are read was not looked up, so which highlights would be new can't be told.
        return dataclasses.replace(planned, new_highlights=0, more_highlights=0, arrived=())

    async def is_all_new(self, group: Group, snapshot: Snapshot) -> bool:
        """Whether nothing on a page is as it is known: then there may be more on the page after it."""
        alone = await in_thread(self._decide_only, None, snapshot)
        decision = await in_thread(self._decide_only, group, snapshot)
        changed = decision.revised if any(entry.is_aggregate for entry in snapshot.entries) else 0
        return alone.added > 0 and decision.added + changed >= alone.added

    async def keep_page(self, group: Group, snapshot: Snapshot) -> Result:
        """Store what an older page brought. It says nothing about the source."""
        snapshot = without_older(snapshot)
        async with self._writing:
            decision = await in_thread(self._update, group.id, snapshot, fed_by_others=len(group.sources) > 1)
        outcome = Outcome.OK if decision.added or decision.revised else Outcome.UNCHANGED
        return _result(group, outcome, snapshot, decision)

    async def update_source(self, group_id: str, source: Source, change: Callable[[Source], Source]) -> None:
        """Change what is stored of a source; nothing happens when it is there no longer, or is so already."""
        async with self._writing:
            await in_thread(self.library.update_source, group_id, source, change)

    async def stop_at(self, group_id: str, source: Source, older: str | None, *, whole: bool = False) -> None:
        """Remember at which older page a source stopped; None when there is nothing to go on with.

        Args:
            group_id: The group.
            source: Which.
            older: The page.
            whole: Whether its history has been fetched to the end.
        """
        await self.update_source(group_id, source, lambda now: replace(now, older=older, whole=whole or now.whole))

    async def wait(self, group_id: str, source: Source, failure: FetchFailure) -> None:
        """Remember how long the host of a source wants to be left alone, if it said so."""
        if failure.retry_at is not None:
            await self.update_source(group_id, source, lambda now: held_back(now, failure))

    async def _write_waiting(self) -> None:
        """Write what waits, as many as may be together, and give each its result."""
        batch = [each for each in self._waiting if not each.result.cancelled()][:_MOST_AT_ONCE]
        self._waiting = [each for each in self._waiting if each not in batch]
        results: list[Result | LibraryError] = []
        try:
            await in_thread(self._keep_all, batch, results)
        finally:  # when cancelled, too: what is written is written
            for each, result in zip(batch, results, strict=False):
                if isinstance(result, Result) and not each.result.done():
                    each.result.set_result(result)
                elif isinstance(result, LibraryError) and not each.result.done():
                    each.result.set_exception(result)
            for each in batch[len(results) :]:
                each.result.cancel()

    def _keep_all(self, batch: Sequence[_Keeping], results: list[Result | LibraryError]) -> None:
        """Store items group by group, then what was learnt of all of them. Fills `results`, one for each."""
        stored: list[tuple[Group, Callable[[Group], Group], Result] | LibraryError] = []
        for each in batch:
            try:
                stored.append(self._store(each))
            except LibraryError as error:
                stored.append(error)
        try:
            # Only now: a 304 must never vouch for items that were not stored.
            changes = [(each[0].id, each[1]) for each in stored if not isinstance(each, LibraryError)]
            after = self.library.update_groups(changes) if changes else {}
        except LibraryError as error:
            self._unmake(
                each[0]
                for each, given in zip(stored, batch, strict=True)
                if isinstance(each, tuple) and not given.group.id
            )
            results += [each if isinstance(each, LibraryError) else error for each in stored]
            return
        for kept in stored:
            if isinstance(kept, LibraryError):
                results.append(kept)
            elif (group := after.get(kept[0].id)) is None:
                results.append(NoSuchGroup(kept[0].id, []))
            else:
                results.append(dataclasses.replace(kept[2], title=group.title))

    def _store(self, given: _Keeping) -> tuple[Group, Callable[[Group], Group], Result]:
        """Store the items of a document: its group, how that is to be changed, and what became of it."""
        if given.group.id:
            return given.group, *self._keep(given.group, given.source, given.document)
        (group,) = self.library.add_groups([given.group])
        try:
            return group, *self._keep(group, given.source, given.document)
        except LibraryError:
            self._unmake([group])
            raise

    def _unmake(self, groups: Iterable[Group]) -> None:
        """Nothing half there, if it can be helped: a full disk may have room for a title, and none for the items."""
        for group in groups:
            with suppress(LibraryError):
                self.library.trash.remove_group(group.id)
                self.library.trash.empty([group.id])

    def _keep(self, group: Group, source: Source | None, document: Document) -> tuple[Callable[[Group], Group], Result]:
        kind = source.kind if source else None
        now, interval = self._clock(), self._interval_of(source)
        match document:
            case FetchFailure(sentence=sentence):
                learn = partial(after_failure, failure=document, now=now, interval=interval)
                result = Result(group.id, group.title, Outcome.SKIPPED, kind, warnings=(sentence,))
                if not document.is_held_back:
                    result = Result(group.id, group.title, Outcome.FAILED, kind, error=sentence)
                result = dataclasses.replace(result, is_unreached=document.reason.is_unreached)
                return self._learning(group, source, learn), result
            case NotModified():
                self.library.counts(group.id)  # raises when the items it would vouch for are gone
                learn = partial(after_answer, answer=document, outcome=Outcome.UNCHANGED, now=now, interval=interval)
                result = Result(group.id, group.title, Outcome.UNCHANGED, kind, notice=moved(source, document))
                return self._learning(group, source, learn), result
            case Fresh(snapshot=snapshot) if snapshot.subscriptions:
                return self._keep(group, source, failure(FailureReason.UNREADABLE, "", _LIST))
            case Fresh():
                return self._keep_fresh(group, source, document)

    def _keep_fresh(
        self, group: Group, source: Source | None, document: Fresh
    ) -> tuple[Callable[[Group], Group], Result]:
        snapshot = part_of(document.snapshot, source.part if source else None)
        if source and source.whole:
            snapshot = without_older(snapshot)
        document = dataclasses.replace(document, snapshot=snapshot)
        sources = self.library.group(group.id).sources
        others = source is None or any(one.address != source.address for one in sources)
        decision = self._update(group.id, snapshot, fed_by_others=others)
        learn = partial(after_fresh, document=document, now=self._clock(), interval=self._interval_of(source))
        result = _result(group, Outcome.OK, snapshot, decision)
        result = dataclasses.replace(result, notice=moved(source, document.answer), cut=snapshot.cut)
        return self._learning(group, source, learn, snapshot), result

    def _decide_only(self, group: Group | None, snapshot: Snapshot) -> Decision:
        known = self.library.items(group.id) if group else []
        buried = self.library.trash.tombstones(group.id) if group else []
        return decide(known, snapshot, group=group.id if group else "", now=self._clock(), purged=buried)

    def _update(self, group_id: str, snapshot: Snapshot, *, fed_by_others: bool) -> Decision:
        now = self._clock()

        def decided(known: list[Item]) -> Decision:
            read = {item for item, state in self.library.states(group_id).items() if state.is_read} if known else set()
            buried = self.library.trash.tombstones(group_id)
            return decide(
                known, snapshot, group=group_id, now=now, read=read, purged=buried, fed_by_others=fed_by_others
            )

        with gc_paused():
            decision = self.library.update_items(group_id, decided)
            if decision.items:
                self._take_over_marks(group_id, decision, now)
                self.library.counts(group_id)  # here in a thread, and not when the list of groups is drawn
            return decision

    def _take_over_marks(self, group_id: str, decision: Decision, now: datetime) -> None:
        """Star and mark read, of the new items, what had been where they come from."""
        for mark, items in ((Mark.STARRED, decision.starred), (Mark.READ, decision.read)):
            if items:
                self.library.mark(mark, {group_id: dict.fromkeys(items, 0)}, now=now)

    def _learning(
        self, group: Group, source: Source | None, learn: _Change, snapshot: Snapshot | None = None
    ) -> Callable[[Group], Group]:
        """How a group changes by what was learnt of a source, and by what its document calls it.

        A source that is in the group no longer stays away; one that is new to it is added.
        """
        is_there = source is None or any(each.key == source.key for each in group.sources)

        def changed(now: Group) -> Group:
            if source is not None:
                if not is_there and all(each.key != source.key for each in now.sources):
                    now = replace(now, sources=(*now.sources, source))
                now = now.with_source(source, learn)
            return now if snapshot is None else named(now, source, snapshot)

        return changed

    def _interval_of(self, source: Source | None) -> timedelta:
        """The shortest time between two fetches of a source."""
        own = interval_for(self._rules, source.address) if source and self._rules else None
        return self._interval if own is None else own


def _result(group: Group | None, outcome: Outcome, snapshot: Snapshot, decision: Decision) -> Result:
    """What became of a document, or would become of it."""
    return Result(
        group.id if group else "",
        group.title if group else snapshot.title or "",
        outcome,
        snapshot.kind,
        decision.added,
        decision.revised,
        decision.new_highlights,
        decision.more_highlights,
        decision.joined,
        warnings=snapshot.warnings,
        arrived=decision.arrived,
    )


def _with_sources(group: Group, sources: tuple[Source, ...]) -> Group:
    return replace(group, sources=group.sources + sources)
