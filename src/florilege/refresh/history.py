"""Fetching older pages of a group, one after the other, politely; each stored whole before the next is asked for.

Where it stops is remembered with the source, so that it can go on from there, after a failure or another day; and that
it came to the end, so that the next time it only goes as far as there is something new.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from msgspec import structs

from florilege.model import Group, Source
from florilege.refresh.documents import Document, Documents, Failed, Fresh, HeldBack
from florilege.refresh.keeping import Keeper
from florilege.refresh.paging import Trail, older_page
from florilege.refresh.results import Ending, OnStep, Result, Stage, Step, in_a_row
from florilege.refresh.schedule import Settings
from florilege.text import counted

_KNOWN = (
    "Its history was fetched to the end before, so only what came since was. To read all of it again: "
    "florilege refresh --all --all-pages, with the name of the group."
)


class History:
    """Fetches older pages.

    Args:
        documents: Gets and reads pages.
        keeper: Stores what is on them.
        settings: How long to pause between two pages, and after how many to stop.
        clock: The current time, with zone.
        pause: Waits so many seconds.
    """

    def __init__(
        self,
        documents: Documents,
        keeper: Keeper,
        *,
        settings: Settings,
        clock: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._documents = documents
        self._keeper = keeper
        self._settings = settings
        self._clock = clock
        self._pause = pause

    async def fetch(self, group: Group, source: Source, on_step: OnStep) -> Result:
        """Fetch the older pages of a source, from where it stopped last time, else from its newest page on.

        Raises:
            LibraryError: The library could not be read or written.
        """
        results: list[Result] = []
        trail = Trail(source.address)
        following = source.older
        if following is None:
            newest = await self._documents.get(_as_never_read(source), _telling(group, trail, on_step))
            results.append(await self._keeper.keep(group, source, newest))
            if not isinstance(newest, Fresh):
                return in_a_row(results)
            address = newest.answer.address or source.address
            source = structs.replace(source, address=address)
            trail = Trail(address)
            trail.visit(address, newest.snapshot)
            following = older_page(address, newest.snapshot, link=newest.answer.next_page)
        results.append(await self._walk(group, source, following, trail, on_step))
        return in_a_row(results)

    async def _walk(self, group: Group, source: Source, following: str | None, trail: Trail, on_step: OnStep) -> Result:
        """Read page after page, until there are no more, enough, or one that can't be had.

        Of a history known whole, until one that brings nothing.
        """
        extent = self._settings.at_one_go
        kept = Result(group.id, group.title, Ending.UNCHANGED, source.kind)
        while following is not None:
            if objection := trail.objection(following):
                await self._keeper.stop_at(group.id, source.address, None)
                return replace(kept, warnings=(*kept.warnings, objection))
            await self._keeper.stop_at(group.id, source.address, following)
            if trail.pages >= extent.pages or trail.items >= extent.items:
                said = f"{_so_far(trail)} were fetched, which is enough at one go: ask again to go on from there."
                return replace(kept, warnings=(*kept.warnings, said))
            await self._pause(self._settings.between_pages.total_seconds())
            page = await self._documents.page(following, _telling(group, trail, on_step))
            if not isinstance(page, Fresh):
                return await self._broken(group, source, page, trail, kept)
            trail.pages += 1
            trail.items += len(page.snapshot.entries)
            brought = await self._keeper.keep_page(group, page.snapshot)
            kept = in_a_row([kept, brought])
            if source.whole and brought.outcome is Ending.UNCHANGED:
                await self._keeper.stop_at(group.id, source.address, None, whole=True)
                return replace(kept, warnings=(*kept.warnings, _KNOWN))
            is_new = trail.visit(following, page.snapshot)
            following = older_page(following, page.snapshot, link=page.answer.next_page) if is_new else None
        await self._keeper.stop_at(group.id, source.address, None, whole=True)
        return kept

    async def _broken(self, group: Group, source: Source, page: Document, trail: Trail, kept: Result) -> Result:
        """A page that can't be had. When it may be had later, the walk goes on there; else it begins anew."""
        before = f" {_so_far(trail)} were fetched before it."
        match page:
            case HeldBack(failure=failure):
                await self._keeper.wait(group.id, source.address, failure)
                sentence = f"{failure.sentence}{before} Ask again then to go on from there."
            case Failed(sentence=said, failure=failure) if failure is not None and failure.reason.may_pass:
                await self._keeper.wait(group.id, source.address, failure)
                sentence = f"{said}{before} Ask again to go on from there."
            case Failed(sentence=said):
                await self._keeper.stop_at(group.id, source.address, None)
                sentence = f"{said}{before}"
            case _:
                sentence = before.strip()
        return replace(kept, outcome=Ending.FAILED, error=f"An older page is missing: {sentence}")


def _as_never_read(source: Source) -> Source:
    """The source without what vouches for its document, so that it comes whatever we know of it."""
    return Source(address=source.address)


def _telling(group: Group, trail: Trail, on_step: OnStep) -> Callable[[Stage], None]:
    """Tells each stage of the next page."""
    page, items = trail.pages + 1, trail.items
    return lambda stage: on_step(Step(group.title, stage, group.id, page=page, items=items))


def _so_far(trail: Trail) -> str:
    return f"{counted(trail.pages, 'older page')} with {counted(trail.items, 'item')}"
