"""The palette: every command that makes sense now, from the registry; where one reads, every place by name.

The places alone are what *Go to* offers.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from florilege.commands import Command, Keymap
from florilege.lists.places import SMART, TITLES, Kind, Place
from florilege.lists.reader_state import ReaderState
from florilege.tui.screens.picker import Offer, Picker
from florilege.tui.widgets.lines import drawable
from florilege.words import title_of


def palette(commands: Sequence[Command], keys: Keymap, state: ReaderState | None) -> Picker[Any]:
    """Commands by name, and by what they do; and the places of a state."""
    offers: list[Offer[Any]] = [
        Offer(each.title, each, keys.label(each.id), about=each.sentence) for each in commands if each.id != "palette"
    ]
    if state is not None:
        offers += places(state, "Go to ")
    more = tags_of_all(state, "Go to ") if state is not None else None
    return Picker("Commands and places", offers, verb="does it", more=more, opened_by="palette")


def places(state: ReaderState, before: str = "") -> Iterator[Offer[Place]]:
    """All places but the tags, as the groups pane orders them; something may stand before their names."""
    for kind in (*SMART, *([Kind.ARRIVED] if len(state.arrivals) else []), Kind.TODAY):
        yield Offer(before + TITLES[kind], Place(kind), "across all groups")
    for search in state.searches:
        about = f"search · {drawable(search.text)}"
        yield Offer(before + drawable(search.name), Place(Kind.SEARCH, search=search.name), about)
    for group in state.catalogue.groups():
        counts = state.catalogue.counts(group.id)
        yield Offer(before + title_of(group), Place(Kind.GROUP, group.id), f"{counts.unread}/{counts.items}")


async def tags_of_all(state: ReaderState, before: str = "") -> AsyncIterator[list[Offer[Place]]]:
    """The tags of all groups, group by group; each is read in a thread the first time."""
    for group in state.catalogue.groups():
        tags = await asyncio.to_thread(state.catalogue.tags, group.id)
        title = title_of(group)
        yield [Offer(f"{before}#{drawable(tag.label)}", Place(Kind.TAG, group.id, tag.label), title) for tag in tags]
