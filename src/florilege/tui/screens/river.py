"""The river: every highlight of the list that is open, as one page. It reads, copies and opens; it changes no list.

Its keys are those of the reading screen, by the names of their commands, so they stay the same when they are rebound.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.worker import Worker

from florilege.commands import Command, command, shown
from florilege.lists.choices import vocabulary
from florilege.lists.groupings import Grouping
from florilege.lists.places import Kind, asked_here
from florilege.lists.river import Part, Passage, arranged, as_text, matching, passages
from florilege.query.arguments import command_line
from florilege.query.completing import Vocabulary, completions
from florilege.query.language import QueryError, parse
from florilege.query.nodes import Everything, Query, all_of
from florilege.store import LibraryError
from florilege.text import counted, grouped
from florilege.tui.keys import bound
from florilege.tui.panes.river import RiverRows
from florilege.tui.reading.clip import Clip, Target
from florilege.tui.reading.export import Export, Exporter
from florilege.tui.reading.pipe import Piece, Pipe
from florilege.tui.widgets.lines import GUTTER
from florilege.tui.widgets.prompt import Prompt, Question, nothing
from florilege.tui.widgets.row_list import RowList
from florilege.tui.widgets.signs import BottomLine, TopLine
from florilege.tui.world import Work

if TYPE_CHECKING:
    from florilege.model import ItemSummary
    from florilege.tui.screens.reading import ReadingScreen

_NOTHING = (
    "No highlights in this list.",
    "Passages that members mark in a page flow together here.",
)

_MOVING = (
    "down", "up", "half-page-down", "half-page-up", "page-down", "page-up", "top", "bottom", "read-on", "inward",
    "back", "quit", "river", "sort", "find", "next-unread", "previous-unread",
)  # fmt: skip
_TAKING = (
    "open-page", "open-passage", "open-archived", "links", "copy-link", "copy-markdown-link", "copy-quote",
    "copy-all-quotes", "copy-passage-link", "copy-query", "pipe", "open-in-editor", "export",
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
    "pipe": ("Pipe to a command", "Give all highlights that are shown to a command on its standard input"),
    "open-in-editor": (
        "Open in the editor",
        "Open all highlights that are shown as Markdown in $VISUAL, $EDITOR or $PAGER",
    ),
}
"""What commands are called, and do, that mean something else here."""


def _as_here(name: str) -> Command:
    usual = command(name)
    title, sentence = _HERE.get(name, (usual.title, usual.sentence))
    return msgspec.structs.replace(usual, title=title, sentence=sentence)


COMMANDS = tuple(map(_as_here, (*_MOVING, *_TAKING, "palette", "help")))
"""The commands that have a meaning here."""

_PARTS = {Grouping.ITEM: "item", Grouping.SHARER: "sharer", Grouping.TAG: "tag", Grouping.DATE: "month"}
"""What a part of the page is, by what passages are parted by."""

MOVES: dict[str, Callable[[RowList], None]] = {
    "down": lambda rows: rows.move(1),
    "up": lambda rows: rows.move(-1),
    "half-page-down": lambda rows: rows.half_page(1),
    "half-page-up": lambda rows: rows.half_page(-1),
    "page-down": lambda rows: rows.page(1),
    "page-up": lambda rows: rows.page(-1),
    "read-on": lambda rows: rows.page(1),
    "top": RowList.home,
    "bottom": RowList.end,
    "next-unread": lambda rows: _go_to_part(rows, 1),
    "previous-unread": lambda rows: _go_to_part(rows, -1),
}
"""What commands do that only move; the keys for the next thing to read go from part to part here."""


def _go_to_part(rows: RowList, direction: int) -> None:
    if isinstance(rows.rows, RiverRows) and rows.cursor >= 0:
        rows.move_to(rows.rows.part_from(rows.cursor, direction))


class RiverScreen(Screen[Passage | None]):
    """All highlights of a list. Gives the passage whose item is to be shown, or None."""

    DEFAULT_CSS = """
    RiverScreen { overflow: hidden; }
    RiverScreen #river-list { height: 1fr; padding: 1 1 0 1; }
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
        self.list = RowList(id="river-list", empty=[Content("Gathering the highlights …")])
        self.grouping = Grouping.ITEM
        place = reading.state.place
        self.asked: Query = place.query if place.kind is Kind.TODAY else Everything()
        """What is looked for."""
        self.all_passages: list[Passage] = []
        """All highlights of the list, whatever is looked for."""
        self._top = TopLine()
        self._bindings = bound(self._bindings, COMMANDS, reading.world.keys)
        self.clip = Clip(self, self._target, list, lambda: "There is no highlight to copy.")
        self.exporter = Exporter(self, lambda: self.key_of("back"), reading.exporter.entries)
        self.pipe = Pipe(self, self._piece, reading.pipe.entries)
        self._rows = list(reading.state.rows)
        self._texts: dict[tuple[str, int], str] = {}
        self._known: Vocabulary | None = None
        self._question: Question | None = None
        self._before: tuple[Query, Passage | None] = (self.asked, None)
        """What was looked for before one began to type, and the passage that was under the cursor."""
        self._arranged: tuple[Query, Grouping] | None = None
        """What the list shows, and by what: behind what is asked for until it has been arranged."""

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
        return self.run_worker(
            work, group=group, name=group, description=group, exclusive=exclusive, exit_on_error=False
        )

    async def ask(self, question: Question) -> str | None:
        """Let the reader type something; None when they leave the line."""
        answer = self.prompt.ask(question, lambda _: self.closed_prompt())
        self.show_keys()
        return await answer

    async def action_command(self, command_id: str) -> None:
        """Do what a command says."""
        if move := MOVES.get(command_id):
            move(self.list)
            return
        name = f"action_{command_id.replace('-', '_')}"
        is_own = hasattr(self, name)
        done = getattr(self if is_own else self.clip, name)()
        if asyncio.iscoroutine(done) and is_own:
            await done
        elif asyncio.iscoroutine(done):  # in a worker: it may ask something, and its answer comes by keys
            self.start(lambda: done, "command")

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
        """Choose a command by name."""
        from florilege.tui.palette import Palette, run_chosen

        self.app.push_screen(Palette(self), run_chosen)

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

    def on_mount(self) -> None:
        """Begin to gather."""
        self.list.focus()
        self.show_keys()
        self._gather()

    def _vocabulary(self) -> Vocabulary:
        """The words of the list; gathered when they are first needed."""
        if self._known is None:
            self._known = vocabulary(self._rows)
        return self._known

    # Showing

    @work(group="river", name="gather", description="Gathering the highlights", exclusive=True, exit_on_error=False)
    async def _gather(self) -> None:
        try:
            self.all_passages = await asyncio.to_thread(passages, self._rows, self.state.library.items)
        except LibraryError as error:
            self.list.empty = [Content(str(error))]
            return
        await self._arrange(None)

    async def _arrange(self, passage: Passage | None) -> None:
        """Show what matches, in its parts, the cursor on a passage if it is still there."""
        wanted = (self.asked, self.grouping)
        rows = await asyncio.to_thread(self._made)
        if wanted != (self.asked, self.grouping):
            return
        no_match = ("No highlight matches.", f"{self.key_of('back')} shows all of them again.")
        self.list.empty = [Content(line) for line in (no_match if self.all_passages else _NOTHING)]
        self.list.show(rows, keep_place=False)
        self._arranged = wanted
        place = rows.place_of(passage) if passage else None
        if place is not None:
            self.list.move_to(place)
        else:
            self.list.home()
        self.show_top()
        self.show_keys()

    def _made(self) -> RiverRows:
        state = self.state
        found = matching(self.all_passages, self.asked, state.state_of, now=state.clock(), texts=self._texts)
        rows = RiverRows(
            arranged(found, self.grouping),
            state.state_of,
            now=state.clock(),
            query=self.asked,
            dates=self.world.config.look.dates,
        )
        rows.measure(max(0, self.list.scrollable_content_region.width - GUTTER))
        return rows

    async def action_sort(self) -> None:
        """Part the river by something else."""
        self.grouping = self.grouping.next
        await self._arrange(self.passage)

    # Going

    @on(RowList.Chosen)
    def action_inward(self) -> None:
        """Go to the item of the passage, in the list."""
        if self.passage is not None:
            self.dismiss(self.passage)

    async def action_back(self) -> None:
        """Close the line for typing; else stop writing; else take the filter off; else go back."""
        if self.prompt.is_open:
            is_finding = self.prompt.question is self._question
            self.prompt.leave()
            if is_finding:
                await self._look_for(*self._before)
        elif self.exporter.stop() or self.pipe.stop():
            pass
        elif self.asked.is_blank:
            self.dismiss(None)
        else:
            await self._look_for(Everything(), self.passage)

    def action_quit(self) -> None:
        """Go back where one was."""
        self.dismiss(None)

    action_river = action_quit

    # Finding

    def action_find(self) -> None:
        """Show only the passages that answer to what is typed."""
        self._before = (self.asked, self.passage)
        self._question = Question(
            "Find",
            "words, by:name, tag:name, is:new …",
            str(self.asked),
            typed=self._find,
            entries=self.reading.find.entries,
            complete=lambda text: completions(text, self._vocabulary()),
        )
        self.prompt.ask(self._question, self._left_line)
        self.show_keys()

    def _left_line(self, text: str | None) -> None:
        self.closed_prompt()
        if text is not None:
            self._find(text)

    def _find(self, text: str) -> None:
        self.start(partial(self._found, text), "find", exclusive=True)

    async def _found(self, text: str) -> None:
        try:
            query = parse(text)
        except QueryError as error:
            self.say(str(error), problem=True)
            return
        self.bottom.hush()
        await self._look_for(query, self.passage)

    async def _look_for(self, query: Query, passage: Passage | None) -> None:
        self.asked = query
        if self._arranged != (query, self.grouping):
            await self._arrange(passage)

    # Taking

    def _target(self) -> Target | None:
        """The passage under the cursor, with its item."""
        passage = self.passage
        item = self.state.item(passage.listed) if passage else None
        return Target(passage.listed, item, passage.highlight) if passage and item else None

    def action_copy_query(self) -> None:
        """Copy the command line that shows these highlights."""
        place = self.state.place
        title = self.state.catalogue.title(place.group) if place.group else ""
        query = asked_here(place, all_of([self.state.asked, self.asked]), title)
        self.clip.copy(command_line(query, "quotes"), "Command line")

    def action_copy_all_quotes(self) -> None:
        """Copy everything that is shown, with its sources."""
        if self.parts:
            self._copy_all(self.parts, self.number_shown)
        else:
            self.say("There is no highlight to copy.")

    @work(group="copying", name="copy-all", description="Copying all that is shown", exit_on_error=False)
    async def _copy_all(self, parts: list[Part], count: int) -> None:
        text = await asyncio.to_thread(as_text, parts, self.state.item, self.now(), self.world.config.copy.quote)
        self.clip.copy(text, f"{counted(count, 'quote')} with {'its' if count == 1 else 'their'} source")

    def action_export(self) -> None:
        """Write what is shown to a file, of each item only the highlights that are shown."""
        if self.parts:
            self.start(partial(self.exporter.ask, self.title_of_list, self._export), "command")
        else:
            self.start(partial(self._refuse, "There is nothing to export."), "command")

    async def _refuse(self, why: str) -> None:
        await self.ask(nothing(why))

    def action_pipe(self) -> None:
        """Give everything that is shown to a command."""
        self.start(self.pipe.action_pipe, "command")

    def action_open_in_editor(self) -> None:
        """Show everything that is shown in the reader's editor."""
        self.start(self.pipe.action_open_in_editor, "command")

    def _piece(self) -> Piece | None:
        from florilege.export import rows_of

        heads, wanted = self._shown()
        read = partial(rows_of, self.state.library, heads, wanted=wanted)
        name = counted(self.number_shown, "quote")
        whole = Piece(name, self._title, lambda: list(read()), of_quotes=True, grouping=self.grouping)
        return whole if heads else None

    def _export(self, name: str) -> Export:
        """What is shown, to be written to a file of this name."""
        heads, wanted = self._shown()
        return Export(
            name,
            self.state.library,
            heads,
            title=self._title,
            now=self.now(),
            grouping=self.grouping,
            wanted=wanted,
        )

    def _shown(self) -> "tuple[list[ItemSummary], dict[str, set[str]]]":
        """The items of what is shown, and the ids of the highlights of each."""
        wanted: dict[str, set[str]] = {}
        heads = {}
        for passage in (each for part in self.parts for each in part.passages):
            heads[passage.listed.key] = passage.listed.head
            wanted.setdefault(passage.listed.key, set()).add(passage.highlight.id)
        return list(heads.values()), wanted

    @property
    def _title(self) -> str:
        """What is shown, in words."""
        return ": ".join(part for part in (self.title_of_list, str(self.asked)) if part)
