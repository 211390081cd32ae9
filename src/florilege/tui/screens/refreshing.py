"""Actions that fetch: by hand, by themselves when it is time, and older pages. Nothing moves the cursor."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from importlib import import_module
from typing import TYPE_CHECKING

from textual import work
from textual.worker import Worker

from florilege.model import Group
from florilege.text import counted
from florilege.tui.screens.base import ReadingBase
from florilege.tui.world import World
from florilege.words import announced

if TYPE_CHECKING:  # loads after the first paint
    from florilege.refresh import Result, Step

SHOW_EVERY = 0.25
"""Seconds between two looks at what has come, while much comes at once."""
SHARE = 10
"""Showing what has come takes at most one part in so many of the time: a long list comes in fewer, larger steps."""
_FETCHING = frozenset({"refresh", "network", "older"})
"""Groups of workers that ask servers: while one runs, nothing is asked unasked."""


class Refreshing(ReadingBase):
    """Refreshing, and fetching older pages."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._under_way: set[str] = set()
        """Ids of the groups that are being refreshed."""
        self._by_hand: Worker[None] | None = None
        """The refresh that was asked for last."""

    def interrupt(self) -> bool:
        """Stop what else can be stopped, or fetching that was asked for; what is fetched by itself goes on."""
        if super().interrupt():
            return True
        worker, self._by_hand = self._by_hand, None
        if worker is not None and not worker.is_finished:
            worker.cancel()
        elif self._is_running("older"):
            self.workers.cancel_group(self, "older")
        else:
            return False
        return True

    def action_refresh_group(self) -> None:
        """Fetch the group under the cursor again."""
        group = self._group_here()
        if group is None:
            self.say("Put the cursor on a group to refresh it, or refresh all.")
        elif not group.sources:
            self.say(f"{group.title} has no source to refresh from.")
        else:
            self.refresh_groups([group], insist=True)

    def action_refresh_all(self) -> None:
        """Fetch every group again."""
        groups = [group for group in self.desk.catalogue.groups() if group.sources]
        if groups:
            self.refresh_groups(groups, insist=True)
        else:
            self.say("There is no group to refresh.")

    def action_fetch_older(self) -> None:
        """Fetch the older pages of the group under the cursor; while that goes on, stop it."""
        group = self._group_here()
        if self._is_running("older"):
            self.workers.cancel_group(self, "older")
        elif group is None:
            self.say("Put the cursor on a group to fetch its older pages.")
        elif not group.sources:
            self.say(f"{group.title} has no source to fetch older pages from.")
        else:
            self._fetch_older(group)

    def refresh_at_start(self) -> None:
        """Fetch what is due, quietly, if the reader wants that."""
        groups = [group for group in self.desk.catalogue.groups() if group.sources]
        if groups and self.world.config.refresh.on_start and self.world.config.refresh.every is not None:
            self.refresh_groups(groups, insist=False, quiet=True)

    def refresh_by_itself(self) -> None:
        """Begin to fetch what becomes due while the app is open, unless the reader wants nothing fetched unasked."""
        if self.world.config.refresh.every is not None:
            self.set_interval(self.world.due_every, self._refresh_due)

    @work(group="due", name="due", description="Looking for what is due", exclusive=True, exit_on_error=False)
    async def _refresh_due(self) -> None:
        if self._is_running(*_FETCHING):
            return
        await asyncio.to_thread(import_module, "florilege.refresh")
        from florilege.refresh import is_due, is_file

        now = self.now()
        due = [
            group
            for group in self.desk.catalogue.groups()
            if any(not is_file(source) and is_due(source, now) for source in group.sources)
        ]
        if due and not self._is_running(*_FETCHING):
            self.refresh_groups(due, insist=False, quiet=True)

    def refresh_groups(self, groups: Iterable[Group], *, insist: bool, quiet: bool = False) -> None:
        """Fetch groups; what is new comes in without moving anything under the cursor.

        Args:
            groups: Which groups; those that are being fetched already are not asked twice.
            insist: Whether to ask also those not yet due.
            quiet: Whether to speak only when something new has come; a group that fails shows its sign.
        """
        wanted = [group for group in groups if group.id not in self._under_way]
        if wanted:
            worker = self._refresh(wanted, insist=insist, quiet=quiet)
            self._by_hand = self._by_hand if quiet else worker
        elif not quiet:
            self.say("A refresh is under way.")

    @work(group="refresh", name="refresh", description="Fetching the groups", exit_on_error=False)
    async def _refresh(self, groups: list[Group], *, insist: bool, quiet: bool) -> None:
        asked = {group.id for group in groups}
        self._under_way |= asked
        try:
            await self._fetch(groups, insist=insist, quiet=quiet)
        finally:
            self._under_way -= asked

    async def _fetch(self, groups: list[Group], *, insist: bool, quiet: bool) -> None:
        results: list[Result] = []
        waiting: dict[str, bool] = {}
        stop = self.world.keys.label("back")
        stops = f" … {stop} stops it." if stop else " …"
        if not quiet:
            self.bottom.tell_progress(f"Refreshing {counted(len(groups), 'group')}{stops}")
        now = asyncio.get_running_loop().time
        show_at = now() + SHOW_EVERY
        try:
            async with (
                self.world.refreshing() as refresher,
                aclosing(refresher.refresh(groups, insist=insist)) as coming,
            ):
                async for result in coming:
                    results.append(result)
                    if not quiet:
                        told = f"Refreshed {len(results)} of {len(groups)}: {result.title}{stops}"
                        self.bottom.tell_progress(told)
                    if result.outcome == "skipped":
                        continue
                    waiting[result.group] = result.outcome != "unchanged"
                    if now() >= show_at:
                        begun = now()
                        await self._take_in(waiting)
                        waiting.clear()
                        show_at = now() + max(SHOW_EVERY, SHARE * (now() - begun))
        except asyncio.CancelledError:
            self.call_later(self._stopped, results, waiting, len(groups))
            raise
        finally:
            if not quiet:
                self.bottom.progress = ""
        await self._take_in(waiting)
        self._tell(results, quiet=quiet)
        if any(result.new or result.new_highlights for result in results):
            self.index_pages()

    async def _stopped(self, results: "list[Result]", waiting: Mapping[str, bool], asked: int) -> None:
        """Show what had come before a refresh was stopped, and say how far it was."""
        await self._take_in(waiting)
        self._note_arrivals(results)
        self.say(f"Stopped after {len(results)} of {counted(asked, 'group')}; what has come is kept.")

    def _note_arrivals(self, results: "list[Result]") -> "list[Result]":
        """Take note of what is new; gives the groups that have something new."""
        touched = [result for result in results if result.new or result.new_highlights]
        if touched:
            self.desk.arrivals.note({result.group: result.arrived for result in touched})
            self.show_groups()
        return touched

    def _tell(self, results: "list[Result]", *, quiet: bool) -> None:
        """Say how a refresh ended."""
        touched = self._note_arrivals(results)
        failed = [result.error for result in results if result.error]
        held_back = [f"{result.title}: {result.warnings[0]}" for result in results if _is_held_back(result)]
        items = sum(result.new for result in touched)
        highlights = sum(result.new_highlights for result in touched)
        revised = [result.revised for result in results if result.revised and not touched]
        told = announced(items, highlights, len(touched) or len(revised), sum(revised))
        key = self.world.keys.label("show-arrived") if touched else ""
        news = f"{told} ({key} shows them)" if key else told
        odd = failed or held_back
        if not odd or quiet:
            if touched or not quiet:
                self.say(news)
            return
        how = "failed too" if failed else "not asked either"
        more = f" ({counted(len(odd) - 1, 'other group')} {how})" if len(odd) > 1 else ""
        self.say(f"{f'{news}. ' if touched else ''}{odd[0]}{more}", problem=bool(failed))

    @work(group="older", name="older", description="Fetching older pages", exclusive=True, exit_on_error=False)
    async def _fetch_older(self, group: Group) -> None:
        stop = self.world.keys.label("back") or "the same command"
        self.bottom.tell_progress(f"Fetching older pages of {group.title} … {stop} stops it.")

        def told(step: "Step") -> None:
            if step.page > 1 and step.stage == "fetching":
                told = f"Older pages of {group.title}: {step.page - 1}, {counted(step.items, 'item')} …"
                self.bottom.tell_progress(told)
                self.call_later(self.take_in, group.id)

        try:
            async with self.world.refreshing() as refresher:
                result = await refresher.fetch_older(group, on_step=told)
        except asyncio.CancelledError:
            self.say(f"Stopped fetching older pages of {group.title}; next time it goes on from there.")
            self.call_later(self.take_in, group.id)
            raise
        finally:
            self.bottom.progress = ""
        await self.take_in(group.id)
        said = result.error or " ".join(result.warnings[:1])
        self.say(said or f"{result.title}: {announced_older(result)}", problem=bool(result.error))
        if result.new:
            self.index_pages()

    async def take_in(self, *group_ids: str) -> None:
        """Show what has changed in groups, without moving anything under the cursor; "" is the list of groups."""
        await self._take_in(dict.fromkeys(group_ids, True))

    async def _take_in(self, changed: Mapping[str, bool]) -> None:
        """The same; for each group, whether its items may have changed, and not only what is said of it."""
        if not changed:
            return
        for group_id, with_items in changed.items():
            self.desk.catalogue.forget(group_id if with_items else "")
        await asyncio.to_thread(self._count, [group_id for group_id in changed if group_id])
        self.show_groups()
        place = self.desk.place
        if (place.is_smart and any(changed.values())) or place.group in changed or "" in changed:
            await self.rebuild_items()
        else:
            self.show_top()

    def _count(self, group_ids: list[str]) -> None:
        """Have the groups counted before they are shown: it reads them. For a worker thread."""
        for group_id in group_ids:
            self.desk.catalogue.counts(group_id)

    def index_pages(self) -> object:
        """Find out which pages were shared in several groups; the screen knows how."""
        raise NotImplementedError

    def _group_here(self) -> Group | None:
        """The group under the cursor of the groups pane; None on a smart group."""
        place = self.place_under_cursor
        return self.desk.catalogue.group(place.group) if place and place.group else None

    def _is_running(self, *groups: str) -> bool:
        """Whether a worker of these groups is at work."""
        return any(worker.group in groups and not worker.is_finished for worker in self.workers)


def announced_older(result: "Result") -> str:
    """What older pages brought: `120 older items`."""
    return counted(result.new, "older item") if result.new else "no older items"


def _is_held_back(result: "Result") -> bool:
    """Whether a group was not asked though the reader wanted it asked."""
    return result.outcome == "skipped" and bool(result.warnings)
