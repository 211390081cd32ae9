"""The groups pane: smart places (lists across groups), saved searches, and groups with their tags."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from florilege.commands import Scope
from florilege.lists.places import SMART, TITLES, Place, PlaceKind
from florilege.model import Group, Outcome, Source
from florilege.text import clean_line, counted, grouped
from florilege.tui.command_screen import Question
from florilege.tui.panes.fitting import two_ends
from florilege.tui.widgets.lines import Line, Piece, width_of
from florilege.tui.widgets.row_list import RowList
from florilege.tui.widgets.rows import Rows
from florilege.words import NO_TITLE

if TYPE_CHECKING:
    from florilege.tui.reading.screen import ReadingScreen

GAP = "gap"
"""Key of the blank line between smart places and groups."""


class PlaceRow(msgspec.Struct, frozen=True):
    """A place as a row of the groups pane."""

    place: Place
    label: str
    count: int | None
    """Unread items for a group or search, all gathered items for a smart place. None if not known."""
    total: int | None = None
    """All items, where that is shown too."""
    depth: int = 0
    unfolded: bool | None = None
    """Whether its tags are shown; None when it has none to show."""
    failing: bool = False
    warnings: int = 0
    """The number of oddities in its documents; the overview lists them."""

    def line(self, cells: int) -> Line:
        """The label at the left, the counts at the right."""
        label = clean_line(self.label) or NO_TITLE
        if self.depth:
            return two_ends((("tag", f"    #{label}"),), self._counts, cells)
        sign = ("error", "⚠ ") if self.failing else ("metadata", _FOLD_SIGNS[self.unfolded])
        return two_ends((sign, ("unread" if self.count else "read", label)), self._counts, cells)

    @property
    def room(self) -> int:
        """The pane width in which the whole label fits: frame, cursor, sign and scrollbar take eight cells."""
        return width_of(self.label) + sum(len(text) for _, text in self._counts) + 8

    @property
    def _counts(self) -> Line:
        counts: list[Piece] = [("metadata", f"!{grouped(self.warnings)}  ")] if self.warnings else []
        if self.count is not None:
            counts.append(("unread" if self.count and not self.depth else "metadata", grouped(self.count)))
        if self.total is not None and self.count is not None:
            counts.append(("metadata", f"/{grouped(self.total)}"))
        return tuple(counts)


_FOLD_SIGNS = {None: "  ", False: "▸ ", True: "▾ "}


class PlaceRows(Rows):
    """All rows of the groups pane."""

    uniform = 1

    def __init__(self, smart: Sequence[PlaceRow], groups: Sequence[PlaceRow]) -> None:
        """Create the rows.

        Args:
            smart: The places that gather items across groups.
            groups: Groups, each followed by its tags.
        """
        self.rows: list[PlaceRow | None] = [*smart, *([None] if groups and smart else []), *groups]

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> str:
        """The place's own key."""
        row = self.rows[index]
        return row.place.key if row else GAP

    def selectable(self, index: int) -> bool:
        """All but the gap."""
        return self.rows[index] is not None

    def lines(self, index: int, width: int) -> Sequence[Line]:
        """One line, kept clear of the scrollbar."""
        row = self.rows[index]
        return [row.line(width - 1)] if row else []

    def words(self, index: int) -> str:
        """The label of the place."""
        row = self.rows[index]
        return row.label if row else ""

    def is_sign(self, index: int, cell: int) -> bool:
        """Whether the cell is the sign that folds and unfolds a group's tags."""
        row = self.rows[index]
        return cell == 0 and row is not None and row.unfolded is not None and not row.failing

    def place(self, index: int) -> Place | None:
        """The place of a row; None if it has none."""
        row = self.rows[index] if 0 <= index < len(self.rows) else None
        return row.place if row else None

    def has_tags(self, index: int) -> bool:
        """Whether a row is a group with tags, or one of those tags."""
        row = self.rows[index] if 0 <= index < len(self.rows) else None
        return row is not None and (row.depth > 0 or row.unfolded is not None)


_PUT = "Put the cursor on a group to {}."


class GroupsPane:
    """Shows the places that can be opened."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self.list = reading.frame.lists[Scope.GROUPS]
        self._reading = reading
        self._state = reading.state
        self.unfolded: set[str] = set(reading.world.session.unfolded)
        """Ids of the groups whose tags are shown."""
        self.room = 0
        """The width in cells that shows all titles in full."""

    # What is shown

    def show(self) -> None:
        """Show the current places and counts; the cursor stays where it is."""
        catalogue, totals, arrivals = self._state.catalogue, self._state.totals(), self._state.arrivals
        numbers = {
            PlaceKind.UNREAD: totals.unread,
            PlaceKind.NEW: totals.newly_highlighted,
            PlaceKind.STARRED: totals.starred,
            PlaceKind.EVERYTHING: totals.items,
        }
        smart = [PlaceRow(Place(kind), TITLES[kind], numbers[kind]) for kind in SMART]
        if len(arrivals):
            smart.append(PlaceRow(Place(PlaceKind.ARRIVED), TITLES[PlaceKind.ARRIVED], len(arrivals)))
        if self._state.place.kind is PlaceKind.TODAY:  # reached by *Go to*; listed only while it is open
            smart.append(PlaceRow(Place(PlaceKind.TODAY), TITLES[PlaceKind.TODAY], None))
        smart += self._reading.searches.rows() if self._state.searches else []
        groups: list[PlaceRow] = []
        for group in catalogue.groups():
            counts = catalogue.counts(group.id)
            has_none = not counts.items or catalogue.has_tags(group.id) is False
            groups.append(
                PlaceRow(
                    Place(PlaceKind.GROUP, group.id),
                    group.title,
                    counts.unread,
                    counts.items,
                    unfolded=None if has_none else group.id in self.unfolded,
                    failing=group.outcome is Outcome.FAILED or bool(catalogue.problem(group.id)),
                    warnings=len(group.warnings),
                )
            )
            tags = catalogue.tags(group.id) if group.id in self.unfolded else ()
            groups += [
                PlaceRow(Place(PlaceKind.TAG, group.id, tag.label), tag.label, tag.items, depth=1) for tag in tags
            ]
        self.list.show(PlaceRows(smart, groups), cursor_key=self.list.cursor_key or self._state.place.key)
        room = max((row.room for row in groups if not row.depth), default=0)
        before, self.room = self.room, room
        if before not in {0, room}:  # the first time, the panes are laid out anyway
            self._reading.frame.lay_out()

    def follow_list(self) -> None:
        """Move the cursor to the place of the list that was opened."""
        place = self._state.place
        if place.kind is PlaceKind.TODAY:
            self.show()
        with self.list.prevent(RowList.Moved):  # it is open already
            self.list.move_to(place.key)
        self._take_sign(place.group)

    @property
    def rows(self) -> PlaceRows | None:
        """The rows; None before they are first shown."""
        rows = self.list.rows
        return rows if isinstance(rows, PlaceRows) else None

    @property
    def place(self) -> Place | None:
        """The place under the cursor."""
        return self.rows.place(self.list.cursor) if self.rows else None

    @property
    def group(self) -> Group | None:
        """The group under the cursor, or the group of the tag there; None on a smart place or a search."""
        place = self.place
        return self._state.catalogue.group(place.group) if place and place.group else None

    @property
    def search(self) -> str | None:
        """The name of the saved search under the cursor."""
        return self.place.search if self.place else None

    @property
    def has_tags(self) -> bool:
        """Whether the cursor is on a group with tags, or on such a tag."""
        return self.rows is not None and self.rows.has_tags(self.list.cursor)

    def _take_sign(self, group_id: str | None) -> None:
        """Remove a group's fold sign once the group has been read and turns out to have no tags."""
        if group_id is None or self._state.catalogue.has_tags(group_id) is not False or self.rows is None:
            return
        if any(row and row.place.group == group_id and row.unfolded is not None for row in self.rows.rows):
            self.show()

    # Tags

    def turn_fold(self, index: int | None = None) -> None:
        """Show or hide the tags of the group in a row, by default the row under the cursor."""
        place = self.place if index is None or self.rows is None else self.rows.place(index)
        if place is None or place.group is None:
            self._reading.say("Only groups have tags to show.")
        elif place.group in self.unfolded:
            self.unfolded.discard(place.group)
            self._folded(place)
        else:
            self._reading.start(partial(self._unfold, place, place.group), "tags")

    async def _unfold(self, place: Place, group_id: str) -> None:
        tags = await asyncio.to_thread(self._state.catalogue.tags, group_id)
        if not tags:
            title = self._state.catalogue.title(group_id)
            self._reading.say(self._state.catalogue.problem(group_id) or f"{title} has no tags.")
        else:
            self.unfolded.add(group_id)
        self._folded(place)

    def _folded(self, place: Place) -> None:
        if place.kind is PlaceKind.TAG:
            self.list.move_to(place.outer.key)
        self.show()

    # Titles, addresses, removal: the same keys do this with saved searches

    async def action_rename_group(self) -> None:
        """Ask for a new title for the group under the cursor, or a new name for the search."""
        group, reading = self.group, self._reading
        if self.search is not None:
            await reading.searches.rename()
        elif group is None:
            await reading.refuse(_PUT.format("rename it"))
        elif (title := await reading.ask(Question("Rename", "another title", group.title))) is None:
            pass
        elif title in {"", group.title}:
            reading.say(f"{group.title} stays as it is.")
        elif await reading.read(lambda: self._state.changes.rename_group(group.id, title)) is not None:
            await reading.fetching.take_in([group.id])
            reading.say(f"{group.title} is now called {title}.")

    async def action_change_address(self) -> None:
        """Ask for a new address for the group under the cursor, and fetch the group from there."""
        from florilege.refresh.sources import completed, is_address
        from florilege.tui.paths import completed_path, is_file, meant
        from florilege.urls import redact

        group, reading = self.group, self._reading
        if group is None or not group.sources:
            why = f"{group.title} has no source." if group else _PUT.format("change its address")
            await reading.refuse(why)
            return
        # Of several sources, change the one that fails.
        source = next((each for each in group.sources if each.error), group.sources[0])
        text = source.address if redact(source.address) == source.address else ""  # keeps secrets off the screen
        while typed := await reading.ask(Question("Address", "where it is now", text, complete=completed_path)):
            whole = completed(meant(typed))
            address = whole or meant(typed)
            if is_address(address) or await asyncio.to_thread(is_file, address):
                break
            reading.say(f"There is no file {typed}; an address begins with https:// or http://.", problem=True)
            text = typed
        if not typed or address == source.address:
            reading.say(f"{group.title} keeps its address.")
            return
        # As when adding a group: if no scheme was typed and no server answers by https, try http.
        for tried in (address, f"http{whole.removeprefix('https')}") if whole else (address,):
            if await reading.read(partial(self._state.changes.change_address, group.id, source, tried)) is None:
                return
            source = Source(address=tried, part=source.part)
            await reading.fetching.take_in([group.id])
            changed = self._state.catalogue.group(group.id)
            if changed is None or not await reading.fetching.is_unreached(changed):
                return
        if whole:  # no server answers at all: keep the first address tried
            await reading.read(partial(self._state.changes.change_address, group.id, source, address))
            await reading.fetching.take_in([group.id])

    async def action_remove_group(self) -> None:
        """Remove the group under the cursor after asking for confirmation; a search is removed at once."""
        group, reading, state = self.group, self._reading, self._state
        if self.search is not None:
            await reading.searches.delete()
            return
        if group is None:
            await reading.refuse(_PUT.format("remove it"))
            return
        items = counted(state.catalogue.counts(group.id).items, "item")
        if not await reading.is_sure(f"Remove {group.title} with {items}?"):
            reading.say(f"{group.title} stays as it is.")
            return
        async with reading.marker.writing:  # after pending marks are written, so that undo takes back the removal first
            if await reading.read(lambda: state.changes.remove_group(group.id)) is None:
                return
        if state.place.group == group.id:
            await reading.moves.open_place(Place(PlaceKind.UNREAD))
        await reading.fetching.take_in([group.id])
        reading.fetching.index_pages()
        undo = reading.key("undo") or "undo"
        reading.say(f"{group.title} was removed. Until you leave, {undo} brings it back.")
