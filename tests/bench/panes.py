"""A minimal Textual app of three panes, with a list of as many rows as requested: the share of Textual itself in a key.

    python tests/bench/panes.py ROWS

It shows the same lines over and over, and remembers, marks and reads nothing. Each key moves the cursor, redraws the
right pane and the row number above, as any reader with three panes must.
"""

import sys
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

_PLAIN, _CURSOR, _QUIET = Style(), Style(bgcolor="#303050", bold=True), Style(color="#808080")
_LINES = ("Encre papier marge lecture", "Somebody · 20 Nov · Group", "#tag #other #third", "")


class _Rows(ScrollView, can_focus=True):
    """Rows of several lines."""

    def __init__(self, name: str, count: int, lines: int) -> None:
        super().__init__(id=name)
        self._count, self._lines, self.row = count, lines, 0

    def on_mount(self) -> None:
        self.virtual_size = Size(30, self._count * self._lines)

    def render_line(self, y: int) -> Strip:
        row, place = divmod(y + self.scroll_offset.y, self._lines)
        style = _CURSOR if row == self.row else _QUIET if place else _PLAIN
        text = f"{row:>7} {_LINES[place]}" if row < self._count else ""
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)

    def move(self, rows: int) -> None:
        old, self.row = self.row, max(0, min(self.row + rows, self._count - 1))
        for row in (old, self.row):
            self.refresh_lines(row * self._lines, self._lines)
        below = (self.row + 1) * self._lines - self.size.height
        if below > self.scroll_offset.y:
            self.set_scroll(None, below)
            self.refresh()


class _Panes(App[None]):
    CSS = """
    #panes { height: 1fr; }
    #groups { width: 23%; border: round $primary; }
    #items { width: 4fr; border: round $primary; }
    #words { width: 5fr; border: round $primary; }
    """
    BINDINGS: ClassVar = [Binding("j", "move(1)"), Binding("pagedown", "move(8)", priority=True)]

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._items, self._words, self._top = _Rows("items", rows, 4), _Rows("words", 40, 4), Static("Everything")

    def compose(self) -> ComposeResult:
        yield self._top
        with Horizontal(id="panes"):
            yield _Rows("groups", 104, 1)
            yield self._items
            yield self._words
        yield Static("keys")

    def on_mount(self) -> None:
        self._items.focus()

    def action_move(self, rows: int) -> None:
        self._items.move(rows)
        self._words.row = self._items.row % 8
        self._words.refresh()
        self._top.update(f"{self._items.row} of everything")


if __name__ == "__main__":
    _Panes(int(sys.argv[1])).run()
