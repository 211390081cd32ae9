"""Where rows lie among the lines, and what part of them is in view. What is read stays on its line of the screen."""

from dataclasses import dataclass

from textual.geometry import Region, Size
from textual.scrollbar import ScrollBar

from florilege.tui.widgets.drawn import DrawnLines
from florilege.tui.widgets.painting import GUTTER
from florilege.tui.widgets.quietbar import bar_place
from florilege.tui.widgets.rows import Offsets

_CONTEXT_ROWS = 2
"""Rows kept in view beyond the cursor, where there is room."""
_ENOUGH = 4
"""Lines of a row that tell what it says, where a view has room for four times as many."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one is in a list, to come back to."""

    cursor: str | None
    """The key of the cursor's row."""
    top: str
    """The key of the row at the top of the view."""
    line: int
    """How many of its lines lie above the view."""


class ScrolledLines(DrawnLines, inherit_bindings=False):
    """Lines of which some are in view."""

    _must_reveal = False
    _known_height = 0

    @property
    def cursor_key(self) -> str | None:
        """The key of the cursor's row; None when no row can be selected."""
        return self._rows.key(self.cursor) if 0 <= self.cursor < len(self._rows) else None

    @property
    def spot(self) -> Spot | None:
        """Where one is now; None while nothing has been seen."""
        if not self._offsets.count or not self._known_height:
            return None
        top = self._offsets.row_at(self.scroll_offset.y)
        return Spot(self.cursor_key, self._rows.key(top), self.scroll_offset.y - self._offsets.top(top))

    @property
    def reader_at_end(self) -> bool:
        """Whether the last line is in view: there is nothing more to read here."""
        return self.scroll_offset.y + self.size.height >= self._offsets.total

    @property
    def row_width(self) -> int:
        """The width of a row, in cells."""
        return max(0, self._cells - GUTTER)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw the lines now in view; and the scrollbar, when a line further is a place further on it.

        Replaces Textual's, which draws a bar of forty cells again for a line of a hundred thousand.
        """
        if self.show_vertical_scrollbar:
            bar = self.vertical_scrollbar
            places = {bar_place(each, self.size.height, self._offsets.total) for each in (bar.position, new_value)}
            if len(places) == 1:
                bar.set_reactive(ScrollBar.position, new_value)
            else:
                bar.position = new_value
        if round(old_value) != round(new_value):
            self._redraw()

    def on_resize(self) -> None:
        """Hold what is read on its line of the screen; a cursor that was in view stays in view.

        A view of the beginning stays one while enough of the cursor's row is in it: what stands above may have become
        higher, but is read first.
        """
        held = self._held_row(self._known_height)
        reveals = self._must_reveal or (self._known_height > 0 and held == self.cursor)
        was_beginning = self.scroll_offset.y == 0
        held = -1 if was_beginning else held
        line = self._offsets.top(held) - self.scroll_offset.y if held >= 0 else 0
        if self.virtual_size.width != self._cells:
            self._lay_out()
            self._scroll_line(self._offsets.top(held) - line if held >= 0 and self._known_height else 0)
        self._known_height = self.size.height
        is_seen = self._is_partly_shown(self.cursor) or (was_beginning and self._shows_enough(self.cursor))
        if reveals and (self._must_reveal or not is_seen):
            self._reveal(self.cursor, context=False)

    def _lay_out(self) -> None:
        """Find where rows lie, after the rows or the width changed."""
        self._before, self._painter = self._painter or self._before, None
        self._offsets = Offsets(self._rows, self.row_width)
        self._extend(Size(self._cells, self._offsets.total))
        self._redraw()

    def _extend(self, size: Size) -> None:
        """Take another size for all lines together.

        Usually only the scrollbar has to know. Textual would lay out the whole screen again, on every key that shows
        other rows: the list may be as wide and high as its lines, which none of ours is once it has its place.
        """
        if not self._known_height or self.styles.auto_dimensions:
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(ScrolledLines.virtual_size, size)
            self._scroll_update(size)
            if self.show_vertical_scrollbar:  # it may have been hidden while the list was scrolled
                self.vertical_scrollbar.position = self.scroll_y

    def _scroll_line(self, line: int) -> None:
        """Put a line at the top of the view, as far as there are lines."""
        self.scroll_target_y = self.scroll_y = max(0, min(line, self._offsets.total - self.size.height))

    def _reveal(self, index: int, *, going: int = 0, context: bool = True) -> None:
        """Scroll no more than it takes to see a row. Which end of a row higher than the view depends on `going`."""
        self._must_reveal = not self.size.height
        if index >= 0 and self.size.height:
            lines = _CONTEXT_ROWS if context else 0
            self._scroll_line(
                self._offsets.scroll_for(index, self.scroll_offset.y, self.size.height, going=going, context=lines)
            )

    def _shown_rows(self, height: int | None = None) -> range:
        """The rows of which at least a line is in view; of a view of another height, if one is given."""
        height = self.size.height if height is None else height
        if not self._offsets.count or not height:
            return range(0)
        scroll = self.scroll_offset.y
        return range(self._offsets.row_at(scroll), self._offsets.row_at(scroll + height - 1) + 1)

    def _held_row(self, height: int | None = None) -> int:
        """The row that must not move when others change: the cursor's if it is in view, else the topmost; or -1."""
        shown = self._shown_rows(height)
        return self.cursor if self.cursor in shown or not shown else shown.start

    def _is_partly_shown(self, index: int) -> bool:
        """Whether a row higher than the view has a line in it: to see more of it would hide what is read above."""
        return self._offsets.height(index) > self.size.height and index in self._shown_rows()

    def _shows_enough(self, index: int) -> bool:
        """Whether the view, at the beginning, has as much of a row as tells what it says."""
        if index not in self._shown_rows():
            return False
        enough = min(_ENOUGH, self._offsets.height(index), self.size.height // 4)
        return self.size.height - self._offsets.top(index) >= enough

    def _repaint(self, index: int) -> None:
        """Draw a row again, and not the scrollbar beside it."""
        if 0 <= index < self._offsets.count:
            top = self._offsets.top(index) - self.scroll_offset.y
            self.refresh(Region(0, top, self._cells, self._offsets.height(index)))
