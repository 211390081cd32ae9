"""The help: every command with its keys, made from the registry; those of the pane one comes from stand first.

Typing narrows it, by words or by a key; enter does what is under the cursor.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from florilege.commands import COMMANDS, Command, Keymap, Scope, by_section, shown
from florilege.query import Query, all_of, plain
from florilege.text import fold, holds_all
from florilege.tui.panes.fitting import Line, painted, width_of, wrap
from florilege.tui.panes.matching import marked
from florilege.tui.screens.narrowed import NarrowedList
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.rows import Look

_PANES = (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS)


class HelpRows:
    """Commands under their sections: those of a pane, those of everywhere, then those of the other panes."""

    def __init__(
        self, keys: Keymap, pane: Scope | None, typed: str = "", commands: Sequence[Command] = COMMANDS
    ) -> None:
        """Take what is shown.

        Args:
            keys: The keys as they are.
            pane: The pane one comes from; None where there are no panes.
            typed: Words that must all occur in what is shown of a command, or a key it has.
            commands: Those that have a meaning where one comes from.
        """
        self._keys = keys
        self._query: Query = all_of(plain(word) for word in typed.split())
        self._rows: list[tuple[str, Command | str]] = []
        key = typed.strip()
        pressed = [each for each in commands if key in map(shown, keys.of(each.id))] if key else []
        self._section("pressed", f"The key {key}", pressed)
        left = [each for each in commands if each not in pressed and self._answers(each, typed)]
        if pane is None:
            self._sections(left)
            return
        here = [each for each in left if each.scope is pane or (pane in each.footer_in and each.scope in _near(pane))]
        self._section("here", f"In the {pane.value}", here)
        self._sections([each for each in left if each not in here and each.scope not in _PANES])
        for scope in _PANES:
            there = [each for each in left if each not in here and each.scope is scope]
            self._section(scope.name, f"In the {scope.value}", there)

    def _sections(self, commands: Sequence[Command]) -> None:
        for section, theirs in by_section(commands):
            self._section(section.name, section.value, theirs)

    def _section(self, name: str, heading: str, commands: Sequence[Command]) -> None:
        if commands:
            prefix = "here-" if name in {"here", "pressed"} else ""
            self._rows += [(name, heading), *((f"{prefix}{each.id}", each) for each in commands)]

    def _answers(self, each: Command, typed: str) -> bool:
        text = f"{each.title} {each.sentence} {each.id.replace('-', ' ')} {each.section.value}"
        return holds_all(text, fold(typed).split())

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

    def command(self, index: int) -> Command | None:
        """The command of a row; None for a heading."""
        what = self._rows[index][1] if 0 <= index < len(self._rows) else None
        return what if isinstance(what, Command) else None

    def _lines(self, index: int, width: int) -> list[Line]:
        what = self._rows[index][1]
        if isinstance(what, str):
            heading: Line = (("crumb", what),)
            return [heading] if index == 0 else [(), heading]
        column = min(24, max(12, width // 4))
        keys = " ".join(shown(key) for key in self._keys.of(what.id))
        means, name = ("key", keys) if keys else ("metadata", "palette")
        pad = " " * max(1, column - width_of(name))
        first, *others = marked(wrap(what.sentence, width - column), "text", self._query)
        lines: list[Line] = [((means, name), ("text", pad), *first)]
        return lines + [(("text", " " * column), *line) for line in others]


def _near(pane: Scope) -> tuple[Scope, ...]:
    """Scopes of commands that may stand first in a pane, because its footer shows them."""
    return (Scope.ANYWHERE, pane)


class HelpScreen(NarrowedList[Command | None]):
    """What can be done here. Gives the command that was chosen, or None."""

    DEFAULT_CSS = """
    HelpScreen .narrowed { width: 96; height: 90%; }
    HelpScreen LineList { max-width: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown,ctrl+d", "page(1)", show=False, priority=True),
        Binding("pageup,ctrl+u", "page(-1)", show=False, priority=True),
        Binding("ctrl+home", "edge(-1)", show=False, priority=True),
        Binding("ctrl+end", "edge(1)", show=False, priority=True),
    ]

    def __init__(self, keys: Keymap, pane: Scope | None, commands: Sequence[Command] = COMMANDS) -> None:
        super().__init__(
            "help",
            "What can be done here",
            empty="No command says that.",
            subtitle="↵ does it · esc closes",
            typing="type words, or a key, to narrow",
        )
        self._keys = keys
        self._pane = pane
        self._commands = commands

    def rows_for(self, typed: str) -> HelpRows:
        """The commands that answer. A slash before words is a habit of those who look for something; alone, a key."""
        return HelpRows(self._keys, self._pane, typed.removeprefix("/") or typed, self._commands)

    def narrow(self, *, keep_place: bool = False) -> None:
        """Show what answers; the key that opened the help closes it, for a line for typing lets no key past it."""
        if "?" in self.query_one(Input).value:
            self.dismiss(None)
        else:
            super().narrow(keep_place=keep_place)

    def action_never_mind(self) -> None:
        """Take the words off; without any, close."""
        line = self.query_one(Input)
        if line.value:
            line.value = ""
        else:
            super().action_never_mind()

    @on(LineList.Chosen)
    def action_take(self) -> None:
        """Give the command under the cursor, to be done."""
        rows = self._list.rows
        chosen = rows.command(self._list.cursor) if isinstance(rows, HelpRows) else None
        if chosen is not None:
            self.dismiss(chosen)
