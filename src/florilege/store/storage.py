"""TinyDB's first seam: a `Storage` over a log. No knowledge of items or groups.

Enough for a plain session with TinyDB's own table class, which reads everything at each step and here still appends
only what changed. `table.LogTable` makes the steps small.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from os import PathLike
from pathlib import Path
from typing import Any

import msgspec
from tinydb.storages import Storage

from florilege.store.errors import LibraryUnreadable
from florilege.store.files import Files
from florilege.store.lines import EVERYTHING, Change, Raw, decode, encode, same
from florilege.store.log import Log


class LogStorage(Storage):
    """What TinyDB keeps, in an append-only log.

    Args:
        path: The log. Nothing is made before the first write.
        kind: What the log must hold (`groups`, `items`, `states`); None accepts any.
        lock: Entered for every write. Reading needs none. A session that writes while florilege may be running gives
            `LibraryLock(folder, clock=...)`; without one, it must be alone.
        files: The disk.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        kind: str | None = None,
        lock: AbstractContextManager[None] | None = None,
        files: Files | None = None,
    ) -> None:
        super().__init__()
        self.log = Log(Path(path), kind, files)
        self._lock = lock or nullcontext()
        self._handed_out: dict[str, dict[str, Raw]] = {}

    @contextmanager
    def writing(self) -> Iterator[Log]:
        """The log, locked and caught up with what others wrote."""
        with self._lock:
            self.log.catch_up()
            yield self.log

    def append(self, change: Change) -> None:
        """Write one change as one line, locked; the log catches up by itself."""
        with self._lock:
            self.log.append(change)

    def document(self, raw: Raw) -> dict[str, Any]:
        """A document decoded.

        Raises:
            LibraryUnreadable: What stands in the log is JSON, but no document.
        """
        try:
            return decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise LibraryUnreadable(self.log.path, f"holds a record that is no document ({error})") from error

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Every table with every document, decoded. None when there is no log yet."""
        self.log.catch_up()
        if not self.log.is_open:
            return None
        self._handed_out = {name: dict(table.raws) for name, table in self.log.tables.items()}
        return {
            name: {doc_id: self.document(raw) for doc_id, raw in raws.items()}
            for name, raws in self._handed_out.items()
        }

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Append, as one line, what differs from what `read` gave last: what others wrote since stays."""
        with self.writing() as log:
            # `drop_tables` writes nothing at all without having read: then everything there is goes.
            before = self._handed_out if data else {name: {} for name in log.tables}
            change: dict[str, dict[str, Raw | None] | None] = dict.fromkeys(before.keys() - data.keys())
            for name, documents in data.items():
                changes = _difference(before.get(name, {}), documents)
                if changes or name not in before:
                    change[name] = changes
            if change:
                log.append(change)

    def close(self) -> None:
        """Let go of what is in memory; no file is open between two calls."""
        self.log.forget()
        self._handed_out = {}


def _difference(before: dict[str, Raw], documents: dict[str, Any]) -> dict[str, Raw | None]:
    """What to write so that `before` becomes `documents`."""
    if before and not documents:
        return {EVERYTHING: None}
    changes: dict[str, Raw | None] = dict.fromkeys(before.keys() - documents.keys())
    for doc_id, document in documents.items():
        old = before.get(doc_id)
        if old is None or not same(old, document):
            changes[doc_id] = encode(document)
    return changes
