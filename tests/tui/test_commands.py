"""The registry and the app agree: every command has an action everywhere, and every key can be rebound."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from textual.events import Key

from florilege.commands import COMMANDS, Keymap, Need, Scope, command, footer, keymap
from florilege.model import Entry, Highlight
from florilege.store import Library
from florilege.tui import reading as parts
from florilege.tui.reading.frame import is_met
from florilege.tui.reading.screen import ReadingScreen
from florilege.tui.screens import commands
from florilege.tui.screens.commands import help_rows, palette
from florilege.tui.screens.picker import Picker
from florilege.tui.widgets.row_list import MOVES
from support.reading import NOW, Open, entry, reading, sample_library, small_library

OUTSIDE = {"quit"}
"""Commands that end the app."""


def test_commands_and_actions_correspond() -> None:
    modules = [
        commands,
        *(import_module(f"florilege.tui.reading.{each.name}") for each in iter_modules(parts.__path__)),
    ]
    ours = [
        name.removeprefix("action_")
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__
        for name in vars(kind)
        if name.startswith("action_") and name not in {"action_command", "action_number"}
    ]
    assert sorted([*ours, *MOVES]) == sorted(each.action if each.id not in MOVES else each.id for each in COMMANDS)


def palette_of(screen: ReadingScreen) -> Picker[Any]:
    return palette(screen.commands_here(), screen.context.keys, screen.state)


def offered(screen: ReadingScreen) -> list[str]:
    """The palette entries of a screen."""
    return [offer.label for offer in palette_of(screen).offers]


async def do(running: Open, name: str) -> None:
    """Run the action of a command, and close whatever it opened."""
    await running.screen.action_command(name)
    await running.settled()
    while running.app.screen is not running.screen:
        await running.press("escape")
    while running.screen.prompt.is_open:
        await running.press("escape")


@asynccontextmanager
async def everywhere(library: Library, size: tuple[int, int], *keys: str) -> AsyncIterator[list[str]]:
    """Press keys, then run every command in every pane; gives the outcomes."""
    done: list[str] = []
    async with reading(library, size=size) as running:
        await running.press(*keys)
        for pane in (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS):
            for each in COMMANDS:
                if each.id not in OUTSIDE:
                    running.screen.go_to_pane(pane)
                    await do(running, each.id)
                    done.append(each.id)
        assert running.app.is_running
        yield done


async def test_no_command_fails_on_an_empty_library(tmp_path: Path) -> None:
    async with everywhere(Library(tmp_path, clock=lambda: NOW), (120, 36)) as done:
        assert len(done) == 3 * (len(COMMANDS) - len(OUTSIDE))


async def test_no_command_fails_on_an_item_about_which_nothing_is_known(tmp_path: Path) -> None:
    async with everywhere(small_library(tmp_path, {"": [Entry(native_id="1")]}), (40, 10), *"jjjj") as done:
        assert len(done) == 3 * (len(COMMANDS) - len(OUTSIDE))


async def test_every_key_runs_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = small_library(tmp_path, {"Encre": [entry("a", highlights=(Highlight(id="h", quote="q"),))]})
    async with reading(library) as running:
        done: list[str] = []

        async def note(command_id: str) -> None:
            done.append(command_id)

        monkeypatch.setattr(running.screen, "action_command", note)
        for each in COMMANDS:
            for key in each.keys:
                if each.id != "suspend":  # run by the app itself, also in lines and dialogues
                    assert await running.screen.press(key)
                    assert done.pop() == each.id


async def test_palette_offers_exactly_the_applicable_commands(tmp_path: Path) -> None:
    async with reading(Library(tmp_path / "none", clock=lambda: NOW)) as running:
        titles = offered(running.screen)
        for each in COMMANDS:
            expected = each.need is Need.NOTHING and each.id != "palette"
            assert (each.title in titles) == expected, each.id

    async with reading(sample_library(tmp_path / "samples")) as running:
        await running.press("j", "j", "j", "j", "l", "m")
        titles = offered(running.screen)
        for each in COMMANDS:
            expected = is_met(each.need, running.screen) and each.id != "palette"
            assert (each.title in titles) == expected, each.id
        assert {"Copy the quote", "Undo", "Refresh this group", "Go to Encre & Papier", "Go to Starred"} <= set(titles)
        await running.press("h", "k", "k")
        assert "Refresh this group" not in offered(running.screen)


async def test_command_chosen_in_the_palette_is_run(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        await running.press("ctrl+p")
        assert isinstance(running.app.screen, Picker)
        await running.press(*("space" if key == " " else key for key in "go to starred"), "enter")
        await running.until(lambda: running.place == "Starred")
        assert running.cursors["groups"] == "starred"


async def test_keys_typed_right_after_opening_go_to_the_palette(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        unread = len(running.unread)
        for key in ("ctrl+p", *"theme", "enter"):
            running.app.post_message(Key(key, key if len(key) == 1 else None))
        await running.until(lambda: any("Themes" in line for line in running.lines()))
        assert len(running.unread) == unread


async def test_palette_finds_commands_by_title_then_by_description(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        await running.press("j", "j", "j", "j", "l")
        found = palette_of(running.screen)
        assert [offer.label for offer in found.matching("scroll a long row")] == ["Down"]
        assert next(offer.label for offer in found.matching("peek")) == "Peek"


async def test_palette_leads_to_a_tag_of_any_group(tmp_path: Path) -> None:
    groups = {"Encre": [entry("a", tags=("papier",))], "Herbier": [entry("b", tags=("mousse", "papier"))]}
    async with reading(small_library(tmp_path, groups)) as running:
        await running.press("ctrl+p", "number_sign")
        dialogue = running.app.screen
        assert isinstance(dialogue, Picker)
        shown = [(offer.label, offer.hint) for offer in dialogue.matching("#")]
        assert shown == [
            ("Go to #papier", "Encre"),
            ("Go to #mousse", "Herbier"),
            ("Go to #papier", "Herbier"),
        ]
        await running.press(*"mou", "enter")
        assert running.titles == ["b"]
        assert running.screen.groups.place == running.screen.state.place


async def test_keys_can_be_assigned_removed_and_moved_in_the_running_app(tmp_path: Path) -> None:
    wishes = {
        "star": ["f"], "mark-read": [], "find": ["y"], "theme": ["T"], "palette": ["ctrl+k"], "next-pane": ["w"],
        "undo": ["/"],
    }  # fmt: skip
    library = small_library(tmp_path, {"Encre": [entry("a"), entry("b", day=2)]})
    async with reading(library, keys=keymap(wishes)) as running:
        await running.press("j", "j", "j", "j", "l", "m", "s")
        assert running.screen.state.totals().starred == 0
        assert len(running.unread) == 2
        await running.press("f")
        assert running.screen.state.totals().starred == 1
        await running.press("slash")
        assert running.screen.state.totals().starred == 0
        await running.press("w")
        assert running.pane == "annotations"
        await running.press("y")
        assert running.screen.prompt.is_open
        await running.press("escape", "ctrl+p")
        assert not isinstance(running.app.screen, Picker)
        await running.press("ctrl+k")
        assert isinstance(running.app.screen, Picker)


async def test_key_of_textual_can_be_assigned_to_a_command(tmp_path: Path) -> None:
    keys = keymap({"star": ["ctrl+p"], "palette": ["ctrl+k"]})
    assert keys.problems == ()
    library = small_library(tmp_path, {"Encre": [entry("a")]})
    async with reading(library, keys=keys) as running:
        await running.press("j", "j", "j", "j", "ctrl+p")
        assert running.screen.state.totals().starred == 1


async def test_letter_bound_to_suspend_can_still_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with reading(sample_library(tmp_path), keys=keymap({"suspend": ["Z", "f8"]})) as running:
        suspended: list[tuple[str, bool]] = []
        line = running.screen.prompt
        suspend = "action_suspend_process"
        monkeypatch.setattr(running.app, suspend, lambda: suspended.append((line.value, line.is_open)))
        await running.press("slash", "Z", "f8", "escape", "Z")
        assert suspended == [("Z", True), ("Z", False)]


@pytest.mark.parametrize("pane", [Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS])
def test_help_lists_every_command_once(pane: Scope) -> None:
    listed = [row.value.id for row in help_rows(keymap(), pane) if row.value]
    assert sorted(listed) == sorted(each.id for each in COMMANDS)


async def test_help_shows_the_configured_keys(tmp_path: Path) -> None:
    keys = keymap({"star": ["f"], "undo": []})
    async with reading(Library(tmp_path, clock=lambda: NOW), keys=keys, size=(100, 200)) as running:
        await running.press("question_mark")
        lines = [line.strip(" │") for line in running.lines()]
        assert any(line.split(maxsplit=1) == ["f", command("star").sentence] for line in lines)
        assert any(line.split(maxsplit=1) == ["palette", command("undo").sentence] for line in lines)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
async def test_footer_fits_and_ends_with_the_help(tmp_path: Path, width: int) -> None:
    async with reading(sample_library(tmp_path), size=(width, 20)) as running:
        for _ in range(3):
            (line,) = running.lines(running.screen.bottom)
            assert len(line) <= width
            assert line.endswith("? help")
            await running.press("l")


def test_footer_shows_keys_that_work() -> None:
    none = Keymap({each.id: () for each in COMMANDS})
    assert footer(Scope.ITEMS, none) == []
