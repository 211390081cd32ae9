"""Marking items: by keys, by resting on one, by leaving one; and selecting the items to mark."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from textual.timer import Timer

from florilege.commands import Scope
from florilege.lists.catalogue import ItemRow
from florilege.lists.changes import Undone
from florilege.lists.places import Place, PlaceKind
from florilege.marking import Mark, UndoStep
from florilege.model import OwnNote
from florilege.text import clean, counted, grouped
from florilege.tui.command_screen import Question
from florilege.words import title_of

if TYPE_CHECKING:
    from florilege.tui.reading.screen import ReadingScreen

StepMessage: TypeAlias = Callable[[UndoStep | None], str]
"""Makes the message about a mark; None stands for one that changed nothing."""
_OPPOSITES = {Mark.READ: Mark.UNREAD.value, Mark.UNREAD: Mark.READ.value}
_id_of = attrgetter("summary.id")
_NEW_LINE = " ¶ "
"""Stands for a line break in a note, which is typed on a single line."""


class Marker:
    """Writes marks, one after the other; they are shown once they are durable."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self._reading = reading
        self._state = reading.state
        self.writing = asyncio.Lock()
        """Held while the library is being changed."""
        self._just_unread: str | None = None
        """The item just marked unread by hand: moving on does not mark it read again."""
        self._peeked: str | None = None
        """The item being peeked at: only a key that asks for it marks it, until the reader moves on."""
        self._rest: Timer | None = None

    # Writing

    def save(self, mark: Callable[[], UndoStep | None], message: StepMessage | None = None) -> None:
        """Write a mark in a worker, once earlier ones are written, and show it.

        Args:
            mark: Writes it; called in a thread.
            message: Returns the message; None for no message.
        """
        self._reading.start(partial(self._save, mark, message), "saving")

    async def _save(self, mark: Callable[[], UndoStep | None], message: StepMessage | None) -> None:
        async with self.writing:
            step = await asyncio.to_thread(mark)
            if step is not None:
                self._state.follow()
        if message is not None:
            self._reading.say(message(step))
        self._report_unsaved()

    def _reading_mark(self, rows: Sequence[ItemRow], mark: Mark, **how: Any) -> Callable[[], UndoStep | None]:
        """Marks items read or unread, for `save`; `how` is passed to `Changes.mark`."""
        by_page = self._reading.context.config.reading.same_page == "common"
        return partial(self._state.changes.mark, rows, mark, by_page=by_page, **how)

    def _report_unsaved(self) -> None:
        if self._state.changes.unsaved:
            self._reading.say(self._state.changes.unsaved, problem=True)

    async def retry(self) -> None:
        """Try again to write the marks that could not be written."""
        if not self._state.changes.unsaved:
            return
        async with self.writing:
            await asyncio.to_thread(self._state.changes.retry)
        if not self._state.changes.unsaved:
            self._reading.say("Your marks are saved now.")
            await self._reading.groups.update()
            await self._reading.moves.rebuild()

    # Without a key

    def watch_rest(self) -> None:
        """Start the timer that marks the item read if the reader rests on it while its annotations are on the screen.

        Choosing a group or typing a search does not count as reading.
        """
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        reading, shown = self._reading.context.config.reading, self._reading.annotations.shown
        if reading.mark != "rest" or reading.mark_after is None or shown is None or not self._is_reading:
            return
        state = self._state.state_of(shown)
        if not state.is_read or state.seen < shown.summary.revision:
            self._rest = self._reading.set_timer(max(reading.mark_after, 0.001), self._rested)

    @property
    def _is_reading(self) -> bool:
        """Whether the reader is looking at the annotations, as far as can be told."""
        screen = self._reading
        choosing = screen.pane is Scope.GROUPS or screen.question is not None
        in_sight = screen.frame.is_shown(Scope.ANNOTATIONS)
        return in_sight and not choosing and screen.app.app_focus and screen.is_active

    def _rested(self) -> None:
        if self._is_reading:
            self.mark_as_seen(self._reading.annotations.shown, by_resting=True)

    def leave(self, row: ItemRow | None) -> None:
        """Mark the item that is left, if the settings ask for it, before another one is shown."""
        if self._reading.context.config.reading.mark == "leave" and self._is_reading:
            self.mark_as_seen(row)
        self._peeked = self._just_unread = None

    def mark_as_seen(self, *rows: ItemRow | None, by_resting: bool = False) -> None:
        """Mark items read as a consequence of what the reader did with them.

        Not those just marked unread or only peeked at, and none if the settings say to mark by hand only.
        """
        if self._reading.context.config.reading.mark == "hand":
            return
        seen = [row for row in rows if row is not None and row.key not in {self._just_unread, self._peeked}]
        if seen:
            self.save(self._reading_mark(seen, Mark.READ, automatic=True, by_resting=by_resting))

    def action_peek(self) -> None:
        """Look at the item without marking it, until the reader moves on."""
        current = self._state.current
        if current is None:
            self._reading.say("There is no item to look at.")
            return
        self._peeked = current.key
        if not self._reading.frame.is_shown(Scope.ANNOTATIONS):
            self._reading.go_to_pane(Scope.ANNOTATIONS)
        read = self._state.state_of(current).is_read
        only = "Only a peek: this item stays unread until you move on."
        self._reading.say("This item is read already." if read else only)

    # Selecting

    def action_select(self) -> None:
        """Select the item, or deselect it, and move on."""
        if self._state.current is None:
            self._reading.say("There is no item to select.")
            return
        self._state.select()
        self._reading.items.list.move(1)

    def action_select_range(self) -> None:
        """Select all items from the last selected one to the cursor."""
        if self._state.current is None:
            self._reading.say("There is no item to select.")
        self._state.select_range()

    # By keys

    async def action_mark_read(self) -> None:
        """Mark the selected items read, else the current one; in the groups pane, all items of the group."""
        await self._mark(Mark.READ)

    async def action_mark_unread(self) -> None:
        """Mark the selected items unread, else the current one; in the groups pane, all items of the group."""
        await self._mark(Mark.UNREAD)

    async def _mark(self, mark: Mark) -> None:
        current, rows = self._state.current, self._reading.chosen()
        if self._reading.pane is Scope.GROUPS:
            await self._mark_group(mark)
        elif rows:
            if mark is Mark.UNREAD and current is not None and current.key in self._state.view.selected:
                self._just_unread = current.key
            self._mark_all(rows, mark, "in the selection")
        elif current is None:
            self._reading.say("There is no item to mark.")
        else:
            self._just_unread = current.key if mark is Mark.UNREAD else None
            title = title_of(current.summary)

            def message(step: UndoStep | None) -> str:
                others = len(step.changes) - 1 if step else 0
                of_page = f" ({counted(others, 'other item')} of this page too)" if others else ""
                return f"Marked {mark.value}: {title}{of_page}" if step else self._already(mark)

            self.save(self._reading_mark([current], mark), message)

    def _already(self, mark: Mark) -> str:
        """The message for an item that is marked so already, with the keys that lead on."""
        other, on = ("mark-unread", "next-unread") if mark is Mark.READ else ("mark-read", "")
        key = self._reading.key
        ways = [f"{key(other)} marks it {_OPPOSITES[mark]}"] if key(other) else []
        ways += [f"{key(on)} goes to the next unread one"] if on and key(on) else []
        return f"It is {mark.value} already{': ' if ways else ''}{', '.join(ways)}."

    async def _mark_group(self, mark: Mark) -> None:
        place, key = self._reading.groups.place, self._reading.key
        if place is None or place.is_smart:
            select = f"select its items ({key('select')}) to mark them {mark.value}"
            ways = f"{key('mark-list-read')} marks all it shows as read" if mark is Mark.READ else select
            self._reading.say(f"This list spans several groups: {ways}.")
            return
        found = await self._reading.read(lambda: self._state.listing(place))
        if problem := self._state.catalogue.problem(place.group or ""):
            self._reading.say(problem, problem=True)
        elif found is not None:
            self._mark_all(found.rows, mark, f"in {self._state.title_of(place)}")

    def action_mark_list_read(self) -> None:
        """Mark all items of the list read; under a filter, only those that match."""
        where = "in this list" if self._state.query.is_blank else "among those that match"
        self._mark_all(self._state.rows, Mark.READ, where)

    def action_mark_above_read(self) -> None:
        """Mark all items above the cursor read."""
        self._mark_all(self._state.rows[: max(0, self._state.position)], Mark.READ, "above the cursor")

    def action_mark_below_read(self) -> None:
        """Mark all items below the cursor read."""
        self._mark_all(self._state.rows[self._state.position + 1 :], Mark.READ, "below the cursor")

    def _mark_all(self, rows: list[ItemRow], mark: Mark, where: str) -> None:
        """Mark many items; `where` says which, for the message."""
        undo = self._reading.key("undo") or "undo"

        def message(step: UndoStep | None) -> str:
            if step is None:
                return f"Nothing is {_OPPOSITES[mark]} {where}."
            number = len({change.after.item for change in step.changes}.intersection(map(_id_of, rows)))
            items = counted(len(rows), "item")
            return f"{grouped(number)} of {items} {where} marked {mark.value}. {undo} takes it back."

        self.save(self._reading_mark(rows, mark, bulk=True), message)

    def action_star(self) -> None:
        """Star the selected items, or unstar them if all are starred; without a selection, the current item."""
        chosen, current = self._reading.chosen(), self._state.current
        rows = chosen or ([current] if current else [])
        if not rows:
            self._reading.say("There is no item to star.")
            return

        def star() -> UndoStep | None:  # only now are the effects of the previous key known
            starred = all(self._state.state_of(row).is_starred for row in rows)
            return self._state.changes.mark(rows, Mark.UNSTARRED if starred else Mark.STARRED, bulk=bool(chosen))

        def message(step: UndoStep | None) -> str:
            is_starred = step is not None and step.mark is Mark.STARRED
            if not chosen:
                return f"{'Starred' if is_starred else 'No longer starred'}: {title_of(rows[0].summary)}"
            of = f"{len(step.changes) if step else 0} of {counted(len(rows), 'selected item')}"
            return f"{of} {'now' if is_starred else 'no longer'} starred."

        self.save(star, message)

    async def action_own_note(self) -> None:
        """Ask for the reader's own note on the highlight under the cursor, else on the item; empty removes it."""
        current, pane = self._state.current, self._reading.annotations
        highlight = pane.highlight if self._reading.pane is Scope.ANNOTATIONS else None
        key = highlight.id if highlight else ""
        if current is None:
            await self._reading.refuse("There is no item to write a note on.")
            return
        before = self._state.state_of(current).note_on(key).replace("\n", _NEW_LINE)
        label = "Your note on this highlight" if highlight else "Your note"
        typed = await self._reading.ask(Question(label, "words of your own; #words are your tags", before))
        if typed is None:
            return
        note = clean(typed.replace(_NEW_LINE, "\n")).strip()
        title = f"a highlight of {title_of(current.summary)}" if highlight else title_of(current.summary)
        message = f"Noted on: {title}" if note else f"Note removed from: {title}"
        self.save(
            partial(self._state.changes.mark, [current], Mark.NOTED, note=OwnNote(note, key)),
            lambda step: message if step else "Your note stays as it was.",
        )

    def action_undo(self) -> None:
        """Undo the last mark."""
        self._reading.start(self._undo, "saving")

    async def _undo(self) -> None:
        async with self.writing:
            undone = await asyncio.to_thread(self._state.changes.undo)
            self._state.follow()
        if undone is None:
            self._reading.say("Nothing to undo.")
            return
        await self._go_to(undone)
        shown = self._reading.annotations.shown
        if shown is not None and not self._state.state_of(shown).is_read:
            self._just_unread = shown.key
        self._reading.say(undone.sentence)
        self._report_unsaved()

    async def _go_to(self, undone: Undone) -> None:
        """Go to where something was undone: to the item if the list has it, else to its group."""
        reading, place = self._reading, Place(PlaceKind.GROUP, undone.group)
        if not undone.group:
            return
        if not undone.item:  # a group is back, and with it the pages that others shared too
            await reading.moves.go_to(place)
            reading.fetching.index_pages()
        elif self._state.view.place_of(undone.item, self._state.position) >= 0:
            reading.items.list.move_to(undone.item)
            reading.show_item()
        else:
            await reading.moves.open_place(place, cursor=undone.item)
