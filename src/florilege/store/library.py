"""What everyone else sees of the cache: one class, `Library`. Groups, items and reading states in, and out again.

No parsing, no network, no decisions: what to store is decided elsewhere (`merging`, `marking`) and stored here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

import msgspec

from florilege.marking import Change, Mark, marked, undone
from florilege.merge import Tombstone
from florilege.model import Counts, Group, Head, Item, ReadingState
from florilege.store import counting
from florilege.store.counting import Summary
from florilege.store.errors import NoSuchGroup
from florilege.store.grouping import Grouping
from florilege.store.lines import Raw
from florilege.store.log import Stamp
from florilege.store.picked import Picked
from florilege.store.shelf import Kind, Volume
from florilege.store.stored import Stored
from florilege.store.tally import COUNTS
from florilege.store.travelling import Arrived, Departing, Travelling, departing, found, joined

_items = msgspec.json.Decoder(Item)
_heads = msgspec.json.Decoder(Head)
_states = msgspec.json.Decoder(ReadingState)


class Decided(Protocol):
    """What the library needs of a decision."""

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item to store, new and changed, whole."""


Decision = TypeVar("Decision", bound=Decided)


class Library(Grouping):
    """A folder with groups, their items, and what has been read of them.

    Every method sees what other processes have written until then. Reading never waits for them; writing waits for
    at most `lock_timeout` seconds. What a method has written when it returns survives kill -9 and a power cut. May be
    used from several threads.

    Every method may raise `LibraryUnreadable` (or `LibraryNewer`, `LibraryGone`), those that write also `LibraryBusy`
    and `LibraryNotWritable`, those that take the id of a group `NoSuchGroup`.

    What it is made with is told by `Opened`, and what it does with groups by `Grouping`.
    """

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

    def several(self, group_id: str, item_ids: Iterable[str]) -> list[Item]:
        """Some items, whole; those that the group does not have are left out."""
        with self._memory:
            self._catalogue.place_of(group_id)
            volume = self._shelf.open(Kind.ITEMS, group_id)
            places, raws = volume.places(), volume.records.raws
            wanted = [raws[places[item_id]] for item_id in item_ids if item_id in places]
        return volume.decoded(_items, wanted)

    def picked(self, group_id: str, item_ids: Iterable[str]) -> Picked:
        """Some items as they are stored, to be decoded when they are needed; those it does not have are left out."""
        with self._memory:
            self._catalogue.place_of(group_id)
            volume = self._shelf.open(Kind.ITEMS, group_id)
            places, raws = volume.places(), volume.records.raws
            return Picked({item_id: raws[places[item_id]] for item_id in item_ids if item_id in places}, volume)

    def stored(self, group_id: str) -> Stored:
        """All items of a group as they are stored, to be decoded when they are needed."""
        with self._memory:
            volume, raws = self._all(Kind.ITEMS, group_id)
            return Stored(volume.log.stamp, raws, volume)

    def stamps(self, group_id: str) -> tuple[Stamp | None, Stamp | None]:
        """What the logs of items and of states of a group look like now: the same as before while nobody wrote."""
        with self._memory:
            self._catalogue.place_of(group_id)
            return self._tally.stamps(group_id)

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
        with self._file_lock:
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

    def buried(self, group_id: str) -> list[Tombstone]:
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
        leaving: list[Departing] = []
        for group in self.groups():
            with suppress(NoSuchGroup):  # removed by another process since
                states = departing(self.items(group.id), self.states(group.id))
                leaving.append(Departing(group=group.id, title=group.title, states=states))
        return leaving

    def import_states(self, departed: Sequence[Departing], *, dry_run: bool = False) -> Arrived:
        """Take in what was read and starred on another machine; nothing that is read or starred here is taken back.

        A group is met with the one of its id, else with the one of its title, else with every group; items by their
        id, else by what they are known by. One line a group; safe to repeat. With `dry_run` it only says what would be.
        """
        changed = known = unknown = 0
        for leaving in departed:
            waiting = list(leaving.states)
            for group in self._met(leaving):
                with nullcontext() if dry_run else self._writing():
                    pairs = list(zip(waiting, found(waiting, self.items(group.id)), strict=True))
                    here = {item.id: (each, item) for each, item in pairs if item is not None}
                    join = partial(_with_theirs, here)
                    if dry_run:
                        states = self.states(group.id)
                        known_states = (states.get(name) or ReadingState(item=name) for name in here)
                        changed += sum(join(state) != state for state in known_states)
                    else:
                        changed += len(self._changing.change_states(group.id, here, join))
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
            with suppress(NoSuchGroup):  # removed by another process since
                self.counts(group.id)
        with self._memory:
            if not self._tally.to_store():
                return
        with self._writing():
            raws = self._tally.to_store()
            if raws:
                self._shelf.append(Kind.GROUPS, "", {COUNTS: raws})


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
