"""A dialogue: a box with a list, and mostly a line for typing that narrows it. Its keys are those of the registry."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Input, Static

from florilege.commands import Keymap, character_of
from florilege.tui.panes.fitting import Line, painted
from florilege.tui.widgets.row_list import RowList
from florilege.tui.widgets.rows import Rows, RowStyle
from florilege.tui.world import AppContext

T = TypeVar("T")

_LEAST = 4
"""Rows for which there is room at least."""
_AROUND = 4
"""Lines around the rows: the frame, the line for typing, and the hint."""
_MOVES = {
    "down": "move(1)", "up": "move(-1)", "half-page-down": "half_page(1)", "half-page-up": "half_page(-1)",
    "page-down": "page(1)", "page-up": "page(-1)", "top": "edge(-1)", "bottom": "edge(1)", "back": "never_mind",
}  # fmt: skip
"""What commands do in every dialogue."""
_MOVES_WITHOUT_LINE = {"read-on": "page(1)", "inward": "take", "quit": "never_mind"}
"""And where no line for typing needs their keys."""
_OF_LINE = {"left", "right", "home", "end", "backspace", "delete", "enter"}
"""Keys that a line for typing keeps."""
_TAKEN_BY_LINE = {key for binding in Input.BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")}
"""Keys that a line for typing would take, unless the dialogue hears them first."""


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

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """The line."""
        return [painted(self.line(self.values[index], width), style.palette)]

    def words(self, index: int) -> str:
        """What the line says."""
        raise NotImplementedError

    def line(self, value: T, width: int) -> Line:
        """The line of a value."""
        raise NotImplementedError

    def value(self, index: int) -> T | None:
        """The value of a row; None when there is no such row."""
        return self.values[index] if 0 <= index < len(self.values) else None


class Dialogue(ModalScreen[ScreenResultType]):
    """A list in a box. A dialogue says what is in it (`rows_for`), and what it gives back (`action_take`)."""

    DEFAULT_CSS = """
    Dialogue { align: center middle; }
    Dialogue .dialogue { max-width: 100%; height: 80%; border: round $border; background: $background; }
    Dialogue .dialogue { border-title-color: $foreground; border-title-style: bold; }
    Dialogue .dialogue { border-subtitle-color: $florilege-metadata; }
    Dialogue Input { border: none; height: 1; padding: 0 1; background: $panel; }
    Dialogue Input:focus { border: none; }
    Dialogue Input > .input--placeholder { color: $florilege-metadata; }
    Dialogue RowList { border: none; height: 1fr; }
    Dialogue .hint { height: 1; padding: 0 1; color: $florilege-metadata; }
    """
    AUTO_FOCUS: ClassVar[str | None] = None
    OPENED_BY: ClassVar[str] = ""
    """The command that opens it: its keys close it again, but a letter or digit where one types."""

    def __init__(
        self, name: str, title: str, *, empty: str = "", hint: str = "", subtitle: str = "",
        typing: str = "type to narrow",
    ) -> None:  # fmt: skip
        """Take what stands around the list.

        Args:
            name: What the dialogue and its parts are called in the program.
            title: What it is called on the screen.
            empty: What is said when nothing answers.
            hint: What the keys do, on a line beneath the list; the last of them is for leaving, and always works.
            subtitle: The same, on its frame.
            typing: What can be typed; empty where there is no line for it.
        """
        super().__init__()
        self._box = Vertical(id=name, classes="dialogue")
        self._box.border_title = title
        self._line = Input(placeholder=typing) if typing else None
        self._hint = hint
        self._beneath: list[Widget] = [Static(Content(hint), classes="hint", markup=False)] if hint else []
        """What stands beneath the list."""
        self._subtitle = subtitle
        self._most = _LEAST
        """The most rows there were to choose from: narrowing does not make it lower."""
        self._list = RowList(id=f"{name}-list", empty=[Content(empty)])
        self._closers = ""
        """Characters that close it when they are typed."""
        self._typed = ""
        """What the list has been narrowed by."""

    @property
    def world(self) -> AppContext:
        """Everything around the app."""
        world: AppContext = self.app.world  # type: ignore[attr-defined]
        return world

    def compose(self) -> ComposeResult:
        """A line to narrow by, the list, and what the keys do."""
        with self._box:
            if self._line is not None:
                self._line.cursor_blink = False  # nothing here moves by itself
                yield self._line
            yield self._list
            yield from self._beneath

    def on_mount(self) -> None:
        """Show all, ready to type."""
        self.bind_keys(self.world.keys)
        self._list.can_focus = self._line is None
        self.narrow()
        # After what has been typed already:
        self.call_later(self.set_focus, self._list if self._line is None else self._line)

    def bind_keys(self, keys: Keymap) -> None:
        """Listen to the keys that commands have now."""
        bindings = {binding.key: binding for binding in self.bindings_of(keys)}
        # Textual has no public way to give one screen other keys; `tests/tui/test_help.py` holds it.
        self._bindings = BindingsMap.merge([self._bindings, BindingsMap(bindings.values())])

    def bindings_of(self, keys: Keymap) -> Iterator[Binding]:
        """What keys do here; of several for one key the last counts."""
        yield Binding("escape", "never_mind", show=False)
        yield Binding("ctrl+home", "edge(-1)", show=False, priority=True)
        yield Binding("ctrl+end", "edge(1)", show=False, priority=True)
        has_line = self._line is not None
        for command_id, action in (_MOVES if has_line else {**_MOVES, **_MOVES_WITHOUT_LINE}).items():
            for key in keys.of(command_id):
                if not has_line or not (character_of(key) or key in _OF_LINE):
                    yield Binding(key, action, show=False, priority=has_line and key in _TAKEN_BY_LINE)
        self._closers = ""
        for key in keys.of(self.OPENED_BY) if self.OPENED_BY else ():
            character = character_of(key)
            if has_line and character:  # Textual lets no binding have what a line for typing can take
                self._closers += "" if character.isalnum() else character
            else:
                yield Binding(key, "close", show=False, priority=True)

    # What is shown

    def rows_for(self, typed: str) -> Rows:
        """What answers to what was typed."""
        raise NotImplementedError

    def narrow(self, *, keep_place: bool = False) -> None:
        """Show what answers to what is typed by now."""
        self._typed = self._line.value if self._line is not None else ""
        rows = self.rows_for(self._typed)
        self._list.show(rows, keep_place=keep_place)
        hint, subtitle = (each if len(rows) else each.split(" · ")[-1] for each in (self._hint, self._subtitle))
        self._box.border_subtitle = subtitle
        if hint:
            self.query_one(".hint", Static).update(Content(hint))
        if isinstance(rows, OneLiners):  # little to choose from takes little room
            self._most = max(self._most, len(rows))
            self._box.styles.max_height = self._most + _AROUND

    # What keys do

    def action_move(self, delta: int) -> None:
        """Move by a row."""
        self._list.move(delta)

    def action_page(self, direction: int) -> None:
        """Move by a page."""
        self._list.page(direction)

    def action_half_page(self, direction: int) -> None:
        """Move by half a page."""
        self._list.half_page(direction)

    def action_edge(self, direction: int) -> None:
        """Go to the first or last row."""
        if direction > 0:
            self._list.end()
        else:
            self._list.home()

    def action_take(self) -> None:
        """Give what is under the cursor."""
        raise NotImplementedError

    def action_close(self) -> None:
        """Close; a key that comes when it has closed already means nothing."""
        if self.is_current:
            self.dismiss(None)

    def action_never_mind(self) -> None:
        """Take off what was typed; without that, close and change nothing."""
        if self._line is not None and self._line.value:
            self._line.value = ""
        else:
            self.action_close()

    # What is typed and clicked

    def on_key(self, event: events.Key) -> None:
        """Take what is typed before the line for typing is there."""
        if self.focused is not None or self._line is None:
            return
        if event.key == "enter":
            self.take()
        elif event.is_printable and event.character:
            event.stop()
            self._line.insert_text_at_cursor(event.character)

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.click()

    def click(self) -> None:
        """What a click on the row of the cursor does."""
        self.take()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if any(character in event.value for character in self._closers):
            self.action_close()
        elif self.is_current:
            self.narrow()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        # Not a binding of the screen: that would be heard before what was typed just before it.
        event.stop()
        self.take()

    def take(self) -> None:
        """Give what is under the cursor, once all that was typed has narrowed the list."""
        if not self.is_current:
            return
        if self._line is not None and self._line.value != self._typed:
            self.narrow()
        self.action_take()
