"""The app on a test library, with a fake clock, clipboard and browser."""

import asyncio
import atexit
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import textual.app
import textual.pilot
import textual.screen
from rich.console import RenderableType
from rich.segment import Segment
from textual._compositor import Compositor
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker

from florilege.commands import Keymap, keymap
from florilege.demo import offer
from florilege.desktop import Desktop, programs
from florilege.desktop.browser import OpenResult, open_page
from florilege.desktop.clipboard import CopyResult, Way
from florilege.desktop.programs import RunResult
from florilege.formats import Snapshot
from florilege.lists.reader_state import ReaderState
from florilege.merge import decide
from florilege.model import Entry
from florilege.refresh import Refresher
from florilege.settings import Config, Reading, Refresh, Session
from florilege.store import Library
from florilege.tui.app import AppContext, FlorilegeApp
from florilege.tui.reading.frame import PANES
from florilege.tui.reading.screen import ReadingScreen
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.widgets.row_list import RowList


async def _quiet(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Wait until the event loop and its threads are idle.

    Textual's own version sleeps 20 ms several times per key, which was two thirds of the run time of all tests, and
    mistakes a process that gets no processor time for an idle one. This one sleeps only while waiting for something: a
    timer due in a moment, such as the next frame, or a thread at work.
    """
    loop: Any = asyncio.get_running_loop()
    ends = time.monotonic() + max_sleep
    while time.monotonic() < ends:
        await asyncio.sleep(0)
        if loop._ready:  # callbacks about to run
            continue
        due = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=ends) - loop.time()
        if due < _MOMENT:
            await asyncio.sleep(max(0.0, due))
        elif _has_thread_at_work(loop):
            await asyncio.sleep(0.0005)
        else:
            return


def _has_thread_at_work(loop: Any) -> bool:
    threads = loop._default_executor  # our own loops have none, but a counter
    if threads is None:
        return getattr(loop, "_busy", 0) > 0
    return bool(threads._work_queue.qsize()) or threads._idle_semaphore._value < len(threads._threads)


_MOMENT = 0.005
"""Timers due within this many seconds are waited for."""

textual.app.wait_for_idle = textual.pilot.wait_for_idle = _quiet  # type: ignore[attr-defined]
textual.screen.UPDATE_PERIOD = 0.001  # type: ignore[misc] # so that the next frame comes soon
_draw = Compositor.render_update


@contextmanager
def draw_only_screenshots() -> Iterator[None]:
    """Draw only for screenshots: drawing every intermediate step takes most of the time."""

    def render_update(compositor: Compositor, full: bool = False, **how: Any) -> RenderableType | None:
        return _draw(compositor, full, **how) if full else None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", render_update)
        yield


NOW = datetime(2026, 11, 23, 9, 30, tzinfo=timezone(timedelta(hours=1)))
"""The time in all tests of the app."""

BY_HAND = Config(reading=Reading(mark_after=None), refresh=Refresh(on_start=False))
"""Settings without marking by resting and without automatic refreshing."""


@dataclass
class FakeDesktop(Desktop):
    """Records what the app did to the desktop."""

    copied: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    piped: list[str] = field(default_factory=list)
    viewed: list[tuple[str, str]] = field(default_factory=list)
    remembered: list[Session] = field(default_factory=list)

    def copy(self, text: str, write_terminal: Callable[[str], None] | None = None) -> CopyResult:
        """A clipboard that accepts everything."""
        self.copied.append(text)
        return CopyResult((Way.SYSTEM,))

    async def run(self, command: Sequence[str], given: bytes) -> RunResult:
        """The real function, without one environment variable."""
        self.piped.append(given.decode())
        return await programs.run(command, given, {"PATH": os.environ["PATH"]}, limit=20)

    def view(self, text: str, name: str) -> str | None:
        """An editor that only records. Tests have no terminal to hand over."""
        self.viewed.append((name, text))
        return None

    def open_page(self, address: str | None) -> OpenResult:
        """The real rules, with a browser that only records."""

        def browser(url: str) -> bool:
            self.opened.append(url)
            return True

        return open_page(address, show=browser, find_browser=lambda: "firefox")


def network(
    library: Library, clock: Callable[[], datetime] = lambda: NOW, parser: Any = None
) -> Callable[[], AbstractAsyncContextManager[Refresher]]:
    """The real network code, without pauses; documents are papers, or what `parser` reads."""
    from florilege.net import Fetcher
    from support.papers import PaperParser

    async def no_pause(seconds: float) -> None:
        pass

    @asynccontextmanager
    async def make() -> AsyncIterator[Refresher]:
        async with Fetcher(settings=Refresh(timeout=5), time_limit=10, clock=clock) as fetcher:
            yield Refresher(library, fetcher, parser or PaperParser(), clock=clock, pause=no_pause)

    return make


def no_network() -> AbstractAsyncContextManager[Refresher]:
    """For tests in which nothing may be fetched."""
    raise AssertionError("this test fetches nothing")


@dataclass
class Open:
    """A running app and everything around it."""

    app: FlorilegeApp
    pilot: Pilot[None]
    library: Library
    outside: FakeDesktop
    draws: bool = True
    """Whether to draw once idle; otherwise only on request."""

    async def press(self, *keys: str) -> None:
        """Press keys, each after the effects of the previous one, and wait until idle."""
        await self.pilot.pause()  # the test itself may have started something
        await self._done(0.1)
        for key in keys:
            await self.pilot.press(key)
            await self._done(0.1)
        await self.settled()

    async def settled(self) -> None:
        """Wait until no worker runs, except one awaiting an answer, and nothing is left to draw."""
        await self.pilot.pause()  # the test itself may have started something
        assert await self._done(20.0), f"still at work: {self._working}"
        await self.pilot.pause()
        assert await self._done(20.0), f"still at work: {self._working}"  # what that started
        if self.draws:
            _draw(self.app.screen._compositor, screen_stack=self.app._background_screens)

    async def _done(self, seconds: float) -> bool:
        """Wait until no worker runs, up to a time limit. Raises an exception of a worker."""
        seen: set[Worker[Any]] = set()
        ends = time.monotonic() + seconds
        while working := self._working:
            seen |= working
            if time.monotonic() > ends:
                return False
            await _quiet()
        for worker in seen:
            if worker.error is not None:
                raise worker.error
        return True

    @property
    def _working(self) -> "set[Worker[Any]]":
        asks = any(prompt.is_open for screen in self.app.screen_stack for prompt in screen.query(Prompt))

        def waits(worker: "Worker[Any]") -> bool:
            """Whether it awaits an answer: from a line for typing, from a screen on top of it, or a key."""
            is_asking = asks or worker.node is not self.app.screen or worker.name == "next key"
            return is_asking and worker.group in {"command", "network"}

        return {worker for worker in self.app.workers if not (worker.is_finished or waits(worker))}

    async def until(self, condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
        """Wait for a condition, which must become true within some seconds."""
        async with asyncio.timeout(seconds):
            while not condition():
                await self.pilot.pause()

    @property
    def screen(self) -> ReadingScreen:
        """The reading screen."""
        return self.app.reading

    @property
    def pane(self) -> str:
        """The id of the list that has the focus; empty if none has."""
        focused = self.screen.focused
        return focused.id or "" if isinstance(focused, RowList) else ""

    @property
    def panes(self) -> list[str]:
        """The visible panes, from the left."""
        return [pane.value for pane in PANES if self.screen.frame.lists[pane].display]

    @property
    def place(self) -> str:
        """The open place, in words."""
        return self.screen.state.title_of()

    @property
    def titles(self) -> list[str]:
        """The titles of the listed items."""
        return [row.summary.title for row in self.screen.state.rows]

    @property
    def unread(self) -> list[str]:
        """The unread ones among them."""
        state = self.screen.state
        return [row.summary.title for row in state.rows if not state.state_of(row).is_read]

    @property
    def title(self) -> str | None:
        """The title of the item under the cursor."""
        return self.screen.state.current.summary.title if self.screen.state.current else None

    @property
    def cursors(self) -> dict[str, str | None]:
        """The key under the cursor of each pane."""
        return {pane.value: self.screen.frame.lists[pane].cursor_key for pane in PANES}

    def lines(self, widget: Widget | None = None) -> list[str]:
        """The text drawn: of one widget, or of the whole screen."""
        screen = self.app.screen
        region = screen.region if widget is None else widget.region
        drawn = [
            "".join(segment.text for segment in strip)
            for strip in screen._compositor.render_strips()  # the only way to see what is drawn, cell by cell
        ]
        if widget is None:
            return drawn
        cells = [Strip([Segment(line)]).crop(region.x, region.right).text for line in drawn[region.y : region.bottom]]
        return [line.rstrip() for line in cells]

    @property
    def said(self) -> list[str]:
        """Every message of the app, the latest last."""
        return list(self.app.reading.bottom.messages)


async def resize(pilot: Pilot[None], width: int, height: int) -> None:
    """Resize the terminal, and wait until the screen has followed, which takes a timer of Textual's."""
    await pilot.resize_terminal(width, height)
    while pilot.app._resize_timer is not None:
        await _quiet()
    await pilot.pause()


def sample_library(folder: Path) -> Library:
    """A library with the sample groups, copied from one created once."""
    shutil.copytree(_samples(), folder, dirs_exist_ok=True)
    return Library(folder, clock=lambda: NOW)


@cache
def _samples() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="florilege-samples-"))
    atexit.register(shutil.rmtree, folder)
    with Library(folder, clock=lambda: NOW) as library:
        offer(library, now=NOW)
    return folder


def small_library(folder: Path, groups: Mapping[str, Sequence[Entry]]) -> Library:
    """A library with these groups, by title."""
    library = Library(folder, clock=lambda: NOW)
    for title, entries in groups.items():
        give(library, library.add_group(title).id, entries)
    return library


def give(library: Library, group_id: str, entries: Sequence[Entry]) -> None:
    """Add entries to a group, as a refresh does."""
    snapshot = Snapshot(kind="test", entries=tuple(entries))
    read = {item for item, state in library.states(group_id).items() if state.is_read}
    library.update_items(group_id, lambda known: decide(known, snapshot, group=group_id, now=NOW, read=read))


def entry(title: str, *, day: int = 1, **facts: object) -> Entry:
    """An entry shared on a day of November 2026."""
    facts.setdefault("native_id", title)
    facts.setdefault("url", f"https://example.org/{title.replace(' ', '-')}")
    return Entry(title=title, shared_at=datetime(2026, 11, day, 8, tzinfo=UTC), **facts)  # type: ignore[arg-type]


def context(
    library: Library,
    outside: FakeDesktop,
    *,
    config: Config = BY_HAND,
    session: Session | None = None,
    keys: Keymap | None = None,
    refreshing: Callable[[], AbstractAsyncContextManager[Refresher]] = no_network,
    problems: tuple[str, ...] = (),
    files: Path | None = None,
) -> AppContext:
    """The app context for a library."""
    return AppContext(
        state=ReaderState(library, clock=lambda: NOW),
        config=config,
        keys=keys or keymap(),
        session=session or Session(theme="florilege-dark"),
        remember=outside.remembered.append,
        desktop=outside,
        refreshing=refreshing,
        problems=problems,
        settings=files / "config.toml" if files else None,
        searches=files / "searches.toml" if files else None,
    )


@asynccontextmanager
async def reading(
    library: Library,
    *,
    size: tuple[int, int] = (120, 36),
    config: Config = BY_HAND,
    session: Session | None = None,
    keys: Keymap | None = None,
    refreshing: Callable[[], AbstractAsyncContextManager[Refresher]] = no_network,
    files: Path | None = None,
) -> AsyncIterator[Open]:
    """Run the app on a library."""
    outside = FakeDesktop()
    app = FlorilegeApp(
        context(library, outside, config=config, session=session, keys=keys, refreshing=refreshing, files=files)
    )
    async with started(app, library, outside, size=size) as running:
        await running.settled()
        yield running


@asynccontextmanager
async def started(
    app: FlorilegeApp, library: Library, outside: FakeDesktop, *, size: tuple[int, int] = (120, 36), draws: bool = True
) -> AsyncIterator[Open]:
    """Run an app."""
    with draw_only_screenshots():
        async with app.run_test(size=size) as pilot:
            yield Open(app, pilot, library, outside, draws)
