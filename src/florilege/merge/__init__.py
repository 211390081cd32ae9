"""The decision: known items, a snapshot and `now` in; what to store out.

Pure: reads nothing, writes nothing, never looks at a clock. Who is who is told by `matching`, by the `facts` of each;
what becomes of one item's highlights by `highlights`; what an item begins as by `beginning`, and what it becomes by
`revising`; which items need not be kept by `retaining`, and what stays of those by `traces`. Absence from a snapshot
changes nothing: feeds are windows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from florilege.formats import Snapshot
from florilege.merge.beginning import first_item
from florilege.merge.facts import Facts
from florilege.merge.matching import match, told_apart
from florilege.merge.retaining import Retention, spent
from florilege.merge.revising import revise
from florilege.merge.traces import Trace, trace
from florilege.model import Entry, Item

__all__ = ["Decision", "Retention", "Trace", "decide", "match", "spent", "trace"]

_ROUNDS = 3
"""How often a document is decided on again at most. In 12,000 documents made to be hard, once was enough."""


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
    arrived: tuple[str, ...] = ()
    """Ids of the items that are new, or were read and have new highlights."""
    reasons: tuple[str, ...] = ()
    """Why, in a few words an item, for the log: `3f2a…: highlights 3 to 5`."""


def decide(
    known: Sequence[Item],
    snapshot: Snapshot,
    *,
    group: str,
    now: datetime,
    read: Collection[str] = (),
    buried: Sequence[Trace] = (),
    fed_by_others: bool = False,
) -> Decision:
    """Compare a snapshot with what is known of a group.

    Args:
        known: All items of the group.
        snapshot: What a document says now.
        group: The id of the group, for new items.
        now: When, with zone: the `added_at` of new items.
        read: Ids of the items that are read; they alone can have new highlights.
        fed_by_others: Whether other documents tell of the group too: then what this one lacks may be theirs, and stays.
        buried: What is left of items that were purged: entries that are one of them stay away.
    """
    told = told_apart(snapshot.entries)
    if not known and not buried:
        return _all_new(told, group=group, now=now)
    decision = _decided(known, told, group=group, now=now, read=read, buried=buried, fed_by_others=fed_by_others)
    if not known or not _may_be_known_differently([entry for entry, _ in told]):
        return decision
    for _ in range(_ROUNDS):
        after = [*({item.id: item for item in known} | {item.id: item for item in decision.items}).values()]
        more = _decided(after, told, group=group, now=now, read=read, buried=buried, fed_by_others=fed_by_others)
        if not more.items:
            break
        decision = _together(decision, more)
    return decision


def _all_new(told: Sequence[tuple[Entry, Facts]], *, group: str, now: datetime) -> Decision:
    """What entries change where nothing is known: each is a new item, and none need be looked for."""
    items: dict[str, Item] = {}
    for order, (entry, facts) in enumerate(told):
        item = first_item(entry, facts, group=group, taken=items, now=now, order=order)
        items[item.id] = item
    reasons = tuple(f"{item_id}: new" for item_id in items)
    return Decision(tuple(items.values()), added=len(items), arrived=tuple(items), reasons=reasons)


def _decided(
    known: Sequence[Item],
    told: Sequence[tuple[Entry, Facts]],
    *,
    group: str,
    now: datetime,
    read: Collection[str],
    buried: Sequence[Trace],
    fed_by_others: bool,
) -> Decision:
    """What entries change, each of them looked at once."""
    remembered: list[Item | Trace] = [*known, *buried]
    entries = [entry for entry, _ in told]
    matches = match(remembered, entries, [facts for _, facts in told])
    items: list[Item] = []
    arrived: list[str] = []
    reasons: list[str] = []
    added = revised = new_highlights = 0
    taken = {item.id for item in remembered}
    poorer = fed_by_others or _shows_no_highlights(entries, matches)
    for order, (entry, facts) in enumerate(told):
        before = matches[order]
        if isinstance(before, Trace):
            continue
        if before is None:
            item = first_item(entry, facts, group=group, taken=taken, now=now, order=order)
            taken.add(item.id)
            items.append(item)
            added += 1
            arrived.append(item.id)
            reasons.append(f"{item.id}: new")
            continue
        revision = revise(before, entry, keep_missing=poorer)
        if revision.item == before:
            continue
        items.append(revision.item)
        if revision.reasons:
            revised += 1
            reasons.append(f"{before.id}: {', '.join(revision.reasons)}")
        if before.id in read and revision.new_highlights:
            new_highlights += revision.new_highlights
            arrived.append(before.id)
    return Decision(tuple(items), added, revised, new_highlights, tuple(arrived), tuple(reasons))


def _may_be_known_differently(entries: Sequence[Entry]) -> bool:
    """Whether entries may be known as other items once their document has changed some.

    So it is when only some have links, for an item may get its link from another entry; and when items keep the title
    or sharer of an earlier version. Deciding again then shows what is left, so that the same document changes nothing
    when it comes again.
    """
    linked = sum(1 for entry in entries if entry.url)
    return 0 < linked < len(entries) or any(entry.gathered for entry in entries)


def _together(first: Decision, second: Decision) -> Decision:
    """A decision and the one made after it, about the same document."""
    told = {reason.partition(":")[0] for reason in first.reasons}
    reasons = tuple(reason for reason in second.reasons if reason.partition(":")[0] not in told)
    added = sum(reason.endswith(": new") for reason in reasons)
    return Decision(
        tuple(({item.id: item for item in first.items} | {item.id: item for item in second.items}).values()),
        first.added + added,
        first.revised + len(reasons) - added,
        first.new_highlights + second.new_highlights,
        tuple(dict.fromkeys((*first.arrived, *second.arrived))),
        (*first.reasons, *reasons),
    )


def _shows_no_highlights(entries: Sequence[object], matches: Sequence[Item | Trace | None]) -> bool:
    """Whether a whole document without a single highlight meets several items that have some.

    Then the service has more likely changed its layout, or the address leads to a poorer feed, than that every
    highlight was removed at once; nothing is dropped on such a document's word.
    """
    if any(getattr(entry, "highlights", ()) for entry in entries):
        return False
    return sum(1 for item in matches if isinstance(item, Item) and item.highlights) > 1
