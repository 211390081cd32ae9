"""What there is to read: groups, what a place holds, counts, tags, shared pages. Reads the library, writes nothing.

One face for the rooms beside it. It may be asked from a worker thread; a list once given never changes under its owner,
only the states do.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import chain

from florilege.lists.columns import ROWS, Stretch
from florilege.lists.finding import Finding, in_both
from florilege.lists.listing import Listed
from florilege.lists.membership import belonging, belonging_together, may_answer, may_hold
from florilege.lists.orders import Order, sort_key
from florilege.lists.places import Place
from florilege.lists.ranking import Found, Ranking
from florilege.lists.sharing import Sharing, page_of
from florilege.lists.shelves import Reads, Shelf, Shelves
from florilege.lists.sifting import Sifting, Sought
from florilege.lists.tagging import TagCount
from florilege.marking import Change
from florilege.model import Counts, Group, Head, Item, ReadingState
from florilege.query import Everything, Query
from florilege.store import LibraryError, NoSuchGroup
from florilege.store.search_text import Texts

__all__ = ["Catalogue", "Listed", "Reads", "TagCount"]


class Catalogue:
    """Answers what there is to read.

    Args:
        library: What is read.
        clock: Now, with zone.
        texts: Where the texts of items are kept; in memory when None.
        tolerant: Whether a group that can't be read is taken to hold nothing: `problem` then says why.
    """

    def __init__(
        self,
        library: Reads,
        *,
        clock: Callable[[], datetime],
        texts: Texts | None = None,
        tolerant: bool = False,
    ) -> None:
        self._library = library
        self._clock = clock
        self._lock = threading.RLock()
        self._shelves = Shelves(library, texts or Texts(), tolerant=tolerant)
        self._tolerant = tolerant
        self._ranking = Ranking()
        self._sharing = Sharing()
        self._groups: list[Group] | None = None
        self._previews: dict[str, ReadingState] = {}
        self.order: tuple[str, ...] = ()
        """Ids of groups in the reader's own order; groups that are not among them follow, as they were added."""

    def preview(self, states: Iterable[ReadingState]) -> None:
        """Take these states for true until their groups have been read."""
        with self._lock:
            self._previews = {state.item: state for state in states}

    # Groups

    def groups(self) -> list[Group]:
        """All groups, in the reader's own order; without one, as they were added."""
        with self._lock:
            if self._groups is None:
                self._groups = self._library.groups()
                self._shelves.call({group.id: group.title for group in self._groups})
            places = {group: place for place, group in enumerate(self.order)}
            return sorted(self._groups, key=lambda group: places.get(group.id, len(places)))

    def group(self, group_id: str) -> Group | None:
        """The group of this id, or None when it is gone."""
        return next((group for group in self.groups() if group.id == group_id), None)

    def title(self, group_id: str) -> str:
        """The title of a group."""
        group = self.group(group_id)
        return group.title if group else ""

    def forget(self, group_id: str | None = None) -> None:
        """Read a group (or everything) again when it is next asked for: its content has changed.

        What was learnt about sharing stays until it is learnt anew: better a little old than gone from the screen.
        """
        with self._lock:
            self._groups = None
            self._shelves.forget(group_id)

    def counts(self, group_id: str) -> Counts:
        """How many of what a group holds; from the library's summary until the group has been read."""
        shelf = self._shelves.kept(group_id)
        try:
            return shelf.counts if shelf else self._library.counts(group_id)
        except NoSuchGroup:
            return Counts()
        except LibraryError:
            if not self._tolerant:
                raise
            return self._shelf(group_id).counts

    def problem(self, group_id: str) -> str:
        """Why a group can't be read, in a sentence; empty as long as that is not known."""
        shelf = self._shelves.kept(group_id)
        return shelf.problem if shelf else ""

    def totals(self) -> Counts:
        """How many of what the whole library holds."""
        return sum((self.counts(group.id) for group in self.groups()), Counts())

    def has_unread(self) -> bool:
        """Whether anything in the library is unread. Asked at every key: the totals would take milliseconds."""
        return any(self.counts(group.id).unread for group in self.groups())

    def tags(self, group_id: str) -> list[TagCount]:
        """The tags of a group, the most frequent first."""
        return self._shelf(group_id).tags

    def has_tags(self, group_id: str) -> bool | None:
        """Whether a group has any tag; None until it has been read."""
        shelf = self._shelves.kept(group_id)
        return None if shelf is None else shelf.is_tagged

    # Items and their states

    def state(self, group_id: str, item_id: str) -> ReadingState:
        """The reading state of an item as it is now."""
        if item_id in self._previews and self._shelves.kept(group_id) is None:
            return self._previews[item_id]
        return self._shelf(group_id).state(item_id)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group as they are now, by item id; an item without one is unread."""
        return self._shelf(group_id).states

    def head(self, group_id: str, item_id: str) -> Head | None:
        """An item as a list shows it, or None when it is gone."""
        return self._shelf(group_id).head(item_id)

    def item(self, group_id: str, item_id: str) -> Item | None:
        """An item, whole, or None when it is gone."""
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
            self._shelves.follow(changes)

    @property
    def marks(self) -> int:
        """A number that is another one once marks were followed."""
        return self._shelves.marks

    # Lists

    def listed(
        self,
        place: Place,
        query: Query | None = None,
        *,
        keep: Collection[str] = (),
        shown: Collection[str] = (),
        order: Order = Order.NEWEST,
    ) -> list[Listed]:
        """The items of a place, in an order.

        Args:
            place: Which place.
            query: What they must answer to, besides; None or a blank one lets all pass.
            keep: Ids of items that count as belonging to the place although they no longer do: those just read.
            shown: Ids of items that stay whatever they answer: those before the reader's eyes during a refresh.
            order: How they are sorted.
        """
        return self.finding(place, query, keep=keep, shown=shown, order=order).to_the_end().rows

    def finding(
        self,
        place: Place,
        query: Query | None = None,
        *,
        keep: Collection[str] = (),
        shown: Collection[str] = (),
        order: Order = Order.NEWEST,
        among: Callable[[Shelf], bytearray | None] = lambda _: None,
        keeps: bool = True,
    ) -> Finding:
        """What `listed` gives, to be gathered in small steps. Reads nothing yet.

        Args:
            place: Which place.
            query: What items must answer to, besides.
            keep: As `listed` has it.
            shown: As `listed` has it.
            order: How they are sorted.
            among: Says for a shelf which of its rows to look at; None is all of them.
            keeps: Whether groups that are read for this stay in memory.
        """
        query = query or Everything()
        groups = [
            group
            for group in self.groups()
            if place.group in {None, group.id} and (place.group or keep or shown or self._may_hold(group, place, query))
        ]
        sought = Sought(
            query,
            self._clock(),
            belongs=belonging(place),
            belongs_together=belonging_together(place),
            keep=keep,
            shown=shown,
        )
        return Finding(self._shelves, groups, sought, partial(self._in_order, order), among=among, keeps=keeps)

    def prepare_finding(self, rest: Callable[[], None]) -> None:
        """Make what is looked through first in groups that have been read, so that no letter has to wait for it.

        Args:
            rest: Called between two steps of a few milliseconds.
        """
        for group in self.groups():
            shelf = self._shelves.kept(group.id)
            if shelf is None:
                continue
            for first in range(0, len(shelf.rows), ROWS):
                Stretch(shelf, first).prepare()
                rest()

    def _may_hold(self, group: Group, place: Place, query: Query) -> bool:
        counts = self.counts(group.id)
        return may_hold(counts, place) and (query.is_blank or may_answer(group, counts, query))

    def is_current(self, finding: Finding) -> bool:
        """Whether nothing that was looked through has been forgotten since."""
        return all(self._shelves.kept(shelf.group_id) is shelf for shelf in finding.by_shelf)

    def _in_order(self, order: Order, found: Found) -> list[Listed]:
        return self._ranking.rows(found, order, self.sort_key(order), self.marks)

    def sort_key(self, order: Order) -> Callable[[Head], object]:
        """What a list in this order is sorted by, as states are now."""
        return sort_key(order, lambda head: not self.state(head.group, head.id).is_read)

    # Counting what answers

    def state_of(self, group: Group) -> object:
        """What a group is like: equal to what was said before as long as nothing has changed in it."""
        try:
            return self._library.stamps(group.id), group.title, self._shelves.version(group.id)
        except NoSuchGroup:
            return None

    def may_answer(self, group: Group, query: Query) -> bool:
        """Whether an item of a group may answer, as far as can be told without reading it."""
        return may_answer(group, self.counts(group.id), query)

    def counted(self, group: Group, queries: Iterable[Query], rest: Callable[[], None]) -> list[tuple[int, int]]:
        """How many items of a group answer to each query, and how many of those are unread; the group is not kept.

        Args:
            group: The group.
            queries: The questions.
            rest: Called between two steps of a few milliseconds.

        Raises:
            LibraryError: The group can't be read.
        """
        counts = []
        shelf: Shelf | None = None
        for query in queries:
            shelf = shelf or self._shelves.kept(group.id) or self._shelves.read(group.id, group.title)
            sifting = Sifting(shelf, Sought(query, self._clock()))
            for _ in chain(sifting.heads(), sifting.rest(self._shelves)):
                rest()
            counts.append((sum(sifting.found), in_both(sifting.found, shelf.unread)))
        return counts

    # Pages shared more than once

    def also_in(self, head: Head) -> tuple[str, ...]:
        """Titles of the other groups in which the page of this item was shared; none before `learn_sharing`."""
        groups = self._sharing.groups_with(head) - {head.group}
        return tuple(group.title for group in self.groups() if group.id in groups) if groups else ()

    def same_page(self, head: Head, *, within: str | None = None) -> list[Listed]:
        """The other items that share the page of this one; none before `learn_sharing`.

        Args:
            head: The item.
            within: The id of the only group to look in; None is all.
        """
        groups, found = self._sharing.groups_with(head), []
        if head.url is not None and groups:
            page = page_of(head.url)
            for group in self.groups():
                if group.id in groups and within in {None, group.id}:
                    rows = self._shelf(group.id).pages.get(page, ())
                    found += [row for row in rows if row.key != head.id]
        return found

    @property
    def knows_sharing(self) -> bool:
        """Whether it has been learnt which pages were shared more than once."""
        return self._sharing.is_known

    def learn_sharing(self, rest: Callable[[], None] = lambda: None) -> None:
        """Find out which pages were shared more than once. Looks through every item; keeps none that is not kept yet.

        Args:
            rest: Called after each group, so that others find the library free.
        """

        def heads_of(group_id: str) -> Iterable[Head]:
            kept = self._shelves.kept(group_id)
            if kept is not None:
                return [row.head for row in kept.rows]
            try:
                return self._library.heads(group_id)
            except LibraryError:
                if not self._tolerant:
                    raise
                return []  # whoever opens it is told why

        self._sharing.learn(self.groups(), heads_of, rest)

    def _shelf(self, group_id: str) -> Shelf:
        kept = self._shelves.kept(group_id)
        return kept if kept is not None else self._shelves.of(group_id, self.title(group_id))
