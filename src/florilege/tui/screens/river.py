"""The river: every highlight of the list that is open, as one page. It reads, copies and opens; it changes no list.

Its keys are those of the reading screen, by the names of their commands, so they stay the same when they are rebound.
"""

import asyncio

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen

from florilege.commands import command, shown
from florilege.library import LibraryError
from florilege.query import Everything, Query, QueryError, parse
from florilege.text import counted, grouped
from florilege.tui.keys import bound
from florilege.tui.panes.river import RiverRows
from florilege.tui.screens.helping import Helping
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.painting import GUTTER
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.widgets.signs import BottomLine, TopLine
from florilege.tui.writing import EXPORT, FORMATS_HINT, Export, FileWriting
from florilege.views import quoting
from florilege.views.river import Grouping, Part, Passage, arranged, as_markdown, matching, passages

_COMMANDS = (
    "down", "up", "half-page-down", "half-page-up", "page-down", "page-up", "top", "bottom", "read-on", "inward",
    "back", "quit", "river", "sort", "find", "open-page", "copy-link", "copy-markdown-link", "copy-quote",
    "copy-all-quotes", "export", "next-unread", "previous-unread",
)  # fmt: skip
"""The commands that have a meaning here."""


class RiverScreen(FileWriting, Screen[Passage | None]):
    """All highlights of a list. Gives the passage whose item is to be shown, or None."""

    DEFAULT_CSS = """
    RiverScreen #river-list { height: 1fr; padding: 1 1 0 1; }
    """

    def __init__(self, reading: Helping, title: str) -> None:
        """Take the screen one comes from, whose list is shown.

        Args:
            reading: That screen.
            title: Where one is, in words.
        """
        super().__init__(id="river")
        self.bottom = BottomLine()
        self.prompt = Prompt()
        self.list = LineList(id="river-list", empty=[Content("Gathering the highlights ...")])
        self.grouping = Grouping.ITEM
        self.asked: Query = Everything()
        self._reading = reading
        self._world = reading.world
        self._desk = reading.desk
        self._title = title
        self._top = TopLine()
        self._rows = list(reading.desk.rows)
        bound(self._bindings, map(command, _COMMANDS), reading.world.keys)
        self._passages: list[Passage] = []
        self._texts: dict[tuple[str, int], str] = {}

    def compose(self) -> ComposeResult:
        """A line above, the page, a line for typing, a line below."""
        yield self._top
        yield self.list
        yield self.prompt
        yield self.bottom

    def on_mount(self) -> None:
        """Begin to gather."""
        self.list.focus()
        self.prompt.help_with("find", self._reading.find_helper)
        self._show_keys()
        self._gather()

    @work(group="river", name="gather", description="Gathering the highlights", exclusive=True, exit_on_error=False)
    async def _gather(self) -> None:
        try:
            self._passages = await asyncio.to_thread(passages, self._rows, self._desk.library.items)
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
        key = self._key("back")
        nothing = ["No highlight matches.", f"{key} takes the filter off."] if self._passages else _NOTHING
        self.list.empty = [Content(line) for line in nothing]
        self.list.show(rows, keep_place=False)
        place = rows.place_of(passage) if passage else None
        if place is not None:
            self.list.move_to(place)
        else:
            self.list.home()
        self._show_top()

    def _made(self) -> RiverRows:
        desk = self._desk
        found = matching(self._passages, self.asked, desk.state, now=desk.clock(), texts=self._texts)
        rows = RiverRows(
            arranged(found, self.grouping),
            desk.state,
            now=desk.clock(),
            query=self.asked,
            dates=self._world.config.look.dates,
        )
        rows.measure(max(0, self.list.scrollable_content_region.width - GUTTER))
        return rows

    # Showing

    def _show_top(self) -> None:
        crumbs = ["Home", self._title, "Highlights", *(text for text, _ in self.asked.crumbs())]
        parts, shown_passages = self._shown
        facts = [counted(len(parts), "item" if self.grouping is Grouping.ITEM else "part"), self.grouping.value]
        count = len(self._passages)
        of = f"{grouped(shown_passages)} of {counted(count, 'highlight')}" if not self.asked.is_blank else None
        self._top.show(crumbs, [of or counted(count, "highlight"), *reversed(facts)])

    @property
    def _shown(self) -> tuple[list[Part], int]:
        rows = self.list.rows
        parts = list(rows.parts) if isinstance(rows, RiverRows) else []
        once = {(each.listed.key, each.number) for part in parts for each in part.passages}
        return parts, len(once)

    def _show_keys(self) -> None:
        if self.prompt.is_open:
            self.bottom.show_keys([("↵", "done"), *self.prompt.hints, ("esc", "never mind")])
            return
        words = (
            ("sort", self.grouping.next.value), ("find", "find"), ("copy-quote", "copy"),
            ("copy-all-quotes", "copy all"), ("open-page", "open"), ("inward", "to the item"),
        )  # fmt: skip
        self.bottom.show_keys([(self._key(name), word) for name, word in words] + [(self._key("back"), "back")])

    def _key(self, name: str) -> str:
        keys = self._world.keys.of(name)
        return "↵" if "enter" in keys else shown(keys[0]) if keys else "–"

    @property
    def passage(self) -> Passage | None:
        """The passage under the cursor."""
        rows = self.list.rows
        return rows.passage(self.list.cursor) if isinstance(rows, RiverRows) else None

    def on_key(self) -> None:
        """A key takes the message away: it has been read."""
        self.bottom.hush()

    # Moving

    def action_down(self) -> None:
        """Move down."""
        self.list.move(1)

    def action_up(self) -> None:
        """Move up."""
        self.list.move(-1)

    def action_half_page_down(self) -> None:
        """Move half a page down."""
        self.list.half_page(1)

    def action_half_page_up(self) -> None:
        """Move half a page up."""
        self.list.half_page(-1)

    def action_page_down(self) -> None:
        """Move a page down."""
        self.list.page(1)

    def action_read_on(self) -> None:
        """Move a page down."""
        self.list.page(1)

    def action_page_up(self) -> None:
        """Move a page up."""
        self.list.page(-1)

    def action_top(self) -> None:
        """Go to the first passage."""
        self.list.home()

    def action_bottom(self) -> None:
        """Go to the last passage."""
        self.list.end()

    def action_next_unread(self) -> None:
        """Go to the next part: here the keys for the next thing to read go from part to part."""
        self._go_to_part(1)

    def action_previous_unread(self) -> None:
        """Go to the beginning of this part, or of the one before."""
        self._go_to_part(-1)

    def _go_to_part(self, direction: int) -> None:
        rows = self.list.rows
        if isinstance(rows, RiverRows) and self.list.cursor >= 0:
            self.list.move_to(rows.part_from(self.list.cursor, direction))

    @on(LineList.Chosen)
    def action_inward(self) -> None:
        """Go to the item of the passage, in the list."""
        if self.passage is not None:
            self.dismiss(self.passage)

    async def action_back(self) -> None:
        """Take the filter off; without one, go back."""
        if self.prompt.is_open and self.prompt.purpose == EXPORT:
            self._close_prompt()
            return
        if not self.prompt.is_open and self.stop_export():
            return
        if self.prompt.is_open:
            self._close_prompt()
        if self.asked.is_blank:
            self.dismiss(None)
        else:
            await self._look_for(Everything())

    def action_quit(self) -> None:
        """Go back where one was."""
        self.dismiss(None)

    action_river = action_quit

    async def action_sort(self) -> None:
        """Part the river by something else."""
        self.grouping = self.grouping.next
        self._show_keys()
        await self._arrange(self.passage)

    # Finding

    def action_find(self) -> None:
        """Show only the passages that answer to what is typed."""
        self.prompt.ask("find", "Find", "words, by:name, tag:name, is:new ...", str(self.asked))
        self._show_keys()

    @on(Prompt.Typed)
    def _typed(self, event: Prompt.Typed) -> None:
        event.stop()
        if event.purpose == "find":
            self._find(event.text)

    @work(group="find", name="find", description="Looking for what was typed", exclusive=True, exit_on_error=False)
    async def _find(self, text: str) -> None:
        try:
            query = parse(text)
        except QueryError as error:
            self.bottom.say(str(error), problem=True)
            return
        self.bottom.hush()
        await self._look_for(query)

    @on(Prompt.Entered)
    def _entered(self, event: Prompt.Entered) -> None:
        event.stop()
        self._close_prompt()
        if event.purpose == "find":
            self._find(event.text)
        elif event.text:
            self._export(event.text)

    def _close_prompt(self) -> None:
        self.prompt.close()
        self.set_focus(self.list)
        self._show_keys()

    async def _look_for(self, query: Query) -> None:
        if query != self.asked:
            self.asked = query
            await self._arrange(self.passage)

    # Taking away

    def action_open_page(self) -> None:
        """Open the page of the passage in the browser."""
        if self.passage is None:
            self.bottom.say("There is no highlight to open the page of.")
        else:
            self._open(self.passage)

    def action_copy_link(self) -> None:
        """Copy the link of the page of the passage."""
        url = self.passage.listed.head.url if self.passage else None
        if url is None:
            self.bottom.say("No link is known for this item." if self.passage else "There is nothing to copy from.")
        else:
            self._copy(self.passage, url, "Link")

    def action_copy_markdown_link(self) -> None:
        """Copy title and link of the page as Markdown."""
        item = self._desk.item(self.passage.listed) if self.passage else None
        if item is None or item.url is None:
            self.bottom.say("No link is known for this item." if item else "There is nothing to copy from.")
        else:
            self._copy(self.passage, quoting.markdown_link(item), "Markdown link")

    def action_copy_quote(self) -> None:
        """Copy the passage under the cursor with its source."""
        item = self._desk.item(self.passage.listed) if self.passage else None
        if self.passage is None or item is None:
            self.bottom.say("There is no highlight to copy.")
            return
        text = quoting.quote(item, self.passage.highlight, self._desk.clock())
        self._copy(self.passage, text, "Quote with its source")

    def action_copy_all_quotes(self) -> None:
        """Copy everything that is shown, with its sources."""
        parts, count = self._shown
        if not parts:
            self.bottom.say("There is no highlight to copy.")
            return
        self._copy_all(parts, count)

    def action_export(self) -> None:
        """Write what is shown to a file, of each item only the highlights that are shown."""
        from florilege.exporting.naming import slug

        if not self._shown[0]:
            self.bottom.say("There is nothing to export.")
            return
        self.prompt.ask(EXPORT, "Write to", FORMATS_HINT, f"{slug(self._title) or 'florilege'}.md")
        self._show_keys()

    def _export(self, name: str) -> None:
        from florilege.exporting.gathering import gathered
        from florilege.exporting.passages import only

        wanted: dict[str, set[str]] = {}
        heads = {}
        for passage in (each for part in self._shown[0] for each in part.passages):
            heads[passage.listed.key] = passage.listed.head
            wanted.setdefault(passage.listed.key, set()).add(passage.highlight.id)
        library = self._desk.library
        export = Export(
            name,
            lambda told: only(gathered(library, list(heads.values()), told), wanted),
            len(heads),
            ": ".join(part for part in (self._title, str(self.asked)) if part),
            self._desk.clock(),
        )
        self.write_export(export, self._key("back"))

    @work(group="copying", name="copy-all", description="Copying all that is shown", exit_on_error=False)
    async def _copy_all(self, parts: list[Part], count: int) -> None:
        text = await asyncio.to_thread(as_markdown, parts, self._desk.item, self._desk.clock())
        await self._copied(text, f"{counted(count, 'quote')} with {'its' if count == 1 else 'their'} source")

    @work(group="copying", name="copy", description="Copying to the clipboard", exit_on_error=False)
    async def _copy(self, passage: Passage | None, text: str, what: str) -> None:
        if await self._copied(text, what) and passage and self._world.config.reading.mark_on_copy:
            self._reading.mark_as_seen(passage.listed)

    async def _copied(self, text: str, what: str) -> bool:
        write = self.app.write_to_terminal  # type: ignore[attr-defined]
        copied = await asyncio.to_thread(self._world.copy, text, write)
        self.bottom.say(f"{what} {copied}" if copied.ways else str(copied), problem=not copied.ways)
        return bool(copied.ways)

    @work(group="opening", name="open", description="Opening the page in the browser", exit_on_error=False)
    async def _open(self, passage: Passage) -> None:
        opening = await asyncio.to_thread(self._world.open_page, passage.listed.head.url)
        self.bottom.say(str(opening), problem=not opening.is_open)
        if opening.is_open and self._world.config.reading.mark_on_open:
            self._reading.mark_as_seen(passage.listed)


_NOTHING = [
    "No highlights in this list.",
    "Passages that members mark in a page flow together here.",
]
