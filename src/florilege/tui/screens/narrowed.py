"""A dialogue around a list that typing narrows. What is in the list, and what is given back, each dialogue says."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ScreenResultType
from textual.widgets import Input, Static

from florilege.tui.panes.fitting import Line, painted
from florilege.tui.screens.listing import Listing
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.rows import Look, Rows

T = TypeVar("T")

_LEAST = 4
"""Rows for which there is room at least."""
_AROUND = 4
"""Lines around the rows: the frame, the line for typing, and the hint."""


class OneLiners(Generic[T]):
    """Rows of one line each, one for each of some values."""

    def __init__(self, values: Sequence[T]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def key(self, index: int) -> str:
        """What the value is known by."""
        raise NotImplementedError

    def uniform_height(self, width: int) -> int | None:
        """One line each."""
        return 1

    def height(self, index: int, width: int) -> int:
        """One line each."""
        return 1

    def selectable(self, index: int) -> bool:
        """All."""
        return True

    def render(self, index: int, width: int, look: Look) -> Sequence[Content]:
        """The line."""
        return [painted(self.line(self.values[index], width), look.palette)]

    def line(self, value: T, width: int) -> Line:
        """The line of a value."""
        raise NotImplementedError

    def value(self, index: int) -> T | None:
        """The value of a row; None when there is no such row."""
        return self.values[index] if 0 <= index < len(self.values) else None


class NarrowedList(Listing[ScreenResultType]):
    """A line for typing, and the list of what answers to it."""

    DEFAULT_CSS = """
    NarrowedList { align: center middle; }
    NarrowedList .narrowed { max-width: 100%; height: 80%; border: round $border; background: $background; }
    NarrowedList .narrowed { border-title-color: $foreground; border-title-style: bold; }
    NarrowedList .narrowed { border-subtitle-color: $florilege-metadata; }
    NarrowedList Input { border: none; height: 1; padding: 0 1; background: $panel; }
    NarrowedList Input:focus { border: none; }
    NarrowedList LineList { border: none; height: 1fr; }
    NarrowedList .hint { height: 1; padding: 0 1; color: $florilege-metadata; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "never_mind", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(
        self, name: str, title: str, *, empty: str, hint: str = "", subtitle: str = "", typing: str = "type to narrow"
    ) -> None:
        """Take what stands around the list.

        Args:
            name: What the dialogue and its parts are called in the program.
            title: What it is called on the screen.
            empty: What is said when nothing answers.
            hint: What the keys do, on a line beneath the list; the last of them is for leaving, and always works.
            subtitle: The same, on its frame.
            typing: What can be typed.
        """
        super().__init__(id=f"{name}-screen")
        self._name = name
        self._title = title
        self._hint = hint
        self._subtitle = subtitle
        self._typing = typing
        self._most = _LEAST
        """The most rows there were to choose from: narrowing does not make it lower."""
        self._list = LineList(id=f"{name}-list", empty=[Content(empty)])
        self._typed = ""
        """What the list has been narrowed by."""

    def compose(self) -> ComposeResult:
        """A line to narrow by, the list, and what the keys do."""
        with Vertical(id=self._name, classes="narrowed") as box:
            box.border_title = self._title
            line = Input(placeholder=self._typing)
            line.cursor_blink = False  # nothing here moves by itself
            yield line
            yield self._list
            if self._hint:
                yield Static(Content(self._hint), classes="hint", markup=False)

    def on_mount(self) -> None:
        """Show all, ready to type."""
        self._list.can_focus = False
        self.narrow()
        self.call_later(self.set_focus, self.query_one(Input))  # after what has been typed already

    def rows_for(self, typed: str) -> Rows:
        """What answers to what was typed."""
        raise NotImplementedError

    def narrow(self, *, keep_place: bool = False) -> None:
        """Show what answers to what is typed by now."""
        self._typed = self.query_one(Input).value
        rows = self.rows_for(self._typed)
        self._list.show(rows, keep_place=keep_place)
        hint, subtitle = (each if len(rows) else each.split(" · ")[-1] for each in (self._hint, self._subtitle))
        self.query_one(".narrowed").border_subtitle = subtitle
        if hint:
            self.query_one(".hint", Static).update(Content(hint))
        if isinstance(rows, OneLiners):  # little to choose from takes little room
            self._most = max(self._most, len(rows))
            self.query_one(".narrowed").styles.max_height = self._most + _AROUND

    def action_take(self) -> None:
        """Give what is under the cursor."""
        raise NotImplementedError

    def action_never_mind(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """Take what is typed before the line for typing is there."""
        if self.focused is not None:
            return
        if event.key == "enter":
            self.take()
        elif event.is_printable and event.character:
            event.stop()
            self.query_one(Input).insert_text_at_cursor(event.character)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_current:  # a key before may have closed it
            self.narrow()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        # Not a binding of the screen: that would be heard before what was typed just before it.
        event.stop()
        if self.is_current:
            self.take()

    def take(self) -> None:
        """Give what is under the cursor, once all that was typed has narrowed the list."""
        if self.query_one(Input).value != self._typed:
            self.narrow()
        self.action_take()
