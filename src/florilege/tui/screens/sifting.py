"""Narrowing the groups pane by typing: only groups, tags and lists that are called so stay, until it is taken off."""

import asyncio
from collections.abc import Sequence

from textual import on, work
from textual.content import Content

from florilege.commands import Scope
from florilege.lists.counts import LabelCount
from florilege.lists.places import Place
from florilege.store import LibraryError
from florilege.tui.panes.groups import PlaceRow, PlaceRows, called
from florilege.tui.screens.following import Following
from florilege.tui.screens.long_items import LongItems
from florilege.tui.widgets.prompt import Helper, Prompt
from florilege.tui.widgets.rows import index_of
from florilege.tui.world import World

NARROW = "narrow-groups"


class Sifting(Following, LongItems):
    """Narrowing the groups pane."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.prompt.help_with(NARROW, Helper(move=self._move_among_groups))
        self.groups_typed = ""
        """What the groups pane is narrowed by; empty when it is not."""
        self._tags_known: dict[str, Sequence[LabelCount]] = {}
        """The tags of all groups, while it is narrowed."""
        self._was_on: str | None = None
        """Where the cursor of the pane was before."""
        self._place_then: Place | None = None
        """The place that was open then."""

    def action_find_within(self) -> None:
        """Among the groups, narrow them; elsewhere ask what to find in the open item."""
        if self.pane is Scope.GROUPS:
            self.action_narrow_groups()
        else:
            super().action_find_within()

    def action_narrow_groups(self) -> None:
        """Ask what the groups, tags and lists to be shown are called."""
        if not self.groups_typed:
            self._was_on = self.groups_list.cursor_key
        self._place_then = self.desk.place
        self.go_to_pane(Scope.GROUPS)
        self.prompt.ask(NARROW, "Groups", "words of a group or tag", self.groups_typed)
        self.show_keys()
        self._know_tags()

    async def action_back(self) -> None:
        """Take off what narrows the groups, once one is among them; else what there is to take off."""
        if self.groups_typed and self.pane is Scope.GROUPS and not self.prompt.is_open:
            self._narrow_to("", self.groups_list.cursor_key)
        else:
            await super().action_back()

    def leave_prompt(self) -> None:
        """Close the line for typing; the groups pane is what it was before."""
        is_ours = self.prompt.purpose == NARROW
        super().leave_prompt()
        if is_ours:
            self._narrow_to("", self._was_on)

    def show_groups(self) -> None:
        """Build the pane again, of what is called as was typed."""
        self.groups_list.border_title = Content(f"Groups · {self.groups_typed}" if self.groups_typed else "Groups")
        self.groups_list.empty = [Content("Nothing is called so.")] if self.groups_typed else []
        super().show_groups()

    def rows_shown(self, smart: list[PlaceRow], groups: list[PlaceRow]) -> PlaceRows:
        """Of all rows of the pane those that are called as was typed."""
        return called(self.groups_typed, smart, groups) if self.groups_typed else super().rows_shown(smart, groups)

    def tags_shown(self, group_id: str) -> Sequence[LabelCount]:
        """The tags that may be shown: while the pane is narrowed, those folded away too."""
        known = self._tags_known.get(group_id)
        return super().tags_shown(group_id) if group_id in self.unfolded or not known else self.in_order(known)

    def show_items(self, *, cursor: str | None = None, keep_place: bool) -> None:
        """Show the open list; when it is of a place that is not called as was typed, show all places again."""
        super().show_items(cursor=cursor, keep_place=keep_place)
        place = self.desk.place
        if self.groups_typed and place != self._place_then and index_of(self.groups_list.rows, place.key) is None:
            self._narrow_to("", place.key)

    @on(Prompt.Typed)
    def _name_typed(self, event: Prompt.Typed) -> None:
        if event.purpose == NARROW:
            event.stop()
            self._narrow_to(event.text, self.groups_list.cursor_key or self._was_on)

    @on(Prompt.Entered)
    async def _name_entered(self, event: Prompt.Entered) -> None:
        if event.purpose != NARROW:
            return
        event.stop()
        if event.text != self.groups_typed:
            self._narrow_to(event.text, self.groups_list.cursor_key)
        self.prompt.close()
        self.go_to_pane(Scope.GROUPS)
        place = self.place_under_cursor
        if place is not None and place.tag is not None and place.group is not None:
            self.unfolded.add(place.group)  # it stays in view when all groups are shown again
        if place is not None and place != self.desk.place:
            await self.open_place(place)

    def _narrow_to(self, typed: str, key: str | None) -> None:
        """Show what is called so; the cursor is on a row that is, and where it was if it can."""
        self.groups_typed = typed.strip()
        if not self.groups_typed and not self.prompt.is_open:
            self._tags_known = {}
        with self.prevent(self.groups_list.Moved):
            self.show_groups()
            rows = self.groups_list.rows
            if isinstance(rows, PlaceRows) and (wanted := rows.nearest(key)) is not None:
                self.groups_list.move_to(wanted)
        self.show_keys()

    def _move_among_groups(self, direction: int) -> None:
        with self.prevent(self.groups_list.Moved):
            self.groups_list.move(direction)

    @work(group="tags", name="tags", description="Reading the tags of all groups", exclusive=True, exit_on_error=False)
    async def _know_tags(self) -> None:
        """Read the tags of all groups, so that those folded away are found too."""
        self._tags_known = {}
        for group in self.desk.catalogue.groups():
            try:
                self._tags_known[group.id] = await asyncio.to_thread(self.desk.catalogue.tags, group.id)
            except LibraryError:
                continue  # whoever opens the group is told why it can't be read
            if self.groups_typed and self.prompt.is_open:
                self._narrow_to(self.groups_typed, self.groups_list.cursor_key)
