"""Places that can be selected in the groups pane, including saved searches; recent arrivals; navigation history.

Pure values.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from florilege.query.nodes import Everything, Field, Query, all_of, none_of

if TYPE_CHECKING:
    from florilege.settings.searches import Search

T = TypeVar("T")


class PlaceKind(StrEnum):
    """The kind of a place."""

    UNREAD = "unread"
    NEW = "new"
    STARRED = "starred"
    EVERYTHING = "everything"
    GROUP = "group"
    TAG = "tag"
    ARRIVED = "arrived"
    """Items added by recent refreshes; forgotten when the app is closed."""
    TODAY = "today"
    """Items highlighted or shared on this day in earlier years."""
    SEARCH = "search"
    """A saved search, identified by its name."""


SMART = (PlaceKind.UNREAD, PlaceKind.NEW, PlaceKind.STARRED, PlaceKind.EVERYTHING)
"""The built-in places that gather items across groups, in screen order."""

_STATES = {PlaceKind.UNREAD, PlaceKind.NEW, PlaceKind.STARRED}

TITLES = {
    PlaceKind.UNREAD: "Unread",
    PlaceKind.NEW: "New highlights",
    PlaceKind.STARRED: "Starred",
    PlaceKind.EVERYTHING: "Everything",
    PlaceKind.ARRIVED: "Just arrived",
    PlaceKind.TODAY: "On this day",
    PlaceKind.SEARCH: "Saved search",
}


class Place(msgspec.Struct, frozen=True):
    """An entry in the groups pane."""

    kind: PlaceKind
    group: str | None = None
    """The id of the group, for a group and its tags."""
    tag: str | None = None
    """The tag as displayed, for a tag within a group."""

    search: str | None = None
    """The name of a saved search."""

    @property
    def key(self) -> str:
        """A string that identifies the place, also across restarts."""
        return ":".join(part for part in (self.kind.value, self.group, self.tag, self.search) if part)

    @property
    def is_smart(self) -> bool:
        """Whether it gathers items across groups."""
        return self.kind in SMART or self.kind in {PlaceKind.SEARCH, PlaceKind.ARRIVED, PlaceKind.TODAY}

    @property
    def title(self) -> str:
        """The title of a place that gathers items across groups; empty for others."""
        return self.search or TITLES.get(self.kind, "")

    @property
    def query(self) -> Query:
        """The query for its items, within its group. Saved searches have their queries elsewhere."""
        if self.kind is PlaceKind.TAG:
            return Field("tag", self.tag or "")
        if self.kind is PlaceKind.TODAY:
            return Field("day", "today")
        return Field("is", self.kind.value) if self.kind in _STATES else Everything()

    @property
    def outer(self) -> "Place":
        """The enclosing place: the group of a tag, else the place itself."""
        return Place(PlaceKind.GROUP, self.group) if self.kind is PlaceKind.TAG else self


def place_of(key: str) -> Place | None:
    """The place with this key, or None if the key is invalid."""
    kind, _, rest = key.partition(":")
    if kind not in {each.value for each in PlaceKind}:
        return None
    if kind == PlaceKind.SEARCH:
        return Place(PlaceKind.SEARCH, search=rest) if rest else None
    group, _, tag = rest.partition(":")
    place = Place(PlaceKind(kind), group or None, tag or None)
    complete = (
        not rest if place.kind in {*SMART, PlaceKind.TODAY} else group and bool(tag) == (place.kind is PlaceKind.TAG)
    )
    return place if complete else None


def library_query(place: Place, query: Query, group_title: str = "") -> Query:
    """The query that finds in the whole library what a filter finds in a place.

    Args:
        place: The place.
        query: The filter in the place.
        group_title: The title of the place's group.
    """
    group = Field("group", group_title) if place.group is not None else Everything()
    return all_of([group, place.query, query])


NOTHING = none_of(Everything())
"""The query that matches no item."""


class SavedSearch(msgspec.Struct, frozen=True):
    """A named query."""

    name: str
    text: str
    query: Query
    problem: str = ""
    """Why the text cannot be parsed; the query is then `NOTHING`."""


def parse_searches(searches: "Iterable[Search]") -> tuple[SavedSearch, ...]:
    """Parse saved searches. Invalid ones are kept, so that they can be corrected."""
    return tuple(map(_parse_search, searches))


def _parse_search(search: "Search") -> SavedSearch:
    from florilege.query.language import QueryError, parse

    try:
        return SavedSearch(search.name, search.text, parse(search.text))
    except QueryError as error:
        problem = f"The search “{search.name}” can't be read: {error}"
        return SavedSearch(search.name, search.text, NOTHING, problem)


class Arrivals:
    """Ids of newly arrived items, by group. They accumulate until viewed; the next arrivals then start afresh."""

    def __init__(self) -> None:
        self._items: dict[str, set[str]] = {}
        self._looked_at = False

    def __len__(self) -> int:
        """The number of items."""
        return sum(map(len, self._items.values()))

    def note(self, items: Mapping[str, Iterable[str]]) -> None:
        """Record the ids of items added to groups."""
        if self._looked_at:
            self._items, self._looked_at = {}, False
        for group, ids in items.items():
            self._items.setdefault(group, set()).update(ids)

    def viewed(self) -> None:
        """Record that the user has viewed the list."""
        self._looked_at = True

    def among(self, kept: Collection[str] = ()) -> dict[str, frozenset[str]]:
        """Ids of the items that arrived, by group, with the ids in `kept` added to each."""
        return {group: frozenset(ids).union(kept) for group, ids in self._items.items()}


class Visited(Generic[T]):
    """The navigation history, with the current position in it.

    Args:
        limit: The maximum number of places remembered.
    """

    def __init__(self, limit: int = 500) -> None:
        self._behind: deque[T] = deque(maxlen=limit)  # the last one is the current place
        self._ahead: list[T] = []

    def visit(self, place: T) -> None:
        """Go to a place. As in a browser, this discards the forward history."""
        if not self._behind or self._behind[-1] != place:
            self._behind.append(place)
            self._ahead.clear()

    def back(self) -> T | None:
        """Go back and return that place; None at the beginning."""
        if len(self._behind) < 2:
            return None
        self._ahead.append(self._behind.pop())
        return self._behind[-1]

    def forward(self) -> T | None:
        """Go forward and return that place; None at the end."""
        if not self._ahead:
            return None
        self._behind.append(self._ahead.pop())
        return self._behind[-1]
