"""Finds damaged and missing logs in a library, and repairs them: only when the user asks, and under the lock.

A damaged log is kept beside the new one as `NAME.damaged-DATE`; intact logs, and those of a newer florilege, are left
alone. Reports what was lost and never invents data, except for the title of a group that is known only by its items.
The cached validators of the sources of a repaired group are dropped, so that the next refresh brings back what the
sources still have.
"""

import os
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from florilege.merge import Tombstone
from florilege.model import Group, Item, ReadingState
from florilege.store.disk import Files, LibraryLock, sibling, write_whole
from florilege.store.errors import LibraryError, LibraryNewer, LibraryUnreadable, listed, out_of_reach
from florilege.store.library import CachedCounts
from florilege.store.lines import INVALID, SCHEMA, Header, Raw, read_damaged, read_header, unended_line
from florilege.store.log import Log, Tables, apply, write_live
from florilege.store.tables import COUNTS, GROUP_ID, PURGED, LogDB, LogKind, LogStorage, doc_id_of, encode
from florilege.text import clean_line, counted

_TYPES: dict[str, tuple[Any, str]] = {
    LogKind.GROUPS: (Group, "id"),
    LogKind.ITEMS: (Item, "id"),
    LogKind.STATES: (ReadingState, "item"),
    COUNTS: (CachedCounts, "group"),
    PURGED: (Tombstone, "id"),
}
"""For each table the type of its documents, and the attribute with the id that their `doc_id` is derived from."""
_TABLES = {
    LogKind.GROUPS: (LogKind.GROUPS, COUNTS),
    LogKind.ITEMS: (LogKind.ITEMS, PURGED),
    LogKind.STATES: (LogKind.STATES,),
}
"""The tables of each log."""
_VALIDATORS = ("etag", "last_modified", "body_hash", "older", "whole", "since", "next_due")
"""Fields of a source that must be reset if items of its document may be lost."""
_LISTED = 5
"""Number of losses listed one by one."""


@dataclass(frozen=True, slots=True)
class Damage:
    """The damage to one log."""

    path: Path
    lost: tuple[str, ...]
    """A phrase for each loss: `the line that begins after 60 bytes (“Du papier”)`. Empty for a missing log."""
    missing: str = ""
    """For a missing log, what it held: `200 items`."""
    changed: tuple[str, ...] = ()
    """A phrase for each line that can be read but has a wrong checksum."""

    def __str__(self) -> str:
        if self.missing:
            return f"{self.path} is missing, and with it {self.missing}"
        lost = f"{listed(self.lost, limit=_LISTED)} can't be read" if self.lost else ""
        changed = (
            f"{listed(self.changed, limit=_LISTED)} can be read, but not as it was written" if self.changed else ""
        )
        return f"{self.path} is damaged: {'; '.join(filter(None, (lost, changed)))}"


@dataclass(frozen=True, slots=True)
class Repaired:
    """The result of repairing one log."""

    damage: Damage
    recovered: int
    """Number of records in the new log."""
    kept_as: Path | None
    """Where the damaged log is now; None when it was missing."""

    def __str__(self) -> str:
        kept = ""
        if self.kept_as:
            command = shlex.join(["mv", str(self.kept_as), str(self.damage.path)])
            kept = f" The damaged file is kept; to have it back: {command}"
        return f"{self.damage}. {counted(self.recovered, 'record')} recovered.{kept}"


@dataclass(slots=True)
class _Examination:
    """All that can be read of a log."""

    path: Path
    kind: LogKind
    header: Header
    tables: Tables
    damage: Damage | None

    @property
    def recovered(self) -> int:
        """The number of records that can be read, without cached counts."""
        return sum(len(table) for name, table in self.tables.items() if name != COUNTS)


def check(folder: Path) -> Iterator[Damage | LibraryError]:
    """Yield the damage to each log that `repair` can mend, or the error why one can't be read. Writes nothing."""
    try:
        logs = _find_logs(folder)
    except LibraryUnreadable as error:
        yield error
        return
    for path, kind in logs:
        try:
            # A damaged log may have been written to while we read it: then it is read again.
            damage = _examine(path, kind, Files()).damage and _examine(path, kind, Files()).damage
        except LibraryUnreadable as error:
            yield error
        else:
            if damage is not None:
                yield damage
    yield from _missing_logs(folder)


def repair(
    folder: Path, *, lock: LibraryLock, clock: Callable[[], datetime], files: Files | None = None
) -> list[Repaired]:
    """Repair every damaged or missing log of a library, except those that are inaccessible or of a newer florilege.

    Args:
        folder: The library.
        lock: Its lock.
        clock: Returns the current time, with zone; used in the names of damaged files.
        files: The file operations.

    Returns:
        A result for each log that was damaged or missing; if there were none, nothing was written.

    Raises:
        LibraryBusy: Another process is writing.
        LibraryNotWritable: A new log could not be written. The damaged one is still in place.
        LibraryUnreadable: A folder, or the previous generation of a missing log, is inaccessible.
    """
    if _is_missing(folder):
        return []
    files = files or Files()
    done: list[Repaired] = []
    with lock:
        ending = f".damaged-{clock():%Y%m%d-%H%M%S}"
        damaged: list[_Examination] = []
        for path, kind in _find_logs(folder):
            with suppress(LibraryUnreadable):  # reported by `check`; the other logs are repaired anyway
                examined = _examine(path, kind, files)
                damaged += [examined] if examined.damage else []
        missing = list(_missing_logs(folder))
        for each in damaged:
            found = _add_missing_groups(folder, each.tables, clock()) if each.kind is LogKind.GROUPS else []
            done.append(_replace_damaged(files, each, ending, found))
        done += [_replace_missing(folder, files, each, clock()) for each in missing]
        paths = [each.damage.path for each in done]
        touched = {path.stem for path in paths if path.parent.name == LogKind.ITEMS}
        if (folder / "groups.log") in paths:
            _forget_validators(folder, lock, files, None)
        elif touched:
            _forget_validators(folder, lock, files, touched)
    return done


def _find_logs(folder: Path) -> list[tuple[Path, LogKind]]:
    """Every existing log, that of the groups last: groups missing from it are found by the logs of items.

    Raises:
        LibraryUnreadable: A folder is inaccessible.
    """
    found: list[tuple[Path, LogKind]] = []
    for kind in (LogKind.STATES, LogKind.ITEMS):
        try:
            names = sorted(os.listdir(folder / kind))  # noqa: PTH208 - `glob` ignores folders it can't read
        except FileNotFoundError:
            continue
        except OSError as error:
            raise out_of_reach(folder / kind, error) from error
        found += [(folder / kind / name, kind) for name in names if name.endswith(".log")]
    groups = folder / "groups.log"
    return found if _is_missing(groups) else [*found, (groups, LogKind.GROUPS)]


def _is_missing(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # it may exist: reading it will raise the proper error
        return False
    return False


def _examine(path: Path, kind: LogKind, files: Files) -> _Examination:
    """Read everything that can be read of a log, leaving out invalid records.

    Raises:
        LibraryNewer: It was written by a newer florilege.
        LibraryUnreadable: It is inaccessible.
    """
    try:
        data = files.content(path)
    except OSError as error:
        raise out_of_reach(path, error) from error
    header, body, lost = _recover_header(path, kind, data)
    end = data.rfind(b"\n") + 1
    if unended := unended_line(data[end:]):
        end += unended
        lost += ["the end of the last line"] if end < len(data) else []
    # Decoding many lines at once would accept a document that has a stray newline in it.
    changes, damaged, changed = read_damaged(data[body:end], body)
    tables: Tables = {}
    for change in changes:
        apply(tables, change)
    lost += damaged
    for name in [name for name, table in tables.items() if table and name not in _TABLES[kind]]:
        lost.append(f"the name of a table ({clean_line(name)[:20]})")
        apply(tables, {kind.value: tables.pop(name)})  # `_fix_ids` removes what does not belong there
    for name in _TABLES[kind]:
        lost += _fix_ids(path, tables.get(name, {}), name)
    damage = Damage(path, tuple(lost), changed=tuple(changed)) if lost or changed else None
    return _Examination(path, kind, header, tables, damage)


def _recover_header(path: Path, kind: LogKind, data: bytes) -> tuple[Header, int, list[str]]:
    """The header, the offset at which the lines begin, and what is damaged.

    A header that can't be read is replaced by a new one; it may have run together with the lines after it. That of a
    newer florilege is never replaced.
    """
    body = data.find(b"\n") + 1
    try:
        return read_header(path, data[:body] or data, kind.value), body, []
    except LibraryNewer:
        raise
    except LibraryUnreadable:
        lines = 0
        with suppress(LibraryUnreadable):  # skip a valid header of another kind of log
            read_header(path, data[:body], None)
            lines = body
    return Header(kind.value, SCHEMA), lines, ["the beginning (which says what the file is)"]


def _fix_ids(path: Path, table: dict[str, Raw], name: str) -> list[str]:
    """Remove invalid documents from a table, and move those under a wrong id. Returns a phrase for each."""
    kind, where = _TYPES[name]
    decoder, id_of, wrong = msgspec.json.Decoder(kind), attrgetter(where), list[str]()
    for doc_id, raw in list(table.items()):
        try:
            value = decoder.decode(raw)
            own = str(doc_id_of(id_of(value)))
        except INVALID:
            wrong.append(f"record {doc_id} of {name}")
            del table[doc_id]
            continue
        if doc_id == own:
            continue
        wrong.append(f"the id of record {doc_id} of {name}")
        del table[doc_id]
        if name == LogKind.GROUPS:  # the names of its logs show which of the two ids is right
            stems = {str(doc_id_of(log.stem)): log.stem for log in (path.parent / LogKind.ITEMS).glob("*.log")}
            if own not in stems and doc_id in stems:
                own, raw = doc_id, encode(msgspec.structs.replace(value, id=stems[doc_id]))  # noqa: PLW2901
        table.setdefault(own, raw)
    return wrong


def _missing_logs(folder: Path) -> Iterator[Damage]:
    """Yield the logs that are missing although others, or the cached counts, show that they once existed."""
    if _is_missing(folder / "groups.log"):
        if found := _groups_with_items(folder):
            yield Damage(folder / "groups.log", (), f"titles and addresses of {counted(len(found), 'group')}")
        return
    log = Log(folder / "groups.log", LogKind.GROUPS.value)
    try:
        log.catch_up()
        counts = [msgspec.json.decode(raw, type=CachedCounts) for raw in log.table(COUNTS).values()]
    except (LibraryUnreadable, *INVALID):
        return
    known = log.table(LogKind.GROUPS.value)
    for each in counts:
        if str(doc_id_of(each.group)) not in known:
            continue
        items, states = (folder / kind / f"{each.group}.log" for kind in (LogKind.ITEMS, LogKind.STATES))
        if each.items is not None and _is_missing(items):
            yield Damage(items, (), counted(each.counts.items, "item"))
        if each.states is not None and _is_missing(states):
            yield Damage(states, (), "what you have read, starred and noted of its group")


def _replace_damaged(files: Files, examined: _Examination, ending: str, found: list[Group]) -> Repaired:
    """Keep a damaged log under another name, and replace it by what can be read of it."""
    assert examined.damage is not None  # noqa: S101 - only called for what is damaged
    path, header = examined.path, examined.header.next_generation()
    while not _is_missing(kept := sibling(path, ending)):
        ending += "+"
    write_whole(files, path, write_live(header, examined.tables), kept_as=ending)
    lost = (*examined.damage.lost, *(f"title and addresses of {group.title}" for group in found))
    return Repaired(replace(examined.damage, lost=lost), examined.recovered, kept)


def _replace_missing(folder: Path, files: Files, missing: Damage, now: datetime) -> Repaired:
    """Replace a missing log by its previous generation if that exists, else by an empty one."""
    path, previous = missing.path, sibling(missing.path, ".previous")
    kind = LogKind.GROUPS if path.name == "groups.log" else LogKind(path.parent.name)
    parts: Iterable[bytes] = [Header(kind.value, SCHEMA).line()]
    try:
        if kind is LogKind.GROUPS:
            tables: Tables = _examine(previous, kind, files).tables if previous.exists() else {}
            tables.pop(COUNTS, None)  # they may be of logs that were deleted since
            _add_missing_groups(folder, tables, now)
            parts = write_live(Header(kind.value, SCHEMA), tables)
        elif previous.exists():
            parts = [files.content(previous)]
    except OSError as error:
        raise out_of_reach(previous, error) from error
    write_whole(files, path, parts)
    return Repaired(missing, _examine(path, kind, files).recovered, None)


def _add_missing_groups(folder: Path, tables: Tables, now: datetime) -> list[Group]:
    """Add a new group to the tables for each log of items whose group is unknown, and return those groups."""
    groups = tables.setdefault(LogKind.GROUPS.value, {})
    found = [
        Group(id=group_id, title=f"Found again ({group_id})", added_at=now)
        for group_id in _groups_with_items(folder)
        if str(doc_id_of(group_id)) not in groups
    ]
    groups |= {str(doc_id_of(group.id)): encode(group) for group in found}
    return found


def _groups_with_items(folder: Path) -> list[str]:
    """The ids of the groups that have a log of items."""
    return sorted(path.stem for path in (folder / LogKind.ITEMS).glob("*.log") if GROUP_ID.fullmatch(path.stem))


def _forget_validators(folder: Path, lock: LibraryLock, files: Files, group_ids: set[str] | None) -> None:
    """Reset the sources of these groups, or of all (None), so that their whole documents are fetched again."""

    def forget(group: Any) -> None:
        for source in group.get("sources", ()):
            for name in _VALIDATORS:
                source.pop(name, None)

    doc_ids = None if group_ids is None else [doc_id_of(group_id) for group_id in group_ids]
    with LogDB(folder / "groups.log", LogKind.GROUPS.value, lock, files, storage=LogStorage) as database:
        database.table(LogKind.GROUPS.value).update(forget, doc_ids=doc_ids)
