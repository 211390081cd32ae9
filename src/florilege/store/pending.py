"""Marks that could not be written yet: kept in memory, shown as if made, and written in order once that is possible.

For the app, whose user goes on reading while a disk is full or detached; commands report the error instead. Not
thread-safe.
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
    """A wrapper of a library that accepts marks even if they can't be written, and reads as if they had been.

    Args:
        library: The library.
        state_of: Returns the state of an item as currently shown, given group and item id; should not need the disk.
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
        """The number of items whose marks are not written yet."""
        return sum(map(len, self._shown.values()))

    @property
    def sentence(self) -> str:
        """The message for the user while writing is retried; empty when nothing waits."""
        return self._said("yet; florilege keeps trying")

    @property
    def farewell(self) -> str:
        """The message for the user when writing won't be retried; empty when nothing waits."""
        return self._said("and lost now")

    def _said(self, outcome: str) -> str:
        return f"{counted(self.count, 'mark')} not saved {outcome}. {self.problem.why}" if self.problem else ""

    # Writing

    def change(self, plan: Plan) -> tuple[Change, ...]:
        """Change reading states: durably if possible, else in memory for now. Returns the changes."""
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
        """Try to write the waiting marks; `problem` is None afterwards if that worked.

        Returns:
            The ids of the groups whose marks were written, which should be read again.
        """
        groups = set(self._shown)
        try:
            self._catch_up()
        except _MAY_PASS as error:
            self.problem = error
            return set()
        return groups

    def _catch_up(self) -> None:
        """Write all waiting marks, in order."""
        while self._waiting:
            self._library.change(self._waiting[0])
            del self._waiting[0]
        self._shown.clear()
        self.problem = None

    # Reading: the interface of a catalogue

    def groups(self) -> list[Group]:
        """All groups, in the order they were added."""
        return self._library.groups()

    def heads(self, group_id: str) -> list[ItemSummary]:
        """The summaries of the items of a group, as shown in a list."""
        return self._library.heads(group_id)

    def items(self, group_id: str) -> list[Item]:
        """The complete items of a group."""
        return self._library.items(group_id)

    def item(self, group_id: str, item_id: str) -> Item | None:
        """One complete item; None when the group has no such item."""
        return self._library.item(group_id, item_id)

    def stored(self, group_id: str, item_ids: Iterable[str] | None = None) -> StoredItems:
        """A snapshot of all items of a group, or some."""
        return self._library.stored(group_id, item_ids)

    def stamps(self, group_id: str) -> tuple[Stamp | None, Stamp | None]:
        """The current stamps of the logs of items and of states of a group."""
        return self._library.stamps(group_id)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        """The reading states of a group by item id, including those not written yet."""
        return {**self._library.states(group_id), **self._shown.get(group_id, {})}

    def counts(self, group_id: str) -> Counts:
        """The counts of a group, including marks not written yet."""
        if group_id not in self._shown:
            return self._library.counts(group_id)
        return count(self.heads(group_id), self.states(group_id))
