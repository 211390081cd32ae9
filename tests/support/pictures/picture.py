"""What is on the screen, as plain values: rows of text, and how their cells look. No file, no drawing."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from textual._context import visible_screen_stack
from textual.app import App
from textual.strip import Strip
from textual.widgets import Input

_ATTRIBUTES = ("bold", "dim", "italic", "underline", "underline2", "reverse", "strike", "blink", "overline")
_SEEN_ON_BLANKS = ("underline", "underline2", "reverse", "strike", "overline")
"""What shows where there is no character."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its text, and runs of cells that look alike."""

    text: str
    runs: tuple[tuple[int, str], ...]
    """Cells and look (`#E8DFD0 on #1D1916 bold`), from the left."""

    @property
    def looks(self) -> list[str]:
        """The look of each cell."""
        return [look for cells, look in self.runs for _ in range(cells)]

    def pieces(self) -> Iterator[tuple[int, str, str]]:
        """Column, text and look of each run."""
        column, rest = 0, self.text
        for cells, look in self.runs:
            end = next((end for end in range(len(rest) + 1) if cell_len(rest[:end]) >= cells), len(rest))
            while end < len(rest) and cell_len(rest[: end + 1]) == cells:
                end += 1  # what takes no cell belongs to the character before it
            yield column, rest[:end], look
            column, rest = column + cells, rest[end:]


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole screen."""

    rows: tuple[Row, ...]


def taken(app: App[None]) -> Picture:
    """The picture of what an app shows now, the cursor of a line for typing always lit."""
    for line in app.screen.query(Input):
        line.cursor_blink = False
    # Below a dialogue the screens beneath shine through; Textual knows them by this variable while it paints.
    visible_screen_stack.set(app._background_screens)
    # The compositor is the one way to see what is drawn, cell for cell.
    return Picture(tuple(_row(strip) for strip in app.screen._compositor.render_strips()))


def _row(strip: Strip) -> Row:
    texts: list[str] = []
    runs: list[tuple[int, str]] = []
    for segment in strip:
        if segment.control or not segment.text:
            continue
        texts.append(segment.text)
        look = _look(segment.style or Style(), is_blank=not segment.text.strip(" "))
        cells = cell_len(segment.text)
        if runs and runs[-1][1] == look:
            runs[-1] = (runs[-1][0] + cells, look)
        else:
            runs.append((cells, look))
    return Row("".join(texts), tuple(run for run in runs if run[0]))


def _look(style: Style, *, is_blank: bool) -> str:
    """A style in words; of blank cells only what can be seen of them."""
    shown = [name for name in _ATTRIBUTES if getattr(style, name)]
    if is_blank:
        shown = [name for name in shown if name in _SEEN_ON_BLANKS]
    ground = f"on {_colour(style, is_ground=True)}"
    ink = [] if is_blank and not shown else [_colour(style, is_ground=False)]
    return " ".join([*ink, ground, *shown])


def _colour(style: Style, *, is_ground: bool) -> str:
    colour = style.bgcolor if is_ground else style.color
    if colour is None or colour.is_default:
        return "default"
    return colour.get_truecolor().hex.upper() if colour.triplet else colour.name
