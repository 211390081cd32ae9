"""Looking through one group for what answers to a query, in small steps: heads first, then texts, whole items last.

The query decides at every depth: what surely answers is found at once, what possibly does is looked at more deeply.
"""

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from datetime import datetime
from itertools import compress

from florilege.model import ReadingState
from florilege.query import Depth, Predicate, Query, Question, Subject, bounds, depth_of
from florilege.views.membership import Belongs
from florilege.views.shelves import Shelf, Shelves

_HEADS = 2000
"""Heads looked through in one step: about a millisecond."""
_ITEMS = 32
"""Items read in one step."""

_UNREAD = ReadingState(item="")
"""The state of every item of which nothing was marked."""

Places = Sequence[int]


class Sought:
    """What is looked for.

    Args:
        query: What items must answer to.
        now: What spans such as `7d` count from.
        belongs: Whether an item belongs to the place; None when all do.
        keep: Ids of items that count as belonging to it.
        shown: Ids of items that answer to whatever is asked.
    """

    def __init__(
        self,
        query: Query,
        now: datetime,
        *,
        belongs: Belongs | None = None,
        keep: Collection[str] = (),
        shown: Collection[str] = (),
    ) -> None:
        self.depth = depth_of(query)
        self.answers: Predicate = query.predicate(now=now)
        self._bounds = {depth: bounds(query, depth, now=now) for depth in Depth if depth <= self.depth}
        self._belongs = belongs
        self._keep = keep
        self._shown = shown

    def surely(self, depth: Depth) -> Question:
        """What to ask for a sure yes."""
        return self._bounds[depth].surely

    def possibly(self, depth: Depth) -> Question:
        """What to ask for a sure no."""
        return self._bounds[depth].possibly

    def belonging(self, shelf: Shelf, places: Places) -> Places:
        """Those that belong to the place."""
        belongs, keep = self._belongs, self._keep
        if belongs is None:
            return places
        rows, states = shelf.rows, shelf.states
        return [
            place
            for place in places
            if belongs(head := rows[place].head, states.get(head.id)) or (keep and head.id in keep)
        ]

    def shown(self, shelf: Shelf, places: Places) -> Places:
        """Those that answer to whatever is asked."""
        return [place for place in places if shelf.rows[place].head.id in self._shown] if self._shown else ()


class Sifting:
    """One group, looked through.

    Args:
        shelf: What has been read of the group.
        sought: What is looked for.
        among: Says of each row, by another number than 0, that it is to be looked at; None is all of them.
    """

    def __init__(self, shelf: Shelf, sought: Sought, among: bytearray | None = None) -> None:
        self.shelf = shelf
        self.found = bytearray(len(shelf.rows))
        """Says of each row, by 1, that it was found."""
        self._sought = sought
        self._open = bytearray(b"\1") * len(shelf.rows) if among is None else bytearray(among)
        """The same of rows that may still be found."""

    def heads(self) -> Iterator[None]:
        """Look through what a list shows, step by step."""
        shelf, sought = self.shelf, self._sought
        surely, possibly = sought.surely(Depth.HEAD), sought.possibly(Depth.HEAD)
        needs_text = sought.depth > Depth.HEAD or bool(possibly.needles)
        while needs_text and not shelf.outline_more():
            yield
        text_of = shelf.outlines.__getitem__ if needs_text else _no_text
        for first in range(0, len(shelf.rows), _HEADS):
            last = min(first + _HEADS, len(shelf.rows))
            places: Places = list(compress(range(first, last), self._open[first:last]))
            shown = sought.shown(shelf, places)
            left = self._passing(places, possibly, text_of)
            if left is not places:
                self._open[first:last] = bytes(last - first)
                for place in left:
                    self._open[place] = 1
            self._find(shown)
            self._find(left if sought.depth is Depth.HEAD else self._passing(left, surely, text_of))
            yield

    def rest(self, shelves: Shelves) -> Iterator[None]:
        """Look through texts, and items where need be, step by step.

        Raises:
            LibraryError: The group can't be read.
        """
        if self._sought.depth is Depth.HEAD or not any(self._open):
            return
        undecided: list[int] = []
        try:
            yield from self._texts(shelves, undecided)
        except OSError:  # somebody has removed the files of texts: what they would have said is asked of the items
            undecided = list(compress(range(len(self._open)), self._open))
        for first in range(0, len(undecided), _ITEMS):
            self._ask_items(shelves, undecided[first : first + _ITEMS])
            yield

    def _texts(self, shelves: Shelves, undecided: list[int]) -> Generator[None, None, None]:
        """Look through texts; rows of which even they say nothing sure are added to the undecided ones."""
        reader = yield from shelves.reader(self.shelf)
        sought = self._sought
        surely, possibly = sought.surely(Depth.TEXT), sought.possibly(Depth.TEXT)
        for batch in reader.texts(self._open, possibly.needles):
            texts = dict(batch)
            left = self._passing(list(texts), possibly, texts.__getitem__)
            self._find(left if sought.depth is Depth.TEXT else self._passing(left, surely, texts.__getitem__))
            undecided += [place for place in left if self._open[place]]
            yield
        undecided += [place for place in reader.unknown if self._open[place]]

    def _ask_items(self, shelves: Shelves, places: Places) -> None:
        shelf = self.shelf
        wanted = {shelf.rows[place].head.id: place for place in self._sought.belonging(shelf, places)}
        items = {wanted[item.id]: item for item in shelves.several(shelf.group_id, list(wanted))}
        answers = self._sought.answers
        title, state_of = shelf.rows[0].group_title, shelf.states.get
        asked = ((place, Subject(item, state_of(item.id, _UNREAD), title)) for place, item in items.items())
        self._find([place for place, subject in asked if answers(subject)])

    def _passing(self, places: Places, question: Question, text_of: Callable[[int], str]) -> Places:
        """The rows for which the answer is yes; the same object when that goes without saying."""
        for needle in question.needles:
            places = [place for place in places if needle in text_of(place)]
        asked = question.asked
        if asked is None:
            return places
        rows, state_of = self.shelf.rows, self.shelf.states.get
        return [  # no call that can be spared: there may be 100,000 of them
            place
            for place in places
            if asked(
                Subject(head := (row := rows[place]).head, state_of(head.id, _UNREAD), row.group_title, text_of(place))
            )
        ]

    def _find(self, places: Places) -> None:
        """Note that these answer; found are those of them that belong to the place."""
        for place in places:
            self._open[place] = 0
        for place in self._sought.belonging(self.shelf, places):
            self.found[place] = 1


def _no_text(_: int) -> str:
    return ""
