"""Actions that find: what is shown of the place that is open."""

from textual import on, work

from florilege.commands import Scope
from florilege.query import Everything, Query, QueryError, parse
from florilege.tui.screens.arranging import Arranging
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.world import World

FIND = "find"


class Gathering(Arranging):
    """Finding."""

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
        if event.purpose == FIND:
            event.stop()
            self.prompt.close()
            self._find(event.text)
            self.go_to_pane(Scope.ITEMS)
