"""Where the reader has been: back and forward through the items just visited. Pure."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Visited(msgspec.Struct, Generic[T]):
    """The places visited, in order, and where one is among them."""

    limit: int = 500
    """Places remembered."""
    _places: list[T] = msgspec.field(default_factory=list)
    _here: int = -1

    def visit(self, place: T) -> None:
        """Go to a place. What was ahead is forgotten, as in a browser."""
        if self._here >= 0 and self._places[self._here] == place:
            return
        del self._places[self._here + 1 :]
        self._places.append(place)
        del self._places[: -self.limit]
        self._here = len(self._places) - 1

    def back(self) -> T | None:
        """The place before this one, to go to; None at the beginning."""
        if self._here <= 0:
            return None
        self._here -= 1
        return self._places[self._here]

    def forward(self) -> T | None:
        """The place that one came back from; None at the end."""
        if self._here + 1 >= len(self._places):
            return None
        self._here += 1
        return self._places[self._here]
