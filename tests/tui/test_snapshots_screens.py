"""Pictures of the screens one goes to, compared to the letter, in three sizes and both themes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from florilege.config import Session
from florilege.library import Library
from florilege.model import Comment, Highlight
from florilege.tui.app import FlorilegeApp
from support.reading import NOW, Outside, entry, sample_library, small_library, world

Compare = Callable[..., bool]

SIZES = [(60, 20), (80, 24), (120, 36)]
THEMES = ["florilege-light", "florilege-dark"]
HOSTILE = "[bold]Free[/bold] [/] \x1b[31mred\x1b[0m \u202egnp.exe\u202c \x9d0;t\x9c [@click=app.quit]x[/] 紙 👩‍👩‍👧"

RIVER = {
    "by_item": ("j", "j", "j", "H", "j"),
    "by_sharer": ("j", "j", "j", "H", "S", "n", "j"),
    "by_tag": ("j", "j", "j", "H", "S", "S"),
    "by_date": ("j", "j", "j", "H", "S", "S", "S"),
    "found": ("j", "j", "j", "H", "slash", *"papier"),
    "empty": ("j", "j", "j", "H", "slash", *"zzz", "enter"),
}
SETTINGS = {
    "settings": ("comma", "j"),
    "look": ("comma", *"jjjjjjjjjjj"),
    "keys": ("comma", "tab", "j", "j"),
    "key": ("comma", "tab", "j", "j", "enter"),
}
HELP = {"narrowed": ("l", "question_mark", *"copy"), "none": ("question_mark", *"zzz")}
FINDING = {"completed": ("j", "j", "j", "slash", *"tag:l"), "found": ("j", "j", "j", "slash", *"marge", "enter")}

each_look = pytest.mark.parametrize(
    ("size", "theme"),
    [pytest.param(size, theme, id=f"{size[0]}x{size[1]}-{theme}") for size in SIZES for theme in THEMES],
)


def states(of: Mapping[str, Sequence[str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("keys", list(of.values()), ids=list(of))


def app_on(library: Library, theme: str, files: Path | None = None) -> FlorilegeApp:
    return FlorilegeApp(world(library, Outside(), session=Session(theme=theme), files=files))


def pressing(keys: Sequence[str]) -> Callable[[Pilot[None]], object]:
    async def before(pilot: Pilot[None]) -> None:
        await pilot.app.workers.wait_for_complete()
        for key in keys:
            await pilot.press(key)
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()

    return before


@each_look
@states(RIVER)
def test_the_river(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str, keys: Sequence[str]
) -> None:
    app = app_on(sample_library(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing(keys))


@each_look
def test_a_river_of_hostile_words(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    marks = (
        Highlight(id="1", quote=HOSTILE, author=HOSTILE, comments=(Comment(text=HOSTILE),)),
        Highlight(id="2", quote="מימין לשמאל، مرحبا بالعالم — « l’élan »\nnext line " + "x" * 200),
    )
    library = small_library(tmp_path, {HOSTILE: [entry(HOSTILE, native_id="1", tags=(HOSTILE,), highlights=marks)]})
    app = app_on(library, theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing(("j", "j", "j", "H", "S")))


@each_look
@states(SETTINGS)
def test_the_settings(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str, keys: Sequence[str]
) -> None:
    app = app_on(sample_library(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing(keys))


@each_look
@states(HELP)
def test_the_help(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str, keys: Sequence[str]
) -> None:
    app = app_on(sample_library(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing(keys))


@each_look
@states(FINDING)
def test_finding(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str, keys: Sequence[str]) -> None:
    app = app_on(sample_library(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing(keys))


@each_look
def test_completing_a_path(
    snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], theme: str
) -> None:
    home = tmp_path / "home"
    (home / "Papiers").mkdir(parents=True)
    for number in range(8):
        (home / f"papier-{number}.rss").write_text("")
    monkeypatch.setenv("HOME", str(home))
    app = app_on(Library(tmp_path / "library", clock=lambda: NOW), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing(("a", *"~/pap")))


@each_look
def test_saved_searches(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    (tmp_path / "searches.toml").write_text(
        '"Margins" = "marge"\n"By Ottoline, unread" = "by:ottoline is:unread"\nOdd = "tga:x"\n', "utf-8"
    )
    app = app_on(sample_library(tmp_path / "library"), theme, tmp_path)

    async def before(pilot: Pilot[None]) -> None:
        await pilot.app.workers.wait_for_complete()
        app.reading.groups_list.move_to("search:Margins")
        async with asyncio.timeout(10):
            while not app.reading._search_counts:
                await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)
