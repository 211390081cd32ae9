"""What a pane gives to a list: rows with keys and heights; and the line offsets of rows.

Pure: no widget, no focus, no scrolling.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, repeat

import msgspec
from textual.content import Content

from florilege.tui.theme import Palette

UNDRAWABLE = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What drawing a row may raise, whatever strange thing an item holds. It costs that row, never the app."""


class RowStyle(msgspec.Struct, frozen=True):
    """How to draw a row: its state, and the styles for its background."""

    focused: bool
    """Whether the list has the focus."""
    is_cursor: bool
    palette: Palette


class Rows:
    """The rows of a list; this base class has none. Plain values made by a pane; once shown, replaced, not changed."""

    def __len__(self) -> int:
        return 0

    def key(self, index: int) -> str:
        """The identity of a row: unique among the rows, and the same when the row appears in the next rows shown."""
        raise IndexError(index)

    def uniform_height(self, width: int) -> int | None:
        """The number of lines of every row at a width in cells; None if they differ. It saves a table of offsets."""
        return None

    def height(self, index: int, width: int) -> int:
        """Lines of a row at a width in cells, at least 1. Called for all rows when rows or width change: be fast."""
        return self.uniform_height(width) or 1

    def selectable(self, index: int) -> bool:
        """Whether the cursor may rest on a row."""
        return True

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """The lines of a row. Longer lines are cropped, missing ones left blank, those beyond the height not shown."""
        return ()

    def words(self, index: int) -> str:
        """The text of a row, shown plainly where drawing it failed."""
        return ""

    def index_of(self, key: str) -> int | None:
        """The index of the row with a key; None if there is none."""
        return next((index for index in range(len(self)) if self.key(index) == key), None)

    def is_sign(self, index: int, cell: int) -> bool:
        """Whether a cell of a row is a sign with an action of its own: clicking it does not choose the row."""
        return False


class Offsets:
    """The line offsets of rows: the first line of each, and the row of each line. Lines and rows count from 0."""

    def __init__(self, rows: Rows, width: int) -> None:
        self.count = len(rows)
        self._uniform = rows.uniform_height(width)
        self._tops: Sequence[int] = []
        if self._uniform is None:
            self._tops = list(accumulate(map(_height, repeat(rows), range(self.count), repeat(width)), initial=0))

    def top(self, index: int) -> int:
        """The first line of a row; for an index equal to the number of rows, the number of lines."""
        return index * self._uniform if self._uniform is not None else self._tops[index]

    def height(self, index: int) -> int:
        """The number of lines of a row."""
        return self.top(index + 1) - self.top(index)

    @property
    def total(self) -> int:
        """The number of lines of all rows."""
        return self.top(self.count)

    def row_at(self, line: int) -> int:
        """The row a line belongs to; for a line outside, the nearest row; -1 if there are no rows."""
        found = line // self._uniform if self._uniform is not None else bisect_right(self._tops, line) - 1
        return max(0, min(found, self.count - 1)) if self.count else -1

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


def _height(rows: Rows, index: int, width: int) -> int:
    try:
        return rows.height(index, width)
    except UNDRAWABLE:
        return 1


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
