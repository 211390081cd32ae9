"""The items pane by day: a heading above the items of each day. Plain values in, lines out."""

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from florilege.lists.catalogue import Listed
from florilege.tui.panes.fitting import cut, painted, width_of
from florilege.tui.panes.items import ItemRows
from florilege.tui.widgets.rows import Look
from florilege.words import date_of, day_in_words

_ABOVE = "day above "
"""What stands before the key of an item in that of the heading above it."""


class DayRows(ItemRows):
    """Rows of items with a heading before the first one of each day. The cursor rests on items only."""

    def __init__(self, inner: ItemRows, now: datetime, *, compact: bool) -> None:
        """Take what is shown.

        Args:
            inner: The items as they are without headings, sorted by date.
            now: To put days into words.
            compact: Whether a heading takes one line, and not two.
        """
        self.listed = inner.listed
        self._inner = inner
        self._heading_height = 1 if compact else 2
        self._rows: list[int | str] = []  # places in the inner rows, and headings
        day = None
        for place in range(len(inner)):
            listed = inner.listed_at(place)
            if listed is not None and (said := day_in_words(date_of(listed.head), now)) != day:
                day = said
                self._rows.append(said)
            self._rows.append(place)

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> str:
        """The item's id; of a heading, its day with the item beneath it."""
        row = self._rows[index]
        return self._inner.key(row) if isinstance(row, int) else f"{_ABOVE}{self.key(index + 1)}"

    def index_of(self, key: str) -> int | None:
        """Where an item or a heading is; None when it is not there."""
        is_heading = key.startswith(_ABOVE)
        place = self._inner.index_of(key.removeprefix(_ABOVE))
        return None if place is None else self._rows.index(place) - is_heading

    def position(self, index: int) -> int:
        """Which item a row is, counted from 0; -1 for none."""
        row = self._rows[index] if 0 <= index < len(self._rows) else ""
        return self._inner.position(row) if isinstance(row, int) else -1

    def listed_at(self, index: int) -> Listed | None:
        """The item of a row; None for none."""
        place = self.position(index)
        return self.listed[place] if place >= 0 else None

    def tops(self, width: int) -> Sequence[int] | None:
        """Nothing is remembered of headings."""
        return None

    def height(self, index: int, width: int) -> int:
        """That of the item, or of a heading."""
        row = self._rows[index]
        return self._inner.height(row, width) if isinstance(row, int) else self._heading_height

    def selectable(self, index: int) -> bool:
        """Every item, no heading."""
        row = self._rows[index]
        return isinstance(row, int) and self._inner.selectable(row)

    def render(self, index: int, width: int, look: Look) -> Sequence[Content]:
        """The item, or the day with a line after it."""
        row = self._rows[index]
        if isinstance(row, int):
            return self._inner.render(row, width, look)
        rule = "─" * max(0, width - width_of(row) - 2)
        return [painted(cut((("crumb", row), ("metadata", f" {rule}")), width), look.palette)]
