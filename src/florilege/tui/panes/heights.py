"""How high the rows of a list are, worked out where it holds up no key, and remembered while the list is of use.

Pure: lists in, numbers out.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")

_LISTS = 4
"""Lists remembered: the one shown, those that were just left, and the one that is being made."""


class Measures:
    """Remembers, for the last few lists, the line on which each row begins."""

    def __init__(self) -> None:
        self._known: list[tuple[Sequence[object], object, array[int]]] = []

    def tops(self, rows: Sequence[T], how: object, heights: Callable[[Sequence[T]], Iterable[int]]) -> Sequence[int]:
        """The line on which each row begins, and how many there are at the end.

        Args:
            rows: The list: this very one and no copy, never changed afterwards.
            how: What heights depend on besides.
            heights: Gives the lines of each of some rows; asked only when they are not known.
        """
        for known, its_how, tops in self._known:
            if known is rows and its_how == how and len(tops) == len(rows) + 1:
                return tops
        tops = array("L", accumulate(heights(rows), initial=0))
        self._known = [(rows, how, tops), *self._known[: _LISTS - 1]]
        return tops
