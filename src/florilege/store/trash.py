"""The trash: removed groups and purged items, which can be restored for a week.

A removed group stays in the list of groups with the time of its removal, and its logs stay in place. A purged item is
moved from the table of items to that of purged ones; after a week only its tombstone is left, so that a feed that still
has the item does not bring it back.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace
from tinydb.operations import delete

from florilege.merge import Tombstone, tombstone
from florilege.model import Group, Item, ItemSummary, ReadingState, instant
from florilege.store.errors import NoSuchGroup
from florilege.store.tables import COUNTS, PURGED, LibraryLogs, LogKind, LogTable, doc_id_of

if TYPE_CHECKING:
    from florilege.store.library import Library

KEPT = timedelta(days=7)
"""How long removed groups and purged items can be restored."""


class Trash:
    """The trash of a library. Its methods have the guarantees and raise the errors of those of `Library`.

    Args:
        library: The library.
        logs: Its logs.
        clock: Returns the current time, with zone.
    """

    def __init__(self, library: "Library", logs: LibraryLogs, clock: Callable[[], datetime]) -> None:
        self._library = library
        self._logs = logs
        self._clock = clock

    # Groups

    def groups(self) -> list[Group]:
        """The groups in the trash, in the order they were removed."""
        removed = (group for group in self._library.all_groups() if group.removed_at is not None)
        return sorted(removed, key=lambda group: instant(group.removed_at))

    def remove_group(self, group_id: str) -> Group:
        """Move a group with its items and states to the trash, for a week or until the trash is emptied."""
        with self._logs.writing(LogKind.GROUPS) as groups:
            self.empty()
            group = replace(self._library.group(group_id), removed_at=self._clock())
            groups.update({"removed_at": msgspec.to_builtins(group.removed_at)}, doc_ids=[doc_id_of(group_id)])
            return group

    def restore_group(self, group_id: str) -> Group:
        """Restore a removed group to its place, with its items and states.

        Raises:
            NoSuchGroup: It is not in the trash; the message lists the groups that are.
        """
        with self._logs.writing(LogKind.GROUPS) as groups:
            removed = self.groups()
            if group_id not in {group.id for group in removed}:
                raise NoSuchGroup(group_id, [group.title for group in removed])
            groups.update(delete("removed_at"), doc_ids=[doc_id_of(group_id)])
            return self._library.group(group_id)

    def empty(self, group_ids: Collection[str] = ()) -> list[Group]:
        """Delete these removed groups for good, and all that were removed more than a week ago. Returns them.

        The list of groups is written first, so a crash may leave an unused file, but never a group without its items.
        """
        removed = self.groups()
        if not removed:
            return []
        with self._logs.writing(LogKind.GROUPS) as groups:
            expired = [each for each in removed if each.id in group_ids or self._has_expired(each.removed_at)]
            places = [doc_id_of(group.id) for group in expired]
            groups.remove(doc_ids=places)
            self._logs.table(LogKind.GROUPS, name=COUNTS).remove(doc_ids=places)
            for group in expired:
                for kind in (LogKind.ITEMS, LogKind.STATES):
                    self._logs.remove(kind, group.id)
        return expired

    # Items

    def purge(
        self, group_id: str, choose: Callable[[Sequence[ItemSummary], Mapping[str, ReadingState]], Collection[str]]
    ) -> int:
        """Call a function to choose items of a group, and purge them.

        `restore_items` brings them back for a week. Their `tombstones` stay for good, so that a refresh doesn't add the
        items again, and so do their reading states, which are tiny and still correct.

        Args:
            group_id: The group.
            choose: Given all summaries and states, returns the ids of the items to purge. Quick, since the library is
                locked meanwhile.

        Returns:
            The number of items purged.
        """
        with self._logs.writing(LogKind.ITEMS, group_id) as items:
            chosen = choose(self._library.summaries(group_id), self._library.states(group_id))
            tombstones, gone = self._purged_table(group_id), items.read(Item, chosen)
            expired = [each for each in tombstones.read(Tombstone) if each.item and self._has_expired(each.purged_at)]
            tombstones.write({each.id: replace(each, item=None) for each in expired})
            now = self._clock()
            tombstones.write({item.id: replace(tombstone(item), purged_at=now, item=item) for item in gone})
            items.remove(doc_ids=[doc_id_of(item.id) for item in gone])
            return len(gone)

    def restore_items(self, group_id: str) -> int:
        """Restore the items of a group that were purged in the last week.

        Returns:
            The number of items restored.
        """
        self._library.group(group_id)
        with self._logs.writing(LogKind.ITEMS, group_id) as items:
            tombstones = self._purged_table(group_id)
            there = {summary.id for summary in items.read(ItemSummary)}
            back = [each.item for each in tombstones.read(Tombstone) if each.item and each.id not in there]
            items.write({item.id: item for item in back})
            tombstones.remove(doc_ids=[doc_id_of(item.id) for item in back])
        return len(back)

    def tombstones(self, group_id: str) -> list[Tombstone]:
        """The tombstones of the purged items of a group."""
        self._library.group(group_id)
        tombstones = self._purged_table(group_id).read(Tombstone)
        # A crash between the two lines of a purge leaves both the item and its tombstone: then it counts as not purged.
        there = {summary.id for summary in self._library.summaries(group_id)} if tombstones else set()
        return [each for each in tombstones if each.id not in there]

    def _purged_table(self, group_id: str) -> LogTable:
        return self._logs.table(LogKind.ITEMS, group_id, PURGED)

    def _has_expired(self, removed_at: datetime | None) -> bool:
        """Whether the time to restore what was removed then has run out."""
        return removed_at is not None and instant(self._clock()) - instant(removed_at) > KEPT.total_seconds()
