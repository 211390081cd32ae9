"""Saved searches as values: a name, what was written, and the query it means. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from florilege.query import Is, Query, QueryError, Status, none_of, parse


class Named(Protocol):
    """What a file holds of a search."""

    @property
    def name(self) -> str:
        """What the reader calls it."""

    @property
    def text(self) -> str:
        """What it looks for, as written."""


NOTHING = none_of(Is(Status.ANY))
"""What no item answers to."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query under a name."""

    name: str
    text: str
    query: Query
    problem: str = ""
    """Why the text can't be read as a query; then the query is one that nothing answers to."""


@dataclass(frozen=True, slots=True)
class SearchCount:
    """How many items answer to a saved search."""

    items: int
    unread: int


def understood(searches: Iterable[Named]) -> tuple[SavedSearch, ...]:
    """Searches with the queries they mean. One that can't be read stays, so that it can be mended."""
    found = []
    for search in searches:
        try:
            found.append(SavedSearch(search.name, search.text, parse(search.text)))
        except QueryError as error:
            problem = f"The search “{search.name}” can't be read: {error}"
            found.append(SavedSearch(search.name, search.text, NOTHING, problem))
    return tuple(found)
