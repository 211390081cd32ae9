"""Moving: between panes, through the items visited, to the next unread one."""

from typing import TYPE_CHECKING

from florilege.commands import Scope
from florilege.lists.places import Kind, Place
from florilege.tui.reading.frame import PANES

if TYPE_CHECKING:
    from florilege.tui.screens.reading import ReadingScreen


class Moves:
    """What moves the reader."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self._reading = reading
        self._state = reading.state

    def action_fold(self) -> None:
        """Show or hide the rest of a long item; among the groups, and for other items, the tags of a group."""
        pane, annotations = self._reading.pane, self._reading.annotations
        if pane is Scope.ANNOTATIONS or (pane is Scope.ITEMS and annotations.is_long):
            annotations.turn_fold()
        else:
            self._reading.groups.turn_fold()

    # Between panes

    def action_inward(self) -> None:
        """Go one pane inwards; in the last one, into what is folded away."""
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
        """Go round the panes."""
        self._reading.go_to_pane(PANES[(PANES.index(self._reading.pane) + 1) % len(PANES)])

    def action_previous_pane(self) -> None:
        """Go round the panes the other way."""
        self._reading.go_to_pane(PANES[PANES.index(self._reading.pane) - 1])

    # Where one has been

    async def action_visited_back(self) -> None:
        """Go back through the items just visited."""
        await self._revisit(self._state.visited.back(), "This is the first item you visited.")

    async def action_visited_forward(self) -> None:
        """Go forward again."""
        await self._revisit(self._state.visited.forward(), "This is the last item you visited.")

    async def _revisit(self, visited: tuple[Place, str] | None, otherwise: str) -> None:
        if visited is None:
            self._reading.say(otherwise)
            return
        place, item = visited
        if place != self._state.place or self._state.view.place_of(item, self._state.position) < 0:
            await self._reading.open_place(place, cursor=item)
        else:
            self._reading.items.list.move_to(item)

    async def action_show_arrived(self) -> None:
        """Go to what the last refreshes brought."""
        if not len(self._state.arrivals):
            self._reading.say("Nothing has come since florilege was opened.")
            return
        await self._reading.open_place(Place(Kind.ARRIVED))
        self._state.arrivals.looked_at()
        self._reading.go_to_pane(Scope.ITEMS)

    # Reading on

    async def action_next_unread(self) -> None:
        """Mark the item left, if it was on the screen, and go to the next unread one."""
        if self._reading.frame.is_shown(Scope.ANNOTATIONS):
            self._reading.marker.mark_as_seen(self._state.current)
        await self._jump(forward=True)

    async def action_previous_unread(self) -> None:
        """Go to the unread item before this one."""
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
            await reading.open_place(jump.place, cursor=jump.item)
            reading.say(f"{state.where()}: round again from the beginning" if jump.wrapped else state.where())
        else:
            reading.items.list.move_to(jump.item)
            if jump.wrapped:
                reading.say("Round again from the beginning of the list.")
        if reading.pane is Scope.GROUPS:
            reading.go_to_pane(Scope.ITEMS)
