"""The river: every highlight of the list that is open, as one page. It reads, copies and opens; it changes no list.

Its keys are those of the reading screen, by the names of their commands, so they stay the same when they are rebound.
"""

import asyncio
from functools import cache, partial
from typing import TYPE_CHECKING

import msgspec
from textual import on
from textual.app import ComposeResult

from florilege.commands import Command, Scope, command, shown
from florilege.lists.counts import vocabulary
from florilege.lists.places import PlaceKind, library_query
from florilege.lists.river import Grouping, Passage, arranged, as_text, matching, passages
from florilege.query.completing import completions
from florilege.query.language import QueryError, command_line, parse
from florilege.query.nodes import Everything, Query, all_of
from florilege.store import LibraryError
from florilege.text import counted, grouped
from florilege.tui.command_screen import CommandScreen, Entries, Question
from florilege.tui.panes.river import RiverRows
from florilege.tui.reading.clip import Target
from florilege.tui.reading.exporter import ExportContent
from florilege.tui.widgets.lines import GUTTER, MEASURE
from florilege.tui.widgets.row_list import MOVES, RowList

if TYPE_CHECKING:
    from florilege.tui.reading.screen import ReadingScreen

_NOTHING = (
    "No highlights in this list.",
    "Passages that members highlight are gathered here.",
)

_MOVING = (*MOVES, "read-on", "inward", "back", "quit", "river", "sort", "find", "next-unread", "previous-unread")
_OUTPUT = (
    "open-page", "open-passage", "open-archived", "links", "copy-link", "copy-markdown-link", "copy-quote",
    "copy-all-quotes", "copy-passage-link", "copy-query", "pipe", "open-in-editor", "export",
)  # fmt: skip
_WIDEST = MEASURE + 12
"""Most cells of the list: its prose, and bar, cursor, scrollbar and margins beside it."""
_HERE = {
    "read-on": ("Page down", "Move a page down"),
    "inward": ("Go to the item", "Go to the item this highlight is from"),
    "back": ("Back", "Show all highlights again; from all of them, go back to the list"),
    "river": ("Back to the list", "Go back to the list"),
    "sort": ("Group by", "Group the highlights by item, sharer, tag or month"),
    "find": ("Find", "Show only highlights that match what you type"),
    "next-unread": ("Next section", "Go to the next section"),
    "previous-unread": ("Previous section", "Go to the beginning of this section, or to the previous one"),
    "copy-all-quotes": ("Copy all", "Copy all highlights shown, each with its source"),
    "pipe": ("Pipe to a command", "Pipe all highlights shown to a command"),
    "open-in-editor": (
        "Open in the editor",
        "Open all highlights shown as Markdown in $VISUAL, $EDITOR or $PAGER",
    ),
}
"""Title and sentence of the commands that do something else here."""


def _as_here(name: str) -> Command:
    usual = command(name)
    title, sentence = _HERE.get(name, (usual.title, usual.sentence))
    return msgspec.structs.replace(usual, title=title, sentence=sentence)


COMMANDS = tuple(map(_as_here, (*_MOVING, *_OUTPUT, "palette", "help")))
"""The commands that can be used here."""

_SECTIONS = {Grouping.ITEM: "item", Grouping.SHARER: "sharer", Grouping.TAG: "tag", Grouping.DATE: "month"}
"""What a section of the page is about, by how passages are grouped."""


class RiverScreen(CommandScreen[Passage]):
    """All highlights of a list. Returns the passage whose item is to be shown, or None."""

    DEFAULT_CSS = """
    RiverScreen { overflow: hidden; }
    RiverScreen #river-list { height: 1fr; margin: 1 1 0 1; }
    """
    commands = COMMANDS
    holders = ("screen", "highlights", "clip", "exporter", "command_lists")

    def __init__(self, reading: "ReadingScreen", title: str) -> None:
        """Create the screen.

        Args:
            reading: The screen whose list is shown.
            title: The title of that list.
        """
        super().__init__(reading.context, "river")
        self.marker = reading.marker
        self.exporter.exports, self.exporter.pipes = reading.exporter.exports, reading.exporter.pipes
        self.title_of_list = title
        self.list = RowList(id="river-list", empty=[(("text", "Gathering the highlights …"),)])
        self.highlights = Highlights(self, reading.find.entries)

    def compose(self) -> ComposeResult:
        """The top line, the list and the bottom line; the prompt is added when first needed."""
        yield self.top
        yield self.list
        yield self.bottom

    def on_resize(self) -> None:
        """Centre the list, so that lines of prose are no longer than is comfortable to read."""
        side = 1 + max(0, self.app.size.width - _WIDEST) // 2
        self.list.styles.margin = (1, side, 0, side)

    def on_mount(self) -> None:
        """Start to read the highlights."""
        self.prompt_closed(None)
        self.start(self.highlights.gather, "river")

    def prompt_closed(self, then: Scope | None) -> None:
        """Give the focus to the list."""
        self.set_focus(self.list)
        self.show_keys()

    # What is shown, and acted on

    @property
    def list_here(self) -> RowList:
        """The list of highlights."""
        return self.list

    @property
    def passage(self) -> Passage | None:
        """The passage under the cursor."""
        return self.highlights.rows.passage(self.list.cursor)

    def target(self) -> Target | None:
        """The passage under the cursor, with its item."""
        passage = self.passage
        item = self.state.item(passage.row) if passage else None
        return Target(passage.row, item, passage.highlight) if passage and item else None

    def export_content(self, *, whole: bool) -> ExportContent:
        """All that is shown: of each item, only the highlights that match."""
        wanted: dict[str, set[str]] = {}
        summaries = {}
        for passage in (each for section in self.highlights.rows.sections for each in section.passages):
            summaries[passage.row.key] = passage.row.summary
            wanted.setdefault(passage.row.key, set()).add(passage.highlight.id)
        title = ": ".join(part for part in (self.title_of_list, str(self.highlights.asked)) if part)
        return ExportContent(
            counted(self.highlights.rows.number, "quote"), title, self.state, list(summaries.values()), wanted,
            of_quotes=True, grouping=self.highlights.grouping,
        )  # fmt: skip

    def commands_here(self) -> list[Command]:
        """The commands that make sense now, for the palette."""
        names = (*_MOVING, *_OUTPUT) if self.passage is not None else _MOVING
        return [each for each in COMMANDS if each.id in names]

    def show_top(self) -> None:
        """Update the top line: the list, the filter, and how many passages there are."""
        shown = self.highlights
        crumbs = ["Home", self.title_of_list, "Highlights", *(text for text, _ in shown.asked.crumbs())]
        facts = [counted(len(shown.rows.sections), _SECTIONS[shown.grouping]), shown.grouping.value]
        count = counted(len(shown.passages), "highlight")
        of = count if shown.asked.is_blank else f"{grouped(shown.rows.number)} of {count}"
        self.top.show(crumbs, [of, *reversed(facts)])
        self.show_keys()

    def keys_here(self) -> list[tuple[str, str]]:
        """The keys that apply now, for the bottom line."""
        words = [("find", "find")] if self.highlights.passages else []
        if self.passage is not None:
            words = [
                ("sort", self.highlights.grouping.next.value), *words, ("copy-quote", "copy"),
                ("copy-all-quotes", "copy all"), ("open-page", "open"), ("inward", "to the item"),
            ]  # fmt: skip
        keys = [(self.context.keys.of(name), word) for name, word in [*words, ("back", "back")]]
        return [("↵" if "enter" in own else shown(own[0]), word) for own, word in keys if own]

    # Commands

    @on(RowList.Chosen)
    def action_inward(self) -> None:
        """Go to the item of the passage, in the list."""
        if self.passage is not None and self.is_active:
            self.dismiss(self.passage)

    async def action_back(self) -> None:
        """Close the prompt; else stop an export; else remove the filter; else go back."""
        if self.let_go():
            return
        if self.highlights.asked.is_blank:
            self.action_quit()
        else:
            await self.highlights.look_for(Everything(), self.passage)

    def action_quit(self) -> None:
        """Go back to the list."""
        if self.is_active:  # of several keys or clicks in a queue only the first one leaves
            self.dismiss(None)

    action_river = action_quit


class Highlights:
    """The highlights of a list on the river: which are shown, in which sections, and copying all of them."""

    def __init__(self, river: RiverScreen, entries: Entries) -> None:
        self._river = river
        self._entries = entries
        self._state = river.state
        place = self._state.place
        self.grouping = Grouping.ITEM
        self.asked: Query = place.query if place.kind is PlaceKind.TODAY else Everything()
        """The filter: only passages that match it are shown."""
        self.passages: list[Passage] = []
        """All highlights of the list, unfiltered."""
        self._listed = list(self._state.rows)
        self._texts: dict[tuple[str, int], str] = {}
        self.rows = self._made()
        self._arranged: tuple[Query, Grouping] | None = None
        """The filter and grouping of the rows on the screen; None until the first are shown."""

    async def gather(self) -> None:
        """Read the highlights, and show them."""
        try:
            self.passages = await asyncio.to_thread(passages, self._listed, self._state.library.items)
        except LibraryError as error:
            self._river.list.empty = [(("text", str(error)),)]
            self._river.list.refresh()
            return
        await self._arrange(None)

    async def look_for(self, query: Query, passage: Passage | None) -> None:
        """Filter by a query; the cursor stays on `passage` if it is still there."""
        self.asked = query
        if self._arranged != (query, self.grouping):
            await self._arrange(passage)

    async def _arrange(self, passage: Passage | None) -> None:
        """Show what matches, in sections; the cursor stays on `passage` if it is still there."""
        river, wanted = self._river, (self.asked, self.grouping)
        rows = await asyncio.to_thread(self._made)
        if wanted != (self.asked, self.grouping):
            return
        no_match = ("No highlight matches.", f"{river.key('back')} shows all of them again.")
        river.list.empty = [(("text", line),) for line in (no_match if self.passages else _NOTHING)]
        self.rows, self._arranged = rows, wanted
        river.list.show(rows, keep_place=False)
        place = rows.place_of(passage) if passage else None
        if place is not None:
            river.list.move_to(place)
        else:
            river.list.home()
        river.show_top()

    def _made(self) -> RiverRows:
        state, river = self._state, self._river
        found = matching(self.passages, self.asked, state.state_of, now=state.clock(), texts=self._texts)
        rows = RiverRows(
            arranged(found, self.grouping),
            state.state_of,
            now=state.clock(),
            query=self.asked,
            dates=river.context.config.look.dates,
        )
        rows.measure(max(0, river.list.scrollable_content_region.width - GUTTER))
        return rows

    # Commands

    async def action_sort(self) -> None:
        """Group the highlights by something else."""
        self.grouping = self.grouping.next
        await self._arrange(self._river.passage)

    def action_read_on(self) -> None:
        """Move a page down."""
        self._river.list.page(1)

    def action_next_unread(self) -> None:
        """Go to the next section, since nothing is unread here."""
        self._river.list.move_to(self.rows.section_from(self._river.list.cursor, 1))

    def action_previous_unread(self) -> None:
        """Go to the beginning of this section, or to the previous one."""
        self._river.list.move_to(self.rows.section_from(self._river.list.cursor, -1))

    async def action_find(self) -> None:
        """Show only the passages that match what is typed."""
        river = self._river
        before, hint = (self.asked, river.passage), "words, by:name, tag:name, is:new …"
        known = cache(partial(vocabulary, self._listed))  # when it is first needed
        question = Question(
            "Find", hint, str(self.asked), typed=self._start, entries=self._entries,
            complete=lambda text: completions(text, known()),
        )  # fmt: skip
        typed = await river.ask(question)
        if typed is None:
            await self.look_for(*before)
        else:
            self._start(typed)

    def _start(self, text: str) -> None:
        self._river.start(partial(self._find, text), "find", exclusive=True)

    async def _find(self, text: str) -> None:
        river = self._river
        try:
            query = parse(text)
        except QueryError as error:
            river.say(str(error), problem=True)
            return
        river.bottom.clear_message()
        await self.look_for(query, river.passage)

    def action_copy_query(self) -> None:
        """Copy the command line that shows these highlights."""
        state = self._state
        title = state.catalogue.title(state.place.group) if state.place.group else ""
        query = library_query(state.place, all_of([state.whole_query, self.asked]), title)
        self._river.clip.copy(command_line(query, "quotes"), "Command line")

    async def action_copy_all_quotes(self) -> None:
        """Copy all passages shown, with their sources."""
        rows, state = self.rows, self._state
        if not rows.sections:
            self._river.say("There is no highlight to copy.")
            return
        text = await asyncio.to_thread(
            as_text, rows.sections, state.item, state.clock(), self._river.context.config.copy.quote
        )
        self._river.clip.copy(
            text, f"{counted(rows.number, 'quote')} with {'its' if rows.number == 1 else 'their'} source"
        )
