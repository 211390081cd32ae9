"""What a list shows of some rows, column by column and folded, so that all of them are looked through in one go.

Made when they are first asked, for rows that never change. Reading states are asked of the shelf the rows stand on.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import compress, repeat
from operator import contains
from typing import TYPE_CHECKING

from florilege.model import Head, ReadingState
from florilege.query import Mask, Predicate, Subject, folded_name, folded_tag
from florilege.text import fold

if TYPE_CHECKING:
    from florilege.lists.shelves import Shelf

ROWS = 1000
"""Rows asked in one step. Making their columns takes a few milliseconds, once; looking through them far less."""

UNMARKED = ReadingState(item="")
"""The state of every item of which nothing was marked."""


class Columns:
    """The columns of a few heads.

    Args:
        heads: The heads, at most `ROWS`.
    """

    __slots__ = ("_names", "_tags", "_titles")

    def __init__(self, heads: Iterable[Head]) -> None:
        self._titles: list[str] = []
        self._tags: dict[str, array[int]] = {}
        """The rows that bear each tag."""
        self._names: dict[tuple[str, str], array[int]] = {}
        """The rows shared by each member, by name and handle."""
        for row, head in enumerate(heads):
            self._titles.append(fold(head.title))
            for tag in head.tags:
                self._tags.setdefault(folded_tag(tag), array("H")).append(row)
            if head.sharer is not None:
                name = folded_name(head.sharer.name or ""), folded_name(head.sharer.handle or "")
                self._names.setdefault(name, array("H")).append(row)

    def titled(self, needle: str) -> Mask:
        """The rows whose title holds this."""
        return mask_of(bytes(map(contains, self._titles, repeat(needle))))

    def tagged(self, matches: Callable[[str], bool]) -> Mask:
        """The rows with a tag that matches."""
        return self._mask(rows for tag, rows in self._tags.items() if matches(tag))

    def shared_by(self, needle: str) -> Mask:
        """The rows shared by a member whose name or handle holds this."""
        return self._mask(rows for (name, handle), rows in self._names.items() if needle in name or needle in handle)

    def _mask(self, several: Iterable["array[int]"]) -> Mask:
        flags = None
        for rows in several:
            flags = flags or bytearray(len(self._titles))
            for row in rows:
                flags[row] = 1
        return mask_of(flags) if flags else 0


class Stretch:
    """Some rows of a shelf, asked together as they are now: a `query.Rows`.

    Args:
        shelf: The shelf.
        first: The place of the first of these rows.
    """

    __slots__ = ("_first", "_last", "_shelf", "every")

    def __init__(self, shelf: "Shelf", first: int) -> None:
        self._shelf = shelf
        self._first = first
        self._last = min(first + ROWS, len(shelf.rows))
        self.every = mask_of(b"\1" * (self._last - first))

    @property
    def unread(self) -> Mask:
        """Those that are unread."""
        return mask_of(self._shelf.unread[self._first : self._last])

    def titled(self, needle: str) -> Mask:
        """Those whose title holds this."""
        return self._columns.titled(needle)

    def tagged(self, matches: Callable[[str], bool]) -> Mask:
        """Those with a tag that matches."""
        return self._columns.tagged(matches)

    def shared_by(self, needle: str) -> Mask:
        """Those shared by a member whose name or handle holds this."""
        return self._columns.shared_by(needle)

    def one_by_one(self, test: Predicate, among: Mask) -> Mask:
        """Those among these that pass a test."""
        rows, state_of = self._shelf.rows, self._shelf.states.get
        return self.mask_at(
            place
            for place in self.places(among)
            if test(Subject(head := (row := rows[place]).head, state_of(head.id, UNMARKED), row.group_title, ""))
        )

    def mask_at(self, places: Iterable[int]) -> Mask:
        """The rows at some places of the shelf."""
        flags = bytearray(self._last - self._first)
        for place in places:
            flags[place - self._first] = 1
        return mask_of(flags)

    def places(self, mask: Mask) -> Iterator[int]:
        """The places on the shelf of some rows."""
        return compress(range(self._first, self._last), self.flags(mask)) if mask else iter(())

    def flags(self, mask: Mask) -> bytes:
        """Of each of these rows whether it is in a mask."""
        return mask.to_bytes(self._last - self._first, "little")

    def prepare(self) -> None:
        """Make the columns, so that who asks need not wait for them."""
        _ = self._columns

    @property
    def _columns(self) -> Columns:
        columns = self._shelf.columns.get(self._first)
        if columns is None:
            columns = Columns(row.head for row in self._shelf.rows[self._first : self._last])
            columns = self._shelf.columns.setdefault(self._first, columns)
        return columns


def mask_of(flags: bytes | bytearray) -> Mask:
    """Flags, a byte for each row, as a mask."""
    return int.from_bytes(flags, "little")
