"""Rows that are plain values, each with a function that gives its lines: those of an open item, and of dialogues."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from textual.content import Content

from florilege.tui.panes.fitting import Line, painted, wrap
from florilege.tui.widgets.rows import UNDRAWABLE, Rows, RowStyle


@dataclass(frozen=True, slots=True)
class Row:
    """A row."""

    key: str
    """What it is known by among the others."""
    lines: Callable[[int], Sequence[Line]]
    """Gives its lines at a width in cells."""
    words: str
    """What it says: it stands there as plain text where drawing it failed."""
    value: Any = None
    """What it stands for; a row without a value can't be chosen."""


class PlainRows(Rows):
    """Such rows, as a list shows them."""

    def __init__(self, rows: Sequence[Row], *, are_uniform: bool = False) -> None:
        """Take the rows; whether each has one line."""
        self.rows = rows
        self._height = 1 if are_uniform else None
        self._lines: tuple[int, dict[int, Sequence[Line]]] = (-1, {})
        """A width, and the lines of rows at it, as far as they were asked for."""

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> str:
        """What the row is known by."""
        return self.rows[index].key

    def uniform_height(self, width: int) -> int | None:
        """One line each, where they are so."""
        return self._height

    def height(self, index: int, width: int) -> int:
        """As many lines as it takes."""
        return max(1, len(self.lines(index, width)))

    def selectable(self, index: int) -> bool:
        """What has a value."""
        return self.rows[index].value is not None

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """The lines of a row."""
        return [painted(line, style.palette) for line in self.lines(index, width)]

    def words(self, index: int) -> str:
        """What the row says."""
        return self.rows[index].words

    def value(self, index: int) -> Any:
        """What a row stands for; None where there is no such row."""
        return self.rows[index].value if 0 <= index < len(self.rows) else None

    def lines(self, index: int, width: int) -> Sequence[Line]:
        """The lines of a row at a width; its words, where they can't be laid out."""
        if self._lines[0] != width:
            self._lines = (width, {})
        known = self._lines[1]
        if index not in known:
            try:
                known[index] = self.rows[index].lines(width)
            except UNDRAWABLE:
                known[index] = [*((("text", line),) for line in wrap(self.rows[index].words, width)), ()]
        return known[index]
