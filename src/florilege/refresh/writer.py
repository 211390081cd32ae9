"""Storing what a refresh found: through the library, in a thread, one write at a time, items before validators.

Of a source only what was learnt is written, on the source as it is on disk by then: another process may have moved on.
"""

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.formats.parting import part_of
from florilege.marking import Mark
from florilege.merge import Decision, decide
from florilege.model import Group, Item, Outcome, Source
from florilege.net import FailureReason, Fetched, FetchFailure, NotModified, host_of
from florilege.pausing import collector_paused
from florilege.refresh.addresses import stand_in
from florilege.refresh.documents import Document, Failed, Fresh, Same
from florilege.refresh.paging import holds_everything, without_older
from florilege.refresh.results import Result
from florilege.refresh.schedule import is_file, next_due
from florilege.settings import Refresh
from florilege.settings.rules import Rule, interval_for
from florilege.store import Library, LibraryError
from florilege.urls import redact

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

_LIST = "This is a list of groups (OPML), and no group itself: add it by itself, and each of its groups is made."


@dataclass(frozen=True)
class NewGroup:
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

    async def keep(self, group: Group, source: Source | None, document: Document) -> Result:
        """Store what a document brought, or that it brought nothing, and say so.

        Args:
            group: Where.
            source: Where the document came from; None when it can't be asked again.
            document: What came.
        """
        async with self._writing:
            return await in_thread(self._keep, group, source, document)

    async def keep_new(self, new: NewGroup, source: Source | None, document: Document | None) -> Result:
        """Make a group and store what came for it; None for a document that was not asked for."""
        async with self._writing:
            return await in_thread(self._keep_new, new, source, document)

    async def add_many(
        self, home: Group | None, wanted: Sequence[tuple[NewGroup, Source]]
    ) -> list[tuple[Result, Source]]:
        """Make many groups, not fetched yet, or add their sources to one that is there; as one line."""

        def add() -> list[Group]:
            if home is not None:
                sources = tuple(source for _, source in wanted)
                added = self.library.update_group(home.id, lambda now: replace(now, sources=now.sources + sources))
                return [added] * len(wanted)
            return self.library.add_groups(
                [
                    Group(
                        id="", title=new.title, added_at=self._clock(), sources=(source,), tags=new.tags, site=new.site
                    )
                    for new, source in wanted
                ]
            )

        if not wanted:
            return []
        async with self._writing:
            groups = await in_thread(add)
        made = zip(groups, wanted, strict=True)
        return [(Result(group.id, group.title, Outcome.SKIPPED), source) for group, (_, source) in made]

    async def preview(self, group: Group | None, snapshot: Snapshot) -> Result:
        """What keeping a document would bring; nothing is written.

        Args:
            group: Where it would go; None for a group that is not there yet.
            snapshot: What the document says.
        """
        decision = await in_thread(self._decide_only, group, snapshot)
        title = group.title if group else snapshot.title or ""
        counts = (decision.added, decision.revised, 0, decision.joined)
        identity = group.id if group else ""
        return Result(identity, title, Outcome.PLANNED, snapshot.kind, *counts, warnings=snapshot.warnings)

    async def is_all_new(self, group: Group, snapshot: Snapshot) -> bool:
        """Whether nothing on a page is as it is known: then there may be more on the page after it."""
        alone = await in_thread(self._decide_only, None, snapshot)
        decision = await in_thread(self._decide_only, group, snapshot)
        changed = decision.revised if any(entry.gathered for entry in snapshot.entries) else 0
        return alone.added > 0 and decision.added + changed >= alone.added

    async def keep_page(self, group: Group, snapshot: Snapshot) -> Result:
        """Store what an older page brought. It says nothing about the source."""
        snapshot = without_older(snapshot)
        async with self._writing:
            decision = await in_thread(self._update, group.id, snapshot, fed_by_others=len(group.sources) > 1)
        outcome = Outcome.OK if decision.added or decision.revised else Outcome.UNCHANGED
        counts = (decision.added, decision.revised, decision.new_highlights, decision.joined)
        arrived = decision.arrived
        return Result(group.id, group.title, outcome, snapshot.kind, *counts, snapshot.warnings, arrived=arrived)

    async def update_source(self, group_id: str, source: Source, change: Callable[[Source], Source]) -> None:
        """Change what is stored of a source; nothing happens when it is there no longer, or is so already."""
        async with self._writing:
            await in_thread(self.library.update_source, group_id, source.address, source.part, change)

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
            await self.update_source(group_id, source, lambda now: _held_back(now, failure))

    def _keep_new(self, new: NewGroup, source: Source | None, document: Document | None) -> Result:
        sources = (source,) if source else ()
        group = self.library.add_group(new.title, sources=sources, tags=new.tags, site=new.site)
        if document is None:
            return Result(group.id, group.title, Outcome.SKIPPED)
        try:
            return self._keep(group, source, document)
        except LibraryError:
            # Nothing half there, if it can be helped: a full disk may have room for a title, and none for the items.
            with suppress(LibraryError):
                self.library.remove_group(group.id)
                self.library.empty_trash([group.id])
            raise

    def _keep(self, group: Group, source: Source | None, document: Document) -> Result:
        kind = source.kind if source else None
        match document:
            case Failed(sentence=sentence, failure=failure):
                is_held = document.is_held_back and failure is not None
                self._learn(group, source, lambda now: self._after_failure(now, sentence, failure))
                if is_held:
                    return Result(group.id, group.title, Outcome.SKIPPED, kind, warnings=(sentence,))
                return Result(group.id, group.title, Outcome.FAILED, kind, error=sentence)
            case Same(answer=answer):
                self.library.counts(group.id)  # raises when the items it would vouch for are gone
                after = self._learn(group, source, lambda now: self._after_answer(now, answer, Outcome.UNCHANGED))
                return Result(group.id, after.title, Outcome.UNCHANGED, kind, warnings=_moved(source, answer))
            case Fresh(snapshot=snapshot) if snapshot.subscriptions:
                return self._keep(group, source, Failed(_LIST))
            case Fresh():
                return self._keep_fresh(group, source, document)

    def _keep_fresh(self, group: Group, source: Source | None, document: Fresh) -> Result:
        snapshot = part_of(document.snapshot, source.part if source else None)
        if source and source.whole:
            snapshot = without_older(snapshot)
        document = dataclasses.replace(document, snapshot=snapshot)
        sources = self.library.group(group.id).sources
        others = source is None or any(one.address != source.address for one in sources)
        decision = self._update(group.id, snapshot, fed_by_others=others)
        # Only now: a 304 must never vouch for items that were not stored.
        after = self._learn(group, source, lambda now: self._after_fresh(now, document), snapshot)
        return Result(
            group.id,
            after.title,
            Outcome.OK,
            snapshot.kind,
            decision.added,
            decision.revised,
            decision.new_highlights,
            decision.joined,
            (*_moved(source, document.answer), *snapshot.warnings),
            cut=snapshot.cut,
            arrived=decision.arrived,
        )

    def _decide_only(self, group: Group | None, snapshot: Snapshot) -> Decision:
        known = self.library.items(group.id) if group else []
        buried = self.library.tombstones(group.id) if group else []
        return decide(known, snapshot, group=group.id if group else "", now=self._clock(), purged=buried)

    def _update(self, group_id: str, snapshot: Snapshot, *, fed_by_others: bool) -> Decision:
        now = self._clock()

        def decided(known: list[Item]) -> Decision:
            read = {item for item, state in self.library.states(group_id).items() if state.is_read} if known else set()
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

    def _learn(
        self,
        group: Group,
        source: Source | None,
        change: Callable[[Source], Source],
        snapshot: Snapshot | None = None,
    ) -> Group:
        """Write what was learnt of a source, and of its group when its document first names it, as one line.

        A source that is in the group no longer stays away; one that is new to it is added.
        """
        is_there = source is None or any(_same(each, source) for each in group.sources)

        def changed(now: Group) -> Group:
            sources = [change(each) if source and _same(each, source) else each for each in now.sources]
            if source and not is_there and not any(_same(each, source) for each in now.sources):
                sources.append(change(source))
            unique = {(each.address, each.part): each for each in sources}  # one that moved may meet another
            now = replace(now, sources=tuple(unique.values()))
            return now if snapshot is None else _named(now, source, snapshot)

        return self.library.update_group(group.id, changed)

    def _due(self, source: Source, *, failures: int = 0, max_age: timedelta | None = None) -> datetime | None:
        """When to ask a source again."""
        if is_file(source):
            return None
        own = interval_for(self._rules, source.address)
        interval = self._interval if own is None else own
        after = source.refresh_after
        return next_due(
            source.address, self._clock(), interval, failures=failures, max_age=max_age, refresh_after=after
        )

    def _after_fresh(self, source: Source, document: Fresh) -> Source:
        """The source after a document came whose items are stored."""
        snapshot = document.snapshot
        source = replace(source, refresh_after=snapshot.refresh_after)
        after = self._after_answer(source, document.answer, Outcome.OK)
        return replace(
            after,
            kind=snapshot.kind,
            # What breaks off must be asked for again: neither a 304 nor an equal body may stand for the whole.
            body_hash=None if snapshot.cut else document.body_hash,
            etag=None if snapshot.cut else after.etag,
            last_modified=None if snapshot.cut else after.last_modified,
            warnings=snapshot.warnings,
            whole=source.whole or holds_everything(source.address, snapshot),
        )

    def _after_answer(self, source: Source, answer: Fetched | NotModified, outcome: Outcome) -> Source:
        """What every success writes; all that was said about failures is cleared. The newest validators count."""
        etag, last_modified = answer.etag, answer.last_modified
        if isinstance(answer, NotModified):  # only what it names is new
            etag, last_modified = etag or source.etag, last_modified or source.last_modified
        return replace(
            source,
            address=answer.address or source.address,
            etag=etag,
            last_modified=last_modified,
            outcome=outcome,
            error=None,
            failing_since=None,
            failures=0,
            checked_at=self._clock(),
            next_due=self._due(source, max_age=answer.max_age),
            waits_until=None,
            waits_at=None,
            gone=False,
            notice=next(iter(_moved(source, answer)), source.notice),
        )

    def _after_failure(self, source: Source, sentence: str, failure: FetchFailure | None) -> Source:
        """The source after a failure: what it knew of its document stays."""
        if failure is not None and failure.reason is FailureReason.RATE_LIMITED:
            return _held_back(source, failure)
        failures = source.failures + 1
        due = self._due(source, failures=failures)
        if due is not None and failure is not None and failure.retry_at is not None:
            due = max(due, failure.retry_at)  # a server that asks for a second is not asked every second
        return replace(
            _waiting(source, failure),
            outcome=Outcome.FAILED,
            error=sentence,
            failing_since=source.failing_since or self._clock(),
            failures=failures,
            checked_at=self._clock(),
            next_due=due,
            gone=failure is not None and failure.reason is FailureReason.GONE,
        )


def _held_back(source: Source, failure: FetchFailure) -> Source:
    """The source when its host wants no request yet: it was not asked, so nothing else is known of it."""
    source = _waiting(source, failure)
    return replace(source, next_due=max(filter(None, (source.next_due, source.waits_until)), default=None))


def _waiting(source: Source, failure: FetchFailure | None) -> Source:
    """The source with who wants no request for how long, if anybody does."""
    host = failure.host if failure and failure.host != host_of(source.address) else None
    return replace(source, waits_until=failure.retry_at if failure else None, waits_at=host)


def _moved(source: Source | None, answer: Fetched | NotModified) -> tuple[str, ...]:
    """What is said of a source whose address has changed."""
    if source is None or answer.address in {None, source.address}:
        return ()
    before, after = redact(source.address), redact(answer.address or "")
    return (f"It has moved for good, from {before} to {after}, and is followed there.",)


def _same(one: Source, other: Source) -> bool:
    return (one.address, one.part) == (other.address, other.part)


def _named(group: Group, source: Source | None, snapshot: Snapshot) -> Group:
    """A group with what its document calls it: its title while it has only a stand-in, its site, its identity."""
    title, site, identities = group.title, group.site, group.identities
    if source is not None:
        title = snapshot.title if snapshot.title and title == stand_in(source.address) else title
        site = site or snapshot.site
    if snapshot.identity is not None and snapshot.identity not in identities:
        identities = (*identities, snapshot.identity)
    return replace(group, title=title, site=site, identities=identities)
