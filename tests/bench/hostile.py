"""Hostile documents: how long each takes to read, and how long it blocks the event loop when shown: P13.

Processor time, which leaves out other programs on the machine.
"""

import asyncio
import gc
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from bench.commands import busiest
from bench.goals import Figure
from florilege.cli.app import freeze_long_lived
from florilege.formats import detect
from florilege.lists.places import Place, PlaceKind
from florilege.model import Entry, FlorilegeError
from florilege.settings import Session
from florilege.store import Library
from florilege.tui.app import FlorilegeApp
from formats.test_hostile import BODIES, DOCUMENTS, FOLDER
from support.reading import BY_HAND, NOW, FakeDesktop, context, entry, give

_SIZE = 200_000
"""The number of characters in a body."""
_QUIET = 0.1
"""Seconds after which everything started by a key has ended."""


def documents() -> dict[str, bytes]:
    """The documents by name."""
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.is_file()}
    return files | {name: make().encode() for name, make in DOCUMENTS.items()}


def reading(data: bytes) -> tuple[float, tuple[Entry, ...]]:
    """Seconds until a document is read or refused, and the snapshot or message."""
    began = time.process_time()
    entries: tuple[Entry, ...] = ()
    with suppress(FlorilegeError):
        entries = detect.read(data).entries
    return time.process_time() - began, entries


async def showing(entries: dict[str, Entry]) -> dict[str, float]:
    """The longest uninterrupted work of the loop while each item is shown, in seconds, by place and title."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder), clock=lambda: NOW) as library:
        group = library.add_group("Strange").id
        give(library, group, list(entries.values()))
        session = Session(view=Place(PlaceKind.GROUP, group).key)
        given = context(library, FakeDesktop(), config=BY_HAND, session=session)
        app = FlorilegeApp(
            msgspec.structs.replace(given, settled=freeze_long_lived)
        )  # as when it is opened for a reader
        async with app.run_test(size=(120, 40)) as pilot:
            await app.workers.wait_for_complete()
            for row in range(len(app.reading.state.rows)):
                watching = asyncio.ensure_future(busiest(_QUIET))
                await pilot.press("j" if row else "home")
                held, current = await watching, app.reading.state.current
                found[f"{row + 1}, {current.summary.title[:40] if current else ''}"] = held
    return found


def measure() -> Iterator[Figure]:
    """Read each document, then show the results, and some bodies."""
    read = {name: reading(data) for name, data in documents().items()}
    slowest = max(read, key=lambda name: read[name][0])
    yield Figure("P13 read", read[slowest][0], f"{len(read)} documents; slowest: {slowest}")
    shown = {f"{name} {place}": each for name, (_, found) in read.items() for place, each in enumerate(found[:3])}
    shown |= {name: entry(name, body=unit * (_SIZE // len(unit))) for name, unit in BODIES.items()}
    before = gc.get_threshold()
    held = asyncio.run(showing(shown))
    gc.set_threshold(*before)
    gc.unfreeze()
    slowest = max(held, key=held.__getitem__)
    yield Figure("P13 shown", 1000 * held[slowest], f"{len(held)} items; slowest: {slowest}")
