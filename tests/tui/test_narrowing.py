"""Narrowing a list by tags and sharers, sorting, the overview, and back and forward."""

from pathlib import Path

import pytest

from florilege.commands import Scope
from florilege.model import Highlight, Sharer, Source
from florilege.store import Library
from florilege.tui.screens.picker import QueryPicker
from florilege.tui.widgets.row_list import RowList
from support.library import with_sources
from support.reading import NOW, Open, entry, reading, sample_library, small_library

ANN, BOB = Sharer(name="Ann"), Sharer(name="Bob")


def library_of_four(folder: Path) -> Library:
    return small_library(
        folder,
        {
            "Paper": [
                entry("a fold", day=4, tags=("paper", "fold"), sharer=ANN, views=3),
                entry("b ink", day=3, tags=("ink",), sharer=BOB, views=9),
                entry("c both", day=2, tags=("paper", "ink"), sharer=ANN, highlights=(Highlight(id="1", quote="q"),)),
            ],
            "Rest": [entry("d none", day=1, sharer=BOB)],
        },
    )


async def to_everything(running: Open) -> None:
    await running.press("j", "j", "j", "l")


async def test_tag_is_picked_with_one_key(tmp_path: Path) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await to_everything(running)
        await running.press("t", *"fold", "enter")
        assert running.titles == ["a fold"]
        assert str(running.app.reading.state.query) == "tag:fold"


async def test_click_on_an_item_tag_shows_only_its_items(tmp_path: Path) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await to_everything(running)
        annotations = running.app.reading.annotations.list
        row, before = 3, running.titles  # beneath the title and the facts
        assert annotations.render_line(row).text.strip() == "#paper #fold"
        column = annotations.render_line(row).text.index("#fold")
        for nowhere in ((column - 1, row), (column + len("#fold"), row), (column, row - 3)):
            await running.pilot.click(annotations, offset=(nowhere[0] + 1, nowhere[1] + 1))
            await running.settled()
            assert running.titles == before
        await running.pilot.click(annotations, offset=(column + 1, row + 1))
        await running.settled()
        assert (running.titles, str(running.app.reading.state.query)) == (["a fold"], "tag:fold")


async def test_tags_combine_as_all_any_and_none(tmp_path: Path) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await to_everything(running)
        await running.press("t")
        assert isinstance(running.app.screen, QueryPicker)
        assert [(each.label, each.items, each.unread) for each in running.app.screen.choices] == [
            ("#ink", 2, 2), ("#paper", 2, 2), ("#fold", 1, 1), ("untagged", 1, 1),
        ]  # fmt: skip
        await running.press("tab", "down", "tab", "enter")
        assert running.titles == ["c both"]

        await running.press("escape", "escape")
        await to_everything(running)
        await running.press("t", *"ink", "tab", "tab", "enter")
        assert str(running.app.reading.state.query) == "tag:ink", "one that may be any is the same as all"

        await running.press("escape", "t", *"ink", "tab", "tab", "tab", "enter")
        assert str(running.app.reading.state.query) == "-tag:ink"
        assert running.titles == ["a fold", "d none"]


async def test_current_filter_is_preselected_and_can_be_removed(tmp_path: Path) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await to_everything(running)
        await running.press("/", *"both tag:ink -tag:fold tag:nowhere", "enter")
        assert running.titles == []

        await running.press("t")
        assert isinstance(running.app.screen, QueryPicker)
        assert [choice.label for choice in running.app.screen.choices] == ["#ink", "#fold", "#nowhere"]
        await running.press(*"nowhere", "tab", "tab", "tab", "enter")
        assert str(running.app.reading.state.query) == "both tag:ink -tag:fold"
        assert running.titles == ["c both"]

        await running.press("t", *"paper", "enter")
        assert str(running.app.reading.state.query) == "both tag:ink tag:paper -tag:fold"


async def test_second_click_picks(tmp_path: Path) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await to_everything(running)
        await running.press("t")
        choices = running.app.screen.query_one(RowList)
        for _ in range(2):
            await running.pilot.click(choices, offset=(12, 1))
            await running.settled()
        await running.press("up", "enter")
        assert str(running.app.reading.state.query) == "tag:paper"


async def test_untagged_items_can_be_picked(tmp_path: Path) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await to_everything(running)
        await running.press("t", *"untag", "enter")
        assert running.titles == ["d none"]


async def test_escape_from_the_picker_changes_nothing(tmp_path: Path) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await to_everything(running)
        before = running.titles
        await running.press("t")
        assert isinstance(running.app.screen, QueryPicker)
        await running.press("tab", "escape")
        assert running.titles == before
        assert running.app.screen.id == "reading"


async def test_sharer_is_picked_and_followed_across_groups(tmp_path: Path) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await running.press("j", "j", "j", "j", "l")
        assert running.titles == ["a fold", "b ink", "c both"]
        await running.press("b", *"bob", "enter")
        assert running.titles == ["b ink"]
        await running.app.reading.action_command("more-from-sharer")
        await running.settled()
        assert running.titles == ["b ink", "d none"]


async def test_more_from_a_site_searches_all_groups(tmp_path: Path) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await running.press("j", "j", "j", "j", "j", "l")
        await running.app.reading.action_command("more-from-site")
        await running.settled()
        assert len(running.titles) == 4
        assert str(running.app.reading.state.query) == "site:example.org"


@pytest.mark.parametrize(
    ("typed", "order", "first"),
    [
        ("group", "by group", "a fold"),
        ("title", "by title", "a fold"),
        ("highlighted", "most highlighted first", "c both"),
        ("viewed", "most viewed first", "b ink"),
    ],
)
async def test_order_is_chosen_from_a_list_and_shown_beside_the_position(
    tmp_path: Path, typed: str, order: str, first: str
) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await to_everything(running)
        await running.press("S", *typed, "enter")
        assert running.titles[0] == first
        assert order in running.lines(running.screen.top)[0]
        await running.press("S")
        assert any(order.capitalize() in line and "now" in line for line in running.lines())
        await running.press(*"newest", "enter")
        assert running.titles == ["a fold", "b ink", "c both", "d none"]


async def test_overview_shows_where_an_empty_group_is_from(tmp_path: Path) -> None:
    library = Library(tmp_path, clock=lambda: NOW)
    with_sources(library, "Silent", Source(address="https://odette:secret@example.org/rss", error="It is down."))
    async with reading(library, size=(80, 24)) as running:
        await running.press("j", "j", "j", "j", "i")
        assert running.app.screen.name == "overview"
        drawn = "\n".join(running.lines())
        assert "It is down." in drawn
        assert "example.org/rss" in drawn
        assert "secret" not in drawn


async def test_overview_leads_into_the_list(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        await running.press("j", "j", "j", "j", "l", "i")
        assert running.app.screen.name == "overview"
        await running.press("enter")
        query = running.app.reading.state.query
        assert str(query).startswith("by:")
        assert 0 < len(running.titles) < 23


async def test_back_and_forward_go_through_visited_items(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        screen = running.app.reading
        await running.press("l", "j", "j")
        third = screen.state.current
        await running.press("h", "j", "j", "j", "j", "j", "l", "j")
        assert screen.state.current is not None
        assert third is not None
        elsewhere = screen.state.current.key
        while screen.state.current.key != third.key:
            await running.press("left_square_bracket")
        assert screen.state.place.kind.value == "unread"
        while screen.state.current.key != elsewhere:
            await running.press("right_square_bracket")
        await running.press("right_square_bracket")
        assert running.said[-1] == "This is the last item you visited."


async def test_part_of_the_list_is_marked_above_and_below(tmp_path: Path) -> None:
    async with reading(library_of_four(tmp_path)) as running:
        await to_everything(running)
        await running.press("j", "left_parenthesis")
        assert "1 of 1 item above the cursor marked read" in running.said[-1]
        await running.press("right_parenthesis")
        assert "2 of 2 items below the cursor marked read" in running.said[-1]
        assert [running.app.reading.state.state_of(row).is_read for row in running.app.reading.state.rows] == [
            True, False, True, True,
        ]  # fmt: skip
        await running.press("u", "u")
        assert running.app.reading.state.unread == 4


async def test_pane_can_have_the_whole_screen(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        screen = running.app.reading
        await running.press("l", "z")
        shown = [pane for pane in (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS) if screen.frame.lists[pane].display]
        assert shown == [Scope.ITEMS]
        await running.press("l")
        assert screen.annotations.list.display
        assert not screen.items.list.display
        await running.press("z")
        assert screen.groups.list.display


async def test_widths_are_changed_by_key_and_remembered(tmp_path: Path) -> None:
    library = sample_library(tmp_path)
    async with reading(library) as running:
        screen = running.app.reading
        before = screen.groups.list.outer_size.width
        await running.press("greater_than_sign", "greater_than_sign")
        assert screen.groups.list.outer_size.width == before + 8
        await running.press("less_than_sign", "q")
        session = running.outside.remembered[-1]
    assert session.widths[0] == before + 4
    async with reading(library, session=session) as running:
        assert running.app.reading.groups.list.outer_size.width == before + 4


async def test_density_changes_the_lines_per_item(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        screen = running.app.reading
        tall = screen.items.list.virtual_size.height
        await screen.action_command("density")
        await running.settled()
        assert screen.items.list.virtual_size.height == 2 * len(screen.state.rows) < tall


async def test_more_with_the_tags_of_an_item_searches_all_groups(tmp_path: Path) -> None:
    groups = {
        "Encre": [entry("a", day=3, tags=("papier", "encre")), entry("b", day=2, tags=("lecture",))],
        "Reliure": [entry("c", tags=("Papier",))],
    }
    async with reading(small_library(tmp_path, groups)) as running:
        await running.press("j", "j", "j", "j", "l", "T")
        assert isinstance(running.app.screen, QueryPicker)
        assert [(each.label.casefold(), each.items) for each in running.app.screen.choices] == [
            ("#papier", 2),
            ("#encre", 1),
        ]
        await running.press("enter")
        assert (running.place, running.titles) == ("Everything", ["a", "c"])
