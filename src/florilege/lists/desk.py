"""The desk: what the reader has open (place, filter, list), what marking does there, and where "next unread" leads.

Everything the app decides and no screen should: no Textual here. Calls that read or write the library may take a
moment, so the app makes them from a worker thread; one at a time for marks, so that they become durable in order.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from florilege.lists.arrivals import Arrivals
from florilege.lists.catalogue import Catalogue, Listed
from florilege.lists.orders import Order
from florilege.lists.places import Kind, Place
from florilege.lists.saved_searches import NOTHING, SavedSearch, SearchCount, SearchCounter
from florilege.lists.search import Search
from florilege.lists.visited import Visited
from florilege.marking import Change, History, Mark, Step, told
from florilege.model import Counts, Group, Item, ReadingState
from florilege.query import Everything, Query
from florilege.settings import FirstScreen, SavedRow
from florilege.store import Library, LibraryError, NoSuchGroup, Pending
from florilege.store.search_text import SearchText

_AT_ONCE = 500
"""Changes the catalogue is told of at once: between two such lots, whoever waits for it at a key finds it free."""
_SAVED = 60
"""Rows saved for the next start: more than any screen shows."""


@dataclass(frozen=True, slots=True)
class Jump:
    """Where "next unread" leads."""

    place: Place
    item: str
    """The id of the item."""
    wrapped: bool
    """The end was passed, and it went on from the beginning."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A list that was left for a moment."""

    place: Place
    query: Query
    rows: list[Listed]
    """This very list: it is never changed, and what is known of it is remembered."""
    met: frozenset[str]
    """Ids of what stays in the list though it was read meanwhile."""


@dataclass(frozen=True, slots=True)
class Found:
    """A list that has been found, with what is worked out of it away from the keys."""

    rows: list[Listed]
    unread: int | None
    """How many of them are unread; None when they are not counted yet."""


class Desk:
    """What is open, and what can be done with it.

    Args:
        library: What is read.
        clock: Now, with zone.
        keeps_unsaved: Whether marks that can't be written are shown as made, kept and tried again, and not refused.
        texts: Where the texts of items are kept, to be looked through; in memory when None.
    """

    def __init__(
        self,
        library: Library,
        *,
        clock: Callable[[], datetime],
        keeps_unsaved: bool = False,
        texts: SearchText | None = None,
    ) -> None:
        self.library = library
        self.clock = clock
        self._pending = Pending(library, self._state_of)
        self._marks: Library | Pending = self._pending if keeps_unsaved else library
        self._texts = texts or SearchText()
        self.catalogue = Catalogue(self._pending, clock=clock, texts=self._texts, tolerant=True)
        self._removals: list[tuple[Group, int]] = []  # groups removed here, with the number of steps done before
        self.history = History()
        self.place = Place(Kind.UNREAD)
        self.query: Query = Everything()
        self.rows: list[Listed] = []
        self.order = Order.NEWEST
        self.visited: Visited[tuple[Place, str]] = Visited()
        self.previewed: FirstScreen | None = None
        """The saved part of a list that is shown until the list itself has been read."""
        self.searches: tuple[SavedSearch, ...] = ()
        """The reader's saved searches, in their order."""
        self.common = False
        """Whether all items of one page are read, or unread, together."""
        self.arrivals = Arrivals()
        """What refreshes brought since the app was opened."""
        self._search_counter = SearchCounter(self.catalogue)
        self._kept_of: set[str] | None = None  # `_met` as it was when `_kept_before` was taken of it
        self._kept_before: frozenset[str] = frozenset()
        self._met: set[str] = set()
        self._listed: set[str] | None = None  # the ids of `rows`; None until they are asked for
        self._unread: int | None = None  # unread items among `rows`; None until they are counted
        self._counting = threading.Lock()  # marks are followed in a thread, while others count

    def _state_of(self, group_id: str, item_id: str) -> ReadingState:
        return self.catalogue.state(group_id, item_id)

    def listed(self, place: Place, query: Query | None = None, *, refreshed: bool = False) -> list[Listed]:
        """The items of a place that answer to a query; reads, opens nothing, may run in any thread.

        In the place that is open, items stay that were in the list since it was opened, though they no longer belong
        (they were just read).

        Args:
            place: Which place.
            query: What they must answer to, besides.
            refreshed: Whether this only shows what has changed meanwhile: then nothing that is shown goes away.
        """
        keep = self._met if place == self.place else set()
        shown = {row.key for row in self.rows} if refreshed else set()
        if place.kind is Kind.ARRIVED:
            among = self.arrivals.among(keep | shown)
            return self.catalogue.listed(place, query, shown=shown, among=among, order=self.order)
        if place.kind is Kind.SEARCH:
            own = self.own_query(place)
            search = self.catalogue.search(place, query, belongs=own, keep=keep | shown, shown=shown, order=self.order)
            return search.to_the_end().rows
        return self.catalogue.listed(place, query, keep=keep, shown=shown, order=self.order)

    def finding(self, place: Place, query: Query) -> Search:
        """What `listed` gives, to be gathered in short steps. Reads nothing yet."""
        keep = self._kept(place)
        return self.catalogue.search(
            place,
            query,
            belongs=self.own_query(place) if place.kind is Kind.SEARCH else None,
            keep=() if place.kind is Kind.ARRIVED else keep,
            among=self.arrivals.among(keep) if place.kind is Kind.ARRIVED else None,
            order=self.order,
        )

    def _kept(self, place: Place) -> frozenset[str]:
        """What stays in a list though it was read meanwhile; nothing where nothing ever goes."""
        if place != self.place or place.kind in {Kind.EVERYTHING, Kind.GROUP}:
            return frozenset()
        if self._kept_of is not self._met or len(self._kept_before) != len(self._met):
            self._kept_of, self._kept_before = self._met, frozenset(self._met)
        return self._kept_before

    def set_aside(self) -> Aside:
        """What is open, to be taken up again exactly as it is."""
        return Aside(self.place, self.query, self.rows, frozenset(self._met))

    def take_up(self, aside: Aside) -> None:
        """Open again what was set aside, with what was just read in it."""
        self._open(aside.place, aside.query, Found(aside.rows, None), None)
        self._met = set(aside.met)

    def search(self, name: str) -> SavedSearch | None:
        """The saved search of this name; None when there is none."""
        return next((search for search in self.searches if search.name == name), None)

    @property
    def asked(self) -> Query:
        """All that is looked for here: by the place itself, and by the filter."""
        return self.own_query(self.place).and_(self.query)

    def own_query(self, place: Place) -> Query:
        """What a place itself asks of items: the query of a saved search, nothing for the others."""
        if place.search is None:
            return Everything()
        search = self.search(place.search)
        return search.query if search else NOTHING

    def count_searches(self, rest: Callable[[], None] = lambda: None) -> dict[str, SearchCount]:
        """How many items of the whole library answer to each saved search. Reads; may run in any thread, one at a time.

        Args:
            rest: Called between two steps of a few milliseconds.
        """
        searches = self.searches
        counts = self._search_counter.count([search.query for search in searches], rest)
        return {search.name: count for search, count in zip(searches, counts, strict=True)}

    def found(self, search: Search) -> Found:
        """What has been found so far, with all that it takes to show it at once. Reads; may run in any thread."""
        rows = search.rows
        with suppress(LibraryError):  # who shows it is told why
            self.item(rows[0]) if rows else None
        return Found(rows, search.unread)

    def open(self, place: Place, query: Query, rows: list[Listed]) -> None:
        """Make this the list that is shown."""
        ids = {row.key for row in rows}
        met = self._met if place == self.place else set()
        self._open(place, query, Found(rows, None), ids)
        # Usually the same set, which then is there once: a list of 100,000 items takes 6 MiB for its ids.
        self._met = ids if ids >= met else met | ids

    def open_found(self, place: Place, query: Query, found: Found) -> None:
        """Make this, which has just been found, the list that is shown.

        It costs the same however long the list is: what is met in it is told by the marks that are made there.
        """
        met = self._met if place == self.place else set()
        self._open(place, query, found, None)
        self._met = met

    def _open(self, place: Place, query: Query, found: Found, ids: set[str] | None) -> None:
        self.previewed = None
        with self._counting:
            self.place, self.query, self.rows = place, query, found.rows
            self._listed, self._unread = ids, found.unread

    def preview(self, place: Place, query: Query, first: FirstScreen) -> None:
        """Show what was saved of a list, until the list itself has been read."""
        self.catalogue.preview(row.state for row in first.rows)
        self.open(place, query, [Listed(row.head, self.catalogue.title(row.head.group)) for row in first.rows])
        self.previewed = first

    def first_screen(self, position: int) -> FirstScreen:
        """What is to be saved of the list for the next start: the rows around a position."""
        if self.previewed is not None:
            return self.previewed
        before = max(0, position - _SAVED // 3)
        rows = self.rows[before : before + _SAVED]
        return FirstScreen(
            place=self.place.key,
            total=len(self.rows),
            unread=self.unread_shown(),
            before=before,
            rows=tuple(SavedRow(row.head, self.state(row)) for row in rows),
        )

    def close(self) -> None:
        """Let go of what was just read: the place will be opened afresh."""
        self._met = set()

    def state(self, row: Listed) -> ReadingState:
        """The reading state of a row as it is now."""
        return self.catalogue.state(row.head.group, row.head.id)

    def item(self, row: Listed) -> Item | None:
        """The item of a row, whole."""
        return self.catalogue.item(row.head.group, row.head.id)

    def unread_shown(self) -> int:
        """How many items of the list are unread now."""
        if self.previewed is not None:
            return self.previewed.unread
        with self._counting:
            if self._unread is None:
                self._unread = self.unread_flags(self.rows).count(1)
            return self._unread

    def states(self, rows: Iterable[Listed]) -> Iterator[ReadingState | None]:
        """The reading state of each row; None where it never had one. Some 10 ms for 50,000 rows."""
        groups: dict[str, Mapping[str, ReadingState]] = {}
        for row in rows:  # no call for each row
            group = row.head.group
            known = groups.get(group)
            if known is None:
                known = groups[group] = self.catalogue.states(group)
            yield known.get(row.head.id)

    def unread_flags(self, rows: Iterable[Listed]) -> bytearray:
        """Whether each row is unread, as 1 or 0."""
        return bytearray(state is None or state.read_at is None for state in self.states(rows))

    @property
    def total(self) -> int:
        """How many items the list has."""
        return self.previewed.total if self.previewed is not None else len(self.rows)

    @property
    def above(self) -> int:
        """How many items of the list lie above the first row at hand: some only while a saved part of it is shown."""
        return self.previewed.before if self.previewed is not None else 0

    def totals(self) -> Counts:
        """How many of what the library holds."""
        return self.catalogue.totals()

    def where(self, place: Place | None = None) -> str:
        """A place in words: `Encre & Papier`, `#lecture in Encre & Papier`, `Unread`."""
        place = place or self.place
        if place.group is None:
            return place.title
        title = self.catalogue.title(place.group)
        return f"#{place.tag} in {title}" if place.tag else title

    def mark(self, rows: Iterable[Listed], mark: Mark, *, automatic: bool = False, bulk: bool = False) -> Step | None:
        """Mark items and remember how to undo it; returns once it is durable. None when nothing changed.

        Where unsaved marks are kept, one that can't be written counts all the same: see `unsaved`.

        Raises:
            LibraryError: It could not be written; nothing has changed.
        """
        rows = list(rows)
        if self.common and mark in {Mark.READ, Mark.UNREAD}:
            rows = self._with_same_pages(rows)
        targets: dict[str, dict[str, int]] = {}
        for row in rows:
            targets.setdefault(row.head.group, {})[row.head.id] = row.head.revision
        changes = self._marks.mark(mark, targets, now=self.clock()) if targets else ()
        if not changes:
            return None
        self._follow(changes)
        groups = {change.group for change in changes}
        scope = self.catalogue.title(groups.pop()) if len(groups) == 1 else ""
        step = Step(mark, changes, scope, automatic=automatic, bulk=bulk)
        self.history.add(step)
        return step

    def _with_same_pages(self, rows: list[Listed]) -> list[Listed]:
        """These rows, and all others that share a page with one of them."""
        if not self.catalogue.knows_pages:
            self.catalogue.index_pages()
        return rows + [other for row in rows for other in self.catalogue.same_page(row.head)]

    def undo(self) -> str | None:
        """Take the last step back and say what that did; None when there is nothing to undo.

        Raises:
            LibraryError: It could not be written; the step stays to be undone.
        """
        if self._removals and self._removals[-1][1] >= len(self.history):
            return self._restore_group()
        step = self.history.take()
        if step is None:
            return None
        try:
            self._follow(self._marks.undo(step.changes))
        except LibraryError:
            self.history.add(step)
            raise
        return told(step)

    def _follow(self, changes: Sequence[Change]) -> None:
        """Take note of marks that count."""
        for start in range(0, len(changes), _AT_ONCE):
            self.catalogue.follow(changes[start : start + _AT_ONCE])
        with self._counting:
            if self._listed is None:
                self._listed = {row.key for row in self.rows}
            here = [change for change in changes if change.after.item in self._listed]
            self._met.update(change.after.item for change in here)
            if self._unread is not None:
                self._unread += sum(change.before.is_read - change.after.is_read for change in here)

    @property
    def unsaved(self) -> str:
        """What to say of marks that are not written yet; empty when all are."""
        return self._pending.sentence

    @property
    def lost(self) -> str:
        """The same, for when the reader has left and nobody tries again."""
        return self._pending.farewell

    def retry(self) -> None:
        """Try again to write the marks that are not written yet; whether that worked is told by `unsaved`."""
        for group_id in self._pending.retry():
            self.catalogue.forget(group_id)
            self._unread = None

    def rename_group(self, group_id: str, title: str) -> None:
        """Give a group another title.

        Raises:
            LibraryError: It could not be written; nothing has changed.
        """
        self.library.rename_group(group_id, title)
        self.catalogue.forget(group_id)

    def remove_group(self, group_id: str) -> None:
        """Remove a group; `undo` brings it back; once the app is closed, `florilege remove --undo` does, for a week.

        Raises:
            LibraryError: It could not be written; nothing has changed.
        """
        removed = self.library.remove_group(group_id)
        self._removals.append((removed, len(self.history)))
        self.catalogue.forget(group_id)

    def _restore_group(self) -> str:
        group, _ = self._removals[-1]
        try:
            self.library.restore_group(group.id)
        except NoSuchGroup:  # another process has brought it back, or let go of it: no second try would help
            self._removals.pop()
            self.catalogue.forget(group.id)
            is_here = self.catalogue.group(group.id) is not None
            return f"{group.title} is back already" if is_here else f"{group.title} is gone for good"
        self._removals.pop()
        self.catalogue.forget(group.id)
        return f"{group.title} is back"

    def empty_trash(self) -> None:
        """Let go for good of the groups that were removed more than a week ago.

        Raises:
            LibraryError: It could not be written; they go another time.
        """
        self.library.empty_trash()
        self._texts.keep_only({group.id for group in self.library.groups()})

    def next_unread(self, current: str | None, *, forward: bool = True) -> Jump | None:
        """The next unread item after the current one; None when there is none but that.

        It looks in the list that is shown, then in the other groups in their order, and passes the end once. Under a
        filter, and where a list gathers several groups, it stays in the list as long as that holds an unread item.
        """
        rows = self.rows if forward else self.rows[::-1]
        here = next((place for place, row in enumerate(rows) if row.key == current), -1)
        ahead = self._first_unread(rows[here + 1 :])
        if ahead is not None:
            return Jump(self.place, ahead.key, wrapped=False)
        behind = self._first_unread(rows[: max(here, 0)])
        stays = not self.query.is_blank or self.place.is_smart
        if stays and behind is not None:
            return Jump(self.place, behind.key, wrapped=True)
        return None if not self.query.is_blank else self._in_other_groups(forward=forward, current=current)

    def _in_other_groups(self, *, forward: bool, current: str | None) -> Jump | None:
        groups = self.catalogue.groups()
        if not forward:
            groups.reverse()
        at = next((place for place, group in enumerate(groups) if group.id == self.place.group), -1)
        order = [*groups[at + 1 :], *groups[: at + 1]]
        for step, group in enumerate(order):
            if not self.catalogue.counts(group.id).unread:
                continue
            place = Place(Kind.GROUP, group.id)
            rows = [row for row in self.listed(place) if row.key != current]
            found = self._first_unread(rows if forward else rows[::-1])
            if found is not None:
                return Jump(place, found.key, wrapped=at >= 0 and step >= len(groups) - at - 1)
        return None

    def _first_unread(self, rows: Sequence[Listed]) -> Listed | None:
        return next((row for row in rows if not self.state(row).is_read), None)
