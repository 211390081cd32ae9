"""What is on the screen, cell for cell: rows of text, and the runs of cells in them that look alike."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from textual._context import visible_screen_stack
from textual.app import App
from textual.color import Color
from textual.widgets import Input


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look."""

    text: str
    ink: Color | None
    """None for the terminal's own."""
    ground: Color | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the screen, from the left."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The words of the row."""
        return "".join(run.text for run in self.runs)

    @property
    def cells(self) -> int:
        """How many cells they take."""
        return cell_len(self.text)


def rows_of(app: App[None]) -> list[Row]:
    """The rows an app shows now, the cursor of a line for typing always lit."""
    for line in app.screen.query(Input):
        line.cursor_blink = False
    # Below a dialogue the screens beneath shine through; Textual knows them by this variable while it paints.
    visible_screen_stack.set(app._background_screens)
    # The compositor is the one way to see what is drawn, cell for cell.
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
