"""Which texts there are of one group, of which records, and where each lies. Reads no file but through its parts."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from florilege.store.search_text.parts import Part

Stamp = tuple[int, ...]
"""What tells the log of a group from the log it was, or will be."""

_READ = 1 << 19
"""Bytes read and looked through in one step: a fraction of a millisecond."""


@dataclass(slots=True)
class Table:
    """The texts of one group, by the record each was made of."""

    stamp: Stamp | None = None
    """The log whose records these are; None when there was none."""
    parts: list[Part] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    """The ids of items. The other lists say of each, in the same order:"""
    digests: "array[int]" = field(default_factory=lambda: array("Q"))
    """Which record the text is of."""
    part: "array[int]" = field(default_factory=lambda: array("B"))
    """In which part it lies."""
    start: "array[int]" = field(default_factory=lambda: array("Q"))
    """Where it begins, in bytes."""
    length: "array[int]" = field(default_factory=lambda: array("I"))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def is_there(self) -> bool:
        """Whether every part can be read."""
        return all(part.is_there for part in self.parts)

    @property
    def live(self) -> int:
        """Bytes of texts that are still of some record."""
        return sum(self.length)

    def add(self, item: str, digest: int, part: int, start: int, length: int) -> None:
        """Add a text."""
        self.ids.append(item)
        self.digests.append(digest)
        self.part.append(part)
        self.start.append(start)
        self.length.append(length)

    def read(self, row: int) -> bytes:
        """A text, encoded.

        Raises:
            OSError: It can't be read.
        """
        return self.parts[self.part[row]].read(self.start[row], self.length[row])


class Reader:
    """The texts of a list of items, to be looked through in the order in which they lie.

    Args:
        table: The texts of their group.
        ids: The ids of the items. A text is told by its place among them.
    """

    def __init__(self, table: Table, ids: Sequence[str]) -> None:
        rows = {item: row for row, item in enumerate(table.ids)}
        known = [(row, place) for place, item in enumerate(ids) if (row := rows.get(item)) is not None]
        known.sort(key=lambda each: (table.part[each[0]], table.start[each[0]]))
        self._parts = table.parts
        self._places = array("I", (place for _, place in known))
        self._starts = array("Q", (table.start[row] for row, _ in known))
        self._ends = array("Q", (table.start[row] + table.length[row] for row, _ in known))
        self._steps = list(self._stepped([table.part[row] for row, _ in known]))
        self.unknown = [place for place, item in enumerate(ids) if item not in rows]
        """Places of items of which there is no text."""

    def _stepped(self, parts: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """What is read at once: part, first and last (exclusive) of the texts."""
        first = 0
        for place in range(1, len(parts) + 1):
            if place == len(parts) or parts[place] != parts[first] or self._ends[place] - self._starts[first] > _READ:
                yield parts[first], first, place
                first = place

    def texts(self, wanted: Sequence[int], needles: Iterable[str] = ()) -> Iterator[list[tuple[int, str]]]:
        """The texts wanted, some at a time, each with its place; at least of those that hold all needles.

        Args:
            wanted: Says of each place, by another number than 0, that it is wanted.
            needles: What is looked for. Other texts may be left out.

        Raises:
            OSError: They can't be read.
        """
        sought = [needle.encode("utf-8", "surrogatepass") for needle in needles]
        for part, first, last in self._steps:
            places, starts, ends = (each[first:last] for each in (self._places, self._starts, self._ends))
            if not any(map(wanted.__getitem__, places)):
                continue
            begin = starts[0]
            data = self._parts[part].read(begin, ends[-1] - begin)
            if len(data) < ends[-1] - begin:
                raise OSError("a file of texts has become shorter")
            if all(needle in data for needle in sought):
                yield [
                    (place, data[start - begin : end - begin].decode("utf-8", "surrogatepass"))
                    for place, start, end in zip(places, starts, ends, strict=True)
                    if wanted[place]
                ]
            else:
                yield []
