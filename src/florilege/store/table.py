"""TinyDB's second seam: a table whose steps cost what they touch, not what is stored. Knows neither items nor groups.

`LogTable` replaces three methods of `tinydb.table.Table` (4.8 to 4.9): how a table is read, how it is changed, and
which id comes next. Everything else is TinyDB's own. A test notices when those three change.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, cast

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.table import Table

from florilege.store.lines import EVERYTHING, Raw, Records, Stored, encode, same
from florilege.store.storage import LogStorage

_NOTHING = Records()
"""Stands for a table that is not in the log. Never written to."""
_Decode = Callable[[Raw], dict[str, Any]]


class _Documents(Mapping[str, Mapping[str, Any]]):
    """A table as TinyDB reads it, each document decoded, anew, when it is asked for."""

    def __init__(self, raws: Mapping[str, Raw], decode: _Decode) -> None:
        self._raws = raws
        self._decode = decode

    def __getitem__(self, doc_id: str) -> dict[str, Any]:
        return self._decode(self._raws[doc_id])

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._raws

    def __iter__(self) -> Iterator[str]:
        return iter(self._raws)

    def __len__(self) -> int:
        return len(self._raws)


class _Recording(MutableMapping[Any, Any]):
    """A table as TinyDB changes it: what is touched is decoded and kept, and compared at the end.

    So a document changed in place (`update` with a function) is noticed, and one only looked at is not written.
    """

    def __init__(self, raws: Mapping[str, Raw], decode: _Decode, id_class: Callable[[str], Any]) -> None:
        self._raws = raws
        self._decode = decode
        self._id_class = id_class
        self._touched: dict[str, Any] = {}
        self._removed: set[str] = set()
        self._cleared = False

    def __getitem__(self, doc_id: Any) -> Any:
        key = str(doc_id)
        if key not in self._touched:
            if not self._stands(key):
                raise KeyError(doc_id)
            self._touched[key] = self._decode(self._raws[key])
        return self._touched[key]

    def __setitem__(self, doc_id: Any, document: Any) -> None:
        self._touched[str(doc_id)] = document

    def __delitem__(self, doc_id: Any) -> None:
        key = str(doc_id)
        if key not in self:
            raise KeyError(doc_id)
        self._touched.pop(key, None)
        self._removed.add(key)

    def __contains__(self, doc_id: object) -> bool:
        key = str(doc_id)
        return key in self._touched or self._stands(key)

    def __iter__(self) -> Iterator[Any]:
        for key in self._raws:
            if self._stands(key):
                yield self._id_class(key)
        for key in self._touched:
            if not self._stands(key):
                yield self._id_class(key)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Remove every document."""
        self._touched.clear()
        self._removed.clear()
        self._cleared = True

    def _stands(self, key: str) -> bool:
        """Whether the stored document of this id has not been removed."""
        return not self._cleared and key not in self._removed and key in self._raws

    def changes(self) -> dict[str, Raw | None]:
        """What to write: the ids with what they hold now, None for what is gone."""
        changes: dict[str, Raw | None] = {EVERYTHING: None} if self._cleared and self._raws else {}
        changes.update(dict.fromkeys(key for key in self._removed if key in self._raws and not self._cleared))
        for key, document in self._touched.items():
            if not (self._stands(key) and same(self._raws[key], document)):
                changes[key] = encode(document)
        return changes


class LogTable(Table):
    """A TinyDB table over a log: each change is one line, a bulk one included; a read decodes what it returns."""

    # No search is remembered unless asked for: it could not know what another process has appended since.
    def __init__(self, storage: LogStorage, name: str, cache_size: int = 0, persist_empty: bool = False) -> None:
        self._log = storage.log
        self._seen: tuple[Records | None, int] = (None, 0)
        self._ids: tuple[Records | None, int, int] = (None, 0, 0)
        super().__init__(storage, name, cache_size, persist_empty)
        if persist_empty:
            with storage.writing() as log:
                if name not in log.tables:
                    log.append({name: {}})

    # What TinyDB calls

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        storage = self._log_storage
        storage.log.catch_up()
        # TinyDB asks for a dict and only ever reads it (get, items, keys, len), which the test of the seams watches.
        return cast("dict[str, Mapping[str, Any]]", _Documents(self.records.raws, storage.document))

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        storage = self._log_storage
        with storage.writing() as log:
            self._notice_others()
            recording = _Recording(self.records.raws, storage.document, self.document_id_class)
            updater(cast("dict[int, Mapping[str, Any]]", recording))
            changes = recording.changes()
            if changes:
                log.append({self.name: changes})
                self._seen = (self.records, len(self.records.journal))
        self.clear_cache()

    def _get_next_id(self) -> int:
        self._log_storage.log.catch_up()
        self._notice_others()
        return cast("int", super()._get_next_id())  # type: ignore[no-untyped-call]

    def _notice_others(self) -> None:
        """When others have written, the next id is not what we thought."""
        now = (self.records, len(self.records.journal))
        if now != self._seen:
            self._next_id = None
            self._seen = now

    # The id is chosen, or the document looked for, under the same lock that it is written under.

    def insert(self, document: Mapping[str, Any]) -> int:
        """Insert a document, as TinyDB does."""
        with self._log_storage.writing():
            return super().insert(document)

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        """Update documents or insert one, as TinyDB does."""
        with self._log_storage.writing():
            return super().upsert(document, cond)

    # What the library adds

    @property
    def _log_storage(self) -> LogStorage:
        return cast("LogStorage", self._storage)

    @property
    def records(self) -> Records:
        """The documents as they stand in the log, undecoded, as far as it has been read."""
        return self._log.tables.get(self._name, _NOTHING)

    def put(self, documents: Mapping[int, Stored]) -> None:
        """Insert or replace documents by `doc_id`, as one line. Nothing to put, nothing written."""
        if not documents:
            return
        self._log_storage.append({self.name: {str(doc_id): stored for doc_id, stored in documents.items()}})
        self.clear_cache()

    def next_ids(self, count: int) -> range:
        """So many ids no document has had since the log was opened, for `put` under the same lock.

        Costs what was written since the last call, where TinyDB's own way looks at every id.
        """
        records, read, highest = self._ids
        if records is not self.records:
            records, read, highest = self.records, 0, 0
        highest = max(highest, max(map(int, records.journal[read:]), default=0))
        self._ids = (records, len(records.journal), highest)
        return range(highest + 1, highest + 1 + count)


class LogDB(TinyDB):
    """`TinyDB` whose tables are `LogTable`: `LogDB(path, storage=LogStorage)`."""

    table_class: type[Table] = LogTable
