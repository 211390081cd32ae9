"""The list widget of all panes. It draws only what is visible, so a key costs the same at 10 rows and at 100,000.

The panes make the rows (`rows`), and `lines` turns these into lines of the screen; the registry of commands says which
key does what.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, NamedTuple, Self

import msgspec
from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.cache import FIFOCache
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.selection import Selection
from textual.strip import Strip

from florilege.tui.theme import Palette, Palettes, palettes_of
from florilege.tui.widgets.lines import GUTTER, Line, farthest, strip_of, width_of, with_selection, wrap
from florilege.tui.widgets.rows import Layout, Rows, index_of, selectable_from, selectable_near, surviving

_CONTEXT_ROWS = 2
"""Rows kept in view beyond the cursor, where there is room."""
_ENOUGH = 4
"""Lines that are enough to recognise a row, in a view with room for four times as many."""


class ScrollState(msgspec.Struct, frozen=True):
    """A position in a list, to return to."""

    cursor: str | None
    """The key of the cursor's row."""
    top: str
    """The key of the row at the top of the view."""
    line: int
    """How many of that row's lines lie above the view."""


_BESIDE = re.compile(r"^ *(?:\d+ +)?(?:[┃│] ?)*")
"""Numbers, bars and blanks before the text of a line."""


def _gap(before: str, after: str) -> str:
    """What joins two lines that were one: nothing after a hyphen or between wide characters, else a space."""
    is_tight = before.endswith(("-", "‐", "–")) or cell_len(before[-1:]) == 2 == cell_len(after[:1])
    return "" if is_tight else " "


class _Frame(NamedTuple):
    """What is drawn around the text of a list of a certain size."""

    size: Size
    cells: int
    """The width of the text."""
    lines: Mapping[int, Strip]
    """The lines above and below the text."""
    left: Strip
    right: Strip
    """What is beside a line of text."""
    palettes: Palettes
    filters: Sequence[LineFilter]
    """Take colours off, where none are wanted."""
    background: Color


class _RowMessage(Message):
    """A message about a row."""

    def __init__(self, row_list: "RowList", index: int, line: int = 0, cell: int = 0) -> None:
        super().__init__()
        self.list = row_list
        self.index = index
        """-1 when no row can be selected."""
        self.key = row_list.rows.key(index) if index >= 0 else None
        self.line = line
        """Which of the row's lines, from 0."""
        self.cell = cell
        """The cell, counted from where its text begins."""

    @property
    def control(self) -> "RowList":
        """The list, for `@on` with a selector."""
        return self.list


class RowList(ScrollView, can_focus=True, inherit_bindings=False):
    """A list of rows of any height, with a cursor. See `Rows` for what it shows."""

    ALLOW_SELECT = True
    _frame: _Frame | None = None
    """The frame, while it looks as it was drawn last."""
    DEFAULT_CSS: ClassVar[str] = """
    RowList {
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

    class Moved(_RowMessage):
        """The cursor moved to another row. Of several queued messages only the last is delivered."""

        def can_replace(self, message: Message) -> bool:
            """Whether a later message supersedes this one."""
            return isinstance(message, RowList.Moved) and message.list is self.list

    class Chosen(_RowMessage):
        """A row was chosen, by clicking the row of the cursor."""

    class Touched(_RowMessage):
        """A row that can't be selected was clicked, or a sign on one that can."""

    cursor: reactive[int] = reactive(-1, repaint=False)
    """The row the cursor rests on; -1 when no row can be selected. To move it, call `move_to`, which also scrolls."""

    def __init__(
        self,
        rows: Rows | None = None,
        *,
        empty: Sequence[Line] = (),
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        super().__init__(id=id)
        self.rows: Rows = Rows()
        """The rows shown. To show others, call `show`."""
        self._layout = Layout(self.rows, 0)
        self.empty = empty
        """The message drawn, centred, when there are no rows."""
        self._drawn: FIFOCache[tuple[int, bool], Strip] = FIFOCache(1024)
        """Lines in that frame, as drawn before: by the line, and whether it is the cursor's."""
        self._is_framing = False
        """Whether Textual draws the frame, whatever the text in it."""
        self._reported: str | None = None
        self._had_focus = False
        self._must_reveal = False
        self._known_height = 0
        if rows is not None:
            self.show(rows)

    # What is shown

    def refresh_rows(self) -> None:
        """Redraw rows that look different now, but are the same and of the same height."""
        self._layout.forget()
        self._drawn.clear()
        self._redraw()

    def show(self, rows: Rows, *, cursor_key: str | None = None, keep_place: bool = True) -> None:
        """Show other rows.

        Args:
            rows: The rows; never changed afterwards, only replaced.
            cursor_key: The row to put the cursor on; if None or unknown, `keep_place` decides.
            keep_place: Keep the cursor on its row, or the nearest that survives, and keep what is being read on its
                line of the screen, whatever came or went above it. Otherwise the list starts at the top.
        """
        if self.is_attached and self in self.screen.selections:
            self.screen.clear_selection()  # the selected text is in the old rows
        keep_place = keep_place and len(self.rows) > 0
        old_cursor, held = self.cursor, self._anchor_row()
        held_line = self._layout.top(held) - self.scroll_offset.y if held >= 0 else 0
        kept = surviving(self.rows, old_cursor, rows) if keep_place else None
        new_held = kept if held == old_cursor else surviving(self.rows, held, rows) if keep_place else None
        wanted = index_of(rows, cursor_key, max(old_cursor, 0)) if cursor_key is not None else None
        index = next((place for place in (wanted, kept, new_held) if place is not None), 0)
        self.rows = rows
        self._lay_out()
        self._set_cursor(selectable_near(rows, index))
        self._scroll_line(0 if new_held is None else self._layout.top(new_held) - held_line)
        if wanted is not None and wanted != kept:
            self._reveal(self.cursor)
        elif keep_place and (kept is None or held == old_cursor):
            self._reveal(self.cursor, context=False)

    @property
    def cursor_key(self) -> str | None:
        """The key of the cursor's row; None when no row can be selected."""
        return self.rows.key(self.cursor) if 0 <= self.cursor < len(self.rows) else None

    @property
    def scroll_state(self) -> ScrollState | None:
        """The present position; None while nothing has been shown."""
        if not self._layout.count or not self._known_height:
            return None
        top = self._layout.row_at(self.scroll_offset.y)
        return ScrollState(self.cursor_key, self.rows.key(top), self.scroll_offset.y - self._layout.top(top))

    @property
    def reader_at_end(self) -> bool:
        """Whether the last line is in view, so that there is nothing more to read here."""
        return self.scroll_offset.y + self.size.height >= self._layout.total

    @property
    def row_width(self) -> int:
        """The width of a row, in cells."""
        return max(0, self._cells - GUTTER)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw some lines again; where none are named, all, in a frame that may look different now."""
        if not regions:
            self._frame = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of the widget.

        Textual would put each line of text into its frame anew whenever it is drawn, which takes longer than drawing
        the text. Here it draws the frame once, and lines drawn before are kept.
        """
        if not self._known_height:  # Textual draws the first frame before it sends the first size
            self.on_resize()
        frame, cells, gutter = self._frame, self._cells, self.styles.gutter
        if frame is None or (frame.cells, frame.size) != (cells, self.outer_size):
            frame = self._frame = self._draw_frame()
        within = range(gutter.top, frame.size.height - gutter.bottom)
        is_plain = len(self.rows) > 0 and self.text_selection is None
        has_cursor = 0 <= self.cursor < self._layout.count
        top, bottom = (self._layout.top(self.cursor + more) for more in (0, 1)) if has_cursor else (0, 0)
        scroll = self.scroll_offset.y - gutter.top
        strips: list[Strip] = []
        for y in crop.line_range:
            key = (scroll + y, top <= scroll + y < bottom)
            strip = frame.lines[y] if y not in within else self._drawn.get(key) if is_plain else None
            if strip is None:
                strip = self._text(y - gutter.top, cells, frame.palettes)
                for each in frame.filters:
                    strip = strip.apply_filter(each, frame.background)
                strip = Strip.join((frame.left, strip, frame.right))
                if is_plain:
                    self._drawn[key] = strip
            strips.append(strip)
        return [strip.crop(crop.x, crop.right) for strip in strips]

    def _draw_frame(self) -> "_Frame":
        """Let Textual draw everything but the text."""
        draw, size, cells, gutter = super().render_lines, self.outer_size, self._cells, self.styles.gutter
        self._drawn.clear()
        self._is_framing = True
        try:
            first, below = gutter.top + 1, size.height - gutter.bottom
            lines = {y: draw(Region(0, y, size.width, 1))[0] for y in (*range(first), *range(below, size.height))}
        finally:
            self._is_framing = False
        beside = lines[gutter.top]
        left, right = beside.crop(0, gutter.left), beside.crop(gutter.left + cells)
        _, background = self.background_colors
        return _Frame(size, cells, lines, left, right, self._palettes_here(), self.get_line_filters(), background)

    def render_line(self, y: int) -> Strip:
        """One line of text; `y` counts from the top of the view.

        Textual asks for it to find what the mouse is on: therefore it carries the offsets of its text.
        """
        if self._is_framing:
            return Strip.blank(self._cells, Style())
        line, strip = self.scroll_offset.y + y, self._text(y, self._cells, self._palettes_here())
        if line >= self._layout.total or strip.cell_length <= GUTTER:
            return strip
        return Strip.join(part.apply_offsets(0, line) for part in strip.divide([GUTTER, strip.cell_length]))

    def _text(self, y: int, cells: int, palettes: Palettes) -> Strip:
        """A line of the view without its borders."""
        line, selection = self.scroll_offset.y + y, self.text_selection
        if not len(self.rows):
            return self._empty_strip(y, palettes.page)
        strip = self._layout.strip(line, palettes, cursor=self.cursor, focused=self._is_led)
        if selection is not None and (selected := selection.get_span(line)) is not None:
            strip = with_selection(strip, *selected, self, gutter=GUTTER)
        return strip.adjust_cell_length(cells, palettes.page["ground"])

    @property
    def _is_led(self) -> bool:
        """Whether keys move the cursor: this list's own, or those of a prompt where the list can't have the focus."""
        return self.has_focus or not self.can_focus

    def _empty_strip(self, y: int, palette: Palette) -> Strip:
        """A line of the message for when there are no rows, centred both ways; blank ones go if they don't fit."""
        room = max(1, self._cells - 2 * GUTTER)
        lines: list[Line] = []
        for line in self.empty:
            text = "".join(piece for _, piece in line)
            lines += [line] if width_of(text) <= room else [(("text", part),) for part in wrap(text, room)]
        if len(lines) > self.size.height:
            lines = [line for line in lines if line]
        place = y - max(0, (self.size.height - len(lines)) // 2)
        shown = lines[place] if 0 <= place < len(lines) else ()
        left = max(0, (self._cells - sum(width_of(text) for _, text in shown)) // 2)
        return strip_of((("text", " " * left), *shown), self._cells, palette)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written: without the numbers and bars beside it, and with wrapped lines joined.

        An open-ended selection reaches as far as the view, not to row 100,000.
        """
        first = selection.start.y if selection.start else self.scroll_offset.y
        last = selection.end.y if selection.end else self.scroll_offset.y + self.size.height - 1
        text, before, row = "", "", -1
        for line in range(max(0, first), min(last, self._layout.total - 1) + 1):
            start, end = selection.get_span(line) or (0, 0)
            drawn = self._layout.text(line).rstrip()
            piece = drawn[start : None if end < 0 else end].rstrip()
            piece = piece if start else _BESIDE.sub("", piece)
            if row >= 0:
                is_wrapped = row == self._layout.row_at(line) and _has_no_room(before, piece, self._cells - GUTTER)
                text += _gap(before, piece) if is_wrapped else "\n"
            text, before, row = text + piece, drawn, self._layout.row_at(line)
        return (text, "\n") if row >= 0 else None

    @property
    def _cells(self) -> int:
        """The width of lines. `size` would include the scrollbar's column."""
        return self.scrollable_content_region.width

    def _redraw(self) -> None:
        """Redraw all lines in view."""
        self.refresh(Region(0, 0, self._cells, self.size.height))

    def _palettes_here(self) -> Palettes:
        """The styles for the current theme and background."""
        page = self.visual_style.background
        is_opaque = page is not None and page.ansi is None and page.a == 1
        has_colors = not self.app.no_color and self.app.console.color_system != "standard"
        return palettes_of(self.app.theme_variables, page if is_opaque else None, has_colors=has_colors)

    # Where rows lie

    def on_resize(self) -> None:
        """Keep what is being read on its line of the screen; a cursor in view stays in view.

        A view of the beginning stays there as long as enough of the cursor's row is in it: what lies above may have
        become taller, but is read first.
        """
        held = self._anchor_row(self._known_height)
        reveals = self._must_reveal or (self._known_height > 0 and held == self.cursor)
        was_beginning = self.scroll_offset.y == 0
        held = -1 if was_beginning else held
        line = self._layout.top(held) - self.scroll_offset.y if held >= 0 else 0
        if self.virtual_size.width != self._cells:
            self._lay_out()
            self._scroll_line(self._layout.top(held) - line if held >= 0 and self._known_height else 0)
        self._known_height = self.size.height
        is_seen = self._is_recognisable(self.cursor, from_top=was_beginning)
        if reveals and (self._must_reveal or not is_seen):
            self._reveal(self.cursor, context=False)

    def _lay_out(self) -> None:
        """Lay the rows out anew after they or the width changed."""
        self._layout = Layout(self.rows, self._cells)
        self._drawn.clear()
        self._extend(Size(self._cells, self._layout.total))
        self._redraw()

    def _extend(self, size: Size) -> None:
        """Set the size of all lines together.

        Textual would lay out the whole screen again, on every key that shows other rows; but only the scrollbar needs
        to know, unless it appears or disappears.
        """
        keeps_bar = (size.height > self.size.height) == self.show_vertical_scrollbar
        if not self._known_height or self.styles.auto_dimensions or not keeps_bar:
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(RowList.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = size.height

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Redraw the lines, and the scrollbar only if it looks different: one row of 100,000 doesn't move its thumb."""
        bar, lines, height = self.vertical_scrollbar, self._layout.total, self.size.height
        if self.show_vertical_scrollbar and _thumb(bar.position, lines, height) == _thumb(new_value, lines, height):
            bar.set_reactive(ScrollBar.position, new_value)
            self._redraw()
        else:
            super().watch_scroll_y(old_value, new_value)

    def _scroll_line(self, line: int) -> None:
        """Scroll a line to the top of the view, as far as there are lines."""
        self.scroll_target_y = self.scroll_y = max(0, min(line, self._layout.total - self.size.height))

    def _reveal(self, index: int, *, going: int = 0, context: bool = True) -> None:
        """Scroll just enough to show a row. For a row taller than the view, `going` says which end."""
        self._must_reveal = not self.size.height
        if index >= 0 and self.size.height:
            lines = _CONTEXT_ROWS if context else 0
            self._scroll_line(
                self._layout.scroll_for(index, self.scroll_offset.y, self.size.height, going=going, context=lines)
            )

    def _shown_rows(self, height: int | None = None) -> range:
        """The rows with at least one line in view; in a view of another height, if one is given."""
        height = self.size.height if height is None else height
        if not self._layout.count or not height:
            return range(0)
        scroll = self.scroll_offset.y
        return range(self._layout.row_at(scroll), self._layout.row_at(scroll + height - 1) + 1)

    def _anchor_row(self, height: int | None = None) -> int:
        """The row that must not move when others change: the cursor's if it is in view, else the topmost; or -1."""
        shown = self._shown_rows(height)
        return self.cursor if self.cursor in shown or not shown else shown.start

    def _is_recognisable(self, index: int, *, from_top: bool) -> bool:
        """Whether the view shows enough of a row, so that it need not be scrolled to show more.

        Of a row taller than the view, any line is enough: showing more would hide what is being read above. In a view
        of the beginning, some of its first lines are.
        """
        height, view = self._layout.height(index), self.size.height
        if index not in self._shown_rows():
            return False
        return height > view or (from_top and view - self._layout.top(index) >= min(_ENOUGH, height, view // 4))

    # Moving

    def move(self, delta: int) -> None:
        """Move the cursor by `delta` rows, skipping those that can't be selected; negative is up.

        A single step scrolls where there is more to read: through a row taller than the view before leaving it, and
        beyond the first and last row to the lines around them.
        """
        direction = 1 if delta > 0 else -1
        if abs(delta) == 1 and self._read_on(direction):
            return
        index = self.cursor
        for _ in range(abs(delta)):
            found = selectable_from(self.rows, index + direction, direction) if index >= 0 else None
            if found is None:
                break
            index = found
        if index == self.cursor:
            self._scroll_line(self.scroll_offset.y + direction * _half_of(self.size.height))
        else:
            self._set_cursor(index)
            self._reveal(index, going=direction)

    def move_to(self, place: int | str) -> bool:
        """Move the cursor to a row, by index or key, or to the nearest that can be selected; scroll it into view.

        Returns:
            False if no row has the key, or none can be selected.
        """
        found = index_of(self.rows, place, max(self.cursor, 0)) if isinstance(place, str) else place
        index = -1 if found is None else selectable_near(self.rows, max(0, min(found, len(self.rows) - 1)))
        if index < 0:
            return False
        self._set_cursor(index)
        self._reveal(index)
        return True

    def page(self, direction: int) -> None:
        """Move by a page, down (1) or up (-1), keeping two lines of the previous one in view."""
        height = self.size.height
        self._turn(direction * max(1, height - 2 if height > 5 else height - 1))

    def half_page(self, direction: int) -> None:
        """Move by half a page, down (1) or up (-1)."""
        self._turn(direction * _half_of(self.size.height))

    def home(self) -> None:
        """Go to the first row and the first line."""
        self._set_cursor(selectable_near(self.rows, 0))
        self._scroll_line(0)

    def end(self) -> None:
        """Go to the last row and the last line."""
        self._set_cursor(selectable_near(self.rows, len(self.rows) - 1))
        self._scroll_line(self._layout.total)

    def go_back(self, state: ScrollState) -> None:
        """Return to a position, as far as its rows still exist."""
        top = index_of(self.rows, state.top)
        cursor = index_of(self.rows, state.cursor) if state.cursor is not None else None
        if cursor is not None:
            self._set_cursor(selectable_near(self.rows, cursor))
        if top is not None and self.size.height:
            self._scroll_line(self._layout.top(top) + state.line)
        elif cursor is not None:
            self._reveal(self.cursor)

    def _read_on(self, direction: int) -> bool:
        """Scroll to a cursor out of view, or within a row taller than the view; False if the cursor should move."""
        if self.cursor < 0 or not self.size.height:
            return False
        scroll, height = self.scroll_offset.y, self.size.height
        top, bottom = self._layout.top(self.cursor), self._layout.top(self.cursor + 1)
        if (top >= scroll + height) if direction > 0 else (bottom <= scroll):
            self._reveal(self.cursor, going=direction)
            return True
        hidden = bottom - (scroll + height) if direction > 0 else scroll - top
        if bottom - top <= height or hidden <= 0 or top >= scroll + height or bottom <= scroll:
            return False
        self._scroll_line(scroll + direction * min(hidden, _half_of(self.size.height)))
        return True

    def _turn(self, lines: int) -> None:
        """Scroll by lines; the cursor stays on its line of the screen as far as the rows allow."""
        scroll, height = self.scroll_offset.y, self.size.height
        target = max(0, min(scroll + lines, self._layout.total - height))
        if self.cursor < 0 or not height:
            self._scroll_line(target)
            return
        if target == scroll:
            index = len(self.rows) - 1 if lines > 0 else 0
        else:
            line = max(0, min(self._layout.top(self.cursor) - scroll, height - 1))
            index = self._layout.row_at(target + line)
        self._scroll_line(target)
        self._set_cursor(selectable_near(self.rows, index))
        if target not in (0, self._layout.total - height):
            self._reveal(self.cursor, context=False)

    def _set_cursor(self, index: int) -> None:
        self.cursor = index
        self._tell()

    def _tell(self) -> None:
        """Post `Moved` if the cursor is on another row, once the widget is running."""
        key = self.cursor_key
        if self.is_running and key != self._reported:
            self._reported = key
            self.post_message(self.Moved(self, self.cursor))

    def on_mount(self) -> None:
        """Post where the cursor is, if rows were shown before."""
        self._tell()

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw the cursor's old and new rows only, without the scrollbar beside them."""
        for index in (old, new):
            if 0 <= index < self._layout.count:
                top = self._layout.top(index) - self.scroll_offset.y
                self.refresh(Region(0, top, self._cells, self._layout.height(index)))
        self._tell()

    # The mouse

    def focus_on_click(self) -> bool:
        """Remember whether the list had the focus already, or the click that follows only brings it."""
        self._had_focus = self.has_focus
        return super().focus_on_click()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row clicked, or choose it if the cursor was there. Ignore the end of a selection."""
        event.prevent_default()  # A double click would select the whole text.
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        line = self.scroll_offset.y + offset.y
        index = self._layout.row_at(line) if line < self._layout.total else -1
        if index < 0:
            return
        cell = offset.x - GUTTER
        if self.rows.is_sign(index, cell) or not self.rows.selectable(index):
            self.post_message(self.Touched(self, index, line - self._layout.top(index), cell))
            return
        if index == self.cursor and (self._had_focus or not self.can_focus):
            self.post_message(self.Chosen(self, index))
        self._set_cursor(index)


MOVES: dict[str, Callable[[RowList], None]] = {
    "down": lambda rows: rows.move(1),
    "up": lambda rows: rows.move(-1),
    "half-page-down": lambda rows: rows.half_page(1),
    "half-page-up": lambda rows: rows.half_page(-1),
    "page-down": lambda rows: rows.page(1),
    "page-up": lambda rows: rows.page(-1),
    "top": RowList.home,
    "bottom": RowList.end,
}
"""The commands that only move the cursor, for every list."""


def _has_no_room(line: str, following: str, cells: int) -> bool:
    """Whether the next word would not have fitted on a line of that many cells, so that the line was merely wrapped."""
    word = following.split(" ", 1)[0]
    return bool(word) and cell_len(line) + 1 + cell_len(word) > farthest(cells)


def _thumb(position: float, lines: int, height: int) -> int:
    """Where the thumb of a scrollbar begins, in eighths of a cell, as Textual draws it for a view of that height."""
    if lines <= height:
        return 0
    size = max(1, height * height / lines)
    return int((height - size) * position / (lines - height) * 8)


def _half_of(height: int) -> int:
    """The number of lines of half a page."""
    return max(1, height // 2)
