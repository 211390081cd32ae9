"""What refreshes brought since it was last looked at: new items, and read ones with new highlights. Pure values."""

from collections.abc import Collection, Iterable, Mapping


class Arrivals:
    """Ids of items by group. They add up until they are looked at; what comes after that begins anew."""

    def __init__(self) -> None:
        self._items: dict[str, set[str]] = {}
        self._looked_at = False

    def __len__(self) -> int:
        """How many items came."""
        return sum(map(len, self._items.values()))

    def note(self, items: Mapping[str, Iterable[str]]) -> None:
        """Take note of the ids of items that reached groups."""
        if self._looked_at:
            self._items, self._looked_at = {}, False
        for group, ids in items.items():
            self._items.setdefault(group, set()).update(ids)

    def looked_at(self) -> None:
        """Take note that the reader has seen the list of them."""
        self._looked_at = True

    def among(self, kept: Collection[str] = ()) -> dict[str, frozenset[str]]:
        """Ids of the items that came, by group, with those that count as having come."""
        return {group: frozenset(ids).union(kept) for group, ids in self._items.items()}
