"""Typing faster than the app draws: every key has the effect it would have had after a pause."""

from pathlib import Path

import pytest
from textual import events

from florilege.model import Highlight
from florilege.tui.screens.river import RiverScreen
from support.reading import Open, entry, reading, small_library

NAMES = {" ": "space", "/": "slash", "'": "apostrophe", "\r": "enter", "\x1b": "escape"}


def burst(running: Open, typed: str) -> None:
    """Send all of this at once, as a terminal would."""
    for letter in typed:
        running.app.post_message(events.Key(NAMES.get(letter, letter), letter))


async def test_words_typed_right_after_the_find_key_are_searched(tmp_path: Path) -> None:
    names = ["mare", "pomme", "quince"]
    library = small_library(tmp_path, {"Encre": [entry(name, day=day) for day, name in enumerate(names, 1)]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "l")
        burst(running, "/pomme")
        await running.until(lambda: running.screen.prompt.value == "pomme")
        await running.settled()
        assert running.titles == ["pomme"]
        assert running.unread == ["pomme"]  # no letter reached the list
        assert running.app.is_running


async def test_keys_typed_after_enter_go_to_the_filtered_list(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry(f"p{day}", day=day) for day in range(1, 10)]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "l")
        burst(running, "/p\rjj")
        await running.until(lambda: (running.screen.state.position, str(running.screen.state.query)) == (2, "p"))
        assert running.pane == "items"


async def test_keys_typed_after_escape_go_to_the_previous_list(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry(f"p{day}", day=day) for day in range(1, 10)]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "l")
        burst(running, "/p9\x1bj")
        await running.until(lambda: running.screen.state.position == 1)
        assert len(running.titles) == 9


async def test_leaving_a_pane_and_opening_a_line_at_once_keeps_the_line_open(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("pomme", highlights=(Highlight(id="h", quote="q"),))]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j")
        burst(running, "llhh/q")
        await running.until(lambda: running.screen.prompt.value == "q")
        await running.settled()
        assert running.screen.prompt.is_open
        assert running.titles == ["pomme"]


async def test_header_follows_the_cursor_when_the_next_key_acts_at_once(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry(f"p{day}", day=day) for day in range(1, 10)]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "l")
        burst(running, "jjl")
        await running.until(lambda: running.pane == "annotations")
        await running.settled()
        assert "3 of 9" in running.lines()[0]


async def test_words_typed_right_after_opening_a_dialogue_narrow_it(tmp_path: Path) -> None:
    groups = {"Encre": [entry("a")], "Papier": [entry("b")], "Reliure": [entry("c")]}
    async with reading(small_library(tmp_path, groups)) as running:
        burst(running, "'pap\r")
        await running.until(lambda: running.place == "Papier")
        await running.settled()
        assert running.cursors["groups"] == running.screen.state.place.key


async def test_every_key_applies_to_the_item_reached_by_the_keys_before_it(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry(f"p{day}", day=day) for day in range(9, 0, -1)]})
    async with reading(library) as running:
        burst(running, "jjjjlvjvjjm")
        await running.until(lambda: len(running.unread) == 7)
        assert list(running.screen.state.view.selected) == [row.key for row in running.screen.state.rows[:3:2]]
        burst(running, "\x1bjs")
        await running.until(lambda: running.screen.state.totals().starred == 1)
        assert running.screen.state.state_of(running.screen.state.rows[6]).is_starred


async def test_key_in_the_groups_pane_applies_to_the_group_reached(tmp_path: Path) -> None:
    groups = {"Encre": [entry("a")], "Papier": [entry("b")], "Reliure": [entry("c")]}
    async with reading(small_library(tmp_path, groups)) as running:
        burst(running, "jjjjjlm")
        await running.until(lambda: running.screen.state.totals().unread == 2)
        assert (running.place, running.unread) == ("Papier", [])


async def test_words_typed_in_the_river_right_before_enter_are_searched(tmp_path: Path) -> None:
    quotes = tuple(Highlight(id=f"h{number}", quote=f"passage {number}") for number in range(300))
    library = small_library(tmp_path, {"Encre": [entry("pomme", highlights=quotes)]})
    async with reading(library) as running:
        await running.press("H")
        river = running.app.screen
        assert isinstance(river, RiverScreen)
        burst(running, "/299\r")
        await running.until(lambda: str(river.highlights.asked) == "299" and not river.prompt.is_open)
        await running.settled()
        assert river.highlights.rows.number == 1


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("export", "There is nothing to export."),
        ("pipe", "There is nothing to pass on."),
        ("own-note", "There is no item to write a note on."),
        ("save-search", "Searches can't be saved here"),
        ("tags", "No item of this list has a tag."),
        ("links", "There is no item to open."),
        ("rename-group", "Put the cursor on a group to rename it."),
        ("remove-group", "Put the cursor on a group to remove it."),
    ],
)
async def test_typing_does_nothing_where_nothing_can_be_typed(tmp_path: Path, command: str, why: str) -> None:
    async with reading(small_library(tmp_path, {})) as running:
        (key, *_) = running.app.context.keys.of(command)
        running.app.post_message(events.Key(key, key if len(key) == 1 else None))
        burst(running, "qqnotes.md")
        await running.until(lambda: running.screen.prompt.value == "qqnotes.md")
        question = running.screen.prompt.question
        assert question is not None
        assert question.label.startswith(why)
        burst(running, "\r")
        await running.until(lambda: not running.screen.prompt.is_open)
        assert running.app.is_running


async def test_line_has_a_maximum_length_and_says_so(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("pomme")]})) as running:
        await running.press("a")
        running.app.post_message(events.Paste("word " * 200_000))
        await running.settled()
        assert len(running.screen.prompt.value) < 25_000
        assert "too long" in running.said[-1]
