"""The items pane: the open list, and what is wrong with its group."""

import asyncio
from typing import TYPE_CHECKING

from florilege.commands import Scope
from florilege.lists.places import Kind
from florilege.store import LibraryError
from florilege.text import clean_line
from florilege.tui.panes.items import ItemRows

if TYPE_CHECKING:
    from florilege.tui.screens.reading import ReadingScreen

_LONGEST = 400
"""Most characters shown of the quote of the day."""


class ItemsPane:
    """The list of items; the state follows its cursor."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self.list = reading.frame.lists[Scope.ITEMS]
        self._reading = reading
        config, session = reading.world.config, reading.world.session
        self.compact = (config.look.density == "compact") != (session.turned == config.look.density)
        """Whether an item takes two lines."""
        self._quote: list[str] | None = None
        """The quote of the day, once chosen."""

    def follow_cursor(self, cursor: int) -> None:
        """Move the state to the item under the cursor of the list."""
        rows = self.list.rows
        if isinstance(rows, ItemRows) and rows.listed is self._reading.state.rows:
            self._reading.state.go_to(rows.position(cursor))

    def show(self, *, keep_place: bool) -> None:
        """Show the open list.

        Args:
            keep_place: Whether what is under the cursor stays on its line of the screen.
        """
        reading, state = self._reading, self._reading.state
        rows = ItemRows(
            state.rows,
            state.state_of,
            now=reading.state.clock(),
            show_group=state.place.is_smart,
            notice=self.problem,
            compact=self.compact,
            dates=reading.world.config.look.dates,
            query=state.asked,
            selected=lambda row: row.key in state.view.selected,
            also_in=lambda row: len(state.catalogue.also_in(row.head)),
        )
        is_first = not state.catalogue.groups() and state.query.is_blank
        if is_first:
            from florilege.tui.panes.welcome import welcome

            self.list.empty = welcome(reading.world.keys)
        else:
            self.list.empty = [(("text", line),) for line in self._nothing()]
            if self._quote is None and not state.rows and state.place.kind is Kind.UNREAD:
                reading.start(self._choose_quote, "quote", exclusive=True)
        current = state.current
        self.list.show(rows, cursor_key=current.key if current else None, keep_place=keep_place)

    async def _choose_quote(self) -> None:
        """Choose the quote of the day, shown when everything is read."""
        from florilege.lists.river import quote_of
        from florilege.words import title_of

        state = self._reading.state
        groups = {group.id: state.catalogue.counts(group.id).highlights for group in state.catalogue.groups()}
        day = self._reading.state.clock().date()
        try:
            chosen = await asyncio.to_thread(quote_of, day, groups, state.library.items)
        except LibraryError:
            chosen = None  # opening that group reports why
        self._quote = []
        if chosen is not None:
            item, highlight = chosen
            who = highlight.author or (item.sharer.label if item.sharer else "")
            quote = clean_line(highlight.quote)
            quote = quote if len(quote) <= _LONGEST else f"{quote[:_LONGEST].rpartition(' ')[0]} …"
            self._quote = ["", quote, f"— {', '.join(part for part in (title_of(item), who) if part)}"]
            self.show(keep_place=True)

    @property
    def problem(self) -> str | None:
        """What is wrong with the open group, in sentences; in a list of several, with the first that has a problem."""
        state = self._reading.state
        group = state.catalogue.group(state.place.group) if state.place.group else None
        if group is None:
            return next(filter(None, (state.catalogue.problem(each.id) for each in state.catalogue.groups())), None)
        from florilege.words import failure_of

        return state.catalogue.problem(group.id) or failure_of(group, self._reading.state.clock())

    @property
    def turned_density(self) -> str | None:
        """The density in the settings, to be saved, if the reader switched to the other one; else None."""
        density = self._reading.world.config.look.density
        return density if self.compact != (density == "compact") else None

    def action_density(self) -> None:
        """Switch between items on two lines and on as many as they take."""
        self.compact = not self.compact
        self.show(keep_place=True)

    def _nothing(self) -> list[str]:
        """The message for a list without items."""
        state, key = self._reading.state, self._reading.key
        if not state.query.is_blank:
            return ["No item matches.", f"{key('back')} shows the list again."]
        if not state.place.group and self.problem:
            return []  # the notice says why
        match state.place.kind:
            case Kind.UNREAD:
                asks = f"{key('refresh-all')} asks every group for more."
                return ["Everything is read.", asks, *(self._quote or ())]
            case Kind.NEW:
                return ["No new highlights.", "Items you have read show up here when somebody highlights more in them."]
            case Kind.SEARCH:
                search = state.search(state.place.search or "")
                return [search.problem] if search and search.problem else ["No item answers to this search."]
            case Kind.TODAY:
                return ["Nothing was highlighted or shared on this day of an earlier year."]
            case Kind.STARRED:
                return ["Nothing is starred.", f"{key('star')} stars an item."]
            case _ if state.catalogue.problem(state.place.group or ""):
                return []  # the notice says why
            case _:
                return ["No items yet.", f"{key('refresh-group')} asks for them."]
