"""A list gathered group by group, so that what is there can be shown before all has been looked through. Pure."""

from collections.abc import Callable, Iterator
from typing import Any

from florilege.model import Head
from florilege.views.catalogue import Listed


class Finding:
    """What has been found so far. Whoever looks may stop at any time.

    Args:
        steps: Gives what each group holds, one after the other.
        key: What the list is sorted by.
    """

    def __init__(self, steps: Iterator[list[Listed]], key: Callable[[Head], Any]) -> None:
        self._steps = steps
        self._key = key
        self._found: list[Listed] = []

    def go_on(self, seconds: float, clock: Callable[[], float]) -> bool:
        """Look further for about so long, in whole groups; whether all has been looked through.

        Args:
            seconds: How long.
            clock: Seconds that only ever grow.

        Raises:
            LibraryError: A group can't be read.
        """
        until = clock() + seconds
        for rows in self._steps:
            self._found += rows
            if clock() >= until:
                return False
        return True

    @property
    def rows(self) -> list[Listed]:
        """What has been found so far, in the order of the list."""
        return sorted(self._found, key=lambda row: self._key(row.head))
