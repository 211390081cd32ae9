"""The rows of the river: a heading for each section, then its passages with their sources. Plain values in, lines out.

A row is laid out when it is drawn; until then only its number of lines is known.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from florilege.lists.catalogue import ItemRow
from florilege.lists.river import Grouping, Passage, RiverSection
from florilege.model import ReadingState
from florilege.query.nodes import Query
from florilege.text import counted
from florilege.tui.panes.fitting import cut, joined, marked, squeezed, two_ends
from florilege.tui.widgets.lines import Line, farthest, wrap, wrap_at_most
from florilege.tui.widgets.rows import PlainRows, Row
from florilege.urls import site_of
from florilege.words import NO_WORDS, are_blank, date_of, other_author, sharer_of, short_date, title_of

_BAR = "┃ "
_ROOM = len(_BAR)


class RiverRows(PlainRows):
    """The rows of the river."""

    def __init__(
        self,
        sections: Sequence[RiverSection],
        state: Callable[[ItemRow], ReadingState],
        *,
        now: datetime,
        query: Query | None = None,
        dates: str = "short",
    ) -> None:
        """Create the rows.

        Args:
            sections: The sections with their passages.
            state: Returns the reading state of an item; called when a row is drawn.
            now: The present time, for writing dates.
            query: The search whose matches are marked.
            dates: The style of dates (`words.short_date`).
        """
        self.sections = sections
        self._state = state
        self._now = now
        self._query = query
        self._dates = dates
        grouping = sections[0].grouping if sections else None
        self._by_item, self._by_sharer = grouping is Grouping.ITEM, grouping is Grouping.SHARER
        self._heights: tuple[int, list[int]] = (-1, [])
        rows: list[Row] = []
        self._headings: list[int] = []
        for section in sections:
            self._headings.append(len(rows))
            key = f"section:{section.label}:{section.row.key}"
            rows.append(Row(key, partial(self._heading, section), section.label))
            for each in section.passages:
                name = f"{each.row.key}:{each.number}"
                if grouping is Grouping.TAG:  # it may stand under several
                    name += f":{len(rows)}"
                rows.append(Row(name, partial(self._passage, each), each.highlight.quote, each))
        super().__init__(rows)

    @property
    def number(self) -> int:
        """How many highlights there are, each counted once though it may stand under several tags."""
        return len({(each.row.key, each.number) for section in self.sections for each in section.passages})

    def height(self, index: int, width: int) -> int:
        """The lines of the text and source, and a blank one."""
        if self._heights[0] != width:
            self.measure(width)
        return self._heights[1][index]

    def measure(self, width: int) -> None:
        """Count the lines of every row at a width. Best done in a thread: it takes some 10 µs per passage."""
        cells, heights = _cells(width), list[int]()
        for section in self.sections:
            is_long = self._by_item and len(wrap(section.label.replace("\n", " "), cells)) > 1
            heights.append(2 + is_long + self._by_item)
            for each in section.passages:
                quote = wrap(each.highlight.quote, cells - _ROOM)
                heights.append(max(1, len(quote)) + self._has_source(each) + 1)
        self._heights = (width, heights)

    def passage(self, index: int) -> Passage | None:
        """The passage of a row; None for a heading."""
        passage: Passage | None = self.value(index)
        return passage

    def place_of(self, passage: Passage) -> int | None:
        """The first row of a passage; None if it is not shown."""
        return next((place for place, row in enumerate(self.rows) if row.value == passage), None)

    def section_from(self, index: int, direction: int) -> int:
        """The first passage of the section after a row (1), or of its own or the one before (-1); -1 if empty."""
        if not self._headings:
            return -1
        place = bisect_right(self._headings, index) - 1
        if direction > 0:
            place = min(place + 1, len(self._headings) - 1)
        elif index == self._headings[place] + 1:
            place = max(0, place - 1)
        return self._headings[place] + 1

    def _heading(self, section: RiverSection, width: int) -> list[Line]:
        cells = _cells(width)
        count: Line = (("metadata", f"❝{len(section.passages)}"),)
        if section.grouping is not Grouping.ITEM:
            highlights: Line = (("metadata", counted(len(section.passages), "highlight")),)
            return [two_ends((("crumb", section.label),), highlights, cells), ()]
        titles = wrap_at_most(section.label.replace("\n", " "), cells, 2) or [""]
        facts = joined([*self._facts(section.row), count])
        return [*marked(titles, "crumb", self._query, "title"), cut(facts, cells), ()]

    def _passage(self, passage: Passage, width: int) -> list[Line]:
        cells = _cells(width)
        bar: Line = (("quote-bar", _BAR),)
        quotes = marked(wrap(passage.highlight.quote, cells - _ROOM), "quote", self._query, "quote")
        if are_blank(passage.highlight.quote):
            quotes = [cut((("metadata", NO_WORDS),), cells - _ROOM), *quotes[1:]]  # as many lines as were counted
        lines: list[Line] = [(*bar, *pieces) for pieces in quotes]
        source = self._source(passage, cells - _ROOM)
        if source:
            lines.append((*bar, *source))
        return [*lines, ()]

    def _source(self, passage: Passage, cells: int) -> Line:
        """The source of a passage; under the heading of its item, only its author if that is not the sharer.

        Where there is no room, the sharer is cut first, then the title, but never the date.
        """
        row = passage.row
        other = other_author(passage.highlight, row.summary)
        author: Line = (("metadata", f"— {other}"),) if other else ()
        new: Line = (("new", "new"),) if self._is_new(passage) else ()
        marked_by = joined([new, author], " ")
        if self._by_item:
            return cut(marked_by, cells)
        title: Line = (("read", title_of(row.summary)),)
        _, sharer, date = self._facts(row)
        return squeezed([marked_by, title, () if self._by_sharer else sharer, date], cells, (2, 1))

    def _has_source(self, passage: Passage) -> bool:
        return not self._by_item or bool(other_author(passage.highlight, passage.row.summary)) or self._is_new(passage)

    def _is_new(self, passage: Passage) -> bool:
        return self._state(passage.row).has_new(passage.highlight)

    def _facts(self, row: ItemRow) -> list[Line]:
        summary = row.summary
        facts = [site_of(summary.url) or "", sharer_of(summary), short_date(date_of(summary), self._now, self._dates)]
        return [(("metadata", fact),) if fact else () for fact in facts]


def _cells(width: int) -> int:
    return max(8, farthest(width))
