"""The annotations pane: the open item in full, folding of long items, and search within the item."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from florilege.commands import Scope
from florilege.lists.catalogue import ItemRow
from florilege.model import BodyKind, Highlight, Item
from florilege.query.nodes import Query, Words
from florilege.store import LibraryError
from florilege.text import counted
from florilege.tui.command_screen import Question
from florilege.tui.widgets.row_list import ScrollState
from florilege.tui.widgets.rows import Rows
from florilege.words import sharer_of

if TYPE_CHECKING:
    from florilege.tui.panes.annotations import AnnotationRows
    from florilege.tui.reading.screen import ReadingScreen


_AT_ONCE = 20_000
"""Characters of HTML converted to text while a key press waits (10 ms at worst); a thread converts longer bodies."""


class AnnotationsPane:
    """Shows one item with its highlights, notes and comments."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self.list = reading.frame.lists[Scope.ANNOTATIONS]
        self._reading = reading
        self.shown: ItemRow | None = None
        """The list row of the item shown."""
        self.item: Item | None = None
        """The full item shown; None if it can't be read."""
        self._numbered: tuple[Item, Item] | None = None
        """The item, and its version for display: with numbered links and the body as text."""
        self._own_query: Query | None = None
        """The search within this item; None if there is none."""
        self._unfolded: set[str] = set()
        """Keys of the long items that are shown unfolded."""
        self._is_together = False
        """Whether all items of the same page are shown combined into one."""
        self._scroll_states: dict[str, ScrollState] = {}
        """The last position in each item, by its key."""

    # What is shown

    def show_current(self, *, visited: bool = True) -> None:
        """Show the item under the cursor of the list.

        Args:
            visited: Whether to record it in the history of visited items.
        """
        reading, row = self._reading, self._reading.state.current
        if row is not None and self.shown is not None and row.key == self.shown.key:
            self._refresh(row)
            return
        scroll_state = self.list.scroll_state
        if self.shown is not None and scroll_state is not None:
            self._scroll_states[self.shown.key] = scroll_state
        reading.marker.leave(self.shown)
        self._own_query = None
        self.shown = row
        self.item = self._read(row) if row else None
        if row is not None and reading.pane is not Scope.GROUPS and visited:
            reading.state.visited.visit((reading.state.place, row.key))
        if row is None or self.item is None:
            self.list.empty = [(("text", "Nothing is open."),)] if reading.state.rows else []
            self.list.show(Rows(), keep_place=False)
        else:
            self._begin(row, self.item)
        reading.watch_rest()

    def _begin(self, row: ItemRow, item: Item) -> None:
        """Show another item: at its first new highlight, else at the last position in it, else at the top."""
        self.list.show(self._rows_of(row, item), keep_place=False)
        state, scroll_state = self._reading.state.state_of(row), self._scroll_states.get(row.key)
        new = next((each.id for each in item.highlights if state.has_new(each)), None)
        if new is not None:
            self.list.move_to(new)
        elif scroll_state is None:
            self.list.home()
        else:
            self.list.go_back(scroll_state)

    def _refresh(self, row: ItemRow) -> None:
        """Update the item shown, if anything that is displayed has changed."""
        item = self._read(row)
        self.shown = row
        rows = self.rows
        notes = self._reading.state.state_of(row).notes
        wanted = (self.marked_query, self._group_of(row), tuple(self._also_in(row)), notes)
        shown = (rows.query, rows.group, rows.also_in, rows.notes) if rows else None
        if item is not None and (item != self.item or shown != wanted):
            self.item = item
            self.list.show(self._rows_of(row, item), keep_place=True)

    def redraw(self, *, cursor: str | None = None) -> None:
        """Redraw the open item. The cursor stays where it is, or moves to the row with the key `cursor`."""
        if self.shown is not None and self.item is not None:
            self.list.show(self._rows_of(self.shown, self.item), cursor_key=cursor, keep_place=True)

    def show_note(self) -> None:
        """Update the reader's own notes if they have changed."""
        if self.shown is not None and self.rows and self.rows.notes != self._reading.state.state_of(self.shown).notes:
            self.redraw()

    @property
    def rows(self) -> "AnnotationRows | None":
        """The rows of the open item; None when no item is open."""
        from florilege.tui.panes.annotations import AnnotationRows

        rows = self.list.rows
        return rows if isinstance(rows, AnnotationRows) else None

    @property
    def highlight(self) -> Highlight | None:
        """The highlight under the cursor; None if the cursor is elsewhere."""
        return self.rows.highlight(self.list.cursor) if self.rows else None

    @property
    def marked_query(self) -> Query:
        """The query whose matches are marked: the search within this item, else the query of the list."""
        return self._own_query or self._reading.state.whole_query

    def _for_display(self, item: Item) -> Item:
        """The item for display: links numbered, body as text. A long body is cut off while a thread converts it."""
        if self._numbered is None or self._numbered[0] is not item:
            from florilege.lists.links import numbered

            self._numbered = item, numbered(item, _AT_ONCE)[0]
            if item.body_kind is BodyKind.HTML and len(item.body or "") > _AT_ONCE:
                self._reading.start(partial(self._convert_rest, item), "body", exclusive=True)
        return self._numbered[1]

    async def _convert_rest(self, item: Item) -> None:
        from florilege.lists.links import numbered

        shown, _ = await asyncio.to_thread(numbered, item)
        if self.item is item:
            self._numbered = item, shown
            self.redraw()

    def _rows_of(self, row: ItemRow, item: Item) -> "AnnotationRows":
        from florilege.tui.panes.annotations import AnnotationRows

        look = self._reading.context.config.look
        return AnnotationRows(
            item,
            self._reading.state.state_of(row),
            now=self._reading.state.clock(),
            dates=look.dates,
            group=self._group_of(row),
            also_in=self._also_in(row),
            query=self.marked_query,
            shown=self._for_display(item),
            fold_after=None if row.key in self._unfolded or self._own_query is not None else look.fold_after,
            fold_key=self._reading.key("fold"),
        )

    def _read(self, row: ItemRow) -> Item | None:
        """The full item, combined with the other items of its page if that is switched on. None if it can't be read."""
        state = self._reading.state
        try:
            item = state.item(row)
            if item is None or not self._is_together:
                return item
            others = [(state.item(other), other.group_title) for other in state.catalogue.same_page(row.summary)]
        except LibraryError as error:
            self._reading.say(str(error), problem=True)
            return None
        known = [(other, group) for other, group in others if other is not None]
        if not known:
            return item
        from florilege.lists.same_page import combined

        return combined(item, known)

    def _group_of(self, row: ItemRow) -> str:
        """The title of the item's group if the open list spans several groups; else empty."""
        return row.group_title if self._reading.state.place.is_smart else ""

    def _also_in(self, row: ItemRow) -> Sequence[str]:
        """Where else the page was shared. Sharers in other groups are named only while items are combined."""
        catalogue, summary = self._reading.state.catalogue, row.summary
        group = summary.group
        if self._is_together:
            others = [
                f"{'this group' if each.summary.group == group else each.group_title} ({sharer_of(each.summary)})"
                for each in catalogue.same_page(summary)
            ]
        else:
            here = catalogue.same_page(summary, within=group)
            others = [*(f"this group ({sharer_of(each.summary)})" for each in here), *catalogue.also_in(summary)]
        return list(dict.fromkeys(others))

    def action_together(self) -> None:
        """Switch between the item alone and all items of its page combined into one."""
        row = self.shown
        if row is None:
            self._reading.say("There is no item to read.")
            return
        self._is_together = not self._is_together
        others = self._reading.state.catalogue.same_page(row.summary)
        self.item = self._read(row)
        self.redraw()
        if not self._is_together:
            self._reading.say("Items of one page are shown one by one.")
        elif others:
            self._reading.say(f"Together with {counted(len(others), 'other item')} of the same page.")
        else:
            self._reading.say("Items of one page are shown together; nobody else has shared this one.")

    # Moving and folding

    def action_next_annotation(self) -> None:
        """Move down in the annotations, whichever pane has the focus; on the fold line, unfold the item."""
        if not self.unfold_at_cursor():
            self.list.move(1)

    def action_previous_annotation(self) -> None:
        """Move up in the annotations."""
        self.list.move(-1)

    def page_down(self) -> bool:
        """Scroll down by a page; at the end of a folded item, unfold it. Returns False at the very end."""
        if self.list.reader_at_end:
            return self._unfold()
        self.list.page(1)
        return True

    def go_to(self, highlight: str) -> None:
        """Move to the highlight with this id, unfolding the item if it is folded away."""
        if highlight in self._folded:
            self._unfold()
        self.list.move_to(highlight)

    def unfold_at_cursor(self) -> bool:
        """Unfold the item if the cursor is on the fold line. Returns whether it was unfolded."""
        from florilege.tui.panes.annotations import FOLD

        return self.list.cursor_key == FOLD and self._unfold()

    @property
    def is_long(self) -> bool:
        """Whether the item can be folded: it is folded, or has been unfolded."""
        return bool(self._folded) or (self.shown is not None and self.shown.key in self._unfolded)

    def toggle_fold(self) -> None:
        """Fold or unfold a long item."""
        if self.shown is not None and self.shown.key in self._unfolded:
            self._unfolded.discard(self.shown.key)
            self.redraw()
            if not self._folded:
                self._reading.say("This item is not long enough to be folded.")
        elif not self._unfold():
            self._reading.say("This item is shown whole.")

    @property
    def _folded(self) -> tuple[str, ...]:
        return self.rows.folded if self.rows else ()

    def _unfold(self) -> bool:
        """Unfold the item and move to the first row that was hidden. Returns whether anything was."""
        folded = self._folded
        if self.shown is None or not folded:
            return False
        self._unfolded.add(self.shown.key)
        self.redraw(cursor=folded[0])
        return True

    # Finding

    async def action_find_within(self) -> None:
        """Search within the open item."""
        if self.item is None:
            await self._reading.refuse("There is no item to search.")
            return
        before = self._own_query
        text = before.text if isinstance(before, Words) else ""
        question = Question("In this item", "words to find", text, typed=self._mark_matches, is_live=True)
        typed = await self._reading.ask(question, then=Scope.ANNOTATIONS)
        if typed is None:
            self._own_query = before
            self.redraw(cursor=self.list.cursor_key)
            return
        self._mark_matches(typed)
        if self._own_query is not None:
            self._to_match(0)

    def _mark_matches(self, text: str) -> None:
        """Mark matches as words are typed."""
        self._own_query = Words(text) if text.strip() else None
        self.redraw(cursor=self.list.cursor_key)

    def action_next_match(self) -> None:
        """Go to the next row of the item that matches."""
        self._to_match(1)

    def action_previous_match(self) -> None:
        """Go to the previous row of the item that matches."""
        self._to_match(-1)

    def _to_match(self, direction: int) -> None:
        rows, here, key = self.rows, self.list.cursor, self._reading.key
        if rows is None or self.marked_query.is_blank:
            ways = f": {key('find-within')} finds words in this item" if key("find-within") else ""
            self._reading.say(f"No words are being searched for{ways}.")
            return
        matches = [row for row in range(len(rows)) if rows.matches(row)]
        if not matches:
            self._reading.say("These words are not in this item.")
            return
        if direction < 0:
            place = next((row for row in reversed(matches) if row < here), matches[-1])
        else:
            place = next((row for row in matches if row >= here + direction), matches[0])
        wrapped = (direction > 0 and place <= here) or (direction < 0 and place >= here)
        if place == 0:
            self.list.home()
        else:
            self.list.move_to(place)
        said = f"{matches.index(place) + 1} of {counted(len(matches), 'passage')}"
        said += ", from the beginning again" if wrapped and len(matches) > 1 else ""
        further = [key(each) for each in ("next-match", "previous-match")]
        self._reading.say(f"{said}: {' and '.join(further)} go on." if matches[1:] and all(further) else f"{said}.")
