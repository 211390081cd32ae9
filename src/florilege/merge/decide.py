"""Determines what a document, or an export of ours, changes in a group, and so what to store.

Pure. Absence of an item from a snapshot changes nothing, because feeds only show a window of their items.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec.structs import asdict, replace

from florilege.formats import Snapshot
from florilege.merge.highlights import merge_highlights
from florilege.merge.identity import Facts, Tombstone, facts_of, find, match, merge_repeated
from florilege.merge.items import merge
from florilege.model import BodyKind, Entry, Item
from florilege.text import digest

_MOST_PASSES = 4
"""Maximum passes over a document. Another pass is made if merging changed facts that items are identified by, or if a
new item shares its link or title with another entry, so that refreshing with the same document again changes nothing.
"""
_PROGRESS_EVERY = 500
"""Number of items between two calls of `on_progress`: some hundredths of a second."""
_KNOWN_BY = ("native_id", "url", "title", "sharer", "shared_at", "incomplete")
"""The fields that items are identified by."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a snapshot changes in a group."""

    items: tuple[Item, ...] = ()
    """All items to store, new and changed, in the order of the document."""
    added: int = 0
    """Number of new items."""
    revised: int = 0
    """Number of items whose content changed in a way a user would notice."""
    new_highlights: int = 0
    """Number of highlights added to items already read."""
    more_highlights: int = 0
    """Number of highlights added to unread items."""
    arrived: tuple[str, ...] = ()
    """Ids of items that are new, or were read and have new highlights."""
    starred: tuple[str, ...] = ()
    """Ids of new items that were starred in the source: see `Entry.was_starred`."""
    read: tuple[str, ...] = ()
    """Ids of new items that were read in the source: see `Entry.was_read`."""
    joined: int = 0
    """Number of repeated entries in the document, each of which was merged losslessly into an earlier one."""
    unchanged: int = 0
    """Number of items in an export of ours that added nothing new."""


def decide(
    known: Sequence[Item],
    snapshot: Snapshot,
    *,
    group: str,
    now: datetime,
    read: Collection[str] = (),
    purged: Sequence[Tombstone] = (),
    fed_by_others: bool = False,
) -> Decision:
    """Compare a snapshot with the known items of a group.

    Args:
        known: All items of the group.
        snapshot: The parsed document. An entry that is only a digest stands for the known item with that digest.
        group: The id of the group, for new items.
        now: The current time, with time zone: the `added_at` of new items.
        read: Ids of the read items; only these can have new highlights.
        purged: Tombstones of purged items: entries that match one are ignored.
        fed_by_others: Whether the group has other documents too: then what this one lacks may come from them, and is
            kept.
    """
    listed = with_known(snapshot.entries, {item.digest: item for item in known if item.digest})
    distinct = merge_repeated(listed)
    entries, facts = [entry for entry, _ in distinct], [facts for _, facts in distinct]
    changes = _Changes((*known, *purged), group, read=read)
    named = (name for each in facts for name in (each.link, each.title) if known and name)
    names: Counter[str | None] = Counter(named)
    for look in range(_MOST_PASSES):
        matches = match(list(changes.here.values()), entries, facts) if changes.here else [None] * len(entries)
        keep_missing = fed_by_others or _shows_no_highlights(entries, matches)
        look_again = False
        for order, (entry, item) in enumerate(zip(entries, matches, strict=True)):
            if item is None:
                changes.add(entry, facts[order], order, now)
                look_again |= any(names[name] > 1 for name in (facts[order].link, facts[order].title))
            elif isinstance(item, Item) and (after := changes.merge(item, entry, order, keep_missing=keep_missing)):
                look_again |= look > 0 or any(getattr(item, name) != getattr(after, name) for name in _KNOWN_BY)
        if not look_again:
            break
    return changes.decision(joined=len(listed) - len(entries))


def with_known(entries: Sequence[Entry], known: Mapping[str, Entry]) -> list[Entry]:
    """The entries of a document, with the known content of those that are only a digest.

    Those that are not known any more are left out: the items were purged, or have changed since.

    Args:
        entries: The entries as `detect.read` gave them.
        known: The known entries or items, by their digests.
    """
    found = ((entry, known.get(entry.digest or "")) for entry in entries)
    return [
        msgspec.convert(before, Entry, from_attributes=True) if before else entry
        for entry, before in found
        if before or not entry.digest or entry != Entry(digest=entry.digest)
    ]


def restore(
    known: Sequence[Item],
    items: Sequence[Item],
    *,
    group: str,
    elsewhere: Container[str] = (),
    on_progress: Callable[[int], None] = lambda _: None,
) -> Decision:
    """Compare the items of an export of ours with a group: new ones keep their ids if unused, known ones are merged.

    The export may be old, so nothing known is removed because the export lacks it; additional information is added.

    Args:
        known: All items of the group.
        items: The items of the export.
        group: The id of the group.
        elsewhere: Ids of items in other groups, which must not be used again.
        on_progress: Called with the number of items compared since the last call; an exception from it ends the work.
    """
    items = [replace(item, digest=None) if item.digest else item for item in items]  # only trust our own digests
    changes = _Changes(known, group, elsewhere=elsewhere)
    found = find(known, [item.id for item in items], lambda rest, left: match(rest, [items[place] for place in left]))
    unchanged = 0
    for place, (item, before) in enumerate(zip(items, found, strict=True), 1):
        if before is None:
            changes.add_exported(item)
        else:
            unchanged += changes.merge(before, item, place, keep_missing=True) is None
        if place % _PROGRESS_EVERY == 0 or place == len(items):
            on_progress((place - 1) % _PROGRESS_EVERY + 1)
    decision = changes.decision(unchanged=unchanged)
    return dataclasses.replace(decision, revised=len(decision.items) - decision.added)


class _Changes:
    """The changes to a group that have been found so far in a document.

    Args:
        here: All items and tombstones of the group.
        group: Its id.
        read: Ids of the read items.
        elsewhere: Further ids that new items must not have.
    """

    def __init__(
        self,
        here: Sequence[Item | Tombstone],
        group: str,
        *,
        read: Collection[str] = (),
        elsewhere: Container[str] = (),
    ) -> None:
        self.here = {item.id: item for item in here}
        """All items as they are by now, new ones included, and tombstones, by id."""
        self._group = group
        self._read = read
        self._elsewhere = elsewhere
        self._items: dict[str, Item] = {}
        self._added: dict[str, Entry] = {}
        self._revised: set[str] = set()
        self._arrived: dict[str, None] = {}
        self._new_highlights = self._more_highlights = 0
        self._ordinals: Counter[str] = Counter()
        """How many ids were derived from each id in use, so that none is tried twice."""
        self._last: dict[str, int] = {}
        """The entry last merged into each item, by its position: merging it twice changes nothing."""

    def add(self, entry: Entry, facts: Facts, order: int, now: datetime) -> None:
        """Make an item of an unknown entry, which stands at a position of the document."""
        own = self._new_id(facts)
        highlights = entry.highlights and merge_highlights((), entry.highlights, revision=0, keep_missing=False)
        fields = asdict(entry)
        fields.update(
            id=own,
            group=self._group,
            added_at=now,
            order=order,
            highlights=highlights,
            digest=entry.digest if highlights == entry.highlights else None,
            # From now on only the user's reading state counts, which is stored elsewhere.
            was_starred=False,
            was_read=False,
        )
        self.here[own] = self._items[own] = Item(**fields)
        self._added[own] = entry
        self._arrived[own] = None
        self._last[own] = order

    def add_exported(self, item: Item) -> None:
        """Add an unknown item of an export as it is, under its own id if that is unused."""
        own = item.id if item.id and not self._is_taken(item.id) else self._new_id(facts_of(item))
        self.here[own] = self._items[own] = replace(item, id=own, group=self._group)
        self._added[own] = item

    def _new_id(self, facts: Facts) -> str:
        """An unused id, derived from the facts that identify an entry, and so reproducible."""
        parts = (self._group, facts.native_id or "", facts.link or "", facts.name or "", facts.title)
        own = wanted = digest(*parts)
        while self._is_taken(own):
            self._ordinals[wanted] += 1
            own = digest(*parts, str(self._ordinals[wanted]))
        return own

    def _is_taken(self, own: str) -> bool:
        return own in self.here or own in self._elsewhere

    def merge(self, item: Item, entry: Entry, order: int, *, keep_missing: bool) -> Item | None:
        """Merge an entry into the item that it matches. Returns the changed item, or None if nothing changed."""
        is_same = item.digest is not None and item.digest == entry.digest  # parsed from identical bytes
        if is_same or self._last.get(item.id) == order:
            return None
        self._last[item.id] = order
        after = merge(item, entry, keep_missing=keep_missing)
        if after == item:
            return None
        self.here[item.id] = self._items[item.id] = after
        if _is_noticeable(item, after):
            self._revised.add(item.id)
        new_ones = sum(each.revision > item.revision for each in after.highlights)
        if item.id not in self._read:
            self._more_highlights += new_ones
        elif new_ones:
            self._new_highlights += new_ones
            self._arrived[item.id] = None
        return after

    def decision(self, *, joined: int = 0, unchanged: int = 0) -> Decision:
        """The changes as a decision."""
        return Decision(
            items=tuple(self._items.values()),
            added=len(self._added),
            revised=len(self._revised - self._added.keys()),
            new_highlights=self._new_highlights,
            more_highlights=self._more_highlights,
            arrived=tuple(self._arrived),
            starred=tuple(own for own, entry in self._added.items() if entry.was_starred),
            read=tuple(own for own, entry in self._added.items() if entry.was_read),
            joined=joined,
            unchanged=unchanged,
        )


_UNNOTICED = {"views", "updated_at", "native_id", "all_highlights", "all_tags", "date_text", "digest"}


def _is_noticeable(before: Item, after: Item) -> bool:
    """Whether a user would notice the changes to an item."""
    unnoticed = _UNNOTICED | ({"body", "body_kind"} if after.body_kind is BodyKind.TAKEN_APART else set())
    names = (name for name in Entry.__struct_fields__ if name not in unnoticed)
    return any(getattr(before, name) != getattr(after, name) for name in names)


def _shows_no_highlights(entries: Sequence[Entry], matches: Sequence[Item | Tombstone | None]) -> bool:
    """Whether a document has no highlights at all although items matched by it have some.

    It is more likely that the service changed its layout, or that the address is of a poorer feed, than that all
    highlights were removed at once, so none are dropped because of such a document.
    """
    if any(entry.highlights for entry in entries):
        return False
    return any(isinstance(item, Item) and item.highlights for item in matches)
