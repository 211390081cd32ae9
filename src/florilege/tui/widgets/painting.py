"""Rows into strips: asks rows for their lines, lays them on their ground, marks the cursor and what is selected.

No widget: a painter is made for rows, a width and a theme, remembers what it drew, and is thrown away with them. What
it remembers refers to nothing that refers back: what goes, goes at once, and holds up no key when it is collected.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.cache import FIFOCache
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.strip import Strip
from textual.style import Style

from florilege.tui.theme import Palette, Palettes
from florilege.tui.widgets.lines import inked, line_of, safe_content, segments_of
from florilege.tui.widgets.rows import LastingRows, Look, Offsets, Rows

GUTTER = 1
"""Cells at the left of every line, where the cursor is marked."""
MARK, MARK_BLURRED, NO_MARK = "▌", "▏", " "


@dataclass(frozen=True, slots=True)
class Frame:
    """What is drawn at both sides of each line of a widget, and what every line goes through."""

    left: Sequence[Segment]
    right: Sequence[Segment]
    filters: Sequence[LineFilter]
    background: Color
    """What lies under the lines; filters want to know."""

    def around(self, strip: Strip, width: int) -> Strip:
        """A line in its frame, so many cells wide in all."""
        segments = list(strip)
        for line_filter in self.filters:
            segments = line_filter.apply(segments, self.background)
        return Strip([*self.left, *segments, *self.right], width)


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
        self._contents: FIFOCache[tuple[int, bool, bool], Sequence[Content]] = FIFOCache(256)
        self._strips: FIFOCache[tuple[int, bool, bool], Strip] = FIFOCache(1024)
        self.framed: FIFOCache[tuple[int, bool, bool], Strip] = FIFOCache(1024)
        """Lines as they were drawn last, with what the widget draws around them; it knows by what they are known."""
        self.frame: Frame | None = None
        """What the widget draws around every line; None until it is known."""

    def forget(self) -> None:
        """Ask the rows again: their looks have changed."""
        self._contents.clear()
        self._strips.clear()
        self.framed.clear()

    def take_over(self, before: "Painter") -> None:
        """Take from the painter of the rows before, of the same width and theme, what still looks the same."""
        rows, now, then = self._rows, self._offsets, before._offsets
        if not isinstance(rows, LastingRows):
            return
        self.frame = before.frame
        looks = list(before.framed.keys())
        places = {line: then.row_at(line) for line, _, _ in looks if line < then.total}  # beyond is no row, but blank
        lasting = {
            line
            for line, row in places.items()
            if row < now.count and now.span(row) == then.span(row) and rows.looks_as(row, before._rows)
        }
        for look in looks:
            if look[0] in lasting and (strip := before.framed.get(look)) is not None:
                self.framed[look] = strip

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
        gutter = Segment(mark, inked(palette.ground + palette.cursor_mark))
        strip = Strip([gutter, *segments_of(content, self.width - GUTTER, palette.ground)], self.width)
        if selected is None:
            self._strips[key] = strip
        return strip

    def empty_strip(self, y: int, height: int, said: Sequence[Content]) -> Strip:
        """A line of the empty state, centred both ways in a view of that height; one too low has no blank lines."""
        ground = self.palettes.page.ground
        lines = [part for line in said for part in safe_content(line).wrap(max(1, self.width - 2 * GUTTER))]
        if len(lines) > height:
            lines = [line for line in lines if line.plain.strip()]
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


def with_places(strip: Strip, line: int) -> Strip:
    """A strip whose pieces say where they lie in the text, as Textual wants it of what a selection may begin on.

    The gutter says so too. It is asked only where the mouse is: on every piece of every line it would cost more than
    the drawing.
    """
    gutter, *body = strip
    mark = Strip([gutter], GUTTER).apply_offsets(0, line)
    return Strip([*mark, *Strip(body).apply_offsets(0, line)], strip.cell_length)


def _with_selection(content: Content, selected: tuple[int, int], style: Style) -> Content:
    start, end = selected
    end = len(content) if end < 0 else min(end, len(content))
    return content.stylize(style, start, end) if start < end else content
