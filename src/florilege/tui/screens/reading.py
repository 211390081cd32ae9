"""The main screen: it composes the panes and the lines around them, opens lists, and says what follows a change.

Three questions are answered here, each in one function: what is drawn again after a change of the state (`_show`), what
`esc` does (`action_back`), and what the line above says (`show_top`).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from florilege.commands import COMMANDS, Command, Scope, footer
from florilege.lists.catalogue import Listed
from florilege.lists.orders import Order
from florilege.lists.places import Kind, Place, asked_here, place_of
from florilege.lists.reader_state import Part, ReaderState
from florilege.model import Group, Item
from florilege.query import Everything, Field, Query, QueryError, all_of, command_line, parse
from florilege.store import LibraryError
from florilege.text import clean_line, counted, grouped
from florilege.tui.keys import bindings
from florilege.tui.paths import is_source, meant
from florilege.tui.reading.annotations import AnnotationsPane
from florilege.tui.reading.clip import Clip, Target
from florilege.tui.reading.export import Exporter
from florilege.tui.reading.fetching import Fetching
from florilege.tui.reading.find import Find
from florilege.tui.reading.frame import PANES, Frame
from florilege.tui.reading.groups import GroupsPane
from florilege.tui.reading.items import ItemsPane
from florilege.tui.reading.marker import Marker
from florilege.tui.reading.moves import Moves
from florilege.tui.reading.narrow import Narrow
from florilege.tui.reading.needs import in_footer
from florilege.tui.reading.searches import SavedSearches
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.prompt import Prompt, Question
from florilege.tui.widgets.signs import BottomLine, TopLine
from florilege.tui.world import Work, World
from florilege.words import ago

T = TypeVar("T")

TRY_AGAIN = 10.0
"""Seconds between two attempts to write marks that could not be written."""
_DIGITS = [Binding(digit, f"number('{digit}')", show=False) for digit in "0123456789"]
_MOVES = frozenset({"down", "up", "half-page-down", "half-page-up", "page-down", "page-up", "top", "bottom"})


class ReadingScreen(Screen[None]):
    """Groups, items, annotations."""

    def __init__(self, world: World) -> None:
        super().__init__(id="reading")
        self.world = world
        self.state: ReaderState = world.state
        self.top, self.bottom, self.prompt = TopLine(), BottomLine(), Prompt()
        self.frame = Frame(self)
        self.searches = SavedSearches(self)
        self.groups, self.items, self.annotations = GroupsPane(self), ItemsPane(self), AnnotationsPane(self)
        self.marker = Marker(self)
        self.find = Find(self)
        self.fetching = Fetching(self)
        self.clip = Clip(self)
        self.exporter = Exporter(self, lambda: self.key("back"))
        holders = (
            self.marker, self.find, self.searches, self.fetching, self.clip, self.frame, Moves(self), Narrow(self),
            self.groups, self.items, self.annotations, self,
        )  # fmt: skip
        self._actions: dict[str, Callable[[], Any]] = {
            each.id: next(getattr(holder, name) for holder in holders if hasattr(holder, name))
            for each in COMMANDS
            if (name := f"action_{each.action}")
        }
        self._heard = asyncio.Event()
        """Set when the command under way is done, or asks something."""
        self._reaching = asyncio.Lock()
        self._is_behind = False
        """Whether the annotations still show the item the cursor was on before."""
        self._has_begun = False
        """Whether the first paint is done: what can wait for it begins then."""
        self._warned = ""
        """What was said of unsaved marks when the reader wanted to leave; saying it again leaves."""
        self._bind()
        self.adopt_state()

    def adopt_state(self) -> None:
        """Have the state hold to the settings."""
        self.state.changes.by_page = self.world.config.reading.same_page == "common"

    def _bind(self) -> None:
        """Give the commands their keys."""
        self._bindings = BindingsMap([*_DIGITS, *bindings(COMMANDS, self.world.keys)])

    def compose(self) -> ComposeResult:
        """A line above, three panes, a line for typing, a line below."""
        yield self.top
        yield Horizontal(self.groups, self.items, self.annotations, id="panes")
        yield self.prompt
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
        self.groups.show()
        state.on_change = self._show
        first = session.first
        if first is not None and first.rows and first.place == place.key:
            state.preview(place, query, first, session.item)
        else:
            await self.open_place(place, cursor=session.item, query=query)
        # An empty library says how to begin, where one pane has room too, and not that it holds nothing.
        self.go_to_pane(Scope.ITEMS if known or not state.catalogue.groups() else Scope.GROUPS)
        problems = (*self.world.problems, *self.searches.problems)
        if problems:  # the bottom has room for one: the first comes whole, the others are where all can be read
            more = f" {counted(len(problems) - 1, 'more problem')}: see florilege doctor." if problems[1:] else ""
            self.say(f"{problems[0]}{more}", problem=True)
        self.watch(self.app, "app_focus", self.marker.watch_rest, init=False)
        self.set_interval(TRY_AGAIN, self.save_unsaved)

    async def begin(self) -> None:
        """Begin what could wait for the first paint."""
        self._has_begun = True
        if self.state.previewed is not None:
            self.annotations.show_current(visited=False)
            self.show_top()
        self.world.painted()
        if self.state.previewed is not None:
            self.start(self._read_previewed, "list")
        else:
            self.world.settled()
        self.searches.count_soon()
        self.fetching.begin()

    async def _read_previewed(self) -> None:
        """Let the list itself take the place of what was saved of it."""
        await self.rebuild()
        self.world.settled()

    def save_unsaved(self) -> None:
        """Try again to write the marks that are not written yet."""
        self.start(self.marker.retry, "saving")

    # For what the screen holds

    @property
    def pane(self) -> Scope:
        """The pane that has the focus, or had it before the line for typing took it."""
        return self.frame.pane

    def pane_of(self, pane: Scope) -> Widget:
        """The widget of a pane."""
        return {Scope.GROUPS: self.groups, Scope.ITEMS: self.items}.get(pane, self.annotations)

    def list_of(self, pane: Scope) -> LineList:
        """The list of a pane."""
        return {Scope.GROUPS: self.groups.list, Scope.ITEMS: self.items.list}.get(pane, self.annotations.list)

    def go_to_pane(self, pane: Scope) -> None:
        """Give a pane the focus, showing it first where there is room for fewer than three."""
        self.frame.pane = pane
        self.frame.lay_out()
        self.set_focus(self.list_of(pane))  # at once: what is typed next is meant for it

    def say(self, message: str, *, problem: bool = False) -> None:
        """Tell the reader something, on the bottom line."""
        self.bottom.say(message, problem=problem)

    def key(self, command_id: str) -> str:
        """The keys of a command as people read them; empty when it has none."""
        return self.world.keys.label(command_id)

    def now(self) -> datetime:
        """The time on the reader's clock."""
        return self.state.clock()

    def start(self, work: Work, group: str, *, exclusive: bool = False) -> Worker[None]:
        """Do something in a worker.

        Args:
            work: What to do.
            group: What sort of work it is.
            exclusive: Whether other work of that sort ends with it.
        """
        return self.run_worker(work, group=group, name=group, exclusive=exclusive, exit_on_error=False)

    async def read(self, reads: Callable[[], T]) -> T | None:
        """What a thread reads; None when it can't be read, which is said."""
        try:
            return await asyncio.to_thread(reads)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return None

    async def ask(self, question: Question, *, then: Scope | None = None) -> str | None:
        """Let the reader type something; None when they leave the line.

        Args:
            question: What is asked.
            then: The pane that gets the focus once it was entered; that which had it when None.
        """
        answer = self.prompt.ask(
            question, lambda text: self.go_to_pane(self.pane if text is None else then or self.pane)
        )
        self.frame.lay_out()
        self._heard.set()
        return await answer

    # Commands

    async def action_command(self, command_id: str) -> None:
        """Do what a command says; give way to the next key once it is done, or asks something."""
        # Moves act upon no item, and holding one down costs no more than moving does.
        if command_id not in _MOVES and not self.prompt.is_open:
            await self._catch_up()
        if command_id != "open-page":
            self.clip.forget_number()
        done = self._actions[command_id]()
        if not asyncio.iscoroutine(done):
            return
        heard = self._heard = asyncio.Event()

        async def finish() -> None:
            try:
                await done
            finally:
                heard.set()

        self.run_worker(finish(), group="command", name=command_id)
        await heard.wait()

    async def run_command(self, command: Command) -> None:
        """Do what a command says, as its key does."""
        await self.action_command(command.id)

    def action_number(self, digit: str) -> None:
        """Choose a link by one more digit of its number."""
        self.clip.type_number(digit)

    def commands_here(self) -> list[Command]:
        """The commands this screen knows."""
        return list(COMMANDS)

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
            self._actions["outward"]()

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

    async def action_sort(self) -> None:
        """Sort the list another way."""
        order = self.state.order = self.state.order.next
        await self.filter_items(self.state.query)
        self.say(f"Sorted {order.value}." if order.value.startswith("by") else f"{order.value.capitalize()}.")

    # What is drawn

    def _show(self, changed: Part) -> None:
        """Draw again what a change of the state touches: all that follows it, in this order."""
        if changed & (Part.LIST | Part.ROWS):
            self.items.show(keep_place=Part.ROWS in changed)
            self.groups.follow_list()
            self.show_item()
        elif changed & (Part.MARKS | Part.SELECTION):
            self.items.list.refresh_rows()
        elif Part.CURSOR in changed:
            if not self._is_behind:  # of several keys in a queue only the last one shows its item
                self._is_behind = True
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
        if self.state.previewed is None or self._has_begun:
            self.annotations.show_current()

    def show_top(self) -> None:
        """Say where one is, how many, and how fresh; and which keys matter."""
        state = self.state
        place, catalogue = state.place, state.catalogue
        if place.group is None:
            crumbs = ["Home", place.title]
        else:
            crumbs = ["Home", catalogue.title(place.group), *([f"#{place.tag}"] if place.tag else [])]
        crumbs += [text for text, _ in state.query.crumbs()]
        selected = len(state.view.selected)
        facts = [f"{grouped(selected)} selected"] if selected else []
        facts += ["still looking"] if self.find.is_looking else []
        facts.append(f"{state.unread} unread")
        facts.append(f"{state.above + state.position + 1} of {state.total}" if state.rows else "no items")
        group = catalogue.group(place.group) if place.group else None
        facts += self._freshness(group)
        tells = self.key("overview")
        if group is not None and group.warnings and tells:
            facts.append(f"{tells} tells {counted(len(group.warnings), 'warning')}")
        self.top.show(crumbs, facts)
        self.show_keys()

    def _freshness(self, group: Group | None) -> list[str]:
        """When the group, or any group, was last asked; in vain when it fails."""
        asked = [group] if group else [each for each in self.state.catalogue.groups() if not each.error]
        checked = max((each.checked_at for each in asked if each.checked_at), default=None)
        verb = "tried" if group and group.error else "refreshed"
        return [f"{verb} {ago(checked, self.now())}"] if checked else []

    def show_keys(self) -> None:
        """Show the keys that matter now."""
        if self.prompt.question is not None:
            self.bottom.show_keys([("↵", "done"), *self.prompt.question.hints, ("esc", "never mind")])
        else:
            pane = self.pane if self.state.catalogue.groups() else Scope.GROUPS  # there one begins, by adding a group
            leaves = self.key("zoom") if self.frame.zoomed else ""
            zoom = [(leaves, "all panes")] if leaves else []
            self.bottom.show_keys([*zoom, *footer(pane, self.world.keys, lambda each: in_footer(each, self))])

    # What is opened and copied

    @property
    def target(self) -> Target | None:
        """The open item, and the highlight under the cursor of its annotations."""
        shown, item, highlight = self.annotations.shown, self.annotations.item, self.annotations.highlight
        if shown is None or item is None:
            return None
        number = item.highlights.index(highlight) + 1 if highlight else 0
        return Target(shown, item, highlight, f"Quote {number}")

    @property
    def chosen(self) -> list[Listed]:
        """The items selected; none while one is among the groups."""
        return self.marker.chosen

    @property
    def no_highlight(self) -> str:
        """Where the item has highlights, how to reach one."""
        item = self.annotations.item
        if item is None or not item.highlights:
            return "There is no highlight to copy."
        return f"The cursor is not on a highlight; {self.key('next-annotation')} moves it to one."

    def read_item(self, row: Listed) -> Item | None:
        """An item, whole. For a worker thread."""
        return self.state.item(row)

    def mark_as_seen(self, *rows: Listed | None) -> None:
        """Mark items read because of what the reader did with them."""
        self.marker.mark_as_seen(*rows)

    def action_copy_query(self) -> None:
        """Copy the command line that lists what is shown."""
        place = self.state.place
        title = self.state.catalogue.title(place.group) if place.group else ""
        self.clip.copy(command_line(asked_here(place, self.state.asked, title)), "Command line")

    async def action_export(self) -> None:
        """Ask for the name of a file, and write what is shown to it, or of it what is selected."""
        from florilege.tui.reading.export import Export

        heads = [row.head for row in self.chosen or self.state.rows]
        if not heads:
            self.say("There is nothing to export.")
            return
        where, query = self.state.where(), str(self.state.query)
        await self.exporter.ask(
            where,
            lambda name: Export(
                name,
                self.state.library,
                heads,
                title=f"{where}: {query}" if query else where,
                now=self.now(),
            ),
        )

    # Messages

    @on(GroupsPane.PlaceReached)
    async def _place_reached(self) -> None:
        await self.reach_place()

    @on(LineList.Chosen)
    def _row_chosen(self) -> None:
        self._actions["inward"]()

    @on(LineList.Touched, "#annotations")
    async def _fact_clicked(self, event: LineList.Touched) -> None:
        """Narrow the list to a tag of the item that was clicked, or show more from its site or sharer."""
        rows = self.annotations.rows
        if rows is None:
            return
        where = event.index, event.line, event.cell, event.list.row_width
        tag, fact = rows.tag_at(*where), rows.fact_at(*where)
        if tag is not None:
            await self.filter_items(self.state.query.and_(Field("tag", tag)))
        elif fact in {0, 1}:
            await self.action_command("more-from-sharer" if fact else "more-from-site")

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
        first = next(iter(event.text.splitlines()), "")
        if not self.prompt.is_open and is_source(first):
            event.stop()
            self.start(partial(self.fetching.ask_source, clean_line(meant(first))), "command")

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

    def on_key(self) -> None:
        """A key takes the message away: it has been read."""
        self.bottom.hush()

    # Borders, by mouse

    @property
    def allow_select(self) -> bool:
        """Whether text can be selected: not by what begins at a border, for that changes widths."""
        return (
            super().allow_select and not self.frame.is_dragging and not self.frame.border_at(*self.app.mouse_position)
        )

    def get_focusable_widget_at(self, x: int, y: int) -> Widget | None:
        """What takes the focus when it is clicked: a border does not, for panes might come and go with the focus."""
        return None if self.frame.border_at(x, y) else super().get_focusable_widget_at(x, y)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the border between two panes."""
        if self.frame.grab(event.screen_x, event.screen_y):
            event.stop()
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Let the border follow."""
        if self.frame.is_dragging:
            event.stop()
            self.frame.drag(event.screen_x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go of the border."""
        if self.frame.drop():
            event.stop()
            self.release_mouse()

    # The app

    def adopt(self, world: World) -> None:
        """Hold to the settings and keys of a world from now on."""
        if world.config.look.density != self.world.config.look.density:
            self.items.compact = world.config.look.density == "compact"
        self.world = world
        self._bind()
        self.refresh_bindings()
        self.adopt_state()
        self.items.show(keep_place=True)
        self.annotations.show_again()
        self.show_keys()

    def reset_widths(self) -> None:
        """Give all panes their default widths."""
        self.frame.reset_widths()

    def action_fold(self) -> None:
        """Show or hide the rest of a long item; among the groups, and for other items, the tags of a group."""
        if self.pane is Scope.ANNOTATIONS or (self.pane is Scope.ITEMS and self.annotations.is_long):
            self.annotations.turn_fold()
        else:
            self.groups.turn_fold()

    def action_river(self) -> None:
        """Show all highlights of the list as one page; gives the passage to go to."""
        from florilege.lists.river import Passage
        from florilege.tui.screens.river import RiverScreen

        def go(passage: Passage | None) -> None:
            if passage is not None and self.items.list.move_to(passage.listed.key):
                self.show_item()
                self.go_to_pane(Scope.ANNOTATIONS)
                self.annotations.go_to(passage.highlight.id)

        self.app.push_screen(RiverScreen(self, self.state.where()), go)

    def action_help(self) -> None:
        """Show what can be done here, and do what is chosen there."""
        from florilege.tui.screens.help import HelpScreen

        async def do(chosen: Command | None) -> None:
            if chosen is not None:
                await self.run_command(chosen)

        self.app.push_screen(HelpScreen(self.world.keys, self.pane), do)

    def action_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def action_theme(self) -> None:
        """Choose a theme."""
        self.app.search_themes()

    def action_settings(self) -> None:
        """Change settings and keys."""
        from florilege.tui.screens.settings import SettingsScreen

        self.app.push_screen(SettingsScreen(self))

    def action_suspend(self) -> None:
        """Go back to the shell."""
        self.app.action_suspend_process()

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
    try:
        return parse(text or "")
    except QueryError:
        return Everything()
