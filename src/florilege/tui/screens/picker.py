"""A picker: choices with their counts, narrowed by typing, each taken as all, any or none. It gives back a query."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from florilege.query import Query
from florilege.text import fold, grouped
from florilege.tui.panes.fitting import Line, painted, two_ends
from florilege.tui.screens.listing import Listing
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.rows import Look
from florilege.views.choices import Choice, Mode, chosen

_SIGNS = {Mode.ALL: "✓ all ", Mode.ANY: "+ any ", Mode.NONE: "− none"}
_NEXT = {None: Mode.ALL, Mode.ALL: Mode.ANY, Mode.ANY: Mode.NONE, Mode.NONE: None}


class ChoiceRows:
    """Choices, with how each is taken."""

    def __init__(self, choices: Sequence[Choice], modes: dict[Choice, Mode]) -> None:
        self.choices = choices
        self._modes = modes

    def __len__(self) -> int:
        return len(self.choices)

    def key(self, index: int) -> str:
        """The choice's label."""
        return self.choices[index].label

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
        """How it is taken, what it is, how many items it has here."""
        choice = self.choices[index]
        mode = self._modes.get(choice)
        left: Line = (("key", _SIGNS[mode] if mode else "      "), ("text", "  "), ("tag", choice.label))
        unread = grouped(choice.unread) if choice.unread else "0"
        right: Line = (("unread" if choice.unread else "metadata", unread), ("metadata", f"/{grouped(choice.items)}"))
        return [painted(two_ends(left, right, width), look.palette)]


class Picker(Listing[Query | None]):
    """Choose some of many. Gives the query they make, or None when the reader never minds."""

    DEFAULT_CSS = """
    Picker #picker { width: 64; max-width: 100%; height: 80%; border: round $border; background: $background; }
    Picker #picker { border-title-color: $foreground; border-title-style: bold; }
    Picker Input { border: none; height: 1; padding: 0 1; background: $panel; }
    Picker Input:focus { border: none; }
    Picker LineList { height: 1fr; }
    Picker #picker-hint { height: 1; padding: 0 1; color: $florilege-metadata; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "never_mind", show=False),
        Binding("tab", "turn", show=False, priority=True),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__(id="picker-screen")
        self._title = title
        self._choices = list(choices)
        self._modes: dict[Choice, Mode] = {}
        self._list = LineList(id="picker-list", empty=[Content("Nothing matches.")])

    def compose(self) -> ComposeResult:
        """A line to narrow by, the choices, and what the keys do."""
        with Vertical(id="picker") as box:
            box.border_title = self._title
            yield Input(placeholder="type to narrow")
            yield self._list
            yield Static(Content("tab all, any, none · ↵ take · esc never mind"), id="picker-hint", markup=False)

    def on_mount(self) -> None:
        """Show all choices, ready to type."""
        self._list.can_focus = False
        self._show("")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _narrowed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    def _show(self, typed: str) -> None:
        words = fold(typed).split()
        matching = [choice for choice in self._choices if all(word in fold(choice.label) for word in words)]
        self._list.show(ChoiceRows(matching, self._modes), keep_place=bool(self._list.cursor_key))

    def _current(self) -> Choice | None:
        rows = self._list.rows
        if not isinstance(rows, ChoiceRows) or not 0 <= self._list.cursor < len(rows):
            return None
        return rows.choices[self._list.cursor]

    def action_turn(self) -> None:
        """Take the choice under the cursor as the next of all, any, none, or not at all."""
        choice = self._current()
        if choice is None:
            return
        mode = _NEXT[self._modes.pop(choice, None)]
        if mode is not None:
            self._modes[choice] = mode
        self._list.refresh_rows()
        self._list.move(1)

    def action_take(self) -> None:
        """Give the query of what was chosen; without any choice, of what is under the cursor."""
        choice = self._current()
        modes = self._modes or ({choice: Mode.ALL} if choice else {})
        self.dismiss(chosen(modes) if modes else None)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        # Not a binding of the screen: that would be heard before what was typed just before it.
        event.stop()
        self._show(event.value)
        self.action_take()

    def action_never_mind(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    @on(LineList.Chosen)
    def _clicked(self) -> None:
        self.action_turn()
