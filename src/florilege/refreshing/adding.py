"""Adding a group, or a source to one: what is kept when it works, and what when it does not."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from florilege.fetching import Fetched
from florilege.model import Group, Source
from florilege.refreshing.addresses import STANDARD_INPUT, address_of, known_as, stand_in
from florilege.refreshing.documents import Document, Documents, Failed, Fresh
from florilege.refreshing.keeping import Keeper, Sketch, in_thread
from florilege.refreshing.paging import older_page
from florilege.refreshing.results import Ending, OnStep, Result, Stage, Step, in_a_row
from florilege.refreshing.schedule import is_file
from florilege.urls import canonical, redact

RefreshSource = Callable[[Group, Source, OnStep], Awaitable[Result]]
"""Refreshes one source of a group that is there."""


@dataclass(frozen=True)
class Wish:
    """What a reader asks to be added."""

    source: str
    """An http(s) address, the path of a file, or `-`."""
    title: str | None
    tags: tuple[str, ...]
    into: str | None
    """The id of the group that gets the source; None for a new one."""
    refresh: bool
    on_step: OnStep
    all_pages: bool = False
    """Whether to fetch the older pages too."""

    def told(self, stage: Stage) -> None:
        """Tell that a stage has begun."""
        shown = stand_in(self.source) if self.source == STANDARD_INPUT else redact(self.source)
        self.on_step(Step(self.title or shown, stage, self.into))

    def sketch(self, address: str, document: Document | None = None) -> Sketch:
        """The group to make."""
        named = document.snapshot.title if isinstance(document, Fresh) else None
        site = document.snapshot.site if isinstance(document, Fresh) else None
        return Sketch(self.title or named or stand_in(address), self.tags, site)


class Adding:
    """Adds what a reader wishes.

    Args:
        documents: gets and reads documents.
        keeper: stores them.
        refresh: see `RefreshSource`.
        older: fetches the older pages of a source of a group that is there.
    """

    def __init__(self, documents: Documents, keeper: Keeper, *, refresh: RefreshSource, older: RefreshSource) -> None:
        self._documents = documents
        self._keeper = keeper
        self._refresh = refresh
        self._older = older
        self._addresses: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def source(self, wish: Wish) -> Result:
        """Add an address or a file.

        Raises:
            LibraryError: the library can't be read or written, or has no group `wish.into`.
        """
        address = address_of(wish.source)
        if address is None:
            sentence = f"{redact(wish.source)} can't be followed: give an http or https address, or the path of a file."
            return Result("", redact(wish.source), Ending.FAILED, error=sentence)
        async with self._addresses[canonical(address)]:  # the same wish twice makes one group
            groups = await in_thread(self._keeper.library.groups)
            home = await in_thread(self._keeper.library.group, wish.into) if wish.into is not None else None
            known = known_as([home] if home else groups, address)
            if known is not None:
                return await self._again(*known, wish)
            source = Source(address=address)
            if not wish.refresh:
                return await self._keep(home, wish, source, None)
            document = await self._documents.get(source, wish.told)
            if isinstance(document, Failed) and not document.may_pass:
                title = home.title if home else wish.title or redact(address)
                return Result(home.id if home else "", title, Ending.FAILED, error=document.sentence)
            if isinstance(document, Fresh) and document.answer.address:
                moved = known_as([home] if home else groups, document.answer.address)
                if moved is not None:
                    return await self._keeper.keep(*moved, document)
                source = Source(address=document.answer.address)
            if wish.all_pages and isinstance(document, Fresh) and not is_file(source):
                older = older_page(source.address, document.snapshot, link=document.answer.next_page)
                source = Source(address=source.address, older=older)
            return await self._keep(home, wish, source, document)

    async def document(self, wish: Wish, body: bytes) -> Result:
        """Add a document that came by standard input: a group without a source, or items for one that is there.

        Raises:
            LibraryError: the library can't be read or written, or has no group `wish.into`.
        """
        home = await in_thread(self._keeper.library.group, wish.into) if wish.into is not None else None
        document = await self._documents.read(Fetched(body), wish.told)
        if isinstance(document, Failed):
            title = home.title if home else wish.title or stand_in(STANDARD_INPUT)
            return Result(home.id if home else "", title, Ending.FAILED, error=document.sentence)
        if home is not None:
            return await self._keeper.keep(home, None, document)
        return await self._keeper.keep_new(wish.sketch(STANDARD_INPUT, document), None, document)

    async def _again(self, group: Group, source: Source, wish: Wish) -> Result:
        """What is already there is refreshed."""
        here = f"It is already here, as “{group.title}”."
        if not wish.refresh:
            return Result(group.id, group.title, Ending.SKIPPED, source.kind, warnings=(here,))
        fetch = self._older if wish.all_pages and not is_file(source) else self._refresh
        result = await fetch(group, source, wish.on_step)
        return replace(result, warnings=(here, *result.warnings))

    async def _keep(self, home: Group | None, wish: Wish, source: Source, document: Document | None) -> Result:
        if home is not None and document is None:
            await in_thread(self._keeper.library.save_source, home.id, source)
            return Result(home.id, home.title, Ending.SKIPPED)
        if home is not None and document is not None:
            result = await self._keeper.keep(home, source, document)
        else:
            result = await self._keeper.keep_new(wish.sketch(source.address, document), source, document)
        if source.older is None:
            return result
        group = await in_thread(self._keeper.library.group, result.group)
        return in_a_row([result, await self._older(group, source, wish.on_step)])
