"""Reading states on their way to another machine, and what those of another machine change here.

A state says up to which revision an item was seen, and each machine counts revisions its own way; so a record says
which highlights were seen. It finds its item by the item's id, else by what `merge` knows items by; of what a source
says there are only hashes in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

import msgspec
from msgspec.structs import replace

from florilege.marking import joined, united
from florilege.merge import find_by_keys, keys_of
from florilege.model import FlorilegeError, Group, Item, ReadingState
from florilege.store.errors import LibraryUnreadable
from florilege.store.library import Library
from florilege.text import digest, search_key
from florilege.urls import canonical

VERSION = 1
"""The version of the file that is written. Later ones are refused."""


class StateRecord(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The reading state of one item, with what it takes to find that item elsewhere."""

    keys: tuple[str, ...] = ()
    """What the item is known by (`merge.keys_of`), besides its id."""
    state: ReadingState
    seen: tuple[str, ...] = ()
    """Hashes of the highlights that were seen; those of an unread item don't matter and are left out."""


class GroupStates(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The reading states of one group."""

    group: str
    """The id of the group."""
    names: tuple[str, ...] = ()
    """What the group is known by on another machine: hashes of its title and its addresses."""
    states: tuple[StateRecord, ...] = ()


class StatesFile(msgspec.Struct, frozen=True, tag_field="florilege", tag="states", kw_only=True):
    """The reading states of a library as a file, `{"florilege": "states", "version": 1, ...}`. Fields are added."""

    version: int = VERSION
    exported_at: datetime | None = None
    groups: tuple[GroupStates, ...] = ()


class _Marked(msgspec.Struct, frozen=True):
    florilege: str
    version: int = VERSION


def encode_states(groups: Sequence[GroupStates], now: datetime) -> str:
    """A file of reading states."""
    return msgspec.json.encode(StatesFile(exported_at=now, groups=tuple(groups))).decode() + "\n"


def decode_states(data: bytes) -> StatesFile | None:
    """What a file of reading states says; None when it is something else.

    Raises:
        FlorilegeError: It is of a later version, or damaged.
    """
    try:
        marked = msgspec.json.decode(data, type=_Marked)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if marked.florilege != "states":
        return None
    if marked.version > VERSION:
        raise FlorilegeError("This file was written by a newer florilege: install that one to take it in.")
    try:
        return msgspec.json.decode(data, type=StatesFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FlorilegeError(f"This file of reading states is damaged ({error}): export it again.") from error


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


def group_states(group: Group, items: Iterable[Item], states: Mapping[str, ReadingState]) -> GroupStates:
    """What there is to say of the items of a group that have a state."""
    records = (
        StateRecord(keys=keys_of(item), state=_abroad(state), seen=_seen(item, state))
        for item in items
        if (state := states.get(item.id)) is not None and state != ReadingState(item=item.id)
    )
    return GroupStates(group=group.id, names=names_of(group), states=tuple(records))


def export_states(library: Library, group: Group) -> GroupStates:
    """What was read, starred and noted in a group, with what it takes to find the items on another machine.

    Raises:
        LibraryError: The group can't be read.
    """
    states = library.states(group.id)
    stored = library.stored(group.id, states)
    return group_states(group, stored.items(stored.records), states)


def import_states(
    library: Library, groups: Sequence[GroupStates], *, now: datetime | None, dry_run: bool = False
) -> ImportResult:
    """Take in what was read, starred and noted on another machine. One line a group; safe to repeat.

    Args:
        library: Where they come to.
        groups: The states there.
        now: When what is known there besides is added here, and nothing that is so here taken back; None where of two
            changes of one thing the later counts.
        dry_run: Whether only to say what would be.

    Raises:
        LibraryError: The library can't be written.
    """
    changed = known = unknown = 0
    touched: dict[str, None] = {}
    items: dict[str, list[Item]] = {}
    for theirs in groups:
        waiting = list(theirs.states)
        for group in _groups_for(theirs, library.groups()):
            if not waiting:
                break
            if group.id not in items:
                try:
                    items = {group.id: library.items(group.id)}  # only of one group: together they may be many
                except LibraryUnreadable:
                    continue  # which costs this group alone: for us its items are not here
            pairs = list(zip(waiting, _match_records(waiting, items[group.id]), strict=True))
            here = {item.id: (each, item) for each, item in pairs if item is not None}
            join = partial(_with_theirs, here, now)
            if dry_run:
                states = library.states(group.id)
                changed += sum(join(state := states.get(name) or ReadingState(item=name)) != state for name in here)
            elif turned := library.change_states(group.id, here, join):
                changed += len(turned)
                touched[group.id] = None
            known += len(here)
            waiting = [each for each, item in pairs if item is None]
        unknown += len(waiting)
    return ImportResult(changed, known - changed, unknown, tuple(touched))


def _with_theirs(
    here: Mapping[str, tuple[StateRecord, Item]], now: datetime | None, state: ReadingState
) -> ReadingState:
    """A state with what arrived for its item."""
    there = _state_here(*here[state.item], state)
    return joined(state, there) if now is None else united(state, there, now)


def _groups_for(theirs: GroupStates, groups: Sequence[Group]) -> Sequence[Group]:
    """The groups in which states from another machine may find their items: of its id, else of a name, else all."""
    names = set(theirs.names)
    return (
        [group for group in groups if group.id == theirs.group]
        or [group for group in groups if not names.isdisjoint(names_of(group))]
        or groups
    )


def _match_records(records: Sequence[StateRecord], items: Sequence[Item]) -> list[Item | None]:
    """The item each state is about, None when it is not here: by the item's own id, else by what it is known by."""
    by_id = {item.id: item for item in items}
    found = [by_id.get(each.state.item) for each in records]
    if not all(found):
        taken = {item.id for item in found if item is not None}
        left = [each.keys for each, item in zip(records, found, strict=True) if item is None]
        others = iter(find_by_keys([item for item in items if item.id not in taken], left))
        found = [next(others) if item is None else item for item in found]
    return found


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
