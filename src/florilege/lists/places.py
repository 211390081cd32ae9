"""Places: what can be chosen in the groups pane, saved searches among them; what arrived; where the reader has been.

Pure values.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from florilege.query.nodes import Everything, Field, Query, all_of, none_of

if TYPE_CHECKING:
    from florilege.settings.searches import Search

T = TypeVar("T")


class Kind(StrEnum):
    """What sort of place it is."""

    UNREAD = "unread"
    NEW = "new"
    STARRED = "starred"
    EVERYTHING = "everything"
    GROUP = "group"
    TAG = "tag"
    ARRIVED = "arrived"
    """What the last refreshes brought; forgotten when the app is closed."""
    TODAY = "today"
    """What was highlighted or shared on this day of earlier years."""
    SEARCH = "search"
    """A saved search, by its name."""


SMART = (Kind.UNREAD, Kind.NEW, Kind.STARRED, Kind.EVERYTHING)
"""The places that gather items across groups, in their order on the screen."""

_STATES = {Kind.UNREAD, Kind.NEW, Kind.STARRED}

TITLES = {
    Kind.UNREAD: "Unread",
    Kind.NEW: "New highlights",
    Kind.STARRED: "Starred",
    Kind.EVERYTHING: "Everything",
    Kind.ARRIVED: "Just arrived",
    Kind.TODAY: "On this day",
    Kind.SEARCH: "Saved search",
}


class Place(msgspec.Struct, frozen=True):
    """One choice in the groups pane."""

    kind: Kind
    group: str | None = None
    """The id of the group, for a group and its tags."""
    tag: str | None = None
    """The tag as it is shown, for a tag within a group."""

    search: str | None = None
    """The name of a saved search."""

    @property
    def key(self) -> str:
        """A name by which the place is known again, also at the next start."""
        return ":".join(part for part in (self.kind.value, self.group, self.tag, self.search) if part)

    @property
    def is_smart(self) -> bool:
        """Whether it gathers items across groups."""
        return self.kind in SMART or self.kind in {Kind.SEARCH, Kind.ARRIVED, Kind.TODAY}

    @property
    def title(self) -> str:
        """What a place that gathers is called."""
        return self.search or TITLES.get(self.kind, "")

    @property
    def query(self) -> Query:
        """What belongs to it, within its group; what answers to a saved search is known elsewhere."""
        if self.kind is Kind.TAG:
            return Field("tag", self.tag or "")
        if self.kind is Kind.TODAY:
            return Field("day", "today")
        return Field("is", self.kind.value) if self.kind in _STATES else Everything()

    @property
    def outer(self) -> "Place":
        """The place around it: the group of a tag, else itself."""
        return Place(Kind.GROUP, self.group) if self.kind is Kind.TAG else self


def place_of(key: str) -> Place | None:
    """The place of this name, or None when it is not one."""
    kind, _, rest = key.partition(":")
    if kind not in {each.value for each in Kind}:
        return None
    if kind == Kind.SEARCH:
        return Place(Kind.SEARCH, search=rest) if rest else None
    group, _, tag = rest.partition(":")
    place = Place(Kind(kind), group or None, tag or None)
    complete = not rest if place.kind in {*SMART, Kind.TODAY} else group and bool(tag) == (place.kind is Kind.TAG)
    return place if complete else None


def asked_here(place: Place, query: Query, group_title: str = "") -> Query:
    """The query that gives, in the whole library, what a filter gives in a place.

    Args:
        place: Which place.
        query: The filter in it.
        group_title: The title of the group of the place.
    """
    group = Field("group", group_title) if place.group is not None else Everything()
    return all_of([group, place.query, query])


NOTHING = none_of(Everything())
"""What no item answers to."""


class SavedSearch(msgspec.Struct, frozen=True):
    """A query under a name."""

    name: str
    text: str
    query: Query
    problem: str = ""
    """Why the text can't be read as a query; then the query is one that nothing answers to."""


def understood(searches: "Iterable[Search]") -> tuple[SavedSearch, ...]:
    """Searches with the queries they mean. One that can't be read stays, so that it can be mended."""
    return tuple(map(_understood, searches))


def _understood(search: "Search") -> SavedSearch:
    from florilege.query.language import QueryError, parse

    try:
        return SavedSearch(search.name, search.text, parse(search.text))
    except QueryError as error:
        problem = f"The search “{search.name}” can't be read: {error}"
        return SavedSearch(search.name, search.text, NOTHING, problem)


class Arrivals:
    """Ids of items by group. They add up until they are looked at; what comes after that begins anew."""

    def __init__(self) -> None:
        self._items: dict[str, set[str]] = {}
        self._looked_at = False

    def __len__(self) -> int:
        """How many items came."""
        return sum(map(len, self._items.values()))

    def note(self, items: Mapping[str, Iterable[str]]) -> None:
        """Take note of the ids of items that reached groups."""
        if self._looked_at:
            self._items, self._looked_at = {}, False
        for group, ids in items.items():
            self._items.setdefault(group, set()).update(ids)

    def looked_at(self) -> None:
        """Take note that the reader has seen the list of them."""
        self._looked_at = True

    def among(self, kept: Collection[str] = ()) -> dict[str, frozenset[str]]:
        """Ids of the items that came, by group, with those that count as having come."""
        return {group: frozenset(ids).union(kept) for group, ids in self._items.items()}


class Visited(msgspec.Struct, Generic[T]):
    """The places visited, in order, and where one is among them."""

    limit: int = 500
    """Places remembered."""
    _places: list[T] = msgspec.field(default_factory=list)
    _here: int = -1

    def visit(self, place: T) -> None:
        """Go to a place. What was ahead is forgotten, as in a browser."""
        if self._here >= 0 and self._places[self._here] == place:
            return
        del self._places[self._here + 1 :]
        self._places.append(place)
        del self._places[: -self.limit]
        self._here = len(self._places) - 1

    def back(self) -> T | None:
        """The place before this one, to go to; None at the beginning."""
        if self._here <= 0:
            return None
        self._here -= 1
        return self._places[self._here]

    def forward(self) -> T | None:
        """The place that one came back from; None at the end."""
        if self._here + 1 >= len(self._places):
            return None
        self._here += 1
        return self._places[self._here]
