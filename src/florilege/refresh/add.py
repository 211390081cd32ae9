"""Adds groups, or sources to a group, and decides what to keep if fetching succeeds or fails.

A document may describe one group, several (an export with folders), or list the addresses of many (OPML).
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from florilege.formats import Snapshot
from florilege.formats.snapshots import part_of, split_groups
from florilege.model import Group, Outcome, Source
from florilege.net import Fetched, FetchFailure
from florilege.refresh.documents import Document, Documents, Fresh, checked
from florilege.refresh.paging import service_of
from florilege.refresh.results import OnStep, Result, Stage, Step, combine_groups, ignore_step
from florilege.refresh.sources import (
    STANDARD_INPUT,
    Known,
    address_of,
    completed_address,
    is_address,
    is_file,
    provisional_title,
)
from florilege.refresh.writer import RefreshWriter, in_thread
from florilege.store import LibraryError
from florilege.text import clean_line, counted, search_key
from florilege.urls import canonical, redact, site_of


@dataclass(frozen=True)
class AddRequest:
    """A user's request to add something."""

    source: str
    """An http(s) address, the path of a file, or `-`."""
    title: str | None = None
    """The title of the new group, into which everything in the document goes. If None, the title in the document is
    used, else the host or the file name."""
    tags: Sequence[str] = ()
    """The user's tags for the new group."""
    into: str | None = None
    """The id of the group that gets the source; None for a new group, or the existing one the document identifies."""
    refresh: bool = True
    """Whether to fetch it now. If not, it is added unchecked."""
    all_pages: bool = False
    """Whether to fetch the older pages too."""
    dry_run: bool = False
    """Whether to write nothing, and only report what would be added."""
    on_step: OnStep = ignore_step
    """Called at each step."""

    def on_stage(self, stage: Stage, items: int = 0) -> None:
        """Report that a stage has begun."""
        shown = provisional_title(self.source) if self.source == STANDARD_INPUT else redact(self.source)
        self.on_step(Step(self.title or shown, stage, self.into, items=items))


@dataclass(frozen=True)
class Adder:
    """Carries out requests to add something. Every method may raise `LibraryError`."""

    documents: Documents
    writer: RefreshWriter
    clock: Callable[[], datetime]
    """Returns the current time, with zone."""
    fetch: Callable[..., Awaitable[Result]]
    """Refreshes a source of an existing group, or fetches its older pages."""
    addresses: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """Held while an address is added, so that two equal requests at once make only one group."""
    names: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """Held while a document is added, by what it says of its group: two of a new group make only one."""

    async def add(self, request: AddRequest) -> Result:
        """Add an address or a file, or several addresses separated by white space.

        An address without scheme is fetched by https, or by http if the server can't be reached that way.
        """
        words = request.source.split()
        if len(words) > 1 and all(map(is_address, words)):
            results = [await self.add(replace(request, source=word)) for word in words]
            return combine_groups(counted(len(words), "address", "addresses"), results)
        whole = completed_address(request.source)
        if whole is None:
            return await self._add(request)
        result = await self._add(replace(request, source=whole))
        if result.is_unreached:
            result = await self._add(replace(request, source=f"http{whole.removeprefix('https')}"))
        if result.error is None or result.group or result.feeds:
            return result
        return replace(result, error=f"{result.error} There is no file {clean_line(request.source)} either.")

    async def add_document(self, request: AddRequest, body: bytes) -> Result:
        """Add a document from standard input: as groups without a source, or as items of an existing group."""
        home = await self._home(request, STANDARD_INPUT)
        answer, read = checked(body, provisional_title(STANDARD_INPUT)), self.documents.read
        document = await read(answer, request.on_stage) if isinstance(answer, Fetched) else answer
        if isinstance(document, Fresh):
            return await self._found(home, request, None, document)
        error = document.sentence if isinstance(document, FetchFailure) else None
        return Result(home.id, home.title, Outcome.FAILED, error=error)

    async def _add(self, request: AddRequest, *, is_page_feed: bool = False) -> Result:
        address = address_of(request.source)
        if address is None:
            shown = redact(request.source)
            sentence = f"{shown} can't be followed: give an http or https address, or the path of a file."
            return Result("", shown, Outcome.FAILED, error=sentence)
        async with self.addresses[canonical(address)]:
            home, source, document = await self._home(request, address), Source(address=address), None
            known = (await self._known(home)).source(address)
            if known is not None:
                return await self._again(*known, request)
            if request.refresh or request.dry_run or is_file(source):  # files are always read
                document = await self.documents.get(source, request.on_stage)
            if isinstance(document, Fresh):
                return await self._found(home, request, source, document)
            if isinstance(document, FetchFailure) and (request.refresh or request.dry_run):
                follows = () if is_page_feed else document.feeds
                return await self._failed(home, request, source, replace(document, feeds=follows))
            return await self._keep(home, request, source, None)

    async def _failed(self, home: Group, request: AddRequest, source: Source, failure: FetchFailure) -> Result:
        """Handle an address whose document can't be fetched or read.

        If it is a web page that links to a feed, that feed is added instead. If the server has a temporary problem, the
        group is kept; if no server can be reached, it is not, since the address may be mistyped.
        """
        shown, is_unreached = redact(source.address), failure.reason.is_unreached
        feeds = tuple(feed for feed in failure.feeds if canonical(feed[0]) != canonical(source.address))
        if len(feeds) == 1 and site_of(feeds[0][0]) == site_of(source.address):
            result = await self._add(replace(request, source=feeds[0][0]), is_page_feed=True)
            return result if result.error else result.warned(f"{shown} is a web page; the feed it names is followed.")
        if request.dry_run and failure.is_rate_limited:
            return Result("", shown, Outcome.SKIPPED, warnings=(failure.sentence,))
        may_pass = failure.reason.may_pass and not request.dry_run
        if may_pass and not is_unreached:
            return await self._keep(home, request, source, failure)
        nothing = f"{failure.what}. Nothing was added: check the address and the network."
        return Result(
            home.id,
            home.title if home.id else request.title or shown,
            Outcome.FAILED,
            error=nothing if may_pass else failure.sentence_once,
            is_unreached=is_unreached,
            feeds=feeds if len(feeds) > 1 else (),
        )

    async def _found(self, home: Group, request: AddRequest, source: Source | None, document: Fresh) -> Result:
        """Add a document that could be read: of one group, of several, or a list of groups."""
        if source is not None and document.answer.address:
            moved = (await self._known(home)).source(document.answer.address)
            if moved is not None and not request.dry_run:
                return await self.writer.store(*moved, document)
            source = Source(address=document.answer.address)
            if not home.id and request.title is None:
                home = msgspec.structs.replace(home, title=provisional_title(source.address))
        snapshot = document.snapshot
        if snapshot.subscriptions:
            if request.title is not None:
                why = "This is a list of several groups, which have titles of their own: leave out --title."
                return Result("", request.title, Outcome.FAILED, snapshot.kind, error=why)
            return await self._add_many(home, request, snapshot)
        request.on_stage(Stage.STORING, len(snapshot.entries))
        # In a thread, since the entries of large documents are compared with each other.
        parts = await in_thread(split_groups, snapshot) if not home.id and request.title is None else ()
        if not parts:
            whole = replace(document, snapshot=await in_thread(part_of, snapshot, None))
            return await self._group(home, request, source, whole)
        title, results = snapshot.title or home.title, []
        async with self.names[""]:  # one such document after the other, since they may have groups in common
            known = Known(await self._groups())
            for part in parts:
                named = part if part.title else msgspec.structs.replace(part, title=title)
                own = source and msgspec.structs.replace(source, part=part.identity)
                results.append(await self._group(home, request, own, replace(document, snapshot=named), known=known))
        return combine_groups(title, results, snapshot.warnings, snapshot.kind)

    async def _group(
        self,
        home: Group,
        request: AddRequest,
        source: Source | None,
        document: Fresh,
        *,
        known: Known | None = None,
    ) -> Result:
        """Add a document, or a part of one, to the group requested, else the one it identifies, else a new one.

        `known` are the groups that existed before the first part of the document was added; None for a whole one.
        """
        snapshot, said, is_part = document.snapshot, list[str](), known is not None
        async with self.names[snapshot.identity or request.source]:
            if not home.id:
                known = known or Known(await self._groups())
                title = request.title or snapshot.title or home.title
                home = msgspec.structs.replace(home, title=title, site=snapshot.site)
                held = known.source(source.address, source.part) if source and is_part else None
                joined = held[0] if held else known.group(snapshot.identity)
                source = held[1] if held else source
                if joined is not None and request.title in {None, joined.title}:
                    home = joined
                    said += [] if is_part else [f"It belongs to “{joined.title}”, and was added there."]
            if request.dry_run:
                return await self.writer.preview(home, snapshot)
            if is_part and not request.refresh:
                if source and home.id:
                    return _already(home, source)
                request = replace(request, title=home.title)  # titles of folders are no reason for a warning
            return (await self._keep(home, request, source, document)).warned(*said)

    async def _again(self, group: Group, source: Source, request: AddRequest) -> Result:
        """Handle a source that was added before: refresh it, or fetch its older pages, if requested."""
        already = _already(group, source)
        if not request.refresh or request.dry_run:
            return already
        all_pages = request.all_pages and not is_file(source)
        result = await self.fetch(group, source, request.on_step, all_pages=all_pages)
        return result.warned(*already.warnings)

    async def _add_many(self, home: Group, request: AddRequest, snapshot: Snapshot) -> Result:
        """Add every group of a list. All are stored before the first is fetched; then they are fetched concurrently.

        Args:
            home: The group that gets all the addresses; one without an id to make a group for each.
            request: The request.
            snapshot: The list.
        """
        known = await self._known(home)
        missing: dict[str, Group] = {}
        for each in snapshot.subscriptions:
            if known.source(each.address) is None:
                title, source = each.title or provisional_title(each.address), Source(address=each.address)
                tags = tuple(dict.fromkeys((*request.tags, *each.tags)))
                new = Group(id="", title=title, added_at=self.clock(), sources=(source,), tags=tags, site=each.site)
                missing.setdefault(canonical(each.address), new)
        if request.dry_run:
            made = [Result("", home.title if home.id else new.title, Outcome.PLANNED) for new in missing.values()]
        else:
            made = await self.writer.add_many(home, list(missing.values()))
        made_of = dict(zip(missing, made, strict=True))

        async def one(address: str) -> Result:
            name, found = canonical(address), known.source(address)
            result, source = (_already(*found), found[1]) if found else (made_of[name], missing[name].sources[0])
            if not request.refresh or request.dry_run:
                return result
            group = found[0] if found else msgspec.structs.replace(missing[name], id=result.group, title=result.title)
            return (await self.fetch(group, source, request.on_step)).warned(*result.warnings)

        results = await asyncio.gather(*(one(each.address) for each in snapshot.subscriptions))
        return combine_groups(
            snapshot.title or provisional_title(request.source), results, snapshot.warnings, snapshot.kind
        )

    async def _keep(self, home: Group, request: AddRequest, source: Source | None, document: Document | None) -> Result:
        """Add a group or its new source, and store the document, and the older pages if those are wanted too.

        Warns if another group has the same title as a new one, since that one may have been meant.
        """
        others = [] if home.id or request.title is not None else [group.title for group in await self._groups()]
        sources = (source,) if source else ()
        result = Result(home.id, home.title, Outcome.SKIPPED)
        is_added = not home.id or not {each.key for each in sources} <= {each.key for each in home.sources}
        if is_added:
            (result,) = await self.writer.add_many(home, [msgspec.structs.replace(home, sources=sources)])
        group = msgspec.structs.replace(home, id=result.group, title=result.title)
        if document is not None and (source is None or request.refresh):
            try:
                result = await self._store(group, request, source, document)
            except LibraryError:
                if is_added:
                    await self.writer.undo_add(home, group, sources)
                raise
        if others and search_key(result.title) in map(search_key, others):
            hint = (
                f"Another group is called “{result.title}” too. If this belongs there, remove the new one, and let "
                "`florilege add SOURCE --into ID` add it there."
            )
            result = replace(result, warnings=(*result.warnings, hint))
        return result

    async def _store(self, group: Group, request: AddRequest, source: Source | None, document: Document) -> Result:
        """Store a document in a group, and fetch the older pages too if that is requested, or usual for the service."""
        has_pages = isinstance(document, Fresh) and source is not None and source.part is None and not is_file(source)
        if source and has_pages and (request.all_pages or service_of(source.address).is_followed_whole):
            return await self.fetch(group, source, request.on_step, all_pages=True, newest=document)
        return await self.writer.store(group, source, document)

    async def _home(self, request: AddRequest, address: str) -> Group:
        """The group to add to. One without an id is new, and gets its id when it is stored."""
        if request.into is not None:
            return await in_thread(self.writer.library.group, request.into)
        title = request.title or provisional_title(address)
        return Group(id="", title=title, added_at=self.clock(), tags=tuple(request.tags))

    async def _groups(self) -> list[Group]:
        return await in_thread(self.writer.library.groups)

    async def _known(self, home: Group) -> Known:
        """The sources that are not added again: those of the group, or for a new one those of all groups."""
        return Known([home] if home.id else await self._groups())


def _already(group: Group, source: Source) -> Result:
    """The result for a source that is already in a group."""
    here = f"It is already here, as “{group.title}”."
    return Result(group.id, group.title, Outcome.SKIPPED, source.kind, warnings=(here,))
