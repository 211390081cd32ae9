"""The settings screen: changes are written to the file and applied at once.

Enter or a click only opens a picker of the possible values, so no setting is changed by accident.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from textual.content import Content
from textual.widgets import Static

from florilege.files import NotWritten
from florilege.merge import spent
from florilege.settings import load
from florilege.settings.config import TITLES, changeable
from florilege.settings.kinds import Setting, same
from florilege.settings.toml_files import set_value
from florilege.store import LibraryUnreadable, NoSuchGroup
from florilege.text import counted, holds_all, search_key
from florilege.tui.panes.fitting import cut, two_ends
from florilege.tui.screens.dialogue import Dialogue, under_headings
from florilege.tui.screens.picker import Offer, Picker
from florilege.tui.theme import theme_names
from florilege.tui.widgets.lines import Line, drawable, width_of, wrap
from florilege.tui.widgets.rows import Row

_WIDTHS = ("Widths of the panes", "Keys make panes wider and narrower; this restores the default.")
"""The row that resets the widths of all panes: its title, and what it means."""


class SettingsScreen(Dialogue[None]):
    """Lists the settings, and changes them."""

    DEFAULT_CSS = """
    SettingsScreen #settings-message { height: auto; max-height: 4; padding: 0 1; color: $florilege-key; }
    """

    def __init__(self, file: Path | None, reset_widths: Callable[[], None]) -> None:
        """Create the screen.

        Args:
            file: The settings file; None if there is none to write to.
            reset_widths: Resets all panes to their default widths.
        """
        super().__init__(
            "settings", " · ".join(filter(None, ["Settings", _short(file)])), self._rows, verb="changes it",
            empty="No setting matches.", opened_by="settings",
        )  # fmt: skip
        self._file, self._reset_widths = file, reset_widths
        self._message = Static(id="settings-message", markup=False)
        self.beneath.append(self._message)
        self.message = ""
        """The message beneath the rows."""

    # Showing

    def _say(self, text: str) -> None:
        self.message = text
        self._message.update(Content(drawable(text)))
        self._message.display = bool(text)

    def _rows(self, typed: str) -> list[Row]:
        return _setting_rows(self._given(), typed)

    def _given(self) -> Mapping[str, Any]:
        return load(self._file).given if self._file else {}

    def narrow(self, *, keep_place: bool = False) -> None:
        """Filter the rows by the typed text; the message is cleared unless the place is kept."""
        if not keep_place:
            self._say("")
        super().narrow(keep_place=keep_place)

    def action_take(self) -> None:
        """Let the reader pick another value of a setting."""
        wanted = self.value
        if wanted == _WIDTHS:
            self._reset_widths()
            self._say("All panes have their default widths.")
        elif isinstance(wanted, Setting):
            self.run_worker(self._change_setting(wanted), group="command", name="setting")

    # Changing settings

    async def _change_setting(self, setting: Setting) -> None:
        """Let the reader pick a value of a setting, and set it; confirm first if it would remove read items."""
        value = self._given().get(setting.field, setting.default_value)
        picked = await self._picked(setting, value)
        if picked is None or same(picked[0], value):
            return
        (value,), message = picked, f"{setting.title}: {setting.wording(picked[0])}."
        going = await asyncio.to_thread(self._would_go, setting, value) if setting.section == "library" else 0
        if going:
            items = counted(going, "read item")
            offers = [Offer(f"Keep them: leave “{setting.title}” as it is", False), Offer(f"Remove {items}", True)]
            if not await self.app.push_screen_wait(Picker(f"{items} would be removed", offers, verb="chooses it")):
                self._say(f"{setting.title} was not changed.")
                return
            message += (
                f" {items} will be removed when florilege closes; for a week `florilege restore` brings them back."
            )

        if self._file is None:
            self._say("Settings can't be written here.")
            return
        is_default = value is None or same(value, setting.default_value)
        try:
            set_value(self._file, setting.section, setting.name, None if is_default else value)
        except NotWritten as error:
            self._say(str(error))
            return
        config = load(self._file)
        self.app.adopt(config)  # type: ignore[attr-defined]
        self.narrow(keep_place=True)
        self._say(" ".join([message, *config.warnings[:1]]))

    async def _picked(self, setting: Setting, value: Any) -> tuple[Any] | None:
        """Let the reader pick a value (the current one is always offered), or type one if any is allowed.

        Themes are previewed while the cursor is on them.

        Returns:
            The value in a tuple, since it may itself be None; None if the reader cancels.
        """
        values = list(setting.steps) if setting.steps else [setting.default_value]
        if not any(same(each, value) for each in values):
            values.insert(0, value)
        offers = []
        for each in values:
            hints = ["now"] * same(each, value) + ["default"] * same(each, setting.default_value)
            offers.append(Offer(setting.wording(each), (each,), " · ".join(hints)))
        before, is_theme = self.app.theme, setting.field == "look.theme"

        def tried(picked: tuple[Any]) -> None:
            self.app.theme = picked[0] if picked[0] in theme_names() else before  # the file may name an unknown one

        picker = Picker(
            setting.title, offers, verb="sets it", start=(value,), tried=tried if is_theme else None,
            typed=None if setting.steps else lambda text: Offer(text, (text,), "as typed"),
        )  # fmt: skip
        picked = await self.app.push_screen_wait(picker)
        if is_theme:
            self.app.theme = before
        return picked

    def _would_go(self, setting: Setting, value: Any) -> int:
        """The number of items in all groups that this value would remove. Slow: call it in a worker thread."""
        context = self.context
        keeping = context.config.library
        limits = {"keep_days": keeping.keep_days, "keep_items": keeping.keep_items, setting.name: value or None}
        library = context.state.library
        if set(limits.values()) == {None}:
            return 0
        now, number = context.state.clock(), 0
        for group in library.groups():
            with suppress(NoSuchGroup, LibraryUnreadable):  # purging skips these groups as well
                number += len(spent(library.summaries(group.id), library.states(group.id), **limits, now=now))
        return number


def _setting_rows(values: Mapping[str, Any], typed: str) -> list[Row]:
    """Rows of the matching settings, grouped by table of the file; a missing value means the default."""
    words = search_key(typed).split()
    parts: dict[str, list[Row]] = {title: [] for title in TITLES.values()}
    for each in changeable(theme_names()):
        title = TITLES[each.section]
        if holds_all(f"{title} {each.title} {each.field} {each.sentence}", words):
            value = values.get(each.field, each.default_value)
            wording, is_usual = each.wording(value), same(value, each.default_value)
            sentence = each.sentence
            if not is_usual and each.default_value is not None:
                sentence += f" Default: {each.wording(each.default_value)}."
            lines = partial(_lines, each.title, ("text" if is_usual else "key", wording), sentence)
            parts[title].append(Row(each.field, lines, f"{each.title}: {wording}. {sentence}", each))
    if holds_all(f"{TITLES['look']} {' '.join(_WIDTHS)}", words):
        lines = partial(_lines, _WIDTHS[0], ("key", "↵ the default ones"), _WIDTHS[1])
        parts[TITLES["look"]].append(Row("widths", lines, ". ".join(_WIDTHS), _WIDTHS))
    return under_headings(parts.items())


def _lines(title: str, value: tuple[str, str], sentence: str, width: int) -> list[Line]:
    """Title and value, then a description."""
    room = max(8, width - 3)
    right: Line = (value,)
    if width_of(value[1]) > room // 2:
        right = cut(right, room // 2)
    description: list[Line] = [(("text", "  "), ("metadata", line)) for line in wrap(sentence, room)]
    return [two_ends((("text", title),), right, width - 1), *description]


def _short(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
