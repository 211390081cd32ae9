"""Moving: from list to list, between panes, through the items visited, to the next unread one."""

import asyncio
from typing import TYPE_CHECKING

from florilege.commands import Scope
from florilege.lists.places import Place, PlaceKind
from florilege.lists.reader_state import Aspect, Listing
from florilege.query.nodes import Everything, Query, all_of
from florilege.tui.reading.frame import PANES

if TYPE_CHECKING:
    from florilege.tui.reading.screen import ReadingScreen


class Moves:
    """The commands that move the reader."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self._reading = reading
        self._state = reading.state
        self._reaching = asyncio.Lock()

    def action_fold(self) -> None:
        """Fold or unfold a long item; in the groups pane, or if the item isn't long, the tags of a group."""
        pane, annotations = self._reading.pane, self._reading.annotations
        if pane is Scope.ANNOTATIONS or (pane is Scope.ITEMS and annotations.is_long):
            annotations.toggle_fold()
        else:
            self._reading.groups.toggle_fold()

    # Lists

    async def open_place(self, place: Place, *, cursor: str | None = None, query: Query | None = None) -> None:
        """Open a place and show its items, read anew.

        Args:
            place: The place; opening the one that is open drops what was kept because it was just read.
            cursor: The id of the item to go to; None for the one last visited there.
            query: What the items must match; None removes any filter.
        """
        reading, state = self._reading, self._state
        if reading.has_begun:
            reading.find.forget(everything=True)
        state.close()
        query = query or Everything()
        found = await reading.read(lambda: state.listing(place, query)) or Listing()
        state.open(place, query, found, cursor=cursor or state.last_cursor(place))

    async def go_to(self, place: Place) -> None:
        """Open a place, and show where it is in the groups pane."""
        groups = self._reading.groups
        if place.kind is PlaceKind.TAG and place.group is not None:
            groups.unfolded.add(place.group)
        await groups.update()
        await self.open_place(place)

    async def reach_place(self) -> None:
        """Open the place under the cursor of the groups pane; within one group a filter is kept."""
        async with self._reaching:  # one at a time: a list that is read slowly must not replace a later one
            state, place = self._state, self._reading.groups.place
            if place is not None and place != state.place:
                is_within = place.group is not None and place.group == state.place.group
                await self.open_place(place, query=state.query if is_within else None)

    async def go_to_crumb(self, after: int) -> None:
        """Go back to a crumb of the top line: fewer filters, the group of a tag, or the groups.

        Args:
            after: How many crumbs follow it.
        """
        place, filters = self._state.place, self._state.query.conjuncts
        if after <= len(filters):
            kept = all_of(filters[: len(filters) - after])
            if kept != self._state.query:
                await self.filter_items(kept)
        elif place.tag is not None and after == len(filters) + 1:
            await self.open_place(place.outer)
        else:
            self._reading.go_to_pane(Scope.GROUPS)

    async def rebuild(self) -> None:
        """Read the open list again without moving anything under the cursor; what was just read is kept."""
        state = self._state
        place, query = state.place, state.query
        found = await self._reading.read(lambda: state.listing(place, query, refreshed=True))
        if found is not None and (place, query) == (state.place, state.query):
            state.open(place, query, found, part=Aspect.ROWS)

    async def read_previewed(self) -> None:
        """Replace the saved beginning of the list by the whole list, and the saved counts by the current ones."""
        await self._reading.read(self._state.catalogue.recount)
        await self._reading.groups.update()
        await self.rebuild()
        self._reading.context.settled()

    async def filter_items(self, query: Query) -> None:
        """Show only the items that match a query, in the open place; the cursor stays on its item if it can."""
        self._reading.find.forget()
        state = self._state
        place, before = state.place, state.query
        found = await self._reading.read(lambda: state.listing(place, query)) or Listing()
        if (place, before) == (state.place, state.query):
            current = state.current
            state.open(place, query, found, cursor=current.key if current else state.last_cursor(place))

    # Between panes

    def action_inward(self) -> None:
        """Go one pane inwards; in the last one, unfold what is under the cursor."""
        pane = self._reading.pane
        if pane is Scope.ANNOTATIONS:
            self._reading.annotations.unfold_at_cursor()
        elif pane is Scope.ITEMS and self._state.current is None:
            self._reading.say("There is no item here to go into.")
        else:
            self._reading.go_to_pane(PANES[PANES.index(pane) + 1])

    def action_outward(self) -> None:
        """Go one pane outwards."""
        self._reading.go_to_pane(PANES[max(0, PANES.index(self._reading.pane) - 1)])

    def action_next_pane(self) -> None:
        """Go to the next pane, or from the last to the first."""
        self._reading.go_to_pane(PANES[(PANES.index(self._reading.pane) + 1) % len(PANES)])

    def action_previous_pane(self) -> None:
        """Go to the previous pane, or from the first to the last."""
        self._reading.go_to_pane(PANES[PANES.index(self._reading.pane) - 1])

    # Visited items

    async def action_visited_back(self) -> None:
        """Go back through the items visited."""
        await self._revisit(self._state.visited.back(), "This is the first item you visited.")

    async def action_visited_forward(self) -> None:
        """Go forward again through the items visited."""
        await self._revisit(self._state.visited.forward(), "This is the last item you visited.")

    async def _revisit(self, visited: tuple[Place, str] | None, otherwise: str) -> None:
        if visited is None:
            self._reading.say(otherwise)
            return
        place, item = visited
        if place != self._state.place or self._state.view.place_of(item, self._state.position) < 0:
            await self.open_place(place, cursor=item)
        else:
            self._reading.items.list.move_to(item)

    async def action_show_arrived(self) -> None:
        """Open the list of what the latest refreshes brought."""
        if not len(self._state.arrivals):
            self._reading.say("Nothing new has arrived since florilege was opened.")
            return
        await self.open_place(Place(PlaceKind.ARRIVED))
        self._state.arrivals.viewed()
        self._reading.go_to_pane(Scope.ITEMS)

    # Reading on

    async def action_next_unread(self) -> None:
        """Mark the current item read, if its annotations were on the screen, and go to the next unread one."""
        if self._reading.frame.is_shown(Scope.ANNOTATIONS):
            self._reading.marker.mark_as_seen(self._state.current)
        await self._jump(forward=True)

    async def action_previous_unread(self) -> None:
        """Go to the previous unread item."""
        await self._jump(forward=False)

    async def action_read_on(self) -> None:
        """Page through the annotations, then go on to the next unread item."""
        if not self._reading.frame.is_shown(Scope.ANNOTATIONS) and self._state.current is not None:
            self._reading.go_to_pane(Scope.ANNOTATIONS)
        elif self._state.current is None or not self._reading.annotations.page_down():
            await self.action_next_unread()

    async def _jump(self, *, forward: bool) -> None:
        reading, state = self._reading, self._state
        jump = await reading.read(lambda: state.next_unread(forward=forward))
        if jump is None:
            narrow = not state.query.is_blank
            reading.say("No other unread item matches." if narrow else "Nothing else is unread.")
            return
        if jump.place != state.place:
            await self.open_place(jump.place, cursor=jump.item)
            reading.say(f"{state.title_of()}: again from the beginning" if jump.wrapped else state.title_of())
        else:
            reading.items.list.move_to(jump.item)
            if jump.wrapped:
                reading.say("Again from the beginning of the list.")
        if reading.pane is Scope.GROUPS:
            reading.go_to_pane(Scope.ITEMS)
