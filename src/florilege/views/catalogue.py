"""What there is to read: groups, what a place holds, counts, tags, shared pages. Reads the library, writes nothing.

One face for the rooms beside it. It may be asked from a worker thread; a list once given never changes under its owner,
only the states do.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import partial

from florilege.folding import Texts
from florilege.library import NoSuchGroup
from florilege.marking import Change
from florilege.model import Counts, Group, Head, Item, ReadingState
from florilege.query import Everything, Query
from florilege.views.finding import Finding
from florilege.views.listing import Listed
from florilege.views.membership import belonging, may_hold
from florilege.views.orders import Order, sort_key
from florilege.views.places import Place
from florilege.views.ranking import Found, Ranking
from florilege.views.sharing import Sharing, page_of
from florilege.views.shelves import Reads, Shelf, Shelves
from florilege.views.sifting import Sought
from florilege.views.tagging import TagCount, tag_counts

__all__ = ["Catalogue", "Listed", "Reads", "TagCount"]


class Catalogue:
    """Answers what there is to read.

    Args:
        library: What is read.
        clock: Now, with zone.
        texts: Where the texts of items are kept; in memory when None.
    """

    def __init__(self, library: Reads, *, clock: Callable[[], datetime], texts: Texts | None = None) -> None:
        self._library = library
        self._clock = clock
        self._lock = threading.RLock()
        self._shelves = Shelves(library, texts or Texts())
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

    def totals(self) -> Counts:
        """How many of what the whole library holds."""
        return sum((self.counts(group.id) for group in self.groups()), Counts())

    def tags(self, group_id: str) -> list[TagCount]:
        """The tags of a group, the most frequent first."""
        shelf = self._shelf(group_id)
        return tag_counts((row.head for row in shelf.rows), shelf.states)

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

    def learn_sharing(self) -> None:
        """Find out which pages were shared more than once. Looks through every item; keeps none of them."""
        self._sharing.learn(self.groups(), self._library.heads)

    def _shelf(self, group_id: str) -> Shelf:
        kept = self._shelves.kept(group_id)
        return kept if kept is not None else self._shelves.of(group_id, self.title(group_id))
