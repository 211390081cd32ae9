"""Opening and copying: what leaves the app, and what the message says."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from florilege.desktop.clipboard import CopyResult, Way
from florilege.model import Comment, Entry, Highlight, Sharer
from florilege.tui.app import FlorilegeApp
from support.reading import FakeDesktop, Open, context, entry, reading, sample_library, small_library, started

ODETTE = Sharer(name="Odette Plumier")
QUOTES = (
    Highlight(id="h1", quote="« Une phrase »,\nsur deux lignes.", author="Odette Plumier"),
    Highlight(id="h2", quote="Une autre.", author="Basile"),
)
FULL = entry("Les [marges]", url="https://example.org/a b", sharer=ODETTE, highlights=QUOTES)
BARE = Entry(title="", native_id="bare")


async def opened(running: Open) -> None:
    """Go to the first item of the first group."""
    await running.press("j", "j", "j", "j", "l")


@pytest.mark.parametrize(
    ("key", "copied", "said"),
    [
        ("y", "https://example.org/a b", "Link copied to the clipboard."),
        ("Y", "[Les \\[marges\\]](https://example.org/a%20b)", "Markdown link copied to the clipboard."),
    ],
)
async def test_links_are_copied_plain_and_as_markdown(tmp_path: Path, key: str, copied: str, said: str) -> None:
    async with reading(small_library(tmp_path, {"Encre": [FULL]})) as running:
        await opened(running)
        await running.press(key)
        assert (running.outside.copied, running.said[-1]) == ([copied], said)


async def test_quote_is_copied_with_its_source_from_the_list_and_from_its_pane(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [FULL]})) as running:
        await opened(running)
        await running.press("c", "l", "j", "c")
        first, second = running.outside.copied
        assert first.startswith("> « Une phrase »,\n>\n> sur deux lignes.\n\n— [Les \\[marges\\]]")
        assert "highlighted by" not in first
        assert second.startswith("> Une autre.\n\n— ")
        assert "highlighted by Basile, shared by Odette Plumier, 1 November 2026" in second
        assert running.said[-1] == "Quote 2 with its source copied to the clipboard."


async def test_all_quotes_are_copied_at_once(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [FULL]})) as running:
        await opened(running)
        await running.press("C")
        (copied,) = running.outside.copied
        assert copied.count("> ") >= 3
        assert running.said[-1] == "2 quotes with their source copied to the clipboard."


async def test_missing_parts_of_an_item_are_reported(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [BARE]})) as running:
        await opened(running)
        shown = " ".join(running.lines(running.screen.annotations.list))
        for phrase in ("(without title)", "no link known", "sharer unknown", "date unknown"):
            assert phrase in shown
        said = {}
        for key in "oyYcC":
            await running.press(key)
            said[key] = running.said[-1]
        assert said == {
            "o": "No link is known for this item: there is nothing to open.",
            "y": "No link is known for this item.",
            "Y": "No link is known for this item.",
            "c": "There is no highlight to copy.",
            "C": "There is no highlight to copy.",
        }
        assert (running.outside.copied, running.outside.opened, len(running.unread)) == ([], [], 1)


async def test_quote_without_link_sharer_or_date_is_copied_with_what_is_known(tmp_path: Path) -> None:
    page = Entry(title="Une page", native_id="1", highlights=QUOTES[:1])
    async with reading(small_library(tmp_path, {"Encre": [page]})) as running:
        await opened(running)
        await running.press("c")
        assert running.outside.copied[0].startswith("> « Une phrase »,\n>\n> sur deux lignes.\n\n— Une page")


async def test_quote_key_on_a_note_says_how_to_reach_a_quote(tmp_path: Path) -> None:
    page = entry("Une page", highlights=QUOTES[:1], notes=(Comment(text="À relire"),))
    async with reading(small_library(tmp_path, {"Encre": [page]})) as running:
        await opened(running)
        await running.press("J", "c")
        assert running.said[-1] == "The cursor is not on a highlight; J moves it to one."


async def test_page_opens_in_the_browser(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("a")]})) as running:
        await opened(running)
        await running.press("o")
        assert running.outside.opened == ["https://example.org/a"]
        assert running.said[-1] == "Opened example.org in the browser."


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "ssh://example.org", "example.org/a"])
async def test_only_http_and_https_are_ever_opened_and_the_rest_can_be_copied(tmp_path: Path, url: str) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("a", url=url)]})) as running:
        await opened(running)
        await running.press("o")
        assert (running.outside.opened, len(running.unread)) == ([], 1)
        assert running.said[-1].startswith("The link was not opened")
        await running.press("y")
        assert running.outside.copied == [url]


@dataclass
class NoClipboard(FakeDesktop):
    """A machine on which nothing can be copied."""

    def copy(self, text: str, write_terminal: Callable[[str], None] | None = None) -> CopyResult:
        return CopyResult((), "Nothing was copied: no clipboard tool was found. Install xclip.")


async def test_failed_copy_is_reported_and_marks_nothing(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [FULL]})
    app = FlorilegeApp(context(library, NoClipboard()))
    async with started(app, library, NoClipboard()) as running:
        await opened(running)
        await running.press("y")
        assert running.said[-1] == "Nothing was copied: no clipboard tool was found. Install xclip."
        assert len(running.unread) == 1


@dataclass
class OverTheTerminal(FakeDesktop):
    """A machine on which copies go through the terminal."""

    def copy(self, text: str, write_terminal: Callable[[str], None] | None = None) -> CopyResult:
        assert write_terminal is not None
        write_terminal("\x1b]52;c;\x07")
        return CopyResult((Way.SYSTEM, Way.TERMINAL))


async def test_escape_sequence_for_copying_is_written_to_the_terminal(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [FULL]})
    app = FlorilegeApp(context(library, OverTheTerminal()))
    async with started(app, library, OverTheTerminal()) as running:
        written: list[str] = []
        driver = app._driver
        assert driver is not None
        driver.write = written.append  # type: ignore[method-assign, assignment]
        await opened(running)
        await running.press("y")
        assert "\x1b]52;c;\x07" in written
        assert running.said[-1] == "Link copied to the clipboard."


async def test_mouse_selection_is_copied_like_everything_else(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path), size=(120, 36)) as running:
        await running.press("j", "j", "j", "j", "l", "l")
        annotations = running.screen.annotations.list
        lines = running.lines(annotations)
        first = next(at for at, text in enumerate(lines) if "La marge" in text)
        column = lines[first].index("La marge")
        await running.pilot.mouse_down(annotations, offset=(column, first))
        await running.pilot.hover(annotations, offset=(column + 3, first + 1))
        await running.pilot.mouse_up(annotations, offset=(column + 3, first + 1))
        await running.press("ctrl+c")
        assert running.outside.copied[-1].startswith("La marge est la seule pièce du livre où le l")
        assert "\n" not in running.outside.copied[-1]
        assert running.said[-1].startswith("Selected text copied")
        assert running.app.clipboard == running.outside.copied[-1], "a line for typing pastes it, too"


async def test_message_can_be_selected_with_the_mouse(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        running.screen.say("The archive could not be read.")
        await running.settled()
        bottom = running.screen.bottom
        await running.pilot.mouse_down(bottom, offset=(5, 0))
        await running.pilot.hover(bottom, offset=(12, 0))
        await running.pilot.mouse_up(bottom, offset=(12, 0))
        assert running.app.screen.get_selected_text() == "archive "
