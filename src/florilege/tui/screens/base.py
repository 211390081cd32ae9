"""What the screens with commands have in common: they do commands, say, ask and let choose."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from textual import events, on
from textual.screen import Screen, ScreenResultType
from textual.widgets import Input
from textual.worker import Worker

from florilege.commands import COMMANDS, Command, Scope, shown
from florilege.lists.places import Place
from florilege.lists.reader_state import ReaderState
from florilege.store import LibraryError
from florilege.text import grouped
from florilege.tui.widgets.prompt import LINE_KEYS, LONGEST, Prompt, Question, TypingLine
from florilege.tui.widgets.row_list import MOVES, RowList
from florilege.tui.widgets.signs import BottomLine, TopLine
from florilege.tui.world import AppContext, Work

if TYPE_CHECKING:
    from florilege.tui.reading.marker import Marker

T = TypeVar("T")


class CommandScreen(Screen[ScreenResultType]):
    """A screen with commands, a line above, one for typing, and one below."""

    BLANK = True

    commands: Sequence[Command] = COMMANDS
    """The commands that have a meaning here."""
    marker: "Marker"
    """What marks items."""

    def __init__(self, world: AppContext, name: str) -> None:
        super().__init__(id=name)
        self.world = world
        self.state: ReaderState = world.state
        self.top, self.bottom, self.prompt = TopLine(), BottomLine(), Prompt()
        self._under_way: set[asyncio.Event] = set()
        """Of each command under way, what is set when it is done, or something is asked."""
        self._keys: dict[str, str] = {}
        """What keys mean: ids of commands."""
        self.bind_keys()

    def bind_keys(self) -> None:
        """Give the commands their keys."""
        self._keys = {key: each.id for each in self.commands for key in self.world.keys.of(each.id)}

    # What a screen says of itself

    @property
    def list_here(self) -> RowList:
        """The list in which keys move."""
        raise NotImplementedError

    @property
    def holders(self) -> Iterable[object]:
        """What has the actions of commands, in the order in which they are looked for."""
        raise NotImplementedError

    @property
    def pane(self) -> Scope | None:
        """The pane that has the focus; None where there are no panes."""
        return None

    def commands_here(self) -> Sequence[Command]:
        """The commands that make sense now, for the palette."""
        raise NotImplementedError

    def keys_here(self) -> Sequence[tuple[str, str]]:
        """The keys that matter now, while nothing is asked."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Show what there is room for, and the keys that matter now."""
        self.show_keys()

    def show_keys(self) -> None:
        """Show the keys that matter now."""
        question = self.prompt.question
        asked = [("↵", "done"), *question.hints, ("esc", "never mind")] if question is not None else None
        self.bottom.show_keys(asked or self.keys_here())

    def line_left(self, then: Scope | None) -> None:
        """The line for typing has been closed; what it was opened from gets the focus, or else a pane."""
        raise NotImplementedError

    # Saying and asking

    def say(self, message: str, *, problem: bool = False) -> None:
        """Tell the reader something, on the bottom line."""
        self.bottom.say(message, problem=problem)

    def key(self, command_id: str) -> str:
        """The keys of a command as people read them; empty when it has none."""
        return self.world.keys.label(command_id)

    def start(self, work: Work, group: str, *, exclusive: bool = False) -> Worker[object]:
        """Do something in a worker.

        Args:
            work: What to do.
            group: What sort of work it is.
            exclusive: Whether other work of that sort ends with it.
        """
        # Without a description Textual would write out `work` with all it holds: 0.7 s for 100,000 rows.
        return self.run_worker(
            work, group=group, name=group, description=group, exclusive=exclusive, exit_on_error=False
        )

    async def write(self, writes: Callable[[], object]) -> bool:
        """Let a thread change the library; whether that could be done. What went wrong is said."""
        return await self.read(lambda: (writes(),)) is not None

    async def read(self, reads: Callable[[], T]) -> T | None:
        """What a thread reads; None when it can't be read, which is said."""
        try:
            return await asyncio.to_thread(reads)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return None

    async def ask(self, question: Question, *, then: Scope | None = None) -> str | None:
        """Let the reader type something; None when they leave the line.

        Args:
            question: What is asked.
            then: The pane that gets the focus once it was entered; that which had it when None.
        """
        if not self.prompt.is_attached:
            await self.mount(self.prompt, before=self.bottom)
            if not self.prompt.is_attached:
                return None  # the app is being left
        answer = self.prompt.ask(question, lambda text: self.line_left(None if text is None else then))
        self.lay_out()
        self._give_way()
        return await answer

    async def is_sure(self, question: str) -> bool:
        """Whether the reader says yes."""
        return (await self.ask(Question(question, "y, then ↵")) or "").casefold() in {"y", "yes"}

    @on(TypingLine.Cut)
    def _line_cut(self) -> None:
        self.say(f"That is too long: the line holds its first {grouped(LONGEST)} characters.", problem=True)

    async def choose(self, dialogue: Screen[T]) -> T | None:
        """Let the reader choose in a dialogue; None when they leave it. To be awaited in a worker, as commands are."""
        chosen = self.app.push_screen(dialogue, wait_for_dismiss=True)
        self._give_way()
        return await chosen

    def _give_way(self) -> None:
        """Let keys be heard: whichever command under way it is that asks, they are its answer."""
        for each in self._under_way:
            each.set()

    # Keys and commands

    async def press(self, key: str) -> bool:
        """Do what a key means here, unless something is being typed; whether it means anything."""
        command_id = None if isinstance(self.focused, Input) else self._keys.get(key)
        if command_id is None:
            return False
        self.bottom.hush()  # a key takes the message away: it has been read
        await self.action_command(command_id)
        return True

    def on_key(self, event: events.Key) -> None:
        """Have done, in the turn of the app, what a key means that the line for typing has no use for."""
        self.bottom.hush()
        if event.key not in LINE_KEYS and (command_id := self._keys.get(event.key)):
            event.stop()
            self.app.call_later(self.action_command, command_id)

    @on(BottomLine.Clicked)
    def _key_clicked(self, event: BottomLine.Clicked) -> None:
        key = next((key for key in (*self._keys, "enter", "escape", "tab") if shown(key) == event.key), None)
        if key is not None:
            self.app.simulate_key(key)

    async def action_command(self, command_id: str) -> None:
        """Do what a command says; give way to the next key once it is done, or asks something."""
        if move := MOVES.get(command_id):
            move(self.list_here)
            return
        name = f"action_{command_id.replace('-', '_')}"
        done = next(getattr(each, name) for each in self.holders if hasattr(each, name))()
        if not asyncio.iscoroutine(done):
            return
        heard = asyncio.Event()
        self._under_way.add(heard)

        async def finish() -> None:
            try:
                await done
            finally:
                self._under_way.discard(heard)
                heard.set()

        self.run_worker(finish(), group="command", name=command_id)
        await heard.wait()

    async def action_help(self) -> None:
        """Show what can be done here, and do what is chosen there."""
        from florilege.tui.screens.commands import help_dialogue

        chosen = await self.choose(help_dialogue(self.world.keys, self.pane, self.commands))
        await self.do(chosen)

    async def action_palette(self) -> None:
        """Choose a command, or a place, by name."""
        from florilege.tui.screens.commands import palette

        state = self.state if self.pane else None
        await self.do(await self.choose(palette(self.commands_here(), self.world.keys, state)))

    async def do(self, chosen: Command | Place | None) -> None:
        """Do what was chosen."""
        if isinstance(chosen, Command):
            await self.action_command(chosen.id)
