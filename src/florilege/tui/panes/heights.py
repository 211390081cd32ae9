"""How high the rows of a list are, worked out where it holds up no key, and remembered while the list is of use.

Pure: lists in, numbers out.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, compress
from typing import Any, TypeVar

from florilege.lists.ranking import Picked

T = TypeVar("T")

_LISTS = 4
"""Lists remembered: the one shown, those that were just left, and the one that is being made."""

_MANY = 10
"""One in so many rows has to be picked out of a list for all of that list to be measured."""


class Measures:
    """Remembers, for the last few lists, the line on which each row begins."""

    def __init__(self) -> None:
        self._known: list[tuple[Sequence[object], object, array[int]]] = []
        self._whole: tuple[Sequence[object], object, array[int]] | None = None
        """The lines of each row of the list of which others are parts."""

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
        lines = heights(rows) if not isinstance(rows, Picked) else self._picked(rows, how, heights)
        tops = array("L", accumulate(lines, initial=0))
        self._known = [(rows, how, tops), *self._known[: _LISTS - 1]]
        return tops

    def _picked(self, rows: Picked, how: object, heights: Callable[[Any], Iterable[int]]) -> Iterable[int]:
        known = self._whole
        if known is None or known[0] is not rows.whole or known[1] != how or len(known[2]) != len(rows.whole):
            if len(rows) * _MANY < len(rows.whole):
                return heights(rows)
            known = self._whole = rows.whole, how, array("H", heights(rows.whole))
        return compress(known[2], rows.flags)
