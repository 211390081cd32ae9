"""What marks an item as read, and how every mark is undone."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from florilege.model import Entry, Highlight
from florilege.settings import Config, Reading, Refresh
from florilege.store import Library
from support.reading import BY_HAND, NOW, Open, entry, give, reading, small_library

AT_ONCE = Config(reading=Reading(mark_after=0.01), refresh=Refresh(on_start=False))


def pages(*titles: str, quotes: Sequence[str] = ("Un.",)) -> list[Entry]:
    highlights = tuple(Highlight(id=quote, quote=quote) for quote in quotes)
    return [entry(title, day=28 - place, highlights=highlights) for place, title in enumerate(titles)]


def two_groups(folder: Path) -> Library:
    return small_library(folder, {"Encre": pages("a", "b", "c"), "Marges": pages("d", "e")})


async def into_items(running: Open) -> None:
    """Go into the items of the first group."""
    await running.press("j", "j", "j", "j", "l")


def read_in(library: Library) -> list[str]:
    """The titles another library on the same folder finds read."""
    with Library(library.folder, clock=lambda: NOW) as other:
        return sorted(
            item.title
            for group in other.groups()
            for item in other.items(group.id)
            if (state := other.states(group.id).get(item.id)) is not None and state.is_read
        )


# Resting


async def test_resting_on_an_item_marks_it_read(tmp_path: Path) -> None:
    library = two_groups(tmp_path)
    async with reading(library, config=AT_ONCE) as running:
        await into_items(running)
        await running.until(lambda: running.unread == ["b", "c"])
        await running.press("j")
        await running.until(lambda: running.unread == ["c"])
        assert running.said == []
    assert read_in(library) == ["a", "b"]


async def test_nothing_is_marked_while_the_groups_have_the_focus(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path), config=AT_ONCE) as running:
        await running.press("j", "j", "j", "j")
        assert running.screen.marker._rest is None
        await running.press("l", "h")  # gone before the rest is over
        assert running.screen.marker._rest is None


async def test_skimming_marks_nothing(tmp_path: Path) -> None:
    config = replace(AT_ONCE, reading=Reading(mark_after=60))
    async with reading(two_groups(tmp_path), config=config) as running:
        await into_items(running)
        first = running.screen.marker._rest
        await running.press("j", "j", "k")
        # Each step restarts the wait, so only the item rested on is ever marked.
        assert first is not None
        assert running.screen.marker._rest is not first
        assert running.unread == ["a", "b", "c"]


async def test_mark_after_false_turns_resting_off(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("l")
        assert running.screen.marker._rest is None


async def test_list_alone_marks_nothing_in_the_one_pane_layout(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path), size=(60, 20), config=AT_ONCE) as running:
        await into_items(running)
        await running.press("j", "n")
        assert running.screen.marker._rest is None
        assert running.unread == ["a", "b", "c"]
        await running.press("l")
        await running.until(lambda: running.unread == ["a", "b"])


async def test_item_beneath_the_help_or_a_line_is_not_rested_on(tmp_path: Path) -> None:
    config = replace(AT_ONCE, reading=Reading(mark_after=0.05))
    async with reading(two_groups(tmp_path), config=config) as running:
        await running.press("j", "j", "j", "j", "slash")
        assert running.screen.marker._rest is None
        await running.press("escape", "question_mark", "l", "question_mark")
        assert running.unread == ["a", "b", "c"]
        await running.press("l")
        await running.until(lambda: running.unread == ["b", "c"])


async def test_resting_marks_new_highlights_of_a_read_item_as_seen(tmp_path: Path) -> None:
    library = two_groups(tmp_path)
    (group, _) = library.groups()
    async with reading(library) as running:
        await into_items(running)
        await running.press("m", "q")
    give(library, group.id, pages("a", quotes=("Un.", "Une toute nouvelle phrase.")))

    async with reading(library, config=AT_ONCE) as running:
        assert running.screen.state.totals().new_highlights == 1
        await running.press("j")
        assert running.titles == ["a"]
        await running.press("l")
        await running.until(lambda: running.screen.state.totals().new_highlights == 0)
        assert running.titles == ["a"]
        assert any("new" in line for line in running.lines(running.screen.annotations.list))


# Actions that mark


@pytest.mark.parametrize("key", ["o", "y", "Y", "c", "C", "n"])
async def test_opening_copying_and_going_on_mark_an_item_read(tmp_path: Path, key: str) -> None:
    library = two_groups(tmp_path)
    async with reading(library) as running:
        await into_items(running)
        await running.press(key)
        assert running.unread == ["b", "c"]
    assert read_in(library) == ["a"]


async def test_marking_by_opening_and_copying_can_be_turned_off(tmp_path: Path) -> None:
    config = replace(BY_HAND, reading=Reading(mark_after=None, mark_on_open=False, mark_on_copy=False))
    async with reading(two_groups(tmp_path), config=config) as running:
        await into_items(running)
        await running.press("o", "y", "c")
        assert running.unread == ["a", "b", "c"]


async def test_item_marked_unread_stays_unread_when_moving_on(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("m", "M", "n")
        assert (running.unread, running.title) == (["a", "b", "c"], "b")
        await running.press("p")
        assert running.title == "a"
        await running.press("n")
        assert running.unread == ["b", "c"]


async def test_marking_is_idempotent(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("m", "m")
        said = "It is read already: M marks it unread, n goes to the next unread one."
        assert (running.unread, running.said[-1]) == (["b", "c"], said)
        await running.press("M", "M")
        assert (running.unread, running.said[-1]) == (["a", "b", "c"], "It is unread already: m marks it read.")


async def test_marking_a_fully_read_group_says_so(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await running.press("j", "j", "j", "j", "m", "m")
        assert running.said[-1] == f"Nothing is unread in {running.place}."


async def test_star_toggles_however_fast_the_key_is_pressed(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("s")
        assert running.said[-1] == "Starred: a"
        assert any("★" in line for line in running.lines(running.screen.items.list))
        assert running.screen.state.totals().starred == 1
        running.screen.marker.action_star()
        running.screen.marker.action_star()
        running.screen.marker.action_star()
        await running.settled()
        assert running.said[-3:] == ["No longer starred: a", "Starred: a", "No longer starred: a"]
        assert running.screen.state.totals().starred == 0


# Lists and groups


async def test_marking_the_list_reports_scope_count_and_undo(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("A")
        assert running.unread == []
        assert running.said[-1] == "3 of 3 items in this list marked read. u takes it back."
        await running.press("A")
        assert running.said[-1] == "Nothing is unread in this list."


async def test_only_shown_items_are_marked_under_a_filter(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages("pomme", "poire", "figue")})
    async with reading(library) as running:
        await into_items(running)
        await running.press("slash", *"po", "enter", "A", "escape")
        assert running.unread == ["figue"]
        assert "2 of 2 items among those that match marked read." in running.said[-1]


async def test_whole_group_is_marked_in_the_groups_pane(tmp_path: Path) -> None:
    library = two_groups(tmp_path)
    async with reading(library) as running:
        await running.press("m")
        assert "spans several groups" in running.said[-1]
        await running.press("j", "j", "j", "j", "m")
        assert (running.unread, running.said[-1]) == ([], "3 of 3 items in Encre marked read. u takes it back.")
        await running.press("M")
        assert running.unread == ["a", "b", "c"]
        await running.press("u", "u")
        assert running.unread == ["a", "b", "c"]
    assert read_in(library) == []


async def test_group_with_braces_in_its_title_is_marked_like_any_other(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"{0} {x!r} {": pages("{a}")})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "m")
        assert running.said[-1] == "1 of 1 item in {0} {x!r} { marked read. u takes it back."
        await running.press("l", "s")
        assert running.said[-1] == "Starred: {a}"


# Undo


async def test_automatic_marks_are_undone_one_by_one(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("n", "n", "y")
        assert running.unread == []
        for unread in (["c"], ["b", "c"], ["a", "b", "c"]):
            await running.press("u")
            assert (running.unread, running.said[-1]) == (unread, f"Unread again: {unread[0]}")
            assert running.title == unread[0]
        await running.press("u")
        assert running.said[-1] == "Nothing to undo."


async def test_marking_the_list_is_never_buried_under_automatic_marks(tmp_path: Path) -> None:
    library = two_groups(tmp_path)
    async with reading(library) as running:
        await into_items(running)
        await running.press("A", "n")
        assert (running.place, running.title) == ("Marges", "d")
        await running.press("y", "u")
        assert running.said[-1] == "3 items in Encre unread again"
    assert read_in(library) == ["d"]


async def test_several_steps_are_undone_one_by_one(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("m", "j", "s", "M", "A")
        said = []
        for _ in range(4):
            await running.press("u")
            said.append(running.said[-1])
        assert said == [
            "2 items in Encre unread again",
            "No longer starred: b",
            "Unread again: a",
            "Nothing to undo.",
        ]
        assert running.unread == ["a", "b", "c"]


async def test_undo_takes_back_keys_before_resting_and_goes_to_the_item(tmp_path: Path) -> None:
    library = two_groups(tmp_path)
    async with reading(library, config=AT_ONCE) as running:
        await into_items(running)
        await running.press("s")
        await running.until(lambda: running.unread == ["b", "c"])
        await running.press("j")
        await running.until(lambda: running.unread == ["c"])
        await running.press("u")
        assert (running.said[-1], running.title) == ("No longer starred: a", "a")
        assert running.unread == ["c"]


async def test_undo_finds_the_item_in_another_group(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("m", "h", "j", "u")
        assert (running.place, running.title, running.said[-1]) == ("Encre", "a", "Unread again: a")


async def test_item_made_unread_by_undo_is_not_marked_by_moving_on(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("m", "u", "n")
        assert running.unread == ["a", "b", "c"]


# Durability


async def test_marks_are_visible_to_others_as_soon_as_they_are_shown(tmp_path: Path) -> None:
    library = two_groups(tmp_path)
    async with reading(library) as running:
        await into_items(running)
        await running.press("m")
        assert running.unread == ["b", "c"]
        assert read_in(library) == ["a"]


# The reader's own notes


async def test_own_note_is_shown_changed_found_and_undone(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path), config=BY_HAND) as running:
        await into_items(running)
        await running.press("N", *"mine", "enter")
        assert running.said[-1] == "Noted on: a"
        assert "Mine: mine" in "\n".join(running.lines())

        await running.press("N", "space", *"too", "enter")
        assert "Mine: mine too" in "\n".join(running.lines())
        await running.press("u")
        assert running.said[-1] == "With your note as it was: a"
        assert "Mine: mine" in "\n".join(running.lines())
        assert "too" not in "\n".join(running.lines())

        await running.press("N", "escape")
        await running.press("slash", *"mine:mine", "enter")
        assert running.titles == ["a"]


async def test_note_on_a_highlight_is_shown_beneath_it_found_and_undone(tmp_path: Path) -> None:
    quotes = (Highlight(id="h1", quote="La première."), Highlight(id="h2", quote="La seconde."))
    async with reading(small_library(tmp_path, {"Encre": [entry("a", highlights=quotes), entry("b")]})) as running:
        await running.press("j", "j", "j", "j", "l")
        while running.title != "a":
            await running.press("j")
        await running.press("l", "j", "N")
        assert "Your note on this highlight" in running.lines()[-2]
        await running.press(*"mine #todo", "enter")
        assert running.said[-1] == "Noted on: a highlight of a"
        shown = [line.strip() for line in running.lines(running.screen.annotations.list)]
        place = next(at for at, line in enumerate(shown) if "La seconde." in line)
        assert "┃ ✎ Mine: mine #todo" in shown[place + 1]
        await running.press("N")
        assert running.screen.prompt.value == "mine #todo"
        await running.press("escape", "slash", *"todo", "enter")
        assert running.titles == ["a"]
        await running.press("escape", "u")
        assert not any("Mine" in line for line in running.lines(running.screen.annotations.list))


async def test_item_beneath_a_dialogue_is_not_rested_on(tmp_path: Path) -> None:
    config = replace(AT_ONCE, reading=Reading(mark_after=30))
    async with reading(two_groups(tmp_path), config=config) as running:
        await into_items(running)
        await running.press("question_mark")
        running.screen.marker._rested()
        await running.press("escape")
        assert running.unread == ["a", "b", "c"]
        running.screen.marker._rested()
        await running.settled()
        assert running.unread == ["b", "c"]
