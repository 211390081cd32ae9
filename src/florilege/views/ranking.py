"""Puts what was found in several groups in the order of a list: few by sorting, many by ranks worked out once."""

import threading
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, compress
from typing import Any

from florilege.model import Head
from florilege.views.listing import Listed
from florilege.views.orders import Order
from florilege.views.shelves import Shelf

_FEW = 2000
"""Rows that are sorted each time; ranks of more are remembered. Sorting so many takes three milliseconds."""

Found = Sequence[tuple[Shelf, bytearray]]
"""Shelves, and which of their rows were found."""


class Ranking:
    """Sorts rows, and remembers how the rows of the same shelves were sorted before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[object, dict[Shelf, array[int]]] | None = None
        self._last: tuple[object, list[Listed]] | None = None

    def rows(self, found: Found, order: Order, key: Callable[[Head], Any], states: int) -> list[Listed]:
        """What was found, in an order.

        Args:
            found: What was found.
            order: How to sort it.
            key: What to sort by.
            states: A number that is another one whenever states may have changed.
        """
        rows = list(chain.from_iterable(compress(shelf.rows, flags) for shelf, flags in found))
        if order in {Order.NEWEST, Order.DAY} and len(found) == 1:
            return rows  # shelves are in this order
        if len(rows) <= _FEW:
            return sorted(rows, key=lambda row: key(row.head))
        shelves = [shelf for shelf, _ in found]
        how = order, states if order is Order.OLDEST_UNREAD else 0
        same = how, [(shelf, bytes(flags)) for shelf, flags in found]
        last = self._last
        if last is not None and last[0] == same:
            return last[1]  # another letter, but no other rows: whoever knows this very list knows how it lies
        ranks = self._ranks(shelves, how, key)
        places: list[Listed | None] = [None] * sum(len(shelf.rows) for shelf in ranks)
        for shelf, flags in found:
            for rank, row in zip(compress(ranks[shelf], flags), compress(shelf.rows, flags), strict=True):
                places[rank] = row
        rows = [row for row in places if row is not None]
        self._last = same, rows
        return rows

    def _ranks(
        self, shelves: Iterable[Shelf], how: tuple[Order, int], key: Callable[[Head], Any]
    ) -> dict[Shelf, "array[int]"]:
        """The place of each row of these shelves among all of them."""
        wanted = list(shelves)
        known = self._known
        if known is not None and known[0] == how and known[1].keys() >= set(wanted):
            return known[1]
        with self._lock:
            keys = [key(row.head) for shelf in wanted for row in shelf.rows]
            ranks = array("I", bytes(4 * len(keys)))
            for rank, place in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
                ranks[place] = rank
            split: dict[Shelf, array[int]] = {}
            first = 0
            for shelf in wanted:
                split[shelf] = ranks[first : first + len(shelf.rows)]
                first += len(shelf.rows)
            self._known = how, split
        return split
