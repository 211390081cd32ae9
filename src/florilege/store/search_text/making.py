"""Making the texts of a group, a few items at a time: those of records that have not changed are taken over."""

import threading
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Protocol

from msgspec import Raw

from florilege.model import Item
from florilege.query import searchable
from florilege.store.search_text.parts import Part
from florilege.store.search_text.table import Stamp, Table

_AT_ONCE = 24
"""Records in one step: two or three milliseconds."""
_PART = 16 << 20
"""Bytes of texts in a part, about: what is held in memory until it is written."""
_SMALL_PARTS = 8
"""Parts beyond those that the size asks for; with more, all texts of the group are made anew."""


class Stored(Protocol):
    """The records of a group as its log held them at one moment."""

    @property
    def stamp(self) -> Stamp | None:
        """The log at that moment."""

    @property
    def records(self) -> Sequence[Raw]:
        """The items, encoded."""

    def items(self, records: Sequence[Raw]) -> list[Item]:
        """Some of them as values."""


class Making:
    """The texts of one group while they are being made. Several threads may help.

    Args:
        stored: The records.
        before: The texts there are already.
        store: Puts texts somewhere; says where they are.
        keep: Called at the end with all texts there are.
    """

    def __init__(
        self, stored: Stored, before: Table, *, store: Callable[[bytes], Part], keep: Callable[[Table], None]
    ) -> None:
        self._stored = stored
        self._before = before if _is_tidy(before) else Table()
        self._rows = {digest: row for row, digest in enumerate(self._before.digests)}
        self._table = Table(stored.stamp, list(self._before.parts))
        self._texts = bytearray()
        self._place = 0
        self._store = store
        self._keep = keep
        self._lock = threading.Lock()
        self.made: Table | None = None
        """The texts, once they are all there."""

    @property
    def stamp(self) -> Stamp | None:
        """The log whose texts these will be."""
        return self._stored.stamp

    def go_on(self) -> None:
        """Do a little more, for two or three milliseconds.

        Raises:
            LibraryError: A record can't be read.
        """
        with self._lock:
            if self.made is not None:
                return
            records = self._stored.records[self._place : self._place + _AT_ONCE]
            self._take_in(records)
            self._place += len(records)
            is_done = self._place >= len(self._stored.records)
            if self._texts and (is_done or len(self._texts) >= _PART):
                self._table.parts.append(self._store(bytes(self._texts)))
                self._texts.clear()
            if is_done:
                self._keep(self._table)
                self.made = self._table

    def _take_in(self, records: Sequence[Raw]) -> None:
        before, new = self._before, []
        for record in records:
            digest = int.from_bytes(blake2b(record, digest_size=8).digest(), "little")
            row = self._rows.get(digest)
            if row is None:
                new.append((digest, record))
            else:
                self._table.add(before.ids[row], digest, before.part[row], before.start[row], before.length[row])
        items = self._stored.items([record for _, record in new])
        for (digest, _), item in zip(new, items, strict=True):
            text = searchable(item).encode("utf-8", "surrogatepass")
            self._table.add(item.id, digest, len(self._table.parts), len(self._texts), len(text))
            self._texts += text


def _is_tidy(table: Table) -> bool:
    """Whether most of what lies there is still of use, and it does not lie in too many places."""
    size = sum(part.size for part in table.parts)
    return 2 * table.live >= size and len(table.parts) <= _SMALL_PARTS + size // _PART
