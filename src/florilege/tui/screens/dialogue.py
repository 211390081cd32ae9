"""A dialogue: a box with a list, and mostly a line for typing that narrows it. Its keys are those of the registry.

Help, palette, pickers, overview and settings are all this one; what is in the list are plain rows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from florilege.commands import Keymap, character_of
from florilege.tui.panes.fitting import Line
from florilege.tui.panes.rows import PlainRows, Row
from florilege.tui.widgets.lines import drawable
from florilege.tui.widgets.prompt import TypingLine
from florilege.tui.widgets.row_list import MOVES, RowList
from florilege.tui.world import AppContext

T = TypeVar("T")

_LEAST = 2
"""Rows for which there is room at least."""
_AROUND = 3
"""Lines around the rows: the frame, and the line for typing."""
_WITHOUT_LINE = {"read-on": "move('page-down')", "inward": "take", "quit": "never_mind"}
"""What commands do where no line for typing needs their keys."""
_OF_LINE = {"left", "right", "home", "end", "backspace", "delete", "enter"}
"""Keys that a line for typing keeps."""
_TAKEN_BY_LINE = {key for binding in Input.BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")}
"""Keys that a line for typing would take, unless the dialogue hears them first."""


def under_headings(parts: Iterable[tuple[str, Sequence[Row]]]) -> list[Row]:
    """Rows under their headings, each a line apart from what is above it; a heading without rows is left out."""
    found: list[Row] = []
    for title, rows in parts:
        if rows:
            lines: list[Line] = [*([()] if found else []), (("crumb", title),)]
            found += [Row(f"heading-{title}", lambda _, lines=lines: lines, title), *rows]  # type: ignore[misc]
    return found


class Dialogue(ModalScreen[T | None]):
    """A list in a box. Gives the value of the row that is chosen, or None when the reader never minds."""

    DEFAULT_CSS = """
    Dialogue { align: center middle; }
    Dialogue .dialogue { max-width: 100%; height: 90%; border: round $border; background: $background; }
    Dialogue .dialogue { border-title-color: $foreground; border-title-style: bold; }
    Dialogue .dialogue { border-subtitle-color: $florilege-metadata; }
    Dialogue Input { border: none; height: 1; padding: 0 1; background: $panel; }
    Dialogue Input:focus { border: none; }
    Dialogue Input > .input--placeholder { color: $florilege-metadata; }
    Dialogue RowList { border: none; height: 1fr; }
    """
    AUTO_FOCUS: ClassVar[str | None] = None

    def __init__(
        self, name: str, title: str, rows: Callable[[str], Sequence[Row]], *, verb: str, hint: str = "",
        empty: str = "Nothing matches.", typing: str = "type to narrow", start: Any = None, opened_by: str = "",
        width: int = 96, are_uniform: bool = False,
    ) -> None:  # fmt: skip
        """Take what is in it.

        Args:
            name: What the dialogue and its parts are called in the program.
            title: What it is called on the screen.
            rows: Gives the rows that answer to what is typed.
            verb: What enter does.
            hint: What other keys do.
            empty: What is said when nothing answers.
            typing: What can be typed; empty where there is no line for it.
            start: The value the cursor begins on.
            opened_by: The command that opens it: its keys close it again, but a letter or digit where one types.
            width: Its width in cells, where there is room.
            are_uniform: Whether each row has one line: then little to choose from takes little room.
        """
        super().__init__(name=name)
        self.box = Vertical(id=f"{name}-box", classes="dialogue")
        self.box.border_title = Content(drawable(title))
        self.box.styles.width = width
        self.list = RowList(id=f"{name}-list", empty=[Content(empty)])
        self.line = TypingLine(placeholder=typing) if typing else None
        self.hint = hint
        self.beneath: list[Widget] = []
        """What stands beneath the list."""
        self._rows_for, self._verb, self._start, self._opened_by = rows, verb, start, opened_by
        self._are_uniform = are_uniform
        self._most = _LEAST
        """The most rows there were to choose from: narrowing does not make it lower."""
        self._keys: dict[str, Binding] = {}
        """What keys do."""
        self._closers = ""
        """Characters that close it when they are typed."""
        self._typed = ""
        """What the list has been narrowed by."""

    @property
    def world(self) -> AppContext:
        """Everything around the app."""
        world: AppContext = self.app.world  # type: ignore[attr-defined]
        return world

    @property
    def rows(self) -> Sequence[Row]:
        """The rows shown."""
        shown = self.list.rows
        return shown.rows if isinstance(shown, PlainRows) else ()

    @property
    def value(self) -> Any:
        """What the row under the cursor stands for; None where there is none."""
        shown = self.list.rows
        return shown.value(self.list.cursor) if isinstance(shown, PlainRows) else None

    def compose(self) -> ComposeResult:
        """A line to narrow by, and the list."""
        with self.box:
            if self.line is not None:
                yield self.line
            yield self.list
            yield from self.beneath

    def on_mount(self) -> None:
        """Show all, ready to type."""
        self.bind_keys(self.world.keys)
        self.list.can_focus = self.line is None
        self.narrow()
        if self._start is not None:
            self.list.move_to(next((at for at, each in enumerate(self.rows) if each.value == self._start), 0))
        # After what has been typed already:
        self.call_later(self.set_focus, self.list if self.line is None else self.line)

    def bind_keys(self, keys: Keymap) -> None:
        """Listen to the keys that commands have now."""
        self._keys = {binding.key: binding for binding in self.bindings_of(keys)}

    async def press(self, key: str) -> bool:
        """Do what a key means here, unless the line for typing is to hear it first; whether it means anything."""
        binding = self._keys.get(key)
        if binding is None or (isinstance(self.focused, Input) and not binding.priority):
            return False
        await self.run_action(binding.action)
        return True

    def bindings_of(self, keys: Keymap) -> Iterator[Binding]:
        """What keys do here; of several for one key the last counts."""
        yield Binding("escape", "never_mind", show=False)
        yield Binding("ctrl+home", "move('top')", show=False, priority=True)
        yield Binding("ctrl+end", "move('bottom')", show=False, priority=True)
        has_line = self.line is not None
        actions = {**{name: f"move('{name}')" for name in MOVES}, "back": "never_mind"}
        for command_id, action in (actions if has_line else actions | _WITHOUT_LINE).items():
            for key in keys.of(command_id):
                if not has_line or not (character_of(key) or key in _OF_LINE):
                    yield Binding(key, action, show=False, priority=has_line and key in _TAKEN_BY_LINE)
        self._closers = ""
        for key in keys.of(self._opened_by) if self._opened_by else ():
            character = character_of(key)
            if has_line and character:  # Textual lets no binding have what a line for typing can take
                self._closers += "" if character.isalnum() else character
            else:
                yield Binding(key, "close", show=False, priority=True)

    def narrow(self, *, keep_place: bool = False) -> None:
        """Show what answers to what is typed by now, and what keys do with it."""
        self._typed = self.line.value if self.line is not None else ""
        rows = self._rows_for(self._typed)
        self.list.show(PlainRows(rows, are_uniform=self._are_uniform), keep_place=keep_place)
        hints = [f"↵ {self._verb}", self.hint] if rows else []
        escape = "esc empties the line" if self._typed else "esc closes"
        self.box.border_subtitle = Content(" · ".join(filter(None, [*hints, escape])))
        if self._are_uniform:
            self._most = max(self._most, len(rows))
            self.box.styles.max_height = self._most + _AROUND

    # What keys do

    def action_move(self, command_id: str) -> None:
        """Move as a command says."""
        MOVES[command_id](self.list)

    def action_take(self) -> None:
        """Give what is under the cursor."""
        if self.value is not None:
            self.give(self.value)

    def action_close(self) -> None:
        """Close, and change nothing."""
        self.give(None)

    def give(self, result: T | None) -> None:
        """Give what was chosen, once: a key that comes when it has closed already would close what is beneath."""
        if self.is_active:
            self.dismiss(result)

    def action_never_mind(self) -> None:
        """Take off what was typed; without that, close and change nothing."""
        if self.line is not None and self.line.value:
            self.line.value = ""
        else:
            self.action_close()

    # What is typed and clicked

    async def on_key(self, event: events.Key) -> None:
        """Take what is typed before the line for typing is there, and what that has no use for."""
        if binding := self._keys.get(event.key):
            event.stop()
            await self.run_action(binding.action)
        if self.focused is not None or self.line is None:
            return
        if event.key == "enter":
            self.take()
        elif event.is_printable and event.character:
            event.stop()
            self.line.insert_text_at_cursor(event.character)

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
        elif self.is_active:
            self.narrow()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        # Not a binding of the screen: that would be heard before what was typed just before it.
        event.stop()
        self.take()

    def take(self) -> None:
        """Give what is under the cursor, once all that was typed has narrowed the list."""
        if not self.is_active:
            return
        if self.line is not None and self.line.value != self._typed:
            self.narrow()
        self.action_take()
