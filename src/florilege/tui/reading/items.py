"""The items pane: the open list, and what is wrong with its group.

Read, starred and new states are looked up when a row is drawn, so a mark shows without building the list again.
"""

import asyncio
from collections.abc import Sequence
from operator import attrgetter, indexOf
from typing import TYPE_CHECKING

from florilege.commands import Keymap, Scope
from florilege.lists.catalogue import ItemRow
from florilege.lists.places import PlaceKind
from florilege.lists.reader_state import ReaderState
from florilege.model import ReadingState
from florilege.store import LibraryError
from florilege.text import clean_line, grouped
from florilege.tui.panes.fitting import joined, marked, squeezed, two_ends
from florilege.tui.widgets.lines import Line, fit, width_of, wrap
from florilege.tui.widgets.rows import Rows
from florilege.words import date_of, sharer_of, short_date, title_of

if TYPE_CHECKING:
    from florilege.tui.reading.screen import ReadingScreen

NOTICE = "notice"
"""Key of the row that says what is wrong with the group."""

_id_of = attrgetter("summary.id")
_MARKER = 2
"""Width in cells of the column of markers before a title."""


_MARKS = {(False, False): "● ", (False, True): "  ", (True, False): "◆ ", (True, True): "◇ "}
"""The marker before a title, by whether the item is selected and whether it is read."""


class ItemRows(Rows):
    """All rows of the items pane."""

    def __init__(
        self, state: ReaderState, *, notice: str | None = None, compact: bool = False, dates: str = "short"
    ) -> None:
        """Create the rows.

        Args:
            state: The list, and what is looked up when an item is drawn: its reading state, whether it is selected, and
                in how many other groups its page was shared.
            notice: What is wrong with the group, shown above its items.
            compact: Whether an item takes two lines, title and facts, without tags and blank line.
            dates: The style of dates (`words.short_date`).
        """
        self.rows = state.rows
        self._state = state
        self._now = state.clock()
        self._query = state.whole_query
        self._show_group = state.place.is_smart
        self._notice = notice
        self._compact = compact
        self._dates = dates
        self._above = 1 if notice else 0
        self._height = 2 if compact else 3 + (self._show_group or any(row.summary.tags for row in self.rows))
        self.uniform = None if notice else self._height

    def __len__(self) -> int:
        return len(self.rows) + self._above

    def key(self, index: int) -> str:
        """The item's id, or `NOTICE`."""
        return self.rows[index - self._above].key if index >= self._above else NOTICE

    def index_of(self, key: str) -> int | None:
        """The index of an item; None if it is not in the list."""
        if key == NOTICE:
            return 0 if self._above else None
        try:
            return self._above + indexOf(map(_id_of, self.rows), key)
        except ValueError:
            return None

    def position(self, index: int) -> int:
        """The position of a row among the items, counted from 0; -1 if the row is not an item."""
        return index - self._above if self._above <= index < len(self) else -1

    def row_at(self, index: int) -> ItemRow | None:
        """The item of a row; None if the row is not an item."""
        place = self.position(index)
        return self.rows[place] if place >= 0 else None

    def height(self, index: int, width: int) -> int | None:
        """The height of an item: title, facts, tags and group if any, blank line."""
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
        row = self.rows[index - self._above]
        state = self._state.state_of(row)
        title_style = "read" if state.is_read else "unread"
        indent = ("text", " " * _MARKER)
        star: Line = (("star", "★"),) if state.is_starred else ()
        marker = ("cursor-mark", _MARKS[row.key in self._state.view.selected, state.is_read])
        title = fit(title_of(row.summary), max(1, width - _MARKER - 2))
        (pieces,) = marked([title], title_style, self._query, "title")
        lines: list[Line] = [two_ends((marker, *pieces), star, width)]
        counts = self._counts(row, state)
        room = width - _MARKER - (width_of("".join(text for _, text in counts)) + 1 if counts else 0)
        lines.append(two_ends((indent, *self._who(row, room)), counts, width))
        if not self._compact and (row.summary.tags or self._show_group):
            (tags,) = marked([" ".join(f"#{tag}" for tag in row.summary.tags)], "tag", self._query, "tag")
            free = width - _MARKER - 1 - width_of("".join(text for _, text in tags))
            group = fit(row.group_title, max(1, free, (width - _MARKER) // 2)) if self._show_group else ""
            lines.append(two_ends((indent, *tags), (("metadata", group),) if group else (), width))
        return lines

    def words(self, index: int) -> str:
        """The title, or the notice."""
        row = self.row_at(index)
        return title_of(row.summary) if row else self._notice or ""

    def _who(self, row: ItemRow, cells: int) -> Line:
        """The sharer and date; when compact also the group, where that is not obvious. The date is never cut."""
        summary = row.summary
        parts: list[Line] = [
            (("metadata", sharer_of(summary)),),
            (("metadata", short_date(date_of(summary), self._now, self._dates)),),
        ]
        if self._show_group and self._compact:
            parts.append((("metadata", row.group_title),))
            return squeezed(parts, cells, (0, 2))
        return squeezed(parts, cells, (0,))

    def _counts(self, row: ItemRow, state: ReadingState) -> Line:
        summary = row.summary
        new = state.new_highlights(summary)
        words = len(summary.notes) + len(summary.comments)
        also = len(self._state.catalogue.also_in(row.summary))
        parts: list[Line] = [
            (("error", "incomplete"),) if summary.incomplete else (),
            (("metadata", f"×{also + 1}"),) if also else (),
            (("new", f"+{new}"),) if new else (),
            (("metadata", f"❝{len(summary.highlights)}"),) if summary.highlights else (),
            (("metadata", f"✎{words}"),) if words else (),
            (("metadata", f"◉{grouped(summary.views)}"),) if summary.views is not None else (),
        ]
        return joined(parts, " ")


_LONGEST = 400
"""Most characters shown of the quote of the day."""


class ItemsPane:
    """The list of items; the state follows its cursor."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self.list = reading.frame.lists[Scope.ITEMS]
        self._reading = reading
        config, session = reading.context.config, reading.context.session
        self.compact = (config.look.density == "compact") != (session.overridden_density == config.look.density)
        """Whether an item takes two lines."""
        self._quote: list[str] | None = None
        """The quote of the day, once chosen."""

    def follow_cursor(self, cursor: int) -> None:
        """Move the state to the item under the cursor of the list."""
        rows = self.list.rows
        if isinstance(rows, ItemRows) and rows.rows is self._reading.state.rows:
            self._reading.state.go_to(rows.position(cursor))

    def show(self, *, keep_place: bool) -> None:
        """Show the open list.

        Args:
            keep_place: Whether what is under the cursor stays on its line of the screen.
        """
        reading, state = self._reading, self._reading.state
        dates = reading.context.config.look.dates
        rows = ItemRows(state, notice=self.problem, compact=self.compact, dates=dates)
        is_first = not state.catalogue.groups() and state.query.is_blank
        if is_first:
            self.list.empty = welcome(reading.context.keys)
        else:
            self.list.empty = [(("text", line),) for line in self._nothing()]
            if self._quote is None and not state.rows and state.place.kind is PlaceKind.UNREAD:
                reading.start(self._choose_quote, "quote", exclusive=True)
        current = state.current
        self.list.show(rows, cursor_key=current.key if current else None, keep_place=keep_place)

    async def _choose_quote(self) -> None:
        """Choose the quote of the day, shown when everything is read."""
        from florilege.lists.river import quote_of
        from florilege.words import title_of

        state = self._reading.state
        groups = {group.id: state.catalogue.counts(group.id).highlights for group in state.catalogue.groups()}
        day = self._reading.state.clock().date()
        try:
            chosen = await asyncio.to_thread(quote_of, day, groups, state.library.items)
        except LibraryError:
            chosen = None  # opening that group reports why
        self._quote = []
        if chosen is not None:
            item, highlight = chosen
            who = highlight.author or (item.sharer.label if item.sharer else "")
            quote = clean_line(highlight.quote)
            quote = quote if len(quote) <= _LONGEST else f"{quote[:_LONGEST].rpartition(' ')[0]} …"
            self._quote = ["", quote, f"— {', '.join(part for part in (title_of(item), who) if part)}"]
            self.show(keep_place=True)

    @property
    def problem(self) -> str | None:
        """What is wrong with the open group, in sentences; in a list of several, with the first that has a problem."""
        state = self._reading.state
        group = state.catalogue.group(state.place.group) if state.place.group else None
        if group is None:
            return next(filter(None, (state.catalogue.problem(each.id) for each in state.catalogue.groups())), None)
        from florilege.words import failure_of

        return state.catalogue.problem(group.id) or failure_of(group, self._reading.state.clock())

    @property
    def overridden_density(self) -> str | None:
        """The density in the settings, to be saved, if the reader switched to the other one; else None."""
        density = self._reading.context.config.look.density
        return density if self.compact != (density == "compact") else None

    def action_density(self) -> None:
        """Switch between items on two lines and on as many as they take."""
        self.compact = not self.compact
        self.show(keep_place=True)

    def _nothing(self) -> list[str]:
        """The message for a list without items."""
        state, key = self._reading.state, self._reading.key
        if not state.query.is_blank:
            return ["No item matches.", f"{key('back')} shows the list again."]
        if not state.place.group and self.problem:
            return []  # the notice says why
        match state.place.kind:
            case PlaceKind.UNREAD:
                asks = f"{key('refresh-all')} fetches all groups."
                return ["Everything is read.", asks, *(self._quote or ())]
            case PlaceKind.NEW:
                return ["No new highlights.", "Items you have read show up here when somebody highlights more in them."]
            case PlaceKind.SEARCH:
                search = state.saved_search(state.place.search or "")
                return [search.problem] if search and search.problem else ["No item matches this search."]
            case PlaceKind.TODAY:
                return ["Nothing was highlighted or shared on this day in an earlier year."]
            case PlaceKind.STARRED:
                return ["Nothing is starred.", f"{key('star')} stars an item."]
            case _ if state.catalogue.problem(state.place.group or ""):
                return []  # the notice says why
            case _:
                return ["No items yet.", f"{key('refresh-group')} fetches them."]


_WAYS = (
    ("add-group", "adds a feed or a file"),
    ("help", "shows all keys"),
    ("quit", "quits"),
)
"""Commands to begin with, and what they do."""


def welcome(keys: Keymap) -> list[Line]:
    """What an empty library shows, at most 28 cells wide: what florilege is, and how to begin."""
    ways = [(keys.label(command) or "palette", words) for command, words in _WAYS]
    column = max(width_of(key) for key, _ in ways) + 2
    longest = max(width_of(words) for _, words in ways)
    # padded to the same length, so that they align at the left when centred
    shown: list[Line] = [(("crumb", key.ljust(column)), ("text", words.ljust(longest))) for key, words in ways]
    return [
        (("crumb", "florilège"),),
        (("emphasis", "a book of chosen passages"),),
        (),
        (("text", "Your library is empty."),),
        (),
        *shown,
        (),
        (("crumb", "florilege demo"), ("text", " shows samples")),
    ]
