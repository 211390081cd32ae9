"""How many items answer to each saved search, group by group: what has not changed since is not counted again.

Groups that nobody has opened are looked through and let go of; where neither the group nor the questions have changed,
they are not even read.
"""

from collections.abc import Callable, Mapping, Sequence

from florilege.lists.catalogue import Catalogue
from florilege.lists.searches import SearchCount
from florilege.model import Group
from florilege.query import Query

_NONE = SearchCount(0, 0)


class Tallies:
    """Counts, remembered by group and question.

    Args:
        catalogue: What is looked through.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._known: dict[tuple[str, Query], tuple[object, SearchCount]] = {}

    def count(self, queries: Sequence[Query], rest: Callable[[], None] = lambda: None) -> list[SearchCount]:
        """How many items of the whole library answer to each query. Reads; may run in any thread, one at a time.

        Args:
            queries: The questions.
            rest: Called between two steps of a few milliseconds.

        Raises:
            LibraryError: A group can't be read.
        """
        totals = dict.fromkeys(queries, _NONE)
        known: dict[tuple[str, Query], tuple[object, SearchCount]] = {}
        for group in self._catalogue.groups():
            for query, (state, count) in self._in_group(group, queries, rest).items():
                known[group.id, query] = state, count
                before = totals[query]
                totals[query] = SearchCount(before.items + count.items, before.unread + count.unread)
        self._known = known  # what nobody asks any more is forgotten
        return [totals[query] for query in queries]

    def _in_group(
        self, group: Group, queries: Sequence[Query], rest: Callable[[], None]
    ) -> Mapping[Query, tuple[object, SearchCount]]:
        state = self._catalogue.state_of(group)
        counts: dict[Query, tuple[object, SearchCount]] = {}
        open_ones = []
        for query in dict.fromkeys(queries):
            known = self._known.get((group.id, query))
            if known is not None and known[0] == state and not _moves_on(query):
                counts[query] = known
            elif not self._catalogue.may_answer(group, query):
                counts[query] = state, _NONE
            else:
                open_ones.append(query)
        for query, (items, unread) in zip(open_ones, self._catalogue.counted(group, open_ones, rest), strict=True):
            counts[query] = state, SearchCount(items, unread)
        return counts


def _moves_on(query: Query) -> bool:
    """Whether what answers may change by itself, as time goes by. Now and then wrongly yes, never wrongly no."""
    asked = str(query)
    return "before:" in asked or "after:" in asked
