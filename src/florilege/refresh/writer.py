"""Stores the results of a refresh in the library: in a thread, one write at a time, items before validators.

Changes of a source are applied to the source as it is on disk at that time, since another process may have changed it.
Documents that arrive during a write are written together after it, since making a write durable takes as long for one
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
"""Maximum number of groups written together, so that results are not delayed too much."""


@dataclass(eq=False)
class _Keeping:
    """A document waiting to be stored, and the future for its result."""

    group: Group
    source: Source | None
    document: Document
    result: "asyncio.Future[Result]"


async def in_thread(function: Callable[_Given, _Result], *args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
    """Run a blocking call in a thread. When cancelled, wait for its end first, so that no write continues alone."""
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
        library: the library.
        clock: returns the current time, with zone.
        settings: how often sources are fetched.
        rules: rules that give some sources their own interval.
    """

    def __init__(
        self, library: Library, *, clock: Callable[[], datetime], settings: Refresh, rules: Sequence[Rule] = ()
    ) -> None:
        self.library = library
        self._clock = clock
        # Without an interval, groups are fetched only on demand, and then they are always due.
        self._interval = settings.every or timedelta()
        self._rules = rules
        self._writing = asyncio.Lock()  # so that our own threads don't compete for the library's lock
        self._waiting: list[_Keeping] = []

    async def keep(self, group: Group, source: Source | None, document: Document) -> Result:
        """Store a document, or that it is unchanged, or the failure to get it, and return the result.

        Args:
            group: The group. One without an id is new; it is removed again if storing fails.
            source: The source of the document; None when it can't be fetched again.
            document: The outcome of the fetch.
        """
        mine = _Keeping(group, source, document, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        try:
            async with self._writing:
                while not mine.result.done():
                    await self._write_waiting()
            return await mine.result
        except asyncio.CancelledError:
            # Drop it if it isn't written yet; else retrieve its exception, so that asyncio doesn't log it as unhandled.
            if not mine.result.cancel() and not mine.result.cancelled():
                mine.result.exception()
            raise

    async def add_many(self, home: Group | None, wanted: Sequence[Group]) -> list[Result]:
        """Add new groups without fetching them, or (given `home`) add their sources to that group."""
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
        """The result that storing a document would have; nothing is written.

        Args:
            group: The group; None for a new one.
            snapshot: The content of the document.
        """
        decision = await in_thread(self._decide_only, group, snapshot)
        planned = _result(group, Outcome.PLANNED, snapshot, decision)
        # The reading states were not looked up, so it isn't known which highlights would be new.
        return dataclasses.replace(planned, new_highlights=0, more_highlights=0, arrived=())

    async def is_all_new(self, group: Group, snapshot: Snapshot) -> bool:
        """Whether every item on a page is new or changed, so that there may be more of them on the next page."""
        alone = await in_thread(self._decide_only, None, snapshot)
        decision = await in_thread(self._decide_only, group, snapshot)
        changed = decision.revised if any(entry.is_aggregate for entry in snapshot.entries) else 0
        return alone.added > 0 and decision.added + changed >= alone.added

    async def keep_page(self, group: Group, snapshot: Snapshot) -> Result:
        """Store the items of an older page; the source is not changed."""
        snapshot = without_older(snapshot)
        async with self._writing:
            decision = await in_thread(self._update, group.id, snapshot, fed_by_others=len(group.sources) > 1)
        outcome = Outcome.OK if decision.added or decision.revised else Outcome.UNCHANGED
        return _result(group, outcome, snapshot, decision)

    async def update_source(self, group_id: str, source: Source, change: Callable[[Source], Source]) -> None:
        """Change a stored source. Nothing is written when it no longer exists, or wouldn't change."""
        async with self._writing:
            await in_thread(self.library.update_source, group_id, source, change)

    async def stop_at(self, group_id: str, source: Source, older: str | None, *, whole: bool = False) -> None:
        """Store the older page of a source at which fetching stopped.

        Args:
            group_id: The group.
            source: The source.
            older: The address of the page to continue with; None when there is none.
            whole: Whether the history has been fetched to the end.
        """
        await self.update_source(group_id, source, lambda now: replace(now, older=older, whole=whole or now.whole))

    async def wait(self, group_id: str, source: Source, failure: FetchFailure) -> None:
        """Store until when the host of a source wants no requests, if it said so."""
        if failure.retry_at is not None:
            await self.update_source(group_id, source, lambda now: held_back(now, failure))

    async def _write_waiting(self) -> None:
        """Write the next batch of waiting documents, and set their results."""
        batch = [each for each in self._waiting if not each.result.cancelled()][:_MOST_AT_ONCE]
        self._waiting = [each for each in self._waiting if each not in batch]
        results: list[Result | LibraryError] = []
        try:
            await in_thread(self._keep_all, batch, results)
        finally:  # when cancelled, too: report what has been written
            for each, result in zip(batch, results, strict=False):
                if isinstance(result, Result) and not each.result.done():
                    each.result.set_result(result)
                elif isinstance(result, LibraryError) and not each.result.done():
                    each.result.set_exception(result)
            for each in batch[len(results) :]:
                each.result.cancel()

    def _keep_all(self, batch: Sequence[_Keeping], results: list[Result | LibraryError]) -> None:
        """Store the items of each document, then update all groups at once. Appends a result for each to `results`."""
        stored: list[tuple[Group, Callable[[Group], Group], Result] | LibraryError] = []
        for each in batch:
            try:
                stored.append(self._store(each))
            except LibraryError as error:
                stored.append(error)
        try:
            # Only now: the validators must not be stored before the items, or a 304 would hide the missing ones.
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
        """Store the items of a document. Returns its group, the change to make to it, and the result."""
        if given.group.id:
            return given.group, *self._keep(given.group, given.source, given.document)
        (group,) = self.library.add_groups([given.group])
        try:
            return group, *self._keep(group, given.source, given.document)
        except LibraryError:
            self._unmake([group])
            raise

    def _unmake(self, groups: Iterable[Group]) -> None:
        """Remove new groups that could not be completed, if possible: a full disk may have room for the title only."""
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
                self.library.counts(group.id)  # raises if the items that are reported unchanged are lost
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
                self.library.counts(group_id)  # computed here in a thread, so that drawing the list of groups needn't
            return decision

    def _take_over_marks(self, group_id: str, decision: Decision, now: datetime) -> None:
        """Star and mark as read the new items that were so at their source."""
        for mark, items in ((Mark.STARRED, decision.starred), (Mark.READ, decision.read)):
            if items:
                self.library.mark(mark, {group_id: dict.fromkeys(items, 0)}, now=now)

    def _learning(
        self, group: Group, source: Source | None, learn: _Change, snapshot: Snapshot | None = None
    ) -> Callable[[Group], Group]:
        """A function that updates a group after a fetch: its source by `learn`, and its title etc. from the snapshot.

        A source that is new to the group is added; one that was removed from it meanwhile is not added again.
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
        """The minimum time between two fetches of a source."""
        own = interval_for(self._rules, source.address) if source and self._rules else None
        return self._interval if own is None else own


def _result(group: Group | None, outcome: Outcome, snapshot: Snapshot, decision: Decision) -> Result:
    """The result for a document that was, or would be, stored."""
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
