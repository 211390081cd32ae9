"""Finding items in the open place, or everywhere; results are shown as they are found."""

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from florilege.commands import Scope
from florilege.lists.catalogue import ItemRow
from florilege.lists.counts import vocabulary
from florilege.lists.places import Place, PlaceKind
from florilege.lists.reader_state import Aspect, View
from florilege.query.completing import Vocabulary, completions
from florilege.query.language import QueryError, parse
from florilege.query.nodes import Query
from florilege.tui.command_screen import Entries, Question
from florilege.tui.widgets.row_list import ScrollState

if TYPE_CHECKING:
    from florilege.tui.reading.screen import ReadingScreen

_HINT = "words, is:unread, has:quote, not …"
_EVERYWHERE = Place(PlaceKind.EVERYTHING)
_FIRST = 0.02
"""Seconds after which the first results are shown."""
_LATER = 0.3
"""Seconds between later updates of the results: sorting and drawing them takes time from searching."""
_WORK, _REST = 0.002, 0.0003
"""Seconds of searching at a stretch, and seconds between two stretches, in which a key gets the interpreter."""


class _Rests:
    """Sleeps now and then: a thread that never does makes others wait each time they need the interpreter."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def __call__(self) -> None:
        """Sleep, if there was enough work since the last time."""
        if time.monotonic() - self._since >= _WORK:
            time.sleep(_REST)
            self._since = time.monotonic()


class _Left(msgspec.Struct, frozen=True):
    """What was open before a search began."""

    view: View
    scroll_state: ScrollState | None
    pane: Scope


class Find:
    """The prompt for finding, and its results."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self._reading = reading
        self._state = reading.state
        self.entries = Entries(list(reading.context.session.finds))
        """Searches entered in this session and before."""
        self._question: Question | None = None
        self._before: _Left | None = None
        """What was shown before the prompt was opened."""
        self._home: _Left | None = None
        """What was open before searching everywhere."""
        self._turn: object | None = None
        """Identifies the search that shows its results; None when it is complete, or something else was asked for."""
        self._words: Vocabulary = {}
        """The words that complete what is typed; empty until they have been gathered."""
        self._words_of: list[ItemRow] | None = None
        """The list that they are from; None if it is not the one that was open."""

    @property
    def is_looking(self) -> bool:
        """Whether a search is still running."""
        return self._turn is not None

    async def action_find(self) -> None:
        """Show only the items that match what is typed, while it is typed."""
        self._before = self._here()
        await self._ask("Find", self._state.place)

    async def action_find_everywhere(self) -> None:
        """Find in all groups; if the prompt for finding is already open, switch between here and everywhere."""
        prompt = self._reading.prompt
        if self._reading.question is None:
            self._before = self._here()
            self._look("", everywhere=True)
            await self._ask("Find everywhere", _EVERYWHERE)
        elif prompt.question is self._question:
            before, text = self._before, prompt.value
            can_narrow = before is not None and before.view.place != _EVERYWHERE
            everywhere = self._state.place != _EVERYWHERE or not can_narrow
            place = _EVERYWHERE if everywhere or before is None else before.view.place
            self._look(prompt.text, everywhere=everywhere)
            await self._ask("Find everywhere" if everywhere else "Find", place, text)

    async def _ask(self, label: str, place: Place, text: str | None = None) -> None:
        asked = str(self._state.query)
        key = self._reading.key("find-everywhere")
        self._question = question = Question(
            label,
            _HINT,
            (f"{asked} " if asked else "") if text is None else text,
            typed=self._look,
            entries=self.entries,
            complete=lambda typed: completions(typed, self._words),
            keys=[(key, "here or everywhere")] if key else (),
            is_live=True,
            needs=Scope.ITEMS,
        )
        self._gather_words(place)
        typed = await self._reading.ask(question, then=Scope.ITEMS)
        if self._question is not question:
            return  # another question of this class has taken over the prompt
        if typed is not None:
            self._look(typed)
            try:
                parse(typed)
            except QueryError:  # which is said; the line opens again for a correction
                await self._ask(label, place, typed)
        elif self._before is not None:
            self._restore(self._before)

    def _here(self) -> _Left:
        return _Left(self._state.saved_view(), self._reading.items.list.scroll_state, self._reading.pane)

    def _restore(self, left: _Left) -> None:
        """Show exactly what was shown before: the list, its scroll position and the pane."""
        self._reading.workers.cancel_group(self._reading, "find")
        if left.view.place != _EVERYWHERE:
            self._home = None
        self._turn = None
        if (left.view.place, left.view.query) != (self._state.place, self._state.query):
            self._state.restore(left.view)
            if left.scroll_state is not None:
                self._reading.items.list.go_back(left.scroll_state)
        self._reading.go_to_pane(left.pane)

    def come_back(self) -> bool:
        """Return to what was open before searching everywhere, once only the last filter is left; False otherwise."""
        home = self._home
        if home is None or self._state.place != _EVERYWHERE or len(self._state.query.conjuncts) > 1:
            return False
        self._restore(home)
        return True

    def forget(self, *, everything: bool = False) -> None:
        """Forget the search that is running, because another list is open; with `everything`, also the way back."""
        self._turn = None
        if everything:
            self._home = None

    # Searching

    def _look(self, text: str, everywhere: bool | None = None) -> None:
        """Search in the place now searched (None), everywhere (True), or where the reader was before (False)."""
        self._reading.start(partial(self._find, text, everywhere), "find", exclusive=True)

    async def _find(self, text: str, everywhere: bool | None) -> None:
        place = self._place_of(everywhere)
        try:
            query = parse(text)
        except QueryError as error:
            self._reading.say(str(error), problem=True)
            query = self._state.query
        else:
            self._reading.bottom.clear_message()
        if self._turn is not None or (place, query) != (self._state.place, self._state.query):
            await self._show_found(place, query)

    def _place_of(self, everywhere: bool | None) -> Place:
        if everywhere is None:
            return self._state.place
        before = self._before
        if everywhere and self._state.place != _EVERYWHERE:
            self._home = before
        elif not everywhere:
            self._home = None
        return _EVERYWHERE if everywhere or before is None else before.view.place

    async def _show_found(self, place: Place, query: Query) -> None:
        """Show what matches a query, as it is found; a newer query supersedes this one between two steps."""
        state, current = self._state, self._state.current
        before = current.key if current else state.last_cursor(place)
        search = state.new_search(place, query)
        turn = self._turn = object()
        seconds, stays = _FIRST, False
        try:
            while self._turn is turn:
                is_done = await asyncio.to_thread(search.go_on, seconds, time.monotonic, _Rests())
                if is_done and search.problems:
                    self._reading.say(str(search.problems[0]), problem=True)
                began = time.monotonic()
                found = await asyncio.to_thread(state.listing_of, search)
                if turn is not self._turn:
                    return
                self._turn = None if is_done else turn
                # Looking through 100,000 rows for one that is not there would delay a key.
                is_there = current is None or search.holds(current.summary.group, current.summary.id)
                cursor, part = (before if is_there else None), Aspect.LIST
                if stays and state.position > 0:  # a reader who has moved on among the first results keeps their place
                    cursor, part = None, Aspect.ROWS
                state.open(place, query, found, cursor=cursor, part=part)
                # The longer the list, the less often it is updated: most of the time should go into searching.
                seconds, stays = max(_LATER, 4 * (time.monotonic() - began)), True
        finally:
            search.stop()

    # Completion

    def _gather_words(self, place: Place) -> None:
        """Gather the tags, sharers, groups and sites of a place for completion, in a thread."""
        state = self._state
        is_whole = place == state.place and state.query.is_blank and state.previewed is None
        rows = state.rows if is_whole else None
        if rows is None or rows is not self._words_of:
            self._words_of, self._words = rows, {}
            self._reading.start(partial(self._gather, place, rows), "words", exclusive=True)

    async def _gather(self, place: Place, rows: list[ItemRow] | None) -> None:
        state = self._state
        words = await self._reading.read(lambda: vocabulary(state.listing(place).rows if rows is None else rows))
        self._words = words or {}
