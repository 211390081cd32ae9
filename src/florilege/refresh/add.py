"""Adds groups, or sources to a group, and decides what to keep if fetching succeeds or fails.

A document may describe one group, several (an export with folders), or list the addresses of many (OPML).
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from florilege.formats import Snapshot
from florilege.formats.snapshots import part_of, split_groups
from florilege.model import Group, Outcome, Source
from florilege.net import Fetched, FetchFailure
from florilege.refresh.documents import Document, Documents, Fresh, checked
from florilege.refresh.paging import service_of, without_older
from florilege.refresh.results import OnStep, Result, Stage, Step, combine_groups, combine_steps, ignore_step
from florilege.refresh.sources import (
    STANDARD_INPUT,
    address_of,
    completed,
    is_address,
    is_file,
    known_as,
    known_sources,
    named_by,
    stand_in,
)
from florilege.refresh.writer import RefreshWriter, in_thread
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
        shown = stand_in(self.source) if self.source == STANDARD_INPUT else redact(self.source)
        self.on_step(Step(self.title or shown, stage, self.into, items=items))

    def new_group(self, source: Source | None, now: datetime, document: Document | None = None) -> Group:
        """The group to make. It gets its id when it is stored."""
        named = document.snapshot.title if isinstance(document, Fresh) else None
        site = document.snapshot.site if isinstance(document, Fresh) else None
        title = self.title or named or stand_in(source.address if source else STANDARD_INPUT)
        sources = (source,) if source else ()
        return Group(id="", title=title, added_at=now, sources=sources, tags=tuple(self.tags), site=site)


class Adder:
    """Carries out requests to add something. Every method may raise `LibraryError`.

    Args:
        documents: fetches and parses documents.
        writer: stores them.
        clock: returns the current time, with zone.
        fetch: refreshes a source of an existing group, or fetches its older pages.
    """

    def __init__(
        self,
        documents: Documents,
        writer: RefreshWriter,
        *,
        clock: Callable[[], datetime],
        fetch: Callable[..., Awaitable[Result]],
    ) -> None:
        self._clock = clock
        self._documents = documents
        self._writer = writer
        self._fetch = fetch
        self._addresses: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._names: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def add(self, request: AddRequest) -> Result:
        """Add an address or a file, or several addresses separated by white space.

        An address without scheme is fetched by https, or by http if the server can't be reached that way.
        """
        words = request.source.split()
        if len(words) > 1 and all(map(is_address, words)):
            results = [await self.add(replace(request, source=word)) for word in words]
            return combine_groups(counted(len(words), "address", "addresses"), results)
        whole = completed(request.source)
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
        home = await self._home(request)
        answer = checked(body, stand_in(STANDARD_INPUT))
        read = self._documents.read
        document = await read(answer, request.on_stage) if isinstance(answer, Fetched) else answer
        if isinstance(document, Fresh):
            return await self._found(home, request, None, document)
        title = home.title if home else request.title or stand_in(STANDARD_INPUT)
        error = document.sentence if isinstance(document, FetchFailure) else None
        return Result(home.id if home else "", title, Outcome.FAILED, error=error)

    async def _add(self, request: AddRequest, *, is_page_feed: bool = False) -> Result:
        address = address_of(request.source)
        if address is None:
            sentence = (
                f"{redact(request.source)} can't be followed: give an http or https address, or the path of a file."
            )
            return Result("", redact(request.source), Outcome.FAILED, error=sentence)
        async with self._addresses[canonical(address)]:  # two equal requests at once make only one group
            home = await self._home(request)
            known = known_as(known_sources([home] if home else await self._groups()), address)
            if known is not None:
                return await self._again(*known, request)
            source = Source(address=address)
            document = await self._first(request, source)
            match document:
                case Fresh():
                    return await self._found(home, request, source, document)
                case FetchFailure() if request.refresh or request.dry_run:
                    follows = () if is_page_feed else document.feeds
                    return await self._failed(home, request, source, replace(document, feeds=follows))
                case _:
                    return await self._keep(home, request, source, None)

    async def _first(self, request: AddRequest, source: Source) -> Document | None:
        """Get the document to add; None when it is not to be fetched. Files are always read."""
        if not request.refresh and not request.dry_run and not is_file(source):
            return None
        return await self._documents.get(source, request.on_stage)

    async def _failed(self, home: Group | None, request: AddRequest, source: Source, failure: FetchFailure) -> Result:
        """Handle an address whose document can't be fetched or read.

        If it is a web page that links to a feed, that feed is added instead. If the server has a temporary problem, the
        group is kept; if no server can be reached, it is not, since the address may be mistyped.
        """
        shown = redact(source.address)
        feeds = [feed for feed in failure.feeds if canonical(feed[0]) != canonical(source.address)]
        if len(feeds) == 1 and site_of(feeds[0][0]) == site_of(source.address):
            result = await self._add(replace(request, source=feeds[0][0]), is_page_feed=True)
            return result if result.error else result.warned(f"{shown} is a web page; the feed it names is followed.")
        title = home.title if home else request.title or shown
        if request.dry_run and failure.is_held_back:
            return Result("", shown, Outcome.SKIPPED, warnings=(failure.sentence,))
        is_unreached = failure.reason.is_unreached
        if failure.reason.may_pass and not request.dry_run:
            if not is_unreached:
                return await self._keep(home, request, source, failure)
            sentence = f"{failure.what}. Nothing was added: check the address and the network."
        else:
            sentence = failure.sentence_once
        result = Result(home.id if home else "", title, Outcome.FAILED, error=sentence, is_unreached=is_unreached)
        return replace(result, feeds=tuple(feeds) if len(feeds) > 1 else ())

    async def _found(self, home: Group | None, request: AddRequest, source: Source | None, document: Fresh) -> Result:
        """Add a document that could be read: of one group, of several, or a list of groups."""
        if source is not None and document.answer.address:
            moved = known_as(known_sources([home] if home else await self._groups()), document.answer.address)
            if moved is not None and not request.dry_run:
                return await self._writer.keep(*moved, document)
            source = Source(address=document.answer.address)
        snapshot = document.snapshot
        if snapshot.subscriptions:
            if request.title is not None:
                why = "This is a list of several groups, which have titles of their own: leave out --title."
                return Result("", request.title, Outcome.FAILED, snapshot.kind, error=why)
            return await self._add_many(request, home, snapshot)
        request.on_stage(Stage.STORING, len(snapshot.entries))
        # In a thread, since the entries of large documents are compared with each other.
        parts = await in_thread(split_groups, snapshot) if home is None and request.title is None else ()
        if parts:
            return await self._parts(request, source, document, parts)
        whole = replace(document, snapshot=await in_thread(part_of, snapshot, None))
        async with self._names[whole.snapshot.identity or request.source]:  # two documents of a new group make only one
            return await self._whole(home, request, source, whole)

    async def _whole(self, home: Group | None, request: AddRequest, source: Source | None, document: Fresh) -> Result:
        """Add a document as one group: the one requested, else the one it identifies, else a new one."""
        snapshot = document.snapshot
        joined = named_by(await self._groups(), snapshot.identity) if home is None else None
        said: tuple[str, ...] = ()
        if joined is not None and request.title in {None, joined.title}:
            home = joined
            said = (f"It belongs to “{joined.title}”, and was added there.",)
        if request.dry_run:
            result = await self._writer.preview(home, snapshot)
            return replace(
                result, title=home.title if home else request.new_group(source, self._clock(), document).title
            )
        if source is not None and request.refresh and not is_file(source):
            service = service_of(source.address)
            if request.all_pages or (service and service.is_followed_whole):
                older = document.older
                since = self._clock() if service and service.since else None
                source = Source(address=source.address, older=older, whole=older is None, since=since)
                document = replace(document, snapshot=without_older(snapshot)) if older else document
        result = await self._keep(home, request, source, document if request.refresh or source is None else None)
        return result.warned(*said)

    async def _again(self, group: Group, source: Source, request: AddRequest) -> Result:
        """Handle a source that was added before: refresh it, or fetch its older pages, if requested."""
        already = _already(group, source)
        if not request.refresh or request.dry_run:
            return already
        all_pages = request.all_pages and not is_file(source)
        result = await self._fetch(group, source, request.on_step, all_pages=all_pages)
        return result.warned(*already.warnings)

    async def _parts(
        self, request: AddRequest, source: Source | None, document: Fresh, parts: Sequence[Snapshot]
    ) -> Result:
        """Add every group of a document with the items of several groups, in its order."""
        whole = document.snapshot
        title = whole.title or stand_in(source.address if source else request.source)
        groups = await self._groups()
        known = known_sources(groups)
        results = []
        for each in parts:
            part = each if each.title else msgspec.structs.replace(each, title=title)
            held = known_as(known, source.address, part.identity or "") if source else None
            home = held[0] if held else named_by(groups, part.identity)
            own = held[1] if held else Source(address=source.address, part=part.identity) if source else None
            results.append(await self._part(request, home, own, replace(document, snapshot=part)))
        return combine_groups(title, results, whole.warnings, whole.kind)

    async def _part(self, request: AddRequest, home: Group | None, source: Source | None, part: Fresh) -> Result:
        if request.dry_run:
            return await self._writer.preview(home, part.snapshot)
        if home is None:
            named = request if request.refresh else replace(request, title=part.snapshot.title)
            return await self._make(named, source, part if request.refresh else None)
        if not request.refresh:
            return _already(home, source)
        return await self._writer.keep(home, source, part)

    async def _add_many(self, request: AddRequest, home: Group | None, snapshot: Snapshot) -> Result:
        """Add every group of a list. All are stored before the first is fetched; then they are fetched concurrently.

        Args:
            request: The request.
            home: The group that gets all the addresses; None to make a group for each.
            snapshot: The list.
        """
        known = known_sources([home] if home else await self._groups())
        missing: dict[str, Group] = {}
        for each in snapshot.subscriptions:
            if known_as(known, each.address) is None:
                title, source = each.title or stand_in(each.address), Source(address=each.address)
                tags = tuple(dict.fromkeys((*request.tags, *each.tags)))
                new = Group(id="", title=title, added_at=self._clock(), sources=(source,), tags=tags, site=each.site)
                missing.setdefault(canonical(each.address), new)
        if request.dry_run:
            made = [Result("", home.title if home else new.title, Outcome.PLANNED) for new in missing.values()]
        else:
            made = await self._writer.add_many(home, list(missing.values()))
        made_of = dict(zip(missing, made, strict=True))
        results = []
        for each in snapshot.subscriptions:
            name = canonical(each.address)
            if found := known.get((name, None)):
                results.append((_already(*found), found[1]))
            else:
                results.append((made_of[name], missing[name].sources[0]))
        if request.refresh and not request.dry_run:
            results = await asyncio.gather(*(self._fetched(request, *each) for each in results))
        title = snapshot.title or stand_in(request.source)
        return combine_groups(title, [result for result, _ in results], snapshot.warnings, snapshot.kind)

    async def _fetched(self, request: AddRequest, made: Result, source: Source) -> tuple[Result, Source]:
        """Refresh a group that was just added, keeping the warnings about it."""
        group = await in_thread(self._writer.library.group, made.group)
        result = await self._fetch(group, source, request.on_step)
        return result.warned(*made.warnings), source

    async def _keep(
        self, home: Group | None, request: AddRequest, source: Source | None, document: Document | None
    ) -> Result:
        if home is None:
            result = await self._make(request, source, document)
        elif document is not None:
            result = await self._writer.keep(home, source, document)
        else:
            (result,) = await self._writer.add_many(home, [request.new_group(source, self._clock())])
        if source is None or source.older is None:
            return result
        group = await in_thread(self._writer.library.group, result.group)
        return combine_steps([result, await self._fetch(group, source, request.on_step, all_pages=True)])

    async def _make(self, request: AddRequest, source: Source | None, document: Document | None) -> Result:
        """Make a group. Warns if another group has the same title, since that one may have been meant."""
        new = request.new_group(source, self._clock(), document)
        groups = await self._groups()
        if document is None:
            (result,) = await self._writer.add_many(None, [new])
        else:
            result = await self._writer.keep(new, source, document)
        if request.title is None and any(search_key(group.title) == search_key(result.title) for group in groups):
            hint = (
                f"Another group is called “{result.title}” too. If this belongs there, remove the new one, and let "
                "`florilege add SOURCE --into ID` add it there."
            )
            return replace(result, warnings=(*result.warnings, hint))
        return result

    async def _home(self, request: AddRequest) -> Group | None:
        return await in_thread(self._writer.library.group, request.into) if request.into is not None else None

    async def _groups(self) -> list[Group]:
        return await in_thread(self._writer.library.groups)


def _already(group: Group, source: Source | None) -> Result:
    """The result for a source that is already in a group."""
    here = f"It is already here, as “{group.title}”."
    return Result(group.id, group.title, Outcome.SKIPPED, source.kind if source else None, warnings=(here,))
