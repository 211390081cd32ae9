"""TinyDB on top of logs: implementations of its `Storage` and `Table`, and all logs of a library with their tables.

`LogStorage` is enough for a plain session of `TinyDB`: every operation reads everything, but writes only what differs.
With `LogTable` an operation costs only what it touches. It overrides the two methods of `tinydb.table.Table` that read
and change a table (versions 4.8 to 4.9; a test notices when they change), so `get`, `all`, `search`, `insert`,
`upsert`, `update` and `remove` are TinyDB's own. It adds `read` and `write`, for many documents as typed values.
"""

import gc
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from enum import StrEnum
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Table

from florilege.store.disk import Files, LibraryLock
from florilege.store.errors import LibraryGone, LibraryNotWritable, LibraryUnreadable, NoSuchGroup
from florilege.store.lines import BEGIN_ANEW, INVALID, REPAIR, Raw
from florilege.store.log import Log, Stamp

Value = TypeVar("Value")
_OURS = re.compile("[0-9a-f]{16}")
_DOC_ID = re.compile("0|[1-9][0-9]{0,19}")
"""A `doc_id` of 64 bits. In a damaged log, a key may be something else: then only `repair` finds the document."""
_document = msgspec.json.Decoder(dict[str, Any])
_encode = msgspec.json.Encoder().encode


def doc_id_of(name: str) -> int:
    """The `doc_id` for an id: the id as a number if it is 16 hex digits, else a hash. So no search is needed."""
    if _OURS.fullmatch(name):
        return int(name, 16)
    import hashlib  # loads OpenSSL, which takes 2 ms and isn't needed at the start

    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def encode(document: Mapping[str, Any] | msgspec.Struct) -> Raw:
    """Encode a document as it is stored in a line."""
    return Raw(_encode(document))


def decoded(kind: type[Value], raws: Iterable[Raw], path: Path) -> list[Value]:
    """Decode documents of a log to values of a type; with `kind` `Raw`, return them encoded.

    Raises:
        LibraryUnreadable: A document is not a valid value of this type.
    """
    if kind is Raw:
        return cast("list[Value]", list(raws))
    decode = cast("msgspec.json.Decoder[Value]", _decoder(cast("Any", kind))).decode
    # Thousands of new values, none of them garbage, make the collector scan all of them again and again: without it
    # 100,000 summaries take half the time. Only who turned it off turns it on again, also when threads overlap.
    collects = gc.isenabled()
    gc.disable()
    try:
        return [decode(raw) for raw in raws]
    except INVALID as error:
        raise _damaged(path, error) from error
    finally:
        if collects:
            gc.enable()


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _damaged(path: Path, error: Exception) -> LibraryUnreadable:
    return LibraryUnreadable(path, f"holds a record that can't be read ({error})", REPAIR)


class LogStorage(Storage):
    """A TinyDB storage in an append-only log.

    Args:
        path: The log. It is made by the first write.
        kind: What the log must hold (`groups`, `items`, `states`); None accepts any.
        lock: Entered for every write; reading needs none. A session that writes while florilege may be running must
            pass `LibraryLock(folder, clock=...)`; without a lock, no other process may use the library.
        files: The file operations.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        kind: str | None = None,
        lock: AbstractContextManager[None] | None = None,
        files: Files | None = None,
    ) -> None:
        super().__init__()
        turn = lock.turn if isinstance(lock, LibraryLock) else lambda: None
        self.log = Log(path if isinstance(path, Path) else Path(path), kind, files, turn=turn)
        self.lock = lock or nullcontext()
        self._last_read: dict[str, dict[str, Raw]] = {}

    def document(self, raw: Raw) -> dict[str, Any]:
        """Decode a document.

        Raises:
            LibraryUnreadable: The record in the log is JSON, but not an object.
        """
        try:
            return _document.decode(raw)
        except INVALID as error:
            raise _damaged(self.log.path, error) from error

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Read all tables with all documents, decoded; None when there is no log yet."""
        with self.log.memory:
            self.log.catch_up()
            self._last_read = {name: dict(table) for name, table in self.log.tables.items() if table}
            if self.log.stamp is None:
                return None
        return {
            name: {doc_id: self.document(raw) for doc_id, raw in raws.items()} for name, raws in self._last_read.items()
        }

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Append the differences from what `read` last returned, so that what others wrote since is kept."""
        with self.lock:
            self.log.catch_up()
            # `drop_tables` writes empty data without reading first: then everything in the log is removed.
            before = self._last_read if data else {name: dict(table) for name, table in self.log.tables.items()}
            for name in before | data:
                self.log.append(name, _changes(before.get(name, {}), data.get(name, {})))

    def close(self) -> None:
        """Free the memory; no file is open between two calls."""
        self.log.forget()
        self._last_read = {}


class _ReadTable(Mapping[str, Mapping[str, Any]]):
    """A table for TinyDB to read; each access decodes the document again."""

    def __init__(self, raws: Mapping[str, Raw], decode: Callable[[Raw], dict[str, Any]]) -> None:
        self._raws = raws
        self._decode = decode

    def __getitem__(self, doc_id: str) -> dict[str, Any]:
        return self._decode(self._raws[doc_id])

    def __iter__(self) -> Iterator[str]:
        return iter(list(filter(_DOC_ID.fullmatch, self._raws)))

    def __len__(self) -> int:
        return len(self._raws)


class _ChangedTable(dict[int, Any]):
    """A table for TinyDB to change. Documents are decoded when accessed, so those changed in place are noticed."""

    decode: Callable[[Raw], dict[str, Any]]

    def __getitem__(self, doc_id: int) -> Any:
        document = super().__getitem__(doc_id)
        if isinstance(document, Raw):
            document = self[doc_id] = self.decode(document)
        return document


def _changes(old: Mapping[str, Raw], new: Mapping[str, Any]) -> dict[str, Raw | None]:
    """The changes from one table to another, whose documents are decoded unless they are as before (`Raw`)."""
    changes: dict[str, Raw | None] = dict.fromkeys(doc_id for doc_id in old if doc_id not in new)
    for doc_id, document in new.items():
        if isinstance(document, Raw):
            continue
        raw, encoded = old.get(doc_id), encode(document)
        # Compared as encoded, since `1 == True` in Python; other programs may have encoded the old one differently.
        if raw is None or (raw != encoded and encode(_document.decode(raw)) != encoded):
            changes[doc_id] = encoded
    return changes


class LogTable(Table):
    """A TinyDB table on a log: a change appends a line for each document; a read decodes only what it returns."""

    # The query cache is off by default, since it would not notice what another process has appended.
    def __init__(self, storage: LogStorage, name: str, cache_size: int = 0, persist_empty: bool = False) -> None:
        self.log = storage.log
        self._log_storage = storage
        self._seen: Stamp | None = None
        super().__init__(storage, name, cache_size, persist_empty)

    # Methods that TinyDB calls

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        self.log.catch_up()
        # TinyDB expects a dict, but only reads it (get, items, keys, len), which a test verifies.
        documents = _ReadTable(self.log.table(self.name), self._log_storage.document)
        return cast("dict[str, Mapping[str, Any]]", documents)

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        with self._log_storage.lock:
            self._notice_others()
            old = {doc_id: raw for doc_id, raw in self.log.table(self.name).items() if _DOC_ID.fullmatch(doc_id)}
            changed = _ChangedTable(zip(map(int, old), old.values(), strict=True))
            changed.decode = self._log_storage.document
            updater(changed)
            self.log.append(self.name, _changes(old, {str(doc_id): each for doc_id, each in changed.items()}))
            self._seen = self.log.stamp
        self.clear_cache()

    def _notice_others(self) -> None:
        """Reset TinyDB's next id if others have written, since they may have used it."""
        self.log.catch_up()
        if self.log.stamp != self._seen:
            self._next_id = None
            self._seen = self.log.stamp

    # Choosing the id, or searching the document, happens under the same lock as the write.

    def insert(self, document: Mapping[str, Any]) -> int:
        """Insert a document, as TinyDB does."""
        with self._log_storage.lock:
            self._notice_others()
            return super().insert(document)

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        """Update documents or insert one, as TinyDB does."""
        with self._log_storage.lock:
            return super().upsert(document, cond)

    # Methods added for the library

    def read(self, kind: type[Value], names: Iterable[str] | None = None) -> list[Value]:
        """Read documents as values of a type; with `kind` `Raw`, encoded as in the log.

        Args:
            kind: A msgspec struct; fields it does not have are skipped without decoding.
            names: Ids of the documents to read, of which unknown ones are skipped; None for all documents, in the order
                in which they were first stored.

        Raises:
            LibraryUnreadable: The log can't be read, or a document is invalid.
        """
        with self.log.memory:
            self.log.catch_up()
            raws = self.log.table(self.name)
            if names is None:
                wanted = list(raws.values())
            else:
                found = (raws.get(str(doc_id_of(name))) for name in names)
                wanted = [raw for raw in found if raw is not None]
        return decoded(kind, wanted, self.log.path)

    def write(self, documents: Mapping[str, msgspec.Struct], *, as_one: bool = False) -> None:
        """Insert or replace documents by their ids; unchanged ones are not written again.

        Args:
            documents: Id -> value.
            as_one: Whether a crash must leave all of the documents or none; else it may leave the first ones.
        """
        encoded = {str(doc_id_of(name)): encode(document) for name, document in documents.items()}
        with self._log_storage.lock:
            self.log.append(self.name, encoded, as_one=as_one)
        self.clear_cache()


class LogDB(TinyDB):
    """`TinyDB` whose tables are `LogTable`: `LogDB(path, storage=LogStorage)`."""

    table_class: type[Table] = LogTable


class LogKind(StrEnum):
    """What a log of a library holds; also the name of its main table."""

    GROUPS = "groups"
    ITEMS = "items"
    STATES = "states"


COUNTS = "counts"
"""The table of counts, in the log of the groups; each record has the `doc_id` of its group."""
PURGED = "purged"
"""The table of purged items, in the log of items."""
_MOST_BYTES = 12 << 20
"""Bytes of logs kept in memory, besides those in use. A group of 1,000 items takes about 2.5 MiB, and is read again
from disk in a few milliseconds."""
_MOST_LOGS = 64
"""Maximum number of logs kept in memory, whatever their size."""
GROUP_ID = re.compile("[0-9a-f]{4,64}")
"""The id of a group, which is safe as the name of a file."""
_VANISHED: Stamp = ()
"""Stands for the stamp of a log that was there before: so it is still missed after its absence has been noticed."""
_Key = tuple[LogKind, str]
"""Identifies a log: its kind, and the id of its group, "" for the log of the groups."""


class LibraryLogs:
    """All logs of a library: loaded on demand, and dropped when they take too much memory.

    May be used from several threads; its own lock is never held during file access.

    Args:
        folder: The library.
        lock: The lock, entered for each write.
        files: The file operations.
        on_missing: Called when the log of a group doesn't exist, with whether it was there before; raises if it should.
    """

    def __init__(
        self, folder: Path, lock: LibraryLock, files: Files | None, on_missing: Callable[[LogKind, str, bool], None]
    ) -> None:
        # Joined only once: with 2,000 groups, joining paths took a fifth of the time for reading at the start.
        self._folders = {
            LogKind.GROUPS: folder,
            LogKind.ITEMS: folder / LogKind.ITEMS,
            LogKind.STATES: folder / LogKind.STATES,
        }
        self._lock = lock
        self._files = files
        self._on_missing = on_missing
        self._memory = threading.RLock()
        self._open: OrderedDict[_Key, LogDB] = OrderedDict()
        self._seen: dict[_Key, Stamp | None] = {}  # the stamps when changes by others were last looked for
        self._being_written: set[_Key] = set()

    def table(self, kind: LogKind, group_id: str = "", name: str | None = None) -> LogTable:
        """A table of a log, up to date with the disk.

        Raises:
            LibraryUnreadable: The file is foreign, newer, damaged or inaccessible.
            LibraryGone: The file has disappeared.
        """
        table = cast("LogTable", self._database(kind, group_id).table(name or kind.value))
        grown = table.log.catch_up()
        self._check(kind, group_id, table.log.stamp)
        if table.log.stamp is None and group_id:
            self._on_missing(kind, group_id, self._seen.get((kind, group_id)) is not None)
        if grown and group_id:
            self._make_room(group_id)
        return table

    def stamp(self, kind: LogKind, group_id: str = "") -> Stamp | None:
        """The current stamp of a log, without reading it; None when there is no file.

        Raises:
            LibraryUnreadable: The file is inaccessible.
            LibraryGone: It is the log of the groups, and has disappeared.
        """
        stamp = _log_of(self._database(kind, group_id)).current_stamp()
        self._check(kind, group_id, stamp)
        return stamp

    def written_by_others(self, group_ids: Iterable[str]) -> set[str]:
        """The ids of those groups whose logs others have written since the last call; "" for the log of the groups.

        Only logs that were read, or whose stamp was taken, are covered.
        """
        found: set[str] = set()
        for key in [
            (LogKind.GROUPS, ""),
            *((kind, each) for each in group_ids for kind in (LogKind.ITEMS, LogKind.STATES)),
        ]:
            with suppress(LibraryUnreadable):  # reported when it is read
                stamp = self.stamp(*key)
                if stamp is None and self._seen.get(key) is not None:
                    stamp = _VANISHED
                if key not in self._being_written and self._seen.get(key, stamp) != stamp:
                    self._seen[key] = stamp
                    found.add(key[1])
        return found

    @contextmanager
    def writing(self, kind: LogKind, group_id: str = "") -> Iterator[LogTable]:
        """A context with the main table of a log for writing, under the library's lock. Compacts the log if needed."""
        key = (kind, group_id)
        with self._lock:
            table = self.table(kind, group_id)
            if key in self._being_written:
                yield table
                return
            before = table.log.stamp
            self._being_written.add(key)
            try:
                yield table
                if table.log.needs_compaction:
                    # The data itself is stored, so a failed compaction is not reported as an error.
                    with suppress(LibraryNotWritable, LibraryUnreadable):
                        table.log.compact()
            finally:
                if self._seen.get(key) == before:
                    self._seen[key] = table.log.stamp
                self._being_written.discard(key)
            if table.log.size > _MOST_BYTES // _MOST_LOGS or len(self._open) > _MOST_LOGS:
                self._make_room(group_id)

    def remove(self, kind: LogKind, group_id: str) -> None:
        """Remove a log and its previous generation. The caller must hold the library's lock."""
        _log_of(self._database(kind, group_id)).remove()
        with self._memory:
            self._open.pop((kind, group_id), None)
            self._seen.pop((kind, group_id), None)

    def path(self, kind: LogKind, group_id: str = "") -> Path:
        """The path of a log. A string that is not a florilege id never becomes part of a path.

        Raises:
            NoSuchGroup: The group id is not a florilege id.
        """
        if kind is LogKind.GROUPS:
            return self._folders[kind] / "groups.log"
        if not GROUP_ID.fullmatch(group_id):
            raise NoSuchGroup(group_id, ())
        return self._folders[kind] / f"{group_id}.log"

    def close(self) -> None:
        """Drop all logs from memory."""
        with self._memory:
            self._open.clear()

    def _database(self, kind: LogKind, group_id: str) -> LogDB:
        """A log as it was last read, which may be not at all."""
        with self._memory:
            database = self._open.get((kind, group_id))
            if database is None:
                database = LogDB(
                    self.path(kind, group_id),
                    kind.value,
                    self._lock,
                    self._files,
                    storage=LogStorage,
                )
                self._open[kind, group_id] = database
            self._open.move_to_end((kind, group_id))
            return database

    def _check(self, kind: LogKind, group_id: str, stamp: Stamp | None) -> None:
        """Refuse to go on when the log of the groups has disappeared."""
        was_there = self._seen.setdefault((kind, group_id), stamp) is not None
        if kind is not LogKind.GROUPS or stamp is not None:
            return
        if was_there:
            raise LibraryGone(
                self.path(kind), "is no longer there", "Bring it back where it was: florilege goes on from there."
            )
        if any(self._folders[LogKind.ITEMS].glob("*.log")):
            held = "is missing, and with it titles and addresses of your groups"
            raise LibraryGone(self.path(kind), held, BEGIN_ANEW)

    def _make_room(self, group_id: str) -> None:
        """Drop the least recently used logs, but never those of the group in use or the log of the groups."""
        with self._memory:
            # While the log of the groups is written, the group in use is the one whose items were just stored.
            group_id = group_id or next((name for _, name in reversed(self._open) if name), "")
            sizes = {key: _log_of(each).size for key, each in self._open.items()}
            held = sum(sizes.values())
            for key, size in sizes.items():
                if held <= _MOST_BYTES and len(self._open) <= _MOST_LOGS:
                    return
                if key[1] not in ("", group_id):
                    del self._open[key]
                    held -= size


def _log_of(database: LogDB) -> Log:
    return cast("LogStorage", database.storage).log
