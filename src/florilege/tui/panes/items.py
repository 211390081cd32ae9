"""The rows of the items pane: title, sharer, date, counts and tags of each item. Plain values in, lines out.

Read, starred and new states are looked up when a row is drawn, so a mark shows without building the list again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter, indexOf

from florilege.lists.catalogue import ItemRow
from florilege.model import ReadingState
from florilege.query.nodes import Query
from florilege.text import grouped
from florilege.tui.panes.fitting import joined, marked, squeezed, two_ends
from florilege.tui.widgets.lines import Line, fit, width_of, wrap
from florilege.tui.widgets.rows import Rows
from florilege.words import date_of, sharer_of, short_date, title_of

NOTICE = "notice"
"""Key of the row that says what is wrong with the group."""

_id_of = attrgetter("head.id")
_MARKER = 2
"""Width in cells of the column of markers before a title."""


_MARKS = {(False, False): "● ", (False, True): "  ", (True, False): "◆ ", (True, True): "◇ "}
"""The marker before a title, by whether the item is selected and whether it is read."""


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
        """Create the rows.

        Args:
            listed: The items.
            state: Returns the reading state of an item; called when the item is drawn.
            now: The present time, for writing dates.
            show_group: Whether each row says which group it is from.
            notice: What is wrong with the group, shown above its items.
            compact: Whether an item takes two lines, title and facts, without tags and blank line.
            query: The search whose matches are marked in titles.
            dates: The style of dates (`words.short_date`).
            selected: Returns whether an item is selected; called when the item is drawn.
            also_in: Returns in how many other groups the page of an item was shared.
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
        self.uniform = None if notice else self._height

    def __len__(self) -> int:
        return len(self.listed) + self._above

    def key(self, index: int) -> str:
        """The item's id, or `NOTICE`."""
        return self.listed[index - self._above].key if index >= self._above else NOTICE

    def index_of(self, key: str) -> int | None:
        """The index of an item; None if it is not in the list."""
        if key == NOTICE:
            return 0 if self._above else None
        try:
            return self._above + indexOf(map(_id_of, self.listed), key)
        except ValueError:
            return None

    def position(self, index: int) -> int:
        """The position of a row among the items, counted from 0; -1 if the row is not an item."""
        return index - self._above if self._above <= index < len(self) else -1

    def listed_at(self, index: int) -> ItemRow | None:
        """The item of a row; None if the row is not an item."""
        place = self.position(index)
        return self.listed[place] if place >= 0 else None

    def height(self, index: int, width: int) -> int | None:
        """That of an item: title, facts, tags and group if any, blank line."""
        return self._height if index >= self._above else None

    def selectable(self, index: int) -> bool:
        """Whether the row is an item."""
        return index >= self._above

    def lines(self, index: int, width: int) -> Sequence[Line]:
        """Two or three lines and a blank one; when compact, two. Text at the right is kept clear of the scrollbar."""
        if index < self._above:
            notice = enumerate(wrap(self._notice or "", width - 2))
            return [*((("error", ("  " if place else "⚠ ") + line),) for place, line in notice), ()]
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
        return lines

    def words(self, index: int) -> str:
        """The title, or the notice."""
        listed = self.listed_at(index)
        return title_of(listed.head) if listed else self._notice or ""

    def _who(self, listed: ItemRow, cells: int) -> Line:
        """The sharer and date; when compact also the group, where that is not obvious. The date is never cut."""
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
