"""The app: themes, keys as the reader wants them, one screen. It decides nothing and knows no item."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec
from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.constants import TEXTUAL_ANIMATIONS
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen
from textual.worker import WorkerFailed

from florilege.commands import keymap
from florilege.files import NotWritten
from florilege.settings import Config
from florilege.settings.toml_files import set_value
from florilege.tui.screens.reading import ReadingScreen
from florilege.tui.terminal import Terminal
from florilege.tui.theme import THEMES, in_few_colours, semantic_variables, theme_problem
from florilege.tui.world import AppContext


class FlorilegeApp(App[None]):
    """florilege, the terminal reader for shared, annotated links."""

    TITLE = "florilege"
    ENABLE_COMMAND_PALETTE = False  # there is one of our own

    def __init__(self, world: AppContext) -> None:
        if problem := theme_problem(world.config.look.theme):
            world = msgspec.structs.replace(world, problems=(*world.problems, problem))
        self.world = world
        self._copied = ""
        self.failure: Exception | None = None
        """What the app ended with though it should not have; None when all went well."""
        super().__init__()
        for theme in THEMES:
            number = {"256": 256, "standard": 16}.get(self.console.color_system or "")
            self.register_theme(in_few_colours(theme, number) if number else theme)
        wanted = world.config.look.theme or world.session.theme
        self.theme = wanted if wanted in self.available_themes else THEMES[1].name
        self._move_or_not(world.config)
        self.reading = ReadingScreen(world)

    def get_default_screen(self) -> Screen[None]:
        """The one screen; pushed upon a blank one, it would be laid out and styled after that."""
        return self.reading

    def on_mount(self) -> None:
        """Draw everything again when the terminal is ours again."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def on_ready(self) -> None:
        """Have everything begin that can wait for the first paint.

        Only now: until the app is ready Textual holds paints back, but not what waits for them (`call_after_refresh`).
        """
        self.reading.call_after_refresh(self.reading.begin)

    async def on_event(self, event: events.Event) -> None:
        """Do what a key means before the next key is heard.

        Textual passes a key from widget to widget before it looks what is bound to it. What is typed right after the
        key that opens a line for typing would meanwhile be passed to the list behind that line, and do things there.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.app_focus = True  # as Textual does: a terminal that tells nothing of focus has it when keys come
            press: Callable[[str], Awaitable[bool]] | None = getattr(self.screen, "press", None)
            if press is not None and await press(event.key):
                return
            if event.key in self.world.keys.of("suspend"):  # in dialogues and lines, too
                self.action_suspend_process()
                return
        await super().on_event(event)

    def _move_or_not(self, config: Config) -> None:
        """Hold to the reader's wish for stillness; without one, to what Textual's own variable says."""
        self.animation_level = "none" if config.look.animation == "none" else TEXTUAL_ANIMATIONS

    def adopt(self, config: Config) -> None:
        """Hold to other settings from now on."""
        self.world = msgspec.structs.replace(self.world, config=config, keys=keymap(config.keys))
        self._move_or_not(config)
        if config.look.theme is not None and config.look.theme in self.available_themes:
            self.theme = config.look.theme
        self.reading.adopt(self.world)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for every theme there is."""
        return semantic_variables(self.current_theme)

    def get_line_filters(self) -> list[LineFilter]:
        """What changes each line before it is drawn: only what takes colours away, where there are to be none.

        Textual would also look in each line for the terminal's own colours, to turn them into ours. There are none.
        """
        return [each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor)]

    def take_theme(self, theme: str) -> None:
        """Have a theme from now on; the next start has it too."""
        self.theme = theme
        settings, config = self.world.settings, self.world.config
        if config.look.theme not in {None, theme} and settings is not None:  # what the file says would win then
            with suppress(NotWritten):
                set_value(settings, "look", "theme", theme)
            self.adopt(msgspec.structs.replace(config, look=msgspec.structs.replace(config.look, theme=theme)))

    def watch_theme(self, theme: str) -> None:
        """Remember the theme for next time."""
        if self.is_running:
            self.remember()

    def remember(self) -> None:
        """Keep theme and place for next time."""
        state, reading = self.world.state, self.reading
        self.world.remember(
            msgspec.structs.replace(
                self.world.session,
                theme=self.theme,
                view=state.place.key,
                item=state.current.key if state.current else None,
                query=str(state.query) or None,
                order=state.order.value,
                zoomed=reading.frame.zoomed,
                turned=reading.items.turned_density,
                unfolded=tuple(sorted(reading.groups.unfolded)),
                first=state.first_screen(),
                finds=reading.find.entries.remembered,
                exports=reading.exporter.entries.remembered,
                pipes=reading.pipe.entries.remembered,
                widths=reading.frame.session_widths,
                groups=state.catalogue.order,
            )
        )

    @property
    def clipboard(self) -> str:
        """What a line for typing pastes; Textual would set it only together with its own way of copying."""
        return self._copied

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text that was selected, by the ways of all copies; Textual's own way does not get through tmux."""
        self._copied = text
        clip = getattr(self.screen, "clip", self.reading.clip)  # dialogues have none
        clip.copy(text, "Selected text")

    def write_to_terminal(self, sequence: str) -> None:
        """Write an escape sequence of ours to the terminal; may be called from a worker thread."""
        self.call_from_thread(self._write, sequence)

    def _write(self, sequence: str) -> None:
        driver = self._driver  # Textual writes nothing but what it draws; `tests/terminal` copies through a terminal
        if driver is not None:
            driver.write(sequence)
            driver.flush()

    def get_driver_class(self) -> type[Driver]:
        """Ours, where Textual would take its own for a terminal."""
        found = super().get_driver_class()
        return Terminal if found is LinuxDriver else found

    def panic(self, *renderables: RenderableType) -> None:
        """End because of an error that Textual caught outside of any widget, in the thread that reads keys."""
        self.failure = self.failure or RuntimeError("the terminal could not be read")
        self.exit(return_code=1)

    def _handle_exception(self, error: Exception) -> None:
        """Leave it to whoever runs the app to say in one sentence what failed.

        Textual would prepare a traceback, with all values, and print it. The name is its own; a test notices when it
        goes away. Tests without a terminal are told as Textual tells them.
        """
        cause = error.error if isinstance(error, WorkerFailed) and isinstance(error.error, Exception) else error
        self.failure = self.failure or cause
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self.exit(return_code=1)

    async def action_quit(self) -> None:
        """Keep what is to be remembered, and leave."""
        self.remember()
        await super().action_quit()
