"""Refreshing groups, and adding them: what happens in which order. Everything it does, a room below it does."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from florilege.model import FlorilegeError, Group, Source
from florilege.net import Fetcher
from florilege.refresh.adding import Adding, Wish
from florilege.refresh.documents import Documents, Parser
from florilege.refresh.history import History
from florilege.refresh.keeping import Keeper, in_thread
from florilege.refresh.results import Ending, OnStep, Result, Stage, Step, together
from florilege.refresh.schedule import DEFAULT_SETTINGS, Settings, is_due, is_file
from florilege.store import Library, LibraryError, NoSuchGroup
from florilege.urls import redact


def _nobody(step: Step) -> None:
    """Hears steps when nobody else does."""


class Refresher:
    """Refreshes groups and adds new ones. Belongs to one event loop.

    Args:
        library: where groups and items are kept; used from threads.
        fetcher: left open.
        parser: left open.
        clock: the current time, with zone.
        settings: how often sources are asked.
        pause: waits so many seconds, between two older pages.
    """

    def __init__(
        self,
        library: Library,
        fetcher: Fetcher,
        parser: Parser,
        *,
        clock: Callable[[], datetime],
        settings: Settings = DEFAULT_SETTINGS,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._library = library
        self._clock = clock
        self._documents = Documents(fetcher, parser, clock=clock)
        self._keeper = Keeper(library, clock=clock, settings=settings)
        self._groups: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._history = History(self._documents, self._keeper, settings=settings, clock=clock, pause=pause)
        self._adding = Adding(self._documents, self._keeper, refresh=self._ask_again, older=self._all_older)

    async def refresh(
        self, groups: Iterable[Group] | None = None, *, insist: bool = False, on_step: OnStep = _nobody
    ) -> AsyncGenerator[Result, None]:
        """Refresh groups, many at once; every one gives a result, as it is done.

        Whoever stops before the end should close the iterator (`contextlib.aclosing`), or cancel the task that reads
        it: everything under way ends at once, and nothing is left half stored.

        Args:
            groups: which; None for all.
            insist: pass over our own interval, never over a server's Retry-After.
            on_step: hears what has begun.

        Raises:
            LibraryError: the list of groups can't be read. What goes wrong with one group is told in its result.
        """
        everything = await in_thread(self._library.groups)
        for source in (source for group in everything for source in group.sources):
            self._documents.hold(source)  # what a host asked for at one address holds for all of them
        wanted = everything if groups is None else list(groups)
        tasks = [asyncio.create_task(self._refresh_due(group, insist, on_step)) for group in wanted]
        try:
            for done in asyncio.as_completed(tasks):
                yield await done
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def add(
        self,
        source: str,
        *,
        title: str | None = None,
        tags: Sequence[str] = (),
        into: str | None = None,
        refresh: bool = True,
        body: bytes | None = None,
        all_pages: bool = False,
        dry_run: bool = False,
        on_step: OnStep = _nobody,
    ) -> Result:
        """Add a group, or a source to one, and fetch it.

        What is already there is refreshed. A document that is no feed keeps nothing; trouble of the network keeps the
        group, as failing. A document that names a group that is there adds to it. One of several groups (a list, an
        export with folders) makes them all, or adds to them; its result has one part for each.

        Args:
            source: an http(s) address, the path of a file, or `-` when `body` is given.
            title: of the new group, which gets everything; its document's own when None, else the host or the name of
                the file.
            tags: the reader's own, for the new group.
            into: the id of the group that gets the source; None for a new one.
            refresh: whether to fetch it now.
            body: the document read from standard input; such a group has no source to refresh.
            all_pages: whether to fetch its older pages too, as `fetch_older` does.
            dry_run: write nothing, and say what would be made.
            on_step: hears what has begun.
        """
        wish = Wish(source, title, tuple(tags), into, refresh, on_step, all_pages and refresh, dry_run)
        try:
            if body is not None:
                return await self._adding.document(wish, body)
            return await self._adding.source(wish)
        except FlorilegeError as error:
            return Result("", title or redact(source), Ending.FAILED, error=str(error), unusable=_is_unusable(error))

    async def fetch_older(self, group: Group, *, again: bool = False, on_step: OnStep = _nobody) -> Result:
        """Fetch the older pages of a group, one after the other, from where that stopped last time.

        May be cancelled: every page that was read is stored, and where to go on is remembered. Nothing outside the
        host of a source is followed. Of a history that was fetched to its end before, only what came since is fetched.

        Args:
            group: which.
            again: read all of such a history again, for what was changed or highlighted since on old items.
            on_step: hears what has begun.
        """
        return await self._older_pages(group, on_step, lambda source: not is_file(source), again=again)

    async def _all_older(self, group: Group, wanted: Source, on_step: OnStep) -> Result:
        return await self._older_pages(group, on_step, lambda source: source.address == wanted.address)

    async def _older_pages(
        self, group: Group, on_step: OnStep, chosen: Callable[[Source], bool], *, again: bool = False
    ) -> Result:
        def may_be_asked(source: Source) -> bool:
            return chosen(source) and is_due(replace(source, gone=False), self._clock(), insist=True)

        async def one(group: Group, source: Source) -> Result:
            return await self._history.fetch(group, replace(source, whole=source.whole and not again), on_step)

        return await self._with_sources(group, may_be_asked, one, tell_why_not=True)

    async def _refresh_due(self, group: Group, insist: bool, on_step: OnStep) -> Result:
        """Refresh the sources of a group that may be asked now."""
        return await self._refresh_group(
            group, on_step, lambda source: is_due(source, self._clock(), insist=insist), tell_why_not=insist
        )

    async def _ask_again(self, group: Group, wanted: Source, on_step: OnStep) -> Result:
        """Refresh one source, which the reader has named; even one that was gone may be back."""

        def chosen(source: Source) -> bool:
            return source.address == wanted.address and is_due(replace(source, gone=False), self._clock(), insist=True)

        return await self._refresh_group(group, on_step, chosen, tell_why_not=True)

    async def _refresh_group(
        self, group: Group, on_step: OnStep, chosen: Callable[[Source], bool], *, tell_why_not: bool
    ) -> Result:
        async def one(group: Group, source: Source) -> Result:
            return await self._refresh_source(group, source, on_step)

        return await self._with_sources(group, chosen, one, tell_why_not=tell_why_not)

    async def _with_sources(
        self,
        group: Group,
        chosen: Callable[[Source], bool],
        one: Callable[[Group, Source], Awaitable[Result]],
        *,
        tell_why_not: bool,
    ) -> Result:
        """Do something with some sources of a group, one after the other, and nothing else with it meanwhile."""
        try:
            async with self._groups[group.id]:  # a second wish waits for the first, then sees what it stored
                group = await in_thread(self._library.group, group.id)
                sources = [source for source in group.sources if chosen(source)]
                parts = [await one(group, source) for source in sources]
                return together(group, parts) if parts else _skipped(group, tell_why=tell_why_not)
        except NoSuchGroup:
            return Result(group.id, group.title, Ending.SKIPPED, warnings=(f"{group.title} was removed meanwhile.",))
        except FlorilegeError as error:
            return Result(group.id, group.title, Ending.FAILED, error=str(error), unusable=_is_unusable(error))

    async def _refresh_source(self, group: Group, source: Source, on_step: OnStep) -> Result:
        def told(stage: Stage) -> None:
            on_step(Step(group.title, stage, group.id))

        return await self._keeper.keep(group, source, await self._documents.get(source, told))


def _is_unusable(error: FlorilegeError) -> bool:
    """Whether the library itself is the trouble, and not what was asked of it."""
    return isinstance(error, LibraryError) and not isinstance(error, NoSuchGroup)


def _skipped(group: Group, *, tell_why: bool) -> Result:
    """Nothing was asked."""
    reasons: list[str] = []
    for source in group.sources if tell_why else ():
        where = redact(source.address)
        if source.gone:
            reasons.append(f"{where} is gone for good and was not asked: add it again to try.")
        elif source.waits_until:
            reasons.append(f"{where} was not asked: its server wants no request before {source.waits_until:%H:%M %Z}.")
    kind = next((source.kind for source in group.sources if source.kind), None)
    return Result(group.id, group.title, Ending.SKIPPED, kind, warnings=tuple(reasons))
