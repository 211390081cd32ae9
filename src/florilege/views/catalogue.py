"""What a place holds: lists of items with their state, counts, tags. Reads the library, writes nothing.

The catalogue keeps what it has read of each group until it is told to forget it, and follows marks without reading
again. It may be asked from a worker thread; a list once given never changes under its owner, only the states do.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from florilege.library import NoSuchGroup
from florilege.marking import Change
from florilege.model import Counts, Group, Head, Item, ReadingState, newest_first
from florilege.query import Query, Subject, searchable
from florilege.text import fold, same_tag
from florilege.urls import canonical
from florilege.views.orders import Order, sort_key
from florilege.views.places import Kind, Place


class Reads(Protocol):
    """What the catalogue needs of a library."""

    def groups(self) -> list[Group]:
        """All groups, in the order they were added."""

    def heads(self, group_id: str) -> list[Head]:
        """The items of a group as a list shows them."""

    def items(self, group_id: str) -> list[Item]:
        """The items of a group, whole."""

    def item(self, group_id: str, item_id: str) -> Item | None:
        """One item, whole."""

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group, by item id."""

    def counts(self, group_id: str) -> Counts:
        """How many of what a group holds."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the items pane: the item as a list shows it, and where it is from."""

    head: Head
    group_title: str
    also_in: tuple[str, ...] = ()
    """Titles of the other groups in which the same page was shared."""

    @property
    def key(self) -> str:
        """The item's id: unique in the library."""
        return self.head.id


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag with how many items bear it."""

    tag: str
    """In the spelling most recently used."""
    items: int
    unread: int


@dataclass(slots=True)
class _Shelf:
    """What has been read of one group."""

    heads: list[Head]
    states: dict[str, ReadingState]
    counts: Counts
    texts: dict[str, tuple[Item, str]] = field(default_factory=dict)
    """Items whole with their folded text; filled at the first search."""
    by_id: dict[str, Head] = field(init=False)
    pages: dict[int, list[Head]] | None = None
    """Items by their page; filled when it is first asked who else shared one."""

    def __post_init__(self) -> None:
        self.by_id = {head.id: head for head in self.heads}


class Catalogue:
    """Answers what there is to read."""

    def __init__(self, library: Reads, *, clock: Callable[[], datetime]) -> None:
        self._library = library
        self._clock = clock
        self._lock = threading.RLock()
        self._shelves: dict[str, _Shelf] = {}
        self._groups: list[Group] | None = None
        self._sharing: dict[int, frozenset[str]] | None = None
        self._previews: dict[str, ReadingState] = {}
        self._turns: dict[str, int] = {}
        self._epoch = 0
        self.order: tuple[str, ...] = ()
        """Ids of groups in the reader's own order; groups that are not among them follow, as they were added."""

    def preview(self, states: Iterable[ReadingState]) -> None:
        """Take these states for true until their groups have been read."""
        with self._lock:
            self._previews = {state.item: state for state in states}

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
            if group_id is None:
                self._epoch += 1
                self._shelves.clear()
            else:
                self._turn(group_id)
                self._shelves.pop(group_id, None)

    def counts(self, group_id: str) -> Counts:
        """How many of what a group holds; from the library's summary until the group has been read."""
        with self._lock:
            shelf = self._shelves.get(group_id)
            try:
                return shelf.counts if shelf else self._library.counts(group_id)
            except NoSuchGroup:
                return Counts()

    def totals(self) -> Counts:
        """How many of what the whole library holds."""
        return sum((self.counts(group.id) for group in self.groups()), Counts())

    def state(self, group_id: str, item_id: str) -> ReadingState:
        """The reading state of an item as it is now."""
        if group_id not in self._shelves and item_id in self._previews:
            return self._previews[item_id]
        return self._shelf(group_id).states.get(item_id) or ReadingState(item=item_id)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group as they are now, by item id; an item without one is unread."""
        return self._shelf(group_id).states

    def head(self, group_id: str, item_id: str) -> Head | None:
        """An item as a list shows it, or None when it is gone."""
        return self._shelf(group_id).by_id.get(item_id)

    def item(self, group_id: str, item_id: str) -> Item | None:
        """An item, whole, or None when it is gone."""
        try:
            return self._library.item(group_id, item_id)
        except NoSuchGroup:
            return None

    def follow(self, changes: Iterable[Change]) -> None:
        """Take note of marks that the library has made durable."""
        with self._lock:
            for change in changes:
                shelf = self._shelves.get(change.group)
                if change.after.item in self._previews:
                    self._previews[change.after.item] = change.after
                if shelf is None:
                    self._turn(change.group)
                    continue
                shelf.states[change.after.item] = change.after
                head = shelf.by_id.get(change.after.item)
                if head is not None:
                    shelf.counts = _recounted(shelf.counts, head, change)

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
        rows = [row for found in self.by_group(place, query, keep=keep, shown=shown) for row in found]
        key = self.sort_key(order)
        rows.sort(key=lambda row: key(row.head))
        return rows

    def by_group(
        self,
        place: Place,
        query: Query | None = None,
        *,
        keep: Collection[str] = (),
        shown: Collection[str] = (),
    ) -> Iterator[list[Listed]]:
        """What `listed` gives, group by group, each read when it is its turn."""
        for group in self.groups():
            if place.group is not None and group.id != place.group:
                continue
            if place.is_smart and place.kind is not Kind.EVERYTHING and not keep and not _may_hold(self, group, place):
                continue
            shelf = self._shelf(group.id)
            heads = [
                head for head in shelf.heads if head.id in keep or _belongs(place, head, shelf.states.get(head.id))
            ]
            if query is not None and not query.is_blank:
                heads = self._answering(group, shelf, heads, query, shown)
            yield [Listed(head, group.title) for head in heads]

    def sort_key(self, order: Order) -> Callable[[Head], Any]:
        """What a list in this order is sorted by, as states are now."""
        return sort_key(order, lambda head: not self.state(head.group, head.id).is_read)

    def tags(self, group_id: str) -> list[TagCount]:
        """The tags of a group, the most frequent first."""
        spelling: dict[str, str] = {}
        items: dict[str, int] = {}
        unread: dict[str, int] = {}
        shelf = self._shelf(group_id)
        for head in shelf.heads:
            state = shelf.states.get(head.id)
            for tag in head.tags:
                same = same_tag(tag)
                spelling.setdefault(same, tag)
                items[same] = items.get(same, 0) + 1
                unread[same] = unread.get(same, 0) + (state is None or not state.is_read)
        ranked = sorted(items, key=lambda same: (-items[same], fold(same)))
        return [TagCount(spelling[same], items[same], unread[same]) for same in ranked]

    def also_in(self, head: Head) -> tuple[str, ...]:
        """Titles of the other groups in which the page of this item was shared; none before `learn_sharing`."""
        groups = self._groups_with(head) - {head.group}
        return tuple(group.title for group in self.groups() if group.id in groups) if groups else ()

    def same_page(self, head: Head, *, within: str | None = None) -> list[Listed]:
        """The other items that share the page of this one; none before `learn_sharing`.

        Args:
            head: The item.
            within: The id of the only group to look in; None is all.
        """
        groups = self._groups_with(head)
        if head.url is None or not groups:
            return []
        page, found = hash(canonical(head.url)), []
        for group in self.groups():
            if group.id in groups and within in {None, group.id}:
                shelf = self._shelf(group.id)
                if shelf.pages is None:
                    shelf.pages = {}
                    for each in shelf.heads:
                        if each.url:
                            shelf.pages.setdefault(hash(canonical(each.url)), []).append(each)
                found += [Listed(each, group.title) for each in shelf.pages.get(page, ()) if each.id != head.id]
        return found

    def _groups_with(self, head: Head) -> frozenset[str]:
        """Ids of the groups with the page of this item, when it was shared more than once."""
        if self._sharing is None or head.url is None:
            return frozenset()
        return self._sharing.get(hash(canonical(head.url)), frozenset())

    @property
    def knows_sharing(self) -> bool:
        """Whether it has been learnt which pages were shared more than once."""
        return self._sharing is not None

    def learn_sharing(self) -> None:
        """Find out which pages were shared more than once. Looks through every item; keeps none of them."""
        seen: dict[int, frozenset[str]] = {}
        again: set[int] = set()
        alone = {group.id: frozenset([group.id]) for group in self.groups()}
        for group_id, only in alone.items():
            try:
                heads = self._library.heads(group_id)
            except NoSuchGroup:
                continue  # removed meanwhile
            for head in heads:
                if head.url:
                    page = hash(canonical(head.url))
                    if page in seen:
                        again.add(page)
                    seen[page] = seen[page] | only if page in seen else only
        self._sharing = {page: seen[page] for page in again}

    def _shelf(self, group_id: str) -> _Shelf:
        """What is known of a group, read if need be. The lock is not held meanwhile: others ask for other groups."""
        with self._lock:
            shelf = self._shelves.get(group_id)
            if shelf is not None:
                return shelf
            turn = (self._epoch, self._turns.get(group_id, 0))
        try:
            heads = self._library.heads(group_id)
            states = dict(self._library.states(group_id))
        except NoSuchGroup:  # another process removed it; we are told so soon
            return _Shelf([], {}, Counts())
        heads.sort(key=newest_first)
        shelf = _Shelf(heads, states, count(heads, states))
        with self._lock:
            if turn == (self._epoch, self._turns.get(group_id, 0)):
                self._shelves[group_id] = shelf
        return shelf

    def _turn(self, group_id: str) -> None:
        """Note that what is being read of a group at this moment is no longer to be kept."""
        self._turns[group_id] = self._turns.get(group_id, 0) + 1

    def _answering(
        self, group: Group, shelf: _Shelf, heads: Sequence[Head], query: Query, shown: Collection[str]
    ) -> list[Head]:
        if not shelf.texts and heads:
            shelf.texts = {item.id: (item, searchable(item)) for item in self._library.items(group.id)}
        answers = query.predicate(now=self._clock())
        found = []
        for head in heads:
            item_and_text = shelf.texts.get(head.id)
            if item_and_text is None:
                continue
            state = shelf.states.get(head.id) or ReadingState(item=head.id)
            if head.id in shown or answers(Subject(item_and_text[0], state, group.title, item_and_text[1])):
                found.append(head)
        return found


def count(heads: Iterable[Head], states: Mapping[str, ReadingState]) -> Counts:
    """How many of what these items are."""
    items = unread = starred = highlights = new = newly = 0
    for head in heads:
        items += 1
        highlights += len(head.highlights)
        state = states.get(head.id)
        if state is None or not state.is_read:
            unread += 1
        elif news := state.new_highlights(head):
            new += news
            newly += 1
        starred += bool(state and state.is_starred)
    return Counts(
        items=items, unread=unread, starred=starred, highlights=highlights, new_highlights=new, newly_highlighted=newly
    )


def _recounted(counts: Counts, head: Head, change: Change) -> Counts:
    """The counts after one more change, without counting everything again."""
    was = count([head], {head.id: change.before})
    now = count([head], {head.id: change.after})
    return Counts(
        **{name: getattr(counts, name) - getattr(was, name) + getattr(now, name) for name in Counts.__struct_fields__}
    )


def _belongs(place: Place, head: Head, state: ReadingState | None) -> bool:
    match place.kind:
        case Kind.UNREAD:
            return state is None or not state.is_read
        case Kind.NEW:
            return state is not None and state.new_highlights(head) > 0
        case Kind.STARRED:
            return state is not None and state.is_starred
        case Kind.TAG:
            wanted = same_tag(place.tag or "")
            return any(same_tag(tag) == wanted for tag in head.tags)
        case _:
            return True


def _may_hold(catalogue: Catalogue, group: Group, place: Place) -> bool:
    """Whether a group's counts leave room for an item of this place, so that others need not be opened."""
    counts = catalogue.counts(group.id)
    match place.kind:
        case Kind.UNREAD:
            return counts.unread > 0
        case Kind.NEW:
            return counts.newly_highlighted > 0
        case _:
            return counts.starred > 0
