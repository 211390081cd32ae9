"""Applying marks to reading states, undoing them, counting and merging states. Pure: no clock, storage or Textual.

A mark is a verb, never a toggle, so it is safe to repeat. The history keeps what the latest marks changed, so that each
can be undone with a sentence that says what was undone.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial, reduce
from typing import Any

import msgspec

from florilege.model import Counts, Item, ItemSummary, OwnNote, ReadingState
from florilege.text import counted, grouped


class Mark(StrEnum):
    """A change a reader can make to the reading state of an item."""

    READ = "read"
    UNREAD = "unread"
    STARRED = "starred"
    UNSTARRED = "unstarred"
    NOTED = "noted"
    """The reader's own note on it, whose text is passed along with the mark."""


NO_NOTE = OwnNote()
"""An empty note; setting it removes the note on the item."""


class Change(msgspec.Struct, frozen=True):
    """The reading state of one item before and after a mark."""

    group: str
    before: ReadingState
    after: ReadingState


def marked(state: ReadingState, mark: Mark, *, seen: int, now: datetime, note: OwnNote = NO_NOTE) -> ReadingState:
    """The state after a mark. Marking a read item read only records the revision seen, so it is safe to repeat.

    Args:
        state: The state before.
        mark: The mark to apply.
        seen: The revision of the item that the reader sees (or is assumed to see).
        now: The time of the mark, with zone.
        note: The note for NOTED; one without text removes the note.
    """
    match mark:
        case Mark.READ:
            after = msgspec.structs.replace(state, read_at=state.read_at or now, seen=max(seen, state.seen))
        case Mark.UNREAD:
            after = msgspec.structs.replace(state, read_at=None)
        case Mark.STARRED:
            after = msgspec.structs.replace(state, starred_at=state.starred_at or now)
        case Mark.UNSTARRED:
            after = msgspec.structs.replace(state, starred_at=None)
        case Mark.NOTED:
            return _with_note(state, note, now)
    return _with_times(state, after, now)


Plan = Mapping[str, Mapping[str, Callable[[ReadingState], ReadingState]]]
"""Planned changes of reading states: group id -> item id -> function from the state at that time to the new one."""


def marking(mark: Mark, targets: Mapping[str, Mapping[str, int]], *, now: datetime, note: OwnNote = NO_NOTE) -> Plan:
    """The plan that applies a mark.

    Args:
        mark: The mark to apply.
        targets: Group id -> item id -> the revision of the item that was seen.
        now: The time of the mark, with zone.
        note: The reader's own note, for NOTED.
    """
    now = now.astimezone(UTC)  # compared with thousands of times, which is slow in a zone with summer time
    return {
        group: {item: partial(marked, mark=mark, seen=seen, now=now, note=note) for item, seen in items.items()}
        for group, items in targets.items()
    }


def undoing(changes: Iterable[Change]) -> Plan:
    """The plan that undoes changes, the latest of each item first."""
    steps: dict[str, dict[str, list[Change]]] = {}
    for change in changes:
        steps.setdefault(change.group, {}).setdefault(change.after.item, []).insert(0, change)
    return {
        group: {item: partial(reduce, undone, done) for item, done in items.items()} for group, items in steps.items()
    }


def changes_of(plan: Plan, state_of: Callable[[str, str], ReadingState]) -> tuple[Change, ...]:
    """The changes a plan would make, without those that leave a state as it is.

    Args:
        plan: The plan.
        state_of: Returns the state of an item, given the ids of its group and itself.
    """
    changes = (
        Change(group, state, change(state))
        for group, items in plan.items()
        for item, change in items.items()
        for state in (state_of(group, item),)
    )
    return tuple(change for change in changes if change.before != change.after)


def undone(now_state: ReadingState, change: Change) -> ReadingState:
    """The state with this change undone, leaving alone what other marks have changed since.

    The undo is timed just after the change, so a mark made later on another machine stays.
    """
    fields = {
        name: getattr(change.before, name)
        for names in _FIELDS.values()
        for name in names
        if getattr(change.before, name) != getattr(change.after, name)
    }
    state = _with_times(now_state, msgspec.structs.replace(now_state, **fields), _EARLIEST)
    for highlight in {each.highlight: None for each in (*change.before.notes, *change.after.notes)}:
        text = change.before.note_on(highlight)
        if text != change.after.note_on(highlight):
            state = _with_note(state, OwnNote(text, highlight), _EARLIEST)
    return state


# Times of change

_FIELDS = {"read_changed": ("read_at", "seen"), "star_changed": ("starred_at",)}
"""Fields that change together, by the field with the time of that change."""
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_LATEST = datetime.max.replace(tzinfo=UTC) - _TICK


def _time(state: ReadingState, changed: str) -> datetime:
    """When this part of a state was last changed."""
    first = getattr(state, _FIELDS[changed][0])
    return _utc(getattr(state, changed) or (first if isinstance(first, datetime) else None))


def _utc(moment: datetime | None) -> datetime:
    """A comparable time: one without zone is taken as UTC, an unknown one comes before all others."""
    if moment is None:
        return _EARLIEST
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _with_times(before: ReadingState, after: ReadingState, now: datetime) -> ReadingState:
    """The new state with the times of the parts that changed: now, but always later than their previous change."""
    times: dict[str, datetime | None] = {}
    for changed, names in _FIELDS.items():
        if all(getattr(before, name) == getattr(after, name) for name in names):
            continue
        at = max(_utc(now), min(_time(before, changed), _LATEST) + _TICK)
        times[changed] = None if getattr(after, names[0]) == at else at
    return msgspec.structs.replace(after, **times) if times else after


def _with_note(state: ReadingState, note: OwnNote, now: datetime) -> ReadingState:
    """The state with a note replacing the one on the same highlight (or on the item); timed like `_with_times`."""
    notes = {each.highlight: each for each in state.notes}
    known = notes.get(note.highlight, OwnNote())
    if known.text == note.text:
        return state
    at = max(_utc(now), min(_utc(known.changed), _LATEST) + _TICK)
    notes[note.highlight] = OwnNote(note.text, note.highlight, at)
    return msgspec.structs.replace(state, notes=_sorted_notes(notes))


def _sorted_notes(notes: Mapping[str, OwnNote]) -> tuple[OwnNote, ...]:
    return tuple(notes[highlight] for highlight in sorted(notes))


def merge_latest(ours: ReadingState, theirs: ReadingState) -> ReadingState:
    """Merge the states of one item from two machines, taking each part from the state where it changed last.

    Commutative, associative and idempotent, since ties between equal times are broken by the values: the order in which
    states are merged, and how often, makes no difference.
    """
    taken: dict[str, object] = {}
    for changed, names in _FIELDS.items():
        if _sort_key(theirs, changed) > _sort_key(ours, changed):
            taken |= {name: getattr(theirs, name) for name in (changed, *names)}
    notes = {each.highlight: each for each in ours.notes}
    for each in theirs.notes:
        here = notes.setdefault(each.highlight, each)
        if (_utc(each.changed), each.text) > (_utc(here.changed), here.text):
            notes[each.highlight] = each
    if (merged := _sorted_notes(notes)) != ours.notes:
        taken["notes"] = merged
    return msgspec.structs.replace(ours, **taken) if taken else ours


def merge_added(ours: ReadingState, theirs: ReadingState, now: datetime) -> ReadingState:
    """Our state plus what another state of the same item adds. Nothing read, starred or noted is ever removed."""
    after = msgspec.structs.replace(
        ours,
        read_at=ours.read_at or theirs.read_at,
        seen=max(ours.seen, theirs.seen) if theirs.is_read else ours.seen,
        starred_at=ours.starred_at or theirs.starred_at,
    )
    state = _with_times(ours, after, now)
    for each in theirs.notes:
        known = ours.note_on(each.highlight)
        if each.text not in known:
            state = _with_note(state, OwnNote(f"{known}\n{each.text}".lstrip("\n"), each.highlight), now)
    return state


def _sort_key(state: ReadingState, changed: str) -> tuple[Any, ...]:
    values = (getattr(state, name) for name in _FIELDS[changed])
    comparable = (_utc(value) if value is None or isinstance(value, datetime) else value for value in values)
    return (_time(state, changed), *comparable)


class UndoStep(msgspec.Struct, frozen=True):
    """A group of changes that are undone together."""

    mark: Mark
    changes: tuple[Change, ...]
    scope: str = ""
    """Where it happened, for the sentence shown after the undo: `Encre & Papier`."""
    automatic: bool = False
    """Made as a side effect of resting on an item, opening, copying or moving on, not by a key for marking."""
    bulk: bool = False
    """Made on a whole list at once. Automatic steps are placed below such a step, so that `u` still undoes it."""
    by_resting: bool = False
    """Made without any key. Such steps are placed below those made by a key: `u` undoes what the reader did last."""

    def goes_beneath(self, other: "UndoStep") -> bool:
        """Whether this step is placed below an earlier one, so that the earlier one is undone first."""
        return (self.automatic and other.bulk) or (self.by_resting and not other.by_resting)


class History(msgspec.Struct):
    """A stack of the steps that can be undone, the next one to undo on top."""

    limit: int = 200
    """How many steps are kept at most."""
    _steps: list[UndoStep] = msgspec.field(default_factory=list)

    def __len__(self) -> int:
        """How many steps can be undone."""
        return len(self._steps)

    def add(self, step: UndoStep) -> None:
        """Add a step, unless it is empty. It goes on top, or below the steps it `goes_beneath`."""
        if not step.changes:
            return
        place = len(self._steps)
        while place and step.goes_beneath(self._steps[place - 1]):
            place -= 1
        self._steps.insert(place, step)
        del self._steps[: max(0, len(self._steps) - self.limit)]

    def take(self) -> UndoStep | None:
        """Remove and return the step to undo next; None when there is none."""
        return self._steps.pop() if self._steps else None


_UNDONE = {
    Mark.READ: "unread again",
    Mark.UNREAD: "read again",
    Mark.STARRED: "no longer starred",
    Mark.UNSTARRED: "starred again",
    Mark.NOTED: "with your note as it was",
}


def undo_sentence(step: UndoStep, title: str = "") -> str:
    """The sentence that reports the undo of a step: `12 items in Encre & Papier unread again`.

    Args:
        step: The step that was undone.
        title: The title of the item, when there was only one: `Unread again: Archive ink night`.
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


def unread(states: Mapping[str, ReadingState], item_id: str) -> bool:
    """Whether an item is unread. An item without a state is."""
    state = states.get(item_id)
    return state is None or not state.is_read


def count(items: Iterable[Item | ItemSummary], states: Mapping[str, ReadingState]) -> Counts:
    """The counts of these items. Those without a state are unread."""
    number = read = starred = highlights = new_highlights = newly_highlighted = 0
    for item in items:
        number += 1
        highlights += len(item.highlights)
        state = states.get(item.id)
        if state is None:
            continue
        read += state.is_read
        starred += state.is_starred
        new = state.new_highlights(item)
        new_highlights += new
        newly_highlighted += new > 0
    return Counts(
        items=number,
        unread=number - read,
        starred=starred,
        highlights=highlights,
        new_highlights=new_highlights,
        newly_highlighted=newly_highlighted,
    )


def recounted(counts: Counts, item: Item | ItemSummary, change: Change) -> Counts:
    """The counts after a change of one item, without a full recount."""
    before, after = (count([item], {item.id: state}) for state in (change.before, change.after))
    return counts + after - before
