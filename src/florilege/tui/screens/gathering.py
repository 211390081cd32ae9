"""Actions that find, add and refresh: everything that changes which groups and items there are to see."""

import os

from textual import on, work

from florilege.commands import Scope
from florilege.query import Everything, Query, QueryError, parse
from florilege.text import counted
from florilege.tui.screens.arranging import Arranging
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.world import World
from florilege.views.places import Kind, Place

FIND = "find"
ADD = "add-group"


class Gathering(Arranging):
    """Finding, adding, refreshing."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._before: tuple[Query, str | None] = (Everything(), None)
        """Filter and cursor as they were before the line for finding was opened."""

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
        if event.purpose not in {FIND, ADD}:
            return
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
