"""The Textual app: registers themes, applies settings and keys, shows one screen. It makes no decisions about items.

All that it touches of the outside world comes in by its `AppContext`, so that tests can replace it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.constants import TEXTUAL_ANIMATIONS
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import WorkerFailed

from florilege.commands import Keymap, keymap
from florilege.desktop import Desktop
from florilege.files import NotWritten
from florilege.lists.reader_state import ReaderState
from florilege.settings import Config, Session
from florilege.settings.toml_files import set_value
from florilege.tui.reading.screen import ReadingScreen
from florilege.tui.terminal import Terminal
from florilege.tui.theme import THEMES, in_few_colours, semantic_variables, theme_problem

if TYPE_CHECKING:  # these modules load after the first paint
    from florilege.refresh import Refresher, Result
    from florilege.store.sync import Sync


async def _nothing(_results: Sequence[Result]) -> None:
    """The default `after_refresh`: run no program."""


class AppContext(msgspec.Struct, frozen=True):
    """The outside world of one app."""

    state: ReaderState
    config: Config
    keys: Keymap
    session: Session
    """What was saved by the last session."""
    remember: Callable[[Session], object]
    """Saves the session for the next start."""
    desktop: Desktop
    refreshing: Callable[[], AbstractAsyncContextManager[Refresher]]
    """Makes what fetches and parses groups; called when first needed, because it loads heavy modules."""
    after_refresh: Callable[[Sequence[Result]], Awaitable[str | None]] = _nothing
    """Runs the reader's own program on what a refresh brought; returns what went wrong, as a sentence."""
    sync: Sync | None = None
    """Keeps reading states in step with other machines. Called in a worker thread. None when syncing is off."""
    due_every: float = 60.0
    """Seconds between two checks for groups that are due and for changes from other machines."""
    settings: Path | None = None
    """The settings file; None when there is none to write to."""
    searches: Path | None = None
    """The file of saved searches; None when there is none to write to."""
    problems: tuple[str, ...] = ()
    """Problems with the settings, to be reported at the start."""
    settled: Callable[[], None] = lambda: None
    """Called when the app has drawn itself, and when the first list has been read: what is in memory then stays."""


class FlorilegeApp(App[None]):
    """florilege, the terminal reader for shared, annotated links."""

    TITLE = "florilege"
    ENABLE_COMMAND_PALETTE = False  # florilege has its own

    def __init__(self, context: AppContext) -> None:
        if problem := theme_problem(context.config.look.theme):
            context = msgspec.structs.replace(context, problems=(*context.problems, problem))
        self.context = context
        self._copied = ""
        self.failure: Exception | None = None
        """The exception that ended the app unexpectedly; None while all is well."""
        super().__init__()
        for theme in THEMES:
            number = {"256": 256, "standard": 16}.get(self.console.color_system or "")
            self.register_theme(in_few_colours(theme, number) if number else theme)
        wanted = context.config.look.theme or context.session.theme
        self.theme = wanted if wanted in self.available_themes else THEMES[1].name
        self._move_or_not(context.config)
        self.reading = ReadingScreen(context)

    def get_default_screen(self) -> Screen[None]:
        """The reading screen. Pushed onto Textual's blank default, it would be laid out and styled after that one."""
        return self.reading

    def on_mount(self) -> None:
        """Redraw everything when the app resumes after being suspended."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def on_ready(self) -> None:
        """Start what can wait until after the first paint.

        No earlier: until the app is ready Textual holds back paints, but not the callbacks that wait for them
        (`call_after_refresh`).
        """
        self.reading.call_after_refresh(self.reading.begin)

    async def on_event(self, event: events.Event) -> None:
        """Carry out a key's command before the next key is handled.

        Textual passes a key from widget to widget before it looks up its binding. Keys typed right after the one that
        opens a prompt would meanwhile reach the list behind the prompt, and act there.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.app_focus = True  # as Textual does: a key implies focus, for terminals that don't report it
            press: Callable[[str], Awaitable[bool]] | None = getattr(self.screen, "press", None)
            if press is not None and await press(event.key):
                return
            is_typed = event.is_printable and isinstance(self.focused, Input)
            if event.key in self.context.keys.of("suspend") and not is_typed:  # also in dialogues and prompts
                self.action_suspend_process()
                return
        await super().on_event(event)

    def _move_or_not(self, config: Config) -> None:
        """Turn animation off if the reader's settings say so; otherwise follow Textual's own environment variable."""
        self.animation_level = "none" if config.look.animation == "none" else TEXTUAL_ANIMATIONS

    def adopt(self, config: Config) -> None:
        """Apply new settings."""
        self.context = msgspec.structs.replace(self.context, config=config, keys=keymap(config.keys))
        self._move_or_not(config)
        if config.look.theme is not None and config.look.theme in self.available_themes:
            self.theme = config.look.theme
        self.reading.adopt(self.context)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Defaults for florilege's own theme variables, for every theme."""
        return semantic_variables(self.current_theme)

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's line filters without its ANSI conversion; what remains removes colours where none are wanted.

        The conversion would search each line for the terminal's own colours, to replace them. There are none.
        """
        return [each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor)]

    def take_theme(self, theme: str) -> None:
        """Switch to a theme, now and at later starts."""
        self.theme = theme
        settings, config = self.context.settings, self.context.config
        if config.look.theme not in {None, theme} and settings is not None:  # the file's would win next time
            with suppress(NotWritten):
                set_value(settings, "look", "theme", theme)
            self.adopt(msgspec.structs.replace(config, look=msgspec.structs.replace(config.look, theme=theme)))

    def watch_theme(self, theme: str) -> None:
        """Remember the theme for the next start."""
        if self.is_running:
            self.remember()

    def remember(self) -> None:
        """Save the theme, the place and the layout for the next start."""
        state, reading = self.context.state, self.reading
        self.context.remember(
            msgspec.structs.replace(
                self.context.session,
                theme=self.theme,
                view=state.place.key,
                item=state.current.key if state.current else None,
                query=str(state.query) or None,
                order=state.order.value,
                zoomed=reading.frame.zoomed,
                overridden_density=reading.items.overridden_density,
                unfolded=tuple(sorted(reading.groups.unfolded)),
                first=state.first_screen(),
                finds=reading.find.entries.remembered,
                exports=reading.exporter.exports.remembered,
                pipes=reading.exporter.pipes.remembered,
                widths=reading.frame.session_widths,
            )
        )

    @property
    def clipboard(self) -> str:
        """The text that an input line pastes. Textual would set it only along with its own way of copying."""
        return self._copied

    def copy_to_clipboard(self, text: str) -> None:
        """Copy selected text the way everything is copied; Textual's own way does not get through tmux."""
        self._copied = text
        clip = getattr(self.screen, "clip", self.reading.clip)  # dialogues have none
        clip.copy(text, "Selected text")

    def write_to_terminal(self, sequence: str) -> None:
        """Write one of florilege's escape sequences to the terminal. Called from a worker thread."""
        self.call_from_thread(self._write, sequence)

    def _write(self, sequence: str) -> None:
        driver = self._driver  # private: Textual's API only draws. `tests/terminal` copies through a terminal
        if driver is not None:
            driver.write(sequence)
            driver.flush()

    def get_driver_class(self) -> type[Driver]:
        """Use `Terminal` where Textual would use its own driver for Linux terminals."""
        found = super().get_driver_class()
        return Terminal if found is LinuxDriver else found

    def panic(self, *renderables: RenderableType) -> None:
        """Exit after an error that Textual caught outside any widget, in the thread that reads keys."""
        self.failure = self.failure or RuntimeError("the terminal could not be read")
        self.exit(return_code=1)

    def _handle_exception(self, error: Exception) -> None:
        """Keep the exception and exit, so that whoever runs the app can say in one sentence what failed.

        Textual would print a traceback, with all values. The method is private to Textual; a test notices if it goes
        away. Headless tests get Textual's own handling.
        """
        cause = error.error if isinstance(error, WorkerFailed) and isinstance(error.error, Exception) else error
        self.failure = self.failure or cause
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self.exit(return_code=1)

    async def action_quit(self) -> None:
        """Save the session and quit."""
        self.remember()
        await super().action_quit()
