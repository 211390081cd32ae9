"""A picker: choices with their counts, narrowed by typing, each taken as all, any or none. It gives back a query."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from florilege.lists.choices import Choice, Mode, chosen
from florilege.query import Query
from florilege.text import fold, grouped, holds_all
from florilege.tui.panes.fitting import Line, two_ends
from florilege.tui.screens.narrowed import NarrowedList, OneLiners
from florilege.tui.widgets.linelist import LineList

_SIGNS = {Mode.ALL: "✓ all ", Mode.ANY: "+ any ", Mode.NONE: "− none"}
_NEXT = {None: Mode.ALL, Mode.ALL: Mode.ANY, Mode.ANY: Mode.NONE, Mode.NONE: None}


class ChoiceRows(OneLiners[Choice]):
    """Choices, with how each is taken."""

    def __init__(self, choices: Sequence[Choice], modes: dict[Choice, Mode]) -> None:
        super().__init__(choices)
        self._modes = modes

    def key(self, index: int) -> str:
        """The choice's label."""
        return self.values[index].label

    def line(self, value: Choice, width: int) -> Line:
        """How it is taken, what it is, how many items it has here."""
        mode = self._modes.get(value)
        left: Line = (("key", _SIGNS[mode] if mode else "      "), ("text", "  "), ("tag", value.label))
        unread = grouped(value.unread) if value.unread else "0"
        right: Line = (("unread" if value.unread else "metadata", unread), ("metadata", f"/{grouped(value.items)}"))
        return two_ends(left, right, width)


class Picker(NarrowedList[Query | None]):
    """Choose some of many. Gives the query they make, or None when the reader never minds."""

    DEFAULT_CSS = "Picker .narrowed { width: 64; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "turn", show=False, priority=True)]

    def __init__(self, title: str, choices: Sequence[Choice], before: Mapping[Choice, Mode] | None = None) -> None:
        """Take what can be chosen.

        Args:
            title: What the dialogue is called.
            choices: The choices.
            before: How some of them are taken already, to be changed.
        """
        hint = "tab all/any/none · ↵ take · esc back"
        super().__init__("picker", title, empty="Nothing matches.", hint=hint)
        self._before = dict(before or {})
        self._modes = dict(self._before)
        self._choices = list(dict.fromkeys((*choices, *self._modes)))

    def rows_for(self, typed: str) -> ChoiceRows:
        """The choices in which all words occur."""
        words = fold(typed).split()
        matching = [choice for choice in self._choices if holds_all(choice.label, words)]
        return ChoiceRows(matching, self._modes)

    def narrow(self, *, keep_place: bool = False) -> None:
        """Show what answers; the cursor stays on its choice."""
        super().narrow(keep_place=bool(self._list.cursor_key))

    def _current(self) -> Choice | None:
        rows = self._list.rows
        return rows.value(self._list.cursor) if isinstance(rows, ChoiceRows) else None

    @on(LineList.Chosen)
    def action_turn(self) -> None:
        """Take the choice under the cursor as the next of all, any, none, or not at all."""
        choice = self._current()
        if choice is None:
            return
        mode = _NEXT[self._modes.pop(choice, None)]
        if mode is not None:
            self._modes[choice] = mode
        self._list.refresh_rows()

    def action_take(self) -> None:
        """Give the query of what was chosen; where nothing was chosen, what is under the cursor is taken besides."""
        choice = self._current()
        if choice is not None and self._modes == self._before:
            self._modes.setdefault(choice, Mode.ALL)
        self.dismiss(chosen(self._modes) if self._modes or self._before else None)
