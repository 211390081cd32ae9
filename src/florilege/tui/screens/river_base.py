"""What all actions of the river share: the page, the lines around it, and how one is told. No action lives here."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.worker import Worker

from florilege.commands import Command, command, shown
from florilege.lists.groupings import Grouping
from florilege.lists.river import Part, Passage
from florilege.query import Everything, Query
from florilege.text import counted, grouped
from florilege.tui.keys import bound
from florilege.tui.panes.river import RiverRows
from florilege.tui.reading.clip import Clip
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.prompt import Prompt, Question
from florilege.tui.widgets.signs import BottomLine, TopLine
from florilege.tui.world import Work

if TYPE_CHECKING:
    from florilege.tui.screens.reading import ReadingScreen

_MOVING = (
    "down", "up", "half-page-down", "half-page-up", "page-down", "page-up", "top", "bottom", "read-on", "inward",
    "back", "quit", "river", "sort", "find", "next-unread", "previous-unread",
)  # fmt: skip
_TAKING = (
    "open-page", "open-passage", "open-archived", "links", "copy-link", "copy-markdown-link", "copy-quote",
    "copy-all-quotes", "copy-passage-link", "copy-query", "export",
)  # fmt: skip
_HERE = {
    "read-on": ("Page down", "Move a page down"),
    "inward": ("Go to the item", "Go to the item this highlight is from"),
    "back": ("Back", "Show all highlights again; from all of them, go back to the list"),
    "river": ("Back to the list", "Go back to the list"),
    "sort": ("Part", "Part the highlights by item, sharer, tag or month"),
    "find": ("Find", "Show only the highlights that answer to what you type"),
    "next-unread": ("Next part", "Go to the next part of the page"),
    "previous-unread": ("Previous part", "Go to the beginning of this part, or to the part before"),
    "copy-all-quotes": ("Copy all", "Copy all highlights that are shown, each with its source"),
}
"""What commands are called, and do, that mean something else here."""


def _as_here(name: str) -> Command:
    usual = command(name)
    title, sentence = _HERE.get(name, (usual.title, usual.sentence))
    return replace(usual, title=title, sentence=sentence)


COMMANDS = tuple(map(_as_here, (*_MOVING, *_TAKING, "palette", "help")))
"""The commands that have a meaning here."""

_PARTS = {Grouping.ITEM: "item", Grouping.SHARER: "sharer", Grouping.TAG: "tag", Grouping.DATE: "month"}
"""What a part of the page is, by what passages are parted by."""


class RiverBase(Screen[Passage | None]):
    """The page, a line above, one for typing, one below."""

    DEFAULT_CSS = """
    RiverBase #river-list { height: 1fr; padding: 1 1 0 1; }
    """

    def __init__(self, reading: "ReadingScreen", title: str) -> None:
        """Take the screen one comes from, whose list is shown.

        Args:
            reading: That screen.
            title: Where one is, in words.
        """
        super().__init__(id="river")
        self.reading = reading
        self.world = reading.world
        self.state = reading.state
        self.marker = reading.marker
        self.title_of_list = title
        self.bottom = BottomLine()
        self.prompt = Prompt()
        self.list = LineList(id="river-list", empty=[Content("Gathering the highlights …")])
        self.grouping = Grouping.ITEM
        self.asked: Query = Everything()
        """What is looked for."""
        self.all_passages: list[Passage] = []
        """All highlights of the list, whatever is looked for."""
        self._top = TopLine()
        self._bindings = bound(self._bindings, COMMANDS, reading.world.keys)

    clip: Clip

    def compose(self) -> ComposeResult:
        """A line above, the page, a line for typing, a line below."""
        yield self._top
        yield self.list
        yield self.prompt
        yield self.bottom

    # Telling

    def say(self, message: str, *, problem: bool = False) -> None:
        """Tell the reader something, on the bottom line."""
        self.bottom.say(message, problem=problem)

    def now(self) -> datetime:
        """The time on the reader's clock."""
        return self.state.clock()

    def start(self, work: Work, group: str, *, exclusive: bool = False) -> Worker[None]:
        """Do something in a worker."""
        return self.run_worker(work, group=group, name=group, exclusive=exclusive, exit_on_error=False)

    async def ask(self, question: Question) -> str | None:
        """Let the reader type something; None when they leave the line."""
        answer = self.prompt.ask(question, lambda _: self.closed_prompt())
        self.show_keys()
        return await answer

    async def action_command(self, command_id: str) -> None:
        """Do what a command says."""
        name = f"action_{command_id.replace('-', '_')}"
        done = getattr(self if hasattr(self, name) else self.clip, name)()
        if asyncio.iscoroutine(done):
            await done

    def on_key(self) -> None:
        """A key takes the message away: it has been read."""
        self.bottom.hush()

    # What is shown

    @property
    def passage(self) -> Passage | None:
        """The passage under the cursor."""
        rows = self.list.rows
        return rows.passage(self.list.cursor) if isinstance(rows, RiverRows) else None

    @property
    def parts(self) -> list[Part]:
        """What is shown, in its parts."""
        rows = self.list.rows
        return list(rows.parts) if isinstance(rows, RiverRows) else []

    @property
    def number_shown(self) -> int:
        """How many passages are shown, each counted once though it may stand under several tags."""
        return len({(each.listed.key, each.number) for part in self.parts for each in part.passages})

    def commands_here(self) -> list[Command]:
        """The commands that make sense now, for the palette."""
        names = (*_MOVING, *_TAKING) if self.passage is not None else _MOVING
        return [each for each in COMMANDS if each.id in names]

    def action_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Show what can be done here, and do what is chosen there."""
        from florilege.tui.screens.help import HelpScreen

        async def do(chosen: Command | None) -> None:
            if chosen is not None:
                await self.action_command(chosen.id)

        self.app.push_screen(HelpScreen(self.world.keys, None, COMMANDS), do)

    def show_top(self) -> None:
        """Say where one is, and how many passages there are."""
        crumbs = ["Home", self.title_of_list, "Highlights", *(text for text, _ in self.asked.crumbs())]
        facts = [counted(len(self.parts), _PARTS[self.grouping]), self.grouping.value]
        count = counted(len(self.all_passages), "highlight")
        of = count if self.asked.is_blank else f"{grouped(self.number_shown)} of {count}"
        self._top.show(crumbs, [of, *reversed(facts)])

    def show_keys(self) -> None:
        """Show the keys that do something now."""
        if self.prompt.is_open:
            hints = self.prompt.question.hints if self.prompt.question else []
            self.bottom.show_keys([("↵", "done"), *hints, ("esc", "never mind")])
            return
        words = [("find", "find")] if self.all_passages else []
        if self.passage is not None:
            words = [
                ("sort", self.grouping.next.value), *words, ("copy-quote", "copy"), ("copy-all-quotes", "copy all"),
                ("open-page", "open"), ("inward", "to the item"),
            ]  # fmt: skip
        words.append(("back", "back"))
        self.bottom.show_keys([(self.key_of(name), word) for name, word in words])

    def key_of(self, name: str) -> str:
        """The key of a command as it is shown: enter, where it has that."""
        keys = self.world.keys.of(name)
        return "↵" if "enter" in keys else shown(keys[0]) if keys else "–"

    def closed_prompt(self) -> None:
        """The line for typing has been closed."""
        self.set_focus(self.list)
        self.show_keys()
