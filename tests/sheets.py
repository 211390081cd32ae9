"""Sheets of the pictures kept of the app, to be looked at: `python -m tests.sheets [--theme THEME] FOLDER [STATE...]`.

A sheet has one state in four sizes as PNG, the largest at the left; with `--wide` that of 200 columns alone.
Needs what `make screenshots` installs.
"""

import argparse
import sys
from pathlib import Path

import resvg_py

sys.path.insert(0, str(Path(__file__).parent))

from support.pictures.drawing import drawn, size_of
from support.pictures.keeping import THEMES, Pictures, kept

KEPT = Path(__file__).parent / "tui" / "pictures"
_GAP = 14.0


def sheet(pictures: Pictures, theme: str) -> str:
    """The four smaller sizes, as SVG."""
    large, *smaller = (pictures[size, theme] for size in ((120, 36), (80, 24), (60, 20), (40, 10)))
    beside = size_of(large)[0] + _GAP
    placed = [(0.0, 0.0, large)]
    top = 0.0
    for picture in smaller[:2]:
        placed.append((beside, top, picture))
        top += size_of(picture)[1] + _GAP
    return drawn([*placed, (0.0, size_of(large)[1] + _GAP, smaller[2])])


def main() -> None:
    """Draw the sheets that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.sheets", description="Draw sheets of the pictures kept.")
    parser.add_argument("folder", type=Path, help="where the sheets are written")
    parser.add_argument("states", nargs="*", help="which states; all when none is named")
    parser.add_argument("--theme", choices=THEMES, default=THEMES[0])
    parser.add_argument("--wide", action="store_true", help="200x50 alone")
    asked = parser.parse_intermixed_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name in asked.states or sorted(path.stem for path in KEPT.glob("*.txt")):
        pictures, _ = kept(KEPT / f"{name}.txt")
        svg = drawn([(0, 0, pictures[(200, 50), asked.theme])]) if asked.wide else sheet(pictures, asked.theme)
        png = resvg_py.svg_to_bytes(svg_string=svg, monospace_family="DejaVu Sans Mono")
        (asked.folder / f"{name}.png").write_bytes(bytes(png))


if __name__ == "__main__":
    main()
