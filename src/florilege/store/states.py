"""Export of reading states to other machines, and import of theirs.

A state stores up to which revision an item was seen, but each machine counts revisions for itself; so an exported
record lists the highlights that were seen. Its item is found by id, else by the keys that `merge` uses. Content of
sources is in it only as hashes.

`export --only-state` writes the same kind of log as a synchronised folder has (`sync`): a header, then a line for each
state.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from florilege.marking import changes_of, joined, united
from florilege.merge import find, find_by_keys, keys_of
from florilege.model import FlorilegeError, Group, Item, ReadingState
from florilege.store.errors import LibraryUnreadable
from florilege.store.library import Library
from florilege.store.lines import INVALID
from florilege.text import digest, search_key
from florilege.urls import canonical

VERSION = 1
"""The version of the logs written. Later ones are refused."""
LONGEST = 1 << 20
"""Maximum length of a line in bytes."""
_LATEST = 9000
"""Times from this year on are rejected: a change has to be later than the one before, so there must be room left."""


class Header(msgspec.Struct, frozen=True, tag_field="florilege", tag="states", omit_defaults=True, kw_only=True):
    """The first line of a log, `{"florilege":"states","version":1}`."""

    version: int
    machine: str = ""
    """The id of the machine that updates the log; empty for a file that is written once."""


class StateRecord(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A line of a log: the reading state of one item, and what is needed to find the item on another machine."""

    group: str
    """The id of its group."""
    names: tuple[str, ...] = ()
    """Hashes of the title and the addresses of the group, to recognise it on another machine."""
    keys: tuple[str, ...] = ()
    """Keys that identify the item (`merge.keys_of`), besides its id."""
    state: ReadingState
    seen: tuple[str, ...] = ()
    """Hashes of the highlights that were seen; empty for an unread item, where they don't matter."""


StatesLog = dict[tuple[str, str], StateRecord]
"""The last record on each state in a log, by group and item id on the machine that wrote it."""
_encode = msgspec.json.Encoder().encode
_header = msgspec.json.Decoder(Header).decode
_record = msgspec.json.Decoder(StateRecord).decode


def log_of(records: Iterable[StateRecord], machine: str = "") -> bytes:
    """Encode a complete log."""
    return _encode(Header(version=VERSION, machine=machine)) + b"\n" + lines_of(records)


def lines_of(records: Iterable[StateRecord]) -> bytes:
    """Encode lines of a log."""
    return b"".join(_encode(each) + b"\n" for each in records)


def read_log(file: BinaryIO) -> tuple[StatesLog, int] | None:
    """Read a log. Returns its records and the number of invalid lines; None when the file is not such a log.

    An incomplete last line is ignored, since it may still be arriving.

    Raises:
        FlorilegeError: It is of a later version. The message is to be appended to the name of the file.
        OSError: It can't be read.
    """
    try:
        header = _header(file.readline(LONGEST))
    except INVALID:
        return None
    if header.version > VERSION:
        raise FlorilegeError("was written by a newer florilege: install that one here, too.")
    log: StatesLog = {}
    damaged = 0
    for line in iter(lambda: file.readline(LONGEST), b""):
        try:
            record = _record(line)
        except INVALID:
            damaged += line.endswith(b"\n") and bool(line.strip())
            continue
        if _is_believable(record.state):
            log[record.group, record.state.item] = record
        else:
            damaged += 1
    return log, damaged


def _is_believable(state: ReadingState) -> bool:
    noted = (note.changed for note in state.notes)
    times = (state.read_at, state.starred_at, state.read_changed, state.star_changed, *noted)
    return all(time is None or 1 < time.year < _LATEST for time in times)


class ImportResult(msgspec.Struct, frozen=True):
    """The effect of an import of states."""

    changed: int = 0
    """Items whose state changed."""
    unchanged: int = 0
    """Items that already had this state, or (where the later change wins) were changed later on this machine."""
    unknown: int = 0
    """States whose item is not in this library."""
    groups: tuple[str, ...] = ()
    """Ids of the groups in which something changed."""


def names_of(group: Group) -> tuple[str, ...]:
    """Hashes of the title and the addresses of a group, to recognise it on another machine."""
    addresses = (digest(canonical(source.address), source.part or "") for source in group.sources)
    return (digest(search_key(group.title)), *addresses)


def records_of(group: Group, items: Iterable[Item], states: Mapping[str, ReadingState]) -> list[StateRecord]:
    """Records for the items of a group that have a state other than the initial one."""
    names = names_of(group)
    return [
        StateRecord(group=group.id, names=names, keys=keys_of(item), state=_abroad(state), seen=_seen(item, state))
        for item in items
        if (state := states.get(item.id)) is not None and state != ReadingState(item=item.id)
    ]


def export_states(library: Library, group: Group) -> list[StateRecord]:
    """Records of what was read, starred and noted in a group, for another machine.

    Raises:
        LibraryError: The group can't be read.
    """
    states = library.states(group.id)
    stored = library.stored(group.id, states)
    return records_of(group, stored.items(stored.records), states)


def import_states(
    library: Library, logs: Iterable[Iterable[StateRecord]], *, now: datetime | None, dry_run: bool = False
) -> ImportResult:
    """Import what was read, starred and noted on other machines. Safe to repeat.

    Args:
        library: The library to change.
        logs: The records of each machine.
        now: The time of the import. If given, states are only added to, and nothing marked here is undone
            (`marking.united`). If None, the later change of each part wins (`marking.joined`).
        dry_run: Whether to only count what would change.

    Raises:
        LibraryError: The library can't be written.
    """
    changed = known = unknown = 0
    touched: dict[str, None] = {}
    items: dict[str, list[Item]] = {}
    batches = [batch for log in logs for batch in _by_group(log)]
    for waiting in sorted(batches, key=lambda batch: batch[0].names):  # so that the items of each group are read once
        for group in _groups_for(waiting[0], library.groups()):
            if not waiting:
                break
            if group.id not in items:
                try:
                    items = {group.id: library.items(group.id)}  # of one group only, to limit memory
                except LibraryUnreadable:
                    continue  # treat the items of a damaged group as missing, and go on with the others
            found = find(items[group.id], [each.state.item for each in waiting], partial(_by_keys, waiting))
            pairs = list(zip(waiting, found, strict=True))
            here = {item.id: partial(_with_theirs, each, item, now) for each, item in pairs if item is not None}
            plan = {group.id: here}
            if dry_run:
                changed += len(changes_of(plan, partial(_state_of, library.states(group.id))))
            elif turned := library.change(plan):
                changed += len(turned)
                touched[group.id] = None
            known += len(here)
            waiting = [each for each, item in pairs if item is None]  # noqa: PLW2901 - to be found in the next group
        unknown += len(waiting)
    return ImportResult(changed, known - changed, unknown, tuple(touched))


def _by_group(log: Iterable[StateRecord]) -> Iterator[list[StateRecord]]:
    """Yield the records of a log group by group."""
    groups: dict[str, list[StateRecord]] = {}
    for record in log:
        groups.setdefault(record.group, []).append(record)
    yield from groups.values()


def _with_theirs(theirs: StateRecord, item: Item, now: datetime | None, state: ReadingState) -> ReadingState:
    """Merge an imported record into the state of its item."""
    there = _state_here(theirs, item, state)
    return joined(state, there) if now is None else united(state, there, now)


def _groups_for(theirs: StateRecord, groups: Sequence[Group]) -> Sequence[Group]:
    """The groups that may hold the item of a record: the one with its group id, else those with its names, else all."""
    names = set(theirs.names)
    return (
        [group for group in groups if group.id == theirs.group]
        or [group for group in groups if not names.isdisjoint(names_of(group))]
        or groups
    )


def _by_keys(records: Sequence[StateRecord], items: Sequence[Item], places: Sequence[int]) -> list[Item | None]:
    return find_by_keys(items, [records[place].keys for place in places])


def _state_here(theirs: StateRecord, item: Item, ours: ReadingState) -> ReadingState:
    """Translate a state from another machine to the item in this library: its id, its revision and its highlights.

    The revision seen is the last one before the first highlight not seen there, but highlights the item first came with
    always count as seen. For an unread item our own revision is kept. Notes on highlights that don't exist here are
    left out; a later import adds them once the highlights do.
    """
    known = {_hash(each.id): each.id for each in item.highlights} | {"": ""}
    notes = (replace(each, highlight=known[each.highlight]) for each in theirs.state.notes if each.highlight in known)
    unseen = [each.revision for each in item.highlights if _hash(each.id) not in theirs.seen]
    seen = max(min((revision - 1 for revision in unseen if revision), default=item.revision), 0)
    seen = seen if theirs.state.is_read else ours.seen
    return replace(theirs.state, item=item.id, seen=seen, notes=tuple(notes))


def _abroad(state: ReadingState) -> ReadingState:
    """A state for export: the highlights of its notes are identified by hashes, like those seen."""
    if not state.notes:
        return state
    notes = (replace(each, highlight=_hash(each.highlight) if each.highlight else "") for each in state.notes)
    return replace(state, notes=tuple(notes))


def _seen(item: Item, state: ReadingState) -> tuple[str, ...]:
    return tuple(_hash(each.id) for each in item.highlights if state.is_read and not state.has_new(each))


def _hash(highlight: str) -> str:
    return digest(highlight)[:8]


def _state_of(states: Mapping[str, ReadingState], _: str, item: str) -> ReadingState:
    return states.get(item) or ReadingState(item=item)
