"""The groups pane as the reader wants it: its order, the order of tags, and going to a place by typing its name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work

from florilege.lists.counts import LabelCount
from florilege.lists.places import Kind, Place
from florilege.text import fold
from florilege.tui.destinations import Destination, destinations, tag_destinations
from florilege.tui.screens.base import ReadingBase
from florilege.tui.world import World

if TYPE_CHECKING:  # loads when it is shown
    from florilege.tui.screens.picker import Offer, Picker


class Ordering(ReadingBase):
    """Arranging groups and tags, and going to them."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.tags_by_name = world.session.tags_by_name
        """Whether tags are sorted by name, and not by how many items bear them."""
        self.desk.catalogue.order = world.session.groups

    def action_group_up(self) -> None:
        """Move the group under the cursor up."""
        self._move_group(-1)

    def action_group_down(self) -> None:
        """Move the group under the cursor down."""
        self._move_group(1)

    def action_sort_tags(self) -> None:
        """Sort the tags of the groups the other way."""
        self.tags_by_name = not self.tags_by_name
        self.show_groups()
        self.say("Tags by name." if self.tags_by_name else "Tags by number of items.")

    def tags_of(self, group_id: str) -> list[LabelCount]:
        """The tags of a group, in the order the reader wants."""
        return self.in_order(self.desk.catalogue.tags(group_id))

    def in_order(self, tags: Sequence[LabelCount]) -> list[LabelCount]:
        """Tags, the most frequent first, in the order the reader wants."""
        return sorted(tags, key=lambda each: fold(each.label)) if self.tags_by_name else list(tags)

    def action_go_to(self) -> None:
        """Go to a group, a tag, or a list across groups."""
        from florilege.tui.screens.picker import Picker

        chooser: Picker[Place] = Picker("Go to", [_offer(each) for each in destinations(self.desk)])
        self.app.push_screen(chooser, self._go_to)
        self._offer_tags(chooser)

    @work(group="tags", name="tags", description="Reading the tags of all groups", exclusive=True, exit_on_error=False)
    async def _offer_tags(self, chooser: "Picker[Place]") -> None:
        """Offer the tags of all groups too, once they are read."""
        async for tags in tag_destinations(self.desk):
            if not chooser.is_current:
                return
            chooser.add([_offer(each) for each in tags])

    async def _go_to(self, place: Place | None) -> None:
        if place is not None:
            await self.go_to(place)

    async def go_to(self, place: Place) -> None:
        """Open a place, and show where it stands among the groups."""
        if place.kind is Kind.TAG and place.group is not None:
            self.unfolded.add(place.group)
        await self.open_place(place)
        self.show_groups()
        with self.prevent(self.groups_list.Moved):
            self.groups_list.move_to(place.key)

    def _move_group(self, step: int) -> None:
        place = self.place_under_cursor
        ids = [group.id for group in self.desk.catalogue.groups()]
        if place is None or place.group not in ids:
            self.say("Put the cursor on a group to move it.")
            return
        here = ids.index(place.group)
        there = here + step
        if not 0 <= there < len(ids):
            self.say("This is the first group." if step < 0 else "This is the last group.")
            return
        ids[here], ids[there] = ids[there], ids[here]
        self.desk.catalogue.order = tuple(ids)
        self.show_groups()


def _offer(destination: Destination) -> "Offer[Place]":
    from florilege.tui.screens.picker import Offer

    return Offer(destination.label, destination.place, destination.about)
