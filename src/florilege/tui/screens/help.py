"""The help: every command with its keys, made from the registry; those of the pane one comes from stand first.

Typing narrows it, by words or by a key; enter does what is under the cursor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.content import Content

from florilege.commands import COMMANDS, Command, Keymap, Scope, by_section, shown
from florilege.query.nodes import Query, all_of, plain
from florilege.text import holds_all, search_key
from florilege.tui.panes.fitting import Line, painted, width_of, wrap
from florilege.tui.panes.matching import marked
from florilege.tui.screens.dialogue import Dialogue
from florilege.tui.widgets.rows import RowStyle

SIGNS = (
    ("●", "unread"), ("◆ ◇", "selected: unread, read"), ("★", "starred"), ("❝5", "highlights of an item"),
    ("+2", "highlights that are new since you read it"), ("✎1", "notes and comments"),
    ("◉9", "views, where the service counts them"), ("×2", "how often the page was shared"),
    ("15/23", "unread, of all items of a group or tag"), ("▸ ▾", "the tags of a group are hidden, shown"),
    ("!3", "warnings of the last refresh; the overview tells them"),
    ("⚠", "could not be refreshed, or read"), ("↳", "a reply"), ("[1]", "a link: its number, then its key, opens it"),
)  # fmt: skip
"""What is drawn beside words, and what it says."""

_PANES = (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS)


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that is drawn beside words, and what it says."""

    sign: str
    meaning: str


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
        self._rows: list[tuple[str, Command | Sign | str]] = []
        key = typed.strip()
        pressed = [each for each in commands if key in map(shown, keys.of(each.id))] if key else []
        self._section("pressed", f"The key {key}", pressed)
        left = [each for each in commands if each not in pressed and self._answers(each, typed)]
        if pane is None:
            self._sections(left)
            return
        self._from_pane(pane, left)
        words = search_key(typed).split()
        signs = [Sign(*each) for each in SIGNS if holds_all(f"Signs {each[0]} {each[1]}", words)]
        if signs:
            self._rows += [("signs", "Signs"), *((f"sign-{each.sign}", each) for each in signs)]

    def _from_pane(self, pane: Scope, left: Sequence[Command]) -> None:
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
        return holds_all(text, search_key(typed).split())

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

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """Keys at the left, what they do at the right."""
        return [painted(line, style.palette) for line in self._lines(index, width)]

    def words(self, index: int) -> str:
        """The keys and the sentence of a command; a sign and its meaning; a heading."""
        what = self._rows[index][1]
        if isinstance(what, Command):
            return f"{self._keys.label(what.id)}  {what.sentence}"
        return f"{what.sign}  {what.meaning}" if isinstance(what, Sign) else what

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
        if isinstance(what, Sign):
            means, name, sentence = "text", what.sign, what.meaning
        else:
            keys = " ".join(shown(key) for key in self._keys.of(what.id))
            means, name, sentence = ("key", keys, what.sentence) if keys else ("metadata", "palette", what.sentence)
        pad = " " * max(1, column - width_of(name))
        first, *others = marked(wrap(sentence, width - column), "text", self._query)
        lines: list[Line] = [((means, name), ("text", pad), *first)]
        return lines + [(("text", " " * column), *line) for line in others]


def _near(pane: Scope) -> tuple[Scope, ...]:
    """Scopes of commands that may stand first in a pane, because its footer shows them."""
    return (Scope.ANYWHERE, pane)


class HelpScreen(Dialogue[Command | None]):
    """What can be done here. Gives the command that was chosen, or None."""

    DEFAULT_CSS = "HelpScreen .dialogue { width: 96; height: 90%; }"
    OPENED_BY: ClassVar[str] = "help"

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

    def action_take(self) -> None:
        """Give the command under the cursor, to be done."""
        rows = self._list.rows
        chosen = rows.command(self._list.cursor) if isinstance(rows, HelpRows) else None
        if chosen is not None:
            self.dismiss(chosen)
