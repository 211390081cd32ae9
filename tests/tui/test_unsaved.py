"""Marks that can't be written: shown, kept, reported, and retried."""

import errno
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from florilege.lists.places import Place, PlaceKind
from florilege.lists.reader_state import ReaderState
from florilege.marking import Mark
from florilege.model import Entry
from florilege.store import Library, LibraryError, LibraryLock
from florilege.store.disk import Files
from florilege.tui.app import FlorilegeApp
from support.disks import Failing
from support.reading import NOW, FakeDesktop, Open, context, entry, small_library, started

ENTRIES: Sequence[Entry] = [entry("Ink", day=3), entry("Paper", day=2), entry("Glue", day=1)]


@pytest.fixture
def disk() -> Failing:
    return Failing(errno.ENOSPC)


@pytest.fixture
def library(tmp_path: Path, disk: Failing) -> Library:
    small_library(tmp_path, {"Encre": ENTRIES}).close()
    return Library(tmp_path, clock=lambda: NOW, files=disk, lock_timeout=0.05)


def on_disk(folder: Path) -> set[str]:
    """Titles of read items, as another process sees them."""
    with Library(folder, clock=lambda: NOW, files=Files()) as other:
        (group,) = other.groups()
        states = other.states(group.id)
        return {item.title for item in other.items(group.id) if item.id in states and states[item.id].is_read}


@asynccontextmanager
async def reading(library: Library) -> AsyncIterator[Open]:
    """The app on a library with its group open and the cursor on its first item."""
    outside = FakeDesktop()
    around = context(library, outside)
    state = ReaderState(library, clock=lambda: NOW)
    app = FlorilegeApp(replace(around, state=state))
    async with started(app, library, outside) as opened:
        await opened.settled()
        await app.reading.moves.open_place(Place(PlaceKind.GROUP, library.groups()[0].id))
        await opened.press("tab")
        yield opened


def detach_folder(folder: Path) -> None:
    folder.rename(folder.with_name(f"{folder.name}-away"))


def reattach_folder(folder: Path) -> None:
    folder.with_name(f"{folder.name}-away").rename(folder)


def state_on(library: Library) -> ReaderState:
    state = ReaderState(library, clock=lambda: NOW)
    place = Place(PlaceKind.GROUP, library.groups()[0].id)
    state.open(place, state.query, state.listing(place))
    return state


# ReaderState


def test_unwritable_mark_is_shown_and_reported(library: Library, disk: Failing, tmp_path: Path) -> None:
    state = state_on(library)
    disk.room = 0
    step = state.changes.mark(state.rows[:2], Mark.READ)
    assert step is not None
    assert len(step.changes) == 2
    assert [state.state_of(row).is_read for row in state.rows] == [True, True, False]
    assert state.changes.unsaved.startswith(
        "2 marks not saved yet; florilege keeps trying. Your library can't be written: "
    )
    assert state.changes.unsaved.endswith(
        ": the disk is full. Make room."
    )  # the message asks for nothing: florilege retries by itself
    assert state.changes.lost == state.changes.unsaved.replace("yet; florilege keeps trying", "and lost now")
    assert state.totals().unread == 1
    assert on_disk(tmp_path) == set()
    # And reading everything again from the disk keeps it
    state.catalogue.forget()
    assert [state.state_of(row).is_read for row in state.rows] == [True, True, False]
    assert state.totals().unread == 1


def test_next_mark_writes_those_before_it(library: Library, disk: Failing, tmp_path: Path) -> None:
    state = state_on(library)
    disk.room = 0
    state.changes.mark(state.rows[:1], Mark.READ)
    disk.room = 1 << 30
    state.changes.mark(state.rows[1:2], Mark.READ)
    assert state.changes.unsaved == ""
    assert on_disk(tmp_path) == {"Ink", "Paper"}


def test_marks_are_written_in_order_when_retried(library: Library, disk: Failing, tmp_path: Path) -> None:
    state = state_on(library)
    disk.room = 0
    state.changes.mark(state.rows, Mark.READ, bulk=True)
    state.changes.mark(state.rows[:1], Mark.UNREAD)
    state.changes.retry()
    assert state.changes.unsaved.startswith("3 marks not saved yet")
    disk.room = 1 << 30
    state.changes.retry()
    assert state.changes.unsaved == ""
    assert on_disk(tmp_path) == {"Paper", "Glue"}
    assert [state.state_of(row).is_read for row in state.rows] == [False, True, True]
    assert state.totals().unread == 1


def test_unsaved_mark_can_be_undone(library: Library, disk: Failing, tmp_path: Path) -> None:
    state = state_on(library)
    state.changes.mark(state.rows[:1], Mark.READ)
    disk.room = 0
    state.changes.mark(state.rows[1:2], Mark.READ)
    said = [undone.sentence for _ in range(2) if (undone := state.changes.undo())]
    assert said == ["Unread again: Paper", "Unread again: Ink"]
    assert [state.state_of(row).is_read for row in state.rows] == [False, False, False]
    disk.room = 1 << 30
    state.changes.retry()
    assert on_disk(tmp_path) == set()
    assert [state.state_of(row).is_read for row in state.rows] == [False, False, False]


def test_marks_wait_while_another_process_writes_or_the_folder_is_away(library: Library, tmp_path: Path) -> None:
    state = state_on(library)
    with LibraryLock(tmp_path, clock=lambda: NOW, program="florilege refresh"):
        state.changes.mark(state.rows[:1], Mark.READ)
    assert state.changes.unsaved.startswith(
        "1 mark not saved yet; florilege keeps trying. Your library is in use by florilege"
    )
    assert state.changes.unsaved.endswith(").")
    tmp_path.rename(tmp_path.with_name(f"{tmp_path.name}-away"))
    state.changes.mark(state.rows[1:2], Mark.READ)
    assert "is no longer there" in state.changes.unsaved
    tmp_path.with_name(f"{tmp_path.name}-away").rename(tmp_path)
    state.changes.retry()
    assert state.changes.unsaved == ""
    assert on_disk(tmp_path) == {"Ink", "Paper"}


def test_marks_in_a_group_removed_meanwhile_are_dropped(library: Library, disk: Failing, tmp_path: Path) -> None:
    state = state_on(library)
    disk.room = 0
    state.changes.mark(state.rows, Mark.READ)
    with Library(tmp_path, clock=lambda: NOW) as other:
        other.trash.remove_group(state.rows[0].summary.group)
    disk.room = 1 << 30
    state.changes.retry()
    assert state.changes.unsaved == ""


def test_command_line_refuses_instead(library: Library, disk: Failing) -> None:
    state = ReaderState(library, clock=lambda: NOW, keeps_unsaved=False)
    rows = state.listing(Place(PlaceKind.EVERYTHING)).rows
    disk.room = 0
    with pytest.raises(LibraryError, match="the disk is full"):
        state.changes.mark(rows, Mark.READ)
    assert state.changes.unsaved == ""


# The app


async def test_app_reports_unsaved_marks_and_when_they_are_saved(
    library: Library, disk: Failing, tmp_path: Path
) -> None:
    async with reading(library) as opened:
        disk.room = 0
        await opened.press("m")
        assert opened.said[-1].startswith("1 mark not saved yet")
        assert on_disk(tmp_path) == set()
        disk.room = 1 << 30
        opened.app.reading.start(opened.app.reading.marker.retry, "saving")
        await opened.settled()
        assert opened.said[-1] == "Your marks are saved now."
        assert on_disk(tmp_path) == {"Ink"}


async def test_quitting_with_unsaved_marks_takes_two_attempts(library: Library, disk: Failing) -> None:
    async with reading(library) as opened:
        disk.room = 0
        await opened.press("m", "q")
        assert opened.app.is_running
        assert opened.said[-1].endswith("q again leaves without them.")
        assert opened.outside.remembered == []
        await opened.pilot.press("q")
        await opened.until(lambda: bool(opened.outside.remembered))


async def test_quitting_writes_what_can_be_written_by_then(library: Library, disk: Failing, tmp_path: Path) -> None:
    async with reading(library) as opened:
        disk.room = 0
        await opened.press("m")
        disk.room = 1 << 30
        await opened.pilot.press("q")
        await opened.until(lambda: bool(opened.outside.remembered))
    assert on_disk(tmp_path) == {"Ink"}


async def test_app_stays_readable_while_the_folder_is_away(library: Library, tmp_path: Path) -> None:
    async with reading(library) as opened:
        detach_folder(tmp_path)
        await opened.press("j", "m", "r", "R", "g")
        assert any("is no longer there" in said for said in opened.said)
        assert opened.app.is_running
        assert len(opened.app.reading.state.rows) == len(ENTRIES)
        reattach_folder(tmp_path)
        await opened.press("j")
        assert opened.app.reading.annotations.item is not None
        opened.app.reading.start(opened.app.reading.marker.retry, "saving")
        await opened.settled()
    assert on_disk(tmp_path) == {"Paper"}
