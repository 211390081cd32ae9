"""A list gathered in small steps, so that what is there can be shown before all has been looked through."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from florilege.lists.listing import Listed
from florilege.lists.ranking import Found
from florilege.lists.shelves import Shelf, Shelves
from florilege.lists.sifting import Sifting, Sought
from florilege.model import Group
from florilege.query import Depth


class Finding:
    """What has been found so far. Whoever looks may stop at any time.

    What lists show is looked through first, in all groups: that is there at once. Then come texts and items.

    Args:
        shelves: What is looked through.
        groups: The groups to look in, in the order in which to.
        sought: What is looked for.
        in_order: Puts rows in the order of the list.
        among: Says for a shelf which of its rows to look at; None is all of them.
        keeps: Whether groups that are read for this stay in memory.
    """

    def __init__(
        self,
        shelves: Shelves,
        groups: Sequence[Group],
        sought: Sought,
        in_order: Callable[[Found], list[Listed]],
        *,
        among: Callable[[Shelf], bytearray | None] = lambda _: None,
        keeps: bool = True,
    ) -> None:
        self._shelves = shelves
        self._groups = groups
        self._sought = sought
        self._in_order = in_order
        self._among = among
        self._keeps = keeps
        self._siftings: list[Sifting] = []
        self._steps = self._looked_through()
        self._is_stopped = False
        self.is_done = False
        """Whether all has been looked through."""

    def go_on(self, seconds: float, clock: Callable[[], float], rest: Callable[[], None] = lambda: None) -> bool:
        """Look further for about so long; whether there is no more to be had.

        Less long when something is found in what lists show: that is worth seeing before texts are looked through.

        Args:
            seconds: How long.
            clock: Seconds that only ever grow.
            rest: Called between two steps, each of a few milliseconds at most once a group has been read.

        Raises:
            LibraryError: A group can't be read.
        """
        until = clock() + seconds
        for is_worth_showing in self._steps:
            if self._is_stopped:
                self._steps = iter(())  # or it would refer to itself, and stay until the collector comes
                return True
            if is_worth_showing or clock() >= until:
                return False
            rest()
        self.is_done = True
        return True

    def to_the_end(self) -> "Finding":
        """Look through everything.

        Raises:
            LibraryError: A group can't be read.
        """
        for _ in self._steps:
            pass
        self.is_done = True
        return self

    def stop(self) -> None:
        """Have whoever looks end with the step they are at."""
        self._is_stopped = True

    @property
    def found(self) -> Found:
        """What has been found so far: shelves, and which of their rows."""
        return [(each.shelf, each.found) for each in self._siftings]

    @property
    def rows(self) -> list[Listed]:
        """What has been found so far, in the order of the list."""
        return self._in_order(self.found)

    def holds(self, group_id: str, item_id: str) -> bool:
        """Whether an item of a group is among what has been found so far."""
        for each in self._siftings:
            if each.shelf.group_id == group_id:
                place = each.shelf.place(item_id)
                return place is not None and each.found[place] == 1
        return False

    @property
    def unread(self) -> int:
        """How many of them are unread."""
        return sum(in_both(flags, shelf.unread) for shelf, flags in self.found)

    @property
    def by_shelf(self) -> Mapping[Shelf, bytearray]:
        """What has been found so far, by shelf."""
        return dict(self.found)

    def _looked_through(self) -> Iterator[bool]:
        """Steps, each with whether what was found should be shown now."""
        for group in self._groups:
            kept = self._shelves.kept(group.id)
            read = self._shelves.of if self._keeps else self._shelves.read
            shelf = kept if kept is not None else read(group.id, group.title)
            sifting = Sifting(shelf, self._sought, self._among(shelf))
            self._siftings.append(sifting)
            for _ in sifting.heads():
                yield False
        if self._sought.depth > Depth.HEAD:
            yield any(any(sifting.found) for sifting in self._siftings)
        for sifting in self._siftings:
            for _ in sifting.rest(self._shelves):
                yield False


def in_both(some: bytes | bytearray, others: bytes | bytearray) -> int:
    """How many places have a 1 in both: as numbers, for that takes microseconds where a loop takes milliseconds."""
    return (int.from_bytes(some, "little") & int.from_bytes(others, "little")).bit_count()
