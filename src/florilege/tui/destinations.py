"""Where one can go, by name: lists across groups, saved searches, groups, and tags of all groups.

Told from the state, for whoever lets the reader choose (*Go to*, the palette); what going means is theirs.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from florilege.lists.places import SMART, TITLES, Kind, Place
from florilege.lists.reader_state import ReaderState
from florilege.tui.widgets.lines import drawable
from florilege.words import title_of


@dataclass(frozen=True, slots=True)
class Destination:
    """A place as it is offered."""

    label: str
    place: Place
    about: str
    """Few words: of a group how many items are unread, of a tag its group, of a search what it looks for."""


def destinations(state: ReaderState) -> Iterator[Destination]:
    """All of them but the tags, as the groups pane orders them."""
    for kind in (*SMART, *([Kind.ARRIVED] if len(state.arrivals) else []), Kind.TODAY):
        yield Destination(TITLES[kind], Place(kind), "across all groups")
    for search in state.searches:
        about = f"search · {drawable(search.text)}"
        yield Destination(drawable(search.name), Place(Kind.SEARCH, search=search.name), about)
    for group in state.catalogue.groups():
        counts = state.catalogue.counts(group.id)
        yield Destination(title_of(group), Place(Kind.GROUP, group.id), f"{counts.unread}/{counts.items}")


async def tag_destinations(state: ReaderState) -> AsyncIterator[list[Destination]]:
    """The tags of all groups, group by group; each is read in a thread the first time."""
    for group in state.catalogue.groups():
        tags = await asyncio.to_thread(state.catalogue.tags, group.id)
        title = title_of(group)
        yield [Destination(f"#{drawable(tag.label)}", Place(Kind.TAG, group.id, tag.label), title) for tag in tags]
