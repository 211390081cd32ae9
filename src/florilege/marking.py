"""What a mark does to a reading state, and how marks are undone. Pure: no clock, no storage, no Textual.

A mark is a verb, safe to repeat, never a toggle. The history keeps what the last marks changed, so that each can be
taken back with a sentence saying what was.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from florilege.model import ReadingState
from florilege.text import counted, grouped


class Mark(StrEnum):
    """What can be done to the reading state of an item."""

    READ = "read"
    UNREAD = "unread"
    STARRED = "starred"
    UNSTARRED = "unstarred"
    NOTED = "noted"
    """The reader's own words on it, which come with the mark."""


class Change(msgspec.Struct, frozen=True):
    """The reading state of one item before and after a mark."""

    group: str
    before: ReadingState
    after: ReadingState


def marked(state: ReadingState, mark: Mark, *, seen: int, now: datetime, note: str = "") -> ReadingState:
    """The state after a mark. Marking read what is read only records what has been seen, so it is safe to repeat.

    Args:
        state: The state before.
        mark: What to do.
        seen: The revision of the item the reader has (or is taken to have) before their eyes.
        now: When, with zone.
        note: The words of NOTED; empty ones take the note away.
    """
    match mark:
        case Mark.READ:
            return msgspec.structs.replace(state, read_at=state.read_at or now, seen=max(seen, state.seen))
        case Mark.UNREAD:
            return msgspec.structs.replace(state, read_at=None)
        case Mark.STARRED:
            return msgspec.structs.replace(state, starred_at=state.starred_at or now)
        case Mark.UNSTARRED:
            return msgspec.structs.replace(state, starred_at=None)
        case Mark.NOTED:
            return msgspec.structs.replace(state, note=note)


def undone(now_state: ReadingState, change: Change) -> ReadingState:
    """The state with this change taken back, leaving alone what other marks have changed since."""
    fields = {
        name: getattr(change.before, name)
        for name in ("read_at", "starred_at", "seen", "note")
        if getattr(change.before, name) != getattr(change.after, name)
    }
    return msgspec.structs.replace(now_state, **fields)


class Step(msgspec.Struct, frozen=True):
    """One thing that `undo` takes back."""

    mark: Mark
    changes: tuple[Change, ...]
    scope: str = ""
    """Where it happened, for the sentence: `Encre & Papier`."""
    automatic: bool = False
    """Made by resting, opening, copying or moving on, and not by a key that says "mark"."""
    bulk: bool = False
    """Made on a whole list at once. Automatic steps go beneath such a step, so that `u` still takes it back."""
    by_resting: bool = False
    """Made without any key. Such steps go beneath those of a key: `u` takes back what the reader did last."""

    def goes_beneath(self, other: "Step") -> bool:
        """Whether the other one, made before it, is to be taken back before it."""
        return (self.automatic and other.bulk) or (self.by_resting and not other.by_resting)


class History(msgspec.Struct):
    """The steps that can be taken back, the last one on top."""

    limit: int = 200
    """Steps kept."""
    _steps: list[Step] = msgspec.field(default_factory=list)

    def __len__(self) -> int:
        """How many steps can be taken back."""
        return len(self._steps)

    def add(self, step: Step) -> None:
        """Remember a step. No automatic one buries a bulk step, and none made by resting one that a key made."""
        if not step.changes:
            return
        place = len(self._steps)
        while place and step.goes_beneath(self._steps[place - 1]):
            place -= 1
        self._steps.insert(place, step)
        del self._steps[: max(0, len(self._steps) - self.limit)]

    def take(self) -> Step | None:
        """The step to undo now, removed from the history; None when there is none."""
        return self._steps.pop() if self._steps else None


_UNDONE = {
    Mark.READ: "unread again",
    Mark.UNREAD: "read again",
    Mark.STARRED: "no longer starred",
    Mark.UNSTARRED: "starred again",
    Mark.NOTED: "with your note as it was",
}


def told(step: Step, title: str = "") -> str:
    """The sentence that says what undoing this step has done: `12 items in Encre & Papier unread again`.

    Args:
        step: The step.
        title: What its item is called, where it is one: `Unread again: Archive ink night`.
    """
    if len(step.changes) == 1 and title:
        was_read = step.mark is Mark.READ and step.changes[0].before.is_read
        return f"{'New highlights again' if was_read else _UNDONE[step.mark].capitalize()}: {title}"
    where = f" in {step.scope}" if step.scope else ""
    renewed = sum(change.before.is_read for change in step.changes) if step.mark is Mark.READ else 0
    turned = len(step.changes) - renewed
    if not renewed:
        return f"{counted(turned, 'item')}{where} {_UNDONE[step.mark]}"
    others = f"{grouped(turned)} {_UNDONE[step.mark]}, " if turned else ""
    return f"{counted(len(step.changes), 'item')}{where}: {others}{grouped(renewed)} with new highlights again"


def only_changed(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that changed something."""
    return tuple(change for change in changes if change.before != change.after)


def unread(states: Mapping[str, ReadingState], item_id: str) -> bool:
    """Whether an item is unread; one without a state is."""
    state = states.get(item_id)
    return state is None or not state.is_read
