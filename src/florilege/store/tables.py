"""TinyDB over a log: its two seams, a `Storage` and a `Table`. Knows neither items nor groups.

`LogStorage` is enough for a plain session of `TinyDB`: everything is read at each step, and only what differs is
written. `LogTable` makes each step cost what it touches. It replaces the two methods of `tinydb.table.Table` by which a
table is read and changed (4.8 to 4.9; a test notices when they change), so that `get`, `all`, `search`, `insert`,
`upsert`, `update` and `remove` are TinyDB's own; and adds two, `read` and `write`, for many documents as typed values.
"""

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Table

from florilege.store.errors import LibraryUnreadable
from florilege.store.files import Files
from florilege.store.lines import REPAIR, Raw, decode, encode, same
from florilege.store.lock import LibraryLock
from florilege.store.log import Log, Stamp

Value = TypeVar("Value")
_OURS = re.compile("[0-9a-f]{16}")
_TROUBLE = (msgspec.MsgspecError, UnicodeDecodeError)


def doc_id_of(name: str) -> int:
    """The `doc_id` under which what has this id is kept: the id as a number, so that nothing need be looked for."""
    if _OURS.fullmatch(name):
        return int(name, 16)
    import hashlib  # loads OpenSSL: 2 ms that the start has no need of

    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def decoded(kind: type[Value], raws: Iterable[Raw], path: Path) -> list[Value]:
    """Documents of a log as values of a type; with `kind` `Raw`, as they are.

    Raises:
        LibraryUnreadable: One isn't what it should be.
    """
    if kind is Raw:
        return cast("list[Value]", list(raws))
    decode = cast("msgspec.json.Decoder[Value]", _decoder(cast("Any", kind))).decode
    # Thousands of new values, none of them garbage, make the collector look at all of them again and again: without
    # it 100,000 heads take half the time. Who turns it off turns it on again, also where two threads meet.
    collects = gc.isenabled()
    gc.disable()
    try:
        return [decode(raw) for raw in raws]
    except _TROUBLE as error:
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
    """What TinyDB keeps, in an append-only log.

    Args:
        path: The log. Nothing is made before the first write.
        kind: What the log must hold (`groups`, `items`, `states`); None accepts any.
        lock: Entered for every write. Reading needs none. A session that writes while florilege may be running gives
            `LibraryLock(folder, clock=...)`; without one, it must be alone.
        files: The disk.
        lenient: Whether damaged lines are passed over.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        kind: str | None = None,
        lock: AbstractContextManager[None] | None = None,
        files: Files | None = None,
        *,
        lenient: bool = False,
    ) -> None:
        super().__init__()
        turn = lock.turn if isinstance(lock, LibraryLock) else lambda: None
        self.log = Log(path if isinstance(path, Path) else Path(path), kind, files, lenient=lenient, turn=turn)
        self.lock = lock or nullcontext()
        self._handed_out: dict[str, dict[str, Raw]] = {}

    def document(self, raw: Raw) -> dict[str, Any]:
        """A document decoded.

        Raises:
            LibraryUnreadable: What stands in the log is JSON, but no document.
        """
        try:
            return decode(raw)
        except _TROUBLE as error:
            raise _damaged(self.log.path, error) from error

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Every table with every document, decoded. None when there is no log yet."""
        with self.log.memory:
            self.log.catch_up()
            self._handed_out = {name: dict(table.raws) for name, table in self.log.tables.items() if table.raws}
            if self.log.stamp is None:
                return None
        return {
            name: {doc_id: self.document(raw) for doc_id, raw in raws.items()}
            for name, raws in self._handed_out.items()
        }

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Append what differs from what `read` gave last: what others wrote since stays."""
        with self.lock:
            self.log.catch_up()
            # `drop_tables` writes nothing at all without having read: then everything there is goes.
            before = self._handed_out if data else {name: dict(table.raws) for name, table in self.log.tables.items()}
            for name in before | data:
                old, new = before.get(name, {}), data.get(name, {})
                change: dict[str, Raw | None] = dict.fromkeys(old.keys() - new.keys())
                for doc_id, document in new.items():
                    if doc_id not in old or not same(old[doc_id], document):
                        change[doc_id] = encode(document)
                if change:
                    self.log.append(name, change)

    def close(self) -> None:
        """Let go of what is in memory; no file is open between two calls."""
        self.log.forget()
        self._handed_out = {}


class _Documents(Mapping[str, Mapping[str, Any]]):
    """A table as TinyDB reads it, each document decoded, anew, when it is asked for."""

    def __init__(self, raws: Mapping[str, Raw], decode: Callable[[Raw], dict[str, Any]]) -> None:
        self._raws = raws
        self._decode = decode

    def __getitem__(self, doc_id: str) -> dict[str, Any]:
        return self._decode(self._raws[doc_id])

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._raws))

    def __len__(self) -> int:
        return len(self._raws)


class _Changed(MutableMapping[int, Any]):
    """A table as TinyDB changes it: what is touched is decoded and kept, and compared at the end.

    So a document changed in place (`update` with a function) is noticed, and one only looked at is not written.
    """

    def __init__(self, raws: Mapping[str, Raw], decode: Callable[[Raw], dict[str, Any]]) -> None:
        self._raws = raws
        self._decode = decode
        self._touched: dict[int, Any] = {}
        """What was looked at or changed; None for what was removed."""

    def __getitem__(self, doc_id: int) -> Any:
        if doc_id not in self:
            raise KeyError(doc_id)
        if doc_id not in self._touched:
            self._touched[doc_id] = self._decode(self._raws[str(doc_id)])
        return self._touched[doc_id]

    def __setitem__(self, doc_id: int, document: Any) -> None:
        self._touched[doc_id] = document

    def __delitem__(self, doc_id: int) -> None:
        if doc_id not in self:
            raise KeyError(doc_id)
        self._touched[doc_id] = None

    def __contains__(self, doc_id: object) -> bool:
        if doc_id in self._touched:
            return self._touched[doc_id] is not None
        return str(doc_id) in self._raws

    def __iter__(self) -> Iterator[int]:
        known = [int(doc_id) for doc_id in self._raws]
        yield from (doc_id for doc_id in known if doc_id in self)
        yield from (doc_id for doc_id in list(self._touched) if str(doc_id) not in self._raws and doc_id in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Remove every document."""
        self._touched = dict.fromkeys(self)

    def changes(self) -> dict[str, Raw | None]:
        """What to write: the ids with what they hold now, None for what is gone."""
        changes: dict[str, Raw | None] = {}
        for doc_id, document in self._touched.items():
            old = self._raws.get(str(doc_id))
            if document is None:
                changes |= {str(doc_id): None} if old is not None else {}
            elif old is None or not same(old, document):
                changes[str(doc_id)] = encode(document)
        return changes


class LogTable(Table):
    """A TinyDB table over a log: a change is appended, a document a line; a read decodes what it returns."""

    # No search is remembered unless asked for: it could not know what another process has appended since.
    def __init__(self, storage: LogStorage, name: str, cache_size: int = 0, persist_empty: bool = False) -> None:
        self.log = storage.log
        self._log_storage = storage
        self._seen: Stamp | None = None
        super().__init__(storage, name, cache_size, persist_empty)

    # What TinyDB calls

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        self.log.catch_up()
        # TinyDB asks for a dict and only ever reads it (get, items, keys, len), which the test of the seams watches.
        documents = _Documents(self.log.table(self.name).raws, self._log_storage.document)
        return cast("dict[str, Mapping[str, Any]]", documents)

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        with self._log_storage.lock:
            self._notice_others()
            changed = _Changed(self.log.table(self.name).raws, self._log_storage.document)
            updater(cast("dict[int, Mapping[str, Any]]", changed))
            changes = changed.changes()
            if changes:
                self.log.append(self.name, changes)
                self._seen = self.log.stamp
        self.clear_cache()

    def _notice_others(self) -> None:
        """When others have written, the next id is not what we thought."""
        self.log.catch_up()
        if self.log.stamp != self._seen:
            self._next_id = None
            self._seen = self.log.stamp

    # The id is chosen, or the document looked for, under the same lock that it is written under.

    def insert(self, document: Mapping[str, Any]) -> int:
        """Insert a document, as TinyDB does."""
        with self._log_storage.lock:
            self._notice_others()
            return super().insert(document)

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        """Update documents or insert one, as TinyDB does."""
        with self._log_storage.lock:
            return super().upsert(document, cond)

    # What the library adds

    def read(self, kind: type[Value], names: Iterable[str] | None = None) -> list[Value]:
        """Documents as values of a type; with `kind` `Raw`, as they stand in the log.

        Args:
            kind: A msgspec struct; fields it does not have are passed over, undecoded.
            names: Ids of the documents that are wanted, those that are not there left out; None for all of them, in the
                order in which they were first stored.

        Raises:
            LibraryUnreadable: The log can't be read, or a document isn't what it should be.
        """
        with self.log.memory:
            self.log.catch_up()
            raws = self.log.table(self.name).raws
            if names is None:
                wanted = list(raws.values())
            else:
                found = (raws.get(str(doc_id_of(name))) for name in names)
                wanted = [raw for raw in found if raw is not None]
        return decoded(kind, wanted, self.log.path)

    def write(self, documents: Mapping[str, msgspec.Struct], *, as_one: bool = False) -> None:
        """Insert or replace documents by their ids; what stands in the log already is not written again.

        Args:
            documents: Id -> value.
            as_one: Whether a crash must leave all of it or nothing; else it may leave the first of them.
        """
        encoded = {str(doc_id_of(name)): encode(document) for name, document in documents.items()}
        with self._log_storage.lock:
            self.log.append(self.name, encoded, as_one=as_one)
        self.clear_cache()


class LogDB(TinyDB):
    """`TinyDB` whose tables are `LogTable`: `LogDB(path, storage=LogStorage)`."""

    table_class: type[Table] = LogTable
