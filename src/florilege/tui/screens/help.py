"""The help: every command with its keys, made from the registry; those of the pane one comes from stand first."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from florilege.commands import Command, Keymap, Scope, by_section, shown
from florilege.tui.panes.fitting import Line, painted, width_of, wrap
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.rows import Look


class HelpRows:
    """Commands under their sections."""

    def __init__(self, keys: Keymap, pane: Scope) -> None:
        self._keys = keys
        self._rows: list[tuple[str, Command | str]] = []
        sections = by_section()
        here = [each for _, commands in sections for each in commands if each.scope is pane]
        if here:
            self._rows += [("here", f"In the {pane.value}"), *((f"here-{each.id}", each) for each in here)]
        for section, commands in sections:
            rest = [(each.id, each) for each in commands if each.scope is not pane]
            if rest:
                self._rows += [(section.name, section.value), *rest]

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> str:
        """The command's id, or the section."""
        return self._rows[index][0]

    def height(self, index: int, width: int) -> int:
        """As many lines as the sentence takes; a heading has one around it."""
        return len(self._lines(index, width))

    def selectable(self, index: int) -> bool:
        """Commands."""
        return isinstance(self._rows[index][1], Command)

    def render(self, index: int, width: int, look: Look) -> Sequence[Content]:
        """Keys at the left, what they do at the right."""
        return [painted(line, look.palette) for line in self._lines(index, width)]

    def _lines(self, index: int, width: int) -> list[Line]:
        what = self._rows[index][1]
        if isinstance(what, str):
            heading: Line = (("crumb", what),)
            return [heading] if index == 0 else [(), heading]
        column = min(24, max(12, width // 4))
        keys = " ".join(shown(key) for key in self._keys.of(what.id)) or "palette"
        sentences = wrap(what.sentence, width - column)
        pad = " " * max(1, column - width_of(keys))
        lines: list[Line] = [(("key", keys), ("text", pad + sentences[0]))]
        return lines + [(("text", " " * column + line),) for line in sentences[1:]]


class HelpScreen(ModalScreen[None]):
    """What can be done here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Close", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("space,pagedown,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
        Binding("g,home", "edge(-1)", show=False),
        Binding("G,end", "edge(1)", show=False),
    ]

    def __init__(self, keys: Keymap, pane: Scope) -> None:
        super().__init__(id="help")
        self._list = LineList(HelpRows(keys, pane), id="help-list")

    def compose(self) -> ComposeResult:
        """One list."""
        self._list.border_title = "What can be done here"
        self._list.border_subtitle = "esc closes"
        yield self._list

    def action_move(self, delta: int) -> None:
        """Move by a row."""
        self._list.move(delta)

    def action_page(self, direction: int) -> None:
        """Move by a page."""
        self._list.page(direction)

    def action_edge(self, direction: int) -> None:
        """Go to the first or last row."""
        if direction > 0:
            self._list.end()
        else:
            self._list.home()
