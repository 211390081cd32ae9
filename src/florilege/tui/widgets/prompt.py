"""One line to type in: words to find, or the address of a group. It says what was typed; it does nothing with it."""

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from florilege.text import clean_line
from florilege.tui.widgets.lines import drawable


class _Line(Input):
    """What is typed or pasted, as it can be drawn."""

    def validate_value(self, value: str) -> str:
        """Without what could drive the terminal."""
        return drawable(value)


class Prompt(Horizontal):
    """A line for typing, hidden while it is not asked anything."""

    DEFAULT_CSS = """
    Prompt { height: 1; display: none; background: $panel; padding: 0 1; }
    Prompt Static { width: auto; color: $florilege-key; text-style: bold; }
    Prompt Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
    Prompt Input:focus { border: none; }
    """

    @dataclass
    class Typed(Message):
        """What is typed has changed."""

        purpose: str
        text: str

    @dataclass
    class Entered(Message):
        """Enter was pressed."""

        purpose: str
        text: str

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.purpose = ""
        """What the typing is for: the id of the command that asked. Empty while nothing is asked."""

    def compose(self) -> ComposeResult:
        """A word that says what to type, and the line."""
        yield Static(id="prompt-label", markup=False)
        yield _Line(id="prompt-input", select_on_focus=False)

    @property
    def is_open(self) -> bool:
        """Whether something is being asked."""
        return bool(self.purpose)

    @property
    def text(self) -> str:
        """What is typed, on one clean line."""
        return clean_line(self.query_one(Input).value)

    def ask(self, purpose: str, label: str, placeholder: str, text: str = "") -> None:
        """Open and take the focus."""
        self.purpose = purpose
        self.query_one("#prompt-label", Static).update(Content(f"{label} "))
        line = self.query_one(Input)
        line.placeholder = placeholder
        with self.prevent(Input.Changed):
            line.value = text
        self.display = True
        line.cursor_position = len(text)
        line.focus()

    def close(self) -> None:
        """Close; the focus is for the screen to give."""
        self.purpose = ""
        self.display = False

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self.purpose, self.text))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Entered(self.purpose, self.text))
