"""The help: its order, narrowing it, and running the chosen command."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from florilege.commands import COMMANDS, Scope, command, keymap
from florilege.tui.screens.commands import help_rows
from florilege.tui.screens.dialogue import Dialogue
from florilege.tui.widgets.rows import Row
from support.reading import Open, entry, reading, small_library


def ids(rows: Sequence[Row]) -> list[str]:
    return [row.value.id for row in rows if row.value]


def shown(app: Open) -> Sequence[Row]:
    screen = app.app.screen
    assert isinstance(screen, Dialogue)
    assert screen.name == "help"
    return screen.rows


@pytest.mark.parametrize("pane", [Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS])
def test_commands_of_the_pane_are_first_and_those_of_other_panes_last(pane: Scope) -> None:
    rows = help_rows(keymap(), pane)
    assert rows[0].words == f"In the {pane.value}"
    others = [each.scope for each in map(command, ids(rows)) if each.scope not in (Scope.ANYWHERE, pane)]
    assert others == [each.scope for each in map(command, ids(rows)[-len(others) :])] if others else True
    assert sorted(ids(rows)) == sorted(each.id for each in COMMANDS)


def test_typing_keeps_rows_with_all_words_ignoring_accents() -> None:
    assert "copy-link" in ids(help_rows(keymap(), Scope.ITEMS, "LINK copy"))
    assert "star" not in ids(help_rows(keymap(), Scope.ITEMS, "LINK copy"))
    assert ids(help_rows(keymap(), Scope.ITEMS, "nothing says this")) == []


def test_typed_key_finds_its_command_first() -> None:
    assert ids(help_rows(keymap(), Scope.ITEMS, "y"))[0] == "copy-link"
    assert ids(help_rows(keymap({"star": ["f8"]}), Scope.ITEMS, "f8")) == ["star"]
    assert ids(help_rows(keymap(), Scope.ITEMS, "ctrl+p"))[0] == "palette"


async def test_letters_narrow_and_enter_runs_the_command_under_the_cursor(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("Ink")]})) as app:
        await app.press("l", "question_mark", *"remove its star")
        assert ids(shown(app)) == ["star"]
        await app.press("enter")
        assert app.app.screen is app.app.reading
        assert app.said[-1] == "Starred: Ink"


async def test_escape_clears_the_words_and_then_closes(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("Ink")]})) as app:
        await app.press("question_mark", "slash", *"star")
        assert "star" in ids(shown(app))
        assert "quit" not in ids(shown(app))
        await app.press("escape")
        assert app.app.screen.query_one(Input).value == ""
        assert len(ids(shown(app))) == len(COMMANDS)
        await app.press("escape")
        assert app.app.screen is app.app.reading


async def test_opening_key_closes_it_whatever_is_typed(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("Ink")]})) as app:
        await app.press("question_mark", "a", "question_mark")
        assert app.app.screen is app.app.reading


async def test_slash_alone_is_the_key(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("Ink")]})) as app:
        await app.press("question_mark", "slash")
        assert ids(shown(app))[0] == "find"


async def test_hostile_words_find_nothing_and_break_nothing(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("Ink")]}), size=(40, 10)) as app:
        await app.press("question_mark")
        app.app.screen.query_one(Input).value = "[bold] [/] \x1b[31m ("
        await app.settled()
        assert ids(shown(app)) == []
        await app.press("enter", "down", "pagedown")
        assert "No command matches." in app.app.export_screenshot().replace("&#160;", " ")


async def test_help_shows_its_configured_key(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("Ink")]}), keys=keymap({"help": ["f1"]})) as app:
        await app.press("f1", "question_mark")
        assert app.app.screen.query_one(Input).value == "?"
        await app.press("f1")
        assert app.app.screen is app.app.reading


async def test_help_ends_with_the_signs(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("Ink")]}), size=(120, 60)) as app:
        await app.press("question_mark", *"highlights new")
        assert any("+2" in line and "new since you read it" in line for line in app.lines())
        await app.press("escape", "ctrl+end")
        assert "Signs" in "\n".join(app.lines())


async def test_pasted_text_never_drives_the_terminal(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("Ink")]})) as app:
        await app.press("question_mark")
        app.app.post_message(events.Paste("\x1b[31mstar\u202e"))
        await app.settled()
        assert app.app.screen.query_one(Input).value == "[31mstar"
