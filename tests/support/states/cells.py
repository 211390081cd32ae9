"""The screen, cell by cell: rows of text, and the runs of cells in them that look alike."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from textual._context import visible_screen_stack
from textual.app import App
from textual.color import Color
from textual.widgets import Input


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one style."""

    text: str
    ink: Color | None
    """None for the terminal's default."""
    ground: Color | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the screen, from the left."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The text of the row."""
        return "".join(run.text for run in self.runs)

    @property
    def cells(self) -> int:
        """The number of cells it takes."""
        return cell_len(self.text)


def rows_of(app: App[None]) -> list[Row]:
    """The rows an app shows now, with the cursor of a text line always visible."""
    for line in app.screen.query(Input):
        line.cursor_blink = False
    # Screens beneath a dialogue shine through; Textual finds them by this variable while painting.
    visible_screen_stack.set(app._background_screens)
    # The compositor is the only way to see what is drawn, cell by cell.
    return [
        Row(tuple(_run(segment.text, segment.style or Style()) for segment in strip if not segment.control))
        for strip in app.screen._compositor.render_strips()
    ]


def _run(text: str, style: Style) -> Run:
    colours = [
        None if colour is None or colour.is_default else Color.from_rich_color(colour)
        for colour in (style.color, style.bgcolor)
    ]
    if style.reverse:
        colours.reverse()
    return Run(text, colours[0], colours[1])
