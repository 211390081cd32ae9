"""The list all panes are made of: it draws only what is seen, so a key costs the same at 10 rows and at 100,000.

What moves in it, what is in view and how it is drawn are rooms of their own: `travelled`, `scrolled`, `drawn`. What a
row says belongs to the pane that made it; which key does what belongs to
the registry of commands.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message

from florilege.tui.widgets.painting import GUTTER
from florilege.tui.widgets.quietbar import QuietBar
from florilege.tui.widgets.rows import Look, Rows, TouchedRows, index_of, selectable_near, surviving
from florilege.tui.widgets.scrolled import Spot
from florilege.tui.widgets.travelled import TravelledLines

__all__ = ["LineList", "Look", "Rows", "Spot"]


class LineList(TravelledLines, can_focus=True, inherit_bindings=False):
    """A list of rows of any heights with a cursor. See `Rows` for what it shows."""

    ALLOW_SELECT = True
    DEFAULT_CSS: ClassVar[str] = """
    LineList {
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        scrollbar-color: $scrollbar;
        scrollbar-color-hover: $scrollbar-hover;
        scrollbar-color-active: $scrollbar-active;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
    }
    """

    class Moved(Message):
        """The cursor came to rest on another row. Of several in a queue only the last is delivered."""

        def __init__(self, line_list: "LineList", index: int, key: str | None) -> None:
            super().__init__()
            self.list = line_list
            self.index = index
            self.key = key
            """None when no row can be selected."""

        @property
        def control(self) -> "LineList":
            """The list, for `@on` with a selector."""
            return self.list

        def can_replace(self, message: Message) -> bool:
            """Whether a later message makes this one needless."""
            return isinstance(message, LineList.Moved) and message.list is self.list

    class Chosen(Message):
        """A row was chosen: enter, or a click on the row of the cursor."""

        def __init__(self, line_list: "LineList", index: int, key: str) -> None:
            super().__init__()
            self.list = line_list
            self.index = index
            self.key = key

        @property
        def control(self) -> "LineList":
            """The list, for `@on` with a selector."""
            return self.list

    class Touched(Message):
        """A row that can't be selected was clicked, or a sign on one that can."""

        def __init__(self, line_list: "LineList", index: int, line: int, cell: int) -> None:
            super().__init__()
            self.list = line_list
            self.index = index
            self.line = line
            """Which of its lines, from 0."""
            self.cell = cell
            """How many cells from where its text begins."""

        @property
        def control(self) -> "LineList":
            """The list, for `@on` with a selector."""
            return self.list

    def __init__(
        self,
        rows: Rows | None = None,
        *,
        empty: Sequence[Content] = (),
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(empty=empty, name=name, id=id, classes=classes, disabled=disabled)
        self._told: str | None = None
        self._had_focus = False
        if rows is not None:
            self.show(rows)

    def show(self, rows: Rows, *, cursor_key: str | None = None, keep_place: bool = True) -> None:
        """Show other rows.

        Args:
            rows: The rows; they are not changed afterwards, but replaced.
            cursor_key: Where the cursor is to be; unknown or None: where `keep_place` says.
            keep_place: The cursor stays on its row, or the nearest that survives, and what is read stays on its line of
                the screen, whatever came or went above it. Otherwise the list starts at the top.
        """
        if self.is_attached and self in self.screen.selections:
            self.screen.clear_selection()  # what was selected stood in the rows that go
        keep_place = keep_place and len(self._rows) > 0
        old_cursor, held = self.cursor, self._held_row()
        held_line = self._offsets.top(held) - self.scroll_offset.y if held >= 0 else 0
        kept = surviving(self._rows, old_cursor, rows) if keep_place else None
        new_held = kept if held == old_cursor else surviving(self._rows, held, rows) if keep_place else None
        wanted = index_of(rows, cursor_key, max(old_cursor, 0)) if cursor_key is not None else None
        index = next((place for place in (wanted, kept, new_held) if place is not None), 0)
        self._rows = rows
        self._lay_out()
        self._set_cursor(selectable_near(rows, index))
        self._scroll_line(0 if new_held is None else self._offsets.top(new_held) - held_line)
        if wanted is not None and wanted != kept:
            self._reveal(self.cursor)
        elif keep_place and (kept is None or held == old_cursor):
            self._reveal(self.cursor, context=False)

    def choose(self) -> None:
        """Choose the row of the cursor."""
        if (key := self.cursor_key) is not None:
            self.post_message(self.Chosen(self, self.cursor, key))

    def on_mount(self) -> None:
        """Say where the cursor is, if rows were shown before."""
        # Textual documents it for one bar, though it is typed as the class's.
        self.vertical_scrollbar.renderer = QuietBar  # type: ignore[misc]
        self._tell()

    def _tell(self) -> None:
        """Say that the cursor is on another row, once there is someone to hear it."""
        key = self.cursor_key
        if self.is_running and key != self._told:
            self._told = key
            self.post_message(self.Moved(self, self.cursor, key))

    def focus_on_click(self) -> bool:
        """Remember whether the click that follows only brings the focus."""
        self._had_focus = self.has_focus
        return super().focus_on_click()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row clicked; choose it when the cursor was there. A selection's end is no click."""
        event.prevent_default()  # A double click would select the whole text.
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        line = self.scroll_offset.y + offset.y
        index = self._offsets.row_at(line) if line < self._offsets.total else -1
        if index < 0:
            return
        cell = offset.x - GUTTER
        is_sign = isinstance(self._rows, TouchedRows) and self._rows.is_sign(index, cell)
        if is_sign or not self._rows.selectable(index):
            self.post_message(self.Touched(self, index, line - self._offsets.top(index), cell))
            return
        if index == self.cursor and (self._had_focus or not self.can_focus):
            self.choose()
        self._set_cursor(index)
