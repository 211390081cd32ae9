"""Looking without marking, and going to what the last refreshes brought."""

from florilege.commands import Scope
from florilege.lists.places import Kind, Place
from florilege.tui.screens.base import ReadingBase


class Peeking(ReadingBase):
    """Peeking at an item; what has just arrived."""

    def action_peek(self) -> None:
        """Look at the item without marking it, until one moves on."""
        if self.current is None:
            self.say("There is no item to look at.")
            return
        self.peeked = self.current.key
        if not self.annotations_shown:
            self.go_to_pane(Scope.ANNOTATIONS)
        read = self.desk.state(self.current).is_read
        self.say("This item is read already." if read else "Only a peek: this item stays unread until you move on.")

    async def action_show_arrived(self) -> None:
        """Go to what the last refreshes brought."""
        if not len(self.desk.arrivals):
            self.say("Nothing has come since florilege was opened.")
            return
        await self.open_place(Place(Kind.ARRIVED))
        self.desk.arrivals.looked_at()
        with self.prevent(self.groups_list.Moved):
            self.groups_list.move_to(self.desk.place.key)
        self.go_to_pane(Scope.ITEMS)
