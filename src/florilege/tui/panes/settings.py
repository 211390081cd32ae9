"""The rows of the settings: each with its value and its sentence; and those of the keys. Plain values in, lines out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textual.content import Content

from florilege.commands import COMMANDS, Command, Keymap, by_section, shown
from florilege.settings.config import TITLES
from florilege.settings.kinds import Setting, same
from florilege.text import holds_all, search_key
from florilege.tui.panes.fitting import Line, cut, painted, two_ends, width_of, wrap
from florilege.tui.widgets.rows import RowStyle

WIDTHS = "widths"
"""Key of the row that gives all panes their usual widths."""


@dataclass(frozen=True, slots=True)
class _Row:
    key: str
    heading: str = ""
    setting: Setting | None = None
    command: Command | None = None


class _Rows:
    """Rows under headings."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> str:
        """The name of a setting or command."""
        return self.rows[index].key

    def height(self, index: int, width: int) -> int:
        """As many lines as it takes."""
        return len(self.lines(index, width))

    def selectable(self, index: int) -> bool:
        """All but headings."""
        return not self.rows[index].heading

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """The lines of a row."""
        return [painted(line, style.palette) for line in self.lines(index, width)]

    def words(self, index: int) -> str:
        """What a row says."""
        raise NotImplementedError

    def lines(self, index: int, width: int) -> list[Line]:
        """The lines of a row before their colours are known."""
        raise NotImplementedError

    def _heading(self, index: int, text: str) -> list[Line]:
        heading: Line = (("crumb", text),)
        return [heading] if index == 0 else [(), heading]


class SettingRows(_Rows):
    """The settings under the names of their tables."""

    def __init__(self, settings: Sequence[Setting], values: Mapping[str, Any], typed: str = "") -> None:
        """Take what is shown.

        Args:
            settings: Which settings.
            values: The value of each by `section.name`; one that is missing has its default.
            typed: Words that must all occur in what is shown of a setting.
        """
        rows: list[_Row] = []
        words = search_key(typed).split()
        for section, title in TITLES.items():
            here = [
                _Row(each.field, setting=each)
                for each in settings
                if each.section == section
                if holds_all(f"{title} {each.title} {each.field} {each.sentence}", words)
            ]
            if section == "look" and holds_all(f"{title} {_WIDTHS_TITLE} {_WIDTHS_SENTENCE}", words):
                here.append(_Row(WIDTHS))
            rows += [_Row(f"heading-{section}", heading=title), *here] if here else []
        super().__init__(rows)
        self._values = values

    def words(self, index: int) -> str:
        """The title, the value and the sentence; a heading."""
        row = self.rows[index]
        if row.setting is None:
            return row.heading or f"{_WIDTHS_TITLE}. {_WIDTHS_SENTENCE}"
        return f"{row.setting.title}: {self.value(row.setting)}. {row.setting.sentence}"

    def setting(self, index: int) -> Setting | None:
        """The setting of a row; None for a heading and the widths."""
        return self.rows[index].setting if 0 <= index < len(self.rows) else None

    def value(self, setting: Setting) -> Any:
        """What a setting is now."""
        return self._values.get(setting.field, setting.default_value)

    def lines(self, index: int, width: int) -> list[Line]:
        """Title and value, then what it means."""
        row = self.rows[index]
        if row.heading:
            return self._heading(index, row.heading)
        if row.setting is None:
            return self._row(_WIDTHS_TITLE, (("key", "↵ the default ones"),), _WIDTHS_SENTENCE, width)
        setting, value = row.setting, self.value(row.setting)
        said = setting.said(value)
        is_usual = same(value, setting.default_value)
        right: Line = (("text" if is_usual else "key", said),)
        sentence = setting.sentence
        if not is_usual and setting.default_value is not None:
            sentence += f" Default: {setting.said(setting.default_value)}."
        return self._row(setting.title, right, sentence, width)

    def _row(self, title: str, right: Line, sentence: str, width: int) -> list[Line]:
        room = max(8, width - 3)
        if sum(width_of(text) for _, text in right) > room // 2:
            right = cut(right, room // 2)
        told: list[Line] = [(("text", "  "), ("metadata", line)) for line in wrap(sentence, room)]
        return [two_ends((("text", title),), right, width - 1), *told]


_WIDTHS_TITLE = "Widths of the panes"
_WIDTHS_SENTENCE = "Panes become wider and narrower by keys, or by the mouse; here they go back."


class KeyRows(_Rows):
    """The commands with their keys, under their sections."""

    def __init__(self, keys: Keymap, changed: Mapping[str, Sequence[str]], typed: str = "") -> None:
        """Take what is shown.

        Args:
            keys: The keys as they are.
            changed: The wishes of the reader among them.
            typed: Words that must all occur in what is shown of a command, or a key it has.
        """
        rows: list[_Row] = []
        words = search_key(typed).split()
        for section, commands in by_section(
            each
            for each in COMMANDS
            if typed.strip() in map(shown, keys.of(each.id)) or holds_all(f"{each.title} {each.sentence}", words)
        ):
            rows.append(_Row(f"heading-{section.name}", heading=section.value))
            rows += [_Row(each.id, command=each) for each in commands]
        super().__init__(rows)
        self._keys = keys
        self._changed = changed

    def words(self, index: int) -> str:
        """The keys and the title of a command; a heading."""
        row = self.rows[index]
        return f"{self._keys.label(row.command.id)}  {row.command.title}" if row.command else row.heading

    def command(self, index: int) -> Command | None:
        """The command of a row; None for a heading."""
        return self.rows[index].command if 0 <= index < len(self.rows) else None

    def lines(self, index: int, width: int) -> list[Line]:
        """Keys, what the command is called, and whether the keys are the reader's own."""
        row = self.rows[index]
        if row.command is None:
            return self._heading(index, row.heading)
        column = min(20, max(10, width // 4))
        keys = " ".join(shown(key) for key in self._keys.of(row.command.id)) or "–"
        pad = " " * max(1, column - width_of(keys))
        left: Line = (("key", keys), ("text", pad + row.command.title))
        is_own = row.command.id in self._changed
        usual = " ".join(shown(key) for key in row.command.keys) or "none"
        return [two_ends(left, (("metadata", f"default {usual}"),) if is_own else (), width - 1)]
