"""Puts what was found in several groups in the order of a list: few by sorting, many by ranks worked out once."""

import threading
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any

from florilege.lists.listing import Listed
from florilege.lists.orders import Order
from florilege.lists.shelves import Shelf
from florilege.model import Head

_FEW = 2000
"""Rows that are sorted where no ranks are known; of more, ranks are made and remembered. Sorting so many takes three
milliseconds."""

Found = Sequence[tuple[Shelf, bytearray]]
"""Shelves, and which of their rows were found."""


class Picked(list[Listed]):
    """Rows of a longer list, in its order: what is known of each row of that one need not be worked out anew.

    Args:
        whole: The longer list.
        flags: Says of each of its rows, by 1, that it is among these.
    """

    def __init__(self, whole: Sequence[Listed], flags: bytes | bytearray) -> None:
        super().__init__(compress(whole, flags))
        self.whole = whole
        self.flags = flags


@dataclass(frozen=True, slots=True)
class _Ranks:
    """All rows of some shelves in an order."""

    how: object
    """The order, and what it depends on."""
    rows: list[Listed]
    of: dict[Shelf, "array[int]"]
    """The place of each row of a shelf among the rows."""


class Ranking:
    """Sorts rows, and remembers how the rows of the same shelves were sorted before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: _Ranks | None = None
        self._last: tuple[_Ranks, list[tuple[Shelf, bytes]], Picked] | None = None

    def rows(self, found: Found, order: Order, key: Callable[[Head], Any], states: int) -> list[Listed]:
        """What was found, in an order.

        Args:
            found: What was found.
            order: How to sort it.
            key: What to sort by.
            states: A number that is another one whenever states may have changed.
        """
        if order in {Order.NEWEST, Order.DAY} and len(found) == 1:
            ((shelf, flags),) = found
            return Picked(shelf.rows, bytes(flags))  # shelves are in this order
        how = order, states if order is Order.OLDEST_UNREAD else 0
        is_few = sum(flags.count(1) for _, flags in found) <= _FEW
        ranks = self._ranks(how, [shelf for shelf, _ in found], None if is_few else key)
        if ranks is None:
            rows = chain.from_iterable(compress(shelf.rows, flags) for shelf, flags in found)
            return sorted(rows, key=lambda row: key(row.head))
        same = [(shelf, bytes(flags)) for shelf, flags in found]
        last = self._last
        if last is not None and last[0] is ranks and last[1] == same:
            return last[2]  # another letter, but no other rows: whoever knows this very list knows how it lies
        picked = bytearray(len(ranks.rows))
        for shelf, flags in found:
            for rank in compress(ranks.of[shelf], flags):
                picked[rank] = 1
        of_ranks = Picked(ranks.rows, picked)
        self._last = ranks, same, of_ranks
        return of_ranks

    def _ranks(self, how: object, shelves: Sequence[Shelf], key: Callable[[Head], Any] | None) -> _Ranks | None:
        """The ranks of the rows of these shelves and maybe others; those not known are made if there is a key."""
        known = self._known
        if known is not None and known.how == how and known.of.keys() >= set(shelves):
            return known
        if key is None:
            return None
        with self._lock:
            rows = [row for shelf in shelves for row in shelf.rows]
            keys = [key(row.head) for row in rows]
            order = sorted(range(len(keys)), key=keys.__getitem__)
            ranks = array("I", bytes(4 * len(keys)))
            for rank, place in enumerate(order):
                ranks[place] = rank
            split: dict[Shelf, array[int]] = {}
            first = 0
            for shelf in shelves:
                split[shelf] = ranks[first : first + len(shelf.rows)]
                first += len(shelf.rows)
            self._known = _Ranks(how, [rows[place] for place in order], split)
        return self._known
