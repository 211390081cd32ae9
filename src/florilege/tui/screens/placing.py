"""The groups pane of the reading screen: smart places, saved searches, groups and their tags."""

from collections.abc import Sequence

from florilege.lists.counts import LabelCount
from florilege.lists.places import SMART, TITLES, Kind, Place
from florilege.model import Outcome
from florilege.tui.panes.groups import PlaceRow, PlaceRows
from florilege.tui.screens.framing import Framing


class Placing(Framing):
    """What the groups pane shows."""

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
                    unfolded=None if not counts.items or catalogue.has_tags(group.id) is False else unfolded,
                    failing=group.outcome is Outcome.FAILED or bool(catalogue.problem(group.id)),
                    warnings=len(group.warnings),
                )
            )
            rows += [
                PlaceRow(Place(Kind.TAG, group.id, each.label), each.label, each.items, depth=1)
                for each in self.tags_shown(group.id)
            ]
        shown = self.rows_shown(smart, rows)
        self.groups_list.show(shown, cursor_key=self.groups_list.cursor_key or self.desk.place.key)

    def take_sign(self, group_id: str | None) -> None:
        """Take away the sign that a group has tags to show, once it has been read and has none."""
        rows = self.groups_list.rows
        if group_id is None or self.desk.catalogue.has_tags(group_id) is not False or not isinstance(rows, PlaceRows):
            return
        if any(row and row.place.group == group_id and row.unfolded is not None for row in rows.rows):
            self.show_groups()

    def rows_shown(self, smart: list[PlaceRow], groups: list[PlaceRow]) -> PlaceRows:
        """Of all rows of the pane those that are shown; `sifting` leaves some out."""
        return PlaceRows(smart, groups)

    def tags_shown(self, group_id: str) -> Sequence[LabelCount]:
        """The tags that stand under a group: none while they are folded away."""
        return self.tags_of(group_id) if group_id in self.unfolded else ()

    def tags_of(self, group_id: str) -> Sequence[LabelCount]:
        """The tags of a group, in the order of the pane."""
        return self.desk.catalogue.tags(group_id)

    def search_rows(self) -> list[PlaceRow]:
        """The saved searches as rows; `searching` knows them."""
        return []
