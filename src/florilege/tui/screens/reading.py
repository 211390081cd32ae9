"""The main screen: it composes the panes and the lines around them, opens lists, and says what follows a change.

Three questions are answered here, each in one function: what is drawn again after a change of the state (`_show`), what
`esc` does (`action_back`), and what the line above says (`show_top`).
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.widget import Widget

from florilege.commands import COMMANDS, Command, Scope, footer
from florilege.lists.loaded_group import Order
from florilege.lists.places import Kind, Place, place_of
from florilege.lists.reader_state import Part
from florilege.query.nodes import Everything, Query, all_of
from florilege.text import clean_line, counted
from florilege.tui.reading.annotations import AnnotationsPane
from florilege.tui.reading.frame import PANES, Frame
from florilege.tui.reading.groups import GroupsPane
from florilege.tui.reading.items import ItemsPane
from florilege.tui.reading.marker import Marker
from florilege.tui.reading.searches import SavedSearches
from florilege.tui.reading.status import crumbs, facts, in_footer, is_met
from florilege.tui.screens.base import CommandScreen
from florilege.tui.widgets.prompt import Entries
from florilege.tui.widgets.row_list import MOVES, RowList
from florilege.tui.widgets.signs import TopLine
from florilege.tui.world import AppContext

if TYPE_CHECKING:
    from florilege.tui.reading.clip import Clip
    from florilege.tui.reading.dialogues import Dialogues
    from florilege.tui.reading.export import Exporter
    from florilege.tui.reading.fetching import Fetching
    from florilege.tui.reading.find import Find
    from florilege.tui.reading.moves import Moves
    from florilege.tui.reading.pipe import Pipe

_DIGITS = frozenset("0123456789")
TRY_AGAIN = 10.0
"""Seconds between two attempts to write marks that could not be written."""
_HOLDERS = (
    "moves", "marker", "find", "searches", "fetching", "clip", "pipe", "dialogues", "frame", "groups", "items",
    "annotations", "screen",
)  # fmt: skip
"""What has the actions of commands. Widgets last: Textual gives them actions, some of the same names as ours."""


class ReadingScreen(CommandScreen[None]):
    """Groups, items, annotations."""

    DEFAULT_CSS = "ReadingScreen { overflow: hidden; }"
    AUTO_FOCUS = ""  # what is open says which pane has the focus

    def __init__(self, world: AppContext) -> None:
        super().__init__(world, "reading")
        self.frame = Frame(self)
        self.searches = SavedSearches(self)
        self.groups, self.items, self.annotations = GroupsPane(self), ItemsPane(self), AnnotationsPane(self)
        self.marker = Marker(self)
        self._reaching = asyncio.Lock()
        self._is_behind = False
        """Whether the annotations still show the item the cursor was on before."""
        self._undrawn = ExitStack()
        """Holds drawing back meanwhile: the cursor and its item are drawn at once, and not one after the other."""
        self._has_begun = False
        """Whether the first paint is done: what can wait for it begins then."""
        self._warned = ""
        """What was said of unsaved marks when the reader wanted to leave; saying it again leaves."""

    def bind_keys(self) -> None:
        """Give the commands their keys, and hold to what the settings say of marks."""
        super().bind_keys()
        self.state.changes.by_page = self.world.config.reading.same_page == "common"

    # Helpers load when they are first asked for: the first paint needs none of these.

    @cached_property
    def moves(self) -> "Moves":
        """What moves the reader."""
        from florilege.tui.reading.moves import Moves

        return Moves(self)

    @cached_property
    def find(self) -> "Find":
        """What finds. Loads all that finding takes: a thread at work would hold up what is loaded later."""
        from florilege.tui.reading.find import Find

        return Find(self)

    @cached_property
    def fetching(self) -> "Fetching":
        """What brings items in."""
        from florilege.tui.reading.fetching import Fetching

        return Fetching(self)

    @cached_property
    def clip(self) -> "Clip":
        """What opens and copies."""
        from florilege.tui.reading.clip import Clip

        return Clip(self, self.annotations.target, self.marker.chosen, self.annotations.no_highlight)

    @cached_property
    def pipe(self) -> "Pipe":
        """What gives to other programs."""
        from florilege.tui.reading.pipe import Pipe, piece_here

        return Pipe(self, partial(piece_here, self), Entries(list(self.world.session.pipes)))

    @cached_property
    def exporter(self) -> "Exporter":
        """What writes to files."""
        from florilege.tui.reading.export import Exporter

        return Exporter(self, Entries(list(self.world.session.exports)))

    @cached_property
    def dialogues(self) -> "Dialogues":
        """What opens upon the screen."""
        from florilege.tui.reading.dialogues import Dialogues

        return Dialogues(self)

    def compose(self) -> ComposeResult:
        """A line above, three panes, a line below; the line for typing comes when it is first needed."""
        self.frame.show_panes()  # before there are widgets whose styles would have to be found twice
        yield self.top
        yield self.frame
        yield self.bottom

    async def on_mount(self) -> None:
        """Open where the reader left, or on what is unread at the first start."""
        state, session = self.state, self.world.session
        place = place_of(session.view) if session.view else None
        known = place is not None and (place.group is None or state.catalogue.group(place.group) is not None)
        known = known and (place is None or place.search is None or state.search(place.search) is not None)
        if place is None or not known:
            place = Place(Kind.UNREAD)
        elif place.tag and place.group:
            self.groups.unfolded.add(place.group)
        query = _asked_before(session.query) if known else Everything()
        with suppress(ValueError):
            state.order = Order(session.order or Order.NEWEST)
        if session.first is not None and session.first.rows and session.first.place == place.key:
            state.preview(place, query, session.first, session.item)
        self.watch(self.items.list, "cursor", self.items.follow_cursor, init=False)
        self.groups.show()
        if state.previewed is None:
            await self.open_place(place, cursor=session.item, query=query)
        state.on_change = self._show
        self._show(Part.LIST)
        # An empty library says how to begin, where one pane has room too, and not that it holds nothing.
        self.go_to_pane(Scope.ITEMS if known or not state.catalogue.groups() else Scope.GROUPS)

    async def begin(self) -> None:
        """Begin what could wait for the first paint."""
        self._has_begun = True
        self.annotations.show_current(visited=self.state.previewed is None)
        self.show_top()
        self.world.painted()
        if self.state.previewed is not None:
            self.start(self._read_previewed, "list")
        else:
            self.world.settled()
        self.searches.count_soon()
        self.fetching.begin()
        damage = await self.read(lambda: self.state.library.problem)
        problems = (*self.world.problems, *self.searches.problems, *([damage] if damage else []))
        if problems:  # the bottom has room for one: the first comes whole, the others are where all can be read
            more = f" {counted(len(problems) - 1, 'more problem')}: see florilege doctor." if problems[1:] else ""
            self.say(f"{problems[0]}{more}", problem=True)
        self.watch(self.app, "app_focus", self.marker.watch_rest, init=False)
        self.set_interval(TRY_AGAIN, lambda: self.start(self.marker.retry, "saving"))

    async def _read_previewed(self) -> None:
        """Replace the saved beginning of the list by the list itself, and the saved counts by the present ones."""
        await self.read(self.state.catalogue.recount)
        self.groups.show()
        await self.rebuild()
        self.world.settled()

    # For what the screen holds

    @property
    def pane(self) -> Scope:
        """The pane that has the focus, or had it before the line for typing took it."""
        return self.frame.pane

    def list_of(self, pane: Scope) -> RowList:
        """The list of a pane."""
        if pane is Scope.GROUPS:
            return self.groups.list
        return self.items.list if pane is Scope.ITEMS else self.annotations.list

    @property
    def list_here(self) -> RowList:
        """The list of the pane that has the focus."""
        return self.list_of(self.pane)

    @property
    def holders(self) -> Iterable[object]:
        """What has the actions of commands."""
        return (getattr(self, held) for held in _HOLDERS)

    def line_left(self, then: Scope | None) -> None:
        """Give the focus to a pane, or back to that which had it."""
        self.go_to_pane(then or self.pane)

    def lay_out(self) -> None:
        """Arrange the panes, and what follows from which of them are shown."""
        self.frame.lay_out()

    def go_to_pane(self, pane: Scope) -> None:
        """Give a pane the focus, showing it first where there is room for fewer than three."""
        self.frame.pane = pane
        self.frame.lay_out()
        self.set_focus(self.list_of(pane))  # at once: what is typed next is meant for it

    # Commands

    async def action_command(self, command_id: str) -> None:
        """Do what a command says, to what lies under the cursors by now."""
        # Moves act upon no item, and holding one down costs no more than moving does.
        if command_id not in MOVES and not self.prompt.is_open:
            await self._catch_up()
        if command_id != "open-page":
            self.clip.forget_number()
        await super().action_command(command_id)

    async def do(self, chosen: Command | Place | None) -> None:
        """Do what was chosen: a command, or to go to a place."""
        if isinstance(chosen, Place):
            await self.go_to(chosen)
        else:
            await super().do(chosen)

    async def press(self, key: str) -> bool:
        """Do what a key means here; a digit is one of the number of a link."""
        if await super().press(key):
            return True
        is_number = key in _DIGITS and not self.prompt.is_open
        if is_number:
            self.clip.type_number(key)
        return is_number

    def commands_here(self) -> Sequence[Command]:
        """The commands that make sense now, for the palette."""
        return [each for each in COMMANDS if is_met(each.need, self)]

    async def _catch_up(self) -> None:
        """Have what lies under the cursors open before a key acts upon it; lists tell of their cursors later."""
        if self.pane is Scope.GROUPS and self.groups.place not in {None, self.state.place}:
            await self.reach_place()
        if self._is_behind:
            self.show_item()

    async def action_back(self) -> None:
        """What `esc` does: the first of these that there is."""
        steps: tuple[Callable[[], bool], ...] = (
            self.prompt.leave,
            self._clear_mouse_selection,
            self.exporter.stop,
            self.pipe.stop,
            self.fetching.stop,
            self.state.clear_selection,
            self.groups.widen,
            self.find.come_back,
        )
        if any(step() for step in steps):
            return
        if not self.state.query.is_blank:
            *_, (_, without) = self.state.query.crumbs()
            await self.filter_items(without)
        else:
            self.moves.action_outward()

    def _clear_mouse_selection(self) -> bool:
        was = bool(self.selections)
        self.clear_selection()
        return was

    # Lists

    async def open_place(self, place: Place, *, cursor: str | None = None, query: Query | None = None) -> None:
        """Show the items of a place afresh.

        Args:
            place: Which place; opening the one that is open lets go of what was just read.
            cursor: The id of the item to go to; the one last visited there when None.
            query: What they are to answer to; a filter that was on is taken off when None.
        """
        if self._has_begun:
            self.find.forget(everything=True)
        self.state.close()
        query = query or Everything()
        rows = await self.read(lambda: self.state.listed(place, query)) or []
        self.state.open(place, query, rows, cursor=cursor or self.state.last_cursor(place))

    async def go_to(self, place: Place) -> None:
        """Open a place, and show where it stands among the groups."""
        if place.kind is Kind.TAG and place.group is not None:
            self.groups.unfolded.add(place.group)
            await self.read(lambda: self.state.catalogue.tags(place.group or ""))
        self.groups.show()
        await self.open_place(place)

    async def reach_place(self) -> None:
        """Show the place under the cursor of the groups pane; within one group a filter stays on."""
        async with self._reaching:  # one after the other: a list that is read slowly must not come upon a later one
            place = self.groups.place
            if place is None or place == self.state.place:
                self.show_keys()
            else:
                is_within = place.group is not None and place.group == self.state.place.group
                await self.open_place(place, query=self.state.query if is_within else None)

    async def rebuild(self) -> None:
        """Read the open list again without moving anything under the cursor; what was just read stays."""
        place, query = self.state.place, self.state.query
        rows = await self.read(lambda: self.state.listed(place, query, refreshed=True))
        if rows is not None and (place, query) == (self.state.place, self.state.query):
            self.state.open(place, query, rows, part=Part.ROWS)

    async def filter_items(self, query: Query) -> None:
        """Show only what answers to a query, in the place that is open; the cursor stays on its item if it can."""
        self.find.forget()
        place, before = self.state.place, self.state.query
        rows = await self.read(lambda: self.state.listed(place, query)) or []
        if (place, before) == (self.state.place, self.state.query):
            current = self.state.current
            self.state.open(place, query, rows, cursor=current.key if current else self.state.last_cursor(place))

    # What is drawn

    def _show(self, changed: Part) -> None:
        """Draw again what a change of the state touches: all that follows it, in this order."""
        if changed & (Part.LIST | Part.ROWS):
            self.items.show(keep_place=Part.ROWS in changed)
            self.groups.follow_list()
            self.show_item()
        elif changed & (Part.MARKS | Part.SELECTION):
            self.items.list.refresh_rows()
            self.annotations.show_note()
        elif Part.CURSOR in changed:
            if not self._is_behind:  # of several keys in a queue only the last one shows its item
                self._is_behind = True
                self._undrawn.enter_context(self.app.batch_update())
                self.call_later(self._show_item_soon)
            return
        if changed & (Part.GROUPS | Part.MARKS):
            self.groups.show()
            self.searches.count_soon()
        self.show_top()

    def _show_item_soon(self) -> None:
        if self._is_behind:
            self.show_item()
            self.show_top()

    def show_item(self) -> None:
        """Show the item under the cursor of the list, once the list has been drawn for the first time."""
        self._is_behind = False
        if self._has_begun:
            self.annotations.show_current()
        self.annotations.list.call_later(self._undrawn.close)  # when it has said that it is to be drawn

    def show_top(self) -> None:
        """Say where one is, how many, and how fresh; and which keys matter."""
        told = facts(self.state, self.world.keys, self.now(), is_looking=self._has_begun and self.find.is_looking)
        self.top.show(crumbs(self.state), told)
        self.show_keys()

    def keys_here(self) -> Sequence[tuple[str, str]]:
        """The keys that matter in the pane that has the focus."""
        pane = self.pane if self.state.catalogue.groups() else Scope.GROUPS  # there one begins, by adding a group
        leaves = self.key("zoom") if self.frame.zoomed else ""
        zoom = [(leaves, "all panes")] if leaves else []
        return [*zoom, *footer(pane, self.world.keys, lambda each: in_footer(each, self))]

    # Messages

    @on(RowList.Moved, "#groups")
    async def _place_reached(self) -> None:
        await self.reach_place()

    @on(RowList.Touched, "#groups")
    def _sign_clicked(self, event: RowList.Touched) -> None:
        self.groups.turn_fold(event.index)

    @on(RowList.Chosen)
    def _row_chosen(self) -> None:
        self.moves.action_inward()

    @on(RowList.Touched, "#annotations")
    async def _fact_clicked(self, event: RowList.Touched) -> None:
        """Narrow the list to a tag of the item that was clicked, or show more from its site or sharer."""
        rows = self.annotations.rows
        query = rows.query_at(event.index, event.line, event.cell, event.list.row_width) if rows else None
        if query is not None and query.name == "tag":
            await self.filter_items(self.state.query.and_(query))
        elif query is not None:
            await self.open_place(Place(Kind.EVERYTHING), query=query)

    @on(TopLine.Clicked)
    async def _crumb_clicked(self, event: TopLine.Clicked) -> None:
        """Go back to a crumb: fewer filters, the group of a tag, or the groups."""
        place, filters = self.state.place, self.state.query.conjuncts
        if event.after <= len(filters):
            kept = all_of(filters[: len(filters) - event.after])
            if kept != self.state.query:
                await self.filter_items(kept)
        elif place.tag is not None and event.after == len(filters) + 1:
            await self.open_place(place.outer)
        else:
            self.go_to_pane(Scope.GROUPS)

    def on_paste(self, event: events.Paste) -> None:
        """An address or file that is pasted anywhere is offered to be added."""
        from florilege.tui.paths import is_address, is_source, meant

        first, *others = [line for line in event.text.splitlines() if line.strip()] or [""]
        if not self.prompt.is_open and is_source(first):
            event.stop()
            addresses = [first, *others] if all(map(is_address, (first, *others))) else [first]
            self.start(partial(self.fetching.ask_source, clean_line(" ".join(map(meant, addresses)))), "command")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Follow the focus, however it came there; one who leaves the line for typing is done with it."""
        for pane in PANES:
            if event.widget is self.list_of(pane) and event.widget is self.focused:
                self.frame.pane = pane
                self.prompt.abandon()
                self.frame.lay_out()

    def on_screen_resume(self) -> None:
        """What lies on the screen again is looked at again."""
        self.marker.watch_rest()

    def on_resize(self) -> None:
        """Show as many panes as there is room for."""
        self.frame.lay_out()

    @property
    def allow_select(self) -> bool:
        """Whether text can be selected: not by what begins at a border, for that changes widths."""
        return (
            super().allow_select and not self.frame.is_dragging and not self.frame.border_at(*self.app.mouse_position)
        )

    def get_focusable_widget_at(self, x: int, y: int) -> Widget | None:
        """What takes the focus when it is clicked: a border does not, for panes might come and go with the focus."""
        return None if self.frame.border_at(x, y) else super().get_focusable_widget_at(x, y)

    # Settings, and leaving

    def adopt(self, world: AppContext) -> None:
        """Hold to the settings and keys of a world from now on."""
        if world.config.look.density != self.world.config.look.density:
            self.items.compact = world.config.look.density == "compact"
        self.world = world
        self.bind_keys()
        self.items.show(keep_place=True)
        self.annotations.show_again()
        self.show_keys()

    async def action_quit(self) -> None:
        """Leave, once everything marked is durable; without that, only when asked twice."""
        async with self.marker.writing:
            await asyncio.to_thread(self.state.changes.retry)
            unsaved = self.state.changes.unsaved
            if unsaved and not self._warned:
                self._warned = unsaved
                self.say(f"{unsaved} {self.key('quit') or 'quit'} again leaves without them.", problem=True)
                return
            await self.app.action_quit()


def _asked_before(text: str | None) -> Query:
    """The filter of the last visit; none when it can't be read any more."""
    if not text:
        return Everything()
    from florilege.query.language import QueryError, parse

    try:
        return parse(text)
    except QueryError:
        return Everything()
