"""A dialogue: a box with a list, usually with an input line that filters it. Its keys come from the command registry.

Help, palette, pickers, overview and settings are all such dialogues; their lists consist of plain rows.
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
from florilege.tui.app import AppContext
from florilege.tui.widgets.lines import Line, drawable
from florilege.tui.widgets.prompt import TypingLine
from florilege.tui.widgets.row_list import MOVES, RowList
from florilege.tui.widgets.rows import PlainRows, Row

T = TypeVar("T")

_LEAST = 2
"""Minimum number of rows that the box has room for."""
_AROUND = 3
"""Lines around the rows: the border and the input line."""
_WITHOUT_LINE = {"read-on": "move('page-down')", "inward": "take", "quit": "never_mind"}
"""The actions of further commands in dialogues without an input line, which would need their keys."""
_OF_LINE = {"left", "right", "home", "end", "backspace", "delete", "enter"}
"""Keys that always belong to the input line."""
_TAKEN_BY_LINE = {key for binding in Input.BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")}
"""Keys that the input line would handle, unless the dialogue handles them first."""


def under_headings(parts: Iterable[tuple[str, Sequence[Row]]]) -> list[Row]:
    """Rows under headings, with a blank line between sections; a heading without rows is left out."""
    found: list[Row] = []
    for title, rows in parts:
        if rows:
            lines: list[Line] = [*([()] if found else []), (("crumb", title),)]
            found += [Row(f"heading-{title}", lambda _, lines=lines: lines, title), *rows]  # type: ignore[misc]
    return found


class Dialogue(ModalScreen[T | None]):
    """A list in a box. Returns the value of the chosen row, or None if the reader cancels."""

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
    are_uniform: ClassVar[bool] = False
    """Whether each row has exactly one line: the box is then less wide, and low where there are few."""

    def __init__(
        self, name: str, title: str, rows: Callable[[str], Sequence[Row]], *, verb: str, hint: str = "",
        empty: str = "Nothing matches.", typing: str = "type to filter", start: Any = None, opened_by: str = "",
    ) -> None:  # fmt: skip
        """Create a dialogue.

        Args:
            name: The internal name, from which the ids of its widgets are made.
            title: The title shown.
            rows: Returns the rows that match the typed text.
            verb: What enter does, for the line of hints.
            hint: What other keys do, for the line of hints.
            empty: The message for when no row matches.
            typing: The placeholder of the input line; if empty, there is no input line.
            start: The value on which the cursor starts.
            opened_by: The command that opens it. Its keys also close it, except letters and digits that can be typed.
        """
        super().__init__(name=name)
        self.box = Vertical(id=f"{name}-box", classes="dialogue")
        self.box.border_title = Content(drawable(title))
        self.box.styles.width = 76 if self.are_uniform else 96
        self.list = RowList(id=f"{name}-list", empty=[(("text", empty),)])
        self.line = TypingLine(placeholder=typing) if typing else None
        self.hint = hint
        self.beneath: list[Widget] = []
        """Widgets beneath the list."""
        self._rows_for, self._verb, self._start, self._opened_by = rows, verb, start, opened_by
        self._most = _LEAST
        """The largest number of rows so far: filtering does not make the box lower."""
        self._keys: dict[str, Binding] = {}
        """The binding of each key."""
        self._closers = ""
        """Characters that close the dialogue when they are typed."""
        self._typed = ""
        """The text that the list is filtered by."""

    @property
    def context(self) -> AppContext:
        """The context of the app."""
        context: AppContext = self.app.context  # type: ignore[attr-defined]
        return context

    @property
    def rows(self) -> Sequence[Row]:
        """The rows shown."""
        shown = self.list.rows
        return shown.rows if isinstance(shown, PlainRows) else ()

    @property
    def value(self) -> Any:
        """The value of the row under the cursor; None if there is none."""
        shown = self.list.rows
        return shown.value(self.list.cursor) if isinstance(shown, PlainRows) else None

    def compose(self) -> ComposeResult:
        """The input line, if any, above the list and what is beneath it."""
        with self.box:
            if self.line is not None:
                yield self.line
            yield self.list
            yield from self.beneath

    def on_mount(self) -> None:
        """Show all rows, and focus the input line."""
        self._keys = {binding.key: binding for binding in self.bindings_of(self.context.keys)}
        self.list.can_focus = self.line is None
        self.narrow()
        if self._start is not None:
            self.list.move_to(next((at for at, each in enumerate(self.rows) if each.value == self._start), 0))
        # after the keys that were typed already:
        self.call_later(self.set_focus, self.list if self.line is None else self.line)

    async def press(self, key: str) -> bool:
        """Handle a key, unless the input line is to handle it first. Returns whether it was handled."""
        binding = self._keys.get(key)
        if binding is None or (isinstance(self.focused, Input) and not binding.priority):
            return False
        await self.run_action(binding.action)
        return True

    def bindings_of(self, keys: Keymap) -> Iterator[Binding]:
        """The key bindings of the dialogue; of several for the same key, the last counts."""
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
            if has_line and character:  # Textual gives these keys to the input, not to bindings
                self._closers += "" if character.isalnum() else character
            else:
                yield Binding(key, "close", show=False, priority=True)

    def narrow(self, *, keep_place: bool = False) -> None:
        """Filter the rows by the text typed so far, and update the hints for keys."""
        self._typed = self.line.value if self.line is not None else ""
        rows = self._rows_for(self._typed)
        self.list.show(PlainRows(rows, uniform=1 if self.are_uniform else None), keep_place=keep_place)
        hints = [f"↵ {self._verb}", self.hint] if rows else []
        escape = "esc empties the line" if self._typed else "esc closes"
        self.box.border_subtitle = Content(" · ".join(filter(None, [*hints, escape])))
        if self.are_uniform:
            self._most = max(self._most, len(rows))
            self.box.styles.max_height = self._most + _AROUND

    # What keys do

    def action_move(self, command_id: str) -> None:
        """Move the cursor as the movement command says."""
        MOVES[command_id](self.list)

    def action_take(self) -> None:
        """Choose the row under the cursor."""
        if self.value is not None:
            self.give(self.value)

    def action_close(self) -> None:
        """Close without choosing."""
        self.give(None)

    def give(self, result: T | None) -> None:
        """Close with a result. Ignored if the dialogue is closed already: it would close the screen beneath."""
        if self.is_active:
            self.dismiss(result)

    def action_never_mind(self) -> None:
        """Clear the typed text; if there is none, close without choosing."""
        if self.line is not None and self.line.value:
            self.line.value = ""
        else:
            self.action_close()

    # What is typed and clicked

    async def on_key(self, event: events.Key) -> None:
        """Handle keys that the input line ignores, and keys typed before it has the focus."""
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
        """Handle a click on the row under the cursor."""
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
        # Not a binding of the screen: that would be handled before the characters typed just before it.
        event.stop()
        self.take()

    def take(self) -> None:
        """Choose the row under the cursor, after filtering by everything that was typed."""
        if not self.is_active:
            return
        if self.line is not None and self.line.value != self._typed:
            self.narrow()
        self.action_take()
