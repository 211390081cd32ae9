"""The overview: a group or a list in numbers, with bars that lead into it. It shows and gives back a query.

Its rows are numbers, a plot of items and highlights a month, and bars of sharers and tags. Each bar is a way in: its
row carries the query it stands for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.content import Content

from florilege.lists.choices import Choice
from florilege.lists.counts import Month, Overview
from florilege.query.nodes import Query
from florilege.text import counted, grouped
from florilege.tui.panes.fitting import Line, fit, in_lines, painted, two_ends, width_of, wrap
from florilege.tui.screens.dialogue import Dialogue
from florilege.tui.widgets.rows import RowStyle
from florilege.words import MONTHS

_BLOCKS = " ▁▂▃▄▅▆▇█"
_HEIGHT = 6
"""Lines of the plot."""
_MOST = 12
"""Sharers, and tags, that are shown."""


@dataclass(frozen=True, slots=True)
class _Row:
    key: str
    lines: tuple[Line, ...] = ()
    choice: Choice | None = None
    most: int = 1


class OverviewRows:
    """An overview."""

    def __init__(
        self, numbers: Overview, sharers: Sequence[Choice], tags: Sequence[Choice], facts: Sequence[tuple[str, str]]
    ) -> None:
        """Take what is shown.

        Args:
            numbers: The list in numbers.
            sharers: Who shares, the busiest first.
            tags: Under which tags, the most frequent first.
            facts: Sentences about sources, refreshes and warnings, each with a field name of `theme.Palette`.
        """
        self._numbers = numbers
        self._facts = facts
        self._rows = [_Row("numbers"), _Row("plot")]
        for name, choices in (("Who shares", sharers), ("Tags", tags)):
            if choices:
                most = choices[0].items
                self._rows.append(_Row(f"heading-{name}", ((("crumb", name),),)))
                self._rows += [_Row(f"{name}-{each.label}", choice=each, most=most) for each in choices[:_MOST]]
                if choices[_MOST:]:
                    more = f"and {grouped(len(choices) - _MOST)} more"
                    self._rows.append(_Row(f"more-{name}", ((("metadata", more),),)))
                self._rows.append(_Row(f"gap-{name}", ((),)))
        self._rows.append(_Row("facts"))

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> str:
        """The name of a part, or of a bar."""
        return self._rows[index].key

    def height(self, index: int, width: int) -> int:
        """As many lines as the part takes."""
        return max(1, len(self._lines(index, width)))

    def selectable(self, index: int) -> bool:
        """Bars."""
        return self._rows[index].choice is not None

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """The lines of a part."""
        return [painted(line, style.palette) for line in self._lines(index, width)]

    def words(self, index: int) -> str:
        """A label and its number; the numbers of the list or of its months; the sentences of the rest."""
        row, numbers = self._rows[index], self._numbers
        if row.choice is not None:
            return f"{row.choice.label}: {row.choice.items}"
        match row.key:
            case "numbers":
                return ", ".join((counted(numbers.items, "item"), counted(numbers.highlights, "highlight")))
            case "plot":
                return ", ".join(f"{each.year}-{each.month:02}: {each.highlights}" for each in numbers.months)
            case "facts":
                return "\n".join(sentence for sentence, _ in self._facts)
            case _:
                return "".join(text for line in row.lines for _, text in line)

    def query(self, index: int) -> Query | None:
        """What a bar leads to."""
        choice = self._rows[index].choice if 0 <= index < len(self._rows) else None
        return choice.query if choice else None

    def _lines(self, index: int, width: int) -> list[Line]:
        row = self._rows[index]
        if row.choice is not None:
            return [_bar(row.choice, row.most, width - 1)]
        match row.key:
            case "numbers":
                return self._number_lines(width)
            case "plot":
                return _plot(self._numbers.months, width)
            case "facts":
                return [((style, line),) for sentence, style in self._facts for line in wrap(sentence, width - 1)]
            case _:
                return list(row.lines)

    def _number_lines(self, width: int) -> list[Line]:
        numbers = self._numbers
        parts = [
            counted(numbers.items, "item"),
            f"{grouped(numbers.unread)} unread",
            f"{grouped(numbers.starred)} starred",
            counted(numbers.highlights, "highlight"),
            counted(numbers.words, "note or comment", "notes and comments"),
        ]
        if numbers.undated:
            parts.append(f"{grouped(numbers.undated)} without date")
        return [*((("text", line),) for line in in_lines(parts, width - 1, " · ")), ()]


class OverviewScreen(Dialogue[Query | None]):
    """A list in numbers. Gives the query of the bar that was chosen, or None."""

    DEFAULT_CSS = "OverviewScreen .dialogue { width: 96; height: 90%; padding: 0 1; }"
    OPENED_BY: ClassVar[str] = "overview"

    def __init__(self, title: str, rows: OverviewRows) -> None:
        super().__init__("overview", title, subtitle="↵ shows only these · esc closes", typing="")
        self._rows = rows

    def rows_for(self, typed: str) -> OverviewRows:
        """The numbers."""
        return self._rows

    def action_take(self) -> None:
        """Give the query of the bar under the cursor."""
        self.dismiss(self._rows.query(self._list.cursor))


def _bar(choice: Choice, most: int, width: int) -> Line:
    label_cells = min(28, max(10, width // 3))
    label = fit(choice.label, label_cells)
    count = grouped(choice.items)
    room = max(1, width - label_cells - 3 - len(grouped(most)))
    bar = "━" * max(1, round(room * choice.items / most))
    left: Line = (("tag", label), ("text", " " * (label_cells - width_of(label) + 1)), ("quote_bar", bar))
    return two_ends(left, (("metadata", count),), width)


def _plot(months: Sequence[Month], width: int) -> list[Line]:
    """Columns of highlights a month, with the number of items beneath."""
    if not months:
        return []
    column = max(2, min(6, (width - 2) // len(months)))
    shown = months[-((width - 2) // column) :]
    most = max((month.highlights for month in shown), default=0)
    if not most:
        return []
    lines: list[Line] = [(("crumb", "Highlights a month"), ("metadata", f"   up to {grouped(most)}"))]
    height = min(_HEIGHT, most)
    for level in range(height - 1, -1, -1):
        text = ""
        for month in shown:
            eighths = round(month.highlights * height * 8 / most) - level * 8
            block = _BLOCKS[max(0, min(8, eighths))]
            text += block * (column - 1) + " "
        lines.append((("quote_bar", text.rstrip()),))
    names = ""
    for place, month in enumerate(shown):
        if place == 0 or month.month == 1 or len(names) < place * column:
            names = names.ljust(place * column)
            names += MONTHS[month.month - 1] + (f" {month.year}" if month.month == 1 and place else "")
            names += " "
    lines.append((("metadata", fit(names, width)),))
    items = [grouped(month.items) for month in shown]
    if max(map(len, items)) < column:  # numbers that are cut off say nothing
        told = "".join(number.ljust(column) for number in items).rstrip()
        beside = f"{'  ' if items[1:] else ' '}{'item' if items == ['1'] else 'items'} a month"
        is_beside = len(told) + len(beside) <= width
        lines.append((("metadata", told + (beside if is_beside else "")),))
        lines += [] if is_beside else [(("metadata", beside.strip()),)]
    return [*lines, ()]
