"""Fetching groups (on request and when due), older pages and new groups. None of it moves the cursor."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.worker import WorkerCancelled

from florilege.lists.catalogue import News
from florilege.lists.loaded_group import LoadedGroup
from florilege.lists.places import Place, PlaceKind
from florilege.model import Counts, Group
from florilege.store import LibraryError
from florilege.text import counted, grouped
from florilege.tui.command_screen import Entries, Question
from florilege.tui.paths import completed_path, last_part, meant
from florilege.words import announced

if TYPE_CHECKING:
    from florilege.refresh import Refresher, Result, Step
    from florilege.tui.reading.screen import ReadingScreen

SHOW_EVERY = 0.25
"""Minimum seconds between two updates of the screen while groups are being fetched."""
SHARE = 10
"""The pause between updates is this many times as long as an update took: long lists are updated less often."""
CHECK_EVERY = 2.0
"""Seconds between two checks of whether another process has changed the library."""
CALM = 3 * CHECK_EVERY
"""Seconds without a change by another process before pages are indexed again."""
_PAUSE = 0.002
"""Seconds between two groups indexed in the background, in which key presses can use the library."""
_FETCHING = frozenset({"refresh", "automatic refresh", "network", "older"})
"""Groups of workers that contact servers: while one runs, no automatic refresh starts."""
_DOING = {"fetching": "Fetching", "reading": "Reading", "storing": "Keeping"}


class Fetching:
    """Brings in items, and shows them."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self._reading = reading
        self._state = reading.state
        self._sources = Entries()
        self._under_way: set[str] = set()
        """Ids of the groups being refreshed on request."""
        self._calm: Timer | None = None
        self._looking = asyncio.Lock()
        """Held from asking what other processes changed until that is shown: the library reports a change only once."""
        self._sync_problem: str | None = None
        """The problem that the last synchronisation reported."""
        self._since = reading.state.clock()
        """When the app was opened."""

    def begin(self) -> None:
        """Start what runs in the background: refreshing, watching for changes, sync. Called after the first paint."""
        refresh = self._reading.context.config.refresh
        groups = [group for group in self._state.catalogue.groups() if group.sources]
        if groups and refresh.on_start and refresh.every is not None:
            self.refresh(groups)
        if refresh.every is not None:
            self._reading.set_interval(self._reading.context.due_every, self._refresh_due)
        self._reading.set_interval(CHECK_EVERY, lambda: None if self.is_running("looking") else self.check_library())
        if self._reading.context.sync is not None:
            self._sync_soon()
            self._reading.set_interval(self._reading.context.due_every, self._sync_soon)
        self.index_pages()

    def stop(self) -> bool:
        """Stop one thing the reader requested: adding a group, else a refresh, else older pages.

        Automatic refreshes go on.

        Returns:
            Whether there was anything to stop.
        """
        return any(map(self._stop, ("network", "refresh", "older")))

    def _stop(self, group: str) -> bool:
        """Stop what the reader requested of one kind. Returns whether anything was running."""
        is_running = self.is_running(group)
        if is_running:
            self._reading.workers.cancel_group(self._reading, group)
        return is_running

    def is_running(self, *groups: str) -> bool:
        """Whether a worker of one of these groups is running."""
        return any(
            each.group in groups and not (each.is_finished or each.is_cancelled) for each in self._reading.workers
        )

    # Showing what has changed

    async def apply_changes(self, changed: Collection[str]) -> None:
        """Show what has changed in groups, without moving what is under the cursor.

        Args:
            changed: The ids of groups whose items may have changed; "" for facts about groups.
        """
        if not changed:
            return
        await self._reading.groups.update(changed)
        self._reading.count_searches()
        place = self._state.place
        if (place.is_smart and any(changed)) or place.group in changed or "" in changed:
            await self._reading.moves.rebuild()
        else:
            self._reading.show_top()

    def index_pages(self) -> None:
        """Find the pages that were shared more than once, in a background thread, and update list and open item."""
        self._reading.start(self._index_pages, "sharing", exclusive=True)

    async def _index_pages(self) -> None:
        try:
            await asyncio.to_thread(self._state.catalogue.index_pages, lambda: time.sleep(_PAUSE))
        except LibraryError:
            return  # opening the group that can't be read says why
        self._reading.items.list.refresh_rows()
        self._reading.show_item()

    def check_library(self) -> None:
        """Check whether another process has changed the library, and show what it changed."""
        self._reading.start(self._check_library, "looking")

    async def _check_library(self) -> None:
        catalogue = self._state.catalogue
        async with self._looking:
            changed = await self._reading.read(self._state.library.changed)
            if not changed:
                return

            def known() -> dict[str, tuple[LoadedGroup | None, Counts]]:
                return {each.id: (catalogue.loaded(each.id), catalogue.counts(each.id)) for each in catalogue.groups()}

            before = await asyncio.to_thread(known)
            await self.apply_changes(sorted(changed))
            groups = [each.id for each in catalogue.groups() if each.id in changed or each.id not in before]
            await self._note_others({each: before.get(each, (None, Counts())) for each in groups})
        # Indexing pages reads every group, so it waits until other processes have changed nothing for a moment.
        if self._calm is not None:
            self._calm.stop()
        self._calm = self._reading.set_timer(CALM, self.index_pages)

    async def _note_others(self, before: Mapping[str, tuple[LoadedGroup | None, Counts]]) -> None:
        """Record and announce what another process added to groups.

        Args:
            before: The groups as they were loaded before, if they were, and their counts, by id.
        """
        catalogue = self._state.catalogue
        came: dict[str, News] = {}

        def look() -> None:
            for group, (was, counts) in before.items():
                if news := catalogue.news(group, was, counts, since=self._since):
                    came[group] = news

        await asyncio.to_thread(look)
        if came:
            self._state.arrivals.note({group: news.items for group, news in came.items()})
            self._reading.groups.show()
            new, highlights = (sum(getattr(each, name) for each in came.values()) for name in ("new", "highlights"))
            key = self._reading.key("show-arrived")
            sentence = announced(new, highlights, len(came))
            self._reading.say(f"{sentence} ({key} shows them)" if key else sentence)

    def _sync_soon(self) -> None:
        self._reading.start(self._sync, "sync")  # even while another one hangs: that is then reported

    async def _sync(self) -> None:
        """Synchronise reading states with other machines; the same problem is reported only once in a row."""
        sync = self._reading.context.sync
        result = await self._reading.read(sync) if sync is not None else None
        if result is None:
            return
        await self.apply_changes(result.groups)
        if result.problem and result.problem != self._sync_problem:
            self._reading.say(result.problem, problem=True)
        self._sync_problem = result.problem

    # Refreshing

    def action_refresh_group(self) -> None:
        """Refresh the group under the cursor."""
        if group := self._reading.groups.group_with_source("refresh it"):
            self.refresh([group], asked=True)

    def action_refresh_all(self) -> None:
        """Refresh all groups."""
        groups = [group for group in self._state.catalogue.groups() if group.sources]
        if groups:
            self.refresh(groups, asked=True)
        else:
            self._reading.say("There is no group with an address or a file to refresh from.")

    def refresh(self, groups: Iterable[Group], *, asked: bool = False) -> None:
        """Refresh groups; new items appear without moving what is under the cursor.

        Args:
            groups: The groups; those already being refreshed are skipped.
            asked: Whether the reader asked for it. Else only groups that are due are refreshed, and a message is shown
                only when something new came; a failed group shows its sign anyway.
        """
        wanted = [group for group in groups if group.id not in self._under_way]
        if wanted:
            kind = "refresh" if asked else "automatic refresh"
            self._reading.start(partial(self._refresh, wanted, asked=asked), kind)
        elif asked:
            self._reading.say("A refresh is under way.")

    async def is_unreached(self, group: Group) -> bool:
        """Refresh a group, and return whether no server was found at its address."""
        with suppress(WorkerCancelled):
            results = await self._reading.start(partial(self._refresh, [group], asked=True), "refresh").wait()
            return any(result.is_unreached for result in results or ())
        return False

    def _refresh_due(self) -> None:
        if not self.is_running(*_FETCHING):
            self._reading.start(self._fetch_due, "due", exclusive=True)

    async def _fetch_due(self) -> None:
        await asyncio.to_thread(import_module, "florilege.refresh")
        from florilege.refresh import is_due, is_file

        now = self._reading.state.clock()
        due = [
            group
            for group in self._state.catalogue.groups()
            if any(not is_file(source) and is_due(source, now) for source in group.sources)
        ]
        if due and not self.is_running(*_FETCHING):
            self.refresh(due)

    async def _refresh(self, groups: list[Group], *, asked: bool) -> "list[Result]":
        results: list[Result] = []
        waiting: set[str] = set()
        # Automatic refreshes are left out, so that they never block a requested refresh.
        under_way = {group.id for group in groups} if asked else set()
        self._under_way |= under_way
        showing = asyncio.create_task(self._show_now_and_then(waiting))
        begins = "" if not asked else f"Refreshing {counted(len(groups), 'group')}"
        try:
            async with (
                self._refresher(begins, partial(self._stopped, results, waiting, len(groups))) as refresher,
                aclosing(refresher.refresh(groups, insist=asked)) as coming,
            ):
                async for result in coming:
                    results.append(result)
                    if asked:
                        self._show_progress(f"Refreshed {len(results)} of {len(groups)}: {result.title}")
                    if result.outcome not in {"skipped", "unchanged"}:
                        waiting.add(result.group)
        finally:
            self._under_way -= under_way
            showing.cancel()
        are_facts_new = any(result.outcome == "unchanged" for result in results)
        await self.apply_changes(waiting | ({""} if are_facts_new else set()))
        places = {group.id: place for place, group in enumerate(groups)}
        results.sort(key=lambda result: places.get(result.group, 0))  # in the order of `groups`, not of arrival
        self._report(results, asked=asked)
        if any(result.new or result.new_highlights for result in results):
            self.index_pages()
        self._reading.start(partial(self._after_refresh, results), "hook")
        return results

    @asynccontextmanager
    async def _refresher(self, begins: str, stopped: Callable[[], object]) -> "AsyncIterator[Refresher]":
        """A refresher, with a progress message that is removed at the end.

        Args:
            begins: The first progress message; if empty, none is shown.
            stopped: Called after the reader has stopped it.
        """
        if begins:
            self._show_progress(begins)
        try:
            async with self._reading.context.refreshing() as refresher:
                yield refresher
        except asyncio.CancelledError:
            self._reading.call_later(stopped)
            raise
        finally:
            if begins:
                self._reading.bottom.progress = ""

    def _show_progress(self, what: str) -> None:
        """Show a progress message that also says which key stops it."""
        stop = self._reading.key("back")
        self._reading.bottom.show_progress(f"{what} … {stop} stops it." if stop else f"{what} …")

    async def _show_now_and_then(self, waiting: set[str]) -> None:
        """Show fetched groups at intervals while others are still being fetched, removing them from `waiting`."""
        now = asyncio.get_running_loop().time
        pause = SHOW_EVERY
        while True:
            await asyncio.sleep(pause)
            shown, begun = set(waiting), now()
            await self.apply_changes(shown)
            waiting -= shown
            pause = max(SHOW_EVERY, SHARE * (now() - begun))

    async def _after_refresh(self, results: "list[Result]") -> None:
        if wrong := await self._reading.context.after_refresh(results):
            self._reading.say(wrong, problem=True)

    async def _stopped(self, results: "list[Result]", waiting: set[str], number: int) -> None:
        """Show what had arrived before a refresh was stopped, and report how far it got."""
        await self.apply_changes({*waiting, ""})
        self._note_results(results)
        self._reading.say(f"Stopped after {len(results)} of {counted(number, 'group')}; what has arrived is kept.")

    def _note_results(self, results: "list[Result]") -> "list[Result]":
        """Record new arrivals, and return the results that have something new."""
        touched = [result for result in results if result.new or result.new_highlights]
        if touched:
            self._state.arrivals.note({result.group: result.arrived for result in touched})
            self._reading.groups.show()
        return touched

    def _report(self, results: "list[Result]", *, asked: bool) -> None:
        """Report how a refresh ended."""
        from florilege.refresh.results import announcement

        touched = self._note_results(results)
        named = len(results) > 1  # the only group needs no name
        failed = [f"{result.title}: {result.error}" if named else result.error for result in results if result.error]
        not_asked = [result for result in results if result.outcome == "skipped" and result.warnings]
        held_back = [f"{result.title}: {result.warnings[0]}" for result in not_asked]
        sentence = announcement(results)
        key = self._reading.key("show-arrived") if touched else ""
        news = f"{sentence} ({key} shows them)" if key else sentence
        odd = failed or held_back
        if not odd or not asked:
            if touched or asked:
                self._reading.say(news)
            return
        how = "failed too" if failed else "not asked either"
        more = f" ({counted(len(odd) - 1, 'other group')} {how})" if len(odd) > 1 else ""
        self._reading.say(f"{f'{news}. ' if touched else ''}{odd[0]}{more}", problem=bool(failed))

    # Older pages

    def action_fetch_older(self) -> None:
        """Fetch the older pages of the group under the cursor; if older pages are being fetched already, stop that."""
        if not self._stop("older") and (group := self._reading.groups.group_with_source("fetch its older pages")):
            self._reading.start(partial(self._fetch_older, group), "older", exclusive=True)

    async def _fetch_older(self, group: Group) -> None:
        reading = self._reading

        def show_step(step: "Step") -> None:
            if step.page > 1 and step.stage == "fetching":
                pages = f"{step.page - 1}, {counted(step.items, 'item')}"
                self._show_progress(f"Older pages of {group.title}: {pages}")
                reading.call_later(self.apply_changes, [group.id])

        async def stopped() -> None:
            await self.apply_changes([group.id])
            reading.say(f"Stopped fetching older pages of {group.title}; next time it goes on from there.")

        async with self._refresher(f"Fetching older pages of {group.title}", stopped) as refresher:
            result = await refresher.fetch_older(group, on_step=show_step)
        await self.apply_changes([group.id])
        said = result.error or " ".join(result.warnings[:1])
        came = counted(result.new, "older item") if result.new else "no older items"
        reading.say(said or f"{result.title}: {came}", problem=bool(result.error))
        if result.new:
            self.index_pages()

    # Adding a group

    async def action_add_group(self) -> None:
        """Ask for the address or file of a group to add."""
        await self.ask_source("")

    async def ask_source(self, text: str) -> None:
        """Ask what to add, with `text` already typed; it is fetched in the background."""
        typed = await self._reading.ask(
            Question(
                "Add",
                "address or file (tab completes)",
                text,
                entries=self._sources,
                complete=completed_path,
                candidate=last_part,
            )
        )
        if typed:
            self._reading.start(partial(self._add, meant(typed), typed), "network")

    async def _add(self, source: str, typed: str = "") -> None:
        reading, catalogue, where = self._reading, self._state.catalogue, self._where
        known = {group.id for group in catalogue.groups()}

        async def stopped() -> None:
            catalogue.forget()
            await reading.groups.update()
            is_kept = {group.id for group in catalogue.groups()} - known
            reading.say("Stopped; what had come already is kept." if is_kept else "Stopped; nothing was added.")

        async with self._refresher(f"Fetching {source}", stopped) as refresher:
            from florilege.refresh import AddRequest

            result = await refresher.add(AddRequest(source, on_step=self._show_step))
        if result.feeds:
            await self._choose_feed(result)
            return
        await self._added(result, is_first=not known)
        is_added = any(each.group for each in (result, *result.parts))
        if (result.error or result.refusals) and not is_added and where == self._where:
            self._sources.forget(typed)
            # Ask again, for a correction, as the reader is still waiting for it.
            reading.start(partial(self.ask_source, typed or source), "command")

    @property
    def _where(self) -> object:
        """Where the reader is. Equal to an earlier value unless they have moved on meanwhile."""
        current, screen = self._state.current, self._reading
        return (
            self._state.place,
            current.key if current else None,
            screen.pane,
            screen.question,
            screen.is_active,
        )

    async def _choose_feed(self, result: "Result") -> None:
        """Let the reader choose among the feeds that a page names, and add it."""
        from florilege.tui.screens.picker import Offer, Picker

        offers = [Offer(title or address, address, address) for address, title in result.feeds]
        self._reading.bottom.clear_message()
        address = await self._reading.choose(Picker("Feeds of this page", offers, verb="adds it"))
        if address is not None:
            await self._add(address)
        else:
            self._reading.say("Nothing was added.")

    def _show_step(self, step: "Step") -> None:
        """Show the progress of an addition."""
        pages = f", older page {step.page}" if step.page else ""
        items = f" ({grouped(step.items)} items)" if step.items else ""
        self._show_progress(f"{_DOING[step.stage.value]} {step.title}{pages}{items}")

    async def _added(self, result: "Result", *, is_first: bool) -> None:
        reading = self._reading
        group = next((each.group for each in (result, *result.parts) if each.group), None)
        await self.apply_changes([each.group for each in (result, *result.parts) if each.group])
        # It is opened only if there was nothing to read before; otherwise the reader isn't interrupted.
        if group is not None and is_first:
            await reading.moves.open_place(Place(PlaceKind.GROUP, group))
        if result.error:
            reading.say(result.error, problem=True)
        else:
            came = result.summary if result.parts else counted(result.new, "item")
            first, *others = result.warnings or ("",)
            where = reading.key("overview") or "the overview"
            more = f" {counted(len(others), 'more warning')}: {where} tells them."
            key = "" if is_first or group is None else reading.key("go-to")
            there = f" ({key} goes there)" if key else ""
            said = " ".join(filter(None, [f"{first}{more if others else ''}", *result.refusals[:3]]))
            reading.say(f"{result.title}: {came}{there}{said and f'. {said}'}", problem=bool(result.refusals))
        self.index_pages()
