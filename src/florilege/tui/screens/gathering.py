"""Actions that find, add and refresh: everything that changes which groups and items there are to see."""

import os
from collections.abc import Iterable
from contextlib import aclosing

from textual import on, work

from florilege.commands import Scope
from florilege.desk import announced
from florilege.model import Group
from florilege.query import Everything, Query, QueryError, parse
from florilege.text import counted
from florilege.tui.screens.base import ReadingBase
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.world import World
from florilege.views.places import Kind, Place

FIND = "find"
ADD = "add-group"


class Gathering(ReadingBase):
    """Finding, adding, refreshing."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._before: tuple[Query, str | None] = (Everything(), None)
        """Filter and cursor as they were before the line for finding was opened."""
        self._asked: set[str] = set()
        """Ids of the groups that are being refreshed."""

    # Finding

    def action_find(self) -> None:
        """Show only the items in which all the words typed occur, as they are typed."""
        self._before = self.desk.query, self.items_list.cursor_key
        self.prompt.ask(FIND, "Find", "words, is:unread, has:quote, not ...", str(self.desk.query))
        self.show_keys()

    def leave_prompt(self) -> None:
        """Close the line for typing; the list is what it was before."""
        purpose = self.prompt.purpose
        self.prompt.close()
        self.go_to_pane(self.pane)
        if purpose == FIND:
            self._restore(*self._before)

    @work(group="find", name="restore", description="Showing what was shown", exclusive=True, exit_on_error=False)
    async def _restore(self, query: Query, cursor: str | None) -> None:
        if query != self.desk.query:
            await self.filter_items(query, cursor=cursor)

    @on(Prompt.Typed)
    def _typed(self, event: Prompt.Typed) -> None:
        event.stop()
        if event.purpose == FIND:
            self._find(event.text)

    @work(group="find", name="find", description="Looking for what was typed", exclusive=True, exit_on_error=False)
    async def _find(self, text: str) -> None:
        try:
            query = parse(text)
        except QueryError as error:
            self.say(str(error), problem=True)
            return
        self.bottom.hush()
        if query != self.desk.query:
            await self.filter_items(query)

    @on(Prompt.Entered)
    def _entered(self, event: Prompt.Entered) -> None:
        event.stop()
        self.prompt.close()
        if event.purpose == FIND:
            self._find(event.text)
            self.go_to_pane(Scope.ITEMS)
            return
        self.go_to_pane(self.pane)
        if event.text:
            self._add(os.path.expanduser(event.text))  # noqa: PTH111 -- no shell has done it; an address is no path

    # Adding

    def action_add_group(self) -> None:
        """Ask for the address of a feed, or a file."""
        self.prompt.ask(ADD, "Add", "https://groups.diigo.com/group/NAME/rss, or the path of a file")
        self.show_keys()

    @work(group="network", name="add", description="Adding a group", exit_on_error=False)
    async def _add(self, source: str) -> None:
        self.say("Reading it ...")
        async with self.world.refreshing() as refresher:
            result = await refresher.add(source)
        self.desk.catalogue.forget()
        self.show_groups()
        if result.group:
            await self.open_place(Place(Kind.GROUP, result.group))
            self.groups_list.move_to(self.desk.place.key)
        if result.error:
            self.say(result.error, problem=True)
        else:
            warned = f" ({counted(len(result.warnings), 'warning')})" if result.warnings else ""
            self.say(f"{result.title}: {counted(result.new, 'item')}{warned}")
        self.learn_sharing()

    # Refreshing

    def action_refresh_group(self) -> None:
        """Fetch the group under the cursor again."""
        place = self.place_under_cursor
        group = self.desk.catalogue.group(place.group) if place and place.group else None
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

    def refresh_groups(self, groups: Iterable[Group], *, insist: bool, quiet: bool = False) -> None:
        """Fetch groups; what is new comes in without moving anything under the cursor.

        Args:
            groups: Which groups; those that are being fetched already are not asked twice.
            insist: Whether to ask also those not yet due.
            quiet: Whether to speak only when something new has come.
        """
        wanted = [group for group in groups if group.id not in self._asked]
        if wanted:
            self._refresh(wanted, insist=insist, quiet=quiet)
        elif not quiet:
            self.say("A refresh is under way.")

    @work(group="refresh", name="refresh", description="Fetching the groups", exit_on_error=False)
    async def _refresh(self, groups: list[Group], *, insist: bool, quiet: bool) -> None:
        asked = {group.id for group in groups}
        self._asked |= asked
        try:
            await self._fetch(groups, insist=insist, quiet=quiet)
        finally:
            self._asked -= asked

    async def _fetch(self, groups: list[Group], *, insist: bool, quiet: bool) -> None:
        items = highlights = done = 0
        touched: set[str] = set()
        failed: list[str] = []
        held_back: tuple[str, ...] = ()
        if not quiet:
            self.say(f"Refreshing {counted(len(groups), 'group')} ...")
        async with (
            self.world.refreshing() as refresher,
            aclosing(refresher.refresh(groups, insist=insist)) as results,
        ):
            async for result in results:
                done += 1
                if not quiet:
                    self.say(f"Refreshed {done} of {len(groups)}: {result.title}")
                if result.error:
                    failed.append(result.error)
                if result.outcome == "skipped":  # its enum would load the network rooms before the first paint
                    held_back += result.warnings
                    continue
                if result.new or result.new_highlights:
                    touched.add(result.group)
                items += result.new
                highlights += result.new_highlights
                await self.take_in(result.group, items=result.outcome != "unchanged")
        if failed and not quiet:
            more = f" ({counted(len(failed) - 1, 'other group')} failed too)" if len(failed) > 1 else ""
            self.say(failed[0] + more, problem=True)
        elif held_back and not touched and not quiet:
            self.say(held_back[0])
        elif touched or not quiet:
            self.say(announced(items, highlights, len(touched)))
        if touched:
            self.learn_sharing()

    async def take_in(self, group_id: str, *, items: bool = True) -> None:
        """Show what has changed in a group, without moving anything under the cursor.

        Args:
            group_id: Which group; "" for the list of groups.
            items: Whether its items may have changed, and not only what is said of the group.
        """
        self.desk.catalogue.forget(group_id if items else "")
        self.show_groups()
        if (self.desk.place.is_smart and items) or self.desk.place.group == group_id or not group_id:
            await self.rebuild_items()
        else:
            self.show_top()

    def learn_sharing(self) -> object:
        """Find out which pages were shared in several groups; the screen knows how."""
        raise NotImplementedError
