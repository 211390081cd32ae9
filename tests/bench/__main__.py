"""`python -m tests.bench`: measures every goal in one run; prints a table, and writes JSON on request.

    python -m tests.bench [--quick] [--only P4,P8] [--json bench.json] [--page docs/performance.md]

`--page` writes the table as a page. With `--from bench.json` nothing is measured, and the page is made from that file,
including its `note`, if any.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import app, commands, growth, hostile, importing, library, refresh
from bench.goals import GOALS, LIMITS, Figure, print_figure, print_line, row

NAMES = frozenset(name.partition(" ")[0] for name in GOALS)
_NAMED = ("textual", "httpx", "feedparser", "tinydb", "msgspec")


def parts(folder: Path, *, quick: bool) -> dict[str, Callable[[], Iterator[Figure]]]:
    """What can be measured separately, by the names of its goals; each in a folder of its own."""
    items, rounds, feeds = (10_000, 1, 20) if quick else (100_000, 3, 100)
    large = cache(lambda: app.florilege(folder / "large", items // 1000, 1000))
    home = folder / "large"
    return {
        "P1": lambda: app.starting(folder / "P1", large(), 3 if quick else 7),
        "P2": lambda: app.next_to_newsboat(folder / "P2", large(), items, rounds),
        "P3": lambda: app.keys(folder / "P3", large(), items, 20 if quick else 40),
        "P4": lambda: library.marks(folder / "P4", items),
        "P5 P6 P7": lambda: refresh.served(refresh.compare, feeds, folder / "P5", rounds),
        "P8": lambda: chain(app.finding(large(), home, items), commands.measure(items // 2)),
        "P9": lambda: refresh.served(refresh.stall, feeds, folder / "P9"),
        "P10": lambda: library.memory(folder / "P10", Path(large().environ["FLORILEGE_HOME"]) / "library"),
        "P11": lambda: importing.measure(2 if quick else 5, 2_000 if quick else importing.BOOKMARKS),
        "P12": lambda: growth.measure(folder / "P12", 200 if quick else 2_000),
        "P13": hostile.measure,
    }


def machine() -> dict[str, str]:
    """The machine and the versions of programs, without names of people or hosts."""
    boat = shutil.which("newsboat")
    said = subprocess.run([boat, "-v"], capture_output=True, text=True, check=True).stdout if boat else ""
    return {
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load": f"load {os.getloadavg()[0]:.1f} at the end",
        "Python": platform.python_version(),
        "newsboat": said.partition("\n")[0].removeprefix("newsboat ").partition(" -")[0] or "not installed",
        **{name: version(name) for name in _NAMED},
    }


def page(report: dict[str, object]) -> str:
    """The table as a page of the documentation."""
    machine, quick = report["machine"], report["quick"]
    assert isinstance(machine, dict)
    assert isinstance(report["found"], list)
    found = {each["goal"]: Figure(**each) for each in report["found"]}
    lines = ["| goal | what | limit | measured | |", "|---|---|---|---|---|"]
    for name, goal in GOALS.items():
        cells = row(found[name]) if name in found else (name, goal.what, f"{goal.most:g}", "not measured", "")
        lines.append(f"| {' | '.join(cells)} |")
    lost = [each for each in found.values() if not each.is_reached]
    unknown = "the cause has not been measured."
    reasons = [
        f"- **{each.goal}**{f' ({each.details})' if each.details else ''}: {LIMITS.get(each.goal, unknown)}"
        for each in lost
    ]
    told_of = ", ".join(
        f"{name} {value}" if name not in {"system", "load"} else value for name, value in machine.items()
    )
    return "\n".join(
        [
            "# Performance",
            "",
            "Written by `python -m tests.bench --page docs/performance.md`; do not edit. Each ratio compares two sides",
            "that take turns within one run. Figures in milliseconds or seconds grow with the load of the machine.",
            "",
            f"Measured on {told_of}{'; a quick run, with small libraries' if quick else ''}.",
            "",
            *([str(report["note"]), ""] if "note" in report else []),
            *lines,
            "",
            "## Missed goals, and why",
            "",
            *(reasons or ["Nothing."]),
            "",
        ]
    )


def measured(wanted: argparse.Namespace) -> dict[str, object]:
    """Measure the goals, printing each figure at once."""
    began, found = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="florilege-bench-", dir=".") as name:
        for goals, measure in parts(Path(name).absolute(), quick=wanted.quick).items():
            if wanted.only.isdisjoint(goals.split()):
                continue
            (Path(name) / goals.split()[0]).mkdir()
            for each in measure():
                found.append(each)
                print_figure(each)
            print_line(f"{goals}: measured after {time.monotonic() - began:.0f} s")
    print_line(f"{sum(each.is_reached for each in found)} of {len(found)} reached")
    rows = [{"goal": each.goal, "value": each.value, "details": each.details} for each in found]
    return {"machine": machine(), "quick": wanted.quick, "found": rows}


def names(text: str) -> set[str]:
    """Comma-separated names of goals."""
    found = {name.strip().upper() for name in text.split(",")}
    if unknown := found - NAMES:
        raise argparse.ArgumentTypeError(f"there is no goal {', '.join(sorted(unknown))}: give some of P1 to P13")
    return found


def main() -> None:
    """Measure, and write the requested files."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small libraries, few rounds")
    parser.add_argument("--only", type=names, default=NAMES, help="measure only these, separated by commas: P1 ... P13")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    parser.add_argument("--from", dest="known", type=Path, help="measure nothing: use the results in such a file")
    parser.add_argument("--page", type=Path, help="write the table to this file, as a page")
    wanted = parser.parse_args()
    report = json.loads(wanted.known.read_text()) if wanted.known else measured(wanted)
    if wanted.json:
        wanted.json.write_text(json.dumps(report, indent=1) + "\n")
    if wanted.page:
        wanted.page.write_text(page(report))


if __name__ == "__main__":
    main()
