"""Rows as plain values, each with a function that lays out its lines: those of an open item, and of dialogues."""

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
    """Identifies the row among the others."""
    lines: Callable[[int], Sequence[Line]]
    """Returns the row's lines at a width in cells."""
    words: str
    """The row's text, shown plainly where drawing it failed."""
    value: Any = None
    """What the row stands for; a row without a value can't be chosen."""


class PlainRows(Rows):
    """Rows of a list that are given as `Row` values."""

    def __init__(self, rows: Sequence[Row], *, are_uniform: bool = False) -> None:
        """Create the rows; `are_uniform` says that each has exactly one line."""
        self.rows = rows
        self._height = 1 if are_uniform else None
        self._lines: tuple[int, dict[int, Sequence[Line]]] = (-1, {})
        """The width last asked for, and the lines computed for it so far."""

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> str:
        """The row's key."""
        return self.rows[index].key

    def uniform_height(self, width: int) -> int | None:
        """One line each, if the rows are uniform."""
        return self._height

    def height(self, index: int, width: int) -> int:
        """The number of lines that its layout takes."""
        return max(1, len(self.lines(index, width)))

    def selectable(self, index: int) -> bool:
        """Whether the row has a value."""
        return self.rows[index].value is not None

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """The lines of a row."""
        return [painted(line, style.palette) for line in self.lines(index, width)]

    def words(self, index: int) -> str:
        """The row's text."""
        return self.rows[index].words

    def value(self, index: int) -> Any:
        """The value of a row; None if there is no such row."""
        return self.rows[index].value if 0 <= index < len(self.rows) else None

    def lines(self, index: int, width: int) -> Sequence[Line]:
        """The lines of a row at a width; its plain text, if they can't be laid out."""
        if self._lines[0] != width:
            self._lines = (width, {})
        known = self._lines[1]
        if index not in known:
            try:
                known[index] = self.rows[index].lines(width)
            except UNDRAWABLE:
                known[index] = [*((("text", line),) for line in wrap(self.rows[index].words, width)), ()]
        return known[index]
