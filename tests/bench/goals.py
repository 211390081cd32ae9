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
class Found:
    """The figure measured for one goal."""

    goal: str
    """The name of the goal."""
    value: float
    told: str = ""
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
    "each bookmark is recognised, cleaned, checked and matched; the other side does none of that. Reading takes half: "
    "of it, for bookmarks with highlights, a third goes into making the objects from some thirty fields, a sixth into "
    "the ids of highlights (folding and hashing the quote), a sixth into cleaning; of a table, a third into its rows."
)
_CLOCK = "told by the clock; what is ours in it and what other programs took has not been told apart."
LIMITS = {
    "P1": (
        "beyond the start of Textual itself (some 190 ms of a processor), msgspec, TinyDB and tomllib take 10 ms to "
        "import, our modules 25 (python -X importtime -m florilege), and three panes 10 more to build and draw."
    ),
    "P3 scroll": (
        "for each frame Textual puts the lines of all widgets together anew, also where nothing has changed: "
        "a third of the processor time of a turn of the wheel, where drawing our lines takes an eighth (`python -m "
        "tests.bench.frames`). Less would take a compositor that passes over what is not drawn again."
    ),
    "P3 late": (
        "told by the clock. Besides the processor time, a key waits up to 16 ms for its frame, as Textual draws 60 a "
        "second, and for what other programs do meanwhile."
    ),
    "P4": "a mark takes 0.2 ms of a processor besides; how much that is depends on how long the disk takes.",
    "P5": (
        "of the processor time of the main process (0.88 s), starting takes 22 % (Python and our modules 0.14, httpx "
        "0.06 s), a hundred answers 27 %, the way to the process that reads and back 7 %, deciding 9 % and writing two "
        "logs a group 31 %; reading takes 0.70 s on the other core meanwhile. Starting and asking alone take 0.30 s."
    ),
    "P7": (
        "of the processor time of the main process (0.72 s), starting takes 24 %, a hundred answers of 190 kB through "
        "httpx 32 %, opening the logs and the way to the process that reads 15 %, deciding 7 % and writing 18 %. What "
        "is known is not read any more. Starting and asking alone take 0.30 s, which is 0.08 of newsboat's 3.7 s."
    ),
    "P8 first": f"{_CLOCK} The first search of a library also folds its texts.",
    "P8 key": _CLOCK,
    "P9 late": "what refreshing does on the loop takes under a millisecond at a time; the rest is drawing what came.",
    "P9 longest": "the same.",
    "P11 JSON": _MORE,
    "P11 CSV": _MORE,
    "P11 long": _MORE,
}
"""What is known of why a goal is missed. For others the cause has not been measured, and the page says so."""


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def row(found: Found) -> tuple[str, str, str, str, str]:
    """A row of the table: name, description, limit, figure, verdict."""
    goal = GOALS[found.goal]
    unit = "" if goal.unit == "times" else f" {goal.unit}"
    stands = "reached" if found.is_reached else f"missed by {100 * (found.value / goal.most - 1):.0f} %"
    return found.goal, goal.what, f"{goal.most:g}{unit}", f"{found.value:.3g}{unit}", stands


def told(found: Found) -> None:
    """Print one row, with its details."""
    name, what, goal, value, stands = row(found)
    tell(f"{name:<12} {value:>10} (goal {goal}, {stands}): {what}{f'; {found.told}' if found.told else ''}")
