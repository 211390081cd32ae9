"""Pictures of the whole app, compared to the letter, in three sizes and both themes. New ones: `--snapshot-update`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from florilege.config import Session
from florilege.library import Library
from florilege.tui.app import FlorilegeApp
from support.reading import NOW, Outside, entry, give, sample_library, world

Compare = Callable[..., bool]

SIZES = [(60, 20), (80, 24), (120, 36)]
THEMES = ["florilege-light", "florilege-dark"]
HOSTILE = "[bold]Free[/bold] [/] \x1b[31mred\x1b[0m \u202egnp.exe\u202c \x9d0;t\x9c [@click=app.quit]x[/]"

each_look = pytest.mark.parametrize(
    ("size", "theme"),
    [pytest.param(size, theme, id=f"{size[0]}x{size[1]}-{theme}") for size in SIZES for theme in THEMES],
)


def app_on(library: Library, theme: str) -> FlorilegeApp:
    return FlorilegeApp(world(library, Outside(), session=Session(theme=theme)))


def pressing(*keys: str) -> Callable[[Pilot[None]], object]:
    async def before(pilot: Pilot[None]) -> None:
        await pilot.app.workers.wait_for_complete()
        for key in keys:
            await pilot.press(key)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()

    return before


@each_look
def test_the_first_start(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(Library(tmp_path, clock=lambda: NOW), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing())


@each_look
def test_the_groups(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(sample_library(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing("j", "j", "j", "j", "x"))


@each_look
def test_a_group_in_french(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(sample_library(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing("j", "j", "j", "j", "l", "j", "l", "G"))


@each_look
def test_new_highlights(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(sample_library(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing("j", "l", "j", "l", "j"))


@each_look
def test_finding(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(sample_library(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing("j", "j", "j", "slash", *"papier"))


@each_look
def test_the_help(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(sample_library(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing("l", "question_mark"))


@each_look
def test_hostile_words(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    library = Library(tmp_path, clock=lambda: NOW)
    group = library.add_group(HOSTILE)
    give(library, group.id, [entry(HOSTILE, tags=(HOSTILE, "[/]"), description=HOSTILE, native_id="1")])
    app = app_on(library, theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing("j", "j", "j", "j", "x", "l"))
