"""The command palette: every command that makes sense now, from the registry; where one reads, every place by name."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.style import Style

from florilege.commands import Command
from florilege.lists.places import Kind
from florilege.text import holds_all, search_key
from florilege.tui.destinations import Destination, destinations, tag_destinations
from florilege.tui.reading.status import is_met
from florilege.tui.screens.reading import ReadingScreen
from florilege.tui.world import AppContext

Run: TypeAlias = Callable[[], Awaitable[Any]]
Way: TypeAlias = tuple[str, Run, str]
"""What is offered: its text, what it does, and a sentence about it."""

_ABOUT = {Kind.SEARCH: "A saved {}", Kind.GROUP: "A group · {} unread", Kind.TAG: "A tag of {}"}
"""A sentence by what sort of place it is; a list across groups is none of these."""


_BY_SENTENCE = 0.001
"""How well a sentence answers that holds the words, where the name does not: less than any name."""


@runtime_checkable
class Commanded(Protocol):
    """A screen with commands."""

    world: AppContext

    def commands_here(self) -> Sequence[Command]:
        """The commands the screen knows."""

    async def action_command(self, command_id: str) -> None:
        """Do what a command says."""


class Palette(CommandPalette):
    """Textual's palette as one of our dialogues: in a frame, its line for typing above the list."""

    SCOPED_CSS = False  # the rules are about the screen itself, too
    CSS = """
    CommandPalette > Vertical {
        margin-top: 1;
        width: 96;
        max-width: 100%;
        background: $background;
    }

    CommandPalette #--input {
        border: round $border;
        background: $background;
    }

    CommandPalette #--input.--list-visible {
        border-bottom: none;
    }

    CommandPalette SearchIcon {
        display: none;
    }

    CommandPalette CommandInput, CommandPalette CommandInput:focus {
        border: none;
        height: 1;
        padding: 0 1;
        background: $panel;
    }

    CommandPalette CommandList, CommandPalette CommandList:focus {
        border: round $border;
        border-top: none;
        max-height: 70vh;
        scrollbar-size-vertical: 1;
        background: $background;
    }

    CommandPalette CommandList > .option-list--option {
        padding: 0 1;
    }

    CommandPalette CommandList > .option-list--option-highlighted {
        color: $foreground;
        background: $florilege-cursor;
        text-style: bold;
    }

    CommandPalette > .command-palette--help-text {
        color: $florilege-metadata;
        text-style: not bold;
    }
    """


class Commands(Provider):
    """Offers the commands of the screen, and where one reads, the places one can go to."""

    async def discover(self) -> Hits:
        """All but the tags, when nothing is typed yet."""
        for text, run, hint in self._offers():
            yield DiscoveryHit(Content(text), run, text=text, help=_as_markup(hint))

    async def search(self, query: str) -> Hits:
        """Those whose names match, then those whose sentences do; tags of all groups come as they are read."""
        matcher = self.matcher(query)
        words = search_key(query).split()

        def hit(text: str, run: Run, hint: str) -> Iterator[Hit]:
            score, places = matcher.fuzzy_search.match(query, text)
            if score <= 0 and holds_all(hint, words):
                score, places = _BY_SENTENCE, ()
            if score > 0:
                yield Hit(score, _lit(text, places, matcher.match_style), run, text=text, help=_as_markup(hint))

        for offer in self._offers():
            for each in hit(*offer):
                yield each
        screen: object = self.screen
        if isinstance(screen, ReadingScreen):
            async for tags in tag_destinations(screen.state):
                for tag in tags:
                    for each in hit(*self._way(screen, tag)):
                        yield each

    def _offers(self) -> Iterator[Way]:
        screen: object = self.screen
        if not isinstance(screen, Commanded):
            return
        for each in screen.commands_here():
            if each.id != "palette" and (not isinstance(screen, ReadingScreen) or is_met(each.need, screen)):
                keys = screen.world.keys.label(each.id)
                yield each.title, self._runner(screen, each), f"{each.sentence}{f'  ({keys})' if keys else ''}"
        if isinstance(screen, ReadingScreen):
            for destination in destinations(screen.state):
                yield self._way(screen, destination)

    @staticmethod
    def _runner(screen: Commanded, each: Command) -> Run:
        return lambda: screen.action_command(each.id)

    @staticmethod
    def _way(screen: ReadingScreen, destination: Destination) -> Way:
        about = _ABOUT.get(destination.place.kind, "A list {}").format(destination.about)
        return f"Go to {destination.label}", lambda: screen.go_to(destination.place), about


def _lit(text: str, places: Sequence[int], style: Style) -> Content:
    """The text with what matched lit. Not `Matcher.highlight`: that reads the text as markup."""
    content = Content(text)
    for place in places:
        content = content.stylize(style, place, place + 1)
    return content


def _as_markup(text: str) -> str:
    """The text as markup that means itself: the palette reads hints as markup, and keys and titles have brackets.

    Not `Content.markup`: that leaves brackets that look like none of markup's, and what follows them.
    """
    return text.replace("[", "\\[")
