"""Moving between and within panes: what keeps its position, and which panes each width shows."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from florilege.model import Entry, Highlight
from florilege.settings import Session
from support.reading import NOW, Open, entry, reading, resize, sample_library, small_library

PAGES = [f"Page {number}" for number in range(12, 0, -1)]
LONG = "Une longue phrase que quelqu'un a trouvée belle, et dont il voulait garder chaque mot. " * 12


def highlights(*quotes: str) -> tuple[Highlight, ...]:
    return tuple(Highlight(id=f"h{place}", quote=quote) for place, quote in enumerate(quotes))


def pages(titles: Sequence[str] = PAGES) -> list[Entry]:
    """Items with three highlights each, newest first."""
    return [
        entry(title, day=28 - place, tags=("papier",), highlights=highlights("Un.", "Deux.", "Trois."))
        for place, title in enumerate(titles)
    ]


async def in_group(running: Open) -> None:
    """Go from Unread down to the first group."""
    await running.press("j", "j", "j", "j")


async def test_as_many_panes_are_shown_as_fit(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages()})
    async with reading(library, size=(100, 24)) as running:
        for width, shown in (
            (100, ["groups", "items", "annotations"]),
            (99, ["groups", "items"]),
            (70, ["groups", "items"]),
            (69, ["groups"]),
            (40, ["groups"]),
        ):
            await resize(running.pilot, width, 24)
            await running.settled()
            assert (width, running.panes) == (width, shown)


@pytest.mark.parametrize(
    ("width", "layouts"),
    [
        (120, [["groups", "items", "annotations"]] * 3),
        (80, [["groups", "items"], ["items", "annotations"], ["items", "annotations"]]),
        (60, [["groups"], ["items"], ["annotations"]]),
    ],
)
async def test_same_keys_go_inwards_and_outwards_in_every_layout(
    tmp_path: Path, width: int, layouts: list[list[str]]
) -> None:
    library = small_library(tmp_path, {"Encre": pages()})
    async with reading(library, size=(width, 24)) as running:
        seen = [(running.pane, running.panes)]
        for key in ("l", "enter"):
            await running.press(key)
            seen.append((running.pane, running.panes))
        await running.press("l", "right")  # the innermost pane is the end
        assert running.pane == "annotations"
        for key in ("h", "left"):
            await running.press(key)
            seen.append((running.pane, running.panes))
        await running.press("h")
        assert running.pane == "groups"

    there = list(zip(["groups", "items", "annotations"], layouts, strict=True))
    assert seen[:3] == there
    # On the way back, the focused pane shows what lies inwards of it.
    assert [pane for pane, _ in seen[3:]] == ["items", "groups"]
    assert seen[4] == there[0]


async def test_tab_goes_round_the_panes_both_ways(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages()})
    async with reading(library, size=(60, 20)) as running:
        seen = []
        for key in ("tab", "tab", "tab", "shift+tab", "shift+tab"):
            await running.press(key)
            seen.append(running.pane)

    assert seen == ["items", "annotations", "groups", "annotations", "items"]


async def test_moving_in_groups_shows_their_items_and_moving_in_items_their_annotations(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages(["Une page"]), "Marges": pages(["Deux pages", "Trois pages"])})
    async with reading(library) as running:
        await in_group(running)
        assert (running.place, running.titles, running.title) == ("Encre", ["Une page"], "Une page")
        await running.press("j")
        assert (running.place, running.title) == ("Marges", "Deux pages")
        await running.press("l", "j")
        assert running.title == "Trois pages"
        assert any("Trois pages" in line for line in running.lines(running.screen.annotations.list))


async def test_moving_in_one_pane_moves_no_other_cursor(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages(), "Marges": pages(["Deux pages"])})
    async with reading(library) as running:
        await in_group(running)
        before = running.cursors
        await running.press("l", "j", "j")
        after_items = running.cursors
        await running.press("l", "j")
        after_annotations = running.cursors

    assert after_items["groups"] == before["groups"]
    assert after_items["items"] != before["items"]
    assert {name: after_annotations[name] for name in ("groups", "items")} == {
        name: after_items[name] for name in ("groups", "items")
    }
    assert after_annotations["annotations"] != after_items["annotations"]


async def test_cursor_is_restored_on_coming_back(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages(), "Marges": pages(["Deux pages"])})
    async with reading(library) as running:
        await in_group(running)
        await running.press("l", "j", "j", "j", "J")
        item, annotation = running.title, running.cursors["annotations"]
        await running.press("j", "k")
        assert (running.title, running.cursors["annotations"]) == (item, annotation)
        await running.press("h", "j")
        assert running.title == "Deux pages"
        await running.press("k")
        assert (running.title, running.cursors["annotations"]) == (item, annotation)


async def test_page_keys_move_the_list_by_one_page_and_back(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": pages()}), size=(120, 24)) as running:
        await in_group(running)
        await running.press("l", "pagedown")
        assert running.title in running.titles[1:]
        await running.press("pageup")
        assert running.title == running.titles[0]


async def test_position_within_a_long_item_is_remembered_to_the_line(tmp_path: Path) -> None:
    long = entry("Long", day=20, highlights=highlights(LONG, LONG, LONG))
    library = small_library(tmp_path, {"Encre": [long, entry("Autre", day=1)]})
    async with reading(library, size=(100, 16)) as running:
        await in_group(running)
        await running.press("l", "l", "ctrl+d", "j", "j")
        spot = (running.screen.annotations.list.scroll_offset.y, running.cursors["annotations"])
        assert spot[0] > 5
        await running.press("h", "j")
        assert (running.title, running.screen.annotations.list.scroll_offset.y) == ("Autre", 0)
        await running.press("k")
        assert (running.screen.annotations.list.scroll_offset.y, running.cursors["annotations"]) == spot


async def test_capital_j_and_k_move_among_the_annotations_from_the_list(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages()})
    async with reading(library) as running:
        await in_group(running)
        await running.press("l", "J", "J")
        assert (running.pane, running.cursors["annotations"]) == ("items", "h2")
        await running.press("K")
        assert (running.title, running.cursors["annotations"]) == ("Page 12", "h1")
        await running.press("c")
        assert running.outside.copied[-1].startswith("> Deux.")


async def test_focus_and_cursors_survive_resizes_at_any_moment(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages(), "Marges": pages(["Deux pages"])})
    async with reading(library) as running:
        await in_group(running)
        await running.press("l", "j", "j", "j", "j", "J", "J")
        for pane, key in (("items", ""), ("annotations", "l"), ("groups", "hh")):
            await running.press(*key)
            cursors = running.cursors
            for size in ((80, 24), (40, 10), (60, 20), (120, 36)):
                await resize(running.pilot, *size)
                await running.settled()
                assert (running.pane, running.cursors, pane in running.panes) == (pane, cursors, True)
                on_screen = running.lines(running.screen.list_here)
                assert any(line.startswith(("│▌", "┃▌")) or "▌" in line for line in on_screen)


async def test_every_layout_draws_each_line_exactly_as_wide_as_the_screen(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        for size in ((40, 10), (60, 20), (80, 24), (120, 36), (200, 60)):
            await resize(running.pilot, *size)
            await running.settled()
            strips = running.app.screen._compositor.render_strips()
            assert {strip.cell_length for strip in strips} == {size[0]}


async def test_newly_opened_item_shows_its_title_at_the_top(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("Le titre", highlights=highlights(LONG, "Deux."))]})
    async with reading(library, size=(60, 20)) as running:
        await running.press("l", "l")
        assert "Le titre" in running.lines(running.screen.annotations.list)[1]
        running.screen.say("Something is said, and the panes lose a line to it. " * 3)
        await running.settled()
        assert "Le titre" in running.lines(running.screen.annotations.list)[1]
        await resize(running.pilot, 64, 18)
        await running.settled()
        assert "Le titre" in running.lines(running.screen.annotations.list)[1]


async def test_escape_removes_the_last_filter_first_and_then_goes_outwards(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages()})
    async with reading(library) as running:
        await in_group(running)
        await running.press("slash", *"11", "enter")
        assert (running.titles, running.pane) == (["Page 11"], "items")
        await running.press("l", "escape")
        assert (len(running.titles), running.pane, running.title) == (12, "annotations", "Page 11")
        await running.press("escape")
        assert running.pane == "items"
        await running.press("escape", "escape")
        assert running.pane == "groups"


async def test_tags_are_folded_and_unfolded_and_open_like_groups(tmp_path: Path) -> None:
    entries = [entry("Un", day=2, tags=("papier", "encre")), entry("Deux", day=1, tags=("papier",))]
    library = small_library(tmp_path, {"Encre": entries})
    async with reading(library) as running:
        await running.press("x")
        assert running.said[-1] == "Only groups have tags to show."
        await in_group(running)
        await running.press("x", "j")
        assert (running.place, running.titles) == ("#papier in Encre", ["Un", "Deux"])
        await running.press("j")
        assert (running.place, running.titles) == ("#encre in Encre", ["Un"])
        await running.press("x")
        assert (running.place, running.titles) == ("Encre", ["Un", "Deux"])
        assert not any("#" in line for line in running.lines(running.screen.groups.list))


async def test_next_start_opens_where_the_reader_left(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages(), "Marges": pages(["Deux pages"])})
    async with reading(library) as running:
        assert (running.place, running.pane) == ("Unread", "groups")
        await in_group(running)
        await running.press("x", "j", "l", "j", "j", "q")
        session = running.outside.remembered[-1]

    async with reading(library, session=session) as running:
        assert (running.place, running.title, running.pane) == ("#papier in Encre", "Page 10", "items")


async def test_remembered_group_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages()})
    async with reading(library, session=Session(view="group:feed", item="beef", unfolded=("feed",))) as running:
        assert (running.place, running.pane) == ("Unread", "groups")


async def test_on_this_day_is_a_place(tmp_path: Path) -> None:
    then = NOW.replace(year=2019)
    quotes = (Highlight(id="h1", quote="Of this day.", made_at=then), Highlight(id="h2", quote="Of another."))
    groups = {"Encre": [entry("a", highlights=quotes), entry("b")]}
    async with reading(small_library(tmp_path, groups)) as running:
        await running.press("apostrophe", *("space" if key == " " else key for key in "on this day"), "enter")
        assert running.place == "On this day"
        assert running.titles == ["a"]
        assert any("On this day" in line for line in running.lines(running.screen.groups.list))
        await running.press("H")
        text = "\n".join(running.lines())
        assert "Of this day." in text
        assert "Of another." not in text
        await running.press("escape", "escape", "h", "g")
        assert running.place == "Unread"
