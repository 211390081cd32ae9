"""The settings: what people change, written at once to the file and held to at once. Its other page is the keys."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from florilege.commands import COMMANDS, RESERVED, Command, command, shown, spelt
from florilege.settings import load
from florilege.settings.kinds import Setting, same
from florilege.settings.settings import changeable
from florilege.settings.toml_files import NotWrittenError, set_value, unset_value, values_set
from florilege.tui.panes.fitting import wrap
from florilege.tui.panes.settings import WIDTHS, KeyRows, SettingRows
from florilege.tui.screens.listing import Listing
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from florilege.tui.screens.settling import Settling

_SETTING_HINTS = ("←→ change", "⌫ the usual", "tab keys", "esc close")
_KEY_HINTS = ("↵ another key", "+ one more", "x none", "⌫ the usual", "tab settings", "esc close")


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


class SettingsScreen(Listing[None]):
    """Settings and keys."""

    DEFAULT_CSS = """
    SettingsScreen #settings { width: 88; max-width: 100%; height: 90%; border: round $border; padding: 0 1; }
    SettingsScreen #settings { border-title-color: $foreground; border-title-style: bold; background: $background; }
    SettingsScreen #settings { border-subtitle-color: $florilege-metadata; }
    SettingsScreen LineList { height: 1fr; }
    SettingsScreen #settings-said { height: auto; max-height: 4; color: $florilege-metadata; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,comma", "leave", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("pagedown,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
        Binding("g,home", "edge(-1)", show=False),
        Binding("G,end", "edge(1)", show=False),
        Binding("l,right,space,enter", "change(1)", show=False),
        Binding("h,left", "change(-1)", show=False),
        Binding("plus", "add_key", show=False),
        Binding("x", "no_key", show=False),
        Binding("backspace", "usual", show=False),
        Binding("tab,shift+tab", "turn", show=False, priority=True),
    ]

    def __init__(self, reading: "Settling") -> None:
        """Take the screen that holds to the settings."""
        super().__init__(id="settings-screen")
        self._reading = reading
        self._file = reading.world.settings
        self._list = LineList(id="settings-list")
        self._said = _Said(id="settings-said")
        self._prompt = Prompt()
        self._on_keys = False
        self._awaits: tuple[Command, bool] | None = None
        """The command whose key is pressed next, and whether it keeps those it has."""

    def compose(self) -> ComposeResult:
        """The rows, and a line of what was said."""
        with Vertical(id="settings"):
            yield self._list
            yield self._prompt
            yield self._said

    def on_mount(self) -> None:
        """Begin with the settings."""
        self._list.focus()
        self._show()
        self._list.home()
        self._hint()

    # Showing

    @property
    def said(self) -> str:
        """What is said beneath the rows."""
        return self._said.text

    def _say(self, text: str) -> None:
        self._said.show(text)

    def _hint(self) -> None:
        """Say what the keys do. No hint is broken in two."""
        hints = _KEY_HINTS if self._on_keys else _SETTING_HINTS
        self._say("\xa0· ".join(each.replace(" ", "\xa0") for each in hints))

    def _show(self) -> None:
        world = self._reading.world
        self.query_one("#settings").border_title = "Keys" if self._on_keys else "Settings"
        self.query_one("#settings").border_subtitle = _short(self._file)
        if self._on_keys:
            self._list.show(KeyRows(world.keys, world.config.keys))
        else:
            themes = sorted(self.app.available_themes, key=lambda name: (not name.startswith("florilege"), name))
            self._list.show(SettingRows(changeable(themes), values_set(self._file)))

    # Moving

    def action_turn(self) -> None:
        """Turn to the other page."""
        if not self._prompt.is_open:
            self._on_keys = not self._on_keys
            self._show()
            self._list.home()
            self._hint()

    def action_leave(self) -> None:
        """Close; what was changed is written already."""
        if self._prompt.is_open:
            self._prompt.close()
            self.set_focus(self._list)
        else:
            self.dismiss(None)

    # Changing settings

    @on(LineList.Chosen)
    def _clicked(self) -> None:
        self.action_change(1)

    def action_change(self, direction: int) -> None:
        """Set what is under the cursor to its next value; ask for a key, on the other page."""
        rows = self._list.rows
        if isinstance(rows, KeyRows):
            self._await_key(keeps=False)
            return
        if not isinstance(rows, SettingRows):
            return
        if self._list.cursor_key == WIDTHS:
            self._reading.reset_widths()
            self._say("All panes have their usual widths.")
            return
        setting = rows.setting(self._list.cursor)
        if setting is None:
            return
        if setting.steps:
            self._set(setting, setting.after(rows.value(setting), direction))
        else:
            self._prompt.ask(setting.field, f"{setting.title}:", "", str(rows.value(setting) or ""))

    @on(Prompt.Entered)
    def _typed(self, event: Prompt.Entered) -> None:
        event.stop()
        self._prompt.close()
        self.set_focus(self._list)
        rows = self._list.rows
        setting = rows.setting(self._list.cursor) if isinstance(rows, SettingRows) else None
        if setting is not None:
            self._set(setting, event.text or None)

    def action_usual(self) -> None:
        """Set what is under the cursor back to what it usually is."""
        rows = self._list.rows
        if isinstance(rows, SettingRows):
            setting = rows.setting(self._list.cursor)
            if setting is not None:
                self._set(setting, setting.default_value)
        elif isinstance(rows, KeyRows) and (wanted := rows.command(self._list.cursor)) is not None:
            self._change(lambda path: self._give_back(path, wanted), f"“{wanted.title}” has its usual keys.")

    def _set(self, setting: Setting, value: Any) -> None:
        def change(path: Path) -> None:
            if value is None or same(value, setting.default_value):
                unset_value(path, setting.section, setting.name)
            else:
                set_value(path, setting.section, setting.name, value)

        self._change(change, f"{setting.title}: {setting.said(value)}.")

    def _change(self, change: Callable[[Path], None], said: str) -> None:
        """Write, and hold to what is written."""
        if self._file is None:
            self._say("Settings can't be written here.")
            return
        try:
            change(self._file)
        except NotWrittenError as error:
            self._say(str(error))
            return
        config = load(self._file)
        self.app.adopt(config)  # type: ignore[attr-defined]
        self._show()
        self._say(" ".join([said, *config.warnings[:1], *self._reading.world.keys.problems[:1]]))

    # Changing keys

    def action_add_key(self) -> None:
        """Give the command under the cursor one more key."""
        self._await_key(keeps=True)

    def action_no_key(self) -> None:
        """Take all keys from the command under the cursor."""
        rows = self._list.rows
        wanted = rows.command(self._list.cursor) if isinstance(rows, KeyRows) else None
        if wanted is not None:
            self._change(lambda path: set_value(path, "keys", wanted.id, ()), f"“{wanted.title}” has no key now.")

    def _await_key(self, *, keeps: bool) -> None:
        rows = self._list.rows
        wanted = rows.command(self._list.cursor) if isinstance(rows, KeyRows) else None
        if wanted is not None:
            self._awaits = (wanted, keeps)
            self._say(f"Press the key for “{wanted.title}”. Escape: never mind.")

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
        if event.key == "escape":
            self._hint()
        else:
            self._give(wanted, event.key, keeps=keeps)

    def _give(self, wanted: Command, key: str, *, keeps: bool) -> None:
        """Give a command a key, and say at once what that costs another."""
        world = self._reading.world
        if key in RESERVED:
            self._say(f"{shown(key)} always quits: it can't be given away.")
            return
        owner = next((each for each in COMMANDS if key in world.keys.of(each.id) and each.id != wanted.id), None)
        if owner is not None and owner.id in world.config.keys:
            self._say(f"{shown(key)} is the key you gave to “{owner.title}”. Give that another one first.")
            return
        keys = [*(world.keys.of(wanted.id) if keeps else ()), key]
        said = f"{shown(key)} is “{command(wanted.id).title}” now."
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
        """Let a command have its usual keys, and those it took them from theirs."""
        keys = {name: set(map(spelt, own)) for name, own in self._reading.world.config.keys.items()}
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
