"""Narrowing the groups pane by typing, and tags that follow what is looked for."""

from pathlib import Path

from florilege.store import Library
from florilege.tui.panes.groups import PlaceRows
from support.reading import Open, entry, reading, small_library

ENCRE = [
    entry("a", day=5, tags=("papier", "élan")),
    entry("b", day=4, tags=("papier",)),
    entry("c", day=3, tags=("lecture", "papier")),
    entry("pomme", day=2, tags=("lecture",)),
]


def library(folder: Path) -> Library:
    groups = {"Encre & Papier": ENCRE, "Open Science": [entry("d", tags=("données",))], "Bare": [entry("e")]}
    return small_library(folder, groups)


def shown(running: Open) -> list[str]:
    """The rows of the groups pane: their names, tags with a sign before them and their number after."""
    rows = running.screen.groups.list.rows
    assert isinstance(rows, PlaceRows)
    return [f"#{row.label} {row.count}" if row.depth else row.label for row in rows.rows if row]


def under_cursor(running: Open) -> str:
    place = running.screen.groups.place
    return running.screen.state.where(place) if place else ""


# Narrowing


async def test_typing_narrows_groups_and_tags_those_folded_away_too(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("f", *"elan")
        assert shown(running) == ["Encre & Papier", "#élan 1"]
        assert under_cursor(running) == "#élan in Encre & Papier"
        assert running.place == "Unread"  # nothing is opened before one says so
        await running.press("enter")
        assert (running.place, running.titles) == ("#élan in Encre & Papier", ["a"])
        assert running.pane == "groups"
        assert any("Groups · elan" in line for line in running.lines())
        await running.press("escape")
        assert under_cursor(running) == running.place == "#élan in Encre & Papier"


async def test_a_group_found_with_its_tags_is_shown_unfolded(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("f", *"pap")
        assert shown(running) == ["Encre & Papier", "#papier 3"]
        assert any("▾ Encre & Papier" in line for line in running.lines())


async def test_escape_while_typing_brings_back_the_pane_and_the_place(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("j")
        before = (shown(running), running.place, running.cursors["groups"])
        await running.press("f", *"sci", "escape")
        assert (shown(running), running.place, running.cursors["groups"]) == before
        assert running.pane == "groups"


async def test_escape_among_narrowed_groups_shows_all_again_and_stays_on_the_place(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("f", *"sci", "enter", "escape")
        assert len(shown(running)) == 7
        assert (running.place, under_cursor(running)) == ("Open Science", "Open Science")


async def test_up_and_down_choose_among_what_is_left(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("f", *"pap", "down", "enter")
        assert running.place == "#papier in Encre & Papier"


async def test_words_of_a_group_and_of_its_tag_find_the_tag(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("f", *"encre", "space", *"lect")
        assert shown(running) == ["Encre & Papier", "#lecture 2"]


async def test_what_nothing_is_called_says_so_and_letters_taken_back_bring_the_rows_back(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("f", *"scix")
        assert shown(running) == []
        assert any("Nothing matches." in line for line in running.lines())
        await running.press("backspace", "enter")
        assert running.place == "Open Science"


async def test_going_elsewhere_shows_all_groups_again(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("f", *"bare", "enter", "l", "m", "n")
        assert running.place == "Encre & Papier"
        assert under_cursor(running) == "Encre & Papier"
        assert len(shown(running)) == 7


async def test_marks_and_refreshes_leave_the_groups_narrowed(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("f", *"sci", "enter", "m")
        assert shown(running) == ["Open Science"]


async def test_in_the_other_panes_the_same_key_finds_in_the_item(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("l", "f")
        assert running.screen.prompt.question.label == "In this item"  # type: ignore[union-attr]


# Tags that follow


async def test_tags_are_those_of_what_answers_to_the_filter(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("j", "j", "j", "j", "x")
        assert shown(running)[4:8] == ["Encre & Papier", "#papier 3", "#lecture 2", "#élan 1"]
        await running.press("slash", *"tag:lecture", "enter")
        await running.until(lambda: shown(running)[4:7] == ["Encre & Papier", "#lecture 2", "#papier 1"])
        await running.press("escape")
        assert shown(running)[4:8] == ["Encre & Papier", "#papier 3", "#lecture 2", "#élan 1"]


async def test_a_tag_among_those_of_a_filter_gives_as_many_items_as_it_says(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("j", "j", "j", "j", "x", "slash", *"tag:lecture", "enter")
        await running.until(lambda: "#papier 1" in shown(running))
        await running.press("h", "j", "j")
        assert (running.place, running.titles) == ("#papier in Encre & Papier", ["c"])
        assert str(running.screen.state.query) == "tag:lecture"
        assert "#lecture 2" in shown(running)  # the others still say what they would give
        await running.press("j")
        assert (running.place, running.screen.state.query.is_blank) == ("Open Science", True)
        assert shown(running)[4:8] == ["Encre & Papier", "#papier 3", "#lecture 2", "#élan 1"]


async def test_a_tag_that_is_open_stays_though_nothing_answers(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("j", "j", "j", "j", "x", "j", "slash", *"pomme", "enter")
        await running.until(lambda: shown(running)[4:7] == ["Encre & Papier", "#lecture 1", "#papier 0"])
        assert running.titles == []
