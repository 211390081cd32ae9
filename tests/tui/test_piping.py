"""`|` pipes to a command, `E` opens in an editor."""

import json
from pathlib import Path

import pytest

from florilege.commands import keymap
from florilege.model import Entry, Highlight, Sharer
from support.reading import Open, entry, reading, small_library

QUOTES = (
    Highlight(id="h1", quote="Une phrase.", author="Odette Plumier"),
    Highlight(id="h2", quote="Une autre.", author="Basile"),
)
MARGES = entry("Les marges", day=2, sharer=Sharer(name="Odette Plumier"), highlights=QUOTES)
BARE = Entry(title="Sans rien", native_id="bare", url="https://example.org/bare")


async def piped(running: Open, command: str, *before: str) -> str:
    """Input of the command after some keys."""
    await running.press(*before, "vertical_line", *command, "enter")
    return running.outside.piped[-1]


async def opened(running: Open) -> None:
    """Go to the first item."""
    await running.press("j", "j", "j", "j", "l")


async def test_item_quote_and_selection_are_piped_as_markdown(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [MARGES, BARE]})) as running:
        await opened(running)
        item = await piped(running, "wc -l")
        assert item.startswith("## [Les marges](https://example.org/Les-marges)\n\nShared by Odette Plumier")
        assert "> Une phrase." in item
        assert "> Une autre." in item
        assert running.said[-1] == f"wc: {item.count(chr(10))}"
        assert len(running.unread) == 1, "as what was copied, it is read"

        quote = await piped(running, "cat", "l", "j")
        assert quote.startswith("> Une autre.\n\n— [Les marges]")
        assert running.said[-1] == "cat: > Une autre. (1 more line)"

        both = await piped(running, "true", "h", "v", "v")
        assert both.startswith("# Encre\n")
        assert "## [Les marges]" in both
        assert "## [Sans rien]" in both
        assert running.said[-1] == "true has done its work."


async def test_tab_cycles_through_the_forms_and_the_form_is_remembered(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [MARGES, BARE]})) as running:
        await opened(running)
        await running.press("vertical_line")
        assert "Pipe item as Markdown to" in running.lines()[-2]
        await running.press("tab")
        assert "Pipe item as JSON to" in running.lines()[-2]
        await running.press(*"cat", "enter")
        known = json.loads(running.outside.piped[-1])
        assert (known["title"], [each["quote"] for each in known["highlights"]]) == (
            "Les marges",
            ["Une phrase.", "Une autre."],
        )
        assert json.loads(await piped(running, "cat", "l"))["item"]["title"] == "Les marges"
        await running.press("vertical_line", "tab", *"cat", "enter")
        assert running.outside.piped[-1].startswith("Une phrase.\n\n— Les marges, ")
        assert await piped(running, "cat", "h", "j") == "Sans rien\nhttps://example.org/bare\n"


async def test_river_pipes_everything_it_shows(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [MARGES, BARE]})) as running:
        await opened(running)
        await running.press("H", "slash", *"autre", "enter", "vertical_line", "tab", *"cat", "enter")
        (line,) = running.outside.piped[-1].splitlines()
        assert json.loads(line)["quote"] == "Une autre."


async def test_error_leaves_the_line_open_with_the_typed_text(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [MARGES]})) as running:
        await opened(running)
        await running.press("vertical_line", *"jq '.title", "enter")
        assert running.said[-1] == "No closing quotation."
        assert running.screen.prompt.value == "jq '.title"
        await running.press("escape", "vertical_line", *"no-such-program -x", "enter")
        assert running.said[-1] == "no-such-program could not be started: No such file or directory."
        assert running.screen.prompt.value == "no-such-program -x"
        await running.press("escape", "vertical_line", *"false", "enter")
        assert running.said[-1] == "false failed with exit code 1."
        assert not running.screen.prompt.is_open
        await running.press("vertical_line", "up")
        assert running.screen.prompt.value == "false", "what failed may be corrected"
        assert len(running.unread) == 1


@pytest.mark.parametrize(("key_for_back", "shown"), [("escape", "esc"), ("f9", "f9")])
async def test_command_is_stopped_by_escape(tmp_path: Path, key_for_back: str, shown: str) -> None:
    keys = keymap({"back": [key_for_back]})
    async with reading(small_library(tmp_path, {"Encre": [MARGES]}), keys=keys) as running:
        await opened(running)
        for key in ("vertical_line", *"sleep 600", "enter"):
            await running.pilot.press(key)
        await running.until(lambda: running.said[-1] == f"sleep is running; {shown} stops it.")
        await running.press(key_for_back)
        assert running.said[-1] == "sleep was stopped."


async def test_without_an_item_there_is_nothing_to_edit(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {})) as running:
        await running.press("E")
        assert running.said[-1] == "There is nothing to pass on."


async def test_command_history_survives_a_restart(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [MARGES]})) as running:
        await opened(running)
        await piped(running, "wc -w")
        running.app.remember()
        assert running.outside.remembered[-1].pipes == ("wc -w",)
