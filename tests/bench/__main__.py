"""`python -m tests.bench`: every goal in one run, as a table, and as JSON when asked for.

    python -m tests.bench [--quick] [--only P8] [--json bench.json] [--page docs/performance.md]

`--page` writes the table as a page; with `--from bench.json` nothing is measured, and the page is that of the file.
A `note` in that file says what is to be known of its figures.
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
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import app, commands, growth, importing, library, refresh
from bench.goals import GOALS, LIMITS, Found, row, tell, told

_NAMED = ("textual", "httpx", "feedparser", "tinydb", "msgspec")


def parts(folder: Path, *, quick: bool) -> dict[str, Callable[[], Iterator[Found]]]:
    """What is measured together, by the names of the goals."""
    items = 10_000 if quick else 100_000
    return {
        "P1 P2 P3 P8": lambda: app.measure(folder / "app", items, 3 if quick else 7, 20 if quick else 40),
        "P4 P10": lambda: library.measure(folder / "library", items),
        "P5 P6 P7 P9": lambda: refresh.measure(folder / "refresh", 1 if quick else 3, 20 if quick else 100),
        "P8": lambda: commands.measure(5_000 if quick else commands.ITEMS),
        "P11": lambda: importing.measure(2 if quick else 5, 2_000 if quick else importing.BOOKMARKS),
        "P12 P13": lambda: growth.measure(folder / "growth", 200 if quick else 2_000),
    }


def machine() -> dict[str, str]:
    """What it was measured on: kind, cores, versions; no names."""
    boat = shutil.which("newsboat")
    said = subprocess.run([boat, "-v"], capture_output=True, text=True, check=True).stdout if boat else ""
    return {
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load": f"{os.getloadavg()[0]:.1f} processes waited at the end",
        "Python": platform.python_version(),
        "newsboat": said.partition("\n")[0].removeprefix("newsboat ").partition(" -")[0] or "not installed",
        **{name: version(name) for name in _NAMED},
    }


def page(report: dict[str, object]) -> str:
    """The table as a page of the documentation."""
    machine, quick = report["machine"], report["quick"]
    assert isinstance(machine, dict)
    assert isinstance(report["found"], list)
    found = {each["goal"]: Found(**each) for each in report["found"]}
    lines = ["| goal | what | at most | measured | |", "|---|---|---|---|---|"]
    for name, goal in GOALS.items():
        cells = row(found[name]) if name in found else (name, goal.what, f"{goal.most:g}", "not measured", "")
        lines.append(f"| {' | '.join(cells)} |")
    lost = [each for each in found.values() if not each.is_reached]
    unknown = "the cause has not been measured."
    reasons = [f"- **{each.goal}** ({each.told}): {LIMITS.get(each.goal, unknown)}" for each in lost]
    told_of = ", ".join(
        f"{name} {value}" if name not in {"system", "load"} else value for name, value in machine.items()
    )
    return "\n".join(
        [
            "# Performance",
            "",
            "Written by `python -m tests.bench --page docs/performance.md`; not by hand. Ratios are of two sides that",
            "take turns in one run. Figures in milliseconds or seconds grow with what else the machine does meanwhile.",
            "",
            f"Measured on {told_of}{'; a quick run, with small libraries' if quick else ''}.",
            "",
            *([str(report["note"]), ""] if "note" in report else []),
            *lines,
            "",
            "## What is missed, and why",
            "",
            *(reasons or ["Nothing."]),
            "",
        ]
    )


def measured(wanted: argparse.Namespace) -> dict[str, object]:
    """Run what is wanted, telling each figure as it comes."""
    began, found = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="florilege-bench-", dir=".") as name:
        for goals, measure in parts(Path(name).absolute(), quick=wanted.quick).items():
            if wanted.only and wanted.only not in goals.split():
                continue
            for folder in ("app", "library", "refresh", "growth"):
                (Path(name) / folder).mkdir(exist_ok=True)
            for each in measure():
                found.append(each)
                told(each)
    tell(f"{sum(each.is_reached for each in found)} of {len(found)} reached, in {time.monotonic() - began:.0f} s")
    rows = [{"goal": each.goal, "value": each.value, "told": each.told} for each in found]
    return {"machine": machine(), "quick": wanted.quick, "found": rows}


def main() -> None:
    """Measure, and write what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small libraries, few rounds")
    parser.add_argument("--only", help="measure only what has this name: P1 ... P13")
    parser.add_argument("--json", type=Path, help="where to write what was found")
    parser.add_argument("--from", dest="known", type=Path, help="measure nothing: take what such a file says")
    parser.add_argument("--page", type=Path, help="where to write the table as a page")
    wanted = parser.parse_args()
    report = json.loads(wanted.known.read_text()) if wanted.known else measured(wanted)
    if wanted.json:
        wanted.json.write_text(json.dumps(report, indent=1) + "\n")
    if wanted.page:
        wanted.page.write_text(page(report))


if __name__ == "__main__":
    main()
