"""What everyone else sees of the cache: one class, `Library`. Groups, items and reading states in, and out again.

No parsing, no network, no decisions: what to store is decided elsewhere (`merge`, `marking`) and stored here.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

import msgspec
from msgspec import Raw
from tinydb.table import Document

from florilege.marking import NO_NOTE, Change, Mark, Plan, changes_of, marking
from florilege.model import Counts, Entry, Group, Item, ItemSummary, OwnNote, ReadingState, Source
from florilege.store.counts import CachedCounts, GroupCounts, count
from florilege.store.errors import (
    AmbiguousGroup,
    LibraryGone,
    LibraryNotWritable,
    LibraryUnreadable,
    NoSuchGroup,
)
from florilege.store.files import Files
from florilege.store.lines import REPAIR
from florilege.store.lock import LibraryLock
from florilege.store.log import Log, Stamp
from florilege.store.log_files import Kind, LogFiles
from florilege.store.tables import LogTable, decoded, doc_id_of
from florilege.text import counted, search_key

if TYPE_CHECKING:
    from florilege.store.trash import Trash

Value = TypeVar("Value")
_LATEST = 5000
"""Items of a group that need not be read again when a feed still shows them: no feed shows many more."""


class Decided(Protocol):
    """What the library needs of a decision."""

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item to store, new and changed, whole."""


Decision = TypeVar("Decision", bound=Decided)


class StoredItems(msgspec.Struct, frozen=True):
    """Items of a group as they stood in its log at one moment, decoded only as far as somebody asks."""

    stamp: Stamp | None
    """The log at that moment; None when there was none."""
    records: Sequence[Raw]
    """The items, encoded: so they take less than half the memory, and none while their log is held anyway."""
    _path: Path

    def items(self, records: Iterable[Raw]) -> list[Item]:
        """Some of them, whole.

        Raises:
            LibraryUnreadable: One isn't what it should be.
        """
        return decoded(Item, records, self._path)

    def by_id(self) -> dict[str, Raw]:
        """The records by the ids of their items."""
        names = decoded(_Named, self.records, self._path)
        return {name.id: record for name, record in zip(names, self.records, strict=True)}


class _Named(msgspec.Struct):
    id: str


class KnownEntries(Mapping[str, Entry]):
    """Entries by their digests, decoded only when they are asked for.

    Raises `LibraryUnreadable` where one isn't what it should be.
    """

    def __init__(self, records: Sequence[Raw], path: Path) -> None:
        digests = decoded(_Digest, records, path)
        self._records = {each.digest: record for each, record in zip(digests, records, strict=True) if each.digest}
        self._path = path

    def __getitem__(self, digest: str) -> Entry:
        return decoded(Entry, [self._records[digest]], self._path)[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


class _Digest(msgspec.Struct):
    digest: str | None = None


def _new_id() -> str:
    return os.urandom(8).hex()  # as `secrets` does, which would load much else


class Library:
    """A folder with groups, their items, and what has been read of them.

    Every method sees what other processes have written until then. Reading never waits for them, nor for a write of
    another thread; writing waits for at most `lock_timeout` seconds. What a method has written when it returns survives
    kill -9 and a power cut. May be used from several threads.

    Every method may raise `LibraryUnreadable` (or `LibraryNewer`, `LibraryGone`), those that write also `LibraryBusy`
    and `LibraryNotWritable`, those that take the id of a group `NoSuchGroup`.

    Args:
        folder: Where it is, or will be: nothing is made before the first write.
        clock: Now, with zone.
        new_id: Makes ids for groups: 4 to 64 lower-case hexadecimal digits, never the same twice.
        lock_timeout: Seconds to wait while another process writes.
        program: How this process is called when another one waits for it.
        files: The disk.
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
            before_making=lambda: self._logs.stamp(Kind.GROUPS),  # what has vanished must not be made anew
        )
        self._logs = LogFiles(folder, self._lock, files, self._miss)
        self._counts = GroupCounts(self._logs)
        self._known: tuple[list[Raw], list[Group | None]] = ([], [])

    def close(self) -> None:
        """Let go of what is in memory. No file stays open between two calls, so nothing is lost without it."""
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
        document = self._logs.table(Kind.GROUPS).get(doc_id=doc_id_of(group_id))
        group = _group(document) if document is not None else None
        if group is None or group.removed_at is not None or group.id != group_id:
            raise NoSuchGroup(group_id, [group.title for group in self.groups()])
        return group

    def add_group(
        self, title: str, *, sources: Sequence[Source] = (), tags: Sequence[str] = (), site: str | None = None
    ) -> Group:
        """A new group, after all others."""
        new = Group(id="", title=title, added_at=self._clock(), sources=tuple(sources), tags=tuple(tags), site=site)
        return self.add_groups([new])[0]

    def add_groups(self, wanted: Sequence[Group]) -> list[Group]:
        """Many new groups, after all others, each with an id of its own."""
        added = [msgspec.structs.replace(group, id=self._new_id()) for group in wanted]
        with self._logs.writing(Kind.GROUPS) as groups:
            groups.insert_multiple(Document(msgspec.to_builtins(group), doc_id_of(group.id)) for group in added)
        return added

    def adopt_group(self, group: Group) -> Group:
        """A group that brings its own id, after all others; the one that is here when it has this id already.

        One in the trash comes back with all it had: two groups of one id would share their logs.

        Raises:
            NoSuchGroup: The id is none of ours.
        """
        self._logs.path(Kind.ITEMS, group.id)  # refuses a word that can't be a file name
        with self._logs.writing(Kind.GROUPS) as groups:
            known = groups.read(Group, [group.id])
            if not known:
                groups.insert(Document(msgspec.to_builtins(group), doc_id_of(group.id)))
                return group
            return self.trash.restore_group(group.id) if known[0].removed_at is not None else known[0]

    def update_group(self, group_id: str, change: Callable[[Group], Group]) -> Group:
        """Change a group as it is on disk now, so that what another process changed of it meanwhile stays.

        Args:
            group_id: The group.
            change: Given the group, says what it shall be. Pure and quick: the library is locked meanwhile.
        """
        return self.update_groups([(group_id, change)]).get(group_id) or self.group(group_id)

    def update_groups(self, changes: Iterable[tuple[str, Callable[[Group], Group]]]) -> dict[str, Group]:
        """Change some groups, as `update_group` does one; those that are not there are passed over.

        Returns:
            The groups that are there, as they are now, by their ids.
        """
        changed: dict[str, Group] = {}
        with self._logs.writing(Kind.GROUPS) as groups:
            for group_id, change in changes:
                with suppress(NoSuchGroup):
                    changed[group_id] = change(changed.get(group_id) or self.group(group_id))
            groups.write(changed)
        return changed

    def update_source(self, group_id: str, source: Source, change: Callable[[Source], Source]) -> Group:
        """Change one source of a group as it is on disk now. Nothing happens when the group has it no longer."""
        return self.update_group(group_id, lambda group: group.with_source(source, change))

    @cached_property
    def trash(self) -> "Trash":
        """What was taken away and can be had back for a week."""
        from florilege.store.trash import Trash  # loads what merging needs

        return Trash(self, self._logs, self._clock)

    @property
    def problem(self) -> str | None:
        """What is damaged in the list of groups, a sentence; None when nothing is. The rest of it is read."""
        log = self._logs.log(Kind.GROUPS)
        return f"{log.path} is damaged in {' and '.join(log.damage)}. {REPAIR}" if log.damage else None

    def all_groups(self) -> list[Group]:
        """All groups, those in the trash too, each decoded anew only when it has changed."""
        table = self._logs.table(Kind.GROUPS)
        raws, log = table.read(Raw), table.log
        before, groups = self._known
        known = zip_longest(raws, before[: len(raws)], groups[: len(raws)])
        groups = [group if raw is old else _decoded_group(raw, log) for raw, old, group in known]
        self._known = (raws, groups)
        return [group for group in groups if group is not None]

    # Items

    def items(self, group_id: str) -> list[Item]:
        """All items of a group, in the order they were stored."""
        return self._of(group_id, Kind.ITEMS).read(Item)

    def entries(self, group_id: str) -> "KnownEntries":
        """The latest items of a group, as far as they say nothing but what one element of a feed said."""
        table = self._of(group_id, Kind.ITEMS)
        return KnownEntries(table.read(Raw)[-_LATEST:], table.log.path)

    def heads(self, group_id: str) -> list[ItemSummary]:
        """What a list shows of all items of a group, in the order they were stored."""
        return self._of(group_id, Kind.ITEMS).read(ItemSummary)

    def item(self, group_id: str, item_id: str) -> Item | None:
        """One item; None when the group has no such item."""
        return next(iter(self._of(group_id, Kind.ITEMS).read(Item, [item_id])), None)

    def stored(self, group_id: str, item_ids: Iterable[str] | None = None) -> StoredItems:
        """All items of a group, or some, as they are stored, to be decoded when they are needed."""
        table = self._of(group_id, Kind.ITEMS)
        stamp = table.log.stamp
        return StoredItems(stamp, table.read(Raw, item_ids), table.log.path)

    def stamps(self, group_id: str) -> tuple[Stamp | None, Stamp | None]:
        """What the logs of items and of states of a group look like now: the same as before while nobody wrote."""
        self.group(group_id)
        return self._logs.stamp(Kind.ITEMS, group_id), self._logs.stamp(Kind.STATES, group_id)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group by item id. An item without one is unread."""
        return {state.item: state for state in self._of(group_id, Kind.STATES).read(ReadingState)}

    def update_items(self, group_id: str, decide: Callable[[list[Item]], Decision]) -> Decision:
        """Have somebody decide on the items of a group as they are now, and store what is decided.

        The library is not locked meanwhile: when somebody else has written to the items before the decision is made,
        another is made on what they are then.

        Args:
            group_id: The group.
            decide: Given all known items, says which to store: new ones, and known ones (by id) as they shall be.

        Returns:
            What was decided. A crash leaves all of it, or the first of its items.
        """
        while True:
            before, _ = self.stamps(group_id)
            decision = decide(self.items(group_id))
            with self._logs.writing(Kind.ITEMS, group_id) as items:
                self.group(group_id)
                if items.log.stamp != before:
                    continue
                items.write({item.id: item for item in decision.items})
                if before is None and decision.items:
                    # From now on the list of groups knows that there are items, should their log be missing.
                    with suppress(LibraryNotWritable):
                        self._store_counts([group_id])
            return decision

    # Reading states

    def mark(
        self, mark: Mark, targets: Mapping[str, Mapping[str, int]], *, now: datetime, note: OwnNote = NO_NOTE
    ) -> tuple[Change, ...]:
        """Mark items: see `marking.marking` and `change`."""
        return self.change(marking(mark, targets, now=now, note=note))

    def change(self, plan: Plan) -> tuple[Change, ...]:
        """Change reading states as they are on disk now; one line a group, and what doesn't change is not written.

        Groups that have been removed meanwhile are passed over.

        Returns:
            What changed, and only that. Should a group fail, those before it are changed.
        """
        done: list[Change] = []
        with self._lock:
            for group_id, items in plan.items():
                with suppress(NoSuchGroup):
                    self.group(group_id)
                    done += self._change(group_id, items)
        return tuple(done)

    def _change(self, group_id: str, items: Mapping[str, Callable[[ReadingState], ReadingState]]) -> tuple[Change, ...]:
        with self._logs.writing(Kind.STATES, group_id) as states:
            before = states.log.stamp
            known = {state.item: state for state in states.read(ReadingState, items)}
            changes = changes_of({group_id: items}, lambda _, item: known.get(item) or ReadingState(item=item))
            if changes:
                states.write({each.after.item: each.after for each in changes}, as_one=True)
                self._counts.update(group_id, changes, before, states.log.stamp)
        return changes

    # Counts

    def counts(self, group_id: str) -> Counts:
        """How many of what a group holds: as remembered when nothing was written since, else counted."""
        return self._current_counts(group_id).counts

    def remember_counts(self) -> None:
        """Store the counts that have changed, so that the next start is quick. Groups that can't be read have none."""
        self._store_counts([group.id for group in self.groups()])

    def _store_counts(self, group_ids: Iterable[str]) -> None:
        new: dict[str, CachedCounts] = {}
        for group_id in group_ids:
            with suppress(NoSuchGroup, LibraryUnreadable):  # removed by another process since
                new[group_id] = self._current_counts(group_id)
        self._counts.store(new)

    def _current_counts(self, group_id: str) -> CachedCounts:
        stamps = self.stamps(group_id)
        return self._counts.current(group_id, stamps, lambda: count(self.heads(group_id), self.states(group_id)))

    # What others wrote

    def changed(self) -> set[str]:
        """The ids of the groups whose items or states other processes have written since this was last asked.

        "" stands for the list of groups itself. Costs a look at the length of each file, not reading it. What was
        written before this library first looked at a group doesn't count.
        """
        self._logs.stamp(Kind.GROUPS)
        for group in self.groups():
            for kind in (Kind.ITEMS, Kind.STATES):
                with suppress(LibraryUnreadable):  # said when it is read
                    self._logs.stamp(kind, group.id)
        return self._logs.touched_by_others()

    def _of(self, group_id: str, kind: Kind, name: str | None = None) -> LogTable:
        """A table of a log of a group that is there."""
        self.group(group_id)
        return self._logs.table(kind, group_id, name)

    def _miss(self, kind: Kind, group_id: str) -> None:
        """Raise `LibraryGone` when the log of a group is not there, and the list of groups knows that it was."""
        cached = self._counts.known(group_id)
        if cached is None or (cached.items if kind is Kind.ITEMS else cached.states) is None:
            return
        held = counted(cached.counts.items, "item") if kind is Kind.ITEMS else "what you have read, starred and noted"
        advice = "Bring the file back, or let `florilege doctor --repair` begin it anew."
        raise LibraryGone(self._logs.path(kind, group_id), f"is missing, and with it {held} of this group", advice)


def find(word: str, groups: Sequence[Group]) -> Group:
    """The group a word means: its id, its title, or the beginning of either; accents and case don't matter.

    Raises:
        NoSuchGroup: No group is called so; the text lists those there are.
        AmbiguousGroup: Several are; the text lists them.
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
    """A group; None, and a note of the damage, when its record can't be read: that costs no other group."""
    try:
        return decoded(Group, [raw], log.path)[0]
    except LibraryUnreadable:
        log.damage.append("a record that is no group")
        return None


def _group(document: Document) -> Group | None:
    """A group as TinyDB gives it; None when it is none."""
    try:
        return msgspec.convert(document, Group)
    except msgspec.ValidationError:
        return None
