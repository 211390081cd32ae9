"""`Library`, the interface to the store: reads and writes groups, items and reading states.

No parsing, no network, no decisions: other modules (`merge`, `marking`) decide what to store.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec
from msgspec import Raw
from tinydb.table import Document

from florilege.marking import NO_NOTE, Change, Mark, Plan, changes_of, count, marking
from florilege.model import Counts, Group, Item, ItemSummary, OwnNote, ReadingState, Source
from florilege.store.disk import Files, LibraryLock
from florilege.store.errors import (
    AmbiguousGroup,
    LibraryError,
    LibraryGone,
    LibraryUnreadable,
    NoSuchGroup,
)
from florilege.store.lines import BEGIN_ANEW, REPAIR
from florilege.store.log import Log, Stamp
from florilege.store.tables import COUNTS, LibraryLogs, LogKind, LogTable, decoded, doc_id_of
from florilege.text import counted, search_key

if TYPE_CHECKING:
    from florilege.merge import Decision
    from florilege.store.trash import Trash

_MOST_KNOWN = 5000
"""How many of the latest items of a group are matched by digest on a refresh: no feed shows many more."""


class CachedCounts(msgspec.Struct, frozen=True):
    """The counts of a group, with stamps of the logs they were counted from. A record of the table `counts`."""

    group: str
    items: Stamp | None
    """The stamp of the log of items; None when there was no log."""
    states: Stamp | None
    """The stamp of the log of reading states; None when there was no log."""
    counts: Counts


class StoredItems(msgspec.Struct, frozen=True):
    """A snapshot of items of a group, decoded only on demand."""

    records: Sequence[Raw]
    """The encoded items. They take less than half the memory of decoded ones, and none while their log is loaded."""
    _path: Path

    def items(self, records: Iterable[Raw]) -> list[Item]:
        """Decode some of the records.

        Raises:
            LibraryUnreadable: A record is not a valid item.
        """
        return decoded(Item, records, self._path)

    def by_id(self) -> dict[str, Raw]:
        """The records by item id."""
        names = decoded(_Named, self.records, self._path)
        return {name.id: record for name, record in zip(names, self.records, strict=True)}


class _Named(msgspec.Struct):
    """The names of an item, decoded without the rest."""

    id: str
    digest: str | None = None


def _new_id() -> str:
    return os.urandom(8).hex()  # like `secrets.token_hex`, without importing all that `secrets` does


class Library:
    """A folder with groups, their items and their reading states.

    Every method sees all that other processes have written before the call. Reading never waits for a write, of another
    process or thread; writing waits for other writes, for at most `lock_timeout` seconds. What a method has written
    when it returns survives kill -9 and a power cut. May be used from several threads.

    Every method may raise `LibraryUnreadable` (or `LibraryNewer`, `LibraryGone`), those that write also `LibraryBusy`
    and `LibraryNotWritable`, those that take a group id also `NoSuchGroup`.

    Args:
        folder: The folder. It need not exist: nothing is made before the first write.
        clock: Returns the current time, with zone.
        new_id: Returns a new id for a group: 4 to 64 lower-case hexadecimal digits, never the same twice.
        lock_timeout: Seconds to wait while another process writes.
        program: The name of this process that others see while they wait for it.
        files: The file operations; replaced by tests.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str] = _new_id,
        lock_timeout: float = 5.0,
        program: str = "florilege",
        files: Files | None = None,
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._new_id = new_id
        self._lock = LibraryLock(
            folder,
            clock=clock,
            program=program,
            timeout=lock_timeout,
            files=files,
            # A library that has vanished must not be made again.
            before_making=lambda: self._logs.stamp(LogKind.GROUPS),
        )
        self._logs = LibraryLogs(folder, self._lock, files, self._check_missing)
        self._counts: dict[str, CachedCounts] = {}
        self._known: tuple[list[Raw], list[Group | None]] = ([], [])

    def close(self) -> None:
        """Free the memory. Nothing is lost without this call, since no file stays open between two calls."""
        self._logs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Groups

    def groups(self) -> list[Group]:
        """All groups, in the order they were added."""
        return [group for group in self.all_groups() if group.removed_at is None]

    def group(self, group_id: str) -> Group:
        """The group with this id."""
        document = self._logs.table(LogKind.GROUPS).get(doc_id=doc_id_of(group_id))
        with suppress(msgspec.ValidationError):
            group = msgspec.convert(document, Group)
            if group.removed_at is None and group.id == group_id:
                return group
        raise NoSuchGroup(group_id, [group.title for group in self.groups()])

    def add_group(self, title: str, *, tags: Sequence[str] = (), site: str | None = None) -> Group:
        """Add a new group without sources, after all others."""
        return self.add_groups([Group(id="", title=title, added_at=self._clock(), tags=tuple(tags), site=site)])[0]

    def add_groups(self, wanted: Sequence[Group]) -> list[Group]:
        """Add new groups, after all others, each with a new id."""
        added = [msgspec.structs.replace(group, id=self._new_id()) for group in wanted]
        with self._logs.writing(LogKind.GROUPS) as groups:
            groups.insert_multiple(Document(msgspec.to_builtins(group), doc_id_of(group.id)) for group in added)
        return added

    def adopt_group(self, group: Group) -> Group:
        """Add a group under its own id, after all others, or return the existing group with that id.

        If that is in the trash, it is restored with its items and states: two groups of one id would share their logs.

        Raises:
            NoSuchGroup: The id is not a florilege id.
        """
        self._logs.path(LogKind.ITEMS, group.id)  # refuses an id that is not safe as a file name
        with self._logs.writing(LogKind.GROUPS) as groups:
            known = groups.read(Group, [group.id])
            if not known:
                groups.write({group.id: group})
                return group
            return self.trash.restore_group(group.id) if known[0].removed_at is not None else known[0]

    def update_group(self, group_id: str, change: Callable[[Group], Group]) -> Group:
        """Change a group as it is on disk now, so that changes made by other processes are kept.

        Args:
            group_id: The group.
            change: Returns the new group, given the current one. Pure and quick, since the library is locked meanwhile.
        """
        return self.update_groups([(group_id, change)]).get(group_id) or self.group(group_id)

    def update_groups(self, changes: Iterable[tuple[str, Callable[[Group], Group]]]) -> dict[str, Group]:
        """Change several groups like `update_group`, skipping those that don't exist.

        Returns:
            The new groups by their ids.
        """
        changed: dict[str, Group] = {}
        with self._logs.writing(LogKind.GROUPS) as groups:
            for group_id, change in changes:
                with suppress(NoSuchGroup):
                    changed[group_id] = change(changed.get(group_id) or self.group(group_id))
            groups.write(changed)
        return changed

    def update_source(self, group_id: str, source: Source, change: Callable[[Source], Source]) -> Group:
        """Change one source of a group as it is on disk now. Does nothing when the group no longer has it."""
        return self.update_group(group_id, lambda group: group.with_source(source, change))

    @cached_property
    def trash(self) -> "Trash":
        """The trash: removed groups and purged items, which can be restored for a week."""
        from florilege.store.trash import Trash  # imports the modules for merging

        return Trash(self, self._logs, self._clock)

    @property
    def problem(self) -> str | None:
        """A sentence on the damage in the list of groups, the rest of which is still read; None when it is intact."""
        log = self._logs.table(LogKind.GROUPS).log
        return f"{log.path} is damaged in {' and '.join(log.damage)}. {REPAIR}" if log.damage else None

    def all_groups(self) -> list[Group]:
        """All groups, including those in the trash. Each is decoded again only when it has changed."""
        table = self._logs.table(LogKind.GROUPS)
        raws, log = table.read(Raw), table.log
        before, groups = self._known
        known = zip_longest(raws, before[: len(raws)], groups[: len(raws)])
        groups = [group if raw is old else _decoded_group(raw, log) for raw, old, group in known]
        self._known = (raws, groups)
        return [group for group in groups if group is not None]

    # Items

    def items(self, group_id: str, item_ids: Iterable[str] | None = None) -> list[Item]:
        """All items of a group, in the order they were stored, or those of some ids, in the order of these."""
        return self._group_table(group_id, LogKind.ITEMS).read(Item, item_ids)

    def digests(self, group_id: str) -> list[str]:
        """The digests of those of the latest items of a group that have one: see `Entry.digest`."""
        table = self._group_table(group_id, LogKind.ITEMS)
        latest = decoded(_Named, table.read(Raw)[-_MOST_KNOWN:], table.log.path)
        return [each.digest for each in latest if each.digest]

    def summaries(self, group_id: str) -> list[ItemSummary]:
        """The summaries of all items of a group, as shown in a list, in the order they were stored."""
        return self._group_table(group_id, LogKind.ITEMS).read(ItemSummary)

    def item(self, group_id: str, item_id: str) -> Item | None:
        """One item; None when the group has no such item."""
        return next(iter(self._group_table(group_id, LogKind.ITEMS).read(Item, [item_id])), None)

    def stored(self, group_id: str, item_ids: Iterable[str] | None = None) -> StoredItems:
        """A snapshot of all items of a group, or some, to be decoded on demand."""
        table = self._group_table(group_id, LogKind.ITEMS)
        return StoredItems(table.read(Raw, item_ids), table.log.path)

    def stamps(self, group_id: str) -> tuple[Stamp | None, Stamp | None]:
        """The current stamps of the logs of items and of states of a group; they differ after every write."""
        self.group(group_id)
        return self._logs.stamp(LogKind.ITEMS, group_id), self._logs.stamp(LogKind.STATES, group_id)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group by item id. An item without one is unread."""
        return {state.item: state for state in self._group_table(group_id, LogKind.STATES).read(ReadingState)}

    def update_items(self, group_id: str, decide: "Callable[[list[Item]], Decision]") -> "Decision":
        """Call a function to decide which items of a group to store, and store them.

        The library is not locked while it decides: if another writer changes the items meanwhile, it is called again
        with the new ones, at last with the library locked.

        Args:
            group_id: The group.
            decide: Given all known items, returns those to store: new ones, and replacements for known ones (by id).

        Returns:
            The decision that was stored. After a crash, all of its items are stored, or only the first ones.
        """
        for is_last in (False, False, True):
            with self._lock if is_last else nullcontext():
                before, _ = self.stamps(group_id)
                known = self.items(group_id)
                decision = decide(known)
                with self._logs.writing(LogKind.ITEMS, group_id) as items:
                    self.group(group_id)
                    if items.log.stamp == before or is_last:
                        items.write({item.id: item for item in decision.items})
                        after = items.log.stamp
                        break
        if decision.items:
            every = {item.id: item for item in (*known, *decision.items)}
            with suppress(LibraryError):  # removed since, or its states can't be read
                self._counts[group_id] = self._count(group_id, after, every.values())
                if before is None:
                    # Record in the list of groups that there are items, so that a missing log is noticed later.
                    self._store_counts([group_id])
        return decision

    # Reading states

    def mark(
        self, mark: Mark, targets: Mapping[str, Mapping[str, int]], *, now: datetime, note: OwnNote = NO_NOTE
    ) -> tuple[Change, ...]:
        """Apply a mark to items: see `marking.marking` and `change`."""
        return self.change(marking(mark, targets, now=now, note=note))

    def change(self, plan: Plan) -> tuple[Change, ...]:
        """Change reading states as they are on disk now. Writes one line for each group, with the changed states only.

        Groups that have been removed meanwhile are skipped. When writing a group fails, the groups before it stay
        changed.

        Returns:
            The changes, without those that leave a state as it is.
        """
        done: list[Change] = []
        with self._lock:
            for group_id, items in plan.items():
                with suppress(NoSuchGroup):
                    self.group(group_id)
                    done += self._change(group_id, items)
        return tuple(done)

    def _change(self, group_id: str, items: Mapping[str, Callable[[ReadingState], ReadingState]]) -> tuple[Change, ...]:
        with self._logs.writing(LogKind.STATES, group_id) as states:
            known = {state.item: state for state in states.read(ReadingState, items)}
            changes = changes_of({group_id: items}, lambda _, item: known.get(item) or ReadingState(item=item))
            if changes:
                states.write({each.after.item: each.after for each in changes}, as_one=True)
        return changes

    # Counts

    def counts(self, group_id: str) -> Counts:
        """The counts of a group: from the cache if nothing was written since, else counted."""
        return self._counted(group_id).counts

    def remember_counts(self) -> None:
        """Store the counts that have changed, so that the next start is quick. Skips groups that can't be read."""
        self._store_counts([group.id for group in self.groups()])

    def _store_counts(self, group_ids: Iterable[str]) -> None:
        new: dict[str, CachedCounts] = {}
        for group_id in group_ids:
            with suppress(NoSuchGroup, LibraryUnreadable):  # removed by another process since
                new[group_id] = self._counted(group_id)
        table = self._logs.table(LogKind.GROUPS, name=COUNTS)
        if new != {each.group: each for each in table.read(CachedCounts, new)}:
            with self._logs.writing(LogKind.GROUPS):
                table.write(new)

    def _counted(self, group_id: str) -> CachedCounts:
        """The counts of a group: the cached ones while its logs have the same stamps, else counted."""
        known, stamps = self._cached_counts(group_id), self.stamps(group_id)
        if known is None or (known.items, known.states) != stamps:
            known = self._count(group_id, stamps[0], self.summaries(group_id))
        self._counts[group_id] = known
        return known

    def _count(self, group_id: str, stamp: Stamp | None, items: Iterable[Item | ItemSummary]) -> CachedCounts:
        """Count the items that a log had at a stamp."""
        states = self._logs.stamp(LogKind.STATES, group_id)
        return CachedCounts(group_id, stamp, states, count(items, self.states(group_id)))

    def _cached_counts(self, group_id: str) -> CachedCounts | None:
        """The cached counts of a group, perhaps outdated; None when there are none."""
        known = self._counts.get(group_id)
        if known is None:
            document = self._logs.table(LogKind.GROUPS, name=COUNTS).get(doc_id=doc_id_of(group_id))
            with suppress(msgspec.ValidationError):
                return msgspec.convert(document, CachedCounts)
        return known

    # What others wrote

    def changed(self) -> set[str]:
        """The ids of the groups whose items or states other processes have written since the last call.

        "" stands for the list of groups itself. Calls stat on each file without reading it. Writes from before this
        library first looked at a group don't count.
        """
        return self._logs.written_by_others([group.id for group in self.groups()])

    def _group_table(self, group_id: str, kind: LogKind) -> LogTable:
        """A table in a log of a group, which must exist."""
        self.group(group_id)
        return self._logs.table(kind, group_id)

    def _check_missing(self, kind: LogKind, group_id: str, was_seen: bool) -> None:
        """Raise `LibraryGone` for a missing log of a group that was seen, or that the cached counts know of."""
        cached = self._cached_counts(group_id)
        is_known = cached is not None and (cached.items if kind is LogKind.ITEMS else cached.states) is not None
        if not (was_seen or is_known):
            return
        items = counted(cached.counts.items, "item") if cached is not None else "the items"
        held = items if kind is LogKind.ITEMS else "what you have read, starred and noted"
        what = f"is missing, and with it {held} of this group"
        raise LibraryGone(self._logs.path(kind, group_id), what, BEGIN_ANEW)


def find(word: str, groups: Sequence[Group]) -> Group:
    """Find a group by its id, its title, or the beginning of either; accents and case don't matter.

    Raises:
        NoSuchGroup: No group matches; the message lists the groups.
        AmbiguousGroup: Several groups match; the message lists them.
    """
    wanted = search_key(word).strip()
    names = [(group, (group.id, search_key(group.title).strip())) for group in groups]
    found = [group for group, called in names if wanted and wanted in called]
    if not found:
        found = [group for group, called in names if wanted and any(name.startswith(wanted) for name in called)]
    if not found:
        raise NoSuchGroup(word, [group.title for group in groups])
    if len(found) > 1:
        raise AmbiguousGroup(word, [f"{group.title} ({group.id})" for group in found])
    return found[0]


def _decoded_group(raw: Raw, log: Log) -> Group | None:
    """Decode a group. Returns None for a damaged record and notes the damage, so that other groups can be read."""
    try:
        return decoded(Group, [raw], log.path)[0]
    except LibraryUnreadable:
        if (place := "a record that is no group") not in log.damage:  # else each rereading would add it
            log.damage.append(place)
        return None
