"""What everyone else sees of the cache: one class, `Library`. Groups, items and reading states in, and out again.

No parsing, no network, no decisions: what to store is decided elsewhere (`merging`, `marking`) and stored here.
"""

import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

import msgspec

from florilege.library import counting
from florilege.library.catalogue import Catalogue, find
from florilege.library.changing import Changing
from florilege.library.counting import Summary
from florilege.library.files import Files
from florilege.library.lines import Raw, encode
from florilege.library.lock import LibraryLock
from florilege.library.shelf import Kind, Shelf, Volume
from florilege.library.tally import COUNTS, Tally
from florilege.library.trash import Removed, Trash
from florilege.library.travelling import Arrived, Departing, Travelling, departing, found, joined
from florilege.marking import Change, Mark, marked, undone
from florilege.merging import Trace
from florilege.model import Counts, Group, Head, Item, ReadingState, Source

_items = msgspec.json.Decoder(Item)
_heads = msgspec.json.Decoder(Head)
_states = msgspec.json.Decoder(ReadingState)


class Decided(Protocol):
    """What the library needs of a decision."""

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item to store, new and changed, whole."""


Decision = TypeVar("Decision", bound=Decided)


def _new_id() -> str:
    return secrets.token_hex(8)


class Library:
    """A folder with groups, their items, and what has been read of them.

    Every method sees what other processes have written until then. Reading never waits for them; writing waits for
    at most `lock_timeout` seconds. What a method has written when it returns survives kill -9 and a power cut. May be
    used from several threads.

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
        self._file_lock = LibraryLock(folder, clock=clock, program=program, timeout=lock_timeout)
        self._memory = threading.RLock()  # taken after the file lock, never before: so reading never waits for it
        self._shelf = Shelf(folder, self._file_lock, files)
        self._catalogue = Catalogue(self._shelf)
        self._tally = Tally(self._shelf, self._catalogue)
        self._changing = Changing(self._shelf, self._tally)
        self._trash = Trash(self._shelf, self._catalogue)

    def close(self) -> None:
        """Let go of what is in memory. No file stays open between two calls, so nothing is lost without it."""
        with self._memory:
            self._shelf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Alone among processes and threads."""
        with self._locked(), self._memory:
            yield

    def _locked(self) -> LibraryLock:
        """The lock, to be entered: once it is sure that it would not make anew a folder that has vanished."""
        with self._memory:
            self._shelf.look(Kind.GROUPS)
        return self._file_lock

    # Groups

    def groups(self) -> list[Group]:
        """All groups, in the order they were added."""
        with self._memory:
            return [group for _, group in self._catalogue.known().values()]

    def group(self, group_id: str) -> Group:
        """The group with this id."""
        with self._memory:
            return self._catalogue.place_of(group_id)[1]

    def find_group(self, word: str) -> Group:
        """The group a word means: its id, its title, or the beginning of either; accents and case don't matter.

        Raises:
            NoSuchGroup: No group is called so; the text lists those there are.
            AmbiguousGroup: Several are; the text lists them.
        """
        return find(word, self.groups())

    def add_group(
        self, title: str, *, sources: Sequence[Source] = (), tags: Sequence[str] = (), site: str | None = None
    ) -> Group:
        """A new group, after all others."""
        group = Group(
            id=self._new_id(),
            title=title,
            added_at=self._clock(),
            sources=tuple(sources),
            tags=tuple(tags),
            site=site,
        )
        with self._writing():
            (doc_id,) = self._shelf.open(Kind.GROUPS).table.next_ids(1)
            self._shelf.put(Kind.GROUPS, "", {doc_id: encode(group)})
        return group

    def adopt_group(self, group: Group) -> Group:
        """A group that brings its own id, after all others; the one that is here when it has this id already.

        Raises:
            NoSuchGroup: The id is none of ours.
        """
        with self._writing():
            known = self._catalogue.known().get(group.id)
            if known is not None:
                return known[1]
            self._shelf.open(Kind.ITEMS, group.id)  # refuses a word that can't be a file name
            (doc_id,) = self._shelf.open(Kind.GROUPS).table.next_ids(1)
            self._shelf.put(Kind.GROUPS, "", {doc_id: encode(group)})
        return group

    def save_group(self, group: Group) -> None:
        """Store a group that is there, in the place of what was known of it."""
        with self._writing():
            doc_id, before = self._catalogue.place_of(group.id)
            if group != before:
                self._shelf.put(Kind.GROUPS, "", {int(doc_id): encode(group)})

    def save_source(self, group_id: str, source: Source) -> Group:
        """Store one source of a group as it is on disk now: in the place of the one with its address, else last."""
        with self._writing():
            group = self._catalogue.place_of(group_id)[1]
            sources = [source if old.address == source.address else old for old in group.sources]
            if source not in sources:
                sources.append(source)
            group = msgspec.structs.replace(group, sources=tuple(sources))
            self.save_group(group)
            return group

    def rename_group(self, group_id: str, title: str) -> Group:
        """Give a group another title; all else stays as it is on disk now."""
        with self._writing():
            group = msgspec.structs.replace(self._catalogue.place_of(group_id)[1], title=title)
            self.save_group(group)
            return group

    def remove_group(self, group_id: str) -> Removed:
        """Remove a group, its items and their states, until `restore_group` brings it back or the trash is emptied."""
        with self._writing():
            self._trash.empty((), now=self._clock())
            self._tally.forget(group_id)
            return self._trash.put(group_id, self._clock())

    def removed_groups(self) -> list[Removed]:
        """The groups that can be brought back, in the order they were removed."""
        with self._memory:
            return self._trash.contents()

    def restore_group(self, group_id: str) -> Group:
        """Bring a removed group back where it was, with everything it had.

        Raises:
            NoSuchGroup: It is not in the trash.
        """
        with self._writing():
            return self._trash.take_back(group_id)

    def empty_trash(self, group_ids: Collection[str] = ()) -> list[Group]:
        """Let go for good of these removed groups, and of those removed a week ago or more.

        Args:
            group_ids: The groups that this process has removed. Those that others removed they may still want back.
        """
        if not self.removed_groups():
            return []
        with self._writing():
            return self._trash.empty(group_ids, now=self._clock())

    # Items

    def items(self, group_id: str) -> list[Item]:
        """All items of a group, in the order they were stored."""
        volume, raws = self._all(Kind.ITEMS, group_id)
        return volume.decoded(_items, raws)

    def heads(self, group_id: str) -> list[Head]:
        """What a list shows of all items of a group, in the order they were stored."""
        volume, raws = self._all(Kind.ITEMS, group_id)
        return volume.decoded(_heads, raws)

    def item(self, group_id: str, item_id: str) -> Item | None:
        """One item; None when the group has no such item."""
        with self._memory:
            self._catalogue.place_of(group_id)
            volume = self._shelf.open(Kind.ITEMS, group_id)
            doc_id = volume.places().get(item_id)
            return None if doc_id is None else volume.decoded(_items, [volume.records.raws[doc_id]])[0]

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group by item id. An item without one is unread."""
        volume, raws = self._all(Kind.STATES, group_id)
        return {state.item: state for state in volume.decoded(_states, raws)}

    def _all(self, kind: Kind, group_id: str) -> tuple[Volume, list[Raw]]:
        """Every record of a log; decoding them is left to the caller, so that it holds up nobody."""
        with self._memory:
            self._catalogue.place_of(group_id)
            volume = self._shelf.open(kind, group_id)
            return volume, list(volume.records.raws.values())

    def update_items(self, group_id: str, decide: Callable[[list[Item]], Decision]) -> Decision:
        """Have somebody decide on the items of a group as they are now, and store what is decided, as one line.

        Nobody else writes meanwhile, in this process or another; reading goes on.

        Args:
            group_id: The group.
            decide: Given all known items, says which to store: new ones, and known ones (by id) as they shall be.

        Returns:
            What was decided.
        """
        with self._locked():
            decision = decide(self.items(group_id))
            with self._memory:
                self._changing.store(group_id, decision.items)
        return decision

    def purge(
        self, group_id: str, choose: Callable[[Sequence[Head], Mapping[str, ReadingState]], Collection[str]]
    ) -> int:
        """Have somebody choose items, as they and their states are now, and remove them for good, as one line.

        Their traces stay (`buried`), so that a decision can keep them away.

        Args:
            group_id: The group.
            choose: Given all heads and states, says the ids of the items to remove.

        Returns:
            How many were removed.
        """
        with self._writing():
            return self._changing.bury(group_id, choose(self.heads(group_id), self.states(group_id)))

    def buried(self, group_id: str) -> list[Trace]:
        """What is left of the items of a group that were purged."""
        with self._memory:
            self._catalogue.place_of(group_id)
            return self._changing.buried(group_id)

    # Reading states

    def mark(self, mark: Mark, targets: Mapping[str, Mapping[str, int]], *, now: datetime) -> tuple[Change, ...]:
        """Mark items, on their states as they are on disk now; one line a group.

        Args:
            mark: What to do.
            targets: Group id -> item id -> the revision of the item that was seen.
            now: When, with zone.

        Returns:
            What changed, and only that. Should a group fail, those before it are marked.
        """
        changes: list[Change] = []
        with self._writing():
            for group_id in targets:
                self._catalogue.place_of(group_id)
            for group_id, seen in targets.items():
                changes += self._changing.change_states(group_id, seen, partial(_with_mark, mark, seen, now))
        return tuple(changes)

    def undo(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Take marks back, leaving alone what other marks have changed since; one line a group.

        Groups that have been removed meanwhile are passed over.

        Returns:
            What changed, and only that.
        """
        by_group: dict[str, dict[str, list[Change]]] = {}
        for change in changes:
            by_group.setdefault(change.group, {}).setdefault(change.after.item, []).append(change)
        done: list[Change] = []
        with self._writing():
            known = self._catalogue.known()
            for group_id, steps in by_group.items():
                if group_id in known:
                    done += self._changing.change_states(group_id, steps, partial(_without, steps))
        return tuple(done)

    def export_states(self) -> list[Departing]:
        """What is read and starred in each group, with what it takes to find the items on another machine."""
        return [
            Departing(group=group.id, title=group.title, states=departing(self.items(group.id), self.states(group.id)))
            for group in self.groups()
        ]

    def import_states(self, departed: Sequence[Departing]) -> Arrived:
        """Take in what was read and starred on another machine; nothing that is read or starred here is taken back.

        A group is met with the one of its id, else with the one of its title, else with every group; items by their
        id, else by what they are known by. One line a group; safe to repeat.
        """
        changed = known = unknown = 0
        for leaving in departed:
            waiting = list(leaving.states)
            for group in self._met(leaving):
                with self._writing():
                    pairs = list(zip(waiting, found(waiting, self.items(group.id)), strict=True))
                    here = {item.id: (each, item) for each, item in pairs if item is not None}
                    changed += len(self._changing.change_states(group.id, here, partial(_with_theirs, here)))
                known += len(here)
                waiting = [each for each, item in pairs if item is None]
            unknown += len(waiting)
        return Arrived(changed, known - changed, unknown)

    def _met(self, leaving: Departing) -> list[Group]:
        groups = self.groups()
        return (
            [group for group in groups if group.id == leaving.group]
            or [group for group in groups if group.title == leaving.title]
            or groups
        )

    # Counts

    def counts(self, group_id: str) -> Counts:
        """How many of what a group holds: from a summary when nothing was written since, else counted."""
        with self._memory:
            self._catalogue.place_of(group_id)
            fitting = self._tally.fitting(group_id)
            if fitting is not None:
                return fitting.counts
            # The logs as they are read now, not as they may be by the time the counting is over.
            items, heads = self._all(Kind.ITEMS, group_id)
            states, raws = self._all(Kind.STATES, group_id)
            stamps = items.log.stamp, states.log.stamp
        by_item = {state.item: state for state in states.decoded(_states, raws)}
        summary = Summary(group_id, *stamps, counting.of_all(items.decoded(_heads, heads), by_item))
        with self._memory:
            self._tally.keep(summary)
        return summary.counts

    def remember_counts(self) -> None:
        """Store the summaries that have changed, as one line for all groups, so that the next start is quick."""
        for group in self.groups():
            self.counts(group.id)
        with self._memory:
            if not self._tally.to_store():
                return
        with self._writing():
            raws = self._tally.to_store()
            if raws:
                self._shelf.append(Kind.GROUPS, "", {COUNTS: raws})

    # Others, and tidiness

    def changed(self) -> set[str]:
        """The ids of the groups whose items or states other processes have written since this was last asked.

        "" stands for the list of groups itself. Costs a look at the length of each file, not reading it. What was
        written before this library first looked at a group doesn't count.
        """
        with self._memory:
            self._shelf.look(Kind.GROUPS)
            for group_id in self._catalogue.known():
                self._tally.stamps(group_id)
            return self._shelf.touched_by_others()

    def compact(self, group_id: str | None = None) -> None:
        """Write the logs of a group, or of the whole library, anew without what was replaced since.

        Happens by itself after a write, when more than half of a log above 1 MiB is dead. The generation before stays
        beside each log as `NAME.previous`.
        """
        with self._writing():
            wanted = [group_id] if group_id is not None else list(self._catalogue.known())
            for name in wanted:
                self._catalogue.place_of(name)
                self._shelf.compact(Kind.ITEMS, name)
                self._shelf.compact(Kind.STATES, name)
            if group_id is None:
                self._shelf.compact(Kind.GROUPS)


def _with_mark(mark: Mark, seen: Mapping[str, int], now: datetime, state: ReadingState) -> ReadingState:
    """A state with this mark made."""
    return marked(state, mark, seen=seen[state.item], now=now)


def _with_theirs(here: Mapping[str, tuple[Travelling, Item]], state: ReadingState) -> ReadingState:
    """A state with what arrived for its item."""
    return joined(state, *here[state.item])


def _without(steps: Mapping[str, Sequence[Change]], state: ReadingState) -> ReadingState:
    """A state with these changes of its item taken back, the last one first."""
    for change in reversed(steps[state.item]):
        state = undone(state, change)
    return state
