"""Saved searches: a name, what was written, the query it means, and how many items answer to it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from florilege.lists.catalogue import Catalogue
from florilege.query.nodes import Everything, Query, none_of


class Named(Protocol):
    """What a file holds of a search."""

    @property
    def name(self) -> str:
        """What the reader calls it."""

    @property
    def text(self) -> str:
        """What it looks for, as written."""


NOTHING = none_of(Everything())
"""What no item answers to."""


class SavedSearch(msgspec.Struct, frozen=True):
    """A query under a name."""

    name: str
    text: str
    query: Query
    problem: str = ""
    """Why the text can't be read as a query; then the query is one that nothing answers to."""


class SearchCount(msgspec.Struct, frozen=True):
    """How many items answer to a saved search."""

    items: int
    unread: int


def understood(searches: Iterable[Named]) -> tuple[SavedSearch, ...]:
    """Searches with the queries they mean. One that can't be read stays, so that it can be mended."""
    return tuple(map(_understood, searches))


def _understood(search: Named) -> SavedSearch:
    from florilege.query.language import QueryError, parse

    try:
        return SavedSearch(search.name, search.text, parse(search.text))
    except QueryError as error:
        problem = f"The search “{search.name}” can't be read: {error}"
        return SavedSearch(search.name, search.text, NOTHING, problem)


class SearchCounter:
    """Counts what answers to saved searches, group by group: what has not changed since is not counted again.

    Groups that nobody has opened are looked through and let go of; where neither the group nor the searches have
    changed, they are not even read.

    Args:
        catalogue: What is looked through.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._known: dict[tuple[str, Query], tuple[object, SearchCount]] = {}

    def count(self, queries: Sequence[Query], pause: Callable[[], None] = lambda: None) -> list[SearchCount]:
        """How many items of the whole library answer to each query. Reads; may run in any thread, one at a time.

        A group that can't be read counts nothing.

        Args:
            queries: The questions.
            pause: Called between two steps of a few milliseconds.
        """
        totals = dict.fromkeys(queries, SearchCount(0, 0))
        known: dict[tuple[str, Query], tuple[object, SearchCount]] = {}
        for group in self._catalogue.groups():
            version = self._catalogue.version(group)
            uncounted = []
            for query in totals:
                before = self._known.get((group.id, query))
                if before is not None and before[0] == version and not _is_dated(query):
                    known[group.id, query] = before
                else:
                    uncounted.append(query)
            for query, (items, unread) in self._catalogue.counted(group, uncounted, pause).items():
                known[group.id, query] = version, SearchCount(items, unread)
            for query, total in totals.items():
                _, count = known[group.id, query]
                totals[query] = SearchCount(total.items + count.items, total.unread + count.unread)
        self._known = known  # what nobody asks any more is forgotten
        return [totals[query] for query in queries]


def _is_dated(query: Query) -> bool:
    """Whether what answers may change by itself, as time goes by. Now and then wrongly yes, never wrongly no."""
    asked = str(query)
    return any(field in asked for field in ("before:", "after:", "day:"))
