"""TinyDB on top of a log: implementations of its `Storage` and `Table`. Knows neither items nor groups.

`LogStorage` is enough for a plain session of `TinyDB`: every operation reads everything, but writes only what differs.
With `LogTable` an operation costs only what it touches. It overrides the two methods of `tinydb.table.Table` that read
and change a table (versions 4.8 to 4.9; a test notices when they change), so `get`, `all`, `search`, `insert`,
`upsert`, `update` and `remove` are TinyDB's own. It adds `read` and `write`, for many documents as typed values.
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
from florilege.store.lines import INVALID, REPAIR, Raw, decode, encode, same
from florilege.store.lock import LibraryLock
from florilege.store.log import Log, Stamp

Value = TypeVar("Value")
_OURS = re.compile("[0-9a-f]{16}")
_LONGEST_ID = 20
"""Digits of the largest `doc_id`, which has 64 bits."""


def doc_id_of(name: str) -> int:
    """The `doc_id` for an id: the id as a number if it is 16 hex digits, else a hash. So no search is needed."""
    if _OURS.fullmatch(name):
        return int(name, 16)
    import hashlib  # loads OpenSSL, which takes 2 ms and isn't needed at the start

    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def decoded(kind: type[Value], raws: Iterable[Raw], path: Path) -> list[Value]:
    """Decode documents of a log to values of a type; with `kind` `Raw`, return them encoded.

    Raises:
        LibraryUnreadable: A document is not a valid value of this type.
    """
    if kind is Raw:
        return cast("list[Value]", list(raws))
    decode = cast("msgspec.json.Decoder[Value]", _decoder(cast("Any", kind))).decode
    # Thousands of new values, none of them garbage, make the collector scan all of them again and again: without it
    # 100,000 heads take half the time. Only the caller that turned it off turns it on again, also when threads overlap.
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
        lenient: Whether damaged lines are skipped.
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
        """Decode a document.

        Raises:
            LibraryUnreadable: The record in the log is JSON, but not an object.
        """
        try:
            return decode(raw)
        except INVALID as error:
            raise _damaged(self.log.path, error) from error

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Read all tables with all documents, decoded; None when there is no log yet."""
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
        """Append the differences from what `read` last returned, so that what others wrote since is kept."""
        with self.lock:
            self.log.catch_up()
            # `drop_tables` writes empty data without reading first: then everything in the log is removed.
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
        """Free the memory; no file is open between two calls."""
        self.log.forget()
        self._handed_out = {}


def _is_doc_id(text: str) -> bool:
    """Whether a key of a table is a `doc_id`. In a damaged log it may not be: then only `repair` finds the document."""
    return text.isdecimal() and len(text) <= _LONGEST_ID


class _Documents(Mapping[str, Mapping[str, Any]]):
    """A table for TinyDB to read; each access decodes the document again."""

    def __init__(self, raws: Mapping[str, Raw], decode: Callable[[Raw], dict[str, Any]]) -> None:
        self._raws = raws
        self._decode = decode

    def __getitem__(self, doc_id: str) -> dict[str, Any]:
        return self._decode(self._raws[doc_id])

    def __iter__(self) -> Iterator[str]:
        return iter(list(filter(_is_doc_id, self._raws)))

    def __len__(self) -> int:
        return len(self._raws)


class _Changed(MutableMapping[int, Any]):
    """A table for TinyDB to change. Documents that are accessed are decoded and kept, and compared at the end.

    So a document changed in place (`update` with a function) is noticed, and one that was only read is not written.
    """

    def __init__(self, raws: Mapping[str, Raw], decode: Callable[[Raw], dict[str, Any]]) -> None:
        self._raws = raws
        self._decode = decode
        self._touched: dict[int, Any] = {}
        """Documents that were read or changed; None for those removed."""

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
        known = [int(doc_id) for doc_id in self._raws if _is_doc_id(doc_id)]
        yield from (doc_id for doc_id in known if doc_id in self)
        yield from (doc_id for doc_id in list(self._touched) if str(doc_id) not in self._raws and doc_id in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Remove every document."""
        self._touched = dict.fromkeys(self)

    def changes(self) -> dict[str, Raw | None]:
        """The changes to write: encoded documents by id, None for those removed."""
        changes: dict[str, Raw | None] = {}
        for doc_id, document in self._touched.items():
            old = self._raws.get(str(doc_id))
            if document is None:
                changes |= {str(doc_id): None} if old is not None else {}
            elif old is None or not same(old, document):
                changes[str(doc_id)] = encode(document)
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
            raws = self.log.table(self.name).raws
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
