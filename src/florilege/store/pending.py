"""Marks that could not be written yet: kept in memory, shown as made, written in their order when that is possible.

For the app, whose reader goes on reading while a disk is full or away. A command has its error instead. Not for several
threads at once.
"""

from collections.abc import Callable, Iterable, Mapping

from florilege.marking import Change, Plan, changes_of
from florilege.model import Counts, Group, Item, ItemSummary, ReadingState
from florilege.store.counts import count
from florilege.store.errors import LibraryBusy, LibraryError, LibraryNotWritable, LibraryUnreadable
from florilege.store.library import Library, StoredItems
from florilege.store.log import Stamp
from florilege.text import counted

_MAY_PASS = (LibraryBusy, LibraryNotWritable, LibraryUnreadable)


class Pending:
    """A library that takes marks whether they can be written or not, and reads as if they had been.

    Args:
        library: Where they are written.
        state_of: The state of an item as its reader sees it, by group and item; should not need the disk.
    """

    def __init__(self, library: Library, state_of: Callable[[str, str], ReadingState]) -> None:
        self._library = library
        self._state_of = state_of
        self._waiting: list[Plan] = []
        self._shown: dict[str, dict[str, ReadingState]] = {}
        self.problem: LibraryError | None = None
        """Why the last write failed; None when nothing waits."""

    @property
    def count(self) -> int:
        """Items whose marks are not written yet."""
        return sum(map(len, self._shown.values()))

    @property
    def sentence(self) -> str:
        """What to say about it while it is tried again; empty when nothing waits."""
        return self._said("yet; florilege keeps trying")

    @property
    def farewell(self) -> str:
        """What to say about it when nobody will try again; empty when nothing waits."""
        return self._said("and lost now")

    def _said(self, outcome: str) -> str:
        return f"{counted(self.count, 'mark')} not saved {outcome}. {self.problem.why}" if self.problem else ""

    # Writing

    def change(self, plan: Plan) -> tuple[Change, ...]:
        """Change reading states, durably if that is possible, else for now in memory."""
        try:
            self._catch_up()
            return self._library.change(plan)
        except _MAY_PASS as error:
            changes = changes_of(plan, self._state_of)
            if changes:
                self._waiting.append(plan)
                self.problem = error
            for change in changes:
                self._shown.setdefault(change.group, {})[change.after.item] = change.after
            return changes

    def retry(self) -> set[str]:
        """Try to write what waits; whether that worked is told by `problem`.

        Returns:
            The ids of the groups that have now been written as they are shown: read them again.
        """
        groups = set(self._shown)
        try:
            self._catch_up()
        except _MAY_PASS as error:
            self.problem = error
            return set()
        return groups

    def _catch_up(self) -> None:
        """Write everything that waits, in its order."""
        while self._waiting:
            self._library.change(self._waiting[0])
            del self._waiting[0]
        self._shown.clear()
        self.problem = None

    # Reading, as a catalogue does

    def groups(self) -> list[Group]:
        """All groups, in the order they were added."""
        return self._library.groups()

    def heads(self, group_id: str) -> list[ItemSummary]:
        """The items of a group as a list shows them."""
        return self._library.heads(group_id)

    def items(self, group_id: str) -> list[Item]:
        """The items of a group, whole."""
        return self._library.items(group_id)

    def item(self, group_id: str, item_id: str) -> Item | None:
        """One item, whole."""
        return self._library.item(group_id, item_id)

    def stored(self, group_id: str, item_ids: Iterable[str] | None = None) -> StoredItems:
        """All items of a group, or some, as they are stored."""
        return self._library.stored(group_id, item_ids)

    def stamps(self, group_id: str) -> tuple[Stamp | None, Stamp | None]:
        """What the logs of items and of states of a group look like now."""
        return self._library.stamps(group_id)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group by item id, those not written yet among them."""
        return {**self._library.states(group_id), **self._shown.get(group_id, {})}

    def counts(self, group_id: str) -> Counts:
        """How many of what a group holds, with the marks not written yet."""
        if group_id not in self._shown:
            return self._library.counts(group_id)
        return count(self.heads(group_id), self.states(group_id))
