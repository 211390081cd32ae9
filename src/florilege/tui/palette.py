"""The palette: every command that makes sense now, from the registry; where one reads, every place by name."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar, Protocol, TypeAlias

from florilege.commands import Command
from florilege.lists.places import Kind
from florilege.tui.destinations import Destination, destinations, tag_destinations
from florilege.tui.reading.status import is_met
from florilege.tui.screens.picker import Offer, Picker
from florilege.tui.screens.reading import ReadingScreen
from florilege.tui.world import AppContext

Run: TypeAlias = Callable[[], Awaitable[Any]]

_ABOUT = {Kind.SEARCH: "a saved {}", Kind.GROUP: "{} unread", Kind.TAG: "a tag of {}"}
"""What is said of a place by what sort it is; a list across groups is none of these."""


class Commanded(Protocol):
    """A screen with commands."""

    world: AppContext

    def commands_here(self) -> Sequence[Command]:
        """The commands that are offered."""

    async def action_command(self, command_id: str) -> None:
        """Do what a command says."""


class Palette(Picker[Run]):
    """Commands by name, and by what they do; gives what does the one that was chosen."""

    OPENED_BY: ClassVar[str] = "palette"

    def __init__(self, screen: Commanded) -> None:
        """Take what makes sense now; where one reads, places too, and the tags among them by `add_tags`."""
        offers = list(_commands(screen))
        if isinstance(screen, ReadingScreen):
            offers += [_place(screen, each) for each in destinations(screen.state)]
        super().__init__("Commands and places", offers, verb="does it")

    async def add_tags(self, screen: ReadingScreen) -> None:
        """Offer the tags of all groups too, as they are read."""
        async for tags in tag_destinations(screen.state):
            if not self.is_current:
                return
            self.add([_place(screen, each) for each in tags])


def _commands(screen: Commanded) -> Iterator[Offer[Run]]:
    for each in screen.commands_here():
        if each.id != "palette" and (not isinstance(screen, ReadingScreen) or is_met(each.need, screen)):
            run = partial(screen.action_command, each.id)
            yield Offer(each.title, run, screen.world.keys.label(each.id), about=each.sentence)


def _place(screen: ReadingScreen, there: Destination) -> Offer[Run]:
    hint = _ABOUT.get(there.place.kind, "{}").format(there.about)
    return Offer(f"Go to {there.label}", partial(screen.go_to, there.place), hint)


async def run_chosen(chosen: Run | None) -> None:
    """Do what was chosen."""
    if chosen is not None:
        await chosen()
