"""Rows on the screen: each line is drawn once, and remembered as it looks, border and all, until its looks change.

Where the lines lie and what moves them is for `scrolled` and `travelling` to say.
"""

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from florilege.tui.panes.fitting import farthest
from florilege.tui.theme import palettes_of
from florilege.tui.widgets.painting import GUTTER, Frame, Painter, with_places
from florilege.tui.widgets.rows import NoRows, Offsets, Rows

_BESIDE = re.compile(r"^ *(?:\d+ +)?(?:[┃│] ?)*")
"""Numbers, bars and blanks before the words of a line."""


def _gap(before: str, after: str) -> str:
    """What stands between two lines that were one: nothing behind a hyphen, and between wide characters."""
    is_tight = before.endswith(("-", "‐", "–")) or cell_len(before[-1:]) == 2 == cell_len(after[:1])
    return "" if is_tight else " "


class DrawnLines(ScrollView, inherit_bindings=False):
    """The lines of rows that are in view."""

    cursor: reactive[int] = reactive(-1, repaint=False)
    """The row the cursor rests on; -1 when no row can be selected. To move it, call `move_to`, which also scrolls."""

    def __init__(
        self,
        *,
        empty: Sequence[Content] = (),
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._rows: Rows = NoRows()
        self._offsets = Offsets(self._rows, 0)
        self._empty = empty
        self._painter: Painter | None = None
        self._before: Painter | None = None
        """What drew the rows shown before these, until it is known what of that stays."""
        self._painted_theme = ""
        self._is_drawing = False

    @property
    def rows(self) -> Rows:
        """The rows shown."""
        return self._rows

    @property
    def empty(self) -> Sequence[Content]:
        """What is said, centred, when there are no rows."""
        return self._empty

    @empty.setter
    def empty(self, lines: Sequence[Content]) -> None:
        self._empty = lines
        if not len(self._rows):
            self._redraw()

    def refresh_rows(self) -> None:
        """Draw again: how rows look has changed, but not which they are nor how high."""
        if self._painter is not None:
            self._painter.forget()
        self._before = None
        self._redraw()

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        super().notify_style_update()
        self._painter = self._before = None

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text selected, as it was written: without what is drawn beside it, and whole where it was only wrapped.

        An open end reaches as far as the view, not to row 100,000.
        """
        first = selection.start.y if selection.start else self.scroll_offset.y
        last = selection.end.y if selection.end else self.scroll_offset.y + self.size.height - 1
        text, before, row = "", "", -1
        for line in range(max(0, first), min(last, self._offsets.total - 1) + 1):
            start, end = selection.get_span(line) or (0, 0)
            drawn = self._current_painter().plain(line).rstrip()
            piece = drawn[start : None if end < 0 else end].rstrip()
            piece = piece if start else _BESIDE.sub("", piece)
            if row >= 0:
                is_wrapped = row == self._offsets.row_at(line) and self._has_no_room(before, piece)
                text += _gap(before, piece) if is_wrapped else "\n"
            text, before, row = text + piece, drawn, self._offsets.row_at(line)
        return (text, "\n") if row >= 0 else None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines of the widget, border included: those drawn before as they were, the others drawn now."""
        if crop.x or crop.width != self.outer_size.width or not len(self._rows):
            return super().render_lines(crop)
        framed = self._current_painter().framed
        strips = []
        for y, look in zip(crop.line_range, self._looks(crop.line_range), strict=True):
            strip = None if look is None else framed.get(look)
            if strip is None:
                strip = self._by_textual(y) if look is None else self._between_edges(y)
                if look is not None:
                    framed[look] = strip
            strips.append(strip)
        return strips

    def render_line(self, y: int) -> Strip:
        """One line of the view; `y` counts from its top. Unless it is for drawing, it says where its text lies."""
        painter = self._current_painter()
        if not len(self._rows):
            return painter.empty_strip(y, self.size.height, self._empty)
        line = self.scroll_offset.y + y
        selection = self.text_selection
        selected = None if selection is None else selection.get_span(line)
        style = None if selected is None else self._selection_style()
        strip = painter.strip(line, cursor=self.cursor, focused=self._is_led, selected=selected, selection=style)
        return strip if self._is_drawing or line >= self._offsets.total else with_places(strip, line)

    def _has_no_room(self, line: str, following: str) -> bool:
        """Whether the next word would not have fitted on a line: then it is on the next only for that."""
        word = following.split(" ", 1)[0]
        return bool(word) and cell_len(line) + 1 + cell_len(word) > farthest(self._cells - GUTTER)

    @property
    def _is_led(self) -> bool:
        """Whether keys move the cursor: its own, or those of a line for typing where it can have no focus."""
        return self.has_focus or not self.can_focus

    @property
    def _cells(self) -> int:
        """The width lines have. `size` would count the scrollbar's column too."""
        return self.scrollable_content_region.width

    def _redraw(self) -> None:
        """Draw all lines in view again; what is around them stays."""
        self.refresh(Region(0, 0, self._cells, self.size.height))

    def _by_textual(self, y: int) -> Strip:
        """A line of the widget as Textual draws it, whatever it remembers of it."""
        line = Region(0, y, self.outer_size.width, 1)
        self._styles_cache.set_dirty(line)
        self._is_drawing = True
        try:
            return super().render_lines(line)[0]
        finally:
            self._is_drawing = False

    def _between_edges(self, y: int) -> Strip:
        """A line with text, between what Textual draws at both sides of every such line."""
        painter, width, left = self._current_painter(), self.outer_size.width, self.gutter.left
        if painter.frame is None:
            strip = self._by_textual(y)
            edges = (list(strip.crop(0, left)), list(strip.crop(left + self._cells, width)))
            painter.frame = Frame(*edges, self.get_line_filters(), self.background_colors[1])
            return strip
        return painter.frame.around(
            painter.strip(self.scroll_offset.y + y - self.gutter.top, cursor=self.cursor, focused=self._is_led), width
        )

    def _looks(self, lines: range) -> Iterator[tuple[int, bool, bool] | None]:
        """For each line of the widget by what it can be known again; None for a border and what is selected."""
        top, height = self.gutter.top, self.size.height
        scroll, cursor, focused = self.scroll_offset.y, self.cursor, self._is_led
        selection = self.text_selection
        for y in lines:
            line = scroll + y - top
            if not 0 <= y - top < height or (selection is not None and selection.get_span(line) is not None):
                yield None
            else:
                yield line, self._offsets.row_at(line) == cursor, focused

    def _current_painter(self) -> Painter:
        """The painter for the rows, width and theme of this moment."""
        painter = self._painter
        if painter is None or painter.width != self._cells or self._painted_theme != self.app.theme:
            page = self.visual_style.background
            is_opaque = page is not None and page.ansi is None and page.a == 1
            palettes = palettes_of(
                self.app.theme_variables, page if is_opaque else None, has_colors=not self.app.no_color
            )
            painter = self._painter = Painter(self._rows, self._offsets, self._cells, palettes)
            before, self._before = self._before, None
            if before is not None and before.width == painter.width and before.palettes == palettes:
                painter.take_over(before)
            self._painted_theme = self.app.theme
        return painter

    def _selection_style(self) -> Style:
        style = self.screen.get_visual_style("screen--selection")
        return style + Style(reverse=True) if self.app.no_color else style
