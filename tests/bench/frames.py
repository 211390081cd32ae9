"""Where the time of a key goes: shares of Textual and of ours in it, by a profile of the app without a terminal.

    python -m tests.bench.frames

Shares only: a profile makes everything slower, small functions more than others.
"""

import asyncio
import cProfile
import pstats
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from textual.events import MouseScrollDown

from bench.goals import print_line
from bench.library import NOW, filled
from florilege.lists.places import Place, PlaceKind
from florilege.settings import Session
from florilege.store import Library
from florilege.tui.app import FlorilegeApp
from support.reading import BY_HAND, FakeDesktop, context

_KEYS = ("down", "scroll", "page")
_PARTS = {
    "drawing lines of our lists": "row_list.py:render_lines",
    "reading and laying out the open item": "annotations.py:show_current",
    "Textual: scrollbars, borders and other widgets": "_styles_cache.py:render_widget",
    "Textual: putting the lines of all widgets together": "_compositor.py:render_update",
}
"""Part -> the function measured, without the time of earlier parts that it calls."""


async def _profile(folder: Path, key: str, presses: int = 60) -> pstats.Stats:
    """A profile of so many presses."""
    session = Session(view=Place(PlaceKind.EVERYTHING).key)
    with Library(folder, clock=lambda: NOW) as library:
        app = FlorilegeApp(context(library, FakeDesktop(), config=BY_HAND, session=session))
        async with app.run_test(size=(120, 40)) as pilot:
            await app.workers.wait_for_complete()
            profile = cProfile.Profile()
            for press in range(presses + 5):
                if press == 5:
                    profile.enable()
                if key == "scroll":
                    await pilot._post_mouse_events([MouseScrollDown], app.reading.items.list, offset=(9, 9))
                else:
                    await pilot.press({"down": "j", "page": "pagedown"}[key])
                await pilot.pause(0.05)
            profile.disable()
    return pstats.Stats(profile)


def shares(stats: pstats.Stats) -> dict[str, float]:
    """Part -> its share of everything done, in per cent."""
    timed = {f"{Path(file).name}:{name}": line[3] for (file, _, name), line in stats.stats.items()}  # type: ignore[attr-defined]
    waited = sum(line[2] for (_, _, name), line in stats.stats.items() if "poll" in name)  # type: ignore[attr-defined]
    whole = sum(line[2] for line in stats.stats.values()) - waited  # type: ignore[attr-defined]
    lists, item, others, together = (timed.get(function, 0.0) for function in _PARTS.values())
    found = dict(zip(_PARTS, (lists, item, others, together - lists - others), strict=True))
    return {part: 100 * seconds / whole for part, seconds in found.items()}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        filled(Path(name) / "library", 100, 1000).close()
        for key in _KEYS:
            parts = shares(asyncio.run(_profile(Path(name) / "library", key)))
            print_line(f"{key}: {', '.join(f'{part} {share:.0f} %' for part, share in parts.items())}")
