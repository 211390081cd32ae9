"""The rows of the groups pane: smart places, then groups with their tags beneath. Plain values in, lines out."""

from collections.abc import Sequence

import msgspec
from textual.content import Content

from florilege.lists.places import Place
from florilege.text import clean_line, grouped, holds_all, search_key
from florilege.tui.panes.fitting import Line, Piece, painted, two_ends, width_of
from florilege.tui.widgets.rows import Rows, RowStyle
from florilege.words import NO_TITLE

GAP = "gap"
"""Key of the blank line between smart places and groups."""


class PlaceRow(msgspec.Struct, frozen=True):
    """One place as the groups pane shows it."""

    place: Place
    label: str
    count: int | None
    """Items that matter here: unread ones for a group or search, those gathered for a smart place. None: not known."""
    total: int | None = None
    """All items, where that is shown beside them."""
    depth: int = 0
    unfolded: bool | None = None
    """Whether its tags are shown; None when it has none to show."""
    failing: bool = False
    warnings: int = 0
    """What was odd in its documents; the overview tells what."""

    def line(self, cells: int) -> Line:
        """Label at the left, counts at the right."""
        label = clean_line(self.label) or NO_TITLE
        if self.depth:
            return two_ends((("tag", f"    #{label}"),), self._counts, cells)
        sign = ("error", "⚠ ") if self.failing else ("metadata", _FOLD_SIGNS[self.unfolded])
        return two_ends((sign, ("unread" if self.count else "read", label)), self._counts, cells)

    @property
    def room(self) -> int:
        """Cells of a pane in which the label is read whole: frame, cursor, sign and scrollbar take eight."""
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

    def __init__(
        self, smart: Sequence[PlaceRow], groups: Sequence[PlaceRow], *, meant: Sequence[str] | None = None
    ) -> None:
        """Take the rows.

        Args:
            smart: The places that gather items across groups.
            groups: Groups, each with its tags beneath.
            meant: Keys of the rows that are called as was typed; None when nothing was, and any may be meant.
        """
        self.rows: list[PlaceRow | None] = [*smart, *([None] if groups and smart else []), *groups]
        self._meant = meant

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> str:
        """The place's own key."""
        row = self.rows[index]
        return row.place.key if row else GAP

    def uniform_height(self, width: int) -> int | None:
        """One line each."""
        return 1

    def selectable(self, index: int) -> bool:
        """All but the gap."""
        return self.rows[index] is not None

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """One line, which keeps off the scrollbar."""
        row = self.rows[index]
        return [painted(row.line(width - 1), style.palette)] if row else [Content("")]

    def words(self, index: int) -> str:
        """What the place is called."""
        row = self.rows[index]
        return row.label if row else ""

    def is_sign(self, index: int, cell: int) -> bool:
        """Whether it is the sign that shows or hides the tags of a group."""
        row = self.rows[index]
        return cell == 0 and row is not None and row.unfolded is not None and not row.failing

    def nearest(self, key: str | None) -> str | None:
        """The key itself, where that row may be meant; else that of the first row that may. None when there is none."""
        if self._meant is None or key in self._meant:
            return key
        return self._meant[0] if self._meant else None

    def place(self, index: int) -> Place | None:
        """The place of a row."""
        row = self.rows[index] if 0 <= index < len(self.rows) else None
        return row.place if row else None

    def has_tags(self, index: int) -> bool:
        """Whether a row is a group with tags, or one of these."""
        row = self.rows[index] if 0 <= index < len(self.rows) else None
        return row is not None and (row.depth > 0 or row.unfolded is not None)


def called(typed: str, smart: Sequence[PlaceRow], groups: Sequence[PlaceRow]) -> PlaceRows:
    """The rows in whose names all words occur, whatever their case and accents.

    A tag may be found by words of its group, too, but not by these alone; its group is shown above it.

    Args:
        typed: The words.
        smart: The places that gather items across groups.
        groups: Groups, each with all its tags beneath, also those folded away.
    """
    words = search_key(typed).split()
    meant: list[str] = []
    kept = [row for row in smart if holds_all(row.label, words)]
    meant += [row.place.key for row in kept]
    found: list[PlaceRow] = []
    group, is_called = None, False
    for row in groups:
        if row.depth == 0:
            group, is_called = row, holds_all(row.label, words)
            if is_called:
                found.append(row)
                meant.append(row.place.key)
        elif group is not None and _is_meant(row.label, group.label, words):
            if found and found[-1].place == group.place:
                found.pop()
            if not found or found[-1].place.group != row.place.group:
                found.append(msgspec.structs.replace(group, unfolded=True))
            found.append(row)
            meant.append(row.place.key)
        elif group is not None and is_called and group.unfolded:
            found.append(row)
    return PlaceRows(kept, found, meant=meant)


def _is_meant(tag: str, group: str, words: Sequence[str]) -> bool:
    """Whether a tag is meant: by at least one word of its own, and the others of its own or of its group."""
    own = search_key(tag.removeprefix("#"))
    return holds_all(f"#{tag} {group}", words) and any(word.removeprefix("#") in own for word in words)
