"""Selecting several items and acting on all of them at once."""

from pathlib import Path

import pytest

from florilege.model import Highlight, Sharer
from florilege.store import Library
from support.reading import Open, entry, reading, small_library

HOSTILE = "[/] [b]x[/b] {0} {} \x1b[31m\u202e"


def library_of_seven(folder: Path) -> Library:
    pages = [
        entry(f"page {day}", day=day, sharer=Sharer(name="Ann"), highlights=(Highlight(id="h", quote=f"q{day}"),))
        for day in range(7, 1, -1)
    ]
    return small_library(folder, {"Paper": [*pages, entry(HOSTILE, day=1, url=None)]})


def marks(running: Open) -> list[str]:
    """The sign in front of each title on screen."""
    lines = [line.strip("│ ") for line in running.lines(running.screen.items.list)]
    return [line.lstrip("▌▎▏▍ ")[0] for line in lines if "page " in line]


async def in_items(running: Open) -> None:
    await running.press("l")


async def test_item_is_selected_and_the_cursor_moves_on(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path), size=(120, 50)) as running:
        await in_items(running)
        await running.press("v", "v")
        assert list(running.screen.state.view.selected) == [row.key for row in running.screen.state.rows[:2]]
        assert running.title == "page 5"
        assert marks(running)[:3] == ["◆", "◆", "●"]
        assert "2 selected" in running.lines()[0]


async def test_selecting_again_deselects(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("v", "k", "v")
        assert running.screen.state.view.selected == {}
        assert "selected" not in running.lines()[0]


@pytest.mark.parametrize("moves", [("j", "j"), ("G", "k")])
async def test_range_goes_from_the_last_selected_to_the_cursor(tmp_path: Path, moves: tuple[str, ...]) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("v", *moves)
        here = running.screen.state.position
        await running.press("V")
        assert [row.key in running.screen.state.view.selected for row in running.screen.state.rows] == [
            place <= here for place in range(7)
        ]


async def test_escape_clears_the_selection_before_the_filter(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("slash", *"page", "enter")
        await running.press("v", "escape")
        assert running.screen.state.view.selected == {}
        assert str(running.screen.state.query) == "page"
        await running.press("escape")
        assert running.screen.state.query.is_blank


async def test_marks_apply_to_the_selection_and_are_undone_as_one_step(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("v", "j", "v", "m")
        assert len(running.unread) == 5
        assert running.said[-1] == "2 of 2 items in the selection marked read. u takes it back."
        assert marks(running)[0] == "◇"
        await running.press("m")
        assert running.said[-1] == "Nothing is unread in the selection."
        await running.press("u")
        assert len(running.unread) == 7


async def test_marking_unread_leaves_the_item_under_the_cursor_unread(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("A", "v", "v", "M", "n")
        assert running.unread == ["page 7", "page 6"]


async def test_stars_are_added_to_all_and_removed_from_all(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("s", "v", "v", "s")
        assert running.said[-1] == "1 of 2 selected items now starred."
        await running.press("s")
        assert running.said[-1] == "2 of 2 selected items no longer starred."


async def test_links_are_copied_as_a_list(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("v", "v", "G", "v", "y")
        assert running.outside.copied[-1] == "https://example.org/page-7\nhttps://example.org/page-6"
        assert "1 item without any" in running.said[-1]
        await running.press("Y")
        assert running.outside.copied[-1].startswith("- [page 7](https://example.org/page-7)\n- [page 6](")
        assert running.unread == ["page 5", "page 4", "page 3", "page 2", running.titles[-1]]


async def test_all_quotes_of_a_selection_are_one_document(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("v", "v", "C", "c")
        copied = running.outside.copied[-1]
        assert running.outside.copied == [copied, copied], "one quote of a selection is all of them"
        assert copied.index("> q7") < copied.index("## [page 6]") < copied.index("> q6")
        assert running.said[-1].startswith("2 quotes ")


async def test_pages_of_a_small_selection_are_opened(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("v", "v", "v", "o")
        assert len(running.outside.opened) == 3
        assert running.said[-1] == "3 pages opened."
        await running.press("G", "V", "o")
        assert len(running.outside.opened) == 3
        assert running.said[-1] == "7 items are selected, and 5 pages at most are opened at once."


async def test_selection_that_cannot_be_opened_or_copied_says_why(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("G", "v", "o", "y", "C", "m")
        assert running.outside.opened == []
        assert running.outside.copied == []
        assert "The selected items have no link." in running.said
        assert "The selected items have no quote." in running.said


async def test_selection_survives_a_refresh_and_is_narrowed_by_a_filter(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("v", "v")
        await running.screen.moves.rebuild()
        assert len(running.screen.state.view.selected) == 2
        await running.press("slash", *"q7", "enter")
        assert len(running.screen.state.view.selected) == 1


async def test_commands_in_the_groups_pane_apply_to_the_group(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path)) as running:
        await in_items(running)
        await running.press("v", "h", "j", "j", "j", "j", "m")
        assert running.said[-1] == "7 of 7 items in Paper marked read. u takes it back."


async def test_only_the_selection_is_exported(tmp_path: Path) -> None:
    async with reading(library_of_seven(tmp_path / "library")) as running:
        await in_items(running)
        await running.press("v", "v", "e", "ctrl+u", *str(tmp_path / "few.md"), "enter")
        written = (tmp_path / "few.md").read_text("utf-8")
        assert "q7" in written
        assert "q6" in written
        assert "q5" not in written
