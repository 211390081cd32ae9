"""Reading states as a file that is taken to another machine, and what such a file changes here. Pure.

A state says up to which revision an item was seen, and each machine counts revisions its own way; so the file says
which highlights were seen. A record finds its item by the item's id, else by what `merge` knows items by.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from florilege.merge import Tombstone, find, tombstone
from florilege.model import FlorilegeError, Item, ReadingState

VERSION = 1
"""The version of the file that is written. Later ones are refused."""


class StateRecord(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The reading state of one item, with what it takes to find that item elsewhere."""

    item: Tombstone
    state: ReadingState
    seen: tuple[str, ...] = ()
    """Ids of the highlights that were seen; those of an unread item don't matter and are left out."""


class GroupStates(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The reading states of one group."""

    group: str
    """The id of the group."""
    title: str
    """Of the group, for people."""
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
    """Items now read or starred, or with more highlights seen."""
    unchanged: int = 0
    """Items that were so already."""
    unknown: int = 0
    """States whose item is not here."""


def state_records(items: Sequence[Item], states: Mapping[str, ReadingState]) -> tuple[StateRecord, ...]:
    """What there is to say of the items that are read or starred, or bear a note of the reader's."""
    return tuple(
        StateRecord(item=tombstone(item), state=state, seen=_seen(item, state))
        for item in items
        if (state := states.get(item.id)) is not None and (state.is_read or state.is_starred or state.note)
    )


def match_records(records: Sequence[StateRecord], items: Sequence[Item]) -> list[Item | None]:
    """The item each state is about, None when it is not here: by the item's own id, else by what it is known by."""
    return find(items, [each.item for each in records])


def merged_state(ours: ReadingState, theirs: StateRecord, item: Item) -> ReadingState:
    """Our state with what theirs knows besides. It never takes back what is read, starred or noted here."""
    read_at = ours.read_at or theirs.state.read_at
    starred_at = ours.starred_at or theirs.state.starred_at
    seen = max(ours.seen, _seen_here(theirs, item)) if theirs.state.is_read else ours.seen
    note = ours.note if theirs.state.note in ours.note else f"{ours.note}\n{theirs.state.note}".lstrip("\n")
    return msgspec.structs.replace(ours, read_at=read_at, starred_at=starred_at, seen=seen, note=note)


def _seen(item: Item, state: ReadingState) -> tuple[str, ...]:
    return tuple(highlight.id for highlight in item.highlights if state.is_read and not state.has_new(highlight))


def _seen_here(theirs: StateRecord, item: Item) -> int:
    """The revision up to which all highlights of the item here were seen there; those it came with always count."""
    unseen = [highlight.revision for highlight in item.highlights if highlight.id not in theirs.seen]
    return max(min((revision - 1 for revision in unseen if revision), default=item.revision), 0)
