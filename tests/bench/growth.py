"""Growth with the number of groups: P12. Processor time, including child processes."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.app import environ
from bench.goals import Figure
from bench.library import NOW, filled
from florilege.lists.catalogue import Catalogue
from florilege.store import Library


def of_children(work: Callable[[], object]) -> float:
    """Processor seconds of the child processes started and ended in it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run(home: Path, *words: str) -> float:
    command = (sys.executable, "-m", "florilege", *words)
    return of_children(lambda: subprocess.run(command, env=environ(home), check=True, capture_output=True))


def opml(folder: Path, groups: int) -> float:
    """Seconds to add this many groups from one list."""
    outlines = (f'<outline text="G {n}" xmlUrl="https://example.org/{n}"/>' for n in range(groups))
    path = folder / "groups.opml"
    path.write_text(f'<opml version="2.0"><body>{"".join(outlines)}</body></opml>')
    return _run(folder / "opml", "add", "--no-refresh", str(path))


def own_export(folder: Path, groups: int) -> float:
    """Seconds to import our own export of this many groups of ten items, beyond those of a start."""
    home = folder / "exported"
    filled(home / "library", groups, 10).close()
    _run(home, "export", "--output", str(folder / "all.json"))
    idle = _run(folder / "imported", "groups")
    return _run(folder / "imported", "import", str(folder / "all.json")) - idle


def opening(folder: Path, groups: int) -> float:
    """Seconds per group to read the groups and their counts at a start."""
    filled(folder / str(groups), groups, 2).close()
    taken = []
    for _ in range(7):
        began = time.process_time()
        with Library(folder / str(groups), clock=lambda: NOW) as library:
            catalogue = Catalogue(library, clock=lambda: NOW)
            for group in catalogue.groups():
                catalogue.counts(group.id)
        taken.append(time.process_time() - began)
    return statistics.median(taken) / groups


def measure(folder: Path, groups: int) -> Iterator[Figure]:
    """Measure all three."""
    yield Figure("P12 OPML", opml(folder, groups), f"{groups:,} groups")
    few, many = opening(folder, 20), opening(folder, groups)
    yield Figure("P12 start", many / few, f"{1e6 * many:.0f} vs. {1e6 * few:.0f} µs per group")
    yield Figure("P12 JSON", own_export(folder, 100))
