"""The rows of the groups pane: smart places, then groups with their tags below. Plain values in, lines out."""

from collections.abc import Sequence

import msgspec

from florilege.lists.places import Place
from florilege.text import clean_line, grouped
from florilege.tui.panes.fitting import two_ends
from florilege.tui.widgets.lines import Line, Piece, width_of
from florilege.tui.widgets.rows import Rows
from florilege.words import NO_TITLE

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
