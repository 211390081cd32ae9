"""Rows into strips: asks rows for their lines, lays them on their ground, marks the cursor and what is selected.

No widget: a painter is made for rows, a width and a theme, remembers what it drew, and is thrown away with them.
"""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.cache import LRUCache
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from florilege.tui.theme import Palette, Palettes
from florilege.tui.widgets.lines import line_of, safe_content
from florilege.tui.widgets.rows import Look, Offsets, Rows

GUTTER = 1
"""Cells at the left of every line, where the cursor is marked."""
MARK, MARK_BLURRED, NO_MARK = "▌", "▏", " "


class Painter:
    """Draws lines of rows, exactly as wide as asked, and remembers some hundreds of them."""

    def __init__(self, rows: Rows, offsets: Offsets, width: int, palettes: Palettes) -> None:
        """Take what is drawn.

        Args:
            rows: The rows.
            offsets: Where they lie, at this width.
            width: Cells of a whole line, gutter included.
            palettes: Styles of the current theme.
        """
        self.width = width
        self.palettes = palettes
        self._rows = rows
        self._offsets = offsets
        self._contents: LRUCache[tuple[int, bool, bool], Sequence[Content]] = LRUCache(256)
        self._strips: LRUCache[tuple[int, bool, bool], Strip] = LRUCache(1024)

    def forget(self) -> None:
        """Ask the rows again: their looks have changed."""
        self._contents.clear()
        self._strips.clear()

    def plain(self, line: int) -> str:
        """The text of a line, without the gutter, as it is drawn for an ordinary row."""
        return safe_content(self._content(line, is_cursor=False, focused=False)).plain

    def strip(
        self,
        line: int,
        *,
        cursor: int,
        focused: bool,
        selected: tuple[int, int] | None = None,
        selection: Style | None = None,
    ) -> Strip:
        """A line; blank beyond the last row.

        Args:
            line: The line, counted from 0 over all rows.
            cursor: The row of the cursor.
            focused: Whether the list has the focus.
            selected: First character selected and the one after the last (-1: to the end of the line), if any.
            selection: How selected text is drawn.
        """
        if line >= self._offsets.total or self.width <= 0:
            return Strip.blank(self.width, self.palettes.page.ground.rich_style)
        is_cursor = self._offsets.row_at(line) == cursor
        key = (line, is_cursor, focused)
        if selected is None and (known := self._strips.get(key)) is not None:
            return known
        content = self._content(line, is_cursor=is_cursor, focused=focused)
        if selected is not None and selection is not None:
            content = _with_selection(safe_content(content), selected, selection)
        palette = self._palette(is_cursor=is_cursor, focused=focused)
        mark = (MARK if focused else MARK_BLURRED) if is_cursor else NO_MARK
        # The gutter says, too, where it lies in the text: a selection may begin on it.
        place = RichStyle.from_meta({"offset": (0, line)})
        gutter = Segment(mark, (palette.ground + palette.cursor_mark).rich_style + place)
        body = line_of(content, self.width - GUTTER, palette.ground).apply_offsets(0, line)
        strip = Strip([gutter, *body], self.width)
        if selected is None:
            self._strips[key] = strip
        return strip

    def empty_strip(self, y: int, height: int, said: Sequence[Content]) -> Strip:
        """A line of the empty state, centred both ways in a view of that height."""
        ground = self.palettes.page.ground
        lines = [part for line in said for part in safe_content(line).wrap(max(1, self.width - 2 * GUTTER))]
        place = y - max(0, (height - len(lines)) // 2)
        if not 0 <= place < len(lines) or self.width <= 0:
            return Strip.blank(self.width, ground.rich_style)
        left = max(0, (self.width - lines[place].cell_length) // 2)
        return line_of(lines[place].pad_left(left), self.width, ground)

    def _palette(self, *, is_cursor: bool, focused: bool) -> Palette:
        if not is_cursor:
            return self.palettes.page
        return self.palettes.cursor if focused else self.palettes.cursor_blurred

    def _content(self, line: int, *, is_cursor: bool, focused: bool) -> Content:
        """What a line says. A row is asked for all its lines once."""
        index = self._offsets.row_at(line)
        key = (index, is_cursor, focused)
        if (lines := self._contents.get(key)) is None:
            look = Look(focused, is_cursor, self._palette(is_cursor=is_cursor, focused=focused))
            lines = self._contents[key] = self._rows.render(index, max(0, self.width - GUTTER), look)
        place = line - self._offsets.top(index)
        return lines[place] if place < len(lines) else Content("")


def _with_selection(content: Content, selected: tuple[int, int], style: Style) -> Content:
    start, end = selected
    end = len(content) if end < 0 else min(end, len(content))
    return content.stylize(style, start, end) if start < end else content
