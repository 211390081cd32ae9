"""The frame of the reading screen: three panes and two lines, which of them has the focus, and where one is.

What the panes show is for `placing` and `base` to say.
"""

import asyncio
from datetime import datetime

from textual.screen import Screen
from textual.timer import Timer

from florilege.commands import Command, Need, Scope, footer
from florilege.lists.catalogue import Listed
from florilege.lists.desk import Desk
from florilege.lists.places import Place
from florilege.model import Group, Item
from florilege.query import Query
from florilege.text import counted, grouped
from florilege.tui.panes.groups import PlaceRows
from florilege.tui.panes.heights import Measures
from florilege.tui.panes.items import ItemRows
from florilege.tui.widgets.linelist import LineList, Spot
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.widgets.signs import BottomLine, TopLine
from florilege.tui.world import World
from florilege.words import ago

LEAST = 16
"""Cells a pane keeps."""
FIND = "find"
"""What the line for typing is for while something is looked for in a list."""
PANES = (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS)


class Framing(Screen[None]):
    """The panes, the lines around them, and what is open in them."""

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
        self.has_begun = False
        """Whether the first paint is done: what can wait for it begins then."""
        self.zoomed = world.session.zoomed
        """Whether the pane that has the focus has the whole screen."""
        self.widths: dict[Scope, int] = {
            pane: width for pane, width in zip(PANES, world.session.widths, strict=False) if width > 0
        }
        """Widths of panes as the reader set them, in cells."""
        density = world.config.look.density
        self.compact = (density == "compact") != (world.session.turned == density)
        self._widths_set: dict[LineList, tuple[int | None, int | None, str | None]] = {}
        """Width, least and most that panes were given last."""
        self.measures = Measures()
        """How high the rows of the last lists of items are."""
        self._cursors: dict[str, str] = {}
        self._spots: dict[str, Spot] = {}
        self._saving = asyncio.Lock()
        self._reaching = asyncio.Lock()
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
        self.set_focus(self.pane_list(pane))  # at once: what is typed next is meant for it

    def lay_out_panes(self) -> None:
        """Show as many panes as there is room for: the focused one and what lies inwards of it."""
        width = self.app.size.width
        number = 1 if self.zoomed else 3 if width >= 100 else 2 if width >= 70 else 1
        # What is found is to be seen while it is typed, wherever one began.
        finds_unseen = number == 1 and self.prompt.purpose == FIND
        first = min(PANES.index(Scope.ITEMS if finds_unseen else self.pane), 3 - number)
        room = width
        for place, pane in enumerate(PANES):
            line_list = self.pane_list(pane)
            line_list.display = first <= place < first + number
            after = first + number - 1 - place
            if not line_list.display:
                continue
            own = self.widths.get(pane) if after and number > 1 else None
            room -= self._set_width(line_list, own, room - LEAST * after, is_last=not after)
        for layout, panes in (("three", 3), ("two", 2), ("one", 1)):
            self.set_class(number == panes, layout)
        self.show_keys()
        self.watch_rest()

    def _set_width(self, line_list: LineList, own: int | None, most: int, *, is_last: bool) -> int:
        """Give a pane the width the reader wants, as far as there is room; the cells that are then sure to be taken."""
        wanted = None if own is None else max(LEAST, min(own, most))
        # What the reader wants goes beyond the least and most that are usual.
        widths = (None, LEAST if is_last else None, None) if wanted is None else (wanted, LEAST, "100%")
        if self._widths_set.get(line_list) != widths:  # the same again would have the whole screen laid out again
            self._widths_set[line_list] = widths
            styles = line_list.styles
            styles.width, styles.min_width, styles.max_width = widths
        return wanted or LEAST

    def show_keys(self) -> None:
        """Show the keys that matter now."""
        if self.prompt.is_open:
            self.bottom.show_keys([("↵", "done"), *self.prompt.hints, ("esc", "never mind")])
        else:
            pane = self.pane if self.desk.catalogue.groups() else Scope.GROUPS  # there one begins, by adding a group
            leaves = self.world.keys.label("zoom") if self.zoomed else ""
            zoom = [(leaves, "all panes")] if leaves else []
            self.bottom.show_keys([*zoom, *footer(pane, self.world.keys, self._matters)])

    def makes_sense(self, each: Command) -> bool:
        """Whether what a command needs is there."""
        return self._has(each.need)

    def _has(self, need: Need) -> bool:
        match need:
            case Need.GROUP:
                place = self.place_under_cursor
                return place is not None and place.group is not None
            case Need.GROUPS:
                return bool(self.desk.catalogue.groups())
            case Need.ITEMS:
                return bool(self.desk.rows) or self.desk.totals().items > 0
            case Need.ITEM:
                return self.current is not None
            case Need.LINK:
                return self.item is not None and self.item.url is not None
            case Need.QUOTE:
                return self.item is not None and bool(self.item.highlights)
            case Need.LIST:
                return bool(self.desk.rows)
            case Need.SEARCH:
                return bool(self.desk.searches)
            case Need.UNDO:
                return len(self.desk.history) > 0
            case _:
                return True

    def _matters(self, each: Command) -> bool:
        """Whether the footer shows a command. What one item lacks and the next one has does not come and go there."""
        match need := each.footer_need or each.need:
            case Need.ITEM if self.pane is Scope.GROUPS:
                return bool(self.desk.catalogue.groups())  # there the key means the groups
            case Need.LINK | Need.QUOTE:
                return self.current is not None
            case Need.UNREAD:
                return self.desk.catalogue.has_unread()
            case Need.TAGS:
                rows = self.groups_list.rows
                return isinstance(rows, PlaceRows) and rows.has_tags(self.groups_list.cursor)
            case Need.FILTER:
                return bool(self.desk.rows) or not self.desk.query.is_blank
            case Need.INSIDE:  # an empty list out of sight says why it is empty
                return bool(self.desk.rows) or (self.pane is Scope.GROUPS and self.has_class("one"))
            case Need.OUTSIDE:
                return self.has_class("one") and not self.zoomed
            case _:
                return self._has(need)

    @property
    def place_under_cursor(self) -> Place | None:
        """The place under the cursor of the groups pane."""
        rows = self.groups_list.rows
        return rows.place(self.groups_list.cursor) if isinstance(rows, PlaceRows) else None

    async def come_back(self) -> bool:
        """Go back where one was before one looked elsewhere; whether one did. The screen knows how."""
        return False

    def leave_prompt(self) -> None:
        """Close the line for typing as if it had never been opened; the screen knows how."""
        raise NotImplementedError

    def watch_rest(self) -> None:
        """Begin to wait whether the reader rests on this item; `saving` knows how."""

    # Where one is

    @property
    def is_looking(self) -> bool:
        """Whether what is asked for is still being looked for; `gathering` knows."""
        return False

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
        if self.is_looking:
            facts.append("still looking")
        facts.append(f"{self.desk.unread_shown()} unread")
        if self.desk.rows:
            facts.append(f"{self.desk.above + self.position + 1} of {self.desk.total}")
        else:
            facts.append("no items")
        group = catalogue.group(place.group) if place.group else None
        facts += self._freshness(group)
        tells = self.world.keys.label("overview")
        if group is not None and group.warnings and tells:
            facts.append(f"{tells} tells {counted(len(group.warnings), 'warning')}")
        self.top.show(crumbs, facts)
        self.show_keys()

    def _freshness(self, group: Group | None) -> list[str]:
        """When the group, or any group, was last asked; in vain when it fails."""
        asked = [group] if group else [each for each in self.desk.catalogue.groups() if not each.error]
        checked = max((each.checked_at for each in asked if each.checked_at), default=None)
        verb = "tried" if group and group.error else "refreshed"
        return [f"{verb} {ago(checked, self.now())}"] if checked else []

    @property
    def chosen(self) -> list[Listed]:
        """The items selected, in the order of the list; none while one is among the groups."""
        return [row for row in self.desk.rows if row.key in self.selected] if self.pane is not Scope.GROUPS else []

    @property
    def position(self) -> int:
        """The place of the open item in the list, from 0; -1 when nothing is open."""
        rows = self.items_list.rows
        return rows.position(self.items_list.cursor) if isinstance(rows, ItemRows) else -1
