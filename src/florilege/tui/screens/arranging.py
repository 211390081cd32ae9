"""Actions on the groups themselves: giving one another title, removing one."""

import asyncio

from textual import on, work

from florilege.lists.places import Kind, Place
from florilege.model import Group
from florilege.store import LibraryError
from florilege.text import counted
from florilege.tui.screens.refreshing import Refreshing
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.world import World

RENAME = "rename-group"
REMOVE = "remove-group"


class Arranging(Refreshing):
    """Renaming and removing groups."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._arranged: Group | None = None
        """The group that the line for typing asks about."""

    def action_rename_group(self) -> None:
        """Ask for another title for the group under the cursor."""
        group = self._group_here()
        if group is None:
            self.say("Put the cursor on a group to rename it.")
            return
        self._arranged = group
        self.prompt.ask(RENAME, "Rename", "another title", group.title)
        self.show_keys()

    def action_remove_group(self) -> None:
        """Ask whether the group under the cursor shall be removed."""
        group = self._group_here()
        if group is None:
            self.say("Put the cursor on a group to remove it.")
            return
        self._arranged = group
        items = counted(self.desk.catalogue.counts(group.id).items, "item")
        self.prompt.ask(REMOVE, f"Remove {group.title} with {items}?", "y, then ↵")
        self.show_keys()

    @on(Prompt.Entered)
    def _arrange(self, event: Prompt.Entered) -> None:
        group = self._arranged
        if event.purpose not in {RENAME, REMOVE} or group is None:
            return
        event.stop()
        self._arranged = None
        self.prompt.close()
        self.go_to_pane(self.pane)
        if event.purpose == RENAME and event.text not in {"", group.title}:
            self._rename_group(group, event.text)
        elif event.purpose == REMOVE and event.text.casefold() in {"y", "yes"}:
            self._remove_group(group)
        else:
            self.say(f"{group.title} stays as it is.")

    @work(group="arranging", name="rename", description="Renaming a group", exit_on_error=False)
    async def _rename_group(self, group: Group, title: str) -> None:
        try:
            await asyncio.to_thread(self.desk.rename_group, group.id, title)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return
        await self.take_in(group.id)
        self.say(f"{group.title} is now called {title}.")

    @work(group="arranging", name="remove", description="Removing a group", exit_on_error=False)
    async def _remove_group(self, group: Group) -> None:
        async with self._saving:  # after the marks under way, which undo takes back after this
            try:
                await asyncio.to_thread(self.desk.remove_group, group.id)
            except LibraryError as error:
                self.say(str(error), problem=True)
                return
        if self.desk.place.group == group.id:
            await self.open_place(Place(Kind.UNREAD))
            self.groups_list.move_to(self.desk.place.key)
        await self.take_in(group.id)
        self.index_pages()
        undo = self.world.keys.label("undo") or "undo"
        self.say(f"{group.title} was removed. Until you leave, {undo} brings it back.")
