"""Pictures of the main states at the smallest and largest size, and of languages that are hard to fit in a frame."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from florilege.config import Session
from florilege.library import Library
from florilege.model import Comment, Highlight, Sharer
from florilege.tui.app import FlorilegeApp
from support.reading import NOW, Outside, entry, reading, sample_library, small_library, world

Compare = Callable[..., bool]

each_look = pytest.mark.parametrize(
    ("size", "theme"),
    [
        pytest.param((40, 10), "florilege-dark", id="40x10"),
        pytest.param((200, 50), "florilege-light", id="200x50"),
    ],
)
LANGUAGES = [
    ("Oui\u202f!\u00a0«\u00a0L’espace insécable\u00a0», dit-elle\u202f; et puis\u202f?", "français"),
    ("日本語の見出しはとても長いので、枠の中で折り返さなければなりません。", "日本語"),
    ("👩‍🔧 🏳️‍🌈 👨‍👩‍👧‍👦 🇫🇷 ✍🏽 e\u0301a\u0308 Zürich", "émoji 👩‍🔧"),
    ("عنوان طويل من اليمين إلى اليسار يجب ألا يكسر الإطار", "وسم"),
    ("כותרת ארוכה בעברית שלא תשבור את המסגרת", "תגית"),
    ("한국어 제목도 넓은 글자로 되어 있습니다", "한국어"),
]


def languages(folder: Path) -> Library:
    """Items in languages and scripts of all kinds."""
    entries = [
        entry(
            title, day=20 - place, native_id=str(place), url=f"https://example.org/{place}", tags=(tag, tag * 3),
            sharer=Sharer(name=title[:20]), description=title,
            highlights=(Highlight(id="1", quote=title * 3, comments=(Comment(text=title, author=tag, made_at=None),)),),
        )
        for place, (title, tag) in enumerate(LANGUAGES)
    ]  # fmt: skip
    return small_library(folder, {"Langues\u202f: 日本語 👩‍🔧 עברית": entries})


def pressing(*keys: str) -> Callable[[Pilot[None]], object]:
    async def before(pilot: Pilot[None]) -> None:
        await pilot.app.workers.wait_for_complete()
        for key in keys:
            await pilot.press(key)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()

    return before


def app_on(library: Library, theme: str) -> FlorilegeApp:
    return FlorilegeApp(world(library, Outside(), session=Session(theme=theme)))


STATES = {
    "groups": ("j", "j", "j", "j", "x"),
    "items": ("j", "j", "j", "j", "l", "v", "v", "V"),
    "annotations": ("j", "j", "j", "j", "l", "j", "l", "G"),
    "finding": ("j", "j", "j", "slash", *"papier"),
    "going": ("apostrophe", *"lecture"),
    "tags": ("j", "j", "j", "j", "l", "t"),
    "help": ("l", "question_mark"),
}


@each_look
@pytest.mark.parametrize("state", STATES)
def test_a_state(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str, state: str) -> None:
    app = app_on(sample_library(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing(*STATES[state]))


@each_look
def test_the_first_start(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(Library(tmp_path, clock=lambda: NOW), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing())


@each_look
def test_languages(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(languages(tmp_path), theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing("l", "j", "l"))


@pytest.mark.parametrize("size", [(40, 10), (60, 20), (80, 24), (120, 36), (200, 50)])
async def test_no_language_breaks_the_frame(tmp_path: Path, size: tuple[int, int]) -> None:
    async with reading(languages(tmp_path), size=size) as running:
        for key in ("j", "j", "j", "j", "x", "l", *"jjjjj", "l", *"JKJ", "h", "v", "V", "S"):
            await running.press(key)
            assert [cell_len(line) for line in running.lines()] == [size[0]] * size[1]
            for widget in (running.screen.groups_list, running.screen.items_list, running.screen.annotations_list):
                if widget.display:
                    rows = [line for line in running.lines(widget) if line.strip()]
                    assert all(line[-1] in "│╮╯" for line in rows[:1]), "the frame closes"


async def test_no_break_spaces_stay_as_they_were_written(tmp_path: Path) -> None:
    async with reading(languages(tmp_path), size=(200, 50)) as running:
        await running.press("l", "l", "c")
        assert "Oui\u202f!\u00a0«\u00a0L’espace insécable\u00a0»" in running.outside.copied[-1]
        assert "dit-elle\u202f;" in "\n".join(running.lines())
