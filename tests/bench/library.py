"""The cost of a mark, of opening, and of memory: P4 and P10. Other modules take their libraries from here."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import cast

from bench.goals import Figure
from florilege.marking import Mark
from florilege.model import Highlight, Item, Sharer
from florilege.store import Library, LogDB, LogStorage, LogTable

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_ROUNDS = 15
_BATCH = 1000
_MARKS = 20
"""Marks per round; the sides take turns in every round, so that a slow moment affects both."""
WORDS = ["encre", "papier", "marge", "lecture", "pli", "fil", "colle", "reliure", "vergé", "filigrane", "pulpe", "cuve"]


def item(group: str, number: int) -> Item:
    """An item of about 2.5 KB, with some highlights."""
    words = [WORDS[(number * 7 + place) % len(WORDS)] for place in range(40)]
    quotes = tuple(
        Highlight(id=f"{number:x}-{place}", quote=" ".join(words[place:] + words), author="Odette", made_at=NOW)
        for place in range(3 + number % 4)
    )
    return Item(
        id=f"{number:016x}",
        group=group,
        added_at=NOW,
        native_id=f"https://groups.example.org/{number}",
        title=" ".join(words[:8]).capitalize(),
        url=f"https://example.org/{words[0]}/{number}",
        sharer=Sharer(name=f"{words[1].capitalize()} {words[2].capitalize()}"),
        shared_at=NOW - timedelta(minutes=number),
        tags=tuple(dict.fromkeys(words[3:7])),
        description=" ".join(words * 2),
        highlights=quotes,
    )


def filled(folder: Path, groups: int, each: int) -> Library:
    """A library with this many groups of this many items, a third of them read, with cached counts."""
    library = Library(folder, clock=lambda: NOW)
    for number in range(groups):
        group = library.add_group(f"Group {number}").id
        first = number * each
        with LogDB(folder / "items" / f"{group}.log", kind="items", storage=LogStorage) as log:
            table = cast("LogTable", log.table("items"))
            for begin in range(0, each, _BATCH):  # so that generating the data takes little memory
                places = range(begin, min(begin + _BATCH, each))
                table.write({each.id: each for each in (item(group, first + place) for place in places)})
        library.mark(Mark.READ, {group: {f"{first + place:016x}": 0 for place in range(0, each, 3)}}, now=NOW)
    library.remember_counts()
    return library


def seconds(act: Callable[[], object], times: int) -> float:
    """The median duration of a call."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


@contextmanager
def bare_append(folder: Path) -> Iterator[Callable[[], None]]:
    """Append a line as long as a mark's, with fdatasync and nothing else."""
    line = b'{"states":{"1":{"item":"0000000000000001","starred_at":"2026-11-20T12:00:00Z"}}}\n'
    descriptor = os.open(folder / "bare", os.O_RDWR | os.O_CREAT)
    places = count(0, len(line))
    try:

        def append() -> None:
            os.pwrite(descriptor, line, next(places))
            getattr(os, "fdatasync", os.fsync)(descriptor)

        yield append
    finally:
        os.close(descriptor)


def marking(library: Library) -> Callable[[], None]:
    """Marks one more item of the first group on each call."""
    group = library.groups()[0].id
    ids = iter([summary.id for summary in library.summaries(group)])
    library.counts(group)
    return lambda: void(library.mark(Mark.STARRED, {group: {next(ids): 0}}, now=NOW))


def void(_value: object) -> None:
    """Discard a value."""


_APP = """
import asyncio, re, resource, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from florilege.settings import Config, Reading, Refresh, Session
from florilege.store import Library
from florilege.lists.places import PlaceKind, Place
from support.reading import NOW, FakeDesktop, context
from florilege.tui.app import FlorilegeApp

async def main():
    library = Library(Path(sys.argv[1]), clock=lambda: NOW)
    config = Config(reading=Reading(mark_after=None), refresh=Refresh(on_start=False))
    session = Session(view=Place(PlaceKind.GROUP, library.groups()[0].id).key)
    app = FlorilegeApp(context(library, FakeDesktop(), config=config, session=session))
    async with app.run_test(size=(120, 40)) as pilot:
        await app.workers.wait_for_complete()
        assert app.reading.state.rows
        await pilot.press("tab", "pagedown", "pagedown")
        await app.workers.wait_for_complete()
        await pilot.pause()
asyncio.run(main())
try:  # what getrusage says begins, on Linux, with what the process had that started this one
    peak = int(re.search("VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
print(peak)
"""


def in_a_process(program: str, *words: str) -> float:
    """The number that a program prints."""
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(done.stdout)


def memory(folder: Path, many: Path) -> Iterator[Figure]:
    """P10: the memory of the whole app with one group of a library open.

    Args:
        folder: For a small library to compare with.
        many: The library.
    """
    filled(folder / "small", 1, 1000).close()
    paths = [str(Path(__file__).parents[1])]
    taken, base = (in_a_process(_APP, str(each), *paths) for each in (many, folder / "small"))
    yield Figure("P10", taken, f"with 1,000 items {base:.0f} MiB")


def marks(folder: Path, items: int) -> Iterator[Figure]:
    """P4: marks alternating with bare appends, and a library of this many items alternating with a small one."""
    small, large = filled(folder / "small", 1, 1000), filled(folder / "large", 1, items)
    with bare_append(folder) as append, small, large:
        acts = {"bare": append, "small": marking(small), "large": marking(large)}
        taken: dict[str, list[float]] = {name: [] for name in acts}
        for _ in range(_ROUNDS):
            for name, act in acts.items():
                taken[name].append(seconds(act, _MARKS))
    cost = {name: statistics.median(times) for name, times in taken.items()}
    micro = {name: f"{1e6 * value:.0f} µs" for name, value in cost.items()}
    yield Figure("P4", cost["small"] / cost["bare"], f"{micro['small']} vs. {micro['bare']}")
    yield Figure("P4 size", cost["large"] / cost["small"], f"{micro['large']} vs. {micro['small']}")
