"""The goals of `python -m tests.bench`, what each is compared with, and the result of a run.

A ratio compares two sides that take turns within one run, since machines drift; don't compare figures of two runs.
"""

import sys
from dataclasses import dataclass
from typing import NamedTuple


class Goal(NamedTuple):
    """A goal of the benchmark."""

    what: str
    most: float
    unit: str = "times"
    """`times` the other side, or a unit."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The figure measured for one goal."""

    goal: str
    """The name of the goal."""
    value: float
    details: str = ""
    """Both sides, or other details."""

    @property
    def is_reached(self) -> bool:
        """Whether it meets the goal."""
        return self.value <= GOALS[self.goal].most


GOALS = {
    "P1": Goal("start until the first row, 100,000 items, compared with a bare Textual app (processor time)", 1.25),
    "P1 size": Goal("the same, compared with 1,000 items", 1.1),
    "P1 tags": Goal("the same with the tags of a group shown, compared with hidden", 1.1),
    "P2": Goal("start until the first row, compared with newsboat", 0.06),
    "P3 down": Goal("moving down among 100,000 rows, compared with an app of three bare panes", 0.6),
    "P3 scroll": Goal("the mouse wheel, compared with the same app", 0.4),
    "P3 page": Goal("a page down, compared with the same app", 0.7),
    "P3 late": Goal("99th percentile of these three", 16, "ms"),
    "P4": Goal("a mark on disk, compared with a bare append and fdatasync", 2.0),
    "P4 size": Goal("a mark among 100,000 items, compared with one among 1,000", 1.2),
    "P5": Goal("first fetch of 100 feeds of 100 items, compared with newsboat", 0.4),
    "P6": Goal("the same feeds again, all unchanged", 0.2),
    "P7": Goal("the same feeds again, two new items in each", 0.1),
    "P8 word": Goal("finding a word in 10,000 items", 25, "ms"),
    "P8 first": Goal("first results on screen with 100,000 items", 300, "ms"),
    "P8 key": Goal("longest wait for a letter while searching 100,000 items", 50, "ms"),
    "P8 memory": Goal("additional memory for searching", 150, "MiB"),
    "P8 commands": Goal("longest wait for t i n A u m, with 50,000 items in a group (processor time)", 100, "ms"),
    "P9 late": Goal("99th percentile of event loop stalls during a refresh of 100 feeds", 16, "ms"),
    "P9 longest": Goal("the longest of these stalls", 50, "ms"),
    "P10": Goal("memory with 100,000 items and an open group of 1,000", 90, "MiB"),
    "P11 JSON": Goal("import of 10,000 bookmarks, compared with a minimal Python program that creates them", 1.5),
    "P11 CSV": Goal("the same from a table", 1.5),
    "P11 long": Goal("the same with long bookmarks of four highlights each", 1.5),
    "P12 OPML": Goal("adding an OPML list of 2,000 groups", 2, "s"),
    "P12 start": Goal("reading at the start with 2,000 groups, compared with 20 (per group)", 1.2),
    "P12 JSON": Goal("importing our own export of 100 groups", 0.3, "s"),
    "P13 read": Goal("reading the slowest hostile document", 2, "s"),
    "P13 shown": Goal("longest event loop stall when something hostile is shown", 50, "ms"),
}
"""Goals by name, in the order of the table."""
_MORE = (
    "each bookmark is recognised, cleaned, checked and matched, which the other side does not do. Reading takes half. "
    "Of that, with highlights a third goes to creating the objects from some thirty fields, a sixth to the ids of "
    "highlights (folding and hashing the quote) and a sixth to cleaning; from a table, a third goes to its rows."
)
_CLOCK = "wall-clock time, which includes other programs."
LIMITS = {
    "P1": (
        "beyond Textual's own start (about 190 ms of processor time), importing msgspec, TinyDB and tomllib takes 10 "
        "ms, importing our modules 25 ms (python -X importtime -m florilege), and building and drawing three panes 10 "
        "ms."
    ),
    "P3 scroll": (
        "for each frame Textual composes the lines of all widgets again, even where nothing has changed. That takes a "
        "fifth to a third of the processor time of a turn of the wheel; drawing our lines takes a seventh (`python -m "
        "tests.bench.frames`). To save more, the compositor would have to skip unchanged widgets."
    ),
    "P3 late": (
        "wall-clock time. Besides processor time, a key waits up to 16 ms for its frame, since Textual draws 60 a "
        "second, and for other programs."
    ),
    "P4": "a mark takes 0.2 ms of processor time besides the append; the ratio depends on the speed of the disk.",
    "P5": (
        "of the processor time of the main process (0.88 s), 22 % goes to the start (Python and our modules 0.14 s, "
        "httpx 0.06 s), 27 % to a hundred responses, 7 % to the exchange with the parsing process, 9 % to decisions "
        "and 31 % to writing two logs per group. Meanwhile parsing takes 0.70 s on the other core. Starting and "
        "fetching alone take 0.30 s."
    ),
    "P7": (
        "of the processor time of the main process (0.72 s), 24 % goes to the start, 32 % to a hundred responses of "
        "190 kB through httpx, 15 % to opening the logs and the exchange with the parsing process, 7 % to decisions "
        "and 18 % to writing. Known entries are not parsed. Starting and fetching alone take 0.30 s, which is 0.08 of "
        "newsboat's 3.7 s."
    ),
    "P8 first": f"{_CLOCK} The first search of a library also builds its search texts.",
    "P8 key": _CLOCK,
    "P9 late": "each step of a refresh takes less than a millisecond on the event loop; the rest is drawing new items.",
    "P9 longest": "the same.",
    "P11 JSON": _MORE,
    "P11 CSV": _MORE,
    "P11 long": _MORE,
    "P12 JSON": (
        "it takes 2.6 ms of processor time per group, a third of it for appending to four logs (the group, its items, "
        "their states and its counts), each flushed to disk."
    ),
}
"""Why goals are missed, as far as it is known. For others, the page says that the cause has not been measured."""


def print_line(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def row(found: Figure) -> tuple[str, str, str, str, str]:
    """A row of the table: name, description, limit, figure, verdict."""
    goal = GOALS[found.goal]
    unit = "" if goal.unit == "times" else f" {goal.unit}"
    stands = "reached" if found.is_reached else f"missed by {100 * (found.value / goal.most - 1):.0f} %"
    return found.goal, goal.what, f"{goal.most:g}{unit}", f"{found.value:.3g}{unit}", stands


def print_figure(found: Figure) -> None:
    """Print one row, with its details."""
    name, what, goal, value, stands = row(found)
    print_line(f"{name:<12} {value:>10} (goal {goal}, {stands}): {what}{f'; {found.details}' if found.details else ''}")
