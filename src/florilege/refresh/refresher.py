"""`Refresher`, the interface to this package: refreshes and adds groups. The other modules do the single steps."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from florilege.model import FlorilegeError, Group, Outcome, Source
from florilege.net import Fetcher
from florilege.refresh.add import Adder, AddRequest
from florilege.refresh.documents import Documents, Fresh, Parser
from florilege.refresh.history import History
from florilege.refresh.paging import service_of
from florilege.refresh.results import OnStep, Result, Stage, Step, combine_sources, ignore_step
from florilege.refresh.sources import is_due, is_file
from florilege.refresh.writer import RefreshWriter, in_thread
from florilege.settings import Refresh
from florilege.settings.rules import Rule
from florilege.store import Library, NoSuchGroup
from florilege.urls import redact

DEFAULTS = Refresh()


class Refresher:
    """Refreshes groups and adds new ones. Belongs to one event loop.

    Args:
        library: the library; used from threads.
        fetcher: fetches addresses; not closed here.
        parser: parses documents; not closed here.
        clock: returns the current time, with zone.
        settings: how often sources are fetched, and how many older pages.
        rules: rules that give some sources their own interval.
        pause: waits for a number of seconds, between two older pages.
    """

    def __init__(
        self,
        library: Library,
        fetcher: Fetcher,
        parser: Parser,
        *,
        clock: Callable[[], datetime],
        settings: Refresh = DEFAULTS,
        rules: Sequence[Rule] = (),
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._library = library
        self._clock = clock
        self._documents = Documents(fetcher, parser, clock=clock)
        self._writer = RefreshWriter(library, clock=clock, settings=settings, rules=rules)
        self._groups: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._history = History(self._documents, self._writer, settings, clock, pause)
        self._adder = Adder(self._documents, self._writer, clock, self._fetch_named)

    async def refresh(
        self,
        groups: Iterable[Group] | None = None,
        *,
        insist: bool = False,
        anew: bool = False,
        by_name: bool = False,
        on_step: OnStep = ignore_step,
    ) -> AsyncGenerator[Result, None]:
        """Refresh groups concurrently, and yield a result for each as it is done.

        To stop early, close the iterator (`contextlib.aclosing`), or cancel the task that reads it: everything under
        way ends at once, and nothing is left half stored.

        Args:
            groups: the groups; None for all.
            insist: ignore our own interval, but never a server's Retry-After.
            anew: fetch the documents even if they are unchanged.
            by_name: the user named the groups, so sources that were gone (410) are tried too.
            on_step: called at each step.

        Raises:
            LibraryError: the list of groups can't be read. Problems with a single group are reported in its result.
        """
        everything = await in_thread(self._library.groups)
        for source in (source for group in everything for source in group.sources):
            self._documents.record_retry_at(source)  # a Retry-After applies to all addresses of a host
        fetch = partial(self._refresh_source, on_step=on_step, anew=anew)
        wanted = everything if groups is None else groups
        tasks = [
            asyncio.create_task(self._with_sources(group, fetch, insist=insist, by_name=by_name)) for group in wanted
        ]
        try:
            for done in asyncio.as_completed(tasks):
                yield await done
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def add(self, request: AddRequest, *, body: bytes | None = None) -> Result:
        """Add a group, or a source to one, and fetch it.

        A source that exists already is refreshed. Nothing is added if the document isn't a feed, or no server is found
        at the address; on other network errors the group is added as failing. If the document identifies an existing
        group, its items are added to that. A document of several groups (a list, an export with folders) makes or
        extends them all; its result has one part for each.

        Args:
            request: what to add; its source is `-` when `body` is given.
            body: the document read from standard input; such a group has no source to refresh.
        """
        try:
            if body is not None:
                return await self._adder.add_document(request, body)
            return await self._adder.add(request)
        except FlorilegeError as error:
            title = request.title or redact(request.source)
            return Result("", title, Outcome.FAILED, error=str(error), unusable=error.is_unusable)

    async def fetch_older(self, group: Group, *, again: bool = False, on_step: OnStep = ignore_step) -> Result:
        """Fetch the older pages of a group, one after the other, from where that stopped last time.

        May be cancelled: every page that was read is stored, and so is where to continue. Pages on other hosts are not
        followed. If the history was fetched to its end before, only what came since is fetched.

        Args:
            group: the group.
            again: fetch such a history completely again, for changes and highlights added since to old items.
            on_step: called at each step.
        """
        fetch = partial(self._history.fetch, on_step=on_step, again=again)
        return await self._with_sources(group, fetch, lambda source: not is_file(source))

    async def _fetch_named(
        self, group: Group, wanted: Source, on_step: OnStep, *, all_pages: bool = False, newest: Fresh | None = None
    ) -> Result:
        """Refresh a source that the user named, or fetch its older pages; `newest` is its newest page, if known."""
        fetch = partial(self._history.fetch, newest=newest) if all_pages else self._refresh_source
        return await self._with_sources(group, partial(fetch, on_step=on_step), lambda source: source.key == wanted.key)

    async def _with_sources(
        self,
        group: Group,
        fetch: Callable[[Group, Source], Awaitable[Result]],
        chosen: Callable[[Source], bool] = lambda _: True,
        *,
        insist: bool = True,
        by_name: bool = True,
    ) -> Result:
        """Fetch the chosen sources of a group that may be fetched now, one after the other, with the group locked.

        Args:
            group: the group.
            fetch: fetches one of them.
            chosen: whether a source is wanted.
            insist: see `refresh`.
            by_name: see `refresh`.
        """
        try:
            async with self._groups[group.id]:  # a second request waits for the first, then sees what it stored
                group, now = await in_thread(self._library.group, group.id), self._clock()
                parts = [
                    await fetch(group, source)
                    for source in group.sources
                    if chosen(source)
                    and is_due(replace(source, gone=source.gone and not by_name), now, insist=insist or by_name)
                ]
                return combine_sources(group, parts) if parts else _skipped(group, tell_why=insist or by_name)
        except NoSuchGroup:
            return Result(group.id, group.title, Outcome.SKIPPED, warnings=(f"{group.title} was removed meanwhile.",))
        except FlorilegeError as error:
            return Result(group.id, group.title, Outcome.FAILED, error=str(error), unusable=error.is_unusable)

    async def _refresh_source(self, group: Group, source: Source, on_step: OnStep, *, anew: bool = False) -> Result:
        """Fetch the newest page of a source, and older ones if there may be unknown items on them."""

        def on_stage(stage: Stage) -> None:
            on_step(Step(group.title, stage, group.id))

        service = service_of(source.address)
        if service.is_followed_whole and (service.since or source.older or not source.whole):
            return await self._history.fetch(group, source, on_step)
        known = partial(self._library.digests, group.id)
        document = await self._documents.get(source, on_stage, anew=anew, known=known)
        is_known = source.kind is not None and not is_file(source)
        if isinstance(document, Fresh) and is_known and document.older:
            return await self._history.catch_up(group, source, document, on_step)
        return await self._writer.store(group, source, document)


def _skipped(group: Group, *, tell_why: bool) -> Result:
    """The result for a group of which no source was fetched."""
    reasons: list[str] = []
    for source in group.sources if tell_why else ():
        where = redact(source.address)
        if source.gone:
            reasons.append(f"{where} is gone for good and was not fetched: refresh it by name to try.")
        elif source.waits_until:
            reasons.append(
                f"{where} was not fetched: its server wants no request before {source.waits_until:%H:%M %Z}."
            )
    kind = next((source.kind for source in group.sources if source.kind), None)
    return Result(group.id, group.title, Outcome.SKIPPED, kind, warnings=tuple(reasons))
