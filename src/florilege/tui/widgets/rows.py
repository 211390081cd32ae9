"""What a pane gives to a list: rows with a key and a height; and where each row lies among the lines.

Pure: no widget, no focus, no scrolling.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, repeat

import msgspec
from textual.content import Content

from florilege.tui.theme import Palette

UNDRAWABLE = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What drawing a row may fail with, whatever strange thing an item holds. It costs that row, never the app."""


class RowStyle(msgspec.Struct, frozen=True):
    """How a row is to look: its state, and the styles right for the ground it lies on."""

    focused: bool
    """Whether the list has the focus."""
    is_cursor: bool
    palette: Palette


class Rows:
    """The rows of a list; as it stands, none. Plain values made by a pane; never changed once shown, but replaced."""

    def __len__(self) -> int:
        return 0

    def key(self, index: int) -> str:
        """Identity of a row: unique among the rows, and the same row's in the next rows shown."""
        raise IndexError(index)

    def uniform_height(self, width: int) -> int | None:
        """The lines of every row at a width in cells; None when they differ. With it no table of offsets is made."""
        return None

    def height(self, index: int, width: int) -> int:
        """Lines of a row at a width in cells; at least 1. Called for every row when rows or width change: be cheap."""
        return self.uniform_height(width) or 1

    def selectable(self, index: int) -> bool:
        """Whether the cursor may rest here."""
        return True

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """The lines of a row. Longer lines are cropped, missing ones blank, those beyond the height not shown."""
        return ()

    def words(self, index: int) -> str:
        """What a row says: it stands there as plain text where drawing it failed."""
        return ""

    def index_of(self, key: str) -> int | None:
        """Where the row with a key is; None when there is none."""
        return next((index for index in range(len(self)) if self.key(index) == key), None)

    def is_sign(self, index: int, cell: int) -> bool:
        """Whether a cell of a row is a sign that means something when it is clicked: it chooses nothing."""
        return False


class Offsets:
    """Where rows lie: the first line of each, and the row of each line. Lines and rows count from 0."""

    def __init__(self, rows: Rows, width: int) -> None:
        self.count = len(rows)
        self._uniform = rows.uniform_height(width)
        self._tops: Sequence[int] = []
        if self._uniform is None:
            self._tops = list(accumulate(map(_height, repeat(rows), range(self.count), repeat(width)), initial=0))

    def top(self, index: int) -> int:
        """The first line of a row; for the number of rows, the number of lines."""
        return index * self._uniform if self._uniform is not None else self._tops[index]

    def height(self, index: int) -> int:
        """The lines of a row."""
        return self.top(index + 1) - self.top(index)

    @property
    def total(self) -> int:
        """All lines."""
        return self.top(self.count)

    def row_at(self, line: int) -> int:
        """The row a line belongs to; the nearest row for a line outside, -1 when there are no rows."""
        found = line // self._uniform if self._uniform is not None else bisect_right(self._tops, line) - 1
        return max(0, min(found, self.count - 1)) if self.count else -1

    def scroll_for(self, index: int, scroll: int, view: int, *, going: int = 0, context: int = 0) -> int:
        """The line to put at the top of the view so that a row is seen, as near to the present one as can be.

        Args:
            index: The row.
            scroll: The line now at the top of the view.
            view: Lines of the view, at least 1.
            going: 1 to begin a row higher than the view at its top, -1 at its end, 0 wherever it is in view.
            context: Rows to keep in view before and after it, where a quarter of the view is enough for them.
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
    """Where the row with a key is now, looking first where it was. None when there is none."""
    return near if 0 <= near < len(rows) and rows.key(near) == key else rows.index_of(key)


def surviving(old: Rows, index: int, new: Rows) -> int | None:
    """The new place of an old row, or else of the nearest old row that is still there. None when none is.

    Of two as near, the one after is taken: what was read last lies above.
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
    """The first row the cursor may rest on, from a row on (itself included) in a direction, 1 or -1."""
    last = len(rows) - 1
    candidates = range(max(0, index), last + 1) if direction > 0 else range(min(index, last), -1, -1)
    return next((candidate for candidate in candidates if rows.selectable(candidate)), None)


def selectable_near(rows: Rows, index: int) -> int:
    """The row the cursor may rest on that is nearest to this one; -1 when there is none."""
    after, before = selectable_from(rows, index, 1), selectable_from(rows, index, -1)
    if after is None or before is None:
        return next((found for found in (after, before) if found is not None), -1)
    return after if after - index <= index - before else before
