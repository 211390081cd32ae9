"""How long one key blocks the event loop, in a group of 50,000 items: `t i n A u m`.

Processor time of the loop's thread between two of its turns, which leaves out other programs on the machine.
"""

import asyncio
import gc
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.goals import Figure, print_figure
from bench.library import NOW, filled
from florilege.cli.app import freeze_long_lived
from florilege.lists.places import Place, PlaceKind
from florilege.settings import Config, Reading, Refresh, Session
from florilege.store import Library
from florilege.tui.app import FlorilegeApp
from support.reading import FakeDesktop, context

ITEMS = 50_000
KEYS = ("t", "escape", "i", "n", "n", "m", "A", "u")
_QUIET = 0.5
"""Seconds after which everything started by a key has ended."""


async def busiest(seconds: float) -> float:
    """The longest uninterrupted work of the loop's thread during this many seconds."""
    end, most = time.monotonic() + seconds, 0.0
    before = time.thread_time()
    while time.monotonic() < end:
        await asyncio.sleep(0.001)
        most, before = max(most, time.thread_time() - before), time.thread_time()
    return most


async def _pressed(folder: Path) -> dict[str, float]:
    """The longest uninterrupted work after each key, in seconds."""
    library = Library(folder, clock=lambda: NOW)
    config = Config(reading=Reading(mark_after=None), refresh=Refresh(on_start=False))
    session = Session(view=Place(PlaceKind.GROUP, library.groups()[0].id).key)
    given = context(library, FakeDesktop(), config=config, session=session)
    app = FlorilegeApp(msgspec.structs.replace(given, settled=freeze_long_lived))  # as for a reader who opens it
    found: dict[str, float] = {}
    async with app.run_test(size=(120, 40)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        for key in KEYS:
            watching = asyncio.ensure_future(busiest(_QUIET))
            await pilot.press(key)
            found[key] = max(found.get(key, 0.0), await watching)
            # Don't await the command: one that opens a dialogue waits until it is closed.
            await asyncio.gather(*(each.wait() for each in app.workers if each.group != "command"))
    return found


def measure(items: int = ITEMS) -> Iterator[Figure]:
    """Press each key in a library of its own."""
    with tempfile.TemporaryDirectory() as name:
        filled(Path(name) / "library", 1, items).close()
        before = gc.get_threshold()
        found = asyncio.run(_pressed(Path(name) / "library"))
        gc.set_threshold(*before)
        gc.unfreeze()
    each = ", ".join(f"{key} {1000 * seconds:.0f}" for key, seconds in found.items())
    yield Figure("P8 commands", 1000 * max(found.values()), each)


if __name__ == "__main__":
    for each in measure():
        print_figure(each)
