"""Commands that open something over the reading screen, or leave it: pickers, the river, the settings, the shell.

Some lead to another list: filtering by tags or sharers, the same sharer, site or tags in all groups, *Go to*, the
overview.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from florilege.commands import Scope
from florilege.lists.counts import Choice, Overview, overview, sharer_choices, split_choices, tag_choices
from florilege.lists.loaded_group import ItemRow, Order
from florilege.lists.places import Place, PlaceKind, library_query
from florilege.lists.reader_state import ReaderState
from florilege.query.language import command_line
from florilege.query.nodes import Field
from florilege.text import counted, tag_key
from florilege.tui.screens.picker import Offer, Picker, QueryPicker
from florilege.tui.theme import theme_names
from florilege.urls import redact, site_of
from florilege.words import ago

if TYPE_CHECKING:
    from florilege.tui.reading.screen import ReadingScreen

_EVERYTHING = Place(PlaceKind.EVERYTHING)


class Dialogues:
    """Commands that open dialogues from the reading screen."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self._reading = reading
        self._state = reading.state

    async def action_river(self) -> None:
        """Show all highlights of the list on one screen, and go to the one chosen there."""
        from florilege.tui.screens.river import RiverScreen

        reading = self._reading
        passage = await reading.choose(RiverScreen(reading, self._state.title_of()))
        if passage is not None and reading.items.list.move_to(passage.row.key):
            reading.show_item()
            reading.go_to_pane(Scope.ANNOTATIONS)
            reading.annotations.go_to(passage.highlight.id)

    async def action_theme(self) -> None:
        """Let the reader choose a theme. The one under the cursor is previewed; the chosen one stays."""
        app = self._reading.app
        before = app.theme
        offers = [Offer(name, name, "now" if name == before else "") for name in theme_names()]

        def tried(theme: str) -> None:
            app.theme = theme

        theme = await self._reading.choose(Picker("Themes", offers, verb="takes it", start=before, tried=tried))
        app.theme = before
        if theme is not None:
            app.take_theme(theme)  # type: ignore[attr-defined]

    async def action_settings(self) -> None:
        """Open the settings."""
        from florilege.tui.screens.settings import SettingsScreen

        reading = self._reading
        await reading.choose(SettingsScreen(reading.context.settings, reading.frame.reset_widths))

    def action_suspend(self) -> None:
        """Suspend the app and return to the shell."""
        self._reading.app.action_suspend_process()

    def action_copy_query(self) -> None:
        """Copy the command line that lists what is shown."""
        place = self._state.place
        title = self._state.catalogue.title(place.group) if place.group else ""
        self._reading.clip.copy(command_line(library_query(place, self._state.whole_query, title)), "Command line")

    # Narrowing

    async def action_tags(self) -> None:
        """Filter the list by its tags."""
        await self._pick("Tags", "tag", tag_choices, "No item of this list has a tag.")

    async def action_sharers(self) -> None:
        """Filter the list by sharer."""
        await self._pick("Who shared", "by", sharer_choices, "No sharer is known in this list.")

    async def _pick(
        self, title: str, name: str, choices_of: Callable[[list[ItemRow], bytearray], list[Choice]], otherwise: str
    ) -> None:
        state, rows = self._state, self._state.rows
        choices = await self._reading.read(lambda: choices_of(rows, state.unread_flags(rows)))
        if choices is None:
            return
        before, rest = split_choices(self._state.query, name, choices)
        if not choices and not before:
            await self._reading.refuse(otherwise)
            return
        query = await self._reading.choose(QueryPicker(title, choices, before))
        if query is not None and rest.and_(query) != self._state.query:
            await self._reading.moves.filter_items(rest.and_(query))

    async def action_sort(self) -> None:
        """Let the reader choose the sort order of the list."""
        now = self._state.order
        offers = [Offer(each.value.capitalize(), each, "now" if each is now else "") for each in Order]
        order = await self._reading.choose(Picker("Order of the list", offers, verb="sorts", start=now))
        if order is not None:
            self._state.order = order
            await self._reading.moves.filter_items(self._state.query)
            self._reading.say(f"Sorted: {order.value}.")

    # In all groups

    async def action_more_from_sharer(self) -> None:
        """Show everything the item's sharer has shared, in all groups."""
        item = self._reading.annotations.item
        sharer = item.sharer.label if item and item.sharer else None
        await self._find_everywhere("by", sharer, "Who shared this item is not known.")

    async def action_more_from_site(self) -> None:
        """Show everything shared from the item's site, in all groups."""
        item = self._reading.annotations.item
        await self._find_everywhere("site", site_of(item.url) if item else None, "The site of this item is not known.")

    async def _find_everywhere(self, field: str, value: str | None, otherwise: str) -> None:
        if value:
            await self._reading.moves.open_place(_EVERYTHING, query=Field(field, value))
        else:
            self._reading.say(otherwise)

    async def action_more_with_tags(self) -> None:
        """Let the reader choose among the item's tags, and show what has them in all groups."""
        item = self._reading.annotations.item
        if item is None or not item.tags:
            await self._reading.refuse("This item has no tag." if item else "There is no item.")
            return
        wanted = frozenset(map(tag_key, item.tags))
        choices = await self._reading.read(lambda: _choices_everywhere(self._state, wanted))

        if choices is None:
            return
        query = await self._reading.choose(QueryPicker("More with these tags", choices))
        if query is not None and not query.is_blank:
            await self._reading.moves.open_place(_EVERYTHING, query=query)

    async def action_go_to(self) -> None:
        """Go to a group, a tag, or a list across groups."""
        from florilege.tui.screens.commands import places, tags_of_all

        picker: Picker[Place] = Picker("Go to", list(places(self._state)), more=tags_of_all(self._state))
        if place := await self._reading.choose(picker):
            await self._reading.moves.go_to(place)

    # In numbers

    async def action_overview(self) -> None:
        """Show statistics of the list, and filter it by the bar that is chosen."""
        from florilege.tui.screens.overview import overview_dialogue

        state, rows = self._state, self._state.rows
        if not rows and not state.place.group:
            self._reading.say("There is nothing to look at in this list.")
            return

        def counted_up() -> tuple[Overview, list[Choice], list[Choice]]:
            unread = state.unread_flags(rows)
            starred = sum(each is not None and each.is_starred for each in state.states(rows))
            numbers = overview([row.summary for row in rows], unread=unread.count(1), starred=starred)
            return numbers, sharer_choices(rows, unread), tag_choices(rows, unread)

        if (found := await self._reading.read(counted_up)) is None:
            return
        dialogue = overview_dialogue(state.title_of(), *found, self.about_sources())
        if query := await self._reading.choose(dialogue):
            await self._reading.moves.filter_items(state.query.and_(query))

    def about_sources(self) -> list[tuple[str, str]]:
        """What is known about the sources of the open group, as sentences with the names of their styles."""
        place = self._state.place
        group = self._state.catalogue.group(place.group) if place.group else None
        facts: list[tuple[str, str]] = []
        for source in group.sources if group else ():
            when = (
                f"last fetched {ago(source.checked_at, self._reading.state.clock())}"
                if source.checked_at
                else "never asked"
            )
            facts.append((redact(source.address), "text"))
            facts.append((f"{source.kind or 'unknown format'}, {when}", "metadata"))
            if source.error:
                facts.append((source.error, "error"))
            if source.notice:
                facts.append((source.notice, "metadata"))
            if source.warnings:
                facts.append((f"! {counted(len(source.warnings), 'warning')} about its document:", "metadata"))
            facts += [(warning, "metadata") for warning in source.warnings[:10]]
            if len(source.warnings) > 10:
                facts.append((f"and {counted(len(source.warnings) - 10, 'more warning')}", "metadata"))
        return facts


def _choices_everywhere(state: ReaderState, wanted: frozenset[str]) -> list[Choice]:
    """The wanted tags, each with its number of items in all groups. Slow: call it in a worker thread."""
    rows = state.listing(_EVERYTHING).rows
    bearing = [row for row in rows if not wanted.isdisjoint(map(tag_key, row.summary.tags))]
    choices = tag_choices(bearing, state.unread_flags(bearing))
    return [each for each in choices if tag_key(each.label.removeprefix("#")) in wanted]
