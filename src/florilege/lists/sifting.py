"""Looking through one group for what answers to a query, in small steps: heads first, then texts, whole items last.

The query decides at every depth: what surely answers is found at once, what possibly does is looked at more deeply.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import compress

from florilege.lists.columns import ROWS, UNMARKED, Stretch, mask_of
from florilege.lists.membership import Belongs
from florilege.lists.shelves import Shelf, Shelves
from florilege.query import Depth, Mask, Predicate, Query, Question, Subject, Together, between, bounds, depth_of

_ITEMS = 32
"""Items read in one step."""

Places = Sequence[int]


class Sought:
    """What is looked for.

    Args:
        query: What items must answer to.
        now: What spans such as `7d` count from.
        belongs: Whether an item belongs to the place; None when all do.
        belongs_together: The same of rows, where it can be told without asking each.
        keep: Ids of items that count as belonging to it.
        shown: Ids of items that answer to whatever is asked.
    """

    def __init__(
        self,
        query: Query,
        now: datetime,
        *,
        belongs: Belongs | None = None,
        belongs_together: Together | None = None,
        keep: Collection[str] = (),
        shown: Collection[str] = (),
    ) -> None:
        self.depth = depth_of(query)
        self.answers: Predicate = query.predicate(now=now)
        self.between = between(query, now=now)
        """Which heads surely answer, and which possibly do."""
        self.of_texts = bounds(query, now=now)
        """What to ask of texts."""
        self._belongs = belongs
        self._belongs_together = belongs_together
        self._keep = keep
        self._shown = shown

    def belonging(self, shelf: Shelf, rows: Stretch, mask: Mask) -> Mask:
        """Those of some rows that belong to the place."""
        if self._belongs is None:
            return mask
        if self._belongs_together is None:
            return rows.mask_at(self.belonging_at(shelf, rows.places(mask)))
        here = self._belongs_together(rows) & mask
        if not self._keep:
            return here
        return here | rows.mask_at(place for place in rows.places(mask ^ here) if shelf.rows[place].key in self._keep)

    def belonging_at(self, shelf: Shelf, places: Iterable[int]) -> Iterable[int]:
        """Those of some places at which there is what belongs to the place."""
        belongs, keep = self._belongs, self._keep
        if belongs is None:
            return places
        rows, states = shelf.rows, shelf.states
        return [
            place
            for place in places
            if belongs(head := rows[place].head, states.get(head.id)) or (keep and head.id in keep)
        ]

    def shown(self, shelf: Shelf, rows: Stretch, mask: Mask) -> Mask:
        """Those of some rows that answer to whatever is asked."""
        return (
            rows.mask_at(each for each in rows.places(mask) if shelf.rows[each].key in self._shown)
            if self._shown
            else 0
        )


class Sifting:
    """One group, looked through.

    Args:
        shelf: What has been read of the group.
        sought: What is looked for.
        among: Says of each row, by 1, that it is to be looked at; None is all of them.
    """

    def __init__(self, shelf: Shelf, sought: Sought, among: bytearray | None = None) -> None:
        self.shelf = shelf
        self.found = bytearray(len(shelf.rows))
        """Says of each row, by 1, that it was found."""
        self._sought = sought
        self._open = bytearray(b"\1") * len(shelf.rows) if among is None else bytearray(among)
        """Says of each row, by 1, that it may still be found."""

    def heads(self) -> Iterator[None]:
        """Look through what a list shows, step by step."""
        for first in range(0, len(self.shelf.rows), ROWS):
            rows = Stretch(self.shelf, first)
            among = mask_of(self._open[first : first + ROWS])
            surely, possibly = self._sought.between(rows, among)
            if self._sought.depth is Depth.HEAD:
                possibly = 0  # these are exactly those that surely do
            surely |= self._sought.shown(self.shelf, rows, among)
            self._open[first : first + ROWS] = rows.flags(possibly & ~surely)
            self.found[first : first + ROWS] = rows.flags(self._sought.belonging(self.shelf, rows, surely))
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
        surely, possibly = sought.of_texts.surely, sought.of_texts.possibly
        for batch in reader.texts(self._open, possibly.needles):
            texts = dict(batch)
            left = self._passing(list(texts), possibly, texts.__getitem__)
            self._find(left if sought.depth is Depth.TEXT else self._passing(left, surely, texts.__getitem__))
            undecided += [place for place in left if self._open[place]]
            yield
        undecided += [place for place in reader.unknown if self._open[place]]

    def _ask_items(self, shelves: Shelves, places: Places) -> None:
        shelf = self.shelf
        wanted = {shelf.rows[place].head.id: place for place in self._sought.belonging_at(shelf, places)}
        items = {wanted[item.id]: item for item in shelves.several(shelf.group_id, list(wanted))}
        answers = self._sought.answers
        title, state_of = shelf.rows[0].group_title, shelf.states.get
        asked = ((place, Subject(item, state_of(item.id, UNMARKED), title)) for place, item in items.items())
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
                Subject(head := (row := rows[place]).head, state_of(head.id, UNMARKED), row.group_title, text_of(place))
            )
        ]

    def _find(self, places: Places) -> None:
        """Note that these answer; found are those of them that belong to the place."""
        for place in places:
            self._open[place] = 0
        for place in self._sought.belonging_at(self.shelf, places):
            self.found[place] = 1
