"""Tags that follow what is looked for: under the group that is open, only those of the items that answer, and how many.

Choosing one of them keeps the filter, so that its number is the number of items one gets.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from textual import on, work
from textual.timer import Timer

from florilege.lists.counts import TAGS, LabelCount, count_labels
from florilege.lists.places import Kind, Place
from florilege.query import Query
from florilege.store import LibraryError
from florilege.text import tag_key
from florilege.tui.panes.groups import PlaceRows
from florilege.tui.screens.moving import Moving
from florilege.tui.screens.ordering import Ordering
from florilege.tui.widgets.linelist import LineList
from florilege.tui.world import World

_CALM = 0.15
"""Seconds without a change of the list before its tags are counted, so that typing a filter costs nothing."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """The tags of what answered to a filter in a group."""

    group: str
    query: Query
    tags: Sequence[LabelCount]


class Following(Ordering, Moving):
    """Counting the tags of what is shown."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._counted: _Counted | None = None
        self._count_timer: Timer | None = None

    def show_items(self, *, cursor: str | None = None, keep_place: bool) -> None:
        """Show the open list; the tags follow."""
        super().show_items(cursor=cursor, keep_place=keep_place)
        self._follow()

    def action_fold(self) -> None:
        """Show or hide tags; those shown follow the list."""
        super().action_fold()
        self._follow()

    @on(LineList.Touched, "#groups")
    def _sign_clicked(self, event: LineList.Touched) -> None:
        """Show or hide the tags of the group whose sign was clicked."""
        event.stop()
        rows = event.list.rows
        place = rows.place(event.index) if isinstance(rows, PlaceRows) else None
        if place is not None and place.group is not None:
            self.unfolded ^= {place.group}
            self.show_groups()
            self._follow()

    def tags_of(self, group_id: str) -> list[LabelCount]:
        """The tags of a group, or of what answers to the filter in it; the tag that is open is always among them."""
        counted, place = self._counted, self.desk.place
        if counted is None or counted.group != group_id:
            return super().tags_of(group_id)
        tags = list(counted.tags)
        if place.tag is not None and all(tag_key(each.label) != tag_key(place.tag) for each in tags):
            tags.append(LabelCount(place.tag, 0))
        return self.in_order(tags)

    def _follow(self) -> None:
        """Count the tags of what is shown, soon; or show all of them again."""
        if self._count_timer is not None:
            self._count_timer.stop()
        group = self.desk.place.group
        if group is not None and group in self.unfolded and not self.desk.query.is_blank:
            self._count_timer = self.set_timer(_CALM, self.count_tags)
        elif self._counted is not None:
            self._counted = None
            self.show_groups()

    @work(group="facets", name="facets", description="Counting tags", exclusive=True, exit_on_error=False)
    async def count_tags(self) -> None:
        """Count the tags of what answers to the filter in the open group, and show them if they have changed."""
        place, query = self.desk.place, self.desk.query
        if place.group is None or query.is_blank:
            return
        try:
            tags = await asyncio.to_thread(self._tags_now, place, query)
        except LibraryError:
            return  # whoever opens the group is told why it can't be read
        counted = _Counted(place.group, query, tags)
        if (place.group, query) == (self.desk.place.group, self.desk.query) and counted != self._counted:
            self._counted = counted
            self.show_groups()

    def _tags_now(self, place: Place, query: Query) -> list[LabelCount]:
        """The tags of a whole group under a filter, whichever of its tags is open. For a worker thread."""
        desk = self.desk
        rows = desk.rows if place.kind is Kind.GROUP else desk.listed(place.outer, query)
        return count_labels((row.head for row in rows), TAGS)
