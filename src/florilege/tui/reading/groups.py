"""The groups pane: smart places (lists across groups), saved searches, and groups with their tags."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from florilege.commands import Scope
from florilege.lists.places import SMART, TITLES, Place, PlaceKind
from florilege.model import Counts, Group, Outcome, Source
from florilege.text import clean_line, counted, grouped
from florilege.tui.command_screen import Question
from florilege.tui.panes.fitting import two_ends
from florilege.tui.widgets.lines import Line, Piece, width_of
from florilege.tui.widgets.row_list import RowList
from florilege.tui.widgets.rows import PlainRows, Row
from florilege.words import NO_TITLE

if TYPE_CHECKING:
    from florilege.lists.counts import LabelCount
    from florilege.tui.reading.screen import ReadingScreen

_GAP = Row("gap", lambda _: (), "")
"""The blank line between smart places and groups."""
_FOLD_SIGNS = {None: "  ", False: "▸ ", True: "▾ "}
_TOTALS = {
    PlaceKind.UNREAD: "unread",
    PlaceKind.NEW: "newly_highlighted",
    PlaceKind.STARRED: "starred",
    PlaceKind.EVERYTHING: "items",
}
"""What is counted of the whole library for a place across groups: a field of `Counts`."""


class PlaceRow(msgspec.Struct, frozen=True):
    """A place as a row of the groups pane. Its counts are looked up when it is drawn, so a mark makes no other row."""

    place: Place
    label: str
    counts: Callable[[], tuple[int | None, int | None]]
    """Returns unread items, for a group or search, or all items, for other places; and all items, where they are shown
    too. None if not known."""
    unfolded: bool | None = None
    """Whether its tags are shown; None when it has none to show."""
    failing: bool = False
    warnings: int = 0
    """The number of oddities in its documents; the overview lists them."""

    def lines(self, cells: int) -> Sequence[Line]:
        """One line: the label at the left, the counts at the right, kept clear of the scrollbar."""
        label, right = clean_line(self.label) or NO_TITLE, self._right
        if self.place.tag is not None:
            return [two_ends((("tag", f"    #{label}"),), right, cells - 1)]
        sign = ("error", "⚠ ") if self.failing else ("metadata", _FOLD_SIGNS[self.unfolded])
        return [two_ends((sign, ("unread" if self.counts()[0] else "read", label)), right, cells - 1)]

    @property
    def room(self) -> int:
        """The pane width in which the whole label fits: frame, cursor, sign and scrollbar take eight cells."""
        return width_of(self.label) + sum(len(text) for _, text in self._right) + 8

    @property
    def _right(self) -> Line:
        count, total = self.counts()
        pieces: list[Piece] = [("metadata", f"!{grouped(self.warnings)}  ")] if self.warnings else []
        if count is not None:
            pieces.append(("unread" if count and self.place.tag is None else "metadata", grouped(count)))
            pieces += [("metadata", f"/{grouped(total)}")] if total is not None else []
        return tuple(pieces)


class PlaceRows(PlainRows):
    """All rows of the groups pane; each has a `PlaceRow` as its value, except the gap."""

    def is_sign(self, index: int, cell: int) -> bool:
        """Whether the cell is the sign that folds and unfolds a group's tags."""
        row: PlaceRow | None = self.value(index)
        return cell == 0 and row is not None and row.unfolded is not None and not row.failing


def numbers(counts: Callable[[], Counts | None]) -> tuple[int | None, int | None]:
    """The numbers of a group or a search: unread items, and all."""
    found = counts()
    return (found.unread, found.items) if found else (None, None)


_PUT = "Put the cursor on a group to {}."


class GroupsPane:
    """Shows the places that can be opened."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self.list = reading.frame.lists[Scope.GROUPS]
        self._reading = reading
        self._state = reading.state
        self.unfolded: set[str] = set(reading.context.session.unfolded)
        """Ids of the groups whose tags are shown."""
        self.room = 0
        """The width in cells that shows all titles in full."""
        self._tags: dict[str, list[LabelCount]] = {}
        """The tags of groups, as they were counted last."""
        self._totals = Counts()

    # What is shown

    async def update(self, changed: Collection[str] = ()) -> None:
        """Read the groups that have changed, and show what is known of all."""
        await self._reading.read(partial(self._read, changed))
        self.show()

    def _read(self, changed: Collection[str]) -> None:
        catalogue = self._state.catalogue
        for group_id in changed:
            catalogue.forget(group_id)
        for group in catalogue.groups():
            catalogue.counts(group.id)
            if group.id in self.unfolded:
                self._tags[group.id] = catalogue.tags(group.id)

    def refresh(self) -> None:
        """Show the current counts."""
        self._totals = self._state.totals()
        self.list.refresh_rows()

    def show(self) -> None:
        """Show the current places and counts; the cursor stays where it is. Tags are those read last."""
        catalogue, state = self._state.catalogue, self._state
        self._totals = state.totals()
        # *On this day* is reached by *Go to*, and listed only while it is open.
        present = {PlaceKind.ARRIVED: len(state.arrivals) > 0, PlaceKind.TODAY: state.place.kind is PlaceKind.TODAY}
        kinds = [*SMART, *(kind for kind, is_present in present.items() if is_present)]
        smart = [PlaceRow(Place(kind), TITLES[kind], partial(self._number, kind)) for kind in kinds]
        smart += self._reading.searches.rows() if state.searches else []
        groups: list[PlaceRow] = []
        for group in catalogue.groups():
            has_none = not catalogue.counts(group.id).items or catalogue.has_tags(group.id) is False
            groups.append(
                PlaceRow(
                    Place(PlaceKind.GROUP, group.id),
                    group.title,
                    partial(numbers, partial(catalogue.counts, group.id)),
                    unfolded=None if has_none else group.id in self.unfolded,
                    failing=group.outcome is Outcome.FAILED or bool(catalogue.problem(group.id)),
                    warnings=len(group.warnings),
                )
            )
            groups += [
                PlaceRow(Place(PlaceKind.TAG, group.id, tag.label), tag.label, lambda n=tag.items: (n, None))  # type: ignore[misc]
                for tag in (self._tags.get(group.id, ()) if group.id in self.unfolded else ())
            ]
        rows = [Row(each.place.key, each.lines, each.label, each) for each in (*smart, *groups)]
        rows[len(smart) : len(smart)] = [_GAP] if groups else []
        self.list.show(PlaceRows(rows, uniform=1), cursor_key=self.list.cursor_key or state.place.key)
        room = max((row.room for row in groups if row.place.tag is None), default=0)
        before, self.room = self.room, room
        if before not in {0, room}:  # the first time, the panes are laid out anyway
            self._reading.frame.lay_out()

    def _number(self, kind: PlaceKind) -> tuple[int | None, None]:
        if kind is PlaceKind.ARRIVED:
            return len(self._state.arrivals), None
        return (getattr(self._totals, _TOTALS[kind]) if kind in _TOTALS else None), None

    def follow_list(self) -> None:
        """Move the cursor to the place of the list that was opened."""
        place, catalogue = self._state.place, self._state.catalogue
        # The sign of a group goes once it has been read and turns out to have no tags.
        is_signed = any(row.place.group == place.group and row.unfolded is not None for row in self.rows)
        if place.kind is PlaceKind.TODAY or (place.group and is_signed and catalogue.has_tags(place.group) is False):
            self.show()
        with self.list.prevent(RowList.Moved):  # it is open already
            self.list.move_to(place.key)

    @property
    def rows(self) -> list[PlaceRow]:
        """The places shown, in order."""
        return [row.value for row in self.list.rows.rows if row.value] if isinstance(self.list.rows, PlaceRows) else []

    @property
    def row(self) -> PlaceRow | None:
        """The row under the cursor."""
        return self._row_at(self.list.cursor)

    def _row_at(self, index: int) -> PlaceRow | None:
        rows = self.list.rows
        return rows.value(index) if isinstance(rows, PlaceRows) else None

    @property
    def place(self) -> Place | None:
        """The place under the cursor."""
        return self.row.place if self.row else None

    @property
    def group(self) -> Group | None:
        """The group under the cursor, or the group of the tag there; None on a smart place or a search."""
        place = self.place
        return self._state.catalogue.group(place.group) if place and place.group else None

    def group_with_source(self, what: str) -> Group | None:
        """The group under the cursor; if there is none, or nowhere to fetch it from, None, and says so.

        Args:
            what: What is to be done with it, for the message.
        """
        group = self.group
        if group is None or not group.sources:
            self._reading.say(f"{group.title} has no source to fetch from." if group else _PUT.format(what))
            return None
        return group

    @property
    def search(self) -> str | None:
        """The name of the saved search under the cursor."""
        return self.place.search if self.place else None

    @property
    def has_tags(self) -> bool:
        """Whether the cursor is on a group with tags, or on such a tag."""
        return self.row is not None and (self.row.place.tag is not None or self.row.unfolded is not None)

    # Tags

    def toggle_fold(self, index: int | None = None) -> None:
        """Show or hide the tags of the group in a row, by default the row under the cursor."""
        row = self.row if index is None else self._row_at(index)
        if row is None or row.place.group is None:
            self._reading.say("Only groups have tags to show.")
        elif row.place.group in self.unfolded:
            self.unfolded.discard(row.place.group)
            self._folded(row.place)
        else:
            self._reading.start(partial(self._unfold, row.place, row.place.group), "tags")

    async def _unfold(self, place: Place, group_id: str) -> None:
        self.unfolded.add(group_id)
        await self.update()
        if not self._tags.get(group_id):
            self.unfolded.discard(group_id)
            title = self._state.catalogue.title(group_id)
            self._reading.say(self._state.catalogue.problem(group_id) or f"{title} has no tags.")
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
            await reading.fetching.apply_changes([group.id])
            reading.say(f"{group.title} is now called {title}.")

    async def action_change_address(self) -> None:
        """Ask for a new address for the group under the cursor, and fetch the group from there."""
        from florilege.refresh.sources import completed_address, is_address
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
            whole = completed_address(meant(typed))
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
            await reading.fetching.apply_changes([group.id])
            changed = self._state.catalogue.group(group.id)
            if changed is None or not await reading.fetching.is_unreached(changed):
                return
        if whole:  # no server answers at all: keep the first address tried
            await reading.read(partial(self._state.changes.change_address, group.id, source, address))
            await reading.fetching.apply_changes([group.id])

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
        await reading.fetching.apply_changes([group.id])
        reading.fetching.index_pages()
        undo = reading.key("undo") or "undo"
        reading.say(f"{group.title} was removed. Until you leave, {undo} brings it back.")
