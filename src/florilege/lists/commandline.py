"""What is shown, as the command line that gives the same. Pure."""

import shlex

from florilege.lists.places import Kind, Place
from florilege.query import Field, Is, Query, Status, all_of

_STATES = {Kind.UNREAD: Status.UNREAD, Kind.NEW: Status.NEW, Kind.STARRED: Status.STARRED}


def asked_here(place: Place, query: Query, group_title: str = "") -> Query:
    """The query that gives, in the whole library, what a filter gives in a place.

    Args:
        place: Which place.
        query: The filter in it.
        group_title: The title of the group of the place.
    """
    parts: list[Query] = []
    if place.kind in _STATES:
        parts.append(Is(_STATES[place.kind]))
    if place.group is not None:
        parts.append(Field("group", group_title))
    if place.tag is not None:
        parts.append(Field("tag", place.tag))
    return all_of([*parts, query])


def command_line(query: Query, command: str = "list") -> str:
    """`florilege list tag:lecture -tag:papier`, fit for a shell."""
    text = str(query)
    if not text:
        return f"florilege {command}"
    # Words stay words where the shell leaves them alone; else the query is one argument.
    words = text if all(shlex.quote(word) == word for word in text.split(" ")) else shlex.quote(text)
    return f"florilege {command} {'-- ' if text.startswith('-') else ''}{words}"
