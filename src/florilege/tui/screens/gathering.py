"""Actions that find, add and refresh: everything that changes which groups and items there are to see."""

from collections.abc import Iterable
from contextlib import aclosing

from textual import on, work

from florilege.commands import Scope
from florilege.desk import announced
from florilege.model import Group
from florilege.query import QueryError, parse
from florilege.text import counted
from florilege.tui.panes.groups import PlaceRows
from florilege.tui.screens.base import ReadingBase
from florilege.tui.widgets.prompt import Prompt
from florilege.views.places import Kind, Place

FIND = "find"
ADD = "add-group"


class Gathering(ReadingBase):
    """Finding, adding, refreshing."""

    # Finding

    def action_find(self) -> None:
        """Show only the items in which all the words typed occur, as they are typed."""
        self.prompt.ask(FIND, "Find", "words, is:unread, has:quote, not ...", str(self.desk.query))
        self.show_keys()

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
        await self.filter_items(query)

    @on(Prompt.Entered)
    async def _entered(self, event: Prompt.Entered) -> None:
        event.stop()
        self.prompt.close()
        if event.purpose == ADD:
            self.go_to_pane(self.pane)
            if event.text:
                self._add(event.text)
            return
        try:
            await self.filter_items(parse(event.text))
        except QueryError as error:
            self.say(str(error), problem=True)
        self.go_to_pane(Scope.ITEMS)

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
        rows = self.groups_list.rows
        place = rows.place(self.groups_list.cursor) if isinstance(rows, PlaceRows) else None
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

    @work(group="refresh", name="refresh", description="Fetching the groups", exclusive=True, exit_on_error=False)
    async def refresh_groups(self, groups: Iterable[Group], *, insist: bool, quiet: bool = False) -> None:
        """Fetch groups; what is new comes in without moving anything under the cursor.

        Args:
            groups: Which groups.
            insist: Whether to ask also those not yet due.
            quiet: Whether to speak only when something new has come.
        """
        groups = list(groups)
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
                await self.take_in(result.group)
        if failed:
            more = f" ({counted(len(failed) - 1, 'other group')} failed too)" if len(failed) > 1 else ""
            self.say(failed[0] + more, problem=True)
        elif held_back and not touched and not quiet:
            self.say(held_back[0])
        elif touched or not quiet:
            self.say(announced(items, highlights, len(touched)))
        if touched:
            self.learn_sharing()

    async def take_in(self, group_id: str) -> None:
        """Show what has changed in a group, without moving anything under the cursor."""
        self.desk.catalogue.forget(group_id)
        self.show_groups()
        if self.desk.place.is_smart or self.desk.place.group == group_id:
            await self.rebuild_items()
        else:
            self.show_top()

    def learn_sharing(self) -> object:
        """Find out which pages were shared in several groups; the screen knows how."""
        raise NotImplementedError
