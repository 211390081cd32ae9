"""What a document changes in a group: known items, a snapshot and `now` in; what to store out. Pure.

Absence from a snapshot changes nothing: feeds are windows.
"""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import asdict

from florilege.formats import Snapshot
from florilege.merge.highlights import merge_highlights
from florilege.merge.identity import Facts, Tombstone, join_repeated, match
from florilege.merge.items import merge
from florilege.model import BodyKind, Entry, Item
from florilege.text import digest


@dataclass(frozen=True, slots=True)
class Decision:
    """What a snapshot changes in a group."""

    items: tuple[Item, ...] = ()
    """Every item to store, whole, the new ones and the changed ones, in the order of the document."""
    added: int = 0
    """Items never seen before."""
    revised: int = 0
    """Items whose content changed in a way a reader would notice."""
    new_highlights: int = 0
    """Highlights that reached items already read."""
    more_highlights: int = 0
    """Highlights that reached items not read yet."""
    arrived: tuple[str, ...] = ()
    """Ids of the items that are new, or were read and have new highlights."""
    starred: tuple[str, ...] = ()
    """Ids of the new items that had been starred where they come from: see `Entry.was_starred`."""
    read: tuple[str, ...] = ()
    """The same of those that had been read."""
    joined: int = 0
    """Entries that the document repeats: each was joined with the one before it, and nothing of it was lost."""


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
    """Compare a snapshot with what is known of a group.

    Args:
        known: All items of the group.
        snapshot: What a document says now.
        group: The id of the group, for new items.
        now: When, with zone: the `added_at` of new items.
        read: Ids of the items that are read; they alone can have new highlights.
        purged: What is left of items that were purged: entries that are one of them stay away.
        fed_by_others: Whether other documents feed the group too: then what this one lacks may be theirs, and stays.
    """
    joined_entries = join_repeated(snapshot.entries)
    entries, facts = [entry for entry, _ in joined_entries], [facts for _, facts in joined_entries]
    before: list[Item | Tombstone] = [*known, *purged]
    matches = match(before, entries, facts) if before else [None] * len(entries)
    keep_missing = fed_by_others or _shows_no_highlights(entries, matches)
    taken = {item.id for item in before}
    items: list[Item] = []
    arrived: list[str] = []
    starred: list[str] = []
    were_read: list[str] = []
    added = revised = new_highlights = more_highlights = 0
    for order, (entry, item) in enumerate(zip(entries, matches, strict=True)):
        if item is None:
            new = new_item(entry, facts[order], group=group, taken=taken, now=now, order=order)
            taken.add(new.id)
            items.append(new)
            arrived.append(new.id)
            starred.extend([new.id] * entry.was_starred)
            were_read.extend([new.id] * entry.was_read)
            added += 1
        elif isinstance(item, Item) and item.digest and item.digest == entry.digest:
            pass  # it is what was read from these very bytes
        elif isinstance(item, Item) and (after := merge(item, entry, keep_missing=keep_missing)) != item:
            items.append(after)
            revised += is_noticeable(item, after)
            new_ones = sum(each.revision > item.revision for each in after.highlights)
            if item.id not in read:
                more_highlights += new_ones
            elif new_ones:
                new_highlights += new_ones
                arrived.append(item.id)
    joined = len(snapshot.entries) - len(entries)
    return Decision(
        tuple(items),
        added,
        revised,
        new_highlights,
        more_highlights,
        tuple(arrived),
        tuple(starred),
        tuple(were_read),
        joined,
    )


def new_item(entry: Entry, facts: Facts, *, group: str, taken: Container[str], now: datetime, order: int) -> Item:
    """The item an unknown entry becomes. Its id is derived from what it is known by, so it comes out the same again.

    Args:
        entry: What was read.
        facts: What it is known by.
        group: The id of the group.
        taken: Ids that others have.
        now: When, with zone.
        order: Its place in the document.
    """
    parts = (group, facts.native_id or "", facts.link or "", facts.name or "", facts.title)
    item_id = digest(*parts)
    ordinal = 1
    while item_id in taken:
        item_id = digest(*parts, str(ordinal))
        ordinal += 1
    highlights = merge_highlights((), entry.highlights, revision=0, keep_missing=False)
    fields = asdict(entry) | {
        "id": item_id,
        "group": group,
        "added_at": now,
        "order": order,
        "highlights": highlights,
        "digest": entry.digest if highlights == entry.highlights else None,
        # From here on the reader's own marks count, kept elsewhere.
        "was_starred": False,
        "was_read": False,
    }
    return Item(**fields)


_UNNOTICED = {"views", "updated_at", "native_id", "all_highlights", "all_tags", "date_text", "digest"}
_NOTICED = [name for name in Entry.__struct_fields__ if name not in _UNNOTICED]


def is_noticeable(before: Item, after: Item) -> bool:
    """Whether a reader would notice what changed in an item."""
    changed = {name for name in _NOTICED if getattr(before, name) != getattr(after, name)}
    if after.body_kind is BodyKind.TAKEN_APART:
        changed -= {"body", "body_kind"}
    return bool(changed)


def _shows_no_highlights(entries: Sequence[Entry], matches: Sequence[Item | Tombstone | None]) -> bool:
    """Whether a whole document without a single highlight meets items that have some.

    Then the service has more likely changed its layout, or the address leads to a poorer feed, than that every
    highlight was removed at once; nothing is dropped on such a document's word.
    """
    if any(entry.highlights for entry in entries):
        return False
    return any(isinstance(item, Item) and item.highlights for item in matches)
