"""Lists that were found before, remembered for as long as nothing has changed: typing back shows them at once.

What is typed on at the end of a word asks for less: then only what was found for less of it is looked at.
"""

from collections.abc import Collection, Mapping

from florilege.lists.catalogue import Catalogue
from florilege.lists.finding import Finding
from florilege.lists.orders import Order
from florilege.lists.places import Place
from florilege.lists.shelves import Shelf
from florilege.query import Query, narrows

_REMEMBERED = 12
"""Lists remembered."""


class Findings:
    """Begins to find, with what was found before."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._circumstances: tuple[object, ...] = ()
        self._done: dict[Query, Finding] = {}
        self._asked: tuple[Finding | None, Query | None] = (None, None)

    def begin(
        self,
        place: Place,
        query: Query,
        *,
        order: Order,
        keep: Collection[str] = (),
        among: Collection[str] | None = None,
    ) -> Finding:
        """A list, to be gathered in small steps, or known already. Reads nothing yet.

        Args:
            place: Which place.
            query: What items must answer to.
            order: How they are sorted.
            keep: Ids of items that count as belonging to the place.
            among: Ids of the only items to look at; None is all.
        """
        circumstances = (place, order, self._catalogue.marks, len(keep), None if among is None else len(among))
        if self._circumstances != circumstances:
            self._circumstances, self._done = circumstances, {}
        self._done = {asked: each for asked, each in self._done.items() if self._catalogue.is_current(each)}
        finding = self._done.get(query)
        if finding is None:
            wider = [each for asked, each in self._done.items() if narrows(query, asked)]
            before = wider[-1].by_shelf if wider else {}
            finding = self._catalogue.finding(
                place, query, keep=keep, order=order, among=lambda shelf: _flags(shelf, before, among)
            )
        self._asked = finding, query
        return finding

    def remember(self, finding: Finding) -> None:
        """Remember a list that has been found, if it is the one that was asked for last."""
        asked, query = self._asked
        if asked is finding and query is not None and finding.is_done:
            self._done.pop(query, None)
            self._done[query] = finding
            while len(self._done) > _REMEMBERED:
                del self._done[next(iter(self._done))]


def _flags(shelf: Shelf, before: Mapping[Shelf, bytearray], among: Collection[str] | None) -> bytearray | None:
    """Which rows of a shelf to look at; None for all."""
    if shelf in before or among is None:
        return before.get(shelf)
    return bytearray(row.key in among for row in shelf.rows)
