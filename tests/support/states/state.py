"""A state of the app: a library, a place in it, and keys to press.

The states are listed in `screens` and `dialogues`; the contents of their libraries are in `contents`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from florilege.commands import keymap
from florilege.lists.reader_state import ReaderState
from florilege.settings import Session, load
from florilege.store import Library
from florilege.tui.app import AppContext, FlorilegeApp
from florilege.tui.reading import searches
from support.reading import BY_HAND, NOW, FakeDesktop, Open, context, no_network, sample_library, started

Step = str | Callable[[Open], Awaitable[None]]
"""A key, a command by its name (`:overview`), a text to type (`"text`), or a function."""


@dataclass(frozen=True)
class State:
    """One state."""

    name: str
    steps: tuple[Step, ...] = ()
    place: str = ""
    """The title of the place to open first: a smart group, a group or a saved search. Default: where the app starts."""
    library: Callable[[Path], Library] = sample_library
    searches: str = ""
    """The file of saved searches."""
    settings: str = ""
    """The file of settings."""
    refresher: Callable[[], Any] = no_network
    is_busy: bool = False
    """Whether something is running that never ends."""


@asynccontextmanager
async def showing(
    state: State, folder: Path, size: tuple[int, int], theme: str = "florilege-dark"
) -> AsyncIterator[Open]:
    """The app in a state, with a home folder of its own."""
    _furnish(folder, state)
    outside = FakeDesktop()
    with pytest.MonkeyPatch.context() as patch, _within(folder), state.library(folder / "library") as library:
        patch.setenv("HOME", str(folder))
        patch.setattr(searches, "_CALM", 3600.0)  # `settle` counts instead
        app = FlorilegeApp(_world(state, library, outside, folder, theme))
        app.reading.bottom.STAYS = 3600.0
        async with started(app, library, outside, size=size, draws=False) as running:  # `rows_of` draws
            await running.settled()
            if state.place:
                await _go_to(running, state.place)
            for step in state.steps:
                await _take(step, running)
                await settle(state, running)
            yield running
            if state.is_busy:
                app.workers.cancel_all()


@contextmanager
def _within(folder: Path) -> Iterator[None]:
    """Change to a folder temporarily."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield


def _furnish(folder: Path, state: State) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "searches.toml").write_text(state.searches, "utf-8")
    (folder / "config.toml").write_text(state.settings, "utf-8")


def _world(state: State, library: Library, outside: FakeDesktop, folder: Path, theme: str) -> AppContext:
    """A context in which nothing happens by itself."""
    wanted = load(folder / "config.toml")
    still = replace(wanted.look, animation="none")
    config = replace(wanted, reading=BY_HAND.reading, refresh=BY_HAND.refresh, look=still)
    around = context(
        library,
        outside,
        config=config,
        keys=keymap(config.keys),
        session=Session(theme=theme),
        refreshing=lambda: nullcontext(state.refresher()),
        files=folder,
    )
    return replace(around, state=ReaderState(library, clock=lambda: NOW))


async def _go_to(running: Open, title: str) -> None:
    titles = {row.label: row.place for row in running.screen.groups.rows}
    running.screen.groups.list.move_to(titles[title].key)
    await running.settled()


async def _take(step: Step, running: Open) -> None:
    if callable(step):
        await step(running)
    elif step.startswith(":"):
        await running.screen.action_command(step[1:])
    elif step.startswith('"'):
        line = running.app.focused
        assert isinstance(line, Input)
        line.insert_text_at_cursor(step[1:])
        await running.pilot.pause()
    else:
        await running.pilot.press(step)


async def settle(state: State, running: Open) -> None:
    """Wait until idle; in a busy state, until the requested change is drawn."""
    if state.is_busy:
        await running.pilot.pause()
        return
    async with asyncio.timeout(20):
        await running.settled()
        running.screen.searches.count()
        await running.pilot.pause()
        await running.settled()
