"""The groups pane: smart places (lists across groups), saved searches, and groups with their tags."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from textual.content import Content
from textual.timer import Timer

from florilege.commands import Scope
from florilege.lists.places import SMART, TITLES, Kind, Place
from florilege.model import Group, Outcome, Source
from florilege.query.nodes import Query
from florilege.store import LibraryError
from florilege.text import counted, tag_key
from florilege.tui.panes.groups import PlaceRow, PlaceRows, called
from florilege.tui.widgets.prompt import Question, nothing
from florilege.tui.widgets.row_list import RowList
from florilege.tui.widgets.rows import index_of

if TYPE_CHECKING:
    from florilege.lists.counts import LabelCount
    from florilege.tui.screens.reading import ReadingScreen

_CALM = 0.15
"""Seconds without a change of the list before its tags are counted, so that typing a filter stays fast."""
_PUT = "Put the cursor on a group to {}."


class _Counted(msgspec.Struct, frozen=True):
    """The tags of the items of a group that match a filter."""

    group: str
    query: Query
    tags: Sequence["LabelCount"]


class GroupsPane:
    """Shows the places that can be opened."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self.list = RowList(id="groups")
        self.list.border_title = "Groups"
        self._reading = reading
        self._state = reading.state
        self._state.catalogue.order = reading.world.session.groups
        self.unfolded: set[str] = set(reading.world.session.unfolded)
        """Ids of the groups whose tags are shown."""
        self.room = 0
        """The width in cells that shows all titles in full."""
        self._typed = ""
        """The filter of the pane; empty when there is none."""
        self._place_then: Place | None = None
        """The place that was open when the pane was filtered."""
        self._all_tags: dict[str, Sequence[LabelCount]] = {}
        """The tags of all groups, by group id, while the pane is filtered."""
        self._counted: _Counted | None = None
        self._calm: Timer | None = None

    # What is shown

    def show(self) -> None:
        """Show the current places and counts; the cursor stays where it is."""
        catalogue, totals, arrivals = self._state.catalogue, self._state.totals(), self._state.arrivals
        numbers = {
            Kind.UNREAD: totals.unread,
            Kind.NEW: totals.newly_highlighted,
            Kind.STARRED: totals.starred,
            Kind.EVERYTHING: totals.items,
        }
        smart = [PlaceRow(Place(kind), TITLES[kind], numbers[kind]) for kind in SMART]
        if len(arrivals):
            smart.append(PlaceRow(Place(Kind.ARRIVED), TITLES[Kind.ARRIVED], len(arrivals)))
        if self._state.place.kind is Kind.TODAY:  # reached by *Go to*; listed only while it is open
            smart.append(PlaceRow(Place(Kind.TODAY), TITLES[Kind.TODAY], None))
        smart += self._reading.searches.rows()
        groups: list[PlaceRow] = []
        for group in catalogue.groups():
            counts = catalogue.counts(group.id)
            has_none = not counts.items or catalogue.has_tags(group.id) is False
            groups.append(
                PlaceRow(
                    Place(Kind.GROUP, group.id),
                    group.title,
                    counts.unread,
                    counts.items,
                    unfolded=None if has_none else group.id in self.unfolded,
                    failing=group.outcome is Outcome.FAILED or bool(catalogue.problem(group.id)),
                    warnings=len(group.warnings),
                )
            )
            tags = self.tags_of(group.id) if group.id in self.unfolded else self._all_tags.get(group.id, ())
            groups += [_tag_row(group.id, each) for each in tags]
        rows = called(self._typed, smart, groups) if self._typed else PlaceRows(smart, groups)
        self.list.border_title = Content(f"Groups · {self._typed}" if self._typed else "Groups")
        self.list.empty = [Content("Nothing matches.")] if self._typed else []
        self.list.show(rows, cursor_key=self.list.cursor_key or self._state.place.key)
        room = max((row.room for row in groups if not row.depth), default=0)
        before, self.room = self.room, room
        if before not in {0, room}:  # the first time, the panes are laid out anyway
            self._reading.frame.lay_out()

    def follow_list(self) -> None:
        """Move the cursor to the place of the list that was opened, and show the tags that match its filter."""
        place = self._state.place
        if self._typed and place != self._place_then and index_of(self.list.rows, place.key) is None:
            self._narrow_to("", place.key)
        if place.kind is Kind.TODAY:
            self.show()
        with self.list.prevent(RowList.Moved):  # it is open already
            self.list.move_to(place.key)
        self._take_sign(place.group)
        self._follow_filter()

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

    def tags_of(self, group_id: str) -> Sequence["LabelCount"]:
        """The tags of a group or, if it is open with a filter, of the matching items; always includes the open tag."""
        counts, tag = self._counted, self._state.place.tag
        if counts is None or counts.group != group_id:
            return self._state.catalogue.tags(group_id)
        if tag is None or any(tag_key(each.label) == tag_key(tag) for each in counts.tags):
            return counts.tags
        from florilege.lists.counts import LabelCount

        return [*counts.tags, LabelCount(tag, 0)]

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
        if place.kind is Kind.TAG:
            self.list.move_to(place.outer.key)
        self.show()
        self._follow_filter()

    def _follow_filter(self) -> None:
        """Schedule counting the tags of the list shown; if no filter applies, show all tags again."""
        if self._calm is not None:
            self._calm.stop()
        group = self._state.place.group
        if group is not None and group in self.unfolded and not self._state.query.is_blank:
            self._calm = self.list.set_timer(_CALM, self.count_tags)
        elif self._counted is not None:
            self._counted = None
            self.show()

    def count_tags(self) -> None:
        """Count the tags of the matching items of the open group, and show them if they have changed."""
        self._reading.start(self._count_tags, "facets", exclusive=True)

    async def _count_tags(self) -> None:
        state = self._state
        place, query = state.place, state.query
        if place.group is None or query.is_blank:
            return

        from florilege.lists.counts import TAGS, count_labels

        def count() -> list["LabelCount"]:
            rows = state.rows if place.kind is Kind.GROUP else state.listed(place.outer, query)
            return count_labels((row.head for row in rows), TAGS)

        try:
            counts = _Counted(place.group, query, await asyncio.to_thread(count))
        except LibraryError:
            return  # opening the group says why it can't be read
        if (place.group, query) == (state.place.group, state.query) and counts != self._counted:
            self._counted = counts
            self.show()

    # Narrowing the pane

    async def action_narrow_groups(self) -> None:
        """Filter the pane by name as the reader types."""
        reading, was_on = self._reading, self.list.cursor_key
        self._place_then = self._state.place
        reading.go_to_pane(Scope.GROUPS)
        reading.start(self._read_all_tags, "tags", exclusive=True)
        typed = await reading.ask(
            Question(
                "Groups",
                "words of a group or tag",
                self._typed,
                typed=lambda text: self._narrow_to(text, self.list.cursor_key or was_on),
                move=self._move_silently,
                is_live=True,
            ),
            then=Scope.GROUPS,
        )
        if typed is None:
            self._narrow_to("", was_on)
            return
        if typed != self._typed:
            self._narrow_to(typed, self.list.cursor_key)
        place = self.place
        if place is not None and place.tag is not None and place.group is not None:
            self.unfolded.add(place.group)  # so that it stays visible when all groups are shown again
        if place is not None and place != self._state.place:
            await reading.moves.open_place(place)

    def widen(self) -> bool:
        """Show all groups again, if this pane is filtered and has the focus. Returns whether it was."""
        is_narrowed = bool(self._typed) and self._reading.pane is Scope.GROUPS
        if is_narrowed:
            self._narrow_to("", self.list.cursor_key)
        return is_narrowed

    def _narrow_to(self, typed: str, key: str | None) -> None:
        """Filter the rows by name; the cursor stays on the row `key` if it matches, else goes to the first match."""
        self._typed = typed.strip()
        if not self._typed and not self._reading.prompt.is_open:
            self._all_tags = {}
        with self.list.prevent(RowList.Moved):
            self.show()
            if self.rows is not None and (wanted := self.rows.nearest(key)) is not None:
                self.list.move_to(wanted)
        self._reading.show_keys()

    def _move_silently(self, direction: int) -> None:
        with self.list.prevent(RowList.Moved):
            self.list.move(direction)

    async def _read_all_tags(self) -> None:
        """Read the tags of all groups, so that folded tags are found too."""
        self._all_tags = {}
        for group in self._state.catalogue.groups():
            self._all_tags[group.id] = await asyncio.to_thread(self._state.catalogue.tags, group.id)
            if self._typed and self._reading.prompt.is_open:
                self._narrow_to(self._typed, self.list.cursor_key)

    # Order, titles, removal: the same keys do this with saved searches

    def action_group_up(self) -> None:
        """Move the group or search under the cursor up."""
        self._move(-1)

    def action_group_down(self) -> None:
        """Move the group or search under the cursor down."""
        self._move(1)

    def _move(self, step: int) -> None:
        group, ids = self.group, [each.id for each in self._state.catalogue.groups()]
        if self.search is not None:
            self._reading.searches.move(step)
            return
        if group is None:
            self._reading.say(_PUT.format("move it"))
            return
        here = ids.index(group.id)
        there = here + step
        if not 0 <= there < len(ids):
            self._reading.say(f"This is the {'first' if step < 0 else 'last'} group.")
            return
        ids[here], ids[there] = ids[there], ids[here]
        self._state.catalogue.order = tuple(ids)
        self.show()

    async def action_rename_group(self) -> None:
        """Ask for a new title for the group under the cursor, or a new name for the search."""
        group, reading = self.group, self._reading
        if self.search is not None:
            await reading.searches.rename()
        elif group is None:
            await reading.ask(nothing(_PUT.format("rename it")))
        elif (title := await reading.ask(Question("Rename", "another title", group.title))) is None:
            pass
        elif title in {"", group.title}:
            reading.say(f"{group.title} stays as it is.")
        elif await reading.write(lambda: self._state.changes.rename_group(group.id, title)):
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
            await reading.ask(nothing(why))
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
            if not await reading.write(partial(self._state.changes.change_address, group.id, source, tried)):
                return
            source = Source(address=tried, part=source.part)
            await reading.fetching.take_in([group.id])
            changed = self._state.catalogue.group(group.id)
            if changed is None or not await reading.fetching.is_unreached(changed):
                return
        if whole:  # no server answers at all: keep the first address tried
            await reading.write(partial(self._state.changes.change_address, group.id, source, address))
            await reading.fetching.take_in([group.id])

    async def action_remove_group(self) -> None:
        """Remove the group under the cursor after asking for confirmation; a search is removed at once."""
        group, reading, state = self.group, self._reading, self._state
        if self.search is not None:
            await reading.searches.delete()
            return
        if group is None:
            await reading.ask(nothing(_PUT.format("remove it")))
            return
        items = counted(state.catalogue.counts(group.id).items, "item")
        if not await reading.is_sure(f"Remove {group.title} with {items}?"):
            reading.say(f"{group.title} stays as it is.")
            return
        async with reading.marker.writing:  # after pending marks are written, so that undo takes back the removal first
            if not await reading.write(lambda: state.changes.remove_group(group.id)):
                return
        if state.place.group == group.id:
            await reading.moves.open_place(Place(Kind.UNREAD))
        await reading.fetching.take_in([group.id])
        reading.fetching.index_pages()
        undo = reading.key("undo") or "undo"
        reading.say(f"{group.title} was removed. Until you leave, {undo} brings it back.")


def _tag_row(group_id: str, tag: "LabelCount") -> PlaceRow:
    return PlaceRow(Place(Kind.TAG, group_id, tag.label), tag.label, tag.items, depth=1)
