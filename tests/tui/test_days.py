"""Items grouped by day, and the groups pane as the reader wants it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from florilege.lists.orders import Order
from florilege.model import Entry
from florilege.settings import Session
from florilege.store import Library
from florilege.tui.panes.days import DayRows
from florilege.words import day_in_words
from support.reading import NOW, Open, entry, reading, small_library

HOSTILE = "[/] [b]\x1b[31m tag"


def sample(folder: Path) -> Library:
    return small_library(
        folder,
        {
            "Encre": [
                entry("today", day=23, tags=("b", "a")),
                entry("yesterday", day=22, tags=("b",)),
                entry("long ago", day=3, tags=("b", HOSTILE)),
                entry("same day", day=3, tags=("c", "c2")),
                Entry(title="undated", native_id="u"),
            ],
            "Papier": [entry("[/] other", day=1)],
            "Élan": [entry("third", day=1)],
        },
    )


async def by_day(running: Open) -> None:
    await running.press("j", "j", "j", "j", "l")
    while running.screen.desk.order is not Order.DAY:
        await running.press("S")


def text(running: Open) -> str:
    return "\n".join(running.lines(running.screen.items_list))


async def test_items_stand_under_their_days(tmp_path: Path) -> None:
    async with reading(sample(tmp_path), size=(120, 40)) as running:
        await by_day(running)
        shown = text(running)
        places = [
            shown.index(words)
            for words in ("Today ─", "today", "Yesterday ─", "yesterday", "Tuesday 3 November 2026 ─", "long ago",
                          "same day", "Date unknown ─", "undated")
        ]  # fmt: skip
        assert places == sorted(places)
        assert shown.count("Tuesday 3 November 2026") == 1


async def test_the_cursor_rests_on_items_only(tmp_path: Path) -> None:
    async with reading(sample(tmp_path)) as running:
        await by_day(running)
        await running.press("g")
        seen = [running.title]
        for _ in range(4):
            await running.press("j")
            seen.append(running.title)
        assert seen == ["today", "yesterday", "long ago", "same day", "undated"]
        assert "5 of 5" in running.lines()[0]
        await running.press("m", "v", "k", "V")
        assert [running.screen.selected[key].head.title for key in running.screen.selected] == ["undated", "same day"]


async def test_days_survive_density_and_a_narrow_screen(tmp_path: Path) -> None:
    async with reading(sample(tmp_path), size=(40, 10)) as running:
        await by_day(running)
        await running.screen.run_action("density")
        await running.settled()
        assert isinstance(running.screen.items_list.rows, DayRows)
        await running.press("G", "g")
        assert "Today" in text(running)


def test_a_day_in_words() -> None:
    assert day_in_words(NOW, NOW) == "Today"
    assert day_in_words(NOW - timedelta(days=1), NOW) == "Yesterday"
    assert day_in_words(NOW + timedelta(days=1), NOW) == "Tuesday 24 November 2026"
    assert day_in_words(datetime(2019, 4, 12, tzinfo=UTC), NOW) == "Friday 12 April 2019"
    assert day_in_words(None, NOW) == "Date unknown"


# The groups pane


def groups(running: Open) -> list[str]:
    return [group.title for group in running.screen.desk.catalogue.groups()]


async def test_groups_are_moved_by_key_and_the_order_is_remembered(tmp_path: Path) -> None:
    library = sample(tmp_path)
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "shift+up")
        assert running.said[-1] == "This is the first group."
        await running.press("shift+down", "shift+down")
        assert groups(running) == ["Papier", "Élan", "Encre"]
        assert running.screen.place_under_cursor is not None
        assert running.screen.desk.where(running.screen.place_under_cursor) == "Encre"
        await running.press("shift+down")
        assert running.said[-1] == "This is the last group."
        await running.press("q")
        session = running.outside.remembered[-1]
    async with reading(library, session=session) as running:
        assert groups(running) == ["Papier", "Élan", "Encre"]
        library.add_group("New")
        running.screen.desk.catalogue.forget()
        assert groups(running)[-1] == "New"


async def test_a_list_across_groups_is_not_moved(tmp_path: Path) -> None:
    async with reading(sample(tmp_path)) as running:
        await running.press("shift+down")
        assert running.said[-1] == "Put the cursor on a group to move it."


async def test_tags_are_sorted_by_number_or_name_and_that_is_remembered(tmp_path: Path) -> None:
    async with reading(sample(tmp_path)) as running:
        group = running.screen.desk.catalogue.groups()[0].id
        assert next(each.label for each in running.screen.tags_of(group)) == "b"
        await running.press("j", "j", "j", "j", "x")
        await running.screen.run_action("sort_tags")
        assert [each.label for each in running.screen.tags_of(group)][1:] == ["a", "b", "c", "c2"]
        await running.press("q")
        assert running.outside.remembered[-1].tags_by_name
    async with reading(Library(tmp_path, clock=lambda: NOW), session=Session(tags_by_name=True)) as running:
        assert running.screen.tags_by_name


async def test_one_goes_to_a_group_by_typing_some_of_its_name(tmp_path: Path) -> None:
    async with reading(sample(tmp_path)) as running:
        await running.press("apostrophe", *"elan", "enter")
        assert running.place == "Élan"
        assert running.cursors["groups"] == running.screen.desk.place.key


async def test_what_is_called_so_comes_before_what_is_only_said_to_be_so(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Group A": [entry("a")]})) as running:
        await running.press("apostrophe", *"group a", "enter")
        assert running.place == "Group A"


async def test_one_goes_to_a_tag_or_a_list_across_groups_the_same_way(tmp_path: Path) -> None:
    async with reading(sample(tmp_path)) as running:
        await running.press("apostrophe", *"#c encre", "down", "enter")
        assert running.place == "#c2 in Encre"
        assert running.cursors["groups"] == running.screen.desk.place.key
        await running.press("apostrophe", *"starr", "enter")
        assert running.place == "Starred"
        await running.press("apostrophe", *"nowhere at all", "enter", "escape")
        assert running.place == "Starred"
