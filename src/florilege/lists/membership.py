"""Which items belong to a place, and which groups may hold any of them. Pure."""

from collections.abc import Callable

from florilege.lists.places import Kind, Place
from florilege.model import Counts, Group, Head, ReadingState
from florilege.query import Field, Has, Is, Part, Query, Status, Together
from florilege.text import fold, same_tag

Belongs = Callable[[Head, ReadingState | None], bool]


def belonging(place: Place) -> Belongs | None:
    """Whether an item belongs to a place; None when every item of its groups does."""
    match place.kind:
        case Kind.UNREAD:
            return lambda _, state: state is None or state.read_at is None
        case Kind.NEW:
            return lambda head, state: state is not None and state.new_highlights(head) > 0
        case Kind.STARRED:
            return lambda _, state: state is not None and state.is_starred
        case Kind.TAG:
            wanted = same_tag(place.tag or "")
            return lambda head, _: any(same_tag(tag) == wanted for tag in head.tags)
        case _:
            return None


def belonging_together(place: Place) -> Together | None:
    """Which rows belong to a place, where that can be told of all at once."""
    return (lambda rows: rows.unread) if place.kind is Kind.UNREAD else None


def may_hold(counts: Counts, place: Place) -> bool:
    """Whether a group's counts leave room for an item of this place, so that others need not be opened."""
    match place.kind:
        case Kind.UNREAD:
            return counts.unread > 0
        case Kind.NEW:
            return counts.newly_highlighted > 0
        case Kind.STARRED:
            return counts.starred > 0
        case _:
            return True


def may_answer(group: Group, counts: Counts, query: Query) -> bool:
    """Whether a group's title and counts leave room for an item that answers, so that others need not be read."""
    return all(_may_answer(group, counts, part) for part in query.conjuncts)


def _may_answer(group: Group, counts: Counts, query: Query) -> bool:
    match query:
        case Is(Status.UNREAD):
            return counts.unread > 0
        case Is(Status.STARRED):
            return counts.starred > 0
        case Is(Status.NEW):
            return counts.newly_highlighted > 0
        case Has(Part.QUOTE) | Field("quote"):
            return counts.highlights > 0
        case Field("group", value):
            return fold(value) in fold(group.title)
        case _:
            return counts.items > 0
