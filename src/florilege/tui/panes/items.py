"""The rows of the items pane: title, sharer, date, counts and tags of each item. Plain values in, lines out.

What is read, starred or new is asked for when a row is drawn, so a mark shows without building the list again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter, indexOf

from textual.content import Content

from florilege.lists.catalogue import ItemRow
from florilege.model import ReadingState
from florilege.query.nodes import Query
from florilege.text import grouped
from florilege.tui.panes.fitting import Line, fit, joined, marked, painted, squeezed, two_ends, width_of, wrap
from florilege.tui.widgets.rows import Rows, RowStyle
from florilege.words import date_of, sharer_of, short_date, title_of

NOTICE = "notice"
"""Key of the row that says what is wrong with the group."""

_id_of = attrgetter("head.id")
_MARKER = 2
"""Cells of the column of markers before a title."""


_MARKS = {(False, False): "● ", (False, True): "  ", (True, False): "◆ ", (True, True): "◇ "}
"""What stands before a title, by whether the item is selected and whether it is read."""


class ItemRows(Rows):
    """All rows of the items pane."""

    def __init__(
        self,
        listed: Sequence[ItemRow],
        state: Callable[[ItemRow], ReadingState],
        *,
        now: datetime,
        show_group: bool,
        notice: str | None = None,
        compact: bool = False,
        dates: str = "short",
        query: Query | None = None,
        selected: Callable[[ItemRow], bool] = lambda _: False,
        also_in: Callable[[ItemRow], int] = lambda _: 0,
    ) -> None:
        """Take what is shown.

        Args:
            listed: The items.
            state: Tells the reading state of an item as it is when it is drawn.
            now: To put dates into words.
            show_group: Whether each row says which group it is from.
            notice: What is wrong with the group, said above its items.
            compact: Whether an item takes two lines: title, and facts; without tags and blank line.
            query: What is looked for, to be marked in titles.
            dates: The style dates are written in (`views.words.short_date`).
            selected: Tells whether an item is selected when it is drawn.
            also_in: Tells in how many other groups the page of an item was shared.
        """
        self.listed = listed
        self._state = state
        self._now = now
        self._show_group = show_group
        self._notice = notice
        self._compact = compact
        self._dates = dates
        self._query = query
        self._selected = selected
        self._also_in = also_in
        self._above = 1 if notice else 0
        self._height = 2 if compact else 3 + (show_group or any(row.head.tags for row in listed))

    def __len__(self) -> int:
        return len(self.listed) + self._above

    def key(self, index: int) -> str:
        """The item's id."""
        return self.listed[index - self._above].key if index >= self._above else NOTICE

    def index_of(self, key: str) -> int | None:
        """Where an item is; None when it is not there."""
        if key == NOTICE:
            return 0 if self._above else None
        try:
            return self._above + indexOf(map(_id_of, self.listed), key)
        except ValueError:
            return None

    def position(self, index: int) -> int:
        """Which item a row is, counted from 0; -1 for none."""
        return index - self._above if self._above <= index < len(self) else -1

    def listed_at(self, index: int) -> ItemRow | None:
        """The item of a row; None for none."""
        place = self.position(index)
        return self.listed[place] if place >= 0 else None

    def uniform_height(self, width: int) -> int | None:
        """Title, facts, tags and group where the list has any, and a blank line; the notice has a height of its own."""
        return None if self._above else self._height

    def height(self, index: int, width: int) -> int:
        """The same of one row."""
        return self._height if index >= self._above else len(self._notice_lines(width)) + 1

    def selectable(self, index: int) -> bool:
        """Every item."""
        return index >= self._above

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """Two or three lines and a blank one; when compact, two. What stands at the right keeps off the scrollbar."""
        if index < self._above:
            return [painted((("error", line),), style.palette) for line in self._notice_lines(width)]
        width -= 1
        listed = self.listed[index - self._above]
        state = self._state(listed)
        title_style = "read" if state.is_read else "unread"
        indent = ("text", " " * _MARKER)
        star: Line = (("star", "★"),) if state.is_starred else ()
        marker = ("cursor_mark", _MARKS[self._selected(listed), state.is_read])
        title = fit(title_of(listed.head), max(1, width - _MARKER - 2))
        (pieces,) = marked([title], title_style, self._query, "title")
        lines: list[Line] = [two_ends((marker, *pieces), star, width)]
        counts = self._counts(listed, state)
        room = width - _MARKER - (width_of("".join(text for _, text in counts)) + 1 if counts else 0)
        lines.append(two_ends((indent, *self._who(listed, room)), counts, width))
        if not self._compact and (listed.head.tags or self._show_group):
            (tags,) = marked([" ".join(f"#{tag}" for tag in listed.head.tags)], "tag", self._query, "tag")
            free = width - _MARKER - 1 - width_of("".join(text for _, text in tags))
            group = fit(listed.group_title, max(1, free, (width - _MARKER) // 2)) if self._show_group else ""
            lines.append(two_ends((indent, *tags), (("metadata", group),) if group else (), width))
        return [painted(line, style.palette) for line in lines]

    def words(self, index: int) -> str:
        """The title, or the notice."""
        listed = self.listed_at(index)
        return title_of(listed.head) if listed else self._notice or ""

    def _notice_lines(self, width: int) -> list[str]:
        return [("⚠ " if place == 0 else "  ") + line for place, line in enumerate(wrap(self._notice or "", width - 2))]

    def _who(self, listed: ItemRow, cells: int) -> Line:
        """Sharer and date; in two lines the group, too, where that is not plain. The date never gives way."""
        head = listed.head
        parts: list[Line] = [
            (("metadata", sharer_of(head)),),
            (("metadata", short_date(date_of(head), self._now, self._dates)),),
        ]
        if self._show_group and self._compact:
            parts.append((("metadata", listed.group_title),))
            return squeezed(parts, cells, (0, 2))
        return squeezed(parts, cells, (0,))

    def _counts(self, listed: ItemRow, state: ReadingState) -> Line:
        head = listed.head
        new = state.new_highlights(head)
        words = len(head.notes) + len(head.comments)
        also = self._also_in(listed)
        parts: list[Line] = [
            (("error", "incomplete"),) if head.incomplete else (),
            (("metadata", f"×{also + 1}"),) if also else (),
            (("new", f"+{new}"),) if new else (),
            (("metadata", f"❝{len(head.highlights)}"),) if head.highlights else (),
            (("metadata", f"✎{words}"),) if words else (),
            (("metadata", f"◉{grouped(head.views)}"),) if head.views is not None else (),
        ]
        return joined(parts, " ")
