"""The overview: statistics of a group or list. It returns the query of the bar that was chosen.

Its rows are totals, a plot of items and highlights per month, and bars of sharers and tags; each bar's row has the
query for its items as its value.
"""

from collections.abc import Sequence
from functools import partial

from florilege.lists.counts import Choice, Month, Overview
from florilege.query.nodes import Query
from florilege.text import counted, grouped
from florilege.tui.panes.fitting import in_lines, two_ends
from florilege.tui.screens.dialogue import Dialogue, under_headings
from florilege.tui.widgets.lines import Line, fit, width_of, wrap
from florilege.tui.widgets.rows import Row
from florilege.words import MONTHS

_BLOCKS = " ▁▂▃▄▅▆▇█"
_HEIGHT = 6
"""Maximum lines of the plot."""
_MOST = 12
"""Maximum number of sharers shown, and of tags."""


def overview_dialogue(
    title: str,
    numbers: Overview,
    sharers: Sequence[Choice],
    tags: Sequence[Choice],
    facts: Sequence[tuple[str, str]],
) -> Dialogue[Query]:
    """A dialogue with statistics of a list. Returns the query of the bar that was chosen.

    Args:
        title: The title of the list.
        numbers: The statistics.
        sharers: The sharers, those with the most items first.
        tags: The tags, those with the most items first.
        facts: Sentences about sources, refreshes and warnings, each with a field name of `theme.Palette`.
    """
    months = ", ".join(f"{each.year}-{each.month:02}: {each.highlights}" for each in numbers.months)
    rows = [
        Row("numbers", partial(_numbers, numbers), ", ".join(_parts(numbers))),
        *([Row("plot", partial(_plot, numbers.months), months)] if numbers.highlights else []),
        *under_headings([("Who shares", _bars("by", sharers)), ("Tags", _bars("tag", tags))]),
    ]
    if facts:
        text = "\n".join(sentence for sentence, _ in facts)
        rows.append(Row("facts", partial(_facts, facts), text))
    return Dialogue("overview", title, lambda _: rows, verb="shows only these", typing="", opened_by="overview")


def _parts(numbers: Overview) -> list[str]:
    parts = [
        counted(numbers.items, "item"),
        f"{grouped(numbers.unread)} unread",
        f"{grouped(numbers.starred)} starred",
        counted(numbers.highlights, "highlight"),
        counted(numbers.words, "note or comment", "notes and comments"),
    ]
    return [*parts, f"{grouped(numbers.undated)} without date"] if numbers.undated else parts


def _numbers(numbers: Overview, width: int) -> list[Line]:
    return [*((("text", line),) for line in in_lines(_parts(numbers), width - 1, " · ")), ()]


def _facts(facts: Sequence[tuple[str, str]], width: int) -> list[Line]:
    return [(), *(((style, line),) for sentence, style in facts for line in wrap(sentence, width - 1))]


def _bars(name: str, choices: Sequence[Choice]) -> list[Row]:
    rows = [
        Row(f"{name}:{each.label}", partial(_bar, each, choices[0].items), f"{each.label}: {each.items}", each.query)
        for each in choices[:_MOST]
    ]
    more = f"and {grouped(len(choices) - _MOST)} more"
    lines: list[Line] = [(("metadata", more),)]
    return [*rows, Row(f"more-{name}", lambda _: lines, more)] if choices[_MOST:] else rows


def _bar(choice: Choice, most: int, width: int) -> list[Line]:
    width -= 1  # leaves room for a scrollbar
    label_cells = min(28, max(10, width // 3))
    label = fit(choice.label, label_cells)
    count = grouped(choice.items)
    room = max(1, width - label_cells - 3 - len(grouped(most)))
    bar = "━" * max(1, round(room * choice.items / most))
    left: Line = (("tag", label), ("text", " " * (label_cells - width_of(label) + 1)), ("quote-bar", bar))
    return [two_ends(left, (("metadata", count),), width)]


def _plot(months: Sequence[Month], width: int) -> list[Line]:
    """A column chart of highlights per month, with the number of items beneath."""
    if not months:
        return []
    column = max(2, min(6, (width - 2) // len(months)))
    shown = months[-((width - 2) // column) :]
    most = max((month.highlights for month in shown), default=0)
    if not most:
        return []
    lines: list[Line] = [(("crumb", "Highlights per month"), ("metadata", f"   up to {grouped(most)}"))]
    height = min(_HEIGHT, most)
    for level in range(height - 1, -1, -1):
        text = ""
        for month in shown:
            eighths = round(month.highlights * height * 8 / most) - level * 8
            block = _BLOCKS[max(0, min(8, eighths))]
            text += block * (column - 1) + " "
        lines.append((("quote-bar", text.rstrip()),))
    names = ""
    for place, month in enumerate(shown):
        if place == 0 or month.month == 1 or len(names) < place * column:
            names = names.ljust(place * column)
            names += MONTHS[month.month - 1] + (f" {month.year}" if month.month == 1 and place else "")
            names += " "
    lines.append((("metadata", fit(names, width)),))
    items = [grouped(month.items) for month in shown]
    if max(map(len, items)) < column:  # the numbers are left out if any would be cut off
        numbers = "".join(number.ljust(column) for number in items).rstrip()
        beside = f"{'  ' if items[1:] else ' '}{'item' if items == ['1'] else 'items'} per month"
        is_beside = len(numbers) + len(beside) <= width
        lines.append((("metadata", numbers + (beside if is_beside else "")),))
        lines += [] if is_beside else [(("metadata", beside.strip()),)]
    return [*lines, ()]
