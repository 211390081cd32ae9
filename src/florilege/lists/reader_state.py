"""The state of the reader view: the open place, its list, the cursor, the selection, items kept after being read.

No Textual here. The view is notified of each change (`ReaderState.on_change`); counts are derived from the state.
Methods documented as being for a worker thread read the library, may take a moment, and do not change the state.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import Flag, auto
from functools import cached_property
from operator import attrgetter, indexOf
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from florilege.lists.catalogue import Catalogue, ItemRow
from florilege.lists.loaded_group import Order
from florilege.lists.places import NOTHING, Arrivals, Place, PlaceKind, SavedSearch, Visited
from florilege.model import Counts, Item, ReadingState
from florilege.query.nodes import Everything, Query
from florilege.settings import FirstScreen, SavedRow
from florilege.store import Library, LibraryError

if TYPE_CHECKING:
    from florilege.lists.changes import Changes
    from florilege.lists.search import Search

_SAVED = 60
"""Number of rows saved for the next start: more than fit on a screen."""
_id_of = attrgetter("summary.id")


class Aspect(Flag):
    """What a change affects."""

    LIST = auto()
    """Another list was opened, or the same one in another order."""
    ROWS = auto()
    """The open list was reloaded: the item under the cursor keeps its position on the screen."""
    MARKS = auto()
    """Reading states."""
    SELECTION = auto()
    CURSOR = auto()
    """The cursor moved to another item."""


class Jump(msgspec.Struct, frozen=True):
    """The target of "next unread"."""

    place: Place
    item: str
    """The id of the item."""
    wrapped: bool
    """Whether the search wrapped around from the end to the beginning."""


class Listing(msgspec.Struct, frozen=True):
    """Rows to show, with what is computed of them outside of key handling."""

    rows: list[ItemRow] = msgspec.field(default_factory=list)
    unread: int | None = None
    """How many rows are unread as of `counted_at`; None if not counted yet."""
    counted_at: int = -1
    """`Catalogue.version` at the time of counting."""
    ids: set[str] | None = None
    """The ids of the rows, which stay in the list when they are read; None if only those marked from now on stay."""
    is_whole: bool = True
    """Whether the search is complete. Until then all selected items stay selected, as they may still be found."""


class View(msgspec.Struct, eq=False):
    """An open list. Its rows never change; different rows make a new view."""

    place: Place
    query: Query
    rows: list[ItemRow]
    kept_visible: set[str] = msgspec.field(default_factory=set)
    """Ids of items that stay in the list even if they no longer belong: for example, read since the place was opened.
    """
    position: int = -1
    """The row of the cursor, from 0; -1 if there are no rows."""
    selected: dict[str, ItemRow] = msgspec.field(default_factory=dict)
    """The selected items, by id, in order of selection."""
    unread: int | None = None
    """How many rows are unread as of `counted_at`; None if not counted."""
    counted_at: int = -1
    """`Catalogue.version` at the time of counting."""
    _ids: set[str] | None = None

    @property
    def ids(self) -> set[str]:
        """The ids of the rows."""
        if self._ids is None:
            self._ids = set(map(_id_of, self.rows))
        return self._ids

    @property
    def current(self) -> ItemRow | None:
        """The row of the cursor."""
        return self.rows[self.position] if 0 <= self.position < len(self.rows) else None

    def place_of(self, key: str | None, near: int = -1) -> int:
        """The position of the item with this id, trying `near` first; -1 if it is not there."""
        if key is None:
            return -1
        if 0 <= near < len(self.rows) and self.rows[near].key == key:
            return near
        try:
            return indexOf(map(_id_of, self.rows), key)
        except ValueError:
            return -1

    def surviving(self, before: "View") -> int:
        """The cursor position after `before`: its current item, or the nearest one still in the list; -1 if none."""
        found = self.place_of(before.current.key if before.current else None, before.position)
        if found >= 0 or before.current is None:
            return found
        near = before.position
        places = {row.key: place for place, row in enumerate(self.rows)}
        for distance in range(1, len(before.rows)):
            for neighbour in (near + distance, near - distance):
                if 0 <= neighbour < len(before.rows) and before.rows[neighbour].key in places:
                    return places[before.rows[neighbour].key]
        return -1


class ReaderState:
    """The open place, its list, the cursor and the selection.

    Args:
        library: The library to read.
        clock: Returns the current time, with time zone.
        texts: The folder that caches searchable texts; None to keep them in memory.
        keeps_unsaved: Whether marks that cannot be written are shown as made and retried later, instead of rejected.
    """

    def __init__(
        self,
        library: Library,
        *,
        clock: Callable[[], datetime],
        texts: Path | None = None,
        keeps_unsaved: bool = True,
    ) -> None:
        self._keeps_unsaved = keeps_unsaved
        self.library = library
        self.clock = clock
        self.catalogue = Catalogue(library, clock=clock, texts=texts)
        self.view = View(Place(PlaceKind.UNREAD), Everything(), [])
        self.order = Order.NEWEST
        self.previewed: FirstScreen | None = None
        """The saved part of a list, shown until the list itself has been loaded."""
        self.visited: Visited[tuple[Place, str]] = Visited()
        self.arrivals = Arrivals()
        """Items added by refreshes since the app was started."""
        self.searches: tuple[SavedSearch, ...] = ()
        """The user's saved searches, in order."""
        self.on_change: Callable[[Aspect], None] = lambda _: None
        """Called synchronously on each change."""
        self._last_selected: str | None = None
        self._cursors: dict[str, str] = {}

    @cached_property
    def changes(self) -> "Changes":
        """The user's changes; loaded when the first is made."""
        from florilege.lists.changes import Changes

        return Changes(self.library, self.catalogue, self.clock, keeps_unsaved=self._keeps_unsaved)

    # What is open

    @property
    def place(self) -> Place:
        """The open place."""
        return self.view.place

    @property
    def query(self) -> Query:
        """The filter of the list; blank if there is none."""
        return self.view.query

    @property
    def rows(self) -> list[ItemRow]:
        """The rows of the list."""
        return self.view.rows

    @property
    def current(self) -> ItemRow | None:
        """The row under the cursor."""
        return self.view.current

    @property
    def position(self) -> int:
        """The position of the cursor in the list, from 0; -1 if the list is empty."""
        return self.view.position

    @property
    def selected_rows(self) -> list[ItemRow]:
        """The selected items, in list order."""
        selected = self.view.selected
        return [row for row in self.rows if row.key in selected] if selected else []

    def open(
        self,
        place: Place,
        query: Query,
        found: Listing,
        *,
        cursor: str | None = None,
        part: Aspect = Aspect.LIST,
        previewed: FirstScreen | None = None,
    ) -> None:
        """Show another list.

        Args:
            place: The place.
            query: The filter its items match.
            found: The items.
            cursor: The id of the item to put the cursor on.
            part: `LIST`, or `ROWS` for the same list reloaded, which keeps the cursor position.
            previewed: The saved part of a list, if these are only its rows.
        """
        self._remember_cursor()
        before, rows = self.view, found.rows
        kept = before.kept_visible if place == before.place else set()
        view = View(place, query, rows, kept, unread=found.unread, counted_at=found.counted_at, _ids=found.ids)
        if found.ids is not None:  # search-as-you-type has none, so its cost is independent of the length
            view.kept_visible = found.ids if found.ids >= kept else kept | found.ids
        if before.selected:
            view.selected = (
                {row.key: row for row in rows if row.key in before.selected} if found.is_whole else before.selected
            )
        position = view.place_of(cursor, before.position)
        if position < 0 and Aspect.ROWS in part:
            position = view.surviving(before)
        view.position = min(max(position, 0), len(rows) - 1)
        self.previewed = previewed
        self.view = view
        self.on_change(part)

    def preview(self, place: Place, query: Query, first: FirstScreen, cursor: str | None) -> None:
        """Show the saved part of a list until the list itself has been loaded."""
        self.catalogue.preview((row.state for row in first.rows), first.counts)
        rows = [ItemRow(row.summary, self.catalogue.title(row.summary.group)) for row in first.rows]
        self.open(place, query, Listing(rows, ids=set(map(_id_of, rows))), cursor=cursor, previewed=first)

    def first_screen(self) -> FirstScreen:
        """The part of the list to save for the next start: the rows around the cursor."""
        if self.previewed is not None:
            return self.previewed
        before = max(0, self.position - _SAVED // 3)
        return FirstScreen(
            place=self.place.key,
            total=len(self.rows),
            unread=self.unread,
            before=before,
            rows=tuple(SavedRow(row.summary, self.state_of(row)) for row in self.rows[before : before + _SAVED]),
            counts={group.id: self.catalogue.counts(group.id) for group in self.catalogue.groups()},
        )

    def saved_view(self) -> View:
        """A copy of the current view, for `restore`."""
        return msgspec.structs.replace(
            self.view, kept_visible=set(self.view.kept_visible), selected=dict(self.view.selected)
        )

    def restore(self, view: View) -> None:
        """Show a view saved with `saved_view`."""
        self.previewed = None
        self.view = msgspec.structs.replace(view, kept_visible=set(view.kept_visible), selected=dict(view.selected))
        self.on_change(Aspect.LIST)

    def close(self) -> None:
        """Stop keeping items that were just read, so that the place is opened afresh."""
        self._remember_cursor()
        self.view.kept_visible = set()

    def last_cursor(self, place: Place) -> str | None:
        """The id of the item under the cursor when the place was last left; None if it was not visited."""
        return self._cursors.get(place.key)

    def _remember_cursor(self) -> None:
        if self.current is not None and self.query.is_blank:
            self._cursors[self.place.key] = self.current.key

    def go_to(self, position: int) -> None:
        """Move the cursor to a row, or the nearest existing one."""
        position = min(max(position, 0), len(self.rows) - 1)
        if position != self.view.position:
            self.view.position = position
            self.on_change(Aspect.CURSOR)

    # Selecting

    def select(self) -> None:
        """Toggle the selection of the item under the cursor."""
        current, selected = self.current, self.view.selected
        if current is None:
            return
        if selected.pop(current.key, None) is None:
            selected[current.key] = current
            self._last_selected = current.key
        self.on_change(Aspect.SELECTION)

    def select_range(self) -> None:
        """Select all items from the last selected one to the cursor."""
        current, selected = self.current, self.view.selected
        if current is None:
            return
        start = self.view.place_of(self._last_selected) if self._last_selected in selected else self.position
        for row in self.rows[min(start, self.position) : max(start, self.position) + 1]:
            selected[row.key] = row
        self._last_selected = current.key
        self.on_change(Aspect.SELECTION)

    def clear_selection(self) -> bool:
        """Clear the selection. Returns whether anything was selected."""
        was = bool(self.view.selected)
        self.view.selected.clear()
        if was:
            self.on_change(Aspect.SELECTION)
        return was

    # Counts and states

    @property
    def unread(self) -> int:
        """The number of unread items in the list."""
        if self.previewed is not None:
            return self.previewed.unread
        view, version = self.view, self.catalogue.version
        if view.unread is None or view.counted_at != version:
            view.unread, view.counted_at = self.unread_flags(view.rows).count(1), version
        return view.unread

    @property
    def total(self) -> int:
        """The number of items in the list."""
        return self.previewed.total if self.previewed is not None else len(self.rows)

    @property
    def above(self) -> int:
        """The number of items above the first loaded row; nonzero only while a saved part of the list is shown."""
        return self.previewed.before if self.previewed is not None else 0

    def totals(self) -> Counts:
        """The counts of the whole library."""
        return self.catalogue.totals()

    def follow(self) -> None:
        """Update the view for the reading states that `changes` has just changed."""
        changes, view = self.changes, self.view
        here = [change for change in changes.last if change.after.item in view.ids]
        view.kept_visible.update(change.after.item for change in here)
        if view.unread is not None and view.counted_at == changes.since:  # same result as recounting
            view.unread += sum(change.before.is_read - change.after.is_read for change in here)
            view.counted_at = self.catalogue.version
        self.on_change(Aspect.MARKS)

    def state_of(self, row: ItemRow) -> ReadingState:
        """The current reading state of a row."""
        return self.catalogue.state(row.summary.group, row.summary.id)

    def states(self, rows: Iterable[ItemRow]) -> Iterator[ReadingState | None]:
        """The reading state of each row; None for items never marked. About 10 ms for 50,000 rows."""
        groups: dict[str, Mapping[str, ReadingState]] = {}
        for row in rows:  # avoids a call per row
            group = row.summary.group
            known = groups.get(group)
            if known is None:
                known = groups[group] = self.catalogue.states(group)
            yield known.get(row.summary.id)

    def unread_flags(self, rows: Iterable[ItemRow]) -> bytearray:
        """Whether each row is unread, as 1 or 0."""
        return bytearray(state is None or state.read_at is None for state in self.states(rows))

    def item(self, row: ItemRow) -> Item | None:
        """Read the full item of a row.

        Raises:
            LibraryError: The group cannot be read.
        """
        return self.catalogue.item(row.summary.group, row.summary.id)

    # Lists

    def listing(self, place: Place, query: Query | None = None, *, refreshed: bool = False) -> Listing:
        """The items of a place that match a query, counted. For a worker thread.

        For the open place, items in `View.kept_visible` are included even if they no longer belong, because they were
        just read.

        Args:
            place: The place.
            query: An additional filter.
            refreshed: Whether this only updates the list after changes: then no item shown is removed.
        """
        version, search = self.catalogue.version, self.new_search(place, query, refreshed=refreshed).to_the_end()
        rows = search.rows
        return Listing(rows, search.unread, version, set(map(_id_of, rows)))

    def new_search(self, place: Place, query: Query | None = None, *, refreshed: bool = False) -> "Search":
        """The search behind `listing`, to be run in short steps. Reads nothing yet."""
        on_screen = self.view.ids if refreshed else set()
        kept = self.view.kept_visible if place == self.place else set()
        just_read = kept | on_screen if on_screen else kept
        has_arrived = place.kind is PlaceKind.ARRIVED
        return self.catalogue.search(
            place,
            query,
            place_query=self.own_query(place) if place.kind is PlaceKind.SEARCH else None,
            just_read=() if has_arrived else just_read,
            on_screen=on_screen,
            among=self.arrivals.among(just_read) if has_arrived else None,
            order=self.order,
        )

    def listing_of(self, search: "Search") -> Listing:
        """The results so far, with everything needed to display them at once. For a worker thread."""
        version, rows = self.catalogue.version, search.rows
        with suppress(LibraryError):  # reported when the item is shown
            self.item(rows[0]) if rows else None
        return Listing(rows, search.unread, version, is_whole=search.is_done)

    @property
    def whole_query(self) -> Query:
        """The query of the open saved search, if any, combined with the filter."""
        return self.own_query(self.place).and_(self.query)

    def own_query(self, place: Place) -> Query:
        """The query of a saved search; a blank query for other places."""
        if place.search is None:
            return Everything()
        search = self.saved_search(place.search)
        return search.query if search else NOTHING

    def saved_search(self, name: str) -> SavedSearch | None:
        """The saved search with this name; None if there is none."""
        return next((search for search in self.searches if search.name == name), None)

    def count_searches(self, pause: Callable[[], None] = lambda: None) -> dict[str, Counts]:
        """The number of items in the whole library that match each saved search. For a worker thread, one at a time.

        Args:
            pause: Called between steps of a few milliseconds.
        """
        searches = self.searches
        counts = self.catalogue.count([search.query for search in searches], pause)
        return {search.name: count for search, count in zip(searches, counts, strict=True)}

    def title_of(self, place: Place | None = None) -> str:
        """The display name of a place: `Encre & Papier`, `#lecture in Encre & Papier`, `Unread`."""
        place = place or self.place
        if place.group is None:
            return place.title
        title = self.catalogue.title(place.group)
        return f"#{place.tag} in {title}" if place.tag else title

    # Reading on

    def next_unread(self, *, forward: bool = True) -> Jump | None:
        """The next unread item after the current one; None if there is no other. For a worker thread.

        Searches the current list, then the other groups in order, wrapping around once. With a filter, or in a list
        across groups, it stays in the list as long as that has unread items; with a filter it never leaves it.
        """
        view = self.view
        here = view.position if view.current else -1 if forward else len(view.rows)
        after, before = view.rows[here + 1 :], view.rows[: max(here, 0)]
        ahead = self._first_unread(after if forward else before[::-1])
        if ahead is not None:
            return Jump(view.place, ahead.key, wrapped=False)
        behind = self._first_unread(before if forward else after[::-1])
        if (not view.query.is_blank or view.place.is_smart) and behind is not None:
            return Jump(view.place, behind.key, wrapped=True)
        return None if not view.query.is_blank else self._in_other_groups(view, forward=forward)

    def _in_other_groups(self, view: View, *, forward: bool) -> Jump | None:
        groups = self.catalogue.groups()
        if not forward:
            groups.reverse()
        at = next((place for place, group in enumerate(groups) if group.id == view.place.group), -1)
        order = [*groups[at + 1 :], *groups[: at + 1]]
        for step, group in enumerate(order):
            if not self.catalogue.counts(group.id).unread:
                continue
            place = Place(PlaceKind.GROUP, group.id)
            rows = [row for row in self.listing(place).rows if view.current is None or row.key != view.current.key]
            found = self._first_unread(rows if forward else rows[::-1])
            if found is not None:
                return Jump(place, found.key, wrapped=at >= 0 and step >= len(groups) - at - 1)
        return None

    def _first_unread(self, rows: Sequence[ItemRow]) -> ItemRow | None:
        return next((row for row in rows if not self.state_of(row).is_read), None)
