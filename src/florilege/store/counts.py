"""Counts of items (unread, starred, ...) per group, updated after marks, and stored so that the app starts quickly."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

import msgspec

from florilege.marking import Change
from florilege.model import Counts, ItemSummary, ReadingState
from florilege.store.log import Stamp
from florilege.store.log_files import Kind, LogFiles
from florilege.store.tables import LogTable, decoded, doc_id_of

COUNTS = "counts"
"""The table of counts, in the log of the groups; each record has the `doc_id` of its group."""
_MANY = 1000
"""Number of marks above which recounting the group on demand is quicker than updating its counts."""


class CachedCounts(msgspec.Struct, frozen=True):
    """The counts of a group, with stamps of the logs they were counted from. A record of the table `counts`."""

    group: str
    items: Stamp | None
    """The stamp of the log of items; None when there was no log."""
    states: Stamp | None
    """The stamp of the log of reading states; None when there was no log."""
    counts: Counts


def count(heads: Iterable[ItemSummary], states: Mapping[str, ReadingState]) -> Counts:
    """The counts of these items. Those without a state are unread."""
    items = read = starred = highlights = new_highlights = newly_highlighted = 0
    for head in heads:
        items += 1
        highlights += len(head.highlights)
        state = states.get(head.id)
        if state is None:
            continue
        read += state.is_read
        starred += state.is_starred
        new = state.new_highlights(head)
        new_highlights += new
        newly_highlighted += new > 0
    return Counts(
        items=items,
        unread=items - read,
        starred=starred,
        highlights=highlights,
        new_highlights=new_highlights,
        newly_highlighted=newly_highlighted,
    )


def recounted(counts: Counts, head: ItemSummary, change: Change) -> Counts:
    """The counts after a change of one item, without a full recount."""
    before, after = (count([head], {head.id: state}) for state in (change.before, change.after))
    return counts + after - before


class GroupCounts:
    """The counts of all groups, cached in memory and in the log of the groups.

    Args:
        logs: The logs of the library.
    """

    def __init__(self, logs: LogFiles) -> None:
        self._logs = logs
        self._known: dict[str, CachedCounts] = {}

    @property
    def table(self) -> LogTable:
        """The table of counts."""
        return self._logs.table(Kind.GROUPS, name=COUNTS)

    def known(self, group_id: str) -> CachedCounts | None:
        """The cached counts of a group, perhaps outdated; None when there are none."""
        known = self._known.get(group_id)
        if known is None:
            with suppress(msgspec.ValidationError):
                return msgspec.convert(self.table.get(doc_id=doc_id_of(group_id)), CachedCounts)
        return known

    def current(
        self, group_id: str, stamps: tuple[Stamp | None, Stamp | None], count: Callable[[], Counts]
    ) -> CachedCounts:
        """The counts of a group: the cached ones while its logs have the same stamps, else the result of `count`."""
        known = self.known(group_id)
        if known is None or (known.items, known.states) != stamps:
            known = CachedCounts(group_id, *stamps, count())
        self._known[group_id] = known
        return known

    def store(self, counts: Mapping[str, CachedCounts]) -> None:
        """Write the counts of these groups to the log, for the next start."""
        stored = {each.group: each for each in self.table.read(CachedCounts, counts)}
        if counts != stored:
            with self._logs.writing(Kind.GROUPS):
                self.table.write(counts)

    def update(self, group_id: str, changes: Sequence[Change], before: Stamp | None, after: Stamp | None) -> None:
        """Update the cached counts after marks were written, or drop them when a recount would be quicker.

        Args:
            group_id: The group.
            changes: The changes that were written.
            before: The stamp of its log of states before them.
            after: The stamp of that log after them.
        """
        known = self.known(group_id)
        log = self._logs.at_hand(Kind.ITEMS, group_id)
        self._known.pop(group_id, None)
        if known is None or known.states != before or len(changes) > _MANY or log is None or log.stamp != known.items:
            return
        raws, counts = log.table(Kind.ITEMS.value).raws, known.counts
        for change in changes:
            raw = raws.get(str(doc_id_of(change.after.item)))
            if raw is not None:
                counts = recounted(counts, decoded(ItemSummary, [raw], log.path)[0], change)
        self._known[group_id] = CachedCounts(group_id, known.items, after, counts)
