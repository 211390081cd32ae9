"""What refreshes brought since it was last looked at: new items, and read ones with new highlights. Pure values."""

from collections.abc import Collection, Iterable, Mapping

from florilege.lists.catalogue import Catalogue, Listed
from florilege.lists.orders import Order, sort_key
from florilege.lists.places import Kind, Place
from florilege.query import Query


class Arrivals:
    """Ids of items by group. They add up until they are looked at; what comes after that begins anew."""

    def __init__(self) -> None:
        self._items: dict[str, set[str]] = {}
        self._looked_at = False

    def __len__(self) -> int:
        """How many items came."""
        return sum(map(len, self._items.values()))

    @property
    def ids(self) -> frozenset[str]:
        """Ids of the items that came."""
        return frozenset().union(*self._items.values())

    def note(self, items: Mapping[str, Iterable[str]]) -> None:
        """Take note of the ids of items that reached groups."""
        if self._looked_at:
            self._items, self._looked_at = {}, False
        for group, ids in items.items():
            self._items.setdefault(group, set()).update(ids)

    def looked_at(self) -> None:
        """Take note that the reader has seen the list of them."""
        self._looked_at = True

    def listed(
        self,
        catalogue: Catalogue,
        query: Query | None,
        order: Order,
        *,
        kept: Collection[str] = (),
        shown: Collection[str] = (),
    ) -> list[Listed]:
        """The items that came and are still there, in an order.

        Args:
            catalogue: Where they are looked up.
            query: What they must answer to, besides.
            order: How they are sorted.
            kept: Ids of items that count as having come.
            shown: Ids of items that stay whatever they answer.
        """
        rows = [
            row
            for group, ids in self._items.items()
            for row in catalogue.listed(Place(Kind.GROUP, group), query, shown=shown)
            if row.key in ids or row.key in kept
        ]
        key = sort_key(order, lambda head: not catalogue.state(head.group, head.id).is_read)
        return sorted(rows, key=lambda row: key(row.head))
