"""Saved searches: smart places of the reader's own, their counts, and the actions that save, change and order them."""

import asyncio
import time
from collections.abc import Callable
from threading import Lock

from textual import on, work
from textual.timer import Timer

from florilege.lists.places import Kind, Place, asked_here
from florilege.lists.saved_searches import SavedSearch, SearchCount, understood
from florilege.query import QueryError, parse
from florilege.settings.searches import Search, SearchFile
from florilege.settings.toml_files import NotWrittenError
from florilege.store import LibraryError
from florilege.tui.panes.groups import PlaceRow, PlaceRows
from florilege.tui.screens.base import ReadingBase
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.world import World

SAVE = "save-search"
RENAME = "rename-search"
EDIT = "edit-search"

_CALM = 0.4
"""Seconds without a mark or a refresh before searches are counted again."""
_PAUSE = 0.001
"""Seconds between two steps of counting, each of a few milliseconds: nobody waits for it."""


class Searching(ReadingBase):
    """Saving searches, and keeping their counts."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._search_file = SearchFile(world.searches) if world.searches is not None else None
        self._search_counts: dict[str, SearchCount] = {}
        self._search_timer: Timer | None = None
        self._counting = Lock()
        self._about_search = ""
        """The name of the search that is being renamed or edited."""
        self.search_problems: list[str] = []
        """What could not be read of the searches, a sentence each."""
        self._read_searches()

    # In the groups pane

    def search_rows(self) -> list[PlaceRow]:
        """The saved searches as rows of the groups pane; what has changed is counted soon."""
        if self.desk.searches and self.is_running:
            self._count_soon()
        return [
            PlaceRow(
                Place(Kind.SEARCH, search=each.name),
                each.name,
                count.unread if (count := self._search_counts.get(each.name)) else None,
                count.items if count else None,
                failing=bool(each.problem),
            )
            for each in self.desk.searches
        ]

    def _count_soon(self) -> None:
        """Count once nothing has changed for a moment, so that reading fast costs nothing."""
        if self._search_timer is not None:
            self._search_timer.stop()
        self._search_timer = self.set_timer(_CALM, self.count_searches)

    @work(group="searches", name="count", description="Counting saved searches", exclusive=True, exit_on_error=False)
    async def count_searches(self) -> None:
        """Count what answers to each saved search, and show it if that has changed."""
        try:
            counts = await asyncio.to_thread(self._count_in_turn)
        except LibraryError:
            return  # Whoever opens the group that can't be read is told why.
        if counts != self._search_counts:
            self._search_counts = counts
            self.show_groups()
            if self._search_timer is not None:
                self._search_timer.stop()  # Showing the counts asks for no other count.

    def _count_in_turn(self) -> dict[str, SearchCount]:
        """Count with pauses, in which keys find the interpreter free; one after the other, when two are asked for."""
        with self._counting:
            return self.desk.count_searches(lambda: time.sleep(_PAUSE))

    def _read_searches(self) -> None:
        searches, problems = self._search_file.read() if self._search_file else ([], [])
        self.desk.searches = understood(searches)
        self.search_problems = [*problems, *(each.problem for each in self.desk.searches if each.problem)]

    # Saving and changing

    def action_save_search(self) -> None:
        """Save what the list shows as a search, under a name."""
        asked = self._asked
        if not asked:
            self.say(f"There is nothing to save: {self.world.keys.label('find')} looks for something first.")
        elif self._can_write:
            self.prompt.ask(SAVE, "Save as", "a name for the search")
            self.show_keys()

    def action_rename_search(self) -> None:
        """Give the search under the cursor another name."""
        self._ask_about(RENAME, "Rename", lambda search: search.name)

    def action_edit_search(self) -> None:
        """Change what the search under the cursor looks for."""
        self._ask_about(EDIT, "Look for", lambda search: search.text)

    async def action_delete_search(self) -> None:
        """Delete the search under the cursor."""
        search = self._search_here()
        if search is not None and self._can_write and self._changed(lambda file: file.remove(search.name)):
            self.say(f"Deleted the search “{search.name}”. It looked for: {search.text}")
            if self.desk.place.search == search.name:
                await self.open_place(Place(Kind.UNREAD))
                self.groups_list.move_to(self.desk.place.key)

    def action_move_search_up(self) -> None:
        """Move the search under the cursor up."""
        self._move(-1)

    def action_move_search_down(self) -> None:
        """Move the search under the cursor down."""
        self._move(1)

    @on(Prompt.Entered)
    async def _search_entered(self, event: Prompt.Entered) -> None:
        if event.purpose not in {SAVE, RENAME, EDIT}:
            return
        event.stop()
        self.prompt.close()
        self.go_to_pane(self.pane)
        if not event.text:
            return
        if event.purpose == SAVE:
            search = Search(event.text, self._asked)
            if self._changed(lambda file: file.add(search)):
                self.say(f"Saved as “{search.name}”; it stands above the groups.")
        elif event.purpose == RENAME:
            await self._rename(self._about_search, event.text)
        else:
            await self._edit(self._about_search, event.text)

    async def _rename(self, name: str, new: str) -> None:
        if name != new and self._changed(lambda file: file.rename(name, new)):
            if self.desk.place.search == name:
                await self.open_place(Place(Kind.SEARCH, search=new))
                self.groups_list.move_to(self.desk.place.key)
            self.say(f"“{name}” is now “{new}”.")

    async def _edit(self, name: str, text: str) -> None:
        try:
            parse(text)
        except QueryError as error:
            self.prompt.ask(EDIT, "Look for", "", text)  # what is wrong is seldom all of it
            self.show_keys()
            self.say(f"{error} The search stays as it was.", problem=True)
            return
        if self._changed(lambda file: file.ask_anew(name, text)):
            if self.desk.place.search == name:
                await self.open_place(self.desk.place)
            self.say(f"“{name}” looks for: {text}")

    def _move(self, steps: int) -> None:
        search = self._search_here()
        moved = False

        def move(file: SearchFile) -> None:
            nonlocal moved
            moved = file.move(search.name, steps) if search else False

        if search is not None and self._can_write and self._changed(move) and not moved:
            self.say(f"“{search.name}” is the {'first' if steps < 0 else 'last'} search.")

    def _ask_about(self, purpose: str, label: str, text: Callable[[SavedSearch], str]) -> None:
        search = self._search_here()
        if search is not None and self._can_write:
            self._about_search = search.name
            self.prompt.ask(purpose, label, "", text(search))
            self.show_keys()

    # What is meant

    @property
    def _asked(self) -> str:
        """What the list shows, as the query that would show it."""
        place = self.desk.place
        title = self.desk.catalogue.title(place.group) if place.group else ""
        return str(asked_here(place, self.desk.asked, title))

    def _search_here(self) -> SavedSearch | None:
        """The search under the cursor of the groups pane; says so when there is none."""
        rows = self.groups_list.rows
        place = rows.place(self.groups_list.cursor) if isinstance(rows, PlaceRows) else None
        search = self.desk.search(place.search) if place and place.search else None
        if search is None:
            self.say("Put the cursor on a saved search first.")
        return search

    @property
    def _can_write(self) -> bool:
        if self._search_file is None:
            self.say("Searches can't be saved here: this library is kept for this visit only.")
        return self._search_file is not None

    def _changed(self, change: Callable[[SearchFile], None]) -> bool:
        """Change the file and show what it holds now; says why when it can't be changed."""
        if self._search_file is None:
            return False
        try:
            change(self._search_file)
        except NotWrittenError as error:
            self.say(str(error), problem=True)
            return False
        self._read_searches()
        self.show_groups()
        return True
