"""`CommandScreen`, the base of the screens that have commands: it runs them, shows messages, and asks the reader."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec
from textual import events, on
from textual.screen import Screen, ScreenResultType
from textual.worker import Worker

from florilege.commands import COMMANDS, Command, Scope, shown
from florilege.lists.loaded_group import ItemRow
from florilege.lists.places import Place
from florilege.lists.reader_state import ReaderState
from florilege.store import LibraryError
from florilege.tui.widgets.row_list import MOVES, RowList
from florilege.tui.widgets.status_lines import BottomLine, TopLine

if TYPE_CHECKING:  # loaded when first needed
    from florilege.tui.app import AppContext
    from florilege.tui.reading.clip import Clip, Target
    from florilege.tui.reading.exporter import ExportContent, Exporter
    from florilege.tui.reading.marker import Marker
    from florilege.tui.screens.commands import CommandLists
    from florilege.tui.widgets.prompt import Prompt, TypingLine

T = TypeVar("T")
PATIENCE = 2.0
"""Seconds that keys wait for a command, or for the first list."""
_MOST = 100
"""Most texts kept of one history."""


class Entries(msgspec.Struct):
    """A history of entered texts."""

    texts: list[str] = msgspec.field(default_factory=list)

    def add(self, text: str) -> None:
        """Add a text as the latest entry; an earlier duplicate is removed."""
        if text:
            self.texts = [*(each for each in self.texts if each != text), text][-_MOST:]

    def forget(self, text: str) -> None:
        """Remove an entry that turned out to be a mistake."""
        self.texts = [each for each in self.texts if each != text]

    @property
    def remembered(self) -> tuple[str, ...]:
        """All entries, the latest last."""
        return tuple(self.texts)


class Question(msgspec.Struct, frozen=True, eq=False):
    """What a prompt asks for, and what makes typing the answer easier."""

    label: str
    """A word that says what to type."""
    hint: str = ""
    """What can be typed, shown as the placeholder."""
    text: str = ""
    """The initial text. A blank at its end is kept, so that typing can go on after it."""
    typed: Callable[[str], None] = lambda _: None
    """Called with the text, as one clean line, whenever it changes."""
    entries: Entries | None = None
    """Earlier entries, recalled with up and down."""
    complete: Callable[[str], Sequence[str]] | None = None
    """The completions of a text, likeliest first. Called in a worker thread, too."""
    on_tab: tuple[str, Callable[[], str]] | None = None
    """What tab does instead of completing: its name, and a function that does it and returns the new label."""
    candidate: Callable[[str], str] | None = None
    """How a completion is shown above the line; None if completions are not shown."""
    keys: Sequence[tuple[str, str]] = ()
    """Additional keys, and what they do."""
    is_live: bool = False
    """Whether typing takes effect at once; the text is then kept if the reader goes elsewhere without enter."""
    needs: Scope | None = None
    """The pane that shows the effect of typing: it stays visible where there is room for only one."""

    @property
    def hints(self) -> list[tuple[str, str]]:
        """The keys that help with the answer, and what they do."""
        hints = [("tab", "complete")] if self.complete is not None else []
        hints += [("tab", self.on_tab[0])] if self.on_tab is not None else []
        return [*hints, *([("↑", "earlier ones")] if self.entries and self.entries.texts else []), *self.keys]


class _Part:
    """An attribute that holds an object for one purpose of a screen; its module is loaded when it is first needed."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    def __get__(self, screen: object, _: type) -> object:
        if screen is None:
            return self
        module, name = self._where.split(":")
        made = vars(screen)[self._name] = getattr(import_module(f"florilege.tui.{module}"), name)(screen)
        return made


def part(where: str) -> Any:
    """An attribute made, with the screen as its argument, when it is first needed; `where` is `module:class`."""
    return _Part(where)


class CommandScreen(Screen[ScreenResultType]):
    """A screen with commands: a top line, a bottom line, and a prompt above the bottom line when something is asked."""

    BLANK = True

    commands: Sequence[Command] = COMMANDS
    """The commands available on this screen."""
    holders: ClassVar[Sequence[str]] = ()
    """The attributes that hold the actions of commands, in the order in which they are searched."""
    marker: "Marker"
    """Marks items as read, starred and so on."""
    clip: "Clip" = part("reading.clip:Clip")
    """Opens and copies."""
    exporter: "Exporter" = part("reading.exporter:Exporter")
    """Passes items and quotes on, to files and other programs."""
    command_lists: "CommandLists" = part("screens.commands:CommandLists")
    """Help and palette."""

    def __init__(self, context: "AppContext", name: str) -> None:
        super().__init__(id=name)
        self.context = context
        self.state: ReaderState = context.state
        self.top, self.bottom = TopLine(), BottomLine()
        self._under_way: set[asyncio.Event] = set()
        """One event for each running command, set when the command ends or asks something."""
        self._keys: dict[str, str] = {}
        """Command ids by key."""
        self.bind_keys()

    def bind_keys(self) -> None:
        """Look up which keys run which commands."""
        self._keys = {key: each.id for each in self.commands for key in self.context.keys.of(each.id)}

    @cached_property
    def prompt(self) -> "Prompt":
        """The prompt; it is mounted when something is first asked."""
        from florilege.tui.widgets.prompt import Prompt

        return Prompt()

    @property
    def question(self) -> Question | None:
        """What the prompt is asking; None while it asks nothing."""
        return self.prompt.question if "prompt" in vars(self) else None

    # For subclasses

    @property
    def pane(self) -> Scope | None:
        """The focused pane; None on a screen without panes."""
        return None

    @property
    def list_here(self) -> RowList:
        """The list in which the movement keys move."""
        raise NotImplementedError

    def target(self) -> "Target | None":
        """What is under the cursor."""
        raise NotImplementedError

    def chosen(self) -> list[ItemRow]:
        """The selected items."""
        return []

    def export_content(self, *, whole: bool) -> "ExportContent":
        """What to export or pipe: what is selected or under the cursor, or all that is shown. May be empty."""
        raise NotImplementedError

    def commands_here(self) -> Sequence[Command]:
        """The commands that can be run now, for the palette."""
        raise NotImplementedError

    def keys_here(self) -> Sequence[tuple[str, str]]:
        """The keys to show on the bottom line while no prompt is open, each with a word for what it does."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Arrange the screen for its present size, and show the keys."""
        self.show_keys()

    def show_keys(self) -> None:
        """Show the keys that are useful now on the bottom line."""
        question = self.question
        asked = [("↵", "done"), *question.hints, ("esc", "never mind")] if question is not None else None
        self.bottom.show_keys(asked or self.keys_here())

    def prompt_closed(self, then: Scope | None) -> None:
        """Called when the prompt closes: focus the given pane, or whatever had the focus before."""
        raise NotImplementedError

    # Messages and questions

    def say(self, message: str, *, problem: bool = False) -> None:
        """Show a message on the bottom line."""
        self.bottom.say(message, problem=problem)

    def key(self, command_id: str) -> str:
        """The keys of a command as they are shown to the reader; empty if it has none."""
        return self.context.keys.label(command_id)

    def start(
        self, work: Callable[[], Coroutine[Any, Any, T]], group: str, *, exclusive: bool = False
    ) -> Worker[T | None]:
        """Run something in a worker, whose result is None if what it needs can't be read, which is said.

        Args:
            work: What to run.
            group: The kind of work.
            exclusive: Whether running work of the same kind is cancelled.
        """

        async def run() -> T | None:
            try:
                return await work()
            except LibraryError as error:
                self.say(str(error), problem=True)
                return None

        # Without a description Textual would write out `work` with all it holds: 0.7 s for 100,000 rows.
        return self.run_worker(
            run, group=group, name=group, description=group, exclusive=exclusive, exit_on_error=False
        )

    async def read(self, reads: Callable[[], T]) -> T | None:
        """Read from the library in a thread. Returns None after a failure, which is shown."""
        try:
            return await asyncio.to_thread(reads)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return None

    async def ask(self, question: Question, *, then: Scope | None = None) -> str | None:
        """Ask the reader to type something. Returns None if they leave the prompt.

        Args:
            question: The question.
            then: The pane to focus after an answer; None for the one that had the focus before.
        """
        if not self.prompt.is_attached:
            await self.mount(self.prompt, before=self.bottom)
            if not self.prompt.is_attached:
                return None  # the app is being left
        answer = self.prompt.ask(question, lambda text: self.prompt_closed(None if text is None else then))
        self.lay_out()
        for each in self._under_way:  # commands hold keys back no longer: the next ones are the answer
            each.set()
        return await answer

    async def refuse(self, why: str) -> None:
        """Say why there is nothing to type: in the prompt, which drops keys typed ahead, as they are no commands."""
        await self.ask(Question(why, "esc or ↵ goes on"))

    async def is_sure(self, question: str) -> bool:
        """Ask for confirmation. Returns whether the reader said yes."""
        return (await self.ask(Question(question, "y, then ↵")) or "").casefold() in {"y", "yes"}

    def on_typing_line_cut(self, event: "TypingLine.Cut") -> None:
        """Say that what was typed is too long."""
        self.say(event.sentence, problem=True)

    async def choose(self, dialogue: Screen[T]) -> T | None:
        """Open a dialogue and wait for its result, None if cancelled. To be awaited in a worker, like commands."""
        chosen = self.app.push_screen(dialogue, wait_for_dismiss=True)
        for each in self._under_way:  # as when the prompt asks
            each.set()
        return await chosen

    # Keys and commands

    async def press(self, key: str) -> bool:
        """Run the command of a key, unless the reader is typing. Returns whether the key has a command."""
        is_typing = self.focused is not None and not isinstance(self.focused, RowList)
        command_id = None if is_typing else self._keys.get(key)
        if command_id is None:
            return False
        self.bottom.clear_message()  # any key clears the message: it has been read
        await self.action_command(command_id)
        return True

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Close the prompt when a list takes its focus, as by a click."""
        if self.question is not None and isinstance(event.widget, RowList) and event.widget is self.focused:
            self.prompt.abandon()
            self.lay_out()

    def let_go(self) -> bool:
        """Do what `esc` does first on every screen: close the prompt, drop selected text, stop what is passed on.

        Returns:
            Whether there was anything to do.
        """
        if self.question is not None and self.prompt.leave():
            return True
        had_text = bool(self.selections)
        self.clear_selection()
        return had_text or self.exporter.stop()

    def on_key(self, event: events.Key) -> None:
        """Run the command of a key that the prompt doesn't use, after the events that are queued already."""
        self.bottom.clear_message()
        if self.question is not None and not self.prompt.uses(event.key) and (command_id := self._keys.get(event.key)):
            event.stop()
            self.app.call_later(self.action_command, command_id)

    @on(BottomLine.Clicked)
    def _key_clicked(self, event: BottomLine.Clicked) -> None:
        key = next((key for key in (*self._keys, "enter", "escape", "tab") if shown(key) == event.key), None)
        if key is not None:
            self.app.simulate_key(key)

    async def action_command(self, command_id: str) -> None:
        """Run a command, and return once it has ended or asks something: until then the next key waits.

        It waits no longer than `PATIENCE`, so that one can go on, or quit, where a disk does not respond. What can't be
        read is said.
        """
        if move := MOVES.get(command_id):
            move(self.list_here)
            return
        name = f"action_{command_id.replace('-', '_')}"
        holders = (getattr(self, holder) for holder in self.holders)
        action = next(getattr(each, name) for each in holders if hasattr(each, name))
        try:
            done = action()
        except LibraryError as error:
            self.say(str(error), problem=True)
            return
        if not asyncio.iscoroutine(done):
            return
        released = asyncio.Event()
        self._under_way.add(released)

        async def finish() -> None:
            try:
                await done
            except LibraryError as error:
                self.say(str(error), problem=True)
            finally:
                self._under_way.discard(released)
                released.set()

        self.run_worker(finish(), group="command", name=command_id)
        with suppress(TimeoutError):
            await asyncio.wait_for(released.wait(), PATIENCE)

    async def do(self, chosen: Command | Place | None) -> None:
        """Run a chosen command."""
        if isinstance(chosen, Command):
            await self.action_command(chosen.id)
