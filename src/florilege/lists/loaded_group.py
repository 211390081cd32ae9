"""What has been read of each group, until it is to be read anew, and the orders of rows.

Marks are followed without reading again.

May be asked from several threads. A loaded group is never changed but for states, counts, and what is worked out of its
items when it is first needed. A group that can't be read may look empty and say why, so that it costs only itself.
"""

import threading
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from heapq import merge
from itertools import compress
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec.structs import force_setattr

from florilege.marking import Change
from florilege.model import Counts, Group, Item, ItemSummary, ReadingState, instant, newest_first
from florilege.store import LibraryError, NoSuchGroup
from florilege.store.counts import count, recounted
from florilege.text import search_key
from florilege.words import date_of

if TYPE_CHECKING:
    from florilege.lists.counts import LabelCount
    from florilege.store import StoredItems
    from florilege.store.log import Stamp

UNMARKED = ReadingState(item="")
"""The state of every item of which nothing was marked."""


_MANY = 100
"""Marks beyond which a group is counted anew."""


class Reads(Protocol):
    """What is needed of a library."""

    def groups(self) -> list[Group]:
        """All groups, in the order they were added."""

    def heads(self, group_id: str) -> list[ItemSummary]:
        """The items of a group as a list shows them."""

    def item(self, group_id: str, item_id: str) -> Item | None:
        """One item, whole."""

    def stored(self, group_id: str) -> "StoredItems":
        """The items of a group as they are stored."""

    def stamps(self, group_id: str) -> "tuple[Stamp | None, Stamp | None]":
        """What the logs of items and of states look like."""

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group, by item id."""

    def counts(self, group_id: str) -> Counts:
        """How many of what a group holds."""


class ItemRow(msgspec.Struct, frozen=True):
    """One row of a list of items: the item as a list shows it, and where it is from."""

    head: ItemSummary
    group_title: str

    @property
    def key(self) -> str:
        """The item's id: unique in the library."""
        return self.head.id


class LoadedGroup(msgspec.Struct, eq=False):
    """What has been read of one group."""

    group_id: str
    title: str
    rows: list[ItemRow] = msgspec.field(default_factory=list)
    """Newest first."""
    states: dict[str, ReadingState] = msgspec.field(default_factory=dict)
    counts: Counts = msgspec.field(default_factory=Counts)
    unread: bytearray = msgspec.field(default_factory=bytearray)
    """Says of each row, by 1, that it is unread now."""
    dates: "array[float]" = msgspec.field(default_factory=lambda: array("d"))
    """What each row is sorted by: the first number of `newest_first`."""
    problem: str = ""
    """Why the group can't be read, in a sentence; then it looks empty."""
    _tags: "list[LabelCount] | None" = None
    _places: dict[str, int] | None = None
    _pages: dict[int, list[ItemRow]] | None = None

    @property
    def pages(self) -> Mapping[int, list[ItemRow]]:
        """The rows by the page they share; sorted so when it is first asked who else shared one."""
        from florilege.lists.same_page import page_of

        if self._pages is None:
            pages: dict[int, list[ItemRow]] = {}
            for row in self.rows:
                if row.head.url:
                    pages.setdefault(page_of(row.head.url), []).append(row)
            self._pages = pages
        return self._pages

    @property
    def tags(self) -> "list[LabelCount]":
        """The tags of the group, the most frequent first; counted when they are first asked for."""
        from florilege.lists.counts import TAGS, count_labels

        if self._tags is None:
            self._tags = count_labels((row.head for row in self.rows), TAGS)
        return self._tags

    def follow(self, changes: Sequence[Change]) -> None:
        """Take note of marks."""
        self.states.update((change.after.item, change.after) for change in changes)
        if len(changes) > _MANY:
            self.counts = count((row.head for row in self.rows), self.states)
            self.unread[:] = _unread((row.head for row in self.rows), self.states)
            return
        for change in changes:
            place = self.place(change.after.item)
            if place is not None:
                self.unread[place] = not change.after.is_read
                self.counts = recounted(self.counts, self.rows[place].head, change)

    def place(self, item_id: str) -> int | None:
        """Where an item is among the rows; None when it is not there."""
        if self._places is None:
            self._places = {row.head.id: place for place, row in enumerate(self.rows)}
        return self._places.get(item_id)

    def head(self, item_id: str) -> ItemSummary | None:
        """An item as a list shows it; None when it is not there."""
        place = self.place(item_id)
        return None if place is None else self.rows[place].head

    def state(self, item_id: str) -> ReadingState:
        """The reading state of an item as it is now."""
        return self.states.get(item_id) or ReadingState(item=item_id)


class GroupCache:
    """The groups of a library as they have been read. One that can't be read looks empty, and says why."""

    def __init__(self, library: Reads) -> None:
        self._library = library
        self._lock = threading.RLock()
        self._loaded: dict[str, LoadedGroup] = {}
        self._turns: Counter[str] = Counter()
        self._epoch = 0
        self.ever_loaded: set[str] = set()
        """Ids of the groups that were loaded at some time: only they hold items that somebody has seen."""

    def version(self, group_id: str) -> object:
        """Another one whenever a group was forgotten or marked."""
        return self._epoch, self._turns[group_id]

    def get(self, group_id: str) -> LoadedGroup | None:
        """A group, if it has been read."""
        return self._loaded.get(group_id)

    def load(self, group_id: str, title: str) -> LoadedGroup:
        """A group, read if need be and kept.

        Args:
            group_id: The group.
            title: What it is called in the rows.
        """
        # The lock is not held while reading: others ask for other groups.
        with self._lock:
            loaded = self._loaded.get(group_id)
            if loaded is not None:
                return loaded
            version = self.version(group_id)
        loaded = self.read(group_id, title)
        with self._lock:
            self.ever_loaded.add(group_id)
            if version == self.version(group_id):
                return self._loaded.setdefault(group_id, loaded)
        return loaded

    def read(self, group_id: str, title: str) -> LoadedGroup:
        """A group, read and not kept; empty when it is gone or can't be read."""
        try:
            heads = self._library.heads(group_id)
            states = dict(self._library.states(group_id))
        except NoSuchGroup:  # another process removed it; we are told so soon
            return LoadedGroup(group_id, title)
        except LibraryError as error:
            return LoadedGroup(group_id, title, problem=str(error))
        _share_values(heads, group_id)
        dated = sorted(((newest_first(head), place) for place, head in enumerate(heads)))
        heads = [heads[place] for _, place in dated]
        return LoadedGroup(
            group_id,
            title,
            [ItemRow(head, title) for head in heads],
            states,
            count(heads, states),
            _unread(heads, states),
            array("d", (key[0] for key, _ in dated)),
        )

    def forget(self, group_id: str | None = None) -> None:
        """Read a group (or everything) again when it is next asked for."""
        with self._lock:
            if group_id is None:
                self._epoch += 1
                self._loaded.clear()
            else:
                self._turns[group_id] += 1
                self._loaded.pop(group_id, None)

    def forget_renamed(self, titles: Mapping[str, str]) -> None:
        """Read the groups again, when they are next asked for, that are called otherwise in their rows."""
        with self._lock:
            for loaded in list(self._loaded.values()):
                if titles.get(loaded.group_id, loaded.title) != loaded.title:
                    self.forget(loaded.group_id)

    def follow(self, changes: Iterable[Change]) -> None:
        """Take note of marks that the library has made durable."""
        with self._lock:
            by_group: dict[str, list[Change]] = {}
            for change in changes:
                by_group.setdefault(change.group, []).append(change)
            for group_id, its_changes in by_group.items():
                self._turns[group_id] += 1  # what is being read of it at this moment is not to be kept
                if (loaded := self._loaded.get(group_id)) is not None:
                    loaded.follow(its_changes)


def _unread(heads: Iterable[ItemSummary], states: Mapping[str, ReadingState]) -> bytearray:
    read = {item for item, state in states.items() if state.read_at is not None}
    return bytearray(head.id not in read for head in heads)


def _share_values(heads: Iterable[ItemSummary], group_id: str) -> None:
    """Let heads hold equal values once: each was decoded with its own, which takes twice the memory."""
    known: dict[object, object] = {}
    for head in heads:
        force_setattr(head, "group", group_id)
        if head.tags:
            force_setattr(
                head, "tags", known.setdefault(head.tags, tuple(known.setdefault(tag, tag) for tag in head.tags))
            )
        if head.sharer is not None:
            force_setattr(head, "sharer", known.setdefault(head.sharer, head.sharer))
        if head.highlights:
            force_setattr(head, "highlights", known.setdefault(head.highlights, head.highlights))
        force_setattr(head, "added_at", known.setdefault(head.added_at, head.added_at))


_RUN = 10_000
"""Rows sorted in one call, during which no key is answered: a few milliseconds."""


class Order(StrEnum):
    """An order; its value is how it is said."""

    NEWEST = "newest first"
    OLDEST_UNREAD = "oldest unread first"
    GROUP = "by group"
    SHARER = "by sharer"
    TITLE = "by title"
    HIGHLIGHTS = "most highlighted first"
    VIEWS = "most viewed first"
    ADDED = "latest arrival first"
    READ = "last read first"


Found = Sequence[tuple[LoadedGroup, bytearray]]
"""Groups, and by 1 which of their rows were found."""

_KEYS: dict[Order, Callable[[ItemSummary, ReadingState], Any]] = {
    Order.OLDEST_UNREAD: lambda head, state: (state.is_read, date_of(head) is None, instant(date_of(head))),
    Order.ADDED: lambda head, _: -instant(head.added_at),
    Order.READ: lambda _, state: -instant(state.read_at),
    Order.SHARER: lambda head, _: (head.sharer is None, search_key(head.sharer.label) if head.sharer else ""),
    Order.TITLE: lambda head, _: (not head.title, search_key(head.title)),
    Order.HIGHLIGHTS: lambda head, _: -len(head.highlights),
    Order.VIEWS: lambda head, _: (head.views is None, -(head.views or 0)),
}
"""What to sort by. Equal items are newest first; what is unknown comes last."""


def in_order(found: Found, order: Order) -> list[ItemRow]:
    """What was found in several groups, in an order; items of one moment in the order of their groups.

    Groups come in their order, each with its newest rows first.
    """
    rows = [row for group, flags in found for row in compress(group.rows, flags)]
    if len(found) > 1 and order is not Order.GROUP:
        dates = [date for group, flags in found for date in compress(group.dates, flags)]
        rows = _sorted(rows, dates, run=len(rows))  # numbers in few runs: this takes a fifth of what others do
    if order not in _KEYS:
        return rows
    key, states = _KEYS[order], {group.group_id: group.states for group, _ in found}
    keys = [key(row.head, states[row.head.group].get(row.key, UNMARKED)) for row in rows]
    return _sorted(rows, keys, run=_RUN)


def _sorted(rows: list[ItemRow], keys: Sequence[Any], run: int) -> list[ItemRow]:
    """Rows by their keys, equal ones as they stand; so many are sorted in one call."""
    places = range(len(rows))
    runs = [sorted(places[first : first + run], key=keys.__getitem__) for first in range(0, len(rows), run or 1)]
    return [rows[place] for place in (runs[0] if len(runs) == 1 else merge(*runs, key=keys.__getitem__))]
