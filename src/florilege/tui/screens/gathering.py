"""Actions that find: in the place that is open, or everywhere; what is found shows as it is found."""

import asyncio
import time
from dataclasses import dataclass

from textual import on, work

from florilege.commands import Scope
from florilege.lists.catalogue import Listed
from florilege.lists.desk import Aside, Found
from florilege.lists.places import Kind, Place
from florilege.lists.search import Search
from florilege.query import Query, QueryError, parse
from florilege.tui.screens.arranging import Arranging
from florilege.tui.screens.framing import FIND
from florilege.tui.widgets.linelist import Spot
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.world import World

_HINT = "words, is:unread, has:quote, not …"
_EVERYWHERE = Place(Kind.EVERYTHING)
_FIRST = 0.02
"""Seconds after which what has been found so far is shown for the first time."""
_LATER = 0.3
"""Seconds between showing what has been found since: sorting and drawing it again takes time from looking."""


_WORK, _REST = 0.002, 0.0003
"""Seconds of looking at a stretch, and seconds between two of them, in which a key finds the interpreter free."""


class _Rests:
    """Rests now and then: a thread that never does lets others wait each time they ask."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def __call__(self) -> None:
        """Rest, if there was work enough since the last time."""
        if time.monotonic() - self._since >= _WORK:
            time.sleep(_REST)
            self._since = time.monotonic()


@dataclass(frozen=True, slots=True)
class _Left:
    """Where one was before one began to find."""

    aside: Aside
    spot: Spot | None
    pane: Scope
    selected: dict[str, Listed]


class Gathering(Arranging):
    """Finding."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._before: _Left | None = None
        """What was shown before the line for finding was opened."""
        self._home: _Left | None = None
        """Where one was before one looked everywhere."""
        self._turn: object | None = None
        """Whose turn it is to show what is found; None when all has been found, or something else was asked for."""

    # Finding

    def action_find(self) -> None:
        """Show only the items in which all the words typed occur, as they are typed."""
        self._before = self._here()
        self._ask("Find")

    def action_find_everywhere(self) -> None:
        """Find in all groups; while something is being found here, look everywhere instead, and back."""
        if not self.prompt.is_open:
            self._before = self._here()
            self._ask("Find everywhere")
            self._find("", everywhere=True)
        elif self.prompt.purpose == FIND:
            before = self._before
            can_narrow = before is not None and before.aside.place != _EVERYWHERE
            everywhere = self.desk.place != _EVERYWHERE or not can_narrow
            self._ask("Find everywhere" if everywhere else "Find", self.prompt.value)
            self._find(self.prompt.text, everywhere=everywhere)

    def show_keys(self) -> None:
        """Say besides how to look everywhere, or only here."""
        super().show_keys()
        key = self.world.keys.label("find-everywhere")
        if self.prompt.purpose == FIND and key:
            self.bottom.show_keys(
                [("↵", "done"), *self.prompt.hints, (key, "here or everywhere"), ("esc", "never mind")]
            )

    def leave_prompt(self) -> None:
        """Close the line for typing; the list is what it was before."""
        purpose, before = self.prompt.purpose, self._before
        self.prompt.close()
        self.go_to_pane(self.pane)
        if purpose == FIND and before is not None:
            self._restore(before)

    async def open_place(self, place: Place, *, cursor: str | None = None, query: Query | None = None) -> None:
        """Show the items of a place afresh; what was being looked for is no longer."""
        self._turn = self._home = None
        await super().open_place(place, cursor=cursor, query=query)

    async def filter_items(self, query: Query, *, cursor: str | None = None) -> None:
        """Show only what answers to a query; what was being looked for is no longer."""
        self._turn = None
        await super().filter_items(query, cursor=cursor)

    async def come_back(self) -> bool:
        """Go back where one was before one looked everywhere, once the last filter would be taken off."""
        home = self._home
        if home is None or self.desk.place != _EVERYWHERE or len(self.desk.query.conjuncts) > 1:
            return False
        self._take_up(home)
        return True

    def _ask(self, label: str, text: str | None = None) -> None:
        asked = str(self.desk.query)
        self.prompt.ask(FIND, label, _HINT, (f"{asked} " if asked else "") if text is None else text)
        self.lay_out_panes()

    def _here(self) -> _Left:
        return _Left(self.desk.set_aside(), self.items_list.spot, self.pane, dict(self.selected))

    @work(group="find", name="restore", description="Showing what was shown", exclusive=True, exit_on_error=False)
    async def _restore(self, before: _Left) -> None:
        self._take_up(before)

    def _take_up(self, left: _Left) -> None:
        """Show again what was shown, to the line."""
        if left.aside.place != _EVERYWHERE:
            self._home = None
        self._turn = None
        if (left.aside.place, left.aside.query) != (self.desk.place, self.desk.query):
            self.desk.take_up(left.aside)
            self._point_at_place()
            self.selected = dict(left.selected)
            self.show_items(cursor=left.spot.cursor if left.spot else None, keep_place=False)
            if left.spot is not None:
                self.items_list.go_back(left.spot)
        self.go_to_pane(left.pane)

    def _point_at_place(self) -> None:
        with self.prevent(self.groups_list.Moved):
            self.groups_list.move_to(self.desk.place.key)

    @on(Prompt.Typed)
    def _typed(self, event: Prompt.Typed) -> None:
        event.stop()
        if event.purpose == FIND:
            self._find(event.text)

    @work(group="find", name="find", description="Looking for what was typed", exclusive=True, exit_on_error=False)
    async def _find(self, text: str, *, everywhere: bool | None = None) -> None:
        """Look for something where one looks now, everywhere, or where one was before."""
        place = self._place_of(everywhere)
        try:
            query = parse(text)
        except QueryError as error:
            self.say(str(error), problem=True)
            query = self.desk.query
        else:
            self.bottom.hush()
        if self._turn is not None or (place, query) != (self.desk.place, self.desk.query):
            await self._show_found(place, query)

    def _place_of(self, everywhere: bool | None) -> Place:
        if everywhere is None:
            return self.desk.place
        before = self._before
        if everywhere and self.desk.place != _EVERYWHERE:
            self._home = before
        elif not everywhere:
            self._home = None
        return _EVERYWHERE if everywhere or before is None else before.aside.place

    async def _show_found(self, place: Place, query: Query) -> None:
        """Show what answers to a query, as it is found; a newer query takes the turn of this one between two steps."""
        if self.desk.query.is_blank:
            self._remember_cursor()
        cursor = self.items_list.cursor_key or self._cursors.get(place.key)
        there = self.current.head if self.current is not None and self.current.key == cursor else None
        finding = self.desk.finding(place, query)
        turn = self._turn = object()
        seconds, is_first, is_done = _FIRST, True, False
        try:
            while not is_done:
                is_done = await asyncio.to_thread(finding.go_on, seconds, time.monotonic, _Rests())
                if is_done and finding.problems:
                    self.say(str(finding.problems[0]), problem=True)
                began = time.monotonic()
                found = await asyncio.to_thread(self._worked_out, finding, self.items_list.row_width)
                if turn is not self._turn:
                    return
                self._turn = None if is_done else turn
                # Looking through 100,000 rows for one that is not there would hold up a key.
                is_there = there is None or finding.holds(there.group, there.id)
                self._open_found(place, query, found, cursor=cursor if is_there else None, is_first=is_first)
                # The longer the list, the rarer it is shown anew: looking shall have most of the time.
                seconds, is_first = max(_LATER, 4 * (time.monotonic() - began)), False
        finally:
            finding.stop()

    def _worked_out(self, finding: Search, width: int) -> Found:
        """What has been found so far, with all that showing it takes; runs in a thread."""
        found = self.desk.found(finding)
        self.measure(found.rows, width)
        return found

    def _open_found(self, place: Place, query: Query, found: Found, *, cursor: str | None, is_first: bool) -> None:
        """Show what has been found so far."""
        stays = not is_first and self.items_list.cursor > 0
        moved = place != self.desk.place
        self.desk.open_found(place, query, found)
        if moved:
            self._point_at_place()
        # Who has moved on among what was found first keeps their place; else the cursor is where it was before.
        self.show_items(cursor=None if stays else cursor, keep_place=stays)

    @property
    def is_looking(self) -> bool:
        """Whether what is typed is still being looked for."""
        return self._turn is not None

    @on(Prompt.Entered)
    def _entered(self, event: Prompt.Entered) -> None:
        if event.purpose == FIND:
            event.stop()
            self.prompt.close()
            self._find(event.text)
            self.go_to_pane(Scope.ITEMS)
