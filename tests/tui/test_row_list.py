"""The list widget of all panes: where the cursor goes, how it scrolls, and that every line fits."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.geometry import Offset, Region
from textual.pilot import Pilot
from textual.selection import Selection
from textual.strip import Strip

from florilege.tui.theme import THEMES, semantic_variables
from florilege.tui.widgets.lines import Line
from florilege.tui.widgets.row_list import RowList
from florilege.tui.widgets.rows import Layout, Rows
from support.reading import resize


def text(words: str) -> Line:
    return (("text", words),)


@dataclass(frozen=True)
class Plain(Rows):
    """Rows of text: one line each, or as many as `heights` says."""

    texts: tuple[str, ...]
    heights: dict[str, int] = field(default_factory=dict)
    headings: frozenset[str] = frozenset()
    drawn: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def key(self, index: int) -> str:
        return self.texts[index]

    def height(self, index: int, width: int) -> int:
        return self.heights.get(self.texts[index], 1)

    def selectable(self, index: int) -> bool:
        return self.texts[index] not in self.headings

    def lines(self, index: int, width: int) -> Sequence[Line]:
        self.drawn.append(index)
        return [text(f"{self.texts[index]}/{line}") for line in range(self.height(index, width))]

    def words(self, index: int) -> str:
        return self.texts[index]


def numbered(count: int, **more: int) -> Plain:
    return Plain(tuple(f"r{number}" for number in range(count)), heights=dict(more))


class Reader(App[None]):
    """An app with one list, which records its messages."""

    CSS = "RowList { width: 1fr; height: 1fr; }"

    def __init__(self, rows: Plain, empty: Sequence[Line] = ()) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "florilege-light"
        self.list = RowList(rows, empty=empty)
        self.moves: list[tuple[int, str | None]] = []
        self.choices: list[str | None] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return semantic_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        yield self.list

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        self.moves.append((event.index, event.key))

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        self.choices.append(event.key)


@asynccontextmanager
async def reading(
    rows: Plain, *, size: tuple[int, int] = (40, 10), empty: Sequence[Line] = ()
) -> AsyncIterator[tuple[RowList, Pilot[None], Reader]]:
    app = Reader(rows, empty)
    async with app.run_test(size=size) as pilot:
        app.list.focus()
        await pilot.pause()
        app.moves.clear()
        yield app.list, pilot, app


def shown(row_list: RowList) -> list[str]:
    """The lines in view, as text."""
    return [row_list.render_line(y).text.rstrip() for y in range(row_list.size.height)]


# Moving


async def test_cursor_starts_on_the_first_selectable_row() -> None:
    async with reading(Plain(("Title", "a", "b"), headings=frozenset({"Title"}))) as (row_list, _, _):
        assert (row_list.cursor, row_list.cursor_key) == (1, "a")


async def test_initial_cursor_position_is_announced() -> None:
    app = Reader(numbered(3))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.moves == [(0, "r0")]


async def test_moving_skips_unselectable_rows() -> None:
    async with reading(Plain(("a", "Heading", "b"), headings=frozenset({"Heading"}))) as (row_list, _, _):
        row_list.move(1)
        assert row_list.cursor_key == "b"
        row_list.move(-1)
        assert row_list.cursor_key == "a"


async def test_moving_stops_at_both_ends() -> None:
    async with reading(numbered(3)) as (row_list, _, _):
        row_list.move(-5)
        assert row_list.cursor == 0
        row_list.move(5)
        assert row_list.cursor == 2
        row_list.move(1)
        assert row_list.cursor == 2


async def test_two_rows_of_context_stay_in_view() -> None:
    async with reading(numbered(100)) as (row_list, _, _):
        for _ in range(9):
            row_list.move(1)
        assert shown(row_list)[-3:] == ["▌r9/0", " r10/0", " r11/0"]
        row_list.move(-8)
        assert shown(row_list)[0] == " r0/0"
        assert row_list.scroll_offset.y == 0


async def test_scrollbar_is_exact_although_rarely_redrawn() -> None:
    async with reading(numbered(1000)) as (row_list, pilot, _):
        bar = row_list.vertical_scrollbar
        looks = set()
        for _ in range(999):
            row_list.move(1)
            assert bar.position == row_list.scroll_offset.y
            looks.add(str(bar.render_lines(Region(0, 0, 1, 10))))
        await pilot.pause()
        assert row_list.scroll_offset.y == 990
        assert len(looks) > 10


async def test_scrolling_is_minimal() -> None:
    async with reading(numbered(100)) as (row_list, _, _):
        row_list.move(7)
        assert row_list.scroll_offset.y == 0
        row_list.move(1)
        assert row_list.scroll_offset.y == 1


async def test_down_scrolls_through_a_row_taller_than_the_view_before_leaving_it() -> None:
    async with reading(numbered(3, r1=25)) as (row_list, _, _):
        seen: set[str] = set()
        for _ in range(20):
            if row_list.cursor == 2:
                break
            row_list.move(1)
            seen.update(shown(row_list))
        assert row_list.cursor == 2
        assert {f"▌r1/{line}" for line in range(25)} <= seen


async def test_up_scrolls_through_a_row_taller_than_the_view_from_its_end() -> None:
    async with reading(numbered(3, r1=25)) as (row_list, _, _):
        row_list.end()
        row_list.move(-1)
        assert shown(row_list)[-1] == "▌r1/24"
        row_list.move(-1)
        assert row_list.cursor == 1
        assert shown(row_list)[0] == "▌r1/10"


async def test_up_on_the_first_row_shows_the_lines_above_it() -> None:
    rows = Plain(("Title", *"abc"), heights={"Title": 14}, headings=frozenset({"Title"}))
    async with reading(rows) as (row_list, _, _):
        row_list.move_to("a")
        assert "▌a/0" in shown(row_list)
        for _ in range(4):
            row_list.move(-1)
        assert shown(row_list)[0] == " Title/0"
        assert row_list.cursor_key == "a"
        row_list.move(1)
        assert "▌a/0" in shown(row_list)


async def test_list_without_selectable_rows_scrolls() -> None:
    rows = Plain(("Title", "Text"), heights={"Title": 2, "Text": 30}, headings=frozenset({"Title", "Text"}))
    async with reading(rows) as (row_list, pilot, app):
        row_list.move(1)
        assert (row_list.cursor, row_list.cursor_key) == (-1, None)
        assert row_list.scroll_offset.y == 5
        await pilot.click(RowList, offset=(5, 4))
        await pilot.click(RowList, offset=(5, 4))
        assert app.choices == []


async def test_moving_to_a_key_scrolls_it_into_view() -> None:
    async with reading(numbered(1000)) as (row_list, _, _):
        assert row_list.move_to("r500")
        assert "▌r500/0" in shown(row_list)


async def test_moving_to_an_unknown_key_changes_nothing() -> None:
    async with reading(numbered(10)) as (row_list, _, _):
        assert not row_list.move_to("nowhere")
        assert row_list.cursor == 0


async def test_pages_leave_two_lines_in_common() -> None:
    async with reading(numbered(100)) as (row_list, _, _):
        row_list.page(1)
        assert shown(row_list)[0] == "▌r8/0"
        row_list.page(-1)
        assert shown(row_list)[0] == "▌r0/0"


async def test_half_pages_keep_the_cursor_on_its_screen_line() -> None:
    async with reading(numbered(100)) as (row_list, _, _):
        row_list.move(4)
        row_list.half_page(1)
        assert shown(row_list)[4] == "▌r9/0"


async def test_page_down_at_the_end_moves_the_cursor_to_the_last_row() -> None:
    async with reading(numbered(15)) as (row_list, _, _):
        row_list.page(1)
        row_list.page(1)
        assert row_list.cursor == 14


async def test_home_and_end_show_the_first_and_the_last_line() -> None:
    rows = Plain(("Title", *"abcdefghijklmnop", "Foot"), headings=frozenset({"Title", "Foot"}))
    async with reading(rows) as (row_list, _, _):
        row_list.end()
        assert (row_list.cursor_key, shown(row_list)[-1]) == ("p", " Foot/0")
        row_list.home()
        assert (row_list.cursor_key, shown(row_list)[0]) == ("a", " Title/0")


async def test_paging_down_shows_everything_and_then_reports_the_end() -> None:
    async with reading(numbered(12, r0=8, r5=31)) as (row_list, _, _):
        seen = set(shown(row_list))
        turned = 0
        while not row_list.reader_at_end:
            row_list.page(1)
            turned += 1
            seen.update(shown(row_list))
        assert {line[1:] for line in seen} >= {f"r5/{line}" for line in range(31)} | {"r11/0"}
        assert turned == 5


async def test_list_that_fits_is_at_its_end() -> None:
    async with reading(numbered(3)) as (row_list, _, _):
        assert row_list.reader_at_end


async def test_only_the_final_position_of_a_move_is_announced() -> None:
    async with reading(numbered(100)) as (row_list, pilot, app):
        for _ in range(20):
            row_list.move(1)
        await pilot.pause()
        assert app.moves[-1] == (20, "r20")
        assert len(app.moves) < 20


async def test_choosing_announces_the_key() -> None:
    async with reading(numbered(3)) as (row_list, pilot, app):
        row_list.move(1)
        await pilot.click(RowList, offset=(5, 1))
        assert app.choices == ["r1"]


# Replacing rows


async def test_rows_added_above_move_nothing_under_the_cursor() -> None:
    async with reading(numbered(50)) as (row_list, pilot, app):
        row_list.move_to("r20")
        await pilot.pause()
        app.moves.clear()
        before = shown(row_list)
        row_list.show(Plain(("new1", "new2", "new3", *numbered(50).texts), heights={"new2": 4}))
        await pilot.pause()
        assert shown(row_list) == before
        assert app.moves == []


async def test_rows_added_above_the_first_row_move_nothing() -> None:
    async with reading(numbered(50)) as (row_list, pilot, _):
        before = shown(row_list)
        row_list.show(Plain(("new1", "new2", *numbered(50).texts)))
        await pilot.pause()
        assert shown(row_list) == before


async def test_removed_row_passes_the_cursor_to_the_next_that_remains() -> None:
    async with reading(numbered(50)) as (row_list, pilot, app):
        row_list.move_to("r20")
        await pilot.pause()
        place = shown(row_list).index("▌r20/0")
        row_list.show(Plain(tuple(text for text in numbered(50).texts if text not in {"r20", "r3"})))
        await pilot.pause()
        assert shown(row_list)[place] == "▌r21/0"
        assert app.moves[-1] == (19, "r21")


async def test_list_starts_at_the_top_when_no_row_remains() -> None:
    async with reading(numbered(50)) as (row_list, pilot, _):
        row_list.end()
        row_list.show(Plain(tuple(f"x{number}" for number in range(50))))
        await pilot.pause()
        assert shown(row_list)[0] == "▌x0/0"


async def test_list_scrolled_away_from_its_cursor_keeps_its_view() -> None:
    async with reading(numbered(100)) as (row_list, pilot, _):
        row_list.scroll_to(y=40, animate=False)
        await pilot.pause()
        before = shown(row_list)
        row_list.show(Plain(("new", *numbered(100).texts)))
        await pilot.pause()
        assert shown(row_list) == before
        assert row_list.cursor_key == "r0"


async def test_list_starts_at_the_top_without_keeping_its_position() -> None:
    async with reading(numbered(50)) as (row_list, _, _):
        row_list.end()
        row_list.show(numbered(60), keep_place=False)
        assert (row_list.cursor, row_list.scroll_offset.y) == (0, 0)


async def test_cursor_can_be_placed_when_replacing_rows() -> None:
    async with reading(numbered(5)) as (row_list, _, _):
        row_list.show(numbered(60), cursor_key="r40", keep_place=False)
        assert "▌r40/0" in shown(row_list)


async def test_removing_all_rows_leaves_no_cursor_and_the_empty_state() -> None:
    async with reading(numbered(5), empty=[text("Nothing here yet."), text("a adds")]) as (row_list, pilot, app):
        row_list.show(Plain(()))
        await pilot.pause()
        assert [line.strip() for line in shown(row_list)[4:6]] == ["Nothing here yet.", "a adds"]
        assert row_list.cursor == -1
        assert app.moves == [(-1, None)]
        row_list.move(1)
        row_list.page(1)
        row_list.home()
        row_list.end()
        assert row_list.cursor == -1


async def test_list_beginning_with_long_words_is_shown_from_its_first_line() -> None:
    rows = Plain(("Title", "a"), heights={"Title": 30}, headings=frozenset({"Title"}))
    async with reading(rows) as (row_list, _, _):
        assert shown(row_list)[0] == " Title/0"
        row_list.show(replace(rows, texts=("Title", "b")), keep_place=False)
        assert shown(row_list)[0] == " Title/0"
        row_list.move(1)
        assert shown(row_list)[-1] == "▌b/0"


async def test_key_moved_to_before_the_first_layout_is_in_view_afterwards() -> None:
    app = Reader(Plain(()))
    app.list.show(numbered(100), cursor_key="r50")
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert any("r50/0" in line for line in shown(app.list))


# Drawing


async def test_only_rows_in_view_are_drawn() -> None:
    rows = numbered(100_000)
    async with reading(rows) as (row_list, pilot, _):
        row_list.end()
        await pilot.pause()
        assert len(set(rows.drawn)) <= 2 * 10


async def test_cursor_sign_shows_the_focus() -> None:
    async with reading(numbered(3)) as (row_list, pilot, app):
        assert shown(row_list)[0] == "▌r0/0"
        app.set_focus(None)
        await pilot.pause()
        assert shown(row_list)[0] == "▏r0/0"


async def test_every_row_in_view_is_redrawn_on_request() -> None:
    rows = numbered(50)
    async with reading(rows) as (row_list, pilot, _):
        rows.drawn.clear()
        row_list.refresh_rows()
        await pilot.pause()
        assert set(rows.drawn) == set(range(10))


async def test_wrong_number_of_lines_is_cut_or_filled_with_blanks() -> None:
    class Wrong(Plain):
        def lines(self, index: int, width: int) -> Sequence[Line]:
            return [text("only")] if index == 0 else [text("one"), text("two"), text("three")]

    async with reading(Wrong(("a", "b", "c"), heights={"a": 2, "b": 2})) as (row_list, _, _):
        assert shown(row_list)[:5] == ["▌only", "", " one", " two", " one"]


async def test_theme_change_redraws_in_its_colours() -> None:
    async with reading(numbered(3)) as (row_list, pilot, app):
        light = row_list.render_line(1)
        app.theme = "florilege-dark"
        await pilot.pause()
        assert list(row_list.render_line(1)) != list(light)


async def test_cursor_row_is_reversed_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with reading(numbered(3)) as (row_list, _, _):
        assert all(segment.style is not None and segment.style.reverse for segment in row_list.render_line(0))
        assert not any(segment.style is not None and segment.style.reverse for segment in row_list.render_line(1))


async def test_separator_line_is_not_part_of_the_cursor_bar() -> None:
    class Parted(Plain):
        def lines(self, index: int, width: int) -> Sequence[Line]:
            return [text(self.texts[index]), text("")]

    async with reading(Parted(("a", "b"), heights={"a": 2, "b": 2})) as (row_list, _, _):
        bar, gap, other = (row_list.render_line(y) for y in range(3))
        grounds = [{segment.style.bgcolor for segment in line if segment.style} for line in (bar, gap, other)]
        assert grounds[1] == grounds[2] != grounds[0]


def test_list_binds_no_keys() -> None:
    assert RowList._merge_bindings().key_to_bindings == {}


async def test_scrollbar_shows_the_position_even_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with reading(numbered(100)) as (row_list, pilot, _):
        row_list.end()
        await pilot.pause()
        bar = [list(row_list.vertical_scrollbar.render_line(y)) for y in range(10)]
        assert [any(part.style and part.style.reverse for part in line) for line in bar] == [False] * 9 + [True]


# Resizing


async def test_resize_keeps_the_cursor_in_view() -> None:
    async with reading(numbered(100, r30=4), size=(60, 20)) as (row_list, pilot, _):
        row_list.move_to(30)
        for size in ((20, 3), (1, 1), (200, 50), (5, 2), (60, 20)):
            await resize(pilot, *size)
            await pilot.pause()
            assert row_list.scroll_offset.y <= row_list._layout.top(30) < row_list.scroll_offset.y + size[1]


@pytest.mark.parametrize(("above", "height", "top"), [(8, 10, 0), (15, 20, 0), (17, 20, 1)])
async def test_resize_keeps_the_top_in_view_unless_it_hides_most_of_the_cursor_row(
    above: int, height: int, top: int
) -> None:
    rows = Plain(tuple(f"r{number}" for number in range(40)), heights={"r0": 2}, headings=frozenset({"r0"}))
    async with reading(rows, size=(60, 20)) as (row_list, pilot, _):
        rows.heights["r0"], rows.heights["r1"] = above, 4
        await resize(pilot, 30, height)
        await pilot.pause()
        assert (row_list.cursor, row_list.scroll_offset.y) == (1, top)


@pytest.mark.parametrize("width", [1, 2, 3, 7, 40, 500])
async def test_every_line_is_exactly_as_wide_as_the_list(width: int) -> None:
    texts = (
        "日本の本の余白に書く",
        "👩‍👩‍👧 famille ❤️ 👍🏽",
        "שלום עולם",
        "e\u0301le\u0301gant " * 9,
        "plain",
        "a" * 600,
        "",
    )
    async with reading(Plain(texts), size=(width, 10)) as (row_list, _, _):
        inside = row_list.scrollable_content_region.width
        for y in range(10):
            strip = row_list.render_line(y)
            assert strip.cell_length == inside
            assert sum(cell_len(segment.text) for segment in strip) == inside


async def test_empty_list_of_any_size_draws_blank_lines() -> None:
    async with reading(Plain(()), size=(3, 1), empty=[text("Nothing here yet")] * 5) as (row_list, pilot, _):
        for size in ((1, 1), (500, 200), (10, 1)):
            await resize(pilot, *size)
            await pilot.pause()
            inside = row_list.scrollable_content_region.width
            assert {row_list.render_line(y).cell_length for y in range(size[1])} == {inside}


# The mouse


async def test_click_moves_the_cursor_and_a_second_one_chooses() -> None:
    async with reading(numbered(10)) as (_, pilot, app):
        await pilot.click(RowList, offset=(5, 4))
        await pilot.pause()
        assert (app.moves, app.choices) == ([(4, "r4")], [])
        await pilot.click(RowList, offset=(5, 4))
        await pilot.pause()
        assert app.choices == ["r4"]


async def test_focusing_click_chooses_nothing() -> None:
    async with reading(numbered(10)) as (row_list, pilot, app):
        app.set_focus(None)
        await pilot.pause()
        await pilot.click(RowList, offset=(5, 0))
        await pilot.pause()
        assert row_list.has_focus
        assert app.choices == []


async def test_double_click_selects_no_text() -> None:
    async with reading(numbered(10)) as (row_list, pilot, app):
        await pilot.click(RowList, offset=(5, 4), times=2)
        await pilot.pause()
        assert row_list.text_selection is None
        assert app.choices == ["r4"]


async def test_click_below_the_rows_or_on_a_heading_does_nothing() -> None:
    rows = Plain(("Title", "a", "b"), headings=frozenset({"Title"}))
    async with reading(rows) as (row_list, pilot, app):
        await pilot.click(RowList, offset=(5, 8))
        await pilot.click(RowList, offset=(5, 0))
        await pilot.pause()
        assert (row_list.cursor_key, app.moves, app.choices) == ("a", [], [])


async def test_wheel_scrolls_and_leaves_the_cursor() -> None:
    async with reading(numbered(100)) as (row_list, pilot, app):
        await pilot._post_mouse_events([MouseScrollDown], RowList, offset=(5, 5))
        await pilot.pause()
        assert row_list.scroll_offset.y > 0
        assert (row_list.cursor, app.moves) == (0, [])


async def test_dragging_selects_text_and_chooses_nothing() -> None:
    async with reading(numbered(10)) as (row_list, pilot, app):
        await pilot.mouse_down(RowList, offset=(1, 2))
        await pilot.hover(RowList, offset=(3, 3))
        await pilot.mouse_up(RowList, offset=(3, 3))
        await pilot.pause()
        assert app.screen.get_selected_text() == "r2/0\nr3/"
        assert (row_list.cursor, app.choices) == (0, [])


async def test_selected_text_is_drawn_as_selected_to_the_edge() -> None:
    rows = Plain(("a" * 60, "日本" * 30, ""))
    async with reading(rows) as (row_list, pilot, app):
        plain = [row_list.render_line(y) for y in range(3)]
        app.screen.selections = {row_list: Selection(Offset(2, 0), Offset(3, 2))}
        await pilot.pause()
        drawn = [row_list.render_line(y) for y in range(3)]
        assert [line.text for line in drawn] == [line.text for line in plain]
        grounds = [[segment.style.bgcolor for segment in line if segment.style] for line in drawn]
        assert [len(set(ground)) for ground in grounds] == [2, 2, 2]


async def test_selected_text_keeps_its_colour_and_blanks_after_it_are_not_selected() -> None:
    def looks(strip: Strip) -> list[set[tuple[str, str]]]:
        parts = list(strip.divide([1, len(" words/0"), strip.cell_length]))[1:]
        return [{(str(each.style.color), str(each.style.bgcolor)) for each in part if each.style} for part in parts]

    async with reading(Plain(("short", "words"))) as (row_list, pilot, app):
        ((ink, ground),), after = looks(row_list.render_line(1))
        app.screen.selections = {row_list: Selection(Offset(2, 0), Offset(30, 1))}
        await pilot.pause()
        ((selected_ink, selected_ground),), still_after = looks(row_list.render_line(1))
        assert (selected_ink, still_after) == (ink, after)
        assert selected_ground != ground


@dataclass(frozen=True)
class Framed(Plain):
    """Rows whose lines are wrapped between a number, a bar and the right edge."""

    def lines(self, index: int, width: int) -> Sequence[Line]:
        return [text(f" {index} ┃ {line}") for line in self.texts[index].split("|")]


async def test_selected_text_is_the_original_text() -> None:
    texts = (
        "A margin is where a book listens|to whoever reads it.|Short.|Then more",
        "和紙の紙は強い和紙の紙は強い和紙|の紙は強い",
        "what comes next is but half-half-|baked",
    )
    heights = {text: text.count("|") + 1 for text in texts}
    async with reading(Framed(texts, heights=heights)) as (row_list, _, _):
        selected = row_list.get_selection(Selection(None, None))
        assert selected is not None
        assert selected[0].split("\n") == [
            "A margin is where a book listens to whoever reads it.",
            "Short.",
            "Then more",
            "和紙の紙は強い和紙の紙は強い和紙の紙は強い",
            "what comes next is but half-half-baked",
        ]
        part = row_list.get_selection(Selection(Offset(7, 0), Offset(8, 1)))
        assert part is not None
        assert part[0] == "margin is where a book listens to"


async def test_open_selection_reaches_no_further_than_the_view() -> None:
    async with reading(numbered(1000)) as (row_list, _, _):
        row_list.move_to(500)
        selected = row_list.get_selection(Selection(Offset(0, 498), None))
        assert selected is not None
        assert selected[0].startswith("r498/0\nr499/0\n")
        assert selected[0].count("\n") < 10


# Invariants


ROWS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 14), st.booleans()), max_size=30, unique_by=lambda row: row[0]
)
ACTS = st.one_of(
    st.tuples(st.just("move"), st.sampled_from([-7, -1, -1, 1, 1, 7])),
    st.tuples(st.just("move_to"), st.integers(0, 40)),
    st.tuples(st.just("page"), st.sampled_from([-1, 1])),
    st.tuples(st.just("half_page"), st.sampled_from([-1, 1])),
    st.tuples(st.just("show"), ROWS),
    st.tuples(st.just("resize"), st.tuples(st.integers(1, 60), st.integers(1, 20))),
)


def made(rows: list[tuple[int, int, bool]]) -> Plain:
    return Plain(
        tuple(f"k{name}" for name, _, _ in rows),
        heights={f"k{name}": height for name, height, _ in rows},
        headings=frozenset(f"k{name}" for name, _, selectable in rows if not selectable),
    )


def in_view(row_list: RowList) -> bool:
    """Whether a line of the cursor's row is visible, or only unselectable rows are."""
    rows = row_list._shown_rows()
    return row_list.cursor in rows or not any(row_list.rows.selectable(index) for index in rows)


@given(first=ROWS, acts=st.lists(ACTS, max_size=12))
async def test_cursor_is_always_on_a_selectable_row_and_in_view(
    first: list[tuple[int, int, bool]], acts: list[tuple[str, object]]
) -> None:
    async with reading(made(first), size=(30, 8)) as (row_list, pilot, app):
        for act, argument in acts:
            was_in_view = row_list.cursor in row_list._shown_rows()
            if act == "show":
                row_list.show(made(argument))  # type: ignore[arg-type]
            elif act == "resize":
                await resize(pilot, *argument)  # type: ignore[misc]
            else:
                getattr(row_list, act)(argument)
            await pilot.pause()
            rows, offsets = row_list.rows, row_list._layout
            assert [offsets.height(index) for index in range(len(rows))] == [
                rows.height(i, 9) for i in range(len(rows))
            ]
            selectable = [index for index in range(len(rows)) if rows.selectable(index)]
            assert row_list.cursor in selectable if selectable else row_list.cursor == -1
            assert in_view(row_list) or (act in {"show", "resize"} and not was_in_view)
            assert not app.moves or app.moves[-1][1] == row_list.cursor_key


@given(heights=st.lists(st.integers(1, 9), max_size=50), lines=st.lists(st.integers(-5, 500), max_size=20))
def test_every_line_belongs_to_the_row_that_holds_it(heights: list[int], lines: list[int]) -> None:
    rows = Plain(tuple(map(str, range(len(heights)))), heights={str(n): high for n, high in enumerate(heights)})
    offsets = Layout(rows, 10)
    assert offsets.total == sum(heights)
    for line in lines:
        row = offsets.row_at(line)
        if 0 <= line < offsets.total:
            assert offsets.top(row) <= line < offsets.top(row + 1)


@given(count=st.integers(0, 50), height=st.integers(1, 9), line=st.integers(-5, 500))
def test_rows_of_one_height_are_where_a_height_table_would_put_them(count: int, height: int, line: int) -> None:
    class Uniform(Plain):
        uniform = height

    texts = tuple(map(str, range(count)))
    table = Layout(Plain(texts, heights=dict.fromkeys(texts, height)), 10)
    uniform = Layout(replace(Uniform(texts)), 10)
    assert uniform.total == table.total
    assert uniform.row_at(line) == table.row_at(line)


class Undrawable(Plain):
    """Rows of which one can't be drawn."""

    def words(self, index: int) -> str:
        return f"{self.texts[index]}, in \x1b[bold]words[/]"

    def lines(self, index: int, width: int) -> Sequence[Line]:
        if self.texts[index] == "broken":
            raise AssertionError("what an html parser may fail with")
        return super().lines(index, width)


async def test_undrawable_row_is_shown_in_plain_words() -> None:
    async with reading(Undrawable(("one", "broken", "three"))) as (row_list, _, _):
        assert [line.lstrip(" ▌") for line in shown(row_list)[:3]] == ["one/0", "broken, in [bold]words[/]", "three/0"]


async def test_first_frame_has_the_rows() -> None:
    frames: list[str] = []

    class Watched(RowList):
        def render_lines(self, crop: Region) -> list[Strip]:
            strips = super().render_lines(crop)
            frames.append("".join(strip.text for strip in strips))
            return strips

    app = Reader(numbered(3))
    app.list = Watched(numbered(3))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
    assert "r0/0" in frames[0]
