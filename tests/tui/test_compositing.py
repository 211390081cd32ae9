"""Drawing only what has changed: the screen made of parts is the screen, and few parts are drawn for a key."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color
from textual.content import Content
from textual.screen import Screen
from textual.strip import Strip

from florilege.tui.panes.groups import PlaceRows
from florilege.tui.widgets.compositing import PiecesUpdate
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.quietbar import QuietBar, bar_place
from florilege.tui.widgets.rows import Look
from support.reading import Open, entry, reading, sample_library, small_library

KEYS = (
    *(
        "j",
        "j",
        "j",
        "l",
        "j",
        "j",
        "G",
        "g",
        "g",
        "k",
        "tab",
        "j",
        "J",
        "J",
        "space",
        "space",
        "v",
        "j",
        "o",
        "z",
        "z",
    ),
    *("h", "h", "j", "slash", "p", "a", "p", "enter", "l", "n", "u", "s", "question_mark"),
)
Cells = dict[tuple[int, int], tuple[str, str]]
"""A character and how it looks, by line and cell."""


def cells(x: int, y: int, strip: Strip) -> Iterator[tuple[tuple[int, int], tuple[str, str]]]:
    """The cells of a strip that begins there."""
    for segment in strip:
        style = segment.style
        look = "" if style is None else f"{style.color} {style.bgcolor} {style.bold} {style.reverse} {style.underline}"
        for character in segment.text:
            for place in range(cell_len(character)):
                yield (y, x), ("" if place else character, look)
                x += 1


class Terminal:
    """What a terminal shows that is sent the updates of an app."""

    def __init__(self, running: Open, monkeypatch: pytest.MonkeyPatch) -> None:
        self._app = running.app
        self._display = self._app._display
        self.updates: list[PiecesUpdate] = []
        self.shown = self.whole()
        monkeypatch.setattr(self._app, "_display", self._take)

    def whole(self) -> Cells:
        """The whole screen as it is, drawn afresh."""
        for line_list in self._app.screen.query(LineList):
            line_list._painter = None
        strips = self._app.screen._compositor.render_strips()
        return dict(cell for y, strip in enumerate(strips) for cell in cells(0, y, strip))

    def _take(self, screen: Screen[Any], update: Any) -> None:
        if isinstance(update, PiecesUpdate):
            self.updates.append(update)
            for x, y, strip in update.pieces:
                self.shown.update(cells(x, y, strip))
        elif update is not None:
            self.shown = self.whole()
        self._display(screen, update)


async def test_a_screen_drawn_in_parts_is_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with reading(sample_library(tmp_path), size=(120, 24)) as running:
        terminal = Terminal(running, monkeypatch)
        for key in KEYS:
            await running.press(key)
            assert terminal.shown == terminal.whole(), f"after {key}"
        assert terminal.updates, "Textual no longer asks for what has changed"


async def test_moving_the_cursor_draws_two_rows_of_the_list_and_no_other_pane(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Paper": [entry(f"Page {number}") for number in range(20)]})
    async with reading(library, size=(120, 36)) as running:
        await running.press("tab", "j")
        items, compositor = running.screen.items_list, running.screen._compositor
        items.move(1)
        compositor.update_widgets({items})
        update = compositor.render_update()
        assert isinstance(update, PiecesUpdate)
        assert {x for x, _, _ in update.pieces} == {items.region.x}
        assert len(update.pieces) == 2 * items._offsets.height(0)


async def test_a_key_that_shows_another_item_lays_nothing_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = small_library(
        tmp_path, {"Paper": [entry(f"Page {number}", body="word " * 900 * (number % 2)) for number in range(20)]}
    )
    async with reading(library, size=(120, 36)) as running:
        await running.press("tab", "j", "j")
        laid_out: list[object] = []
        monkeypatch.setattr(running.screen._compositor, "reflow", lambda *_: laid_out.append(1))
        for _ in range(2):
            running.screen.items_list.move(2)
            await running.settled()
        assert running.title != "Page 17"
        assert not laid_out


async def test_saying_something_short_lays_nothing_out_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with reading(sample_library(tmp_path), size=(120, 36)) as running:
        laid_out: list[object] = []
        monkeypatch.setattr(running.screen._compositor, "reflow", lambda *_: laid_out.append(1))
        running.screen.say("Refreshed 1 of 100: Encre & Papier")
        await running.settled()
        assert "Refreshed 1 of 100" in running.lines(running.screen.bottom)[0]
        running.screen.bottom.hush()
        await running.settled()
        assert "help" in running.lines(running.screen.bottom)[0]
        assert not laid_out


async def test_saying_something_long_makes_room_for_it(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path), size=(60, 20)) as running:
        running.screen.say("word " * 30)
        await running.settled()
        assert running.screen.bottom.size.height == 3
        running.screen.bottom.hush()
        await running.settled()
        assert running.screen.bottom.size.height == 1


async def test_lines_seen_before_are_not_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = small_library(tmp_path, {"Paper": [entry(f"Page {number}") for number in range(40)]})
    async with reading(library, size=(120, 36)) as running:
        items = running.screen.items_list
        await running.press("tab", "j")
        asked: list[int] = []
        render = items.rows.render

        def count(index: int, *rest: Any) -> Any:
            asked.append(index)
            return render(index, *rest)

        monkeypatch.setattr(items.rows, "render", count)
        items.scroll_to(y=3, animate=False)
        await running.settled()
        drawn = len(asked)
        items.scroll_to(y=0, animate=False)
        await running.settled()
        assert 1 <= drawn <= 2
        assert len(asked) == drawn


@given(window=st.integers(1, 60), above=st.integers(0, 3000), step=st.integers(0, 300), rest=st.integers(0, 3000))
def test_a_scrollbar_that_is_not_drawn_again_would_look_the_same(window: int, above: int, step: int, rest: int) -> None:
    total = window + above + step + rest
    before, after = above, above + step

    def drawn(position: int) -> list[str]:
        shown = window if window < total else 0
        bar = QuietBar.render_bar(window, total, shown, position, 1, True, Color.default(), Color.default())
        return [segment.text for segment in bar.segments]

    if bar_place(before, window, total) == bar_place(after, window, total):
        assert drawn(before) == drawn(after)


async def test_of_other_rows_only_those_that_look_different_are_drawn(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path), size=(120, 36)) as running:
        groups = running.screen.groups_list
        await running.press("j")
        before = groups.rows
        assert isinstance(before, PlaceRows)
        *smart, first, second = before.rows
        assert first is not None
        drawn: list[int] = []

        class Counted(PlaceRows):
            def render(self, index: int, width: int, look: Look) -> Sequence[Content]:
                drawn.append(index)
                return super().render(index, width, look)

        rows = Counted((), ())
        rows.rows = [*smart, replace(first, count=7), second]
        groups.show(rows)
        await running.settled()
        assert drawn == [len(smart)]
        assert any(line.endswith("7/20") or " 7/" in line for line in running.lines(groups))
