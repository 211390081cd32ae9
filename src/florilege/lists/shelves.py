"""What has been read of each group, until it is told to be forgotten; marks are followed without reading again.

May be asked from several threads. A shelf once given is never changed but for states, counts, and what is worked out
of its items when it is first needed.
"""

import threading
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec.structs import force_setattr

from florilege.lists.columns import Columns
from florilege.lists.listing import Listed
from florilege.lists.sharing import page_of
from florilege.lists.tagging import TagCount, tag_counts
from florilege.marking import Change
from florilege.model import Counts, Group, Head, Item, ReadingState, newest_first
from florilege.store import LibraryError, NoSuchGroup
from florilege.store.counts import count, recounted
from florilege.store.log import Stamp
from florilege.store.search_text import Reader, Stored, Texts


class Reads(Protocol):
    """What is needed of a library."""

    def groups(self) -> list[Group]:
        """All groups, in the order they were added."""

    def heads(self, group_id: str) -> list[Head]:
        """The items of a group as a list shows them."""

    def item(self, group_id: str, item_id: str) -> Item | None:
        """One item, whole."""

    def several(self, group_id: str, item_ids: Iterable[str]) -> list[Item]:
        """Some items, whole."""

    def stored(self, group_id: str) -> Stored:
        """The items of a group as they are stored."""

    def stamps(self, group_id: str) -> tuple[Stamp | None, Stamp | None]:
        """What the logs of items and of states look like."""

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group, by item id."""

    def counts(self, group_id: str) -> Counts:
        """How many of what a group holds."""


@dataclass(slots=True, eq=False)
class Shelf:
    """What has been read of one group."""

    group_id: str
    rows: list[Listed]
    """Newest first."""
    states: dict[str, ReadingState]
    counts: Counts
    unread: bytearray
    """Says of each row, by 1, that it is unread now."""
    columns: dict[int, Columns] = field(default_factory=dict)
    """What rows show, by the place of the first of them; made when it is first looked through."""
    reader: Reader | None = None
    """The texts of the rows; None until they are looked through."""
    problem: str = ""
    """Why the group can't be read, in a sentence; then it is taken to hold nothing."""
    _tags: list[TagCount] | None = None
    _is_tagged: bool | None = None
    _places: dict[str, int] | None = None
    _pages: dict[int, list[Listed]] | None = None

    @property
    def pages(self) -> Mapping[int, list[Listed]]:
        """The rows by the page they share; sorted so when it is first asked who else shared one."""
        if self._pages is None:
            self._pages = {}
            for row in self.rows:
                if row.head.url:
                    self._pages.setdefault(page_of(row.head.url), []).append(row)
        return self._pages

    @property
    def tags(self) -> list[TagCount]:
        """The tags of all rows, the most frequent first; counted when they are first asked for."""
        if self._tags is None:
            self._tags = tag_counts(row.head for row in self.rows)
        return self._tags

    @property
    def is_tagged(self) -> bool:
        """Whether any item has a tag; found out when it is first asked."""
        if self._is_tagged is None:
            self._is_tagged = any(row.head.tags for row in self.rows)
        return self._is_tagged

    def follow(self, change: Change) -> None:
        """Take note of a mark."""
        self.states[change.after.item] = change.after
        place = self.place(change.after.item)
        if place is not None:
            self.unread[place] = not change.after.is_read
            self.counts = recounted(self.counts, self.rows[place].head, change)

    def place(self, item_id: str) -> int | None:
        """Where an item is among the rows; None when it is not there."""
        if self._places is None:
            self._places = {row.head.id: place for place, row in enumerate(self.rows)}
        return self._places.get(item_id)

    def head(self, item_id: str) -> Head | None:
        """An item as a list shows it; None when it is not there."""
        place = self.place(item_id)
        return None if place is None else self.rows[place].head

    def state(self, item_id: str) -> ReadingState:
        """The reading state of an item as it is now."""
        return self.states.get(item_id) or ReadingState(item=item_id)


class Shelves:
    """The shelves of all groups.

    Args:
        library: Where they are read.
        texts: Where the texts of items are.
        tolerant: Whether a group that can't be read is taken to hold nothing, and says why (`Shelf.problem`).
    """

    def __init__(self, library: Reads, texts: Texts, *, tolerant: bool = False) -> None:
        self._library = library
        self._texts = texts
        self._tolerant = tolerant
        self._lock = threading.RLock()
        self._shelves: dict[str, Shelf] = {}
        self._turns: dict[str, int] = {}
        self._epoch = 0
        self.marks = 0
        """How many times marks were followed."""
        self._marked: Counter[str] = Counter()

    def version(self, group_id: str) -> object:
        """Another one whenever a group was forgotten or marked."""
        return self._epoch, self._turns.get(group_id, 0), self._marked[group_id]

    def kept(self, group_id: str) -> Shelf | None:
        """The shelf of a group, if it has been read."""
        return self._shelves.get(group_id)

    def of(self, group_id: str, title: str) -> Shelf:
        """The shelf of a group, read if need be and kept. An empty one when the group is gone.

        Args:
            group_id: The group.
            title: What it is called in the rows.

        Raises:
            LibraryError: It can't be read, and that is not tolerated.
        """
        # The lock is not held while reading: others ask for other groups.
        with self._lock:
            shelf = self._shelves.get(group_id)
            if shelf is not None:
                return shelf
            turn = (self._epoch, self._turns.get(group_id, 0))
        shelf = self.read(group_id, title)
        with self._lock:
            if turn == (self._epoch, self._turns.get(group_id, 0)):
                return self._shelves.setdefault(group_id, shelf)
        return shelf

    def read(self, group_id: str, title: str) -> Shelf:
        """The shelf of a group, read and not kept."""
        try:
            heads = self._library.heads(group_id)
            states = dict(self._library.states(group_id))
        except NoSuchGroup:  # another process removed it; we are told so soon
            return Shelf(group_id, [], {}, Counts(), bytearray())
        except LibraryError as error:
            if not self._tolerant:
                raise
            return Shelf(group_id, [], {}, Counts(), bytearray(), problem=str(error))
        _share(heads, group_id)
        heads.sort(key=newest_first)
        read = {item for item, state in states.items() if state.is_read}
        unread = bytearray(head.id not in read for head in heads)
        return Shelf(group_id, [Listed(head, title) for head in heads], states, count(heads, states), unread)

    def reader(self, shelf: Shelf) -> Generator[None, None, Reader]:
        """The texts of a shelf, made step by step where they are not there.

        Raises:
            LibraryError: The group can't be read.
        """
        if shelf.reader is None:
            stamp, _ = self._library.stamps(shelf.group_id)
            table = self._texts.known(shelf.group_id, stamp)
            if table is None:
                making = self._texts.making(shelf.group_id, stamp, lambda: self._library.stored(shelf.group_id))
                while making.made is None:
                    making.go_on()
                    yield
                table = making.made
            shelf.reader = Reader(table, [row.head.id for row in shelf.rows])
        return shelf.reader

    def several(self, group_id: str, item_ids: Sequence[str]) -> list[Item]:
        """Some items of a group, whole; those that are gone are left out."""
        try:
            return self._library.several(group_id, item_ids)
        except NoSuchGroup:
            return []

    def forget(self, group_id: str | None = None) -> None:
        """Read a group (or everything) again when it is next asked for."""
        with self._lock:
            if group_id is None:
                self._epoch += 1
                self._shelves.clear()
            else:
                self._turn(group_id)
                self._shelves.pop(group_id, None)

    def call(self, titles: Mapping[str, str]) -> None:
        """Read the groups again, when they are next asked for, that are called otherwise in their rows."""
        with self._lock:
            called = {name: shelf.rows[0].group_title for name, shelf in self._shelves.items() if shelf.rows}
            for group_id, title in called.items():
                if titles.get(group_id, title) != title:
                    self.forget(group_id)

    def follow(self, changes: Iterable[Change]) -> None:
        """Take note of marks that the library has made durable."""
        with self._lock:
            self.marks += 1
            for change in changes:
                self._marked[change.group] += 1
                shelf = self._shelves.get(change.group)
                if shelf is None:
                    self._turn(change.group)
                    continue
                shelf.follow(change)

    def _turn(self, group_id: str) -> None:
        """Note that what is being read of a group at this moment is no longer to be kept."""
        self._turns[group_id] = self._turns.get(group_id, 0) + 1


def _share(heads: Iterable[Head], group_id: str) -> None:
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
