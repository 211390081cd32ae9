"""The main screen: three panes and two lines. It composes widgets and routes messages."""

import asyncio
import time
from contextlib import suppress

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer

from florilege.commands import COMMANDS, Command, Scope
from florilege.lists.orders import Order
from florilege.lists.places import Kind, Place, place_of
from florilege.query import Everything, Query, QueryError, parse
from florilege.store import LibraryError
from florilege.text import counted
from florilege.tui.keys import bound
from florilege.tui.screens.adding import Adding
from florilege.tui.screens.base import PANES
from florilege.tui.screens.exporting import Exporting
from florilege.tui.screens.flowing import Flowing
from florilege.tui.screens.further import Further
from florilege.tui.screens.gathering import Gathering
from florilege.tui.screens.helping import Helping
from florilege.tui.screens.looking import Looking
from florilege.tui.screens.marking import Marking
from florilege.tui.screens.moving import Moving
from florilege.tui.screens.narrowing import Narrowing
from florilege.tui.screens.searching import Searching
from florilege.tui.screens.settling import Settling
from florilege.tui.screens.taking import Taking
from florilege.tui.widgets.linelist import LineList
from florilege.tui.world import World

LOOK_AROUND = 2.0
"""Seconds between two looks at whether another process has changed the library."""
CALM = 3 * LOOK_AROUND
"""Seconds without a change by another process before what it changed is looked through."""
_PAUSE = 0.002
"""Seconds between two groups that are looked through in the background, in which keys find the library free."""
TRY_AGAIN = 10.0
"""Seconds between two attempts to write marks that could not be written."""


class ReadingScreen(
    Further,
    Moving,
    Marking,
    Taking,
    Exporting,
    Narrowing,
    Looking,
    Flowing,
    Searching,
    Helping,
    Settling,
    Adding,
    Gathering,
):
    """Groups, items, annotations."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        bound(self._bindings, COMMANDS, world.keys)
        self._calm: Timer | None = None

    _left_behind = ""
    """What was said of unsaved marks when the reader wanted to leave; saying it again leaves."""

    def compose(self) -> ComposeResult:
        """A line above, three panes, a line for typing, a line below."""
        yield self.top
        with Horizontal(id="panes"):
            for pane, title in zip(PANES, ("Groups", "Items", "Annotations"), strict=True):
                line_list = self.pane_list(pane)
                line_list.border_title = title
                yield line_list
        yield self.prompt
        yield self.bottom

    async def on_mount(self) -> None:
        """Open where the reader left, or on what is unread at the first start."""
        session = self.world.session
        place = place_of(session.view) if session.view else None
        known = place is not None and (place.group is None or self.desk.catalogue.group(place.group) is not None)
        known = known and (place is None or place.search is None or self.desk.search(place.search) is not None)
        if place is not None and place.group and known:
            self.unfolded |= {place.group} if place.tag else set()
        self.desk.place = place if place is not None and known else Place(Kind.UNREAD)
        self.show_groups()
        self.groups_list.move_to(self.desk.place.key)
        query = _asked_before(session.query) if known else Everything()
        with suppress(ValueError):
            self.desk.order = Order(session.order or Order.NEWEST)
        first = session.first
        if first is not None and first.rows and first.place == self.desk.place.key:
            self.desk.preview(self.desk.place, query, first)
            self.show_items(cursor=session.item, keep_place=False)
        else:
            await self.open_place(self.desk.place, cursor=session.item, query=query)
        # An empty library says how to begin, where one pane has room too, and not that it holds nothing.
        is_first = not self.desk.catalogue.groups()
        self.go_to_pane(Scope.ITEMS if known or is_first else Scope.GROUPS)
        problems = (*self.world.problems, *self.search_problems)
        if problems:  # the bottom has room for one: the first comes whole, the others are where all can be read
            more = f" {counted(len(problems) - 1, 'more problem')}: see florilege doctor." if problems[1:] else ""
            self.say(f"{problems[0]}{more}", problem=True)
        self.watch(self.app, "app_focus", self.watch_rest, init=False)
        self.set_interval(LOOK_AROUND, self._look_around)
        self.set_interval(TRY_AGAIN, self.save_unsaved)

    @work(group="list", name="list", description="Reading the list", exclusive=True, exit_on_error=False)
    async def _read_previewed(self) -> None:
        """Let the list itself take the place of what was saved of it."""
        await self.rebuild_items()
        self.world.settled()

    def begin(self) -> None:
        """Begin what could wait for the first paint."""
        self.has_begun = True
        if self.desk.previewed is not None:
            self.current = None
            self.show_item(visited=False)
        self.world.painted()
        if self.desk.previewed is not None:
            self._read_previewed()
        else:
            self.world.settled()
        self.index_pages()
        self.refresh_at_start()
        self.refresh_by_itself()

    @work(
        group="sharing", name="sharing", description="Finding pages shared twice", exclusive=True, exit_on_error=False
    )
    async def index_pages(self) -> None:
        """Find out which pages were shared in several groups, and say so on the open item."""
        try:
            await asyncio.to_thread(self.desk.catalogue.index_pages, lambda: time.sleep(_PAUSE))
        except LibraryError:
            return  # Whoever next opens the group that can't be read is told why.
        self.items_list.refresh_rows()
        if self.current is not None:
            self._refresh_item(self.current)

    @work(
        group="looking", name="look", description="Looking for changes by others", exclusive=True, exit_on_error=False
    )
    async def _look_around(self) -> None:
        try:
            changed = await asyncio.to_thread(self.desk.library.changed)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return
        await self.take_in(*sorted(changed))
        if changed:
            self._learn_soon()

    def _learn_soon(self) -> None:
        """Find out anew what is shared twice, once others have changed nothing for a moment: it reads every group."""
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(CALM, self.index_pages)

    @work(group="saving", name="retry", description="Writing marks that could not be written", exit_on_error=False)
    async def save_unsaved(self) -> None:
        """Try again to write the marks that are not written yet."""
        if not self.desk.unsaved:
            return
        async with self._saving:
            await asyncio.to_thread(self.desk.retry)
        if not self.desk.unsaved:
            self.say("Your marks are saved now.")
            self.show_groups()
            await self.rebuild_items()

    # Messages

    @on(LineList.Moved, "#groups")
    async def _place_reached(self) -> None:
        await self.reach_place()

    @on(LineList.Chosen, "#groups")
    @on(LineList.Chosen, "#items")
    def _row_chosen(self) -> None:
        self.action_inward()

    @on(LineList.Moved, "#items")
    def _item_reached(self) -> None:
        self.show_item()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Follow the focus, however it came there; one who leaves the line for typing is done with it."""
        for pane in PANES:
            if event.widget is self.pane_list(pane) and event.widget is self.focused:
                self.prompt.close()
                self.pane = pane
                self.lay_out_panes()

    def on_screen_resume(self) -> None:
        """What lies on the screen again is looked at again."""
        self.watch_rest()

    def on_resize(self) -> None:
        """Show as many panes as there is room for."""
        self.lay_out_panes()

    def on_key(self) -> None:
        """A key takes the message away: it has been read."""
        self.bottom.hush()

    # The app

    def action_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def action_theme(self) -> None:
        """Choose a theme."""
        self.app.search_themes()

    def action_help(self) -> None:
        """Show what can be done here, and do what is chosen there."""
        from florilege.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.world.keys, self.pane), self._do)

    async def _do(self, chosen: Command | None) -> None:
        if chosen is not None:
            await self.run_action(chosen.action)

    def action_suspend(self) -> None:
        """Go back to the shell."""
        self.app.action_suspend_process()

    async def action_quit(self) -> None:
        """Leave, once everything marked is durable; without that, only when asked twice."""
        async with self._saving:
            await asyncio.to_thread(self.desk.retry)
            if self.desk.unsaved and not self._left_behind:
                self._left_behind = self.desk.unsaved
                key = self.world.keys.label("quit") or "quit"
                self.say(f"{self.desk.unsaved} {key} again leaves without them.", problem=True)
                return
            await self.app.action_quit()


def _asked_before(text: str | None) -> Query:
    """The filter of the last visit; none when it can't be read any more."""
    try:
        return parse(text or "")
    except QueryError:
        return Everything()
