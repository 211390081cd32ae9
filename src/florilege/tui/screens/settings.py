"""The settings: what people change, written at once to the file and held to at once. Its other page is the keys.

Nothing is changed by a key that moves, nor by a click: enter shows what a setting can be, and there one picks.
"""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Protocol

from textual import events, work
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from florilege.commands import COMMANDS, RESERVED, Command, Keymap, shown, spelt
from florilege.files import NotWritten
from florilege.merge import Retention, spent
from florilege.settings import load
from florilege.settings.config import changeable
from florilege.settings.kinds import Setting, same
from florilege.settings.toml_files import set_value, unset_value, values_set
from florilege.text import counted
from florilege.tui.panes.fitting import wrap
from florilege.tui.panes.settings import WIDTHS, KeyRows, SettingRows
from florilege.tui.screens.dialogue import Dialogue
from florilege.tui.screens.picker import Offer, Picker
from florilege.tui.theme import theme_names
from florilege.tui.world import AppContext

_SETTING_HINTS = ("↵ change", "tab keys", "esc close")
_KEY_HINTS = ("↵ change", "tab settings", "esc close")
_CHANGES = (("Another key", "another"), ("One more key", "more"), ("No key", "none"), ("The default keys", "default"))


class Holder(Protocol):
    """The screen that holds to the settings."""

    world: AppContext

    def reset_widths(self) -> None:
        """Give all panes their default widths."""


class _Said(Widget):
    """What was said last, on as many lines as it takes; unlike Textual's own text it keeps no-break spaces."""

    text = ""

    def show(self, text: str) -> None:
        """Say this."""
        self.text = text
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as it takes."""
        return len(wrap(self.text, width))

    def render(self) -> Content:
        """The lines."""
        return Content("\n".join(wrap(self.text, self.content_size.width)))


class SettingsScreen(Dialogue[None]):
    """Settings and keys."""

    DEFAULT_CSS = """
    SettingsScreen .dialogue { width: 88; height: 90%; padding: 0 1; }
    SettingsScreen _Said { height: auto; max-height: 4; color: $florilege-metadata; }
    """
    OPENED_BY: ClassVar[str] = "settings"

    def __init__(self, holder: Holder) -> None:
        """Take the screen that holds to the settings."""
        super().__init__("settings", "Settings", empty="No setting says that.")
        self._holder = holder
        self._file = holder.world.settings
        self._said = _Said(id="settings-said")
        self._beneath.append(self._said)
        self._on_keys = False
        self._awaits: tuple[Command, bool] | None = None
        """The command whose key is pressed next, and whether it keeps those it has."""

    def bindings_of(self, keys: Keymap) -> Iterator[Binding]:
        """Tab turns to the other page."""
        yield from super().bindings_of(keys)
        for key in ("tab", "shift+tab"):
            yield Binding(key, "turn", show=False, priority=True)

    # Showing

    @property
    def said(self) -> str:
        """What is said beneath the rows."""
        return self._said.text

    def _say(self, text: str) -> None:
        self._said.show(text)

    def _say_keys(self) -> None:
        """Say what the keys do. No hint is broken in two."""
        hints = _KEY_HINTS if self._on_keys else _SETTING_HINTS
        self._say("\xa0· ".join(each.replace(" ", "\xa0") for each in hints))

    def rows_for(self, typed: str) -> SettingRows | KeyRows:
        """The settings, or the commands with their keys, in which all words occur."""
        world = self._holder.world
        self._box.border_title = "Keys" if self._on_keys else "Settings"
        if not self._said.text:
            self._say_keys()
        if self._on_keys:
            return KeyRows(world.keys, world.config.keys, typed)
        return SettingRows(changeable(theme_names()), values_set(self._file), typed)

    def narrow(self, *, keep_place: bool = False) -> None:
        """Show what answers to what is typed."""
        super().narrow(keep_place=keep_place)
        self._box.border_subtitle = _short(self._file)

    def action_turn(self) -> None:
        """Turn to the other page."""
        self._on_keys = not self._on_keys
        self._say_keys()
        self.narrow()
        self._list.home()

    # Changing settings

    def action_take(self) -> None:
        """Show what a setting can be, or how the keys of a command can be changed."""
        rows = self._list.rows
        if isinstance(rows, KeyRows) and (wanted := rows.command(self._list.cursor)):
            offers = [Offer(label, value) for label, value in _CHANGES]
            self.app.push_screen(Picker(wanted.title, offers, verb="does it"), partial(self._change_keys, wanted))
        elif self._list.cursor_key == WIDTHS:
            self._holder.reset_widths()
            self._say("All panes have their default widths.")
        elif isinstance(rows, SettingRows) and (setting := rows.setting(self._list.cursor)):
            self._pick(setting, rows.value(setting))

    def _pick(self, setting: Setting, value: Any) -> None:
        """Let one pick among the values of a setting; a theme is tried while the cursor is on it."""
        values = list(setting.steps) if setting.steps else [setting.default_value]
        if not any(same(each, value) for each in values):
            values.insert(0, value)
        now = next(place for place, each in enumerate(values) if same(each, value))
        offers: list[Offer[Any]] = []
        for place, each in enumerate(values):
            hints = ["now"] if place == now else []
            offers.append(
                Offer(setting.said(each), (each,), " · ".join(hints + ["default"] * same(each, setting.default_value)))
            )
        before, is_theme = self.app.theme, setting.field == "look.theme"

        def tried(picked: tuple[Any]) -> None:
            self.app.theme = picked[0] or before

        def done(picked: tuple[Any] | None) -> None:
            if is_theme:
                self.app.theme = before
            if picked is not None and not same(picked[0], value):
                self._set(setting, picked[0])

        picker: Picker[tuple[Any]] = Picker(
            setting.title, offers, verb="sets it", start=(value,), tried=tried if is_theme else None,
            typed=None if setting.steps else lambda text: Offer(text, (text,), "as typed"),
        )  # fmt: skip
        self.app.push_screen(picker, done)

    @work(group="settings", name="set", description="Changing a setting", exit_on_error=False)
    async def _set(self, setting: Setting, value: Any) -> None:
        """Set it; where read items would go for it, ask before."""
        going = await asyncio.to_thread(self._would_go, setting, value) if setting.section == "library" else 0
        said = f"{setting.title}: {setting.said(value)}."
        if going:
            items = counted(going, "read item")
            offers = [Offer(f"Keep them: leave “{setting.title}” as it is", False), Offer(f"Let {items} go", True)]
            question: Picker[bool] = Picker(f"{items} would go", offers, verb="does it")
            sure = await self.app.push_screen_wait(question)
            if not sure:
                self._say(f"{setting.title} is as it was.")
                return
            said += f" {items} will go when florilege closes; for a week `florilege restore` brings them back."

        def change(path: Path) -> None:
            if value is None or same(value, setting.default_value):
                unset_value(path, setting.section, setting.name)
            else:
                set_value(path, setting.section, setting.name, value)

        self._change(change, said)

    def _would_go(self, setting: Setting, value: Any) -> int:
        """How many items would go if this were set, in all groups. For a worker thread."""
        world = self._holder.world
        keeping = world.config.library
        wanted = {"keep_days": keeping.keep_days, "keep_items": keeping.keep_items, setting.name: value or None}
        retention, library = Retention(**wanted), world.state.library
        if not retention.is_on:
            return 0
        now = world.state.clock()
        return sum(
            len(spent(library.heads(group.id), library.states(group.id), retention, now=now))
            for group in library.groups()
        )

    def _change(self, change: Callable[[Path], None], said: str) -> None:
        """Write, and hold to what is written."""
        if self._file is None:
            self._say("Settings can't be written here.")
            return
        try:
            change(self._file)
        except NotWritten as error:
            self._say(str(error))
            return
        config = load(self._file)
        self.app.adopt(config)  # type: ignore[attr-defined]
        self.bind_keys(self._holder.world.keys)
        self.narrow(keep_place=True)
        self._say(" ".join([said, *config.warnings[:1], *self._holder.world.keys.problems[:1]]))

    # Changing keys

    def _change_keys(self, wanted: Command, how: str | None) -> None:
        if how in ("another", "more"):
            self._awaits = (wanted, how == "more")
            self._hear_keys(here=True)
            self._say(f"Press the key for “{wanted.title}”. Escape: never mind.")
        elif how == "none":
            self._change(lambda path: set_value(path, "keys", wanted.id, ()), f"“{wanted.title}” has no key now.")
        elif how == "default":
            self._change(lambda path: self._give_back(path, wanted), f"“{wanted.title}” has its default keys.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a key is asked for, no key does what it usually does."""
        return self._awaits is None

    def on_key(self, event: events.Key) -> None:
        """Take the key that was asked for."""
        if self._awaits is None:
            return
        event.stop()
        event.prevent_default()
        wanted, keeps = self._awaits
        self._awaits = None
        self._hear_keys(here=False)
        if event.key == "escape":
            self._say_keys()
        else:
            self._give(wanted, event.key, keeps=keeps)

    def _hear_keys(self, *, here: bool) -> None:
        """Hear the next key here, and not in the line for typing; or there again."""
        if self._line is not None:
            self._line.disabled = here
            self.set_focus(None if here else self._line)

    def _give(self, wanted: Command, key: str, *, keeps: bool) -> None:
        """Give a command a key, and say at once what that costs another."""
        world = self._holder.world
        if key in RESERVED:
            self._say(f"{shown(key)} always quits: it can't be given away.")
            return
        owner = next((each for each in COMMANDS if key in world.keys.of(each.id) and each.id != wanted.id), None)
        if owner is not None and owner.id in world.config.keys:
            self._say(f"{shown(key)} is the key you gave to “{owner.title}”. Give that another one first.")
            return
        keys = [*(world.keys.of(wanted.id) if keeps else ()), key]
        said = f"{shown(key)} is “{wanted.title}” now."
        left = [each for each in world.keys.of(owner.id) if each != key] if owner else []
        if owner is not None:
            kept = " ".join(map(shown, left))
            said += f" “{owner.title}” keeps {kept}." if left else f" “{owner.title}” has no key any more."

        def change(path: Path) -> None:
            set_value(path, "keys", wanted.id, list(dict.fromkeys(keys)))
            if owner is not None:  # written, too: the reader knows of it, and need not be told at every start
                set_value(path, "keys", owner.id, left)

        self._change(change, said)

    def _give_back(self, path: Path, wanted: Command) -> None:
        """Let a command have its default keys, and those it took them from theirs."""
        keys = {name: set(map(spelt, own)) for name, own in self._holder.world.config.keys.items()}
        back = keys.get(wanted.id, set())
        unset_value(path, "keys", wanted.id)
        for each in COMMANDS:
            own = keys.get(each.id, set(each.keys))
            missing = set(each.keys) - own
            if missing and missing <= back and own <= set(each.keys):
                unset_value(path, "keys", each.id)


def _short(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
