"""Adding a group, or a source to one: what is kept when it works, and what when it does not."""

import asyncio
from collections import defaultdict
from dataclasses import replace

from florilege.formats.parting import groups_in, part_of
from florilege.model import Group, Source
from florilege.net import Fetched
from florilege.refresh.addresses import STANDARD_INPUT, address_of, known_as, meant, named_by, stand_in
from florilege.refresh.documents import Document, Documents, Failed, Fresh, HeldBack
from florilege.refresh.keeping import Keeper, in_thread
from florilege.refresh.paging import older_page
from florilege.refresh.results import Ending, Result, Stage, in_a_row
from florilege.refresh.schedule import is_file
from florilege.refresh.several import Several
from florilege.refresh.wishes import RefreshSource, Wish
from florilege.text import clean_line, fold
from florilege.urls import canonical, redact

__all__ = ["Adding", "RefreshSource", "Wish"]


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
        self._several = Several(keeper, refresh=refresh, make=self._make)
        self._addresses: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._names: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def source(self, wish: Wish) -> Result:
        """Add an address or a file.

        Raises:
            LibraryError: the library can't be read or written, or has no group `wish.into`.
        """
        address = address_of(wish.source)
        if address is None:
            sentence = f"{redact(wish.source)} can't be followed: give an http or https address, or the path of a file."
            return Result("", redact(wish.source), Ending.FAILED, error=sentence)
        whole = meant(wish.source)
        if whole is not None:
            shown = redact(whole)
            sentence = f"{clean_line(wish.source)} is no file here; if it is an address, give all of it: {shown}"
            return Result("", clean_line(wish.source), Ending.FAILED, error=sentence)
        async with self._addresses[canonical(address)]:  # the same wish twice makes one group
            groups = await in_thread(self._keeper.library.groups)
            home = await in_thread(self._keeper.library.group, wish.into) if wish.into is not None else None
            known = known_as([home] if home else groups, address)
            if known is not None and known[1].part is None:
                return await self._again(*known, wish)
            source = Source(address=address)
            if not wish.refresh and not wish.dry_run and not is_file(source):
                return await self._keep(home, wish, source, None)
            document = await self._documents.get(source, wish.told)
            if isinstance(document, Fresh):
                return await self._found(home, wish, source, document)
            if not wish.refresh and not wish.dry_run:
                return await self._keep(home, wish, source, None)
            if wish.dry_run and isinstance(document, HeldBack):
                return Result("", redact(address), Ending.SKIPPED, warnings=(document.failure.sentence,))
            if isinstance(document, Failed) and (wish.dry_run or not document.may_pass):
                title = home.title if home else wish.title or redact(address)
                return Result(home.id if home else "", title, Ending.FAILED, error=document.sentence)
            return await self._keep(home, wish, source, document)

    async def document(self, wish: Wish, body: bytes) -> Result:
        """Add a document that came by standard input: groups without a source, or items for one that is there.

        Raises:
            LibraryError: the library can't be read or written, or has no group `wish.into`.
        """
        home = await in_thread(self._keeper.library.group, wish.into) if wish.into is not None else None
        document = await self._documents.read(Fetched(body), wish.told)
        if isinstance(document, Fresh):
            return await self._found(home, wish, None, document)
        title = home.title if home else wish.title or stand_in(STANDARD_INPUT)
        error = document.sentence if isinstance(document, Failed) else None
        return Result(home.id if home else "", title, Ending.FAILED, error=error)

    async def _found(self, home: Group | None, wish: Wish, source: Source | None, document: Fresh) -> Result:
        """What becomes of a document that could be read: of one group, of several, or of a list of them."""
        groups = await in_thread(self._keeper.library.groups)
        if source is not None and document.answer.address:
            moved = known_as([home] if home else groups, document.answer.address)
            if moved is not None and not wish.dry_run:
                return await self._keeper.keep(*moved, document)
            source = Source(address=document.answer.address)
        snapshot = document.snapshot
        if snapshot.subscriptions:
            if wish.title is not None:
                why = "This is a list of several groups, which have titles of their own: leave out --title."
                return Result("", wish.title, Ending.FAILED, snapshot.kind, error=why)
            return await self._several.listed(wish, home, snapshot)
        wish.told(Stage.STORING, len(snapshot.entries))
        # In a thread: entries of large documents are compared with each other.
        parts = await in_thread(groups_in, snapshot) if home is None and wish.title is None else ()
        if parts:
            return await self._several.parts(wish, source, document, parts)
        whole = replace(document, snapshot=await in_thread(part_of, snapshot, None))
        async with self._names[
            whole.snapshot.identity or wish.source
        ]:  # two documents of one new group at once make one group
            return await self._whole(home, wish, source, whole)

    async def _whole(self, home: Group | None, wish: Wish, source: Source | None, document: Fresh) -> Result:
        """Everything in a document as one group: the one wished, else the one it names, else a new one."""
        snapshot = document.snapshot
        groups = await in_thread(self._keeper.library.groups)
        joined = named_by(groups, snapshot.identity) if home is None else None
        told: tuple[str, ...] = ()
        if joined is not None and wish.title in {None, joined.title}:
            home = joined
            told = (f"It belongs to “{joined.title}”, and was added there.",)
        if wish.dry_run:
            result = await self._keeper.foretell(home, snapshot)
            return replace(result, title=home.title if home else wish.sketch(wish.source, document).title)
        if source is not None and wish.refresh and wish.all_pages and not is_file(source):
            older = older_page(source.address, snapshot, link=document.answer.next_page)
            source = Source(address=source.address, older=older)
        result = await self._keep(home, wish, source, document if wish.refresh or source is None else None)
        return replace(result, warnings=(*told, *result.warnings))

    async def _again(self, group: Group, source: Source, wish: Wish) -> Result:
        """What is already there is refreshed."""
        here = f"It is already here, as “{group.title}”."
        if not wish.refresh or wish.dry_run:
            return Result(group.id, group.title, Ending.SKIPPED, source.kind, warnings=(here,))
        fetch = self._older if wish.all_pages and not is_file(source) else self._refresh
        result = await fetch(group, source, wish.on_step)
        return replace(result, warnings=(here, *result.warnings))

    async def _keep(self, home: Group | None, wish: Wish, source: Source | None, document: Document | None) -> Result:
        if home is None:
            result = await self._make(wish, source, document)
        elif document is not None:
            result = await self._keeper.keep(home, source, document)
        else:
            if source is not None:
                await in_thread(self._keeper.library.save_source, home.id, source)
            return Result(home.id, home.title, Ending.SKIPPED)
        if source is None or source.older is None:
            return result
        group = await in_thread(self._keeper.library.group, result.group)
        return in_a_row([result, await self._older(group, source, wish.on_step)])

    async def _make(self, wish: Wish, source: Source | None, document: Document | None) -> Result:
        """Make a group. When another is called like it, whoever added it may have meant that one."""
        sketch = wish.sketch(source.address if source else STANDARD_INPUT, document)
        groups = await in_thread(self._keeper.library.groups)
        result = await self._keeper.keep_new(sketch, source, document)
        if wish.title is None and any(fold(group.title) == fold(result.title) for group in groups):
            hint = (
                f"Another group is called “{result.title}” too. If this belongs there, remove the new one, and add it "
                "with --into and the id of the other."
            )
            return replace(result, warnings=(*result.warnings, hint))
        return result
