"""The first screen after a restart, before any group has been read."""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace
from textual import events

from florilege.marking import Mark
from florilege.model import Counts, Highlight, ItemSummary
from florilege.settings import Look, Session
from florilege.store import Library
from florilege.tui.app import FlorilegeApp
from support.reading import BY_HAND, NOW, FakeDesktop, Open, context, entry, reading, sample_library, small_library

COMPACT = replace(BY_HAND, look=Look(density="compact"))


class Slow(Library):
    """A library that gives no list and no counts until released."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime]) -> None:
        super().__init__(folder, clock=clock)
        self.may_read = threading.Event()

    def summaries(self, group_id: str) -> list[ItemSummary]:
        assert self.may_read.wait(20)
        return super().summaries(group_id)

    def counts(self, group_id: str) -> Counts:
        assert self.may_read.wait(20)
        return super().counts(group_id)


async def leave(library: Library, *keys: str) -> Session:
    async with reading(library) as running:
        await running.press(*keys, "q")
    library.remember_counts()  # as on quitting
    return running.outside.remembered[-1]


def keys_of(running: Open) -> list[str]:
    return [row.key for row in running.app.reading.state.rows]


async def test_last_list_is_painted_from_its_saved_beginning(tmp_path: Path) -> None:
    library = sample_library(tmp_path)
    session = await leave(library, "l", "j", "j")
    assert session.first is not None

    library = Slow(tmp_path, clock=lambda: NOW)
    app = FlorilegeApp(context(library, FakeDesktop(), config=BY_HAND, session=session))
    async with app.run_test(size=(120, 36)) as pilot:
        screen = app.reading
        previewed = screen.state.previewed
        assert previewed is session.first
        assert [row.key for row in screen.state.rows][:3] == [row.summary.id for row in session.first.rows][:3]
        assert screen.state.current is not None
        assert screen.state.current.key == session.item
        library.may_read.set()
        running = Open(app, pilot, library, FakeDesktop())
        await running.until(lambda: screen.state.previewed is None)
        await running.settled()
        assert len(screen.state.rows) == 43
        assert screen.state.current.key == session.item


class Typed(Library):
    """A library during whose first reading a key is typed, and handled unless it waits."""

    app: FlorilegeApp | None = None

    def summaries(self, group_id: str) -> list[ItemSummary]:
        if self.app is not None and threading.current_thread() is not threading.main_thread():
            app, self.app = self.app, None
            app.call_from_thread(app.post_message, events.Key("H", "H"))
            app.call_from_thread(asyncio.to_thread, threading.Event)
        return super().summaries(group_id)


async def test_key_typed_before_the_first_list_waits_for_it(tmp_path: Path) -> None:
    sample_library(tmp_path)
    library = Typed(tmp_path, clock=lambda: NOW)
    library.app = app = FlorilegeApp(context(library, FakeDesktop(), config=BY_HAND))
    async with app.run_test(size=(120, 36)) as pilot:
        running = Open(app, pilot, library, FakeDesktop())
        await running.until(lambda: "189 highlights" in "".join(running.lines()))


async def test_items_read_by_another_process_are_shown_read(tmp_path: Path) -> None:
    library = sample_library(tmp_path)
    session = await leave(library, "l")
    assert session.first is not None
    first = session.first.rows[0].summary
    library.mark(Mark.READ, {first.group: {first.id: 0}}, now=NOW)
    async with reading(library, session=session) as running:
        row = running.app.reading.state.rows[0]
        assert row.key == first.id
        assert running.app.reading.state.state_of(row).is_read
        unread = sum(each.unread for each in session.first.counts.values())
        await running.until(lambda: running.app.reading.state.totals().unread == unread - 1)


async def test_mark_made_immediately_is_kept(tmp_path: Path) -> None:
    library = sample_library(tmp_path)
    session = await leave(library, "l")
    async with reading(library, session=session) as running:
        await running.press("m")
        row = running.app.reading.state.rows[0]
        assert library.states(row.summary.group)[row.key].is_read


async def test_saved_list_of_removed_items_is_replaced(tmp_path: Path) -> None:
    session = await leave(sample_library(tmp_path / "one"), "l")
    async with reading(sample_library(tmp_path / "two"), session=session) as running:
        assert len(keys_of(running)) >= 43
        await running.press("j", "k", "m", "u")


async def test_first_of_several_problems_is_shown_and_the_rest_counted(tmp_path: Path) -> None:
    problems = ("Line 2 is odd.", "Line 3 is odd.", "Line 4 is odd.")
    app = FlorilegeApp(context(sample_library(tmp_path), FakeDesktop(), problems=problems))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert list(app.reading.bottom.messages) == ["Line 2 is odd. 2 more problems: see florilege doctor."]


async def test_next_start_opens_the_last_view_with_filter_and_order(tmp_path: Path) -> None:
    library = sample_library(tmp_path)
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "l", "slash", *"marge", "enter", "S", *"title", "enter", "j", "z", "D")
        left = (running.place, running.titles, running.title, running.panes)
        assert len(running.titles) > 1
        await running.press("q")
        session = running.outside.remembered[-1]
    async with reading(small_library(tmp_path / "another", {"Encre": []}), session=session) as running:
        assert running.place == "Unread"  # these groups are different
    async with reading(library, session=session) as running:
        assert (running.place, running.titles, running.title, running.panes) == left
        assert (str(running.screen.state.query), running.screen.state.order) == ("marge", "by title")
        assert running.screen.items.compact
        await running.press("escape")
        assert len(running.titles) > len(left[1])


async def test_filtered_list_is_painted_from_its_saved_beginning(tmp_path: Path) -> None:
    session = await leave(sample_library(tmp_path), "l", "slash", *"marge", "enter")
    library = Slow(tmp_path, clock=lambda: NOW)
    app = FlorilegeApp(context(library, FakeDesktop(), config=BY_HAND, session=session))
    async with app.run_test(size=(120, 36)) as pilot:
        assert session.first is not None
        assert [row.key for row in app.reading.state.rows] == [row.summary.id for row in session.first.rows]
        library.may_read.set()
        running = Open(app, pilot, library, FakeDesktop())
        await running.until(lambda: app.reading.state.previewed is None)
        await running.settled()
        assert keys_of(running) == [row.summary.id for row in session.first.rows]


async def test_saved_filter_that_cannot_be_parsed_is_dropped(tmp_path: Path) -> None:
    session = Session(theme="florilege-dark", view="unread", query="tag:", order="by magic")
    async with reading(sample_library(tmp_path), session=session) as running:
        assert running.screen.state.query.is_blank
        assert running.titles


async def test_density_changed_in_the_settings_wins_over_the_key(tmp_path: Path) -> None:
    session = Session(theme="florilege-dark", overridden_density="comfortable")
    async with reading(sample_library(tmp_path), session=session, config=COMPACT) as running:
        assert running.screen.items.compact


async def test_with_everything_read_a_quote_of_the_day_is_shown(tmp_path: Path) -> None:
    quotes = [Highlight(id=f"h{n}", quote=f"The passage of number {n}.") for n in range(5)]
    library = small_library(tmp_path, {"Encre": [entry("a", highlights=quotes)], "Papier": [entry("b")]})
    shown = []
    for _ in range(2):
        async with reading(library) as running:
            await running.press("l", "A")
            await running.press("h", "j", "k")
            await running.until(lambda: "The passage of number" in " ".join(running.lines(running.screen.items.list)))
            shown.append(" ".join(" ".join(running.lines(running.screen.items.list)).split()))
            await running.press("u")
    assert shown[0] == shown[1]
    assert "Everything is read." in shown[0]
    assert "— a" in shown[0]


async def test_without_highlights_there_is_no_quote_of_the_day(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Papier": [entry("b")]})) as running:
        await running.press("l", "A", "h", "j", "k")
        assert "Everything is read." in " ".join(running.lines(running.screen.items.list))
