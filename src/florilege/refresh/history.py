"""Fetches older pages of a source, one after the other, with pauses.

`History.fetch` fetches the history: each page is stored before the next is requested. The page where it stopped is
stored with the source, so that it can continue there after a failure or on another day. Once it has reached the end,
that is stored too, and the next time it stops at the first page with nothing new.

`History.catch_up` fetches what came since the last refresh: pages until one holds something known. They are stored only
when all of them have been fetched, so that a failure leaves no gap.
"""

import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.model import Group, Outcome, Source
from florilege.net import Fetched, FetchFailure, NotModified
from florilege.refresh.documents import Documents, Fresh
from florilege.refresh.paging import PageWalk, service_of, walk_from, without_older
from florilege.refresh.results import OnStep, Result, Stage, Step, combine_steps
from florilege.refresh.writer import RefreshWriter
from florilege.settings import Refresh
from florilege.text import counted

_KNOWN = (
    "Its history was fetched to the end before, so only what came since was. "
    "`florilege refresh --all --all-pages GROUP` reads all of it again."
)


@dataclass(frozen=True)
class History:
    """Fetches older pages."""

    documents: Documents
    writer: RefreshWriter
    settings: Refresh
    """The maximum number of pages and items to fetch at a time."""
    clock: Callable[[], datetime]
    """Returns the current time, with zone."""
    pause: Callable[[float], Awaitable[None]]
    """Waits for a number of seconds."""

    async def fetch(
        self, group: Group, source: Source, on_step: OnStep, *, again: bool = False, newest: Fresh | None = None
    ) -> Result:
        """Fetch the older pages of a source, from where that stopped last time, else from its newest page.

        Args:
            group: The group.
            source: The source.
            on_step: Called at each step.
            again: Whether to fetch all of them again if they were fetched to the end before.
            newest: The newest page, if it has just been fetched.

        Raises:
            LibraryError: The library could not be read or written.
        """
        if again:
            source = replace(source, whole=False, since=None)
        if source.older is not None:
            return await self._walk(group, source, PageWalk(source.address, source.older), on_step)
        begun, walk = self.clock(), PageWalk(source.address)
        document = newest or await self.documents.get(source, _on_stage(group, walk, on_step), anew=True)
        if not isinstance(document, Fresh):
            return await self.writer.store(group, source, document)
        newest = document
        walk = walk_from(newest.page, newest.snapshot, newest.older)
        if walk.following is not None and not source.whole:  # if it is whole, the writer does this
            newest = dataclasses.replace(newest, snapshot=without_older(newest.snapshot))
        if source.since and not newest.snapshot.entries:  # nothing has changed since, which is no reason for a warning
            newest = dataclasses.replace(newest, snapshot=replace(newest.snapshot, warnings=()))
        kept = await self.writer.store(group, source, newest)
        source = replace(source, address=newest.answer.address or source.address)
        if service_of(source.address).since:
            # In one write: once this walk is at its end, changes after `begun` are requested.
            await self.writer.update_source(group.id, source, since=begun, older=walk.following)
        return combine_steps([kept, await self._walk(group, source, walk, on_step)])

    async def catch_up(self, group: Group, source: Source, newest: Fresh, on_step: OnStep) -> Result:
        """Store the newest page, and the older ones up to the first with something known.

        Args:
            group: The group.
            source: The source as it was fetched.
            newest: The newest page.
            on_step: Called at each step.

        Raises:
            LibraryError: The library could not be read or written.
        """
        walk, pages = walk_from(newest.page, newest.snapshot, newest.older), [newest]
        said: list[str] = []
        while walk.following is not None and await self.writer.is_all_new(group, pages[-1].snapshot):
            if refusal := walk.refusal(walk.following) or self._enough(walk):
                said.append(f"There may be more items between these and those known before. {refusal}")
                await self.writer.update_source(group.id, source, older=walk.following)
                break
            page = await self._page(group, walk.following, walk, on_step)
            if not isinstance(page, Fresh):
                what = f"Nothing of it was stored, so that nothing is left out: {page.sentence}"
                return await self.writer.store(group, source, dataclasses.replace(page, what=what, advice=""))
            pages.append(page)
        older = [await self.writer.store_page(group, page.snapshot) for page in reversed(pages[1:])]
        kept = await self.writer.store(group, source, newest)
        return combine_steps([*older, kept]).warned(*said)

    async def _walk(self, group: Group, source: Source, walk: PageWalk, on_step: OnStep) -> Result:
        """Fetch and store page after page, until the last one, a limit or a failure.

        If the history was fetched to the end before, stop at the first page with nothing new.
        """
        kept = Result(group.id, group.title, Outcome.UNCHANGED, source.kind)
        while walk.following is not None:
            if refusal := walk.refusal(walk.following):
                await self.writer.update_source(group.id, source, older=None)
                return kept.warned(refusal)
            await self.writer.update_source(group.id, source, older=walk.following)
            if enough := self._enough(walk):
                return kept.warned(enough)
            page = await self._page(group, walk.following, walk, on_step)
            if not isinstance(page, Fresh):
                return await self._broken(group, source, page, walk, kept)
            if page.snapshot.entries:
                brought = await self.writer.store_page(group, page.snapshot)
                kept = combine_steps([kept, brought])
                if source.whole and brought.outcome is Outcome.UNCHANGED and not service_of(source.address).since:
                    await self.writer.update_source(group.id, source, older=None, whole=True)
                    return kept.warned(_KNOWN)
        await self.writer.update_source(group.id, source, older=None, whole=True)
        return kept

    async def _page(self, group: Group, address: str, walk: PageWalk, on_step: OnStep) -> Fresh | FetchFailure:
        """Fetch one older page, after a pause."""
        await self.pause(service_of(walk.home).pause)
        page = await self.documents.get(Source(address=address), _on_stage(group, walk, on_step))
        assert not isinstance(page, NotModified)  # noqa: S101 - no validators were sent
        if isinstance(page, FetchFailure) and page.body == b"[]":  # after the last page, at some services
            page = Fresh(Snapshot(kind="empty"), Fetched(b"[]"), "")
        if isinstance(page, Fresh):
            walk.pages += 1
            walk.items += len(page.snapshot.entries)
            walk.following = page.older if walk.visit(address, page.snapshot) else None
        return page

    def _enough(self, walk: PageWalk) -> str | None:
        """A sentence that the limit of pages or items is reached; None when it isn't."""
        if walk.pages < self.settings.older_pages and walk.items < self.settings.older_items:
            return None
        return f"{_so_far(walk)} were fetched, which is the limit for one run: ask again to continue."

    async def _broken(
        self, group: Group, source: Source, failure: FetchFailure, walk: PageWalk, kept: Result
    ) -> Result:
        """Handle a failed page. If the failure may pass, the next walk continues there; else it starts from scratch."""
        sentence = f"{failure.sentence} {_so_far(walk)} were fetched before it."
        if failure.reason.may_pass:
            await self.writer.wait(group.id, source, failure)
            sentence += f" Ask again{' then' if failure.is_rate_limited else ''} to go on from there."
        else:
            await self.writer.update_source(group.id, source, older=None, since=None)
        return dataclasses.replace(kept, outcome=Outcome.FAILED, error=f"An older page is missing: {sentence}")


def _on_stage(group: Group, walk: PageWalk, on_step: OnStep) -> Callable[[Stage], None]:
    """A callback that reports the stages of the next page as steps."""
    page, items = walk.pages + 1, walk.items
    return lambda stage: on_step(Step(group.title, stage, group.id, page=page, items=items))


def _so_far(walk: PageWalk) -> str:
    return f"{counted(walk.pages, 'older page')} with {counted(walk.items, 'item')}"
