"""Actions that mark: read, unread, starred, whole lists, and taking a mark back."""

import asyncio

from textual import work

from florilege.commands import Scope
from florilege.lists.catalogue import Listed
from florilege.marking import Mark
from florilege.store import LibraryError
from florilege.text import counted
from florilege.tui.screens.base import ReadingBase
from florilege.words import title_of


class Marking(ReadingBase):
    """Marking and undoing."""

    async def action_mark_read(self) -> None:
        """Mark the item read; in the groups pane, all items of the group."""
        await self._mark(Mark.READ)

    async def action_mark_unread(self) -> None:
        """Mark the item unread; in the groups pane, all items of the group."""
        await self._mark(Mark.UNREAD)

    def action_star(self) -> None:
        """Star the item, or take its star off."""
        if self.current is None:
            self.say("There is no item to star.")
            return
        self._star(self.current)

    @work(group="saving", name="star", description="Writing what was starred", exit_on_error=False)
    async def _star(self, listed: Listed) -> None:
        async with self._saving:  # only now is it known what the key pressed before has done
            starred = self.desk.state(listed).is_starred
            mark = Mark.UNSTARRED if starred else Mark.STARRED
            said = "No longer starred" if starred else "Starred"
            await self.write_mark([listed], mark, told=f"{said}: {_in_braces(title_of(listed.head))}")

    def action_mark_list_read(self) -> None:
        """Mark every item of the shown list read; under a filter, only what matches."""
        unread = [row for row in self.desk.rows if not self.desk.state(row).is_read]
        if not unread:
            self.say("Nothing is unread in this list.")
            return
        where = self.desk.where() + ("" if self.desk.query.is_blank else ", among those that match")
        undo = self.world.keys.label("undo") or "undo"
        told = f"{counted(len(unread), 'item')} marked read in {_in_braces(where)}. {_in_braces(undo)} takes it back."
        self.save_mark(self.desk.rows, Mark.READ, bulk=True, told=told)

    def action_mark_above_read(self) -> None:
        """Mark everything read above the cursor."""
        self._mark_part(self.desk.rows[: max(0, self.position)], "above")

    def action_mark_below_read(self) -> None:
        """Mark everything read below the cursor."""
        self._mark_part(self.desk.rows[self.position + 1 :], "below")

    def action_undo(self) -> None:
        """Take the last mark back."""
        self._undo()

    @work(group="saving", name="undo", description="Taking a mark back", exit_on_error=False)
    async def _undo(self) -> None:
        async with self._saving:
            try:
                told = await asyncio.to_thread(self.desk.undo)
            except LibraryError as error:
                self.say(str(error), problem=True)
                return
        if told is None:
            self.say("Nothing to undo.")
            return
        if self.current is not None and not self.desk.state(self.current).is_read:
            self.left_unread = self.current.key
        self.items_list.refresh_rows()
        self.show_groups()
        self.show_top()
        self.say(told)
        self.tell_unsaved()

    def _mark_part(self, rows: list[Listed], where: str) -> None:
        unread = [row for row in rows if not self.desk.state(row).is_read]
        if not unread:
            self.say(f"Nothing is unread {where} the cursor.")
            return
        undo = self.world.keys.label("undo") or "undo"
        told = f"{counted(len(unread), 'item')} marked read {where} the cursor. {_in_braces(undo)} takes it back."
        self.save_mark(unread, Mark.READ, bulk=True, told=told)

    async def _mark(self, mark: Mark) -> None:
        if self.pane is Scope.GROUPS:
            await self._mark_group(mark)
            return
        if self.current is None:
            self.say("There is no item to mark.")
            return
        self.left_unread = self.current.key if mark is Mark.UNREAD else None
        told = f"Marked {mark.value}: {_in_braces(title_of(self.current.head))}"
        self.save_mark([self.current], mark, told=told, nothing=self._already(mark))

    def _already(self, mark: Mark) -> str:
        """What to say of an item that is marked so already: which keys lead on."""
        other, on = ("mark-unread", "next-unread") if mark is Mark.READ else ("mark-read", "")
        opposite = Mark.UNREAD if mark is Mark.READ else Mark.READ
        keys = self.world.keys.label
        ways = [f"{keys(other)} marks it {opposite.value}"] if keys(other) else []
        ways += [f"{keys(on)} goes to the next unread one"] if on and keys(on) else []
        return f"It is {mark.value} already{': ' if ways else ''}{', '.join(ways)}."

    def _ways_to_mark(self, mark: Mark) -> str:
        """How to mark all that a list across groups shows."""
        keys = self.world.keys.label
        if mark is Mark.READ:
            return f"{keys('mark-list-read')} marks all it shows as read"
        return f"select its items ({keys('select')}) to mark them {mark.value}"

    async def _mark_group(self, mark: Mark) -> None:
        place = self.place_under_cursor
        if place is None or place.is_smart:
            self.say(f"This list gathers several groups: {self._ways_to_mark(mark)}.")
            return
        try:
            listed: list[Listed] = await asyncio.to_thread(self.desk.listed, place)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return
        if problem := self.desk.catalogue.problem(place.group or ""):
            self.say(problem, problem=True)
            return
        where = self.desk.where(place)
        told = f"{{}} of {counted(len(listed), 'item')} in {_in_braces(where)} marked {mark.value}."
        nothing = f"Everything in {where} is {mark.value} already." if listed else f"There is no item in {where}."
        self.save_mark(listed, mark, bulk=True, told=told, nothing=nothing)


def _in_braces(text: str) -> str:
    """Text from outside as it may stand in a format."""
    return text.replace("{", "{{").replace("}", "}}")
