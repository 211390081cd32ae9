"""What all actions of the reading screen share: the items and annotations panes, and what is open in them.

No action lives here, and no key. The frame around the panes is `framing`, the groups pane `placing`, writing marks
`saving`.
"""

import asyncio
from collections.abc import Sequence

from textual.content import Content

from florilege.commands import Scope
from florilege.lists.catalogue import Listed
from florilege.lists.failing import failure_of
from florilege.lists.orders import Order
from florilege.lists.places import Kind, Place
from florilege.model import Item
from florilege.query import Everything, Query
from florilege.store import LibraryError
from florilege.tui.panes.annotations import AnnotationRows
from florilege.tui.panes.days import DayRows
from florilege.tui.panes.items import ItemRows
from florilege.tui.panes.welcome import welcome
from florilege.tui.screens.framing import PANES
from florilege.tui.screens.saving import Saving
from florilege.tui.widgets.rows import NoRows

__all__ = ["PANES", "ReadingBase"]

_MOVES = frozenset({"down", "up", "half_page_down", "half_page_up", "page_down", "page_up", "top", "bottom"})


class ReadingBase(Saving):
    """The panes and what is open in them."""

    async def open_place(self, place: Place, *, cursor: str | None = None, query: Query | None = None) -> None:
        """Show the items of a place afresh.

        Args:
            place: Which place; opening the one that is open lets go of what was just read.
            cursor: The id of the item to go to; the one last visited there when None.
            query: What they are to answer to; a filter that was on is taken off when None.
        """
        self._remember_cursor()
        self.desk.close()
        query = query or Everything()
        rows = await self._listed(place, query)
        self.desk.open(place, query, rows)
        self.show_items(cursor=cursor or self._cursors.get(place.key), keep_place=False)
        self.take_sign(place.group)

    async def reach_place(self) -> None:
        """Show the place under the cursor of the groups pane; within one group a filter stays on."""
        async with self._reaching:  # one after the other: a list that is read slowly must not come upon a later one
            place = self.place_under_cursor
            if place is None or place == self.desk.place:
                self.show_keys()
            else:
                is_within = place.group is not None and place.group == self.desk.place.group
                await self.open_place(place, query=self.desk.query if is_within else None)

    async def catch_up(self, action: str) -> None:
        """Have what lies under the cursors open before a key acts upon it: lists tell of their cursors a little later.

        Keys that only move do not wait, so that holding one down costs no more than moving does.
        """
        if action in _MOVES:
            return
        if self.pane is Scope.GROUPS and self.place_under_cursor not in {None, self.desk.place}:
            await self.reach_place()
        rows = self.items_list.rows
        listed = rows.listed_at(self.items_list.cursor) if isinstance(rows, ItemRows) else None
        if listed is not None and (self.current is None or self.current.key != listed.key):
            self.show_item()

    async def rebuild_items(self) -> None:
        """Read the open list again without moving anything under the cursor; what was just read stays."""
        place, query = self.desk.place, self.desk.query
        rows = await self._listed(place, query, refreshed=True)
        if (place, query) == (self.desk.place, self.desk.query):
            self.desk.open(place, query, rows)
            self.show_items(keep_place=True)

    async def filter_items(self, query: Query, *, cursor: str | None = None) -> None:
        """Show only what answers to a query, in the place that is open.

        Args:
            query: What to answer to.
            cursor: The id of the item to go to. When None the cursor stays on its item if it can; if nothing was
                shown, it goes where it was before there was a filter.
        """
        place = self.desk.place
        if self.desk.query.is_blank:
            self._remember_cursor()
        cursor = cursor or self.items_list.cursor_key or self._cursors.get(place.key)
        rows = await self._listed(place, query)
        if place == self.desk.place:
            self.desk.open(place, query, rows)
            self.show_items(cursor=cursor, keep_place=False)

    def show_items(self, *, cursor: str | None = None, keep_place: bool) -> None:
        """Show the open list."""
        place = self.desk.place
        rows = ItemRows(
            self.desk.rows,
            self.desk.state,
            now=self.now(),
            show_group=place.is_smart,
            notice=self._failure(place),
            compact=self.compact,
            dates=self.world.config.look.dates,
            query=self.desk.asked,
            selected=lambda row: row.key in self.selected,
            also_in=lambda row: len(self.desk.catalogue.also_in(row.head)),
            measures=self.measures,
        )
        if self.desk.order is Order.DAY:
            rows = DayRows(rows, self.now(), compact=self.compact)
        self.selected = {row.key: row for row in self.desk.rows if row.key in self.selected} if self.selected else {}
        is_first = not self.desk.catalogue.groups() and self.desk.query.is_blank
        self.items_list.empty = (
            welcome(self.world.keys) if is_first else [Content(line) for line in self._empty_items()]
        )
        self.items_list.show(rows, cursor_key=cursor, keep_place=keep_place)
        self.show_item()

    def show_item(self, *, visited: bool = True) -> None:
        """Show the item under the cursor of the items pane in the annotations pane.

        Args:
            visited: Whether the reader has gone there, to come back to later.
        """
        rows = self.items_list.rows
        listed = rows.listed_at(self.items_list.cursor) if isinstance(rows, ItemRows) else None
        if self.desk.previewed is not None and not self.has_begun:
            self.current = listed  # the list is shown as it was saved; its item is read when that has been drawn
            return
        if listed is not None and self.current is not None and listed.key == self.current.key:
            self._refresh_item(listed)
            return
        self._remember_spot()
        if self.world.config.reading.mark == "leave" and self._is_reading:
            self.mark_as_seen(self.current)
        self.peeked = self.sought_within = None
        self.current = listed
        self.item = self._whole(listed) if listed else None
        self.left_unread = None
        if listed is not None and self.pane is not Scope.GROUPS and visited:
            self.desk.visited.visit((self.desk.place, listed.key))
        if listed is None or self.item is None:
            self.annotations_list.empty = [Content("Nothing is open.")] if self.desk.rows else []
            self.annotations_list.show(NoRows(), keep_place=False)
        else:
            self.annotations_list.show(self._annotation_rows(listed, self.item), keep_place=False)
            spot = self._spots.get(listed.key)
            state = self.desk.state(listed)
            new = next((each.id for each in self.item.highlights if state.has_new(each)), None)
            if new is not None:
                self.annotations_list.move_to(new)
            elif spot is None:
                self.annotations_list.home()
            else:
                self.annotations_list.go_back(spot)
        self.watch_rest()
        self.show_top()

    def _refresh_item(self, listed: Listed) -> None:
        item = self._whole(listed)
        self.current = listed
        rows = self.annotations_list.rows
        wanted = (self.sought, tuple(self.also_in(listed)))
        is_so = isinstance(rows, AnnotationRows) and (rows.query, rows.also_in) == wanted
        if item is not None and (item != self.item or not is_so):
            self.item = item
            self.annotations_list.show(self._annotation_rows(listed, item), keep_place=True)
        self.show_top()

    def _annotation_rows(self, listed: Listed, item: Item) -> AnnotationRows:
        return AnnotationRows(
            item,
            self.desk.state(listed),
            now=self.now(),
            dates=self.world.config.look.dates,
            also_in=self.also_in(listed),
            query=self.sought,
            fold_after=None if listed.key in self.whole else self.world.config.look.fold_after,
            fold_key=self.world.keys.label("fold"),
        )

    def show_annotations(self, *, cursor: str | None = None) -> None:
        """Show the open item as it looks now; the cursor stays, or goes to this row."""
        if self.current is not None and self.item is not None:
            rows = self._annotation_rows(self.current, self.item)
            self.annotations_list.show(rows, cursor_key=cursor, keep_place=True)

    def also_in(self, listed: Listed) -> Sequence[str]:
        """Where else the page of an item was shared, in words."""
        return self.desk.catalogue.also_in(listed.head)

    @property
    def sought(self) -> Query:
        """What is looked for, and marked, in the open item: in that item alone, or else by the list."""
        return self.sought_within or self.desk.asked

    def measure(self, rows: Sequence[Listed], width: int) -> None:
        """Find out how high items are, so that showing them holds up no key; may run in any thread."""
        ItemRows(
            rows, self.desk.state, now=self.now(), show_group=False, compact=self.compact, measures=self.measures
        ).tops(width)

    # Private

    async def _listed(self, place: Place, query: Query, *, refreshed: bool = False) -> list[Listed]:
        width = self.items_list.row_width

        def listed() -> list[Listed]:
            rows = self.desk.listed(place, query, refreshed=refreshed)
            self.measure(rows, width)
            return rows

        try:
            return await asyncio.to_thread(listed)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return []

    def _whole(self, listed: Listed) -> Item | None:
        try:
            return self.desk.item(listed)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return None

    def _failure(self, place: Place) -> str | None:
        group = self.desk.catalogue.group(place.group) if place.group else None
        if group is None:
            return None
        return self.desk.catalogue.problem(group.id) or failure_of(group, self.now())

    def _empty_items(self) -> list[str]:
        place, key = self.desk.place, self.world.keys.label
        if not self.desk.query.is_blank:
            return ["No item matches.", f"{key('back')} shows the list again."]
        match place.kind:
            case Kind.UNREAD:
                return ["Everything is read.", f"{key('refresh-all')} asks every group for more."]
            case Kind.NEW:
                return ["No new highlights.", "Items you have read show up here when somebody highlights more in them."]
            case Kind.SEARCH:
                search = self.desk.search(place.search or "")
                return [search.problem] if search and search.problem else ["No item answers to this search."]
            case Kind.STARRED:
                return ["Nothing is starred.", f"{key('star')} stars an item."]
            case _ if self.desk.catalogue.problem(place.group or ""):
                return []  # the notice says why
            case _:
                return ["No items yet.", f"{key('refresh-group')} asks for them."]

    def _remember_cursor(self) -> None:
        if self.items_list.cursor_key is not None and self.desk.query.is_blank:
            self._cursors[self.desk.place.key] = self.items_list.cursor_key

    def _remember_spot(self) -> None:
        spot = self.annotations_list.spot
        if self.current is not None and spot is not None:
            self._spots[self.current.key] = spot
