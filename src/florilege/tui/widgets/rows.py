"""What a pane gives to a list, rows with keys and lines, and how these lie one below the other at a width.

Pure: no widget, no focus, no scrolling.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from textual.cache import FIFOCache
from textual.strip import Strip

from florilege.tui.theme import Palettes
from florilege.tui.widgets.lines import GUTTER, Line, drawable, strip_of, wrap

UNDRAWABLE = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What laying out a row may raise, whatever strange thing an item holds. It costs that row, never the app."""
_MARK, _MARK_BLURRED, _NO_MARK = "▌", "▏", " "


class Rows:
    """The rows of a list; this base class has none. Plain values made by a pane; once shown, replaced, not changed."""

    uniform: int | None = None
    """The number of lines of every row; None if they differ. It saves a table of 100,000 heights."""

    def __len__(self) -> int:
        return 0

    def key(self, index: int) -> str:
        """The identity of a row: unique among the rows, and the same when the row appears in the next rows shown."""
        raise IndexError(index)

    def lines(self, index: int, width: int) -> Sequence[Line]:
        """The lines of a row at a width in cells. Longer lines are cropped."""
        return ()

    def height(self, index: int, width: int) -> int | None:
        """The number of lines of a row, if it can be told without laying the row out. Called for all rows: be fast."""
        return None

    def selectable(self, index: int) -> bool:
        """Whether the cursor may rest on a row."""
        return True

    def words(self, index: int) -> str:
        """The text of a row, shown plainly where laying it out failed."""
        return ""

    def index_of(self, key: str) -> int | None:
        """The index of the row with a key; None if there is none."""
        return next((index for index in range(len(self)) if self.key(index) == key), None)

    def is_sign(self, index: int, cell: int) -> bool:
        """Whether a cell of a row is a sign with an action of its own: clicking it does not choose the row."""
        return False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `PlainRows`."""

    key: str
    """Identifies the row among the others."""
    lines: Callable[[int], Sequence[Line]]
    """Returns the row's lines at a width in cells."""
    words: str
    """The row's text, shown plainly where laying it out failed."""
    value: Any = None
    """What the row stands for; a row without a value can't be chosen."""


class PlainRows(Rows):
    """Rows that are given as `Row` values: those of an open item, and of dialogues."""

    def __init__(self, rows: Sequence[Row], *, uniform: int | None = None) -> None:
        self.rows = rows
        self.uniform = uniform

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> str:
        """The row's key."""
        return self.rows[index].key

    def lines(self, index: int, width: int) -> Sequence[Line]:
        """The row's lines."""
        return self.rows[index].lines(width)

    def selectable(self, index: int) -> bool:
        """Whether the row has a value."""
        return self.rows[index].value is not None

    def words(self, index: int) -> str:
        """The row's text."""
        return self.rows[index].words

    def value(self, index: int) -> Any:
        """The value of a row; None if there is no such row."""
        return self.rows[index].value if 0 <= index < len(self.rows) else None


class Layout:
    """Rows one below the other at a width: which lines each takes, and how they are drawn. Lines count from 0."""

    def __init__(self, rows: Rows, width: int) -> None:
        """Lay out rows; `width` is that of a whole line in cells, gutter included."""
        self.width = width
        self.count = len(rows)
        self._rows = rows
        self._lines: FIFOCache[int, Sequence[Line]] = FIFOCache(256)
        if rows.uniform is not None:
            self._tops: Sequence[int] = range(0, (self.count + 1) * rows.uniform, rows.uniform)
        else:
            self._tops = list(accumulate(map(self._height, range(self.count)), initial=0))

    def top(self, index: int) -> int:
        """The first line of a row; for an index equal to the number of rows, the number of lines."""
        return self._tops[index]

    def height(self, index: int) -> int:
        """The number of lines of a row."""
        return self._tops[index + 1] - self._tops[index]

    @property
    def total(self) -> int:
        """The number of lines of all rows."""
        return self._tops[self.count]

    def row_at(self, line: int) -> int:
        """The row a line belongs to; for a line outside, the nearest row; -1 if there are no rows."""
        return max(0, min(bisect_right(self._tops, line), self.count) - 1) if self.count else -1

    def scroll_for(self, index: int, scroll: int, view: int, *, going: int = 0, context: int = 0) -> int:
        """The line to put at the top of the view so that a row is visible, as near to the present one as possible.

        Args:
            index: The row.
            scroll: The line now at the top of the view.
            view: Lines of the view, at least 1.
            going: For a row taller than the view: 1 to show its top, -1 its end, 0 whichever part is nearest.
            context: Rows to keep in view before and after it, as far as a quarter of the view suffices for them.
        """
        top, bottom = self.top(index), self.top(index + 1)
        if bottom - top >= view:
            if going:
                return top if going > 0 else bottom - view
            return max(top, min(scroll, bottom - view))
        room = min(view // 4, (view - (bottom - top)) // 2)
        above = min(room, top - self.top(max(0, index - context)))
        below = min(room, self.top(min(self.count, index + 1 + context)) - bottom)
        return max(bottom + below - view, min(scroll, top - above))

    def forget(self) -> None:
        """Ask the rows again: they look different now, but keep their heights."""
        self._lines.clear()

    def strip(self, line: int, palettes: Palettes, *, cursor: int, focused: bool) -> Strip:
        """A line as it is drawn; blank beyond the last row.

        Args:
            line: The line.
            palettes: The styles of the theme.
            cursor: The index of the cursor's row.
            focused: Whether the list has the focus.
        """
        if line >= self.total:
            return strip_of((), self.width, palettes.page)
        index, drawn = self.row_at(line), self._line(line)
        # the blank line that separates rows is not part of the cursor bar
        is_gap = self.top(index) < line == self.top(index + 1) - 1 and not any(text.strip() for _, text in drawn)
        palette, mark = palettes.page, _NO_MARK
        if index == cursor and not is_gap:
            palette, mark = (palettes.cursor, _MARK) if focused else (palettes.cursor_blurred, _MARK_BLURRED)
        return strip_of((("cursor-mark", mark), *drawn), self.width, palette)

    def text(self, line: int) -> str:
        """The text of a line, without the gutter."""
        return "".join(drawable(text) for _, text in self._line(line))

    def _line(self, line: int) -> Line:
        index = self.row_at(line)
        place, lines = line - self.top(index), self._lines_of(index)
        return lines[place] if place < len(lines) else ()

    def _height(self, index: int) -> int:
        try:
            height = self._rows.height(index, self._room)
        except UNDRAWABLE:
            return 1
        return max(1, len(self._lines_of(index)) if height is None else height)

    @property
    def _room(self) -> int:
        return max(0, self.width - GUTTER)

    def _lines_of(self, index: int) -> Sequence[Line]:
        """The lines of a row, laid out once; its plain words, if that fails."""
        if (lines := self._lines.get(index)) is None:
            try:
                lines = self._rows.lines(index, self._room)
            except UNDRAWABLE as error:
                lines = [(("text", line),) for line in wrap(self._words(index, error), self._room - GUTTER)]
            self._lines[index] = lines
        return lines

    def _words(self, index: int, error: Exception) -> str:
        try:
            return self._rows.words(index)
        except UNDRAWABLE:
            return f"This can't be shown ({type(error).__name__}); the rest can."


def index_of(rows: Rows, key: str, near: int = 0) -> int | None:
    """The index of the row with a key, looking first at `near`. None if there is none."""
    return near if 0 <= near < len(rows) and rows.key(near) == key else rows.index_of(key)


def surviving(old: Rows, index: int, new: Rows) -> int | None:
    """The new index of an old row, or else of the nearest old row that still exists. None if none does.

    Of two equally near, the one after is taken: what lies above has been read.
    """
    count = len(old)
    if not 0 <= index < count:
        return None
    found = index_of(new, old.key(index), index)
    if found is not None:
        return found
    places = {new.key(place): place for place in range(len(new))}
    for distance in range(1, count):
        for neighbour in (index + distance, index - distance):
            if 0 <= neighbour < count and (found := places.get(old.key(neighbour))) is not None:
                return found
    return None


def selectable_from(rows: Rows, index: int, direction: int) -> int | None:
    """The first row the cursor may rest on, from `index` (inclusive) on in a direction, 1 or -1."""
    last = len(rows) - 1
    candidates = range(max(0, index), last + 1) if direction > 0 else range(min(index, last), -1, -1)
    return next((candidate for candidate in candidates if rows.selectable(candidate)), None)


def selectable_near(rows: Rows, index: int) -> int:
    """The nearest row to `index` that the cursor may rest on; -1 if there is none."""
    after, before = selectable_from(rows, index, 1), selectable_from(rows, index, -1)
    if after is None or before is None:
        return next((found for found in (after, before) if found is not None), -1)
    return after if after - index <= index - before else before
