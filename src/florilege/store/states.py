"""Reading states on their way to another machine, and what those of another machine change here.

A state says up to which revision an item was seen, and each machine counts revisions its own way; so a record says
which highlights were seen. It finds its item by the item's id, else by what `merge` knows items by; of what a source
says there are only hashes in it.

What `export --only-state` writes is a log like those of a folder that is synchronised (`sync`): a header, then a line
for each state.
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
from florilege.text import digest, search_key
from florilege.urls import canonical

VERSION = 1
"""The version of the logs that are written. Later ones are refused."""
LONGEST = 1 << 20
"""Bytes of the longest line."""
_LATEST = 9000
"""The last year that is believed: after it, there would be no time left for another change."""


class Header(msgspec.Struct, frozen=True, tag_field="florilege", tag="states", omit_defaults=True, kw_only=True):
    """The first line of a log, `{"florilege":"states","version":1}`."""

    version: int
    machine: str = ""
    """The id of the machine that keeps the log up to date; empty for a file written once."""


class StateRecord(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The reading state of one item, with what it takes to find that item elsewhere: a line of a log."""

    group: str
    """The id of its group."""
    names: tuple[str, ...] = ()
    """What the group is known by on another machine: hashes of its title and its addresses."""
    keys: tuple[str, ...] = ()
    """What the item is known by (`merge.keys_of`), besides its id."""
    state: ReadingState
    seen: tuple[str, ...] = ()
    """Hashes of the highlights that were seen; those of an unread item don't matter and are left out."""


StatesLog = dict[tuple[str, str], StateRecord]
"""What a log says last of each state, by group and item of the machine that wrote it."""
_encode = msgspec.json.Encoder().encode
_header = msgspec.json.Decoder(Header).decode
_record = msgspec.json.Decoder(StateRecord).decode


def log_of(records: Iterable[StateRecord], machine: str = "") -> bytes:
    """A log, whole."""
    return _encode(Header(version=VERSION, machine=machine)) + b"\n" + lines_of(records)


def lines_of(records: Iterable[StateRecord]) -> bytes:
    """Some lines of a log."""
    return b"".join(_encode(each) + b"\n" for each in records)


def read_log(file: BinaryIO) -> tuple[StatesLog, int] | None:
    """What a log says, and how many of its lines can't be read; None when it is something else.

    The last line may not have come whole yet.

    Raises:
        FlorilegeError: It is of a later version; the text goes on after the name of the file.
        OSError: It can't be read.
    """
    try:
        header = _header(file.readline(LONGEST))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if header.version > VERSION:
        raise FlorilegeError("was written by a newer florilege: install that one here, too.")
    log: StatesLog = {}
    damaged = 0
    for line in iter(lambda: file.readline(LONGEST), b""):
        try:
            record = _record(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
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
    """What an import of states changed."""

    changed: int = 0
    """Items whose state is another one now."""
    unchanged: int = 0
    """Items that were so already, or, where the later change counts, were changed here since."""
    unknown: int = 0
    """States whose item is not here."""
    groups: tuple[str, ...] = ()
    """Ids of the groups in which something changed."""


def names_of(group: Group) -> tuple[str, ...]:
    """What a group is known by on another machine."""
    addresses = (digest(canonical(source.address), source.part or "") for source in group.sources)
    return (digest(search_key(group.title)), *addresses)


def records_of(group: Group, items: Iterable[Item], states: Mapping[str, ReadingState]) -> list[StateRecord]:
    """What there is to say of the items of a group that have a state."""
    names = names_of(group)
    return [
        StateRecord(group=group.id, names=names, keys=keys_of(item), state=_abroad(state), seen=_seen(item, state))
        for item in items
        if (state := states.get(item.id)) is not None and state != ReadingState(item=item.id)
    ]


def export_states(library: Library, group: Group) -> list[StateRecord]:
    """What was read, starred and noted in a group, with what it takes to find the items on another machine.

    Raises:
        LibraryError: The group can't be read.
    """
    states = library.states(group.id)
    stored = library.stored(group.id, states)
    return records_of(group, stored.items(stored.records), states)


def import_states(
    library: Library, logs: Iterable[Iterable[StateRecord]], *, now: datetime | None, dry_run: bool = False
) -> ImportResult:
    """Take in what was read, starred and noted on other machines. One line a group; safe to repeat.

    Args:
        library: Where they come to.
        logs: What each machine says.
        now: When what is known there besides is added here, and nothing that is so here taken back; None where of two
            changes of one thing the later counts.
        dry_run: Whether only to say what would be.

    Raises:
        LibraryError: The library can't be written.
    """
    changed = known = unknown = 0
    touched: dict[str, None] = {}
    items: dict[str, list[Item]] = {}
    batches = [batch for log in logs for batch in _by_group(log)]
    for waiting in sorted(batches, key=lambda batch: batch[0].names):  # so the items of a group are read once
        for group in _groups_for(waiting[0], library.groups()):
            if not waiting:
                break
            if group.id not in items:
                try:
                    items = {group.id: library.items(group.id)}  # only of one group: together they may be many
                except LibraryUnreadable:
                    continue  # which costs this group alone: for us its items are not here
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
            waiting = [each for each, item in pairs if item is None]  # noqa: PLW2901 - what the next group may hold
        unknown += len(waiting)
    return ImportResult(changed, known - changed, unknown, tuple(touched))


def _by_group(log: Iterable[StateRecord]) -> Iterator[list[StateRecord]]:
    """The states of a log, those of one group together."""
    groups: dict[str, list[StateRecord]] = {}
    for record in log:
        groups.setdefault(record.group, []).append(record)
    yield from groups.values()


def _with_theirs(theirs: StateRecord, item: Item, now: datetime | None, state: ReadingState) -> ReadingState:
    """A state with what arrived for its item."""
    there = _state_here(theirs, item, state)
    return joined(state, there) if now is None else united(state, there, now)


def _groups_for(theirs: StateRecord, groups: Sequence[Group]) -> Sequence[Group]:
    """The groups in which states from another machine may find their items: of its id, else of a name, else all."""
    names = set(theirs.names)
    return (
        [group for group in groups if group.id == theirs.group]
        or [group for group in groups if not names.isdisjoint(names_of(group))]
        or groups
    )


def _by_keys(records: Sequence[StateRecord], items: Sequence[Item], places: Sequence[int]) -> list[Item | None]:
    return find_by_keys(items, [records[place].keys for place in places])


def _state_here(theirs: StateRecord, item: Item, ours: ReadingState) -> ReadingState:
    """A state of another machine as it is for the item here, whose highlights were seen there up to some revision.

    Those it came with always count; of an unread item it does not matter, and is not told. A note on a highlight that
    is not here waits for it.
    """
    known = {_hash(each.id): each.id for each in item.highlights} | {"": ""}
    notes = (replace(each, highlight=known[each.highlight]) for each in theirs.state.notes if each.highlight in known)
    unseen = [each.revision for each in item.highlights if _hash(each.id) not in theirs.seen]
    seen = max(min((revision - 1 for revision in unseen if revision), default=item.revision), 0)
    seen = seen if theirs.state.is_read else ours.seen
    return replace(theirs.state, item=item.id, seen=seen, notes=tuple(notes))


def _abroad(state: ReadingState) -> ReadingState:
    """A state as it is exported: highlights with notes are named by hashes, as those that were seen are."""
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
