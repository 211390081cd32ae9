"""Faults found in use: counts below zero, one broken file that closed the app."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from florilege.model import Counts, Highlight, Item, ItemSummary, ReadingState
from florilege.store import Library, LibraryError
from support.reading import NOW, Open, entry, reading, small_library

WHY = "beta.log was written by a newer florilege."


class OneBroken(Library):
    """A library whose group Beta can't be read."""

    def _look(self, group_id: str) -> None:
        if any(group.id == group_id and group.title == "Beta" for group in self.groups()):
            raise LibraryError(WHY)

    def summaries(self, group_id: str) -> list[ItemSummary]:
        self._look(group_id)
        return super().summaries(group_id)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        self._look(group_id)
        return super().states(group_id)

    def counts(self, group_id: str) -> Counts:
        self._look(group_id)
        return super().counts(group_id)

    def item(self, group_id: str, item_id: str) -> Item | None:
        self._look(group_id)
        return super().item(group_id, item_id)


@pytest.fixture
def two_groups(tmp_path: Path) -> Library:
    return small_library(
        tmp_path,
        {
            "Alpha": [entry("Alpha one", day=4), entry("Alpha two", day=3)],
            "Beta": [entry("Beta one", day=2), entry("Beta two", day=1)],
        },
    )


@pytest.fixture
def one_broken(tmp_path: Path, two_groups: Library) -> Library:
    two_groups.close()
    return OneBroken(tmp_path, clock=lambda: NOW)


async def find(running: Open, text: str) -> None:
    await running.press("slash", *("space" if letter == " " else letter for letter in text))


def unread_shown(running: Open) -> str:
    """The unread count in the header."""
    line = running.lines()[0]
    return next(fact for fact in line.replace("  ", "·").split("·") if fact.strip().endswith("unread")).strip()


async def test_header_counts_the_rows_after_finding_and_escape(two_groups: Library) -> None:
    async with reading(two_groups) as running:
        await running.press("l")
        await find(running, "beta one")
        await running.press("escape", "g")
        assert unread_shown(running) == "4 unread"
        seen = []
        for _ in range(4):
            await running.press("m", "j")
            seen.append(unread_shown(running))
        assert seen == ["3 unread", "2 unread", "1 unread", "0 unread"]


async def test_finding_and_escape_restore_the_selection(two_groups: Library) -> None:
    async with reading(two_groups) as running:
        await running.press("l", "v", "v")
        await find(running, "beta one")
        await running.press("escape")
        assert "2 selected" in running.lines()[0]


async def test_unreadable_group_never_ends_the_app(one_broken: Library) -> None:
    async with reading(one_broken) as running:
        assert running.titles == ["Alpha one", "Alpha two"]
        await running.press("l", "m", "n", "m", "n")
        assert running.app.is_running
        assert running.said[-1] == "Nothing else is unread."
        await running.press("p", "h", "G")
        assert running.place == "Beta"
        assert any("⚠ beta.log was written" in line for line in running.lines())
        await running.press("m")
        assert running.said[-1] == WHY
        await running.press("x", "i", "t", "A", "u", "quotation_mark")
        assert running.app.is_running


async def test_unreadable_group_keeps_its_sign(one_broken: Library) -> None:
    async with reading(one_broken) as running:
        assert any("⚠ Beta" in line for line in running.lines())


async def test_mouse_selection_disappears_with_its_rows_and_with_escape(two_groups: Library) -> None:
    async with reading(two_groups) as running:
        await running.press("l", "j")
        screen, pane = running.screen, running.screen.annotations.list
        screen.selections = {pane: Selection(Offset(0, 0), Offset(5, 0))}
        await running.press("k")
        assert screen.get_selected_text() is None
        screen.selections = {pane: Selection(Offset(0, 0), Offset(5, 0))}
        await running.press("escape")
        assert screen.get_selected_text() is None
        assert running.pane == "items"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("question_mark", "Go to the last row"),
        ("comma", "Mark items read"),
        ("i", "2 items"),
        ("apostrophe", "Alpha"),
        ("S", "newest"),
    ],
)
async def test_undrawable_text_in_a_dialogue_is_shown_plain(
    two_groups: Library, monkeypatch: pytest.MonkeyPatch, key: str, words: str
) -> None:
    def broken(*_: object) -> object:
        raise ValueError("drawing it failed")

    async with reading(two_groups, size=(120, 60)) as running:
        await running.press("j", "j", "j", "j")
        monkeypatch.setattr("florilege.tui.widgets.rows.PlainRows.lines", broken)
        await running.press(key)
        text = "\n".join(running.lines())
        assert words in text
        assert "This can't be shown" not in text


async def test_list_of_several_groups_says_why_one_is_missing(one_broken: Library) -> None:
    async with reading(one_broken) as running:
        await running.until(lambda: any("⚠ beta.log was written" in line for line in running.lines()))


class BreaksLater(Library):
    """A library whose items can't be read any more once `is_broken` is set."""

    is_broken = False

    def item(self, group_id: str, item_id: str) -> Item | None:
        if self.is_broken:
            raise LibraryError(WHY)
        return super().item(group_id, item_id)


async def test_what_the_river_can_no_longer_read_is_said(tmp_path: Path) -> None:
    quotes = (Highlight(id="h", quote="Ink fades"),)
    small_library(tmp_path, {"Alpha": [entry("Alpha one", highlights=quotes)]}).close()
    library = BreaksLater(tmp_path, clock=lambda: NOW)
    async with reading(library) as running:
        await running.press("H")
        library.is_broken = True
        for key in ("c", "C"):
            await running.press(key)
            assert running.app.screen.bottom.messages[-1] == WHY  # type: ignore[attr-defined]
