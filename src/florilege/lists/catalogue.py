"""What there is to read: groups, what a place holds, counts, tags, shared pages. Reads the library, writes nothing.

One face for the modules beside it. It may be asked from a worker thread; a list once given never changes under its
owner, only the states do.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import astuple

from florilege.lists.loaded_group import GroupCache, ItemRow, LoadedGroup, Order, Reads
from florilege.lists.places import Place
from florilege.marking import Change
from florilege.model import Counts, Group, Item, ItemSummary, ReadingState
from florilege.query.nodes import Everything, OneOf, Query, all_of, any_of
from florilege.store import LibraryError, NoSuchGroup
from florilege.store.search_text import SearchText

if TYPE_CHECKING:  # a start neither counts tags nor looks for anything
    from florilege.lists.counts import LabelCount
    from florilege.lists.search import Search, SearchSources

__all__ = ["Catalogue", "ItemRow", "Reads"]


class Glimpse(msgspec.Struct, frozen=True):
    """What was known of a group before another process changed it."""

    revisions: Mapping[str, int] | None
    """The revision of each item, by id; None when the group had not been read."""
    counts: Counts


class News(msgspec.Struct, frozen=True):
    """What reached a group."""

    items: Sequence[str]
    """Ids of the new items, and of read ones with new highlights."""
    new: int
    """How many of them are new."""
    highlights: int
    """How many new highlights the others have."""


class Catalogue:
    """Answers what there is to read.

    Args:
        library: What is read.
        clock: Now, with zone.
        texts: Where the texts of items are kept; temporary when None.

    A group that can't be read looks empty, and `problem` says why: it costs only itself.
    """

    def __init__(
        self,
        library: Reads,
        *,
        clock: Callable[[], datetime],
        texts: SearchText | None = None,
    ) -> None:
        self._library = library
        self._clock = clock
        self._lock = threading.RLock()
        self._loaded = GroupCache(library)
        self._texts = texts or SearchText()
        self._pages: dict[int, frozenset[str]] | None = None
        self._counted: dict[tuple[str, Query], tuple[object, Counts]] = {}
        self._groups: list[Group] | None = None
        self._sorted: tuple[object, dict[str, Group]] = (None, {})
        self._counts: dict[str, Counts] = {}
        self._previews: dict[str, ReadingState] = {}
        self.order: tuple[str, ...] = ()
        """Ids of groups in the reader's own order; groups that are not among them follow, as they were added."""

    def preview(self, states: Iterable[ReadingState], counts: Mapping[str, Counts]) -> None:
        """Take these states for true until their groups have been read, and these counts until `recount`."""
        with self._lock:
            self._previews = {state.item: state for state in states}
            self._counts.update(counts)

    def recount(self) -> None:
        """Ask the library how many of what each group holds. For a worker thread."""
        for group in self.groups():
            self._counts.pop(group.id, None)
            self.counts(group.id)

    # Groups

    def groups(self) -> list[Group]:
        """All groups, in the reader's own order; without one, as they were added."""
        return list(self._by_id().values())

    def group(self, group_id: str) -> Group | None:
        """The group of this id, or None when it is gone."""
        return self._by_id().get(group_id)

    def _by_id(self) -> dict[str, Group]:
        with self._lock:
            if self._groups is None:
                self._groups = self._library.groups()
                self._loaded.forget_renamed({group.id: group.title for group in self._groups})
            known, by_id = self._sorted
            if known != (id(self._groups), self.order):
                places = {group: place for place, group in enumerate(self.order)}
                ranked = sorted(self._groups, key=lambda group: places.get(group.id, len(places)))
                by_id = {group.id: group for group in ranked}
                self._sorted = (id(self._groups), self.order), by_id
            return by_id

    def title(self, group_id: str) -> str:
        """The title of a group."""
        group = self.group(group_id)
        return group.title if group else ""

    def problem(self, group_id: str) -> str:
        """Why a group can't be read, in a sentence; empty as long as that is not known."""
        loaded = self._loaded.get(group_id)
        return loaded.problem if loaded else ""

    def forget(self, group_id: str | None = None) -> None:
        """Read a group (or everything) again when it is next asked for: its content has changed.

        The index of pages stays until it is made anew: better a little old than gone from the screen.
        """
        with self._lock:
            self._groups = None
            self._loaded.forget(group_id)
            if group_id is None:
                self._counts.clear()
            self._counts.pop(group_id or "", None)

    def counts(self, group_id: str) -> Counts:
        """How many of what a group holds; from the library's summary until the group has been read."""
        loaded = self._loaded.get(group_id)
        if loaded is not None:
            return loaded.counts
        counts = self._counts.get(group_id)
        if counts is None:
            try:
                counts = self._library.counts(group_id)
            except NoSuchGroup:
                counts = Counts()
            except LibraryError:
                counts = self._load(group_id).counts  # or it says why
            self._counts[group_id] = counts
        return counts

    def glimpse(self, group_id: str) -> Glimpse:
        """What is known of a group now, to be compared with what it is once it has been read again."""
        loaded, counts = self._loaded.get(group_id), self._counts.get(group_id, Counts())
        return Glimpse(None if loaded is None else {row.head.id: row.head.revision for row in loaded.rows}, counts)

    def news(self, group_id: str, before: Glimpse, *, since: datetime) -> News | None:
        """What has reached a group since it was glimpsed, by another process; None when nothing has. Reads it.

        Of a group that had not been read it is known only when items came, and that more of them have new highlights.

        Args:
            group_id: The group.
            before: As it was.
            since: When the app was opened.
        """
        was, now = before.counts, self.counts(group_id)
        is_same = now.items <= was.items and now.newly_highlighted <= was.newly_highlighted
        if self.group(group_id) is None or (before.revisions is None and is_same):
            return None  # nothing that would show there; a group that was only marked is not read for that
        known, new, others, highlights = before.revisions, [], [], 0
        is_more = known is not None or now.newly_highlighted > was.newly_highlighted
        group = self._load(group_id)
        for row in group.rows:
            head = row.head
            if head.added_at > since if known is None else head.id not in known:
                new.append(head.id)
            elif is_more and (known is None or head.revision > known[head.id]):
                came = group.state(head.id).new_highlights(head)
                others += [head.id] * bool(came)
                highlights += came
        return News([*new, *others], len(new), highlights) if new or others else None

    def totals(self) -> Counts:
        """How many of what the whole library holds."""
        every = [astuple(Counts()), *(astuple(self.counts(group_id)) for group_id in self._by_id())]
        return Counts(**dict(zip(Counts.__struct_fields__, map(sum, zip(*every, strict=True)), strict=True)))

    def has_unread(self) -> bool:
        """Whether anything in the library is unread."""
        return any(self.counts(group_id).unread for group_id in self._by_id())

    def tags(self, group_id: str) -> "list[LabelCount]":
        """The tags of a group, the most frequent first."""
        return self._load(group_id).tags

    def has_tags(self, group_id: str) -> bool | None:
        """Whether a group has any tag; None until it has been read."""
        loaded = self._loaded.get(group_id)
        return None if loaded is None else any(row.head.tags for row in loaded.rows)

    # Items and their states

    def state(self, group_id: str, item_id: str) -> ReadingState:
        """The reading state of an item as it is now."""
        if item_id in self._previews and self._loaded.get(group_id) is None:
            return self._previews[item_id]
        return self._load(group_id).state(item_id)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group as they are now, by item id; an item without one is unread."""
        return self._load(group_id).states

    def head(self, group_id: str, item_id: str) -> ItemSummary | None:
        """An item as a list shows it, or None when it is gone."""
        return self._load(group_id).head(item_id)

    def item(self, group_id: str, item_id: str) -> Item | None:
        """An item, whole, or None when it is gone.

        Raises:
            LibraryError: It can't be read.
        """
        try:
            return self._library.item(group_id, item_id)
        except NoSuchGroup:
            return None

    def follow(self, changes: Iterable[Change]) -> None:
        """Take note of marks that the library has made durable."""
        changes = list(changes)
        with self._lock:
            for change in changes:
                if change.after.item in self._previews:
                    self._previews[change.after.item] = change.after
                self._counts.pop(change.group, None)
            self._loaded.follow(changes)

    # Lists

    def search(
        self,
        place: Place,
        query: Query | None = None,
        *,
        belongs: Query | None = None,
        keep: Collection[str] = (),
        shown: Collection[str] = (),
        among: Mapping[str, Collection[str]] | None = None,
        order: Order = Order.NEWEST,
    ) -> "Search":
        """The items of a place, in an order, to be gathered in short steps. Reads nothing yet.

        Args:
            place: Which place.
            query: What they must answer to, besides; None or a blank one lets all pass.
            belongs: What belongs to the place, when that is known elsewhere: the query of a saved search.
            keep: Ids of items that count as belonging to the place although they no longer do: those just read.
            shown: Ids of items that stay whatever they answer: those before the reader's eyes during a refresh.
            among: The ids of the only items to look at, by group; None is all.
            order: How they are sorted.
        """
        from florilege.lists.search import Search, SearchRequest

        here = place.query if belongs is None else belongs
        asked = all_of(
            [
                any_of([here, OneOf(frozenset(keep))]) if keep and not here.is_blank else here,
                any_of([query or Everything(), OneOf(frozenset(shown))]) if shown else query or Everything(),
                Everything() if among is None else OneOf(frozenset().union(*among.values())),
            ]
        )
        groups = [
            group
            for group in self.groups()
            if place.group in {None, group.id}
            and (place.group or self._may_hold(group, asked) if among is None else group.id in among)
        ]
        return Search(self._sources, groups, SearchRequest.of(asked, self._clock()), order)

    @cached_property
    def _sources(self) -> "SearchSources":
        from florilege.lists.search import SearchSources

        return SearchSources(self._library, self._loaded, self._texts)

    def _may_hold(self, group: Group, query: Query) -> bool:
        from florilege.lists.search import may_hold

        is_seen = group.id in self._loaded.ever_loaded
        return query.is_blank or may_hold(group, self.counts(group.id), query, is_seen=is_seen)

    # Counting what answers

    def count(self, queries: Sequence[Query], pause: Callable[[], None] = lambda: None) -> list[Counts]:
        """How many items of the whole library answer to each query, and how many of those are unread.

        Group by group: what has not changed since is not counted again, nor even read. A group that can't be read
        counts nothing; one that nobody has opened is let go of. Reads; may run in any thread, one at a time.

        Args:
            queries: The questions.
            pause: Called between two steps of a few milliseconds.
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
                        loaded = loaded or self._loaded.get(group.id) or self._loaded.read(group.id, group.title)
                        counted = version, self._count(loaded, query, pause)
                known[group.id, query] = counted
                totals[query] += counted[1]
        self._counted = known  # what nobody asks any more is forgotten
        return [totals[query] for query in queries]

    def _count(self, group: LoadedGroup, query: Query, pause: Callable[[], None]) -> Counts:
        from florilege.lists.search import SearchRequest

        found = bytearray(len(group.rows))
        for _ in self._sources.look_through(group, SearchRequest.of(query, self._clock()), found):
            pause()
        return Counts(items=sum(found), unread=sum(compress(group.unread, found)))

    def _version(self, group: Group) -> object:
        """What a group is like: equal to what was said before as long as nothing has changed in it."""
        try:
            return self._library.stamps(group.id), group.title, self._loaded.version(group.id)
        except LibraryError:
            return None

    # Pages shared more than once

    def also_in(self, head: ItemSummary | Item) -> tuple[str, ...]:
        """Titles of the other groups in which the page of this item was shared; none before `index_pages`."""
        groups = self._groups_with(head) - {head.group}
        return tuple(group.title for group in self.groups() if group.id in groups) if groups else ()

    def same_page(self, head: ItemSummary, *, within: str | None = None) -> list[ItemRow]:
        """The other items that share the page of this one; none before `index_pages`.

        Args:
            head: The item.
            within: The id of the only group to look in; None is all.
        """
        groups, found = self._groups_with(head), []
        if head.url is not None and groups:
            from florilege.lists.same_page import page_of

            page = page_of(head.url)
            for group in self.groups():
                if group.id in groups and within in {None, group.id}:
                    rows = self._load(group.id).pages.get(page, ())
                    found += [row for row in rows if row.key != head.id]
        return found

    def _groups_with(self, head: ItemSummary | Item) -> frozenset[str]:
        """Ids of the groups with the page of this item, when it was shared more than once."""
        if not self._pages or not head.url:
            return frozenset()
        from florilege.lists.same_page import page_of

        return self._pages.get(page_of(head.url), frozenset())

    def with_same_pages(self, rows: list[ItemRow]) -> list[ItemRow]:
        """These rows, and all others that share a page with one of them. Looks through every item when it has to."""
        if self._pages is None:
            self.index_pages()
        return rows + [other for row in rows for other in self.same_page(row.head)]

    def index_pages(self, pause: Callable[[], None] = lambda: None) -> None:
        """Find out which pages were shared more than once. Looks through every item; keeps none that is not kept yet.

        Args:
            pause: Called after each group, so that others find the library free.
        """
        from florilege.lists.same_page import pages_shared_again

        def heads_of(group_id: str) -> Iterable[ItemSummary]:
            loaded = self._loaded.get(group_id)
            if loaded is not None:
                return [row.head for row in loaded.rows]
            try:
                return self._library.heads(group_id)
            except LibraryError:
                return []  # whoever opens it is told why

        self._pages = pages_shared_again(self.groups(), heads_of, pause)

    def _load(self, group_id: str) -> LoadedGroup:
        loaded = self._loaded.get(group_id)
        return loaded if loaded is not None else self._loaded.load(group_id, self.title(group_id))


def _is_dated(query: Query) -> bool:
    """Whether what answers may change by itself, as time goes by. Now and then wrongly yes, never wrongly no."""
    asked = str(query)
    return any(field in asked for field in ("before:", "after:", "day:"))
