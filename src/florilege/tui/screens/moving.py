"""Actions that move: within a pane, between panes, to the next unread item."""

import asyncio

from florilege.commands import Scope
from florilege.lists.places import Kind, Place
from florilege.store import LibraryError
from florilege.tui.screens.base import PANES, ReadingBase


class Moving(ReadingBase):
    """Moving and reading on."""

    def action_down(self) -> None:
        """Move down in the pane that has the focus."""
        self.active.move(1)

    def action_up(self) -> None:
        """Move up."""
        self.active.move(-1)

    def action_half_page_down(self) -> None:
        """Move half a page down."""
        self.active.half_page(1)

    def action_half_page_up(self) -> None:
        """Move half a page up."""
        self.active.half_page(-1)

    def action_page_down(self) -> None:
        """Move a page down."""
        self.active.page(1)

    def action_page_up(self) -> None:
        """Move a page up."""
        self.active.page(-1)

    def action_top(self) -> None:
        """Go to the first row."""
        self.active.home()

    def action_bottom(self) -> None:
        """Go to the last row."""
        self.active.end()

    def action_next_annotation(self) -> None:
        """Move down among the annotations, whatever pane has the focus."""
        self.annotations_list.move(1)

    def action_previous_annotation(self) -> None:
        """Move up among the annotations."""
        self.annotations_list.move(-1)

    def action_inward(self) -> None:
        """Go one pane inwards; the last one is the end."""
        place = PANES.index(self.pane)
        if self.pane is Scope.ITEMS and self.current is None:
            self.say("There is no item here to go into.")
        elif place < 2:
            self.go_to_pane(PANES[place + 1])

    def action_outward(self) -> None:
        """Go one pane outwards."""
        place = PANES.index(self.pane)
        if place > 0:
            self.go_to_pane(PANES[place - 1])

    def action_next_pane(self) -> None:
        """Go round the panes."""
        self.go_to_pane(PANES[(PANES.index(self.pane) + 1) % 3])

    def action_previous_pane(self) -> None:
        """Go round the panes the other way."""
        self.go_to_pane(PANES[(PANES.index(self.pane) - 1) % 3])

    async def action_back(self) -> None:
        """Take off the last filter; without one, go outwards."""
        if self.prompt.is_open:
            self.leave_prompt()
        elif self.interrupt() or await self.come_back():
            pass
        elif not self.desk.query.is_blank:
            *_, (_, without) = self.desk.query.crumbs()
            await self.filter_items(without)
        else:
            self.action_outward()

    def action_fold(self) -> None:
        """Show or hide the tags of the group under the cursor."""
        place = self.place_under_cursor
        if place is None or place.group is None:
            self.say("Only groups have tags to show.")
            return
        if not self.tags_of(place.group):
            self.unfolded.discard(place.group)
            self.show_groups()
            self.say(f"{self.desk.catalogue.title(place.group)} has no tags.")
            return
        self.unfolded ^= {place.group}
        if place.kind is Kind.TAG:
            self.groups_list.move_to(place.outer.key)
        self.show_groups()

    # Where one has been

    async def action_visited_back(self) -> None:
        """Go back through the items just visited."""
        await self._revisit(self.desk.visited.back(), "This is the first item you visited.")

    async def action_visited_forward(self) -> None:
        """Go forward again."""
        await self._revisit(self.desk.visited.forward(), "This is the last item you visited.")

    async def _revisit(self, visited: tuple[Place, str] | None, nothing: str) -> None:
        if visited is None:
            self.say(nothing)
            return
        place, item = visited
        if place != self.desk.place or not any(row.key == item for row in self.desk.rows):
            await self.open_place(place, cursor=item)
            with self.prevent(self.groups_list.Moved):
                self.groups_list.move_to(place.key)
        self.items_list.move_to(item)

    # Reading on

    async def action_next_unread(self) -> None:
        """Mark the item left, if it was on the screen, and go to the next unread one."""
        self._leave_item()
        await self._jump(forward=True)

    async def action_previous_unread(self) -> None:
        """Go to the unread item before this one."""
        await self._jump(forward=False)

    async def action_read_on(self) -> None:
        """Page through the annotations, then go on to the next unread item."""
        if not self.annotations_shown and self.current is not None:
            self.go_to_pane(Scope.ANNOTATIONS)
        elif self.current is None or not self.annotations_list.page_down():
            await self.action_next_unread()

    def _leave_item(self) -> None:
        if self.annotations_shown:
            self.mark_as_seen(self.current)

    async def _jump(self, *, forward: bool) -> None:
        try:
            jump = await asyncio.to_thread(self.desk.next_unread, self.items_list.cursor_key, forward=forward)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return
        if jump is None:
            narrow = not self.desk.query.is_blank
            self.say("No other unread item matches." if narrow else "Nothing else is unread.")
            return
        if jump.place != self.desk.place:
            await self.open_place(jump.place, cursor=jump.item)
            with self.prevent(self.groups_list.Moved):
                self.groups_list.move_to(jump.place.key)
            self.say(self.desk.where() if not jump.wrapped else f"{self.desk.where()}: round again from the beginning")
        else:
            self.items_list.move_to(jump.item)
            if jump.wrapped:
                self.say("Round again from the beginning of the list.")
        if self.pane is Scope.GROUPS:
            self.go_to_pane(Scope.ITEMS)
