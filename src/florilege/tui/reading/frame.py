"""The frame of the reading screen: which panes are shown and how wide, and what the lines above and below them say."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal

from florilege.commands import Command, Keymap, Need, Scope
from florilege.lists.places import Place, PlaceKind
from florilege.lists.reader_state import ReaderState
from florilege.model import Group
from florilege.text import counted, grouped
from florilege.tui.widgets.row_list import RowList
from florilege.words import ago

if TYPE_CHECKING:
    from florilege.tui.reading.screen import ReadingScreen

LEAST = 16
"""Minimum width of a pane, in cells."""
PANES = (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS)
_THREE = 100
"""Cells of the screen in which there is room for three panes."""
_USUAL = 25
"""Width of the groups pane, in cells, where no title needs more."""
_STEP = 4
"""Cells by which a key widens or narrows a pane."""


class Frame(Horizontal):
    """The panes side by side."""

    BLANK = True
    DEFAULT_CSS = """
    Frame { height: 1fr; }
    Frame RowList { height: 1fr; min-width: 16; border: round $border-blurred; border-title-style: none; }
    Frame RowList { border-title-color: $florilege-metadata; border-subtitle-color: $florilege-metadata; }
    Frame RowList:focus { border: round $border; border-title-color: $foreground; border-title-style: bold; }
    Frame #groups { width: 3fr; }
    Frame #items { width: 4fr; }
    Frame #annotations { width: 5fr; }
    """

    def __init__(self, reading: "ReadingScreen") -> None:
        super().__init__(id="panes")
        session = reading.context.session
        self._reading = reading
        self.lists = {pane: RowList(id=pane.value) for pane in PANES}
        """The list of each pane."""
        for pane, each in self.lists.items():
            each.border_title = pane.value.capitalize()
        self.pane = Scope.GROUPS
        """The pane that has the focus, or had it before the prompt took it."""
        self.zoomed = session.zoomed
        """Whether that pane has the whole screen."""
        self.widths: dict[Scope, int] = {
            pane: width for pane, width in zip(PANES, session.widths, strict=False) if width > 0
        }
        """Widths in cells of the panes that the reader has resized."""
        self.number = 0
        """How many panes are shown."""
        self._set: dict[Scope, int | None] = {}

    def compose(self) -> ComposeResult:
        """Three panes."""
        yield from self.lists.values()

    def is_shown(self, pane: Scope) -> bool:
        """Whether a pane is on the screen."""
        return bool(self.lists[pane].display)

    @property
    def session_widths(self) -> tuple[int, ...]:
        """The widths the reader set for the groups and items panes, to be saved; 0 if unset, empty if both are."""
        widths = tuple(self.widths.get(pane, 0) for pane in (Scope.GROUPS, Scope.ITEMS))
        return widths if any(widths) else ()

    def lay_out(self) -> None:
        """Arrange the panes, and update what depends on which of them are shown."""
        self.show_panes()
        self._reading.show_keys()
        self._reading.watch_rest()

    def show_panes(self) -> None:
        """Show as many panes as there is room for: the focused one and those inwards of it."""
        width = self._reading.app.size.width
        self.number = number = 1 if self.zoomed else 3 if width >= _THREE else 2 if width >= 70 else 1
        question = self._reading.question
        # Results must be visible while the search is typed, wherever it was begun.
        seen = question.needs if number == 1 and question is not None and question.needs else self.pane
        first = min(PANES.index(seen), 3 - number)
        room = width
        for place, pane in enumerate(PANES):
            after = first + number - 1 - place
            self.lists[pane].display = is_shown = first <= place < first + number
            if is_shown:
                own = self.widths.get(pane, self._for_titles(pane, number)) if after and number > 1 else None
                room -= self._set_width(pane, own, room - LEAST * after)

    def _for_titles(self, pane: Scope, number: int) -> int | None:
        """The width in which the titles of groups fit, as far as the others can spare it; None to share as usual."""
        if pane is not Scope.GROUPS or number < 3:
            return None
        beyond = (self._reading.app.size.width - _THREE) * 2 // 5  # the rest is for the titles of items, and for prose
        return max(_USUAL, min(self._reading.groups.room, _USUAL + beyond))

    def _set_width(self, pane: Scope, own: int | None, most: int) -> int:
        """Give a pane the width the reader wants, as far as there is room; returns the cells it is sure to take."""
        wanted = None if own is None else max(LEAST, min(own, most))
        if self._set.get(pane) != wanted:  # setting the same width would lay out the whole screen again
            self._set[pane] = self.lists[pane].styles.width = wanted
        return wanted or LEAST

    def reset_widths(self) -> None:
        """Reset all panes to their default widths."""
        self.widths.clear()
        self.lay_out()

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or show the others again."""
        self.zoomed = not self.zoomed
        self.lay_out()

    def action_widen(self) -> None:
        """Make the focused pane wider."""
        self._resize(_STEP)

    def action_narrow(self) -> None:
        """Make the focused pane narrower."""
        self._resize(-_STEP)

    def _resize(self, cells: int) -> None:
        """Resize the focused pane; its inward neighbour (outward, for the last pane) gives or takes the cells."""
        shown = self._shown
        if len(shown) < 2:
            self._reading.say("There is one pane only: it is as wide as it can be.")
            return
        # The last pane takes what the others leave, so its neighbour is resized instead, the opposite way.
        pane, change = (self.pane, cells) if self.pane is not shown[-1] else (shown[-2], -cells)
        widths = [self.lists[each].outer_size.width for each in shown]
        place = shown.index(pane)
        room = self._reading.app.size.width - sum(widths[:place]) - LEAST * (len(shown) - 1 - place)
        wanted = max(LEAST, min(widths[place] + change, room))
        if wanted == widths[place]:
            wider = (cells > 0) == (pane is self.pane)
            self._reading.say(f"This pane is as {'wide' if wider else 'narrow'} as it can be.")
        else:
            self.widths[pane] = wanted
            self.lay_out()

    @property
    def _shown(self) -> list[Scope]:
        return [pane for pane in PANES if self.is_shown(pane)]

    # Messages of the lists

    def on_resize(self) -> None:
        """Show as many panes as there is room for."""
        self.lay_out()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Follow the focus, however it moved."""
        for pane, each in self.lists.items():
            if event.widget is each and event.widget is self.screen.focused:
                self.pane = pane
                self.lay_out()

    @on(RowList.Moved, "#groups")
    async def _place_reached(self) -> None:
        if self._reading.groups.place != self._reading.state.place:
            await self._reading.moves.reach_place()
        else:
            self._reading.show_keys()

    @on(RowList.Touched, "#groups")
    def _sign_clicked(self, event: RowList.Touched) -> None:
        self._reading.groups.toggle_fold(event.index)

    @on(RowList.Chosen)
    def _row_chosen(self) -> None:
        self._reading.moves.action_inward()

    @on(RowList.Touched, "#annotations")
    async def _fact_clicked(self, event: RowList.Touched) -> None:
        """Narrow the list to the clicked tag of the item, or show more from its site or sharer."""
        rows, moves = self._reading.annotations.rows, self._reading.moves
        query = rows.query_at(event.index, event.line, event.cell, event.list.row_width) if rows else None
        if query is not None and query.name == "tag":
            await moves.filter_items(self._reading.state.query.and_(query))
        elif query is not None:
            await moves.open_place(Place(PlaceKind.EVERYTHING), query=query)


def crumbs(state: ReaderState) -> list[str]:
    """The open place and its filters."""
    place, title = state.place, state.catalogue.title
    path = [place.title] if place.group is None else [title(place.group), *([f"#{place.tag}"] if place.tag else [])]
    return ["Home", *path, *(text for text, _ in state.query.crumbs())]


def facts(state: ReaderState, keys: Keymap, now: datetime, *, is_looking: bool) -> list[str]:
    """Counts of the list, when it was refreshed, and which key shows its warnings; the most important first.

    Args:
        state: What is open.
        keys: The reader's keys.
        now: The present time, with zone.
        is_looking: Whether a search is still running.
    """
    selected, tells = len(state.view.selected), keys.label("overview")
    found = [f"{grouped(selected)} selected"] if selected else []
    found += ["still looking"] if is_looking else []
    found.append(f"{state.unread} unread")
    found.append(f"{state.above + state.position + 1} of {state.total}" if state.rows else "no items")
    found += [state.order.value] if state.rows else []
    group = state.catalogue.group(state.place.group) if state.place.group else None
    found += _freshness([group] if group else [each for each in state.catalogue.groups() if not each.error], now)
    if group is not None and group.warnings and tells:
        found.append(f"{tells} tells {counted(len(group.warnings), 'warning')}")
    return found


def _freshness(groups: list[Group], now: datetime) -> list[str]:
    """When any of the groups was last refreshed; `tried` instead for a single group that failed."""
    checked = max((each.checked_at for each in groups if each.checked_at), default=None)
    verb = "tried" if len(groups) == 1 and groups[0].error else "refreshed"
    return [f"{verb} {ago(checked, now)}"] if checked else []


_NEEDS: dict[Need, Callable[["ReadingScreen"], object]] = {
    Need.GROUP: lambda reading: reading.groups.group,
    Need.GROUPS: lambda reading: reading.state.catalogue.groups(),
    Need.ITEMS: lambda reading: reading.state.rows or reading.state.totals().items,
    Need.ITEM: lambda reading: reading.state.current,
    Need.LINK: lambda reading: (item := reading.annotations.item) and item.url,
    Need.QUOTE: lambda reading: (item := reading.annotations.item) and item.highlights,
    Need.LIST: lambda reading: reading.state.rows,
    Need.SEARCH: lambda reading: reading.groups.search,
    Need.NAMED: lambda reading: reading.groups.search or reading.groups.group,
    Need.UNDO: lambda reading: reading.has_begun and reading.state.changes.can_undo,
}
"""Tests for what commands need; needs that are not listed are always met."""


def is_met(need: Need, reading: "ReadingScreen") -> bool:
    """Whether what a command needs is present."""
    return need not in _NEEDS or bool(_NEEDS[need](reading))


def in_footer(command: Command, reading: "ReadingScreen") -> bool:
    """Whether the footer shows a command. It doesn't come and go there with what single items have or lack."""
    state, is_one = reading.state, reading.frame.number == 1
    match need := command.footer_need or command.need:
        case Need.ITEM if reading.pane is Scope.GROUPS:
            return bool(state.catalogue.groups())  # there the key acts on the groups
        case Need.LINK | Need.QUOTE:
            return state.current is not None
        case Need.UNREAD:
            return state.catalogue.has_unread()
        case Need.TAGS:
            return reading.groups.has_tags
        case Need.FILTER:
            return bool(state.rows) or not state.query.is_blank
        case Need.INSIDE:  # an empty list that is not shown is worth showing: it says why it is empty
            return bool(state.rows) or (reading.pane is Scope.GROUPS and is_one)
        case Need.OUTSIDE:
            return is_one and not reading.frame.zoomed
        case _:
            return is_met(need, reading)
