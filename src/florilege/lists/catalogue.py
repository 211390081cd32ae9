"""Read access to the library's content: groups, items of a place, counts, tags, shared pages. Writes nothing.

A facade for the other modules in this package. May be called from a worker thread; lists once returned never change,
only reading states do.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import astuple

from florilege.lists.loaded_group import ItemRow, LoadedGroup, Order
from florilege.lists.places import Place
from florilege.marking import Change
from florilege.model import Counts, Group, Item, ItemSummary, ReadingState
from florilege.query.nodes import Everything, OneOf, Query, all_of, any_of
from florilege.store import Library, LibraryError, NoSuchGroup

if TYPE_CHECKING:  # start-up neither counts tags nor searches
    from florilege.lists.counts import LabelCount
    from florilege.lists.search import Search
    from florilege.store.search_text import SearchText

__all__ = ["Catalogue", "ItemRow"]


class News(msgspec.Struct, frozen=True):
    """What was added to a group."""

    items: Sequence[str]
    """Ids of new items, and of read items with new highlights."""
    new: int
    """The number of new items."""
    highlights: int
    """The number of new highlights on the other items."""


class Catalogue:
    """Read access to the library's content.

    Args:
        library: The library to read.
        clock: Returns the current time, with time zone.
        texts: The folder that caches searchable texts; None to keep them in memory.

    A group that cannot be read appears empty, and `problem` says why; other groups are not affected.
    """

    def __init__(
        self,
        library: Library,
        *,
        clock: Callable[[], datetime],
        texts: Path | None = None,
    ) -> None:
        self.library = library
        self._clock = clock
        self._texts = texts
        self._lock = threading.RLock()
        self._loaded: dict[str, LoadedGroup] = {}
        self._ever_loaded: set[str] = set()  # only items of these groups can have been displayed
        self._turns: Counter[str] = Counter()
        self._epoch = 0
        self.unsaved: dict[str, dict[str, ReadingState]] = {}
        """Reading states that could not be written yet, by group and item id; shown in place of those on disk."""
        self.version = 0
        """Incremented whenever reading states change."""
        self._pages: dict[int, frozenset[str]] | None = None
        self._counted: dict[tuple[str, Query], tuple[object, Counts]] = {}
        self._groups: dict[str, Group] | None = None
        self._counts: dict[str, Counts] = {}
        self._previews: dict[str, ReadingState] = {}

    def preview(self, states: Iterable[ReadingState], counts: Mapping[str, Counts]) -> None:
        """Use these states until their groups have been loaded, and these counts until `recount`."""
        with self._lock:
            self._previews = {state.item: state for state in states}
            self._counts.update(counts)

    def recount(self) -> None:
        """Reread the counts of all groups from the library. For a worker thread."""
        for group in self.groups():
            self._counts.pop(group.id, None)
            self.counts(group.id)

    # Groups

    def groups(self) -> list[Group]:
        """All groups, in the order they were added."""
        return list(self._by_id().values())

    def group(self, group_id: str) -> Group | None:
        """The group with this id, or None if there is none."""
        return self._by_id().get(group_id)

    def _by_id(self) -> dict[str, Group]:
        with self._lock:
            if self._groups is None:
                self._groups = {group.id: group for group in self.library.groups()}
                for group_id, loaded in list(self._loaded.items()):
                    group = self._groups.get(group_id)
                    if group is not None and group.title != loaded.title:  # its rows have the old one
                        self._discard(group_id)
            return self._groups

    def title(self, group_id: str) -> str:
        """The title of a group; empty if there is none."""
        group = self.group(group_id)
        return group.title if group else ""

    def problem(self, group_id: str) -> str:
        """Why a group cannot be read, in a sentence; empty if no problem is known."""
        loaded = self._loaded.get(group_id)
        return loaded.problem if loaded else ""

    def forget(self, group_id: str | None = None) -> None:
        """Discard a group (or everything) whose content has changed, so that it is reloaded on next access.

        The index of pages is kept until it is rebuilt: slightly stale is better than missing from the screen.
        """
        with self._lock:
            self._groups = None
            if group_id is not None:
                self._discard(group_id)
            else:
                self._epoch += 1
                self._loaded.clear()
                self._counts.clear()

    def _discard(self, group_id: str) -> None:
        self._turns[group_id] += 1
        self._loaded.pop(group_id, None)
        self._counts.pop(group_id, None)

    def counts(self, group_id: str) -> Counts:
        """The counts of a group; from the library's stored counts until the group has been loaded."""
        loaded = self._loaded.get(group_id)
        if loaded is not None:
            return loaded.counts
        counts = self._counts.get(group_id)
        if counts is None:
            try:
                unsaved = group_id in self.unsaved
                counts = self.load(group_id).counts if unsaved else self.library.counts(group_id)
            except NoSuchGroup:
                counts = Counts()
            except LibraryError:
                counts = self.load(group_id).counts  # on failure, records why
            self._counts[group_id] = counts
        return counts

    def loaded(self, group_id: str) -> LoadedGroup | None:
        """A group as it was loaded; None if it has not been."""
        return self._loaded.get(group_id)

    def news(self, group_id: str, was: LoadedGroup | None, before: Counts, *, since: datetime) -> News | None:
        """What another process has added to a group; None if nothing. Loads the group.

        For a group that had not been loaded, new items are recognised by the time they were added, and new highlights
        only by a higher count of items that have some.

        Args:
            group_id: The group.
            was: The group as it was loaded before; None if it was not.
            before: Its counts before.
            since: When the app was started.
        """
        now = self.counts(group_id)
        is_more = now.newly_highlighted > before.newly_highlighted
        if self.group(group_id) is None or (was is None and now.items <= before.items and not is_more):
            return None  # nothing new to show; a group in which only marks changed is not loaded
        group, new, others, highlights = self.load(group_id), [], [], 0
        for summary in (row.summary for row in group.rows):
            old = was.summary(summary.id) if was is not None else None
            if summary.added_at > since if was is None else old is None:
                new.append(summary.id)
            elif summary.revision > old.revision if old is not None else is_more:
                came = group.state(summary.id).new_highlights(summary)
                others += [summary.id] * bool(came)
                highlights += came
        return News([*new, *others], len(new), highlights) if new or others else None

    def totals(self) -> Counts:
        """The counts of the whole library."""
        every = [astuple(Counts()), *(astuple(self.counts(group_id)) for group_id in self._by_id())]
        return Counts(**dict(zip(Counts.__struct_fields__, map(sum, zip(*every, strict=True)), strict=True)))

    def has_unread(self) -> bool:
        """Whether anything in the library is unread."""
        return any(self.counts(group_id).unread for group_id in self._by_id())

    def tags(self, group_id: str) -> "list[LabelCount]":
        """The tags of a group, most frequent first."""
        return self.load(group_id).tags

    def has_tags(self, group_id: str) -> bool | None:
        """Whether a group has any tags; None until it has been loaded."""
        loaded = self._loaded.get(group_id)
        return None if loaded is None else any(row.summary.tags for row in loaded.rows)

    # Items and their states

    def state(self, group_id: str, item_id: str) -> ReadingState:
        """The current reading state of an item."""
        if item_id in self._previews and self._loaded.get(group_id) is None:
            return self._previews[item_id]
        return self.load(group_id).state(item_id)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The current reading states of a group, by item id; items without one are unread."""
        return self.load(group_id).states

    def summary(self, group_id: str, item_id: str) -> ItemSummary | None:
        """The summary of an item, or None if there is none."""
        return self.load(group_id).summary(item_id)

    def item(self, group_id: str, item_id: str) -> Item | None:
        """The full item, or None if there is none.

        Raises:
            LibraryError: It cannot be read.
        """
        try:
            return self.library.item(group_id, item_id)
        except NoSuchGroup:
            return None

    def follow(self, changes: Iterable[Change]) -> None:
        """Apply marks that have been saved to the library."""
        by_group: dict[str, list[Change]] = {}
        with self._lock:
            self.version += 1
            for change in changes:
                if change.after.item in self._previews:
                    self._previews[change.after.item] = change.after
                by_group.setdefault(change.group, []).append(change)
            for group_id, its_changes in by_group.items():
                self._counts.pop(group_id, None)
                self._turns[group_id] += 1  # a read in progress must not be kept
                if (loaded := self._loaded.get(group_id)) is not None:
                    loaded.follow(its_changes)
            self.version += 1  # invalidates what was counted meanwhile

    # Lists

    def search(
        self,
        place: Place,
        query: Query | None = None,
        *,
        place_query: Query | None = None,
        just_read: Collection[str] = (),
        on_screen: Collection[str] = (),
        among: Mapping[str, Collection[str]] | None = None,
        order: Order = Order.NEWEST,
    ) -> "Search":
        """A search for the items of a place, to be run in short steps. Reads nothing yet.

        Args:
            place: The place.
            query: An additional filter; None or blank for no filter.
            place_query: The query that defines the place, if not `place.query`: that of a saved search.
            just_read: Ids of items treated as belonging to the place although they no longer do: those just read.
            on_screen: Ids of items exempt from `query`: those on the screen during a refresh.
            among: Ids of the only items to consider, by group; None for all.
            order: The sort order.
        """
        from florilege.lists.search import Search, SearchRequest

        here = place.query if place_query is None else place_query
        asked = all_of(
            [
                any_of([here, OneOf(frozenset(just_read))]) if just_read and not here.is_blank else here,
                any_of([query or Everything(), OneOf(frozenset(on_screen))]) if on_screen else query or Everything(),
                Everything() if among is None else OneOf(frozenset().union(*among.values())),
            ]
        )
        groups = [
            group
            for group in self.groups()
            if place.group in {None, group.id}
            and (place.group or self._may_hold(group, asked) if among is None else group.id in among)
        ]
        return Search(self, groups, SearchRequest.of(asked, self._clock()), order)

    @cached_property
    def texts(self) -> "SearchText":
        """The cache of searchable texts."""
        from florilege.store.search_text import SearchText

        return SearchText(self._texts)

    def _may_hold(self, group: Group, query: Query) -> bool:
        from florilege.lists.search import may_hold

        is_seen = group.id in self._ever_loaded
        return query.is_blank or may_hold(group, self.counts(group.id), query, is_seen=is_seen)

    # Counting matches

    def count(self, queries: Sequence[Query], pause: Callable[[], None] = lambda: None) -> list[Counts]:
        """The number of items in the whole library that match each query, and how many of those are unread.

        Counts are cached by group: an unchanged group is neither counted again nor read. A group that cannot be read
        counts as empty; one read only for counting is not kept. May run in any thread, but only once at a time.

        Args:
            queries: The queries.
            pause: Called between steps of a few milliseconds.
        """
        totals = dict.fromkeys(queries, Counts())
        known: dict[tuple[str, Query], tuple[object, Counts]] = {}
        for group in self.groups():
            version = self._version(group)
            loaded: LoadedGroup | None = None
            for query in totals:
                counted = self._counted.get((group.id, query))
                if counted is None or counted[0] != version or _is_dated(query):
                    counted = version, Counts()
                    if self._may_hold(group, query):
                        loaded = loaded or self._loaded.get(group.id) or self._read(group.id)
                        counted = version, self._count(loaded, query, pause)
                known[group.id, query] = counted
                totals[query] += counted[1]
        self._counted = known  # drops queries no longer asked
        return [totals[query] for query in queries]

    def _count(self, group: LoadedGroup, query: Query, pause: Callable[[], None]) -> Counts:
        from florilege.lists.search import SearchRequest, look_through

        found = bytearray(len(group.rows))
        for _ in look_through(self, group, SearchRequest.of(query, self._clock()), found):
            pause()
        return Counts(items=sum(found), unread=sum(compress(group.unread, found)))

    def _version(self, group: Group) -> object:
        """A value that stays equal as long as nothing in the group changes."""
        try:
            return self.library.stamps(group.id), group.title, self._epoch, self._turns[group.id]
        except LibraryError:
            return None

    # Pages shared more than once

    def also_in(self, summary: ItemSummary | Item) -> tuple[str, ...]:
        """Titles of the other groups in which this item's page was shared; empty before `index_pages`."""
        groups = self._groups_with(summary) - {summary.group}
        return tuple(group.title for group in self.groups() if group.id in groups) if groups else ()

    def same_page(self, summary: ItemSummary, *, within: str | None = None) -> list[ItemRow]:
        """The other items that share the page of this one; empty before `index_pages`.

        Args:
            summary: The item.
            within: The id of the only group to search; None for all.
        """
        groups, found = self._groups_with(summary), []
        if summary.url is not None and groups:
            from florilege.lists.same_page import page_of

            page = page_of(summary.url)
            for group in self.groups():
                if group.id in groups and within in {None, group.id}:
                    rows = self.load(group.id).pages.get(page, ())
                    found += [row for row in rows if row.key != summary.id]
        return found

    def _groups_with(self, summary: ItemSummary | Item) -> frozenset[str]:
        """Ids of the groups that contain the page of this item, if it was shared more than once."""
        if not self._pages or not summary.url:
            return frozenset()
        from florilege.lists.same_page import page_of

        return self._pages.get(page_of(summary.url), frozenset())

    def with_same_pages(self, rows: list[ItemRow]) -> list[ItemRow]:
        """These rows, and all others that share a page with one of them. Builds the index of pages if necessary."""
        if self._pages is None:
            self.index_pages()
        return rows + [other for row in rows for other in self.same_page(row.summary)]

    def index_pages(self, pause: Callable[[], None] = lambda: None) -> None:
        """Build the index of pages shared more than once. Goes through all items, without keeping those it has to read.

        Args:
            pause: Called after each group, so that others can use the library.
        """
        from florilege.lists.same_page import pages_shared_again

        def summaries_of(group_id: str) -> Iterable[ItemSummary]:
            loaded = self._loaded.get(group_id)
            if loaded is not None:
                return [row.summary for row in loaded.rows]
            try:
                return self.library.summaries(group_id)
            except LibraryError:
                return []  # reported when the group is opened

        self._pages = pages_shared_again(self.groups(), summaries_of, pause)

    # Loading

    def load(self, group_id: str) -> LoadedGroup:
        """A group, read if necessary and kept; empty if it is gone, or cannot be read and says why."""
        if (loaded := self._loaded.get(group_id)) is not None:  # without the lock: a key asks for each row it draws
            return loaded
        with self._lock:
            version = self._epoch, self._turns[group_id]
        # The lock is not held while reading, so that other threads can get other groups.
        loaded = self._read(group_id)
        with self._lock:
            self._ever_loaded.add(group_id)
            if version == (self._epoch, self._turns[group_id]):
                return self._loaded.setdefault(group_id, loaded)
        return loaded

    def _read(self, group_id: str) -> LoadedGroup:
        title = self.title(group_id)
        try:
            summaries = self.library.summaries(group_id)
            states = {**self.library.states(group_id), **self.unsaved.get(group_id, {})}
        except NoSuchGroup:  # another process removed it; we will be notified soon
            return LoadedGroup(group_id, title)
        except LibraryError as error:
            return LoadedGroup(group_id, title, problem=str(error))
        return LoadedGroup.of(group_id, title, summaries, states)


def _is_dated(query: Query) -> bool:
    """Whether the matches of a query may change with time alone. May be wrongly true, never wrongly false."""
    asked = str(query)
    return any(field in asked for field in ("before:", "after:", "day:"))
