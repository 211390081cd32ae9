"""What all actions of the reading screen share: the panes, what is open in them, and how one is told.

No action lives here, and no key.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

from textual import work
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer

from florilege.commands import Scope, footer
from florilege.desk import Desk
from florilege.library import LibraryError
from florilege.marking import Mark, Step
from florilege.model import Item, Outcome
from florilege.query import Everything, Query
from florilege.text import grouped
from florilege.tui.panes.annotations import AnnotationRows
from florilege.tui.panes.days import DayRows
from florilege.tui.panes.groups import PlaceRow, PlaceRows
from florilege.tui.panes.items import ItemRows
from florilege.tui.panes.welcome import welcome
from florilege.tui.widgets.linelist import LineList, Spot
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.widgets.rows import NoRows
from florilege.tui.widgets.signs import BottomLine, TopLine
from florilege.tui.world import World
from florilege.views.catalogue import Listed, TagCount
from florilege.views.failing import failure_of
from florilege.views.orders import Order
from florilege.views.places import SMART, TITLES, Kind, Place
from florilege.views.words import ago

PANES = (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS)


class ReadingBase(Screen[None]):
    """The panes and what is open in them."""

    def __init__(self, world: World) -> None:
        super().__init__(id="reading")
        self.world = world
        self.desk: Desk = world.desk
        self.desk.common = world.config.reading.same_page == "common"
        self.groups_list = LineList(id="groups")
        self.items_list = LineList(id="items")
        self.annotations_list = LineList(id="annotations")
        self.top = TopLine()
        self.bottom = BottomLine()
        self.prompt = Prompt()
        self.pane = Scope.GROUPS
        """The pane that has the focus, or had it before the prompt took it."""
        self.current: Listed | None = None
        """The item in the annotations pane."""
        self.item: Item | None = None
        """The same, whole."""
        self.selected: dict[str, Listed] = {}
        """The items selected, by id, in the order in which they were."""
        self.unfolded: set[str] = set(world.session.unfolded)
        """Ids of the groups whose tags are shown."""
        self.left_unread: str | None = None
        """The item the reader has just marked unread by hand: moving on does not mark it read again."""
        self.peeked: str | None = None
        """The item the reader only peeks at: nothing but a key that says so marks it, until one moves on."""
        self.whole: set[str] = set()
        """Ids of the long items that are shown whole."""
        self.sought_within: Query | None = None
        """What is looked for in the open item alone."""
        self.zoomed = False
        """Whether the pane that has the focus has the whole screen."""
        self.widths: dict[Scope, int] = {
            pane: width for pane, width in zip(PANES, world.session.widths, strict=False) if width > 0
        }
        """Widths of panes as the reader set them, in cells."""
        self.compact = world.config.look.density == "compact"
        self._cursors: dict[str, str] = {}
        self._spots: dict[str, Spot] = {}
        self._saving = asyncio.Lock()
        self._rest: Timer | None = None

    # Telling

    def say(self, message: str, *, problem: bool = False) -> None:
        """Tell the reader something, on the bottom line."""
        self.bottom.say(message, problem=problem)

    def now(self) -> datetime:
        """The time on the reader's clock."""
        return self.desk.clock()

    def interrupt(self) -> bool:
        """Stop what can be stopped; whether there was anything."""
        return False

    # Panes

    def pane_list(self, pane: Scope) -> LineList:
        """The list of a pane."""
        return {Scope.GROUPS: self.groups_list, Scope.ITEMS: self.items_list}.get(pane, self.annotations_list)

    @property
    def active(self) -> LineList:
        """The list of the pane that has the focus."""
        return self.pane_list(self.pane)

    @property
    def annotations_shown(self) -> bool:
        """Whether the annotations are on the screen now."""
        return bool(self.annotations_list.display)

    def go_to_pane(self, pane: Scope) -> None:
        """Give a pane the focus, showing it first where there is room for fewer than three."""
        self.pane = pane
        self.lay_out_panes()
        self.pane_list(pane).focus()

    def lay_out_panes(self) -> None:
        """Show as many panes as there is room for: the focused one and what lies inwards of it."""
        width = self.app.size.width
        number = 1 if self.zoomed else 3 if width >= 100 else 2 if width >= 70 else 1
        first = min(PANES.index(self.pane), 3 - number)
        for place, pane in enumerate(PANES):
            line_list = self.pane_list(pane)
            line_list.display = first <= place < first + number
            is_last = place == first + number - 1
            line_list.styles.width = None if is_last or number == 1 else self.widths.get(pane)
        for layout, panes in (("three", 3), ("two", 2), ("one", 1)):
            self.set_class(number == panes, layout)
        self.show_keys()
        self.watch_rest()

    def show_keys(self) -> None:
        """Show the keys that matter now."""
        if self.prompt.is_open:
            self.bottom.show_keys([("↵", "done"), *self.prompt.hints, ("esc", "never mind")])
        else:
            self.bottom.show_keys(footer(self.pane, self.world.keys))

    async def come_back(self) -> bool:
        """Go back where one was before one looked elsewhere; whether one did. The screen knows how."""
        return False

    def leave_prompt(self) -> None:
        """Close the line for typing as if it had never been opened; the screen knows how."""
        raise NotImplementedError

    # The groups pane

    @property
    def place_under_cursor(self) -> Place | None:
        """The place under the cursor of the groups pane."""
        rows = self.groups_list.rows
        return rows.place(self.groups_list.cursor) if isinstance(rows, PlaceRows) else None

    def show_groups(self) -> None:
        """Build the groups pane again from what is known; the cursor stays where it is."""
        catalogue = self.desk.catalogue
        totals = catalogue.totals()
        gathered = {
            Kind.UNREAD: totals.unread,
            Kind.NEW: totals.newly_highlighted,
            Kind.STARRED: totals.starred,
            Kind.EVERYTHING: totals.items,
        }
        smart = [PlaceRow(Place(kind), TITLES[kind], gathered[kind]) for kind in SMART]
        if len(self.desk.arrivals):
            smart.append(PlaceRow(Place(Kind.ARRIVED), TITLES[Kind.ARRIVED], len(self.desk.arrivals)))
        smart += self.search_rows()
        rows: list[PlaceRow] = []
        for group in catalogue.groups():
            counts = catalogue.counts(group.id)
            unfolded = group.id in self.unfolded
            rows.append(
                PlaceRow(
                    Place(Kind.GROUP, group.id),
                    group.title,
                    counts.unread,
                    counts.items,
                    unfolded=unfolded,
                    failing=group.outcome is Outcome.FAILED,
                    warnings=len(group.warnings),
                )
            )
            if unfolded:
                rows += [
                    PlaceRow(Place(Kind.TAG, group.id, each.tag), each.tag, each.items, depth=1)
                    for each in self.tags_of(group.id)
                ]
        self.groups_list.show(PlaceRows(smart, rows), cursor_key=self.groups_list.cursor_key or self.desk.place.key)

    def tags_of(self, group_id: str) -> Sequence[TagCount]:
        """The tags of a group, in the order of the pane."""
        return self.desk.catalogue.tags(group_id)

    def search_rows(self) -> list[PlaceRow]:
        """The saved searches as rows; `searching` knows them."""
        return []

    # The items pane

    async def open_place(self, place: Place, *, cursor: str | None = None) -> None:
        """Show the items of a place afresh.

        Args:
            place: Which place; opening the one that is open lets go of what was just read. A filter is taken off.
            cursor: The id of the item to go to; the one last visited there when None.
        """
        self._remember_cursor()
        self.desk.close()
        rows = await self._listed(place, Everything())
        self.desk.open(place, Everything(), rows)
        self.show_items(cursor=cursor or self._cursors.get(place.key), keep_place=False)

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

    def show_item(self) -> None:
        """Show the item under the cursor of the items pane in the annotations pane."""
        rows = self.items_list.rows
        listed = rows.listed_at(self.items_list.cursor) if isinstance(rows, ItemRows) else None
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
        if listed is not None and self.pane is not Scope.GROUPS:
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
        is_marked = isinstance(rows, AnnotationRows) and rows.query == self.sought
        if item is not None and (item != self.item or not is_marked):
            self.item = item
            self.annotations_list.show(self._annotation_rows(listed, item), keep_place=True)
        self.show_top()

    def _annotation_rows(self, listed: Listed, item: Item) -> AnnotationRows:
        return AnnotationRows(
            item,
            self.desk.state(listed),
            now=self.now(),
            group_title=listed.group_title,
            also_in=self.also_in(listed),
            query=self.sought,
            fold_after=None if listed.key in self.whole else self.world.config.look.fold_after,
            fold_key=self.world.keys.label("fold"),
        )

    def also_in(self, listed: Listed) -> Sequence[str]:
        """Where else the page of an item was shared, in words."""
        return self.desk.catalogue.also_in(listed.head)

    @property
    def sought(self) -> Query:
        """What is looked for, and marked, in the open item: in that item alone, or else by the list."""
        return self.sought_within or self.desk.asked

    def show_top(self) -> None:
        """Say where one is, how many, and how fresh."""
        place, catalogue = self.desk.place, self.desk.catalogue
        crumbs = ["Home"]
        if place.group is None:
            crumbs.append(place.title)
        else:
            crumbs.append(catalogue.title(place.group))
            if place.tag:
                crumbs.append(f"#{place.tag}")
        crumbs += [text for text, _ in self.desk.query.crumbs()]
        facts = [f"{grouped(len(self.selected))} selected"] if self.selected else []
        facts.append(f"{self.desk.unread_shown()} unread")
        if self.desk.rows:
            facts.append(f"{self.desk.above + self.position + 1} of {self.desk.total}")
        else:
            facts.append("no items")
        group = catalogue.group(place.group) if place.group else None
        checked = (
            group.checked_at if group else max((g.checked_at for g in catalogue.groups() if g.checked_at), default=None)
        )
        if checked:
            facts.append(f"refreshed {ago(checked, self.now())}")
        self.top.show(crumbs, facts)

    @property
    def chosen(self) -> list[Listed]:
        """The items selected, in the order of the list; none while one is among the groups."""
        return [row for row in self.desk.rows if row.key in self.selected] if self.pane is not Scope.GROUPS else []

    @property
    def position(self) -> int:
        """The place of the open item in the list, from 0; -1 when nothing is open."""
        rows = self.items_list.rows
        return rows.position(self.items_list.cursor) if isinstance(rows, ItemRows) else -1

    # Marking

    @work(group="saving", name="mark", description="Writing what was marked", exit_on_error=False)
    async def save_mark(
        self, rows: Iterable[Listed], mark: Mark, *, automatic: bool = False, bulk: bool = False, told: str = ""
    ) -> None:
        """Mark items; they show as marked once it is durable.

        Args:
            rows: Which items.
            mark: What to do.
            automatic: Whether no key asked for it.
            bulk: Whether a whole list was meant.
            told: What to say; `{}` stands for the number of items that changed. Nothing when empty.
        """
        async with self._saving:
            await self.write_mark(rows, mark, automatic=automatic, bulk=bulk, told=told)

    async def write_mark(
        self, rows: Iterable[Listed], mark: Mark, *, automatic: bool = False, bulk: bool = False, told: str = ""
    ) -> None:
        """Do what `save_mark` does, in a worker that has waited for its turn."""
        try:
            step = await asyncio.to_thread(self.desk.mark, list(rows), mark, automatic=automatic, bulk=bulk)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return
        self.marked(step)
        if told:
            self.say(told.format(len(step.changes)) if step else "Nothing to change.")
        self.tell_unsaved()

    def tell_unsaved(self) -> None:
        """Say so when what was marked is not written yet."""
        if self.desk.unsaved:
            self.say(self.desk.unsaved, problem=True)

    def marked(self, step: Step | None) -> None:
        """Show what has been marked."""
        if step is not None:
            self.items_list.refresh_rows()
            self.show_groups()
            self.show_top()

    def watch_rest(self) -> None:
        """Begin to wait whether the reader rests on this item with its annotations on the screen.

        Whoever chooses a group or types what to look for does not read.
        """
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        after = self.world.config.reading.mark_after if self.world.config.reading.mark == "rest" else None
        if after is None or self.current is None or not self._is_reading:
            return
        state = self.desk.state(self.current)
        if not state.is_read or state.seen < self.current.head.revision:
            self._rest = self.set_timer(max(after, 0.001), self._rested)

    @property
    def _is_reading(self) -> bool:
        """Whether the annotations lie before the reader's eyes, as far as can be told."""
        choosing = self.pane is Scope.GROUPS or self.prompt.is_open
        return self.annotations_shown and not choosing and self.app.app_focus and self.is_current

    def _rested(self) -> None:
        if self._is_reading:
            self.mark_as_seen(self.current)

    def mark_as_seen(self, *rows: Listed | None) -> None:
        """Mark items read because of what the reader did with them.

        Not those they have just said to be unread or only peek at, and none when they mark by hand only.
        """
        if self.world.config.reading.mark == "hand":
            return
        seen = [row for row in rows if row is not None and row.key not in {self.left_unread, self.peeked}]
        if seen:
            self.save_mark(seen, Mark.READ, automatic=True)

    # Private

    async def _listed(self, place: Place, query: Query, *, refreshed: bool = False) -> list[Listed]:
        try:
            return await asyncio.to_thread(self.desk.listed, place, query, refreshed=refreshed)
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
        return failure_of(group, self.now()) if group else None

    def _empty_items(self) -> list[str]:
        place, key = self.desk.place, self.world.keys.label
        if not self.desk.query.is_blank:
            return ["No item matches.", f"{key('back')} takes the filter off."]
        match place.kind:
            case Kind.UNREAD:
                return ["Everything is read.", f"{key('refresh-all')} asks every group for more."]
            case Kind.NEW:
                return [
                    "No new highlights.",
                    "Items you have read show up here when",
                    "somebody highlights more in them.",
                ]
            case Kind.SEARCH:
                search = self.desk.search(place.search or "")
                return [search.problem] if search and search.problem else ["No item answers to this search."]
            case Kind.STARRED:
                return ["Nothing is starred.", f"{key('star')} stars an item."]
            case _:
                return ["No items yet.", f"{key('refresh-group')} asks for them."]

    def _remember_cursor(self) -> None:
        if self.items_list.cursor_key is not None and self.desk.query.is_blank:
            self._cursors[self.desk.place.key] = self.items_list.cursor_key

    def _remember_spot(self) -> None:
        spot = self.annotations_list.spot
        if self.current is not None and spot is not None:
            self._spots[self.current.key] = spot
