"""The command palette: every command that makes sense now, from the registry; where one reads, every group by name."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeAlias

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from florilege.commands import Command
from florilege.tui.screens.reading import ReadingScreen
from florilege.tui.taking import Taking
from florilege.tui.widgets.lines import drawable
from florilege.views.places import SMART, TITLES, Kind, Place

Run: TypeAlias = Callable[[], Awaitable[Any]]


class Commands(Provider):
    """Offers the commands of the screen, and where one reads, the places one can go to."""

    async def discover(self) -> Hits:
        """All of them, when nothing is typed yet."""
        for text, run, hint in self._offers():
            yield DiscoveryHit(Content(text), run, text=text, help=_as_markup(hint))

    async def search(self, query: str) -> Hits:
        """Those that match."""
        matcher = self.matcher(query)
        for text, run, hint in self._offers():
            score, places = matcher.fuzzy_search.match(query, text)
            if score > 0:
                yield Hit(score, _lit(text, places, matcher.match_style), run, text=text, help=_as_markup(hint))

    def _offers(self) -> Iterator[tuple[str, Run, str]]:
        screen: Widget = self.screen
        if not isinstance(screen, Taking):
            return
        for each in screen.commands_here():
            if each.id != "palette" and (not isinstance(screen, ReadingScreen) or screen.makes_sense(each)):
                keys = screen.world.keys.label(each.id)
                yield each.title, self._runner(screen, each), f"{each.sentence}{f'  ({keys})' if keys else ''}"
        if isinstance(screen, ReadingScreen):
            yield from self._places(screen)

    def _places(self, screen: ReadingScreen) -> Iterator[tuple[str, Run, str]]:
        """The places one can go to."""
        for kind in SMART:
            yield f"Go to {TITLES[kind]}", self._goer(screen, Place(kind)), "A list across all groups"
        for search in screen.desk.searches:
            place = Place(Kind.SEARCH, search=search.name)
            yield (
                f"Go to {drawable(search.name)}",
                self._goer(screen, place),
                f"A saved search: {drawable(search.text)}",
            )
        for group in screen.desk.catalogue.groups():
            yield f"Go to {drawable(group.title)}", self._goer(screen, Place(Kind.GROUP, group.id)), "A group"
        here = screen.desk.place.group
        for tag in screen.desk.catalogue.tags(here) if here else ():
            place = Place(Kind.TAG, here, tag.tag)
            yield f"Go to #{drawable(tag.tag)}", self._goer(screen, place), f"A tag of {drawable(screen.desk.where())}"

    @staticmethod
    def _runner(screen: Taking, each: Command) -> Run:
        return lambda: screen.run_action(each.action)

    @staticmethod
    def _goer(screen: ReadingScreen, place: Place) -> Run:
        async def go() -> None:
            await screen.open_place(place)
            screen.groups_list.move_to(place.key)

        return go


def _lit(text: str, places: Sequence[int], style: Style) -> Content:
    """The text with what matched lit. Not `Matcher.highlight`: that reads the text as markup."""
    content = Content(text)
    for place in places:
        content = content.stylize(style, place, place + 1)
    return content


def _as_markup(text: str) -> str:
    """The text as markup that means itself: the palette reads hints as markup, and keys may be brackets."""
    return Content(text).markup
