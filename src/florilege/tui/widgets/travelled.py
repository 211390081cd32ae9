"""How the cursor goes from row to row, and reading on where a row is higher than the view."""

from florilege.tui.widgets.rows import index_of, selectable_from, selectable_near
from florilege.tui.widgets.scrolled import ScrolledLines, Spot


class TravelledLines(ScrolledLines, inherit_bindings=False):
    """Lines with a cursor that moves."""

    def move(self, delta: int) -> None:
        """Move the cursor by rows that can be selected; negative is up.

        One step at a time reads on: through a row higher than the view before it is left, and beyond the first and
        last row to the lines around them.
        """
        direction = 1 if delta > 0 else -1
        if abs(delta) == 1 and self._read_on(direction):
            return
        index = self.cursor
        for _ in range(abs(delta)):
            found = selectable_from(self._rows, index + direction, direction) if index >= 0 else None
            if found is None:
                break
            index = found
        if index == self.cursor:
            self._scroll_line(self.scroll_offset.y + direction * self._step)
        else:
            self._set_cursor(index)
            self._reveal(index, going=direction)

    def move_to(self, place: int | str) -> bool:
        """Move the cursor to a row, by index or key, or to the nearest that can be selected; bring it into view.

        Returns:
            False when no row has the key, or none can be selected.
        """
        found = index_of(self._rows, place, max(self.cursor, 0)) if isinstance(place, str) else place
        index = -1 if found is None else selectable_near(self._rows, max(0, min(found, len(self._rows) - 1)))
        if index < 0:
            return False
        self._set_cursor(index)
        self._reveal(index)
        return True

    def page(self, direction: int) -> None:
        """Move by a page, down (1) or up (-1), two lines of which were seen before."""
        height = self.size.height
        self._turn(direction * max(1, height - 2 if height > 5 else height - 1))

    def half_page(self, direction: int) -> None:
        """Move by half a page, down (1) or up (-1)."""
        self._turn(direction * self._step)

    def page_down(self) -> bool:
        """Read on by a page. False when there is nothing more to read here."""
        if self.reader_at_end:
            return False
        self.page(1)
        return True

    def home(self) -> None:
        """Go to the first row and the first line."""
        self._set_cursor(selectable_near(self._rows, 0))
        self._scroll_line(0)

    def end(self) -> None:
        """Go to the last row and the last line."""
        self._set_cursor(selectable_near(self._rows, len(self._rows) - 1))
        self._scroll_line(self._offsets.total)

    def go_back(self, spot: Spot) -> None:
        """Go where one was, as far as its rows are still there."""
        top = index_of(self._rows, spot.top)
        cursor = index_of(self._rows, spot.cursor) if spot.cursor is not None else None
        if cursor is not None:
            self._set_cursor(selectable_near(self._rows, cursor))
        if top is not None and self.size.height:
            self._scroll_line(self._offsets.top(top) + spot.line)
        elif cursor is not None:
            self._reveal(self.cursor)

    @property
    def _step(self) -> int:
        """Lines of half a page."""
        return max(1, self.size.height // 2)

    def _read_on(self, direction: int) -> bool:
        """Scroll instead of moving: towards a cursor that is out of sight, or within a row higher than the view."""
        if self.cursor < 0 or not self.size.height:
            return False
        scroll, height = self.scroll_offset.y, self.size.height
        top, bottom = self._offsets.top(self.cursor), self._offsets.top(self.cursor + 1)
        if (top >= scroll + height) if direction > 0 else (bottom <= scroll):
            self._reveal(self.cursor, going=direction)
            return True
        hidden = bottom - (scroll + height) if direction > 0 else scroll - top
        if bottom - top <= height or hidden <= 0 or top >= scroll + height or bottom <= scroll:
            return False
        self._scroll_line(scroll + direction * min(hidden, self._step))
        return True

    def _turn(self, lines: int) -> None:
        """Scroll by lines; the cursor keeps its line of the screen as well as rows allow."""
        scroll, height = self.scroll_offset.y, self.size.height
        target = max(0, min(scroll + lines, self._offsets.total - height))
        if self.cursor < 0 or not height:
            self._scroll_line(target)
            return
        if target == scroll:
            index = len(self._rows) - 1 if lines > 0 else 0
        else:
            line = max(0, min(self._offsets.top(self.cursor) - scroll, height - 1))
            index = self._offsets.row_at(target + line)
        self._scroll_line(target)
        self._set_cursor(selectable_near(self._rows, index))
        if target not in (0, self._offsets.total - height):
            self._reveal(self.cursor, context=False)

    def _set_cursor(self, index: int) -> None:
        self.cursor = index
        self._tell()

    def _tell(self) -> None:
        """Say that the cursor is on another row; the list knows to whom."""

    def validate_cursor(self, index: int) -> int:
        """The nearest row the cursor may rest on."""
        if 0 <= index < len(self._rows) and self._rows.selectable(index):
            return index
        return selectable_near(self._rows, max(0, min(index, len(self._rows) - 1)))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the row left and the row reached; nothing else."""
        self._repaint(old)
        self._repaint(new)
        self._tell()
