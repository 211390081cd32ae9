"""Stores the results of a refresh in the library: in a thread, one write at a time, items before validators.

Changes of a source are applied to the source as it is on disk at that time, since another process may have changed it.
Documents that arrive during a write are written together after it, since making a write durable takes as long for one
group as for many.
"""

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar

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
from florilege.refresh.sources import after_fetch, moved_notice, with_document_facts, with_wait
from florilege.settings import Refresh
from florilege.settings.rules import Rule, rule_for
from florilege.store import Library, LibraryError, NoSuchGroup

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

_LIST = "This is a list of groups (OPML), and no group itself: add it by itself, and each of its groups is made."
_MOST_AT_ONCE = 16
"""Maximum number of groups written together, so that results are not delayed too much."""


@dataclass(eq=False)
class _Pending:
    """A document waiting to be stored."""

    group: Group
    source: Source | None
    document: Document
    result: Result | LibraryError | None = None
    """None until it is stored."""


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
        self._waiting: list[_Pending] = []

    async def store(self, group: Group, source: Source | None, document: Document) -> Result:
        """Store a document, or that it is unchanged, or the failure to get it, and return the result.

        Args:
            group: The group.
            source: The source of the document; None when it can't be fetched again.
            document: The outcome of the fetch.
        """
        mine = _Pending(group, source, document)
        self._waiting.append(mine)
        try:
            async with self._writing:
                if mine.result is None:  # else it was stored together with an earlier one
                    batch = [each for each in self._waiting if each.result is None][:_MOST_AT_ONCE]
                    await in_thread(self._store_batch, batch)
        finally:
            self._waiting.remove(mine)
        if not isinstance(mine.result, Result):
            raise mine.result or LibraryError
        return mine.result

    async def add_many(self, home: Group, wanted: Sequence[Group]) -> list[Result]:
        """Add new groups, or, if `home` has an id, add their sources to that group."""
        if not wanted:
            return []
        sources = tuple(source for group in wanted for source in group.sources)

        def with_sources(now: Group) -> Group:
            known = {source.key for source in now.sources}
            return replace(now, sources=(*now.sources, *(each for each in sources if each.key not in known)))

        async with self._writing:
            if not home.id:
                groups = await in_thread(self.library.add_groups, wanted)
            else:
                groups = [await in_thread(self.library.update_group, home.id, with_sources)] * len(wanted)
        return [Result(group.id, group.title, Outcome.SKIPPED) for group in groups]

    async def undo_add(self, home: Group, group: Group, sources: Sequence[Source]) -> None:
        """Remove again, if possible, what was added and can't be completed: a full disk may have room for no more.

        Args:
            home: The group before; if it has no id, the new group is removed.
            group: The group that was added, or got the sources.
            sources: The sources.
        """

        def without(now: Group) -> Group:
            added = {source.key for source in sources}
            return replace(now, sources=tuple(source for source in now.sources if source.key not in added))

        def undo() -> None:
            if home.id:
                self.library.update_group(group.id, without)
            else:
                self.library.trash.remove_group(group.id)
                self.library.trash.empty([group.id])

        async with self._writing:
            with suppress(LibraryError):
                await in_thread(undo)

    async def preview(self, group: Group, snapshot: Snapshot) -> Result:
        """The result that storing a document would have; nothing is written. A group without an id is new."""
        decision = await in_thread(self._decide, group.id, snapshot)
        return dataclasses.replace(_result(group, Outcome.PLANNED, snapshot, decision), arrived=())

    async def is_all_new(self, group: Group, snapshot: Snapshot) -> bool:
        """Whether every item on a page is new or changed, so that there may be more of them on the next page."""
        decision = await in_thread(self._decide, group.id, snapshot)
        changed = decision.revised if any(entry.is_aggregate for entry in snapshot.entries) else 0
        return decision.added + changed + decision.joined >= len(snapshot.entries) > 0

    async def store_page(self, group: Group, snapshot: Snapshot) -> Result:
        """Store the items of an older page; the source is not changed."""
        snapshot = without_older(snapshot)
        async with self._writing:
            decision = await in_thread(self._update, group.id, snapshot, fed_by_others=len(group.sources) > 1)
        outcome = Outcome.OK if decision.added or decision.revised else Outcome.UNCHANGED
        return _result(group, outcome, snapshot, decision)

    async def update_source(self, group_id: str, source: Source, **fields: Any) -> None:
        """Change fields of a stored source. Nothing is written when it no longer exists, or wouldn't change."""
        async with self._writing:
            await in_thread(self.library.update_source, group_id, source, lambda now: replace(now, **fields))

    async def wait(self, group_id: str, source: Source, failure: FetchFailure) -> None:
        """Store until when the host of a source wants no requests, if it said so."""
        if failure.retry_at is not None:
            async with self._writing:
                await in_thread(self.library.update_source, group_id, source, lambda now: with_wait(now, failure))

    def _store_batch(self, batch: Sequence[_Pending]) -> None:
        """Store the items of each document, then update all groups at once, and set the results."""
        stored: list[tuple[_Pending, Result]] = []
        for each in batch:
            try:
                stored.append((each, self._store_items(each)))
            except LibraryError as error:
                each.result = error
        try:
            # Only now: the validators must not be stored before the items, or a 304 would hide the missing ones.
            changes = [(each.group.id, self._change(each)) for each, _ in stored]
            changed = self.library.update_groups(changes) if changes else {}
        except LibraryError as error:
            for each, _ in stored:
                each.result = error
            return
        for each, result in stored:
            now = changed.get(each.group.id)
            each.result = dataclasses.replace(result, title=now.title) if now else NoSuchGroup(each.group.id, [])

    def _store_items(self, each: _Pending) -> Result:
        group, source, document = each.group, each.source, each.document
        if isinstance(document, Fresh) and document.snapshot.subscriptions:
            each.document = document = failure(FailureReason.UNREADABLE, "", _LIST)
        if isinstance(document, Fresh):
            snapshot = part_of(document.snapshot, source.part if source else None)
            snapshot = without_older(snapshot) if source and source.whole else snapshot
            each.document = dataclasses.replace(document, snapshot=snapshot)
            sources = self.library.group(group.id).sources
            others = source is None or any(one.address != source.address for one in sources)
            decision = self._update(group.id, snapshot, fed_by_others=others)
            result = _result(group, Outcome.OK, snapshot, decision)
            return dataclasses.replace(result, notice=moved_notice(source, document.answer), cut=snapshot.cut)
        result = Result(group.id, group.title, Outcome.UNCHANGED, source.kind if source else None)
        if isinstance(document, NotModified):
            self.library.counts(group.id)  # raises if the items that are reported unchanged are lost
            return dataclasses.replace(result, notice=moved_notice(source, document))
        if document.is_rate_limited:
            return dataclasses.replace(result, outcome=Outcome.SKIPPED, warnings=(document.sentence,))
        is_unreached = document.reason.is_unreached
        return dataclasses.replace(result, outcome=Outcome.FAILED, error=document.sentence, is_unreached=is_unreached)

    def _change(self, each: _Pending) -> Callable[[Group], Group]:
        """A function that updates a group after a fetch: the source, and the title etc. from the document."""
        source, document, moment = each.source, each.document, self._clock()

        def changed(now: Group) -> Group:
            if source is not None:
                interval = self._interval_of(source)
                now = now.with_source(source, lambda known: after_fetch(known, document, moment, interval))
            return with_document_facts(now, source, document.snapshot) if isinstance(document, Fresh) else now

        return changed

    def _decide(
        self, group_id: str, snapshot: Snapshot, known: list[Item] | None = None, *, fed_by_others: bool = False
    ) -> Decision:
        """Decide what a document changes in a group; a new one if the id is empty."""
        known = (self.library.items(group_id) if group_id else []) if known is None else known
        read = {item for item, state in self.library.states(group_id).items() if state.is_read} if known else set()
        tombstones = self.library.trash.tombstones(group_id) if group_id else []
        now = self._clock()
        return decide(
            known, snapshot, group=group_id, now=now, read=read, purged=tombstones, fed_by_others=fed_by_others
        )

    def _update(self, group_id: str, snapshot: Snapshot, *, fed_by_others: bool) -> Decision:
        with gc_paused():
            decision = self.library.update_items(
                group_id, lambda known: self._decide(group_id, snapshot, known, fed_by_others=fed_by_others)
            )
            if decision.items:
                for mark, items in ((Mark.STARRED, decision.starred), (Mark.READ, decision.read)):
                    if items:  # they were so at their source
                        self.library.mark(mark, {group_id: dict.fromkeys(items, 0)}, now=self._clock())
                self.library.counts(group_id)  # computed here in a thread, so that drawing the list of groups needn't
            return decision

    def _interval_of(self, source: Source) -> timedelta:
        """The minimum time between two fetches of a source."""
        rule = rule_for((rule for rule in self._rules if rule.every is not None), source.address)
        return rule.every if rule and rule.every is not None else self._interval


def _result(group: Group, outcome: Outcome, snapshot: Snapshot, decision: Decision) -> Result:
    """The result for a document that was, or would be, stored."""
    return Result(
        group.id,
        group.title,
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
