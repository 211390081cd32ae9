"""The river: every highlight of the list that is open, as one page. It reads, copies and opens; it changes no list.

Its keys are those of the reading screen, by the names of their commands, so they stay the same when they are rebound.
"""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from textual import on, work
from textual.content import Content

from florilege.lists.choices import vocabulary
from florilege.lists.groupings import Grouping
from florilege.lists.river import Passage, arranged, matching, passages
from florilege.query import Everything, Query, QueryError, parse
from florilege.query.completing import Vocabulary, completions
from florilege.store import LibraryError
from florilege.tui.panes.river import RiverRows
from florilege.tui.screens.river_moving import RiverMoving
from florilege.tui.screens.river_taking import RiverTaking
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.lines import GUTTER
from florilege.tui.widgets.prompt import Question

if TYPE_CHECKING:
    from florilege.tui.screens.reading import ReadingScreen

_NOTHING = (
    "No highlights in this list.",
    "Passages that members mark in a page flow together here.",
)


class RiverScreen(RiverMoving, RiverTaking):
    """All highlights of a list. Gives the passage whose item is to be shown, or None."""

    def __init__(self, reading: "ReadingScreen", title: str) -> None:
        """Take the screen one comes from, whose list is shown.

        Args:
            reading: That screen.
            title: Where one is, in words.
        """
        super().__init__(reading, title)
        self._rows = list(reading.state.rows)
        self._texts: dict[tuple[str, int], str] = {}
        self._known: Vocabulary | None = None
        self._question: Question | None = None
        self._before: tuple[Query, Passage | None] = (self.asked, None)
        """What was looked for before one began to type, and the passage that was under the cursor."""
        self._arranged: tuple[Query, Grouping] | None = None
        """What the list shows, and by what: behind what is asked for until it has been arranged."""

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

    @on(LineList.Chosen)
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
        elif self.exporter.stop():
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
