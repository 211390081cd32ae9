"""The user's changes to the library, and undoing them: marks, group titles and addresses, removed groups.

Methods that write return once the change is durable: call them from a worker thread, one at a time.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

import msgspec

from florilege.lists.catalogue import Catalogue, ItemRow
from florilege.marking import (
    NO_NOTE,
    Change,
    History,
    Mark,
    Plan,
    UndoStep,
    changes_of,
    marking,
    undo_sentence,
    undoing,
)
from florilege.model import Group, OwnNote, Source
from florilege.store import (
    Library,
    LibraryBusy,
    LibraryError,
    LibraryNotWritable,
    LibraryUnreadable,
    NoSuchGroup,
)
from florilege.text import counted
from florilege.words import title_of

_MAY_PASS = (LibraryBusy, LibraryNotWritable, LibraryUnreadable)
"""Errors after which a mark is kept and tried again."""


class Undone(msgspec.Struct, frozen=True):
    """The result of an undo."""

    sentence: str
    group: str = ""
    """The id of the restored group, or of the item's group; empty if there is no single place to go to."""
    item: str = ""
    """The id of the item; the first one if several were marked together."""


class Changes:
    """Writes changes and remembers how to undo them.

    Args:
        library: The library to change.
        catalogue: Notified of every change.
        clock: Returns the current time, with time zone.
        keeps_unsaved: Whether marks that cannot be written are shown as made and retried later, instead of rejected.
    """

    def __init__(
        self, library: Library, catalogue: Catalogue, clock: Callable[[], datetime], *, keeps_unsaved: bool
    ) -> None:
        self._keeps_unsaved = keeps_unsaved
        self._library = library
        self._catalogue = catalogue
        self._clock = clock
        self._unsaved: list[Plan] = []  # marks not written yet, in order
        self._problem: LibraryError | None = None  # why the last write failed, while there are any
        self._removals: list[tuple[Group, int]] = []  # groups removed here, with the number of steps done before
        self.history = History()
        self.last: tuple[Change, ...] = ()
        """The reading states changed by the last call."""
        self.since = 0
        """The version of the catalogue before the last change."""

    def mark(
        self,
        rows: Iterable[ItemRow],
        mark: Mark,
        *,
        automatic: bool = False,
        bulk: bool = False,
        by_resting: bool = False,
        by_page: bool = False,
        note: OwnNote = NO_NOTE,
    ) -> UndoStep | None:
        """Mark items and remember how to undo it; None if nothing changed.

        If unsaved marks are kept, a mark that cannot be written takes effect all the same: see `unsaved`.

        Args:
            rows: The items.
            mark: How to mark them.
            automatic: See `UndoStep.automatic`.
            bulk: See `UndoStep.bulk`.
            by_resting: See `UndoStep.by_resting`.
            by_page: Whether marking an item read or unread applies to all items of the same page.
            note: The user's own note, if `mark` is `Mark.NOTED`.

        Raises:
            LibraryError: It could not be written, and unsaved marks are not kept; nothing has changed.
        """
        self.last = ()
        rows = list(rows)
        if by_page and mark in {Mark.READ, Mark.UNREAD}:
            rows = self._catalogue.with_same_pages(rows)
        targets: dict[str, dict[str, int]] = {}
        for row in rows:
            targets.setdefault(row.summary.group, {})[row.summary.id] = row.summary.revision
        changes = self._change(marking(mark, targets, now=self._clock(), note=note)) if targets else ()
        if not changes:
            return None
        self._follow(changes)
        groups = {change.group for change in changes}
        scope = self._catalogue.title(groups.pop()) if len(groups) == 1 else ""
        step = UndoStep(mark, changes, scope, automatic=automatic, bulk=bulk, by_resting=by_resting)
        self.history.add(step)
        return step

    def undo(self) -> Undone | None:
        """Undo the last step; None if there is nothing to undo.

        Raises:
            LibraryError: A removed group could not be restored now; that can be tried again.
        """
        self.last = ()
        if self._removals and self._removals[-1][1] >= len(self.history):
            return self._restore_group()
        step = self.history.take()
        if step is None:
            return None
        self._follow(self._change(undoing(step.changes)))
        item = step.changes[0] if not step.bulk else None
        summary = self._catalogue.summary(item.group, item.after.item) if item else None
        return Undone(
            undo_sentence(step, title_of(summary) if summary else ""),
            item.group if item else "",
            summary.id if summary else "",
        )

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._removals or len(self.history))

    @property
    def unsaved(self) -> str:
        """A sentence about marks not written yet; empty if there are none."""
        return self._not_saved("yet; florilege keeps trying")

    @property
    def lost(self) -> str:
        """The same on exit, when writing will not be retried."""
        return self._not_saved("and lost now")

    def _not_saved(self, outcome: str) -> str:
        marks = sum(map(len, self._catalogue.unsaved.values()))
        return f"{counted(marks, 'mark')} not saved {outcome}. {self._problem.why}" if self._problem else ""

    def retry(self) -> None:
        """Retry writing unsaved marks; `unsaved` tells whether that succeeded."""
        groups = set(self._catalogue.unsaved)
        try:
            self._write_unsaved()
        except _MAY_PASS as error:
            self._problem = error
        else:
            for group_id in groups:
                self._catalogue.forget(group_id)
        self._catalogue.version += 1

    def _change(self, plan: Plan) -> tuple[Change, ...]:
        """Change reading states, durably if possible, else (with `keeps_unsaved`) in memory for now."""
        try:
            self._write_unsaved()
            return self._library.change(plan)
        except _MAY_PASS as error:
            if not self._keeps_unsaved:
                raise
            changes = changes_of(plan, self._catalogue.state)
            if changes:
                self._unsaved.append(plan)
                self._problem = error
            for change in changes:
                self._catalogue.unsaved.setdefault(change.group, {})[change.after.item] = change.after
            return changes

    def _write_unsaved(self) -> None:
        """Write the unsaved marks, in order."""
        while self._unsaved:
            self._library.change(self._unsaved[0])
            del self._unsaved[0]
        self._catalogue.unsaved.clear()
        self._problem = None

    def rename_group(self, group_id: str, title: str) -> Group:
        """Change the title of a group, and return it.

        Raises:
            LibraryError: It could not be written; nothing has changed.
        """
        renamed = self._library.update_group(group_id, partial(msgspec.structs.replace, title=title))
        self._catalogue.forget(group_id)
        return renamed

    def change_address(self, group_id: str, source: Source, address: str) -> Group:
        """Change the address of a source, and return its group; the refresh state is reset, the items are kept.

        Raises:
            LibraryError: It could not be written; nothing has changed.
        """
        changed = self._library.update_source(group_id, source, lambda old: Source(address=address, part=old.part))
        self._catalogue.forget(group_id)
        return changed

    def remove_group(self, group_id: str) -> Group:
        """Remove a group, and return it.

        `undo` restores it; after the app is closed, `florilege restore` can do so for a week.

        Raises:
            LibraryError: It could not be written; nothing has changed.
        """
        removed = self._library.trash.remove_group(group_id)
        self._removals.append((removed, len(self.history)))
        self._catalogue.forget(group_id)
        return removed

    def _restore_group(self) -> Undone:
        group, _ = self._removals[-1]
        try:
            self._library.trash.restore_group(group.id)
        except NoSuchGroup:  # another process has restored or deleted it: retrying would not help
            self._removals.pop()
            self._catalogue.forget(group.id)
            is_here = self._catalogue.group(group.id) is not None
            return Undone(f"{group.title} is back already" if is_here else f"{group.title} is gone for good")
        self._removals.pop()
        self._catalogue.forget(group.id)
        return Undone(f"{group.title} is back", group.id)

    def _follow(self, changes: Sequence[Change]) -> None:
        self.last, self.since = tuple(changes), self._catalogue.version
        self._catalogue.follow(changes)
