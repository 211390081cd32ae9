"""Saved searches: showing and counting them, and saving and changing them."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from textual.timer import Timer

from florilege.files import NotWritten
from florilege.lists.places import Place, PlaceKind, SavedSearch, library_query, parse_searches
from florilege.model import Counts
from florilege.settings.searches import Search, SearchFile
from florilege.store import LibraryError
from florilege.tui.command_screen import Question
from florilege.tui.reading.groups import PlaceRow, numbers
from florilege.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from florilege.tui.reading.screen import ReadingScreen

_UNSAVED = "Searches can't be saved here: this library is kept for this visit only."
_CALM = 0.4
"""Seconds without a mark or a refresh before searches are counted again."""
_PAUSE = 0.001
"""Seconds between two steps of counting, each of a few milliseconds: nobody waits for the counts."""


class SavedSearches:
    """The searches in the file, and how many items each finds."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self._reading = reading
        self._state = reading.state
        self._file = SearchFile(reading.context.searches) if reading.context.searches is not None else None
        self._counts: dict[str, Counts] = {}
        self._calm: Timer | None = None
        self._counting = Lock()

    def rows(self) -> list[PlaceRow]:
        """The searches as rows of the groups pane."""
        return [
            PlaceRow(
                Place(PlaceKind.SEARCH, search=each.name),
                each.name,
                partial(numbers, partial(self._counts.get, each.name)),
                failing=bool(each.problem),
            )
            for each in self._state.searches
        ]

    def count_soon(self) -> None:
        """Count once nothing has changed for a moment, so that fast reading is not slowed down."""
        if self._calm is not None:
            self._calm.stop()
        if self._state.searches:
            self._calm = self._reading.set_timer(_CALM, self.count)

    def count(self) -> None:
        """Count the items that match each search, and show the counts if they have changed."""
        self._reading.start(self._count, "searches", exclusive=True)

    async def _count(self) -> None:
        def in_turn() -> dict[str, Counts]:
            with self._counting:  # one at a time, if two counts are requested
                return self._state.count_searches(lambda: time.sleep(_PAUSE))

        try:
            counts = await asyncio.to_thread(in_turn)
        except LibraryError:
            return  # Opening the group that can't be read reports why.
        if counts != self._counts:
            self._counts.clear()
            self._counts.update(counts)
            self._reading.groups.refresh()

    def read(self) -> list[str]:
        """Read the file, and return what is wrong with it, one sentence each."""
        searches, problems = self._file.read() if self._file else ([], [])
        self._state.searches = parse_searches(searches)
        return [*problems, *(each.problem for each in self._state.searches if each.problem)]

    # Saving and changing

    async def action_save_search(self) -> None:
        """Save what the list shows as a search, under a name."""
        place = self._state.place
        title = self._state.catalogue.title(place.group) if place.group else ""
        asked = str(library_query(place, self._state.whole_query, title))
        if not asked:
            first = f"There is nothing to save: {self._reading.key('find')} looks for something first."
            await self._reading.refuse(first)
        elif self._file is None:
            await self._reading.refuse(_UNSAVED)
        elif name := await self._ask("Save this search as", "", lambda file, name: file.add(Search(name, asked))):
            self._reading.say(f"Saved as “{name}”; it is listed above the groups.")

    async def rename(self) -> None:
        """Rename the search under the cursor."""
        if (search := await self._changeable()) is None:
            return
        old = search.name
        new = await self._ask("Rename", old, lambda file, new: file.replace(old, Search(new, search.text)))
        if new and new != old:
            if self._state.place.search == old:
                await self._reading.moves.open_place(Place(PlaceKind.SEARCH, search=new))
            self._reading.say(f"“{old}” is now “{new}”.")

    async def action_edit_search(self) -> None:
        """Change what the search under the cursor looks for."""
        from florilege.query.language import QueryError, parse

        if (search := await self._changeable()) is None:
            return
        name = search.name

        def replace(file: SearchFile, text: str) -> None:
            try:
                parse(text)
            except QueryError as error:  # the reader can correct it: seldom is all of it wrong
                raise NotWritten(f"{error} The search stays as it was.") from error
            file.replace(name, Search(name, text))

        if text := await self._ask("Look for", search.text, replace):
            if self._state.place.search == name:
                await self._reading.moves.open_place(self._state.place)
            self._reading.say(f"“{name}” looks for: {text}")

    async def delete(self) -> None:
        """Delete the search under the cursor."""
        search = await self._changeable()
        if search is not None and self._change(lambda file: file.remove(search.name)):
            self._reading.say(f"Deleted the search “{search.name}”. It looked for: {search.text}")
            if self._state.place.search == search.name:
                await self._reading.moves.open_place(Place(PlaceKind.UNREAD))

    async def _changeable(self) -> SavedSearch | None:
        """The search under the cursor of the groups pane; if it can't be changed, says so."""
        name = self._reading.groups.search
        search = self._state.saved_search(name) if name else None
        if search is None or self._file is None:
            await self._reading.refuse("Put the cursor on a saved search first." if search is None else _UNSAVED)
            return None
        return search

    async def _ask(self, label: str, text: str, change: Callable[[SearchFile, str], None]) -> str | None:
        """Ask until what was typed could be written, and return it; None if the reader left the prompt."""
        while (typed := await self._reading.ask(Question(label, text=text))) is not None:
            text = typed
            if not typed:
                self._reading.say("There is nothing to save yet: type it, or leave with esc.", problem=True)
            elif self._change(lambda file, typed=typed: change(file, typed)):  # type: ignore[misc]
                break
        return typed

    def _change(self, change: Callable[[SearchFile], None]) -> bool:
        """Change the file and show what it holds now; report why if it can't be changed."""
        if self._file is None:
            return False
        try:
            change(self._file)
        except NotWritten as error:
            self._reading.say(str(error), problem=True)
            return False
        self.read()
        groups = self._reading.groups
        # A renamed or deleted search leaves its row; the caller decides which place is open then.
        with groups.list.prevent(RowList.Moved):
            groups.show()
        self.count_soon()
        return True
