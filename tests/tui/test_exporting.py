"""Opening at a passage, copying by template, and exporting files in the app."""

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event

import msgspec
import pytest
from textual.widgets import Input

from florilege.formats import own
from florilege.model import Highlight
from florilege.quotes.templates import template
from florilege.settings import Copy
from florilege.store import Library, StoredItems
from support.reading import BY_HAND, NOW, Open, entry, reading, resize, small_library

QUOTES = (Highlight(id="1", quote="La marge est un lieu."), Highlight(id="2", quote="Le papier boit.", author="Bob"))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return small_library(
        tmp_path / "library",
        {"Encre & Papier": [entry("Marges", day=2, highlights=QUOTES, tags=("lecture",)), entry("Sans rien", day=1)]},
    )


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A working directory for the test, for typed file names."""
    before = Path.cwd()
    folder = tmp_path / "work"
    folder.mkdir()
    os.chdir(folder)
    yield folder
    os.chdir(before)


async def on_the_second_quote(running: Open) -> None:
    """Put the cursor on the second highlight, from the list."""
    for _ in range(6):
        await running.press("J")
        highlight = running.app.reading.annotations.highlight
        if highlight is not None and highlight.quote == "Le papier boit.":
            return
    raise AssertionError("the second quote was not reached")


async def command(running: Open, name: str) -> None:
    await running.app.reading.action_command(name)
    await running.settled()


async def test_hint_that_does_not_fit_ends_in_an_ellipsis(library: Library) -> None:
    async with reading(library, size=(50, 20)) as running:
        await command(running, "add-group")
        assert "address or file (tab completes)" in running.lines()[-2]
        await resize(running.pilot, 24, 20)
        assert running.lines()[-2].rstrip().endswith("…")
        await resize(running.pilot, 50, 20)
        assert "address or file (tab completes)" in running.lines()[-2]


async def test_page_opens_at_the_passage(library: Library) -> None:
    async with reading(library) as running:
        await on_the_second_quote(running)
        await running.press("O")
        assert running.outside.opened == ["https://example.org/Marges#:~:text=Le%20papier%20boit."]


async def test_archived_page_opens_at_the_passage(library: Library) -> None:
    async with reading(library) as running:
        await on_the_second_quote(running)
        await command(running, "open-archived")
        await running.settled()
        (opened,) = running.outside.opened
        assert opened.startswith("https://web.archive.org/web/20")
        assert opened.endswith("/https://example.org/Marges#:~:text=Le%20papier%20boit.")


async def test_page_opens_at_its_top_without_a_highlight(library: Library) -> None:
    async with reading(library) as running:
        await running.press("l", "j", "O")
        assert running.outside.opened == ["https://example.org/Sans-rien"]


async def test_link_to_the_passage_is_copied(library: Library) -> None:
    async with reading(library) as running:
        await on_the_second_quote(running)
        await running.press("P")
        assert running.outside.copied == ["https://example.org/Marges#:~:text=Le%20papier%20boit."]
        assert running.said[-1].startswith("Link to passage 2 ")


async def test_custom_template_formats_the_quote(library: Library) -> None:
    config = msgspec.structs.replace(
        BY_HAND, copy=Copy(quote=template("“{quote}” {author}, {title} ({group}; {tags}; {date})"))
    )
    async with reading(library, config=config) as running:
        await on_the_second_quote(running)
        await running.press("c")
        assert running.outside.copied == ["“Le papier boit.” Bob, Marges (Encre & Papier; lecture; 2026-11-02)"]


async def test_shown_list_is_copied_as_a_command_line(library: Library) -> None:
    async with reading(library) as running:
        await command(running, "copy-query")
        assert running.outside.copied == ["florilege list is:unread"]


async def test_shown_list_is_written_to_a_file(library: Library, elsewhere: Path) -> None:
    async with reading(library) as running:
        await running.press("e")
        running.app.reading.query_one(Input).value = "tout.json"
        await running.press("enter")
        (group,) = own.decode((elsewhere / "tout.json").read_bytes()).groups
        assert [item.title for item in group.items] == ["Marges", "Sans rien"]
        assert running.said[-1] == f"2 items with 2 highlights written to {elsewhere / 'tout.json'}"


async def test_suggested_name_describes_what_is_shown(library: Library, elsewhere: Path) -> None:
    async with reading(library) as running:
        await running.press("e")
        assert running.app.reading.query_one(Input).value == "unread.md"
        await running.press("enter")
        assert "> La marge est un lieu." in (elsewhere / "unread.md").read_text("utf-8")


async def test_existing_file_is_overwritten_only_after_a_yes(library: Library, elsewhere: Path) -> None:
    there = elsewhere / "unread.md"
    there.write_text("mine")
    async with reading(library) as running:
        prompt = running.app.reading.prompt
        await running.press("e", "enter")
        assert prompt.question is not None
        assert prompt.question.label == "unread.md already exists. Overwrite it?"
        await running.press("enter")
        assert (there.read_text(), prompt.value) == ("mine", "unread.md")  # to enter another name
        await running.press("enter", "y", "enter")
        assert "> La marge est un lieu." in there.read_text("utf-8")


async def test_last_folder_is_suggested_again_after_a_restart(library: Library, elsewhere: Path) -> None:
    (elsewhere / "vault").mkdir()
    async with reading(library) as running:
        await running.press("e")
        running.app.reading.query_one(Input).value = "vault/one.bib"
        await running.press("enter", "e")
        assert running.app.reading.prompt.value == "vault/unread.md"
        await running.press("up")
        assert running.app.reading.prompt.value == "vault/one.bib"
        await running.press("escape", "q")
        session = running.outside.remembered[-1]
    async with reading(library, session=session) as running:
        await running.press("e")
        assert running.app.reading.prompt.value == "vault/unread.md"


@pytest.mark.parametrize(
    ("name", "said"),
    [("notes.txt", "let it end in one of .json, .md"), ("no/folder/a.md", "there is no folder")],
)
async def test_invalid_name_is_reported_and_stays_to_be_corrected(
    library: Library, elsewhere: Path, name: str, said: str
) -> None:
    async with reading(library) as running:
        await running.press("e")
        running.app.reading.query_one(Input).value = name
        await running.press("enter")
        assert said in running.said[-1]
        assert running.app.reading.prompt.is_open
        await running.press("escape", "e", "up")
        assert running.app.reading.prompt.value == "unread.md"  # an error is not remembered


async def test_undrawable_characters_are_no_part_of_a_name(library: Library, elsewhere: Path) -> None:
    async with reading(library) as running:
        await running.press("e")
        running.app.reading.query_one(Input).value = "a\0.md"
        await running.press("enter")
    assert (elsewhere / "a.md").is_file()


async def test_folder_typed_without_a_slash_is_suggested_with_one(library: Library, elsewhere: Path) -> None:
    async with reading(library) as running:
        await running.press("e")
        running.app.reading.query_one(Input).value = "vault"
        await running.press("enter")
        assert running.app.reading.prompt.value == "vault/"
        await running.press("enter")
    assert (elsewhere / "vault" / "Marges.md").is_file()


async def test_escape_writes_nothing(library: Library, elsewhere: Path) -> None:
    async with reading(library) as running:
        await running.press("e", "escape")
        assert not running.app.reading.prompt.is_open
    assert os.listdir() == []  # noqa: PTH208 -- the folder of the test


async def test_name_ending_in_a_slash_is_a_folder_of_notes(library: Library, elsewhere: Path) -> None:
    async with reading(library) as running:
        await running.press("e")
        running.app.reading.query_one(Input).value = "notes/"
        await running.press("enter")
        assert running.said[-1] == f"2 new notes in {elsewhere / 'notes'}"
    assert sorted(path.name for path in (elsewhere / "notes").iterdir()) == ["Marges.md", "Sans rien.md"]


async def test_existing_folder_gets_notes_without_a_slash(library: Library, elsewhere: Path) -> None:
    (elsewhere / "notes").mkdir()
    async with reading(library) as running:
        await running.press("e")
        running.app.reading.query_one(Input).value = "notes"
        await running.press("enter")
        assert running.said[-1].startswith("2 new notes")


async def test_names_are_completed_from_the_current_folder(library: Library, elsewhere: Path) -> None:
    (elsewhere / "carnets").mkdir()
    (elsewhere / "carnets" / "encre.md").write_text("mine")
    async with reading(library) as running:
        for keys in ("e", "He"):  # in the river as in the list
            await running.press(*keys)
            line = running.app.screen.query_one(Input)
            line.value = ""
            await running.press(*"carn", "tab")
            assert line.value == "carnets/"
            await running.press("e", "tab")
            assert line.value == "carnets/encre.md"
            await running.press("escape")


async def test_only_the_selection_is_written_if_there_is_one(library: Library, elsewhere: Path) -> None:
    async with reading(library) as running:
        await running.press("l", "j", "v", "e")
        running.app.reading.query_one(Input).value = "un.json"
        await running.press("enter")
    (group,) = own.decode((elsewhere / "un.json").read_bytes()).groups
    assert [item.title for item in group.items] == ["Sans rien"]


async def test_river_is_written_as_it_is_shown(library: Library, elsewhere: Path) -> None:
    async with reading(library) as running:
        await running.press("H", "slash", *"boit", "enter", "e")
        running.app.screen.query_one(Input).value = "fleuve.json"
        await running.press("enter")
        said = running.app.screen.bottom.messages[-1]  # type: ignore[attr-defined]
        assert said == f"1 item with 1 highlight written to {elsewhere / 'fleuve.json'}"
        await running.press("e", "escape")
        assert running.app.screen is not running.app.reading
    (group,) = own.decode((elsewhere / "fleuve.json").read_bytes()).groups
    assert [mark.quote for item in group.items for mark in item.highlights] == ["Le papier boit."]


async def test_river_by_tag_is_written_by_tag(library: Library, elsewhere: Path) -> None:
    async with reading(library) as running:
        await running.press("H", "S", "S", "e", "enter")
    text = (elsewhere / "unread.md").read_text("utf-8")
    assert "2 quotes of 1 page, by tag." in text
    assert "\n## \\#lecture\n\n> La marge est un lieu.\n\n— [Marges](https://example.org/Marges). " in text


class Waiting(Library):
    """A library whose items can be read only once the test allows it."""

    go: Event

    def stored(self, group_id: str, item_ids: Iterable[str] | None = None) -> StoredItems:
        assert threading.current_thread() is not threading.main_thread()
        assert self.go.wait(10)
        return super().stored(group_id, item_ids)


async def test_escape_cancels_an_export(library: Library, tmp_path: Path, elsewhere: Path) -> None:
    slow = Waiting(tmp_path / "library", clock=lambda: NOW)
    slow.go = Event()
    async with reading(slow) as running:
        await running.pilot.press("e", "enter", "escape")
        slow.go.set()
        await running.settled()
        assert running.said[-1] == "Stopped: “unread.md” was not written to its end."
    assert os.listdir(elsewhere) == []  # noqa: PTH208 -- the folder of the test


async def test_escape_cancels_an_export_before_it_clears_the_selection(
    library: Library, tmp_path: Path, elsewhere: Path
) -> None:
    slow = Waiting(tmp_path / "library", clock=lambda: NOW)
    slow.go = Event()
    async with reading(slow) as running:
        await running.press("l", "v")
        await running.pilot.press("e", "enter", "escape")
        assert len(running.app.reading.state.view.selected) == 1
        slow.go.set()
        await running.settled()
        assert running.said[-1] == "Stopped: “unread.md” was not written to its end."
        await running.press("escape")
        assert running.app.reading.state.view.selected == {}


async def test_file_name_that_is_too_long_is_reported(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("Ink")]})) as running:
        await running.press("j", "j", "j", "j", "l", "e")
        running.screen.prompt.query_one(Input).value = str(tmp_path / ("x" * 3000 + ".md"))
        await running.press("enter")
        assert running.screen.prompt.is_open  # to be corrected
        assert running.app.is_running
