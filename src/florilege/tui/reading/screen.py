"""The main screen: it composes the panes and the lines around them, and redraws what a change affects.

Three questions are answered here, each in one function: what is redrawn after a change of the state (`_show`), what
`esc` does (`action_back`), and what the top line says (`show_top`).
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult

from florilege.commands import COMMANDS, Command, Scope, footer
from florilege.lists.catalogue import ItemRow
from florilege.lists.loaded_group import Order
from florilege.lists.places import Place, PlaceKind, place_of
from florilege.lists.reader_state import Aspect, Listing
from florilege.query.nodes import Everything, Query
from florilege.text import clean_line, counted
from florilege.tui.command_screen import PATIENCE, CommandScreen, part
from florilege.tui.reading.frame import Frame, crumbs, facts, in_footer, is_met
from florilege.tui.reading.groups import GroupsPane
from florilege.tui.reading.items import ItemsPane
from florilege.tui.widgets.row_list import MOVES, RowList
from florilege.tui.widgets.status_lines import TopLine

if TYPE_CHECKING:
    from florilege.tui.app import AppContext
    from florilege.tui.reading.annotations import AnnotationsPane
    from florilege.tui.reading.clip import Target
    from florilege.tui.reading.dialogues import Dialogues
    from florilege.tui.reading.exporter import ExportContent
    from florilege.tui.reading.fetching import Fetching
    from florilege.tui.reading.find import Find
    from florilege.tui.reading.marker import Marker
    from florilege.tui.reading.moves import Moves
    from florilege.tui.reading.searches import SavedSearches

_DIGITS = frozenset("0123456789")
TRY_AGAIN = 10.0
"""Seconds between two attempts to write marks that could not be written."""


class ReadingScreen(CommandScreen[None]):
    """The screen with the groups, items and annotations."""

    DEFAULT_CSS = "ReadingScreen { overflow: hidden; }"
    AUTO_FOCUS = ""  # `on_mount` decides which pane has the focus
    # Widgets last: Textual gives them actions, some with names of ours.
    holders = (
        "moves", "marker", "find", "searches", "fetching", "clip", "exporter", "command_lists", "dialogues", "frame",
        "groups", "items", "annotations", "screen",
    )  # fmt: skip

    annotations: "AnnotationsPane" = part("reading.annotations:AnnotationsPane")
    """The pane of the open item."""
    marker: "Marker" = part("reading.marker:Marker")
    searches: "SavedSearches" = part("reading.searches:SavedSearches")
    """The saved searches; made at the start where there are some."""
    moves: "Moves" = part("reading.moves:Moves")
    """Moving between panes and items."""
    find: "Find" = part("reading.find:Find")
    """Finding. Loads all its modules at once: later, a running search would slow their loading down."""
    fetching: "Fetching" = part("reading.fetching:Fetching")
    """Fetching items."""
    dialogues: "Dialogues" = part("reading.dialogues:Dialogues")
    """Dialogues over this screen."""

    def __init__(self, context: "AppContext") -> None:
        super().__init__(context, "reading")
        self.frame = Frame(self)
        self.groups: GroupsPane = GroupsPane(self)
        self.items: ItemsPane = ItemsPane(self)
        self._is_behind = False
        """Whether the annotations still show the item the cursor was on before."""
        self._undrawn = ExitStack()
        """Holds back drawing meanwhile: the cursor and its item are drawn at once, and not one after the other."""
        self._is_open = asyncio.Event()
        """Set once there is a list: keys typed before that wait for it."""
        self.has_begun: bool = False
        """Whether the first paint is done: what can wait for it starts then."""
        self._problems = [*context.problems]
        """Problems to report once the first paint is done."""
        if context.searches is not None and os.path.exists(context.searches):  # noqa: PTH110 -- never raises
            self._problems += self.searches.read()
        self._warned = ""
        """The warning about unsaved marks; once it was given, quitting again leaves without them."""

    def compose(self) -> ComposeResult:
        """The top line, three panes and the bottom line; the prompt is added when first needed."""
        self.frame.show_panes()  # before the widgets exist: their styles would have to be found twice
        yield self.top
        yield self.frame
        yield self.bottom

    async def on_mount(self) -> None:
        """Open what was open when the reader left, else the unread items."""
        state, session = self.state, self.context.session
        place = place_of(session.view) if session.view else None
        known = place is not None and (place.group is None or state.catalogue.group(place.group) is not None)
        known = known and (place is None or place.search is None or state.saved_search(place.search) is not None)
        if place is None or not known:
            place = Place(PlaceKind.UNREAD)
        elif place.tag and place.group:
            self.groups.unfolded.add(place.group)
        query = _last_query(session.query) if known else Everything()
        with suppress(ValueError):
            state.order = Order(session.order or Order.NEWEST)
        if session.first is not None and session.first.rows and session.first.place == place.key:
            state.preview(place, query, session.first, session.item)
        self.watch(self.items.list, "cursor", self.items.follow_cursor, init=False)
        if place.tag:  # the cursor will be on it
            await self.groups.update()
        else:
            self.groups.show()
        if state.previewed is None:
            found = await self.read(lambda: state.listing(place, query)) or Listing()
            state.open(place, query, found, cursor=session.item)
        state.on_change = self._show
        self._show(Aspect.LIST)
        # An empty library says how to begin, also where only one pane fits, rather than showing an empty groups pane.
        self.go_to_pane(Scope.ITEMS if known or not state.catalogue.groups() else Scope.GROUPS)
        self._is_open.set()

    async def begin(self) -> None:
        """Start what could wait for the first paint."""
        self.has_begun = True
        self.annotations.show_current(visited=self.state.previewed is None)
        self.show_top()
        self.context.settled()
        if self.state.previewed is not None:
            self.start(self.moves.read_previewed, "list")
        elif self.groups.unfolded:
            self.start(self.groups.update, "tags")
        self.count_searches()
        self.fetching.begin()
        damage = await self.read(lambda: self.state.library.problem)
        problems = [*self._problems, *([damage] if damage else [])]
        if problems:  # there is room for one: the first is shown whole, and where to read the others
            more = f" {counted(len(problems) - 1, 'more problem')}: see florilege doctor." if problems[1:] else ""
            self.say(f"{problems[0]}{more}", problem=True)
        self.watch(self.app, "app_focus", self.watch_rest, init=False)
        self.set_interval(TRY_AGAIN, lambda: self.start(self.marker.retry, "saving"))

    # For the parts of the screen

    @property
    def pane(self) -> Scope:
        """The pane that has the focus, or had it before the prompt took it."""
        return self.frame.pane

    @property
    def list_here(self) -> RowList:
        """The list of the focused pane."""
        return self.frame.lists[self.pane]

    def chosen(self) -> list[ItemRow]:
        """The selected items; none while the focus is in the groups pane."""
        return self.state.selected_rows if self.pane is not Scope.GROUPS else []

    def target(self) -> "Target | None":
        """The open item and the highlight under the cursor; None when no item is open."""
        from florilege.tui.reading.clip import Target

        pane = self.annotations
        if pane.shown is None or pane.item is None:
            return None
        number = pane.item.highlights.index(pane.highlight) + 1 if pane.highlight else 0
        return Target(pane.shown, pane.item, pane.highlight, f"Quote {number}")

    def export_content(self, *, whole: bool) -> "ExportContent":
        """The selected items; else the list if it is meant; else the quote under the cursor, or its item."""
        from florilege.tui.reading.exporter import ExportContent, content_of

        state, rows = self.state, self.chosen()
        if not whole and not rows and (target := self.target()):
            return content_of(target, state, is_quote=self.pane is Scope.ANNOTATIONS)
        title = ": ".join(part for part in (state.title_of(), str(state.query) if whole else "") if part)
        summaries = [row.summary for row in rows or (state.rows if whole else ())]
        return ExportContent(counted(len(summaries), "item"), title, state, summaries, seen=() if whole else rows)

    def prompt_closed(self, then: Scope | None) -> None:
        """Give the focus to a pane, or back to the one that had it."""
        self.go_to_pane(then or self.pane)

    @on(events.ScreenResume)
    def watch_rest(self) -> None:
        """Start to wait for the reader to rest on the item, once the first paint is done."""
        if self.has_begun:
            self.marker.watch_rest()

    def count_searches(self) -> None:
        """Count what the saved searches find, once nothing has changed for a moment."""
        if self.state.searches:
            self.searches.count_soon()

    def lay_out(self) -> None:
        """Arrange the panes, and update what depends on which of them are shown."""
        self.frame.lay_out()

    def go_to_pane(self, pane: Scope) -> None:
        """Give a pane the focus, showing it first if it is hidden."""
        self.frame.pane = pane
        self.frame.lay_out()
        self.set_focus(self.frame.lists[pane])  # at once: the next key is meant for it

    # Commands

    async def action_command(self, command_id: str) -> None:
        """Run a command, on what is under the cursors by now."""
        # Moves act on no item, and so holding a key down costs no more than moving does.
        if command_id not in MOVES and self.question is None:
            await self._catch_up()
        if command_id != "open-page" and "clip" in vars(self):
            self.clip.forget_number()
        await super().action_command(command_id)

    async def do(self, chosen: Command | Place | None) -> None:
        """Run the chosen command, or go to the chosen place."""
        if isinstance(chosen, Place):
            await self.moves.go_to(chosen)
        else:
            await super().do(chosen)

    async def press(self, key: str) -> bool:
        """Handle a key, once there is a list; a digit is part of the number of a link."""
        if not self._is_open.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_open.wait(), PATIENCE)
            self._is_open.set()  # of several keys only the first one waits
        if await super().press(key):
            return True
        is_number = key in _DIGITS and self.question is None
        if is_number:
            self.clip.type_number(key)
        return is_number

    def commands_here(self) -> Sequence[Command]:
        """The commands that make sense now, for the palette."""
        return [each for each in COMMANDS if is_met(each.need, self)]

    async def _catch_up(self) -> None:
        """Open what is under the cursors before a key acts on it; lists report their cursors with a delay."""
        if self.pane is Scope.GROUPS and self.groups.place not in {None, self.state.place}:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.moves.reach_place(), PATIENCE)
        if self._is_behind:
            self.show_item()

    async def action_back(self) -> None:
        """Do what `esc` does: the first of these that applies."""
        steps: tuple[Callable[[], bool], ...] = (
            self.let_go,
            self.fetching.stop,
            self.state.clear_selection,
            self.find.come_back,
        )
        if any(step() for step in steps):
            return
        if not self.state.query.is_blank:
            *_, (_, without) = self.state.query.crumbs()
            await self.moves.filter_items(without)
        else:
            self.moves.action_outward()

    # What is drawn

    def _show(self, changed: Aspect) -> None:
        """Redraw everything that a change of the state affects, in this order."""
        if changed & (Aspect.LIST | Aspect.ROWS):
            self.items.show(keep_place=Aspect.ROWS in changed)
            self.groups.follow_list()
            self.show_item()
        elif changed & (Aspect.MARKS | Aspect.SELECTION):
            self.items.list.refresh_rows()
            self.annotations.show_note()
        elif Aspect.CURSOR in changed:
            if not self._is_behind:  # of several queued keys only the last one shows its item
                self._is_behind = True
                self._undrawn.enter_context(self.app.batch_update())
                self.call_later(self._show_item_soon)
            return
        if Aspect.MARKS in changed:
            self.groups.refresh()
            self.count_searches()
        self.show_top()

    def _show_item_soon(self) -> None:
        if self._is_behind:  # a key that acts on the item may have shown it already
            self.show_item()
        self.show_top()

    def show_item(self) -> None:
        """Show the item under the cursor of the list, once the first paint is done."""
        self._is_behind = False
        if self.has_begun:
            self.annotations.show_current()
        self.frame.lists[Scope.ANNOTATIONS].call_later(self._undrawn.close)  # after it has asked to be redrawn

    def show_top(self) -> None:
        """Update the top line (place, counts, freshness) and the keys in the bottom line."""
        is_looking = "find" in vars(self) and self.find.is_looking
        details = facts(self.state, self.context.keys, self.state.clock(), is_looking=is_looking)
        self.top.show(crumbs(self.state), details)
        self.show_keys()

    def keys_here(self) -> Sequence[tuple[str, str]]:
        """The keys that matter in the focused pane."""
        pane = self.pane if self.state.catalogue.groups() else Scope.GROUPS  # where adding a group is the first step
        leaves = self.key("zoom") if self.frame.zoomed else ""
        zoom = [(leaves, "all panes")] if leaves else []
        return [*zoom, *footer(pane, self.context.keys, lambda each: in_footer(each, self))]

    # Messages

    @on(TopLine.Clicked)
    async def _crumb_clicked(self, event: TopLine.Clicked) -> None:
        await self.moves.go_to_crumb(event.after)

    def on_paste(self, event: events.Paste) -> None:
        """Offer to add an address or file that is pasted anywhere."""
        from florilege.tui.paths import is_address, is_source, meant

        first, *others = [line for line in event.text.splitlines() if line.strip()] or [""]
        if self.question is None and is_source(first):
            event.stop()
            sources = [first, *filter(is_address, others if is_address(first) else ())]
            self.start(partial(self.fetching.ask_source, clean_line(" ".join(map(meant, sources)))), "command")

    # Settings, and leaving

    def adopt(self, context: "AppContext") -> None:
        """Apply the settings and keys of another context."""
        if context.config.look.density != self.context.config.look.density:
            self.items.compact = context.config.look.density == "compact"
        self.context = context
        self.bind_keys()
        self.items.show(keep_place=True)
        self.annotations.redraw()
        self.show_keys()

    async def action_quit(self) -> None:
        """Quit once all marks are durable; if they can't be, only when asked twice."""
        async with self.marker.writing:
            await asyncio.to_thread(self.state.changes.retry)
            unsaved = self.state.changes.unsaved
            if unsaved and not self._warned:
                self._warned = unsaved
                self.say(f"{unsaved} {self.key('quit') or 'quit'} again leaves without them.", problem=True)
                return
            await self.app.action_quit()


def _last_query(text: str | None) -> Query:
    """The filter of the last session; none if it can no longer be parsed."""
    if not text:
        return Everything()
    from florilege.query.language import QueryError, parse

    try:
        return parse(text)
    except QueryError:
        return Everything()
