"""Reading on with one key: next and previous unread, space, and just-read items."""

import re
from pathlib import Path

from florilege.marking import Mark
from florilege.model import Entry, Highlight
from florilege.store import Library
from support.reading import NOW, Open, entry, give, reading, sample_library, small_library


def pages(*titles: str) -> list[Entry]:
    return [
        entry(title, day=22 - place, highlights=(Highlight(id="h", quote="Une phrase."),))
        for place, title in enumerate(titles)
    ]


def three_groups(folder: Path) -> Library:
    return small_library(folder, {"Encre": pages("a", "b"), "Marges": pages("c"), "Reliures": pages("d", "e")})


async def into_items(running: Open) -> None:
    await running.press("j", "j", "j", "j", "l")


async def visited(running: Open, key: str, times: int) -> list[str | None]:
    titles = []
    for _ in range(times):
        await running.press(key)
        titles.append(running.title)
    return titles


async def test_n_goes_to_the_next_unread_item_in_any_group_and_reports_the_end(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as running:
        await into_items(running)
        assert await visited(running, "n", 4) == ["b", "c", "d", "e"]
        assert running.place == "Reliures"
        assert running.cursors["groups"] == running.screen.state.place.key
        await running.press("n")
        assert (running.title, running.said[-1]) == ("e", "Nothing else is unread.")
        assert running.screen.state.totals().unread == 0


async def test_n_wraps_around_once_and_says_so(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("h", "j", "j", "l", "j")
        assert running.title == "e"
        await running.press("n")
        assert (running.title, running.said[-1]) == ("a", "Encre: again from the beginning")
        assert await visited(running, "n", 3) == ["b", "c", "d"]
        await running.press("n")
        assert running.said[-1] == "Nothing else is unread."


async def test_p_goes_back_through_the_groups_and_marks_nothing(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("h", "j", "l")
        assert await visited(running, "p", 2) == ["b", "a"]
        await running.press("p")
        assert (running.title, running.said[-1]) == ("e", "Reliures: again from the beginning")
        assert running.screen.state.totals().unread == 5


async def test_n_stays_in_a_list_across_groups_as_long_as_possible(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as running:
        await running.press("l", "j", "j")
        first = running.titles
        start = running.title
        await running.press("n", "n")
        await running.press("n")
        assert (running.place, running.said[-1]) == ("Unread", "Again from the beginning of the list.")
        assert running.titles == first
        assert start not in running.unread


async def test_n_and_p_stay_within_a_filter(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": pages("pomme", "figue", "poire"), "Marges": pages("pomelo")})
    async with reading(library) as running:
        await into_items(running)
        await running.press("slash", *"po", "enter")
        assert running.titles == ["pomme", "poire"]
        assert await visited(running, "n", 1) == ["poire"]
        await running.press("n")
        assert (running.place, running.said[-1]) == ("Encre", "No other unread item matches.")


async def test_n_goes_from_the_groups_pane_to_the_items(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as running:
        await running.press("n")
        assert running.pane == "items"


async def test_space_pages_through_a_long_item_and_then_goes_on(tmp_path: Path) -> None:
    library = sample_library(tmp_path)
    async with reading(library) as running:
        await running.press("j", "j", "j", "slash", *"quarante-quatre", "enter")
        long = running.title
        assert len(running.screen.annotations.item.highlights) == 44  # type: ignore[union-attr]
        seen: set[str] = set()
        presses = 0
        while running.title == long:
            seen |= set(re.findall(r"(?m)^│.\s*(\d+) ┃", "\n".join(running.lines(running.screen.annotations.list))))
            await running.press("space")
            presses += 1
            if running.said and running.said[-1] == "No other unread item matches.":
                break
        assert presses > 3
        assert {str(number) for number in range(1, 45)} <= seen  # no highlight is skipped
        assert long not in running.unread


async def test_space_reads_everything_with_one_key_in_every_layout(tmp_path: Path) -> None:
    for width in (120, 80, 60):
        library = three_groups(tmp_path / str(width))
        async with reading(library, size=(width, 20)) as running:
            await into_items(running)
            for _ in range(12):
                await running.press("space")
            assert running.screen.state.totals().unread == 0
            assert running.said[-1] == "Nothing else is unread."


async def test_space_opens_the_annotations_first_in_the_one_pane_layout(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path), size=(60, 20)) as running:
        await into_items(running)
        await running.press("space")
        assert (running.pane, running.title, running.unread) == ("annotations", "a", ["a", "b"])
        await running.press("space")
        assert (running.pane, running.title, running.unread) == ("annotations", "b", ["b"])


async def test_just_read_item_stays_until_the_list_is_left(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as running:
        await running.press("l")
        first = running.titles
        await running.press("m", "j", "m")
        assert (running.titles, len(running.unread)) == (first, 3)
        await running.press("slash", *"is:unread", "enter")
        assert len(running.titles) == 3
        await running.press("escape")
        assert running.titles == first
        await running.press("h", "j", "k")
        assert len(running.titles) == 3


async def test_just_read_item_stays_when_others_arrive(tmp_path: Path) -> None:
    library = three_groups(tmp_path)
    group = library.groups()[0]
    async with reading(library) as running:
        await running.press("l", "j", "m")
        title, first = running.title, running.titles
        give(library, group.id, [entry("tout neuf", day=23)])
        await running.screen.fetching.apply_changes([group.id])
        assert (running.title, running.titles) == (title, ["tout neuf", *first])
        assert title not in running.unread


async def test_breadcrumb_and_position_are_shown(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as running:
        await into_items(running)
        await running.press("j")
        top = running.lines(running.screen.top)[0]
        assert "Home › Encre" in top
        assert "2 unread · 2 of 2" in top
        await running.press("slash", *"phrase not b", "enter")
        top = running.lines(running.screen.top)[0]
        assert "Home › Encre › phrase › -b" in top
        assert "1 unread · 1 of 1" in top


async def test_empty_lists_say_what_to_do_next(tmp_path: Path) -> None:
    async with reading(Library(tmp_path / "none", clock=lambda: NOW)) as running:
        shown = " ".join(" ".join(running.lines(running.screen.items.list)).split())
        assert "Your library is empty." in shown
        assert "a adds a feed or a file" in shown
        await running.press("n", "space", "m", "j", "l", "c", "r", "R")
        assert running.said[-1] == "There is no group with an address or a file to refresh from."

    library = small_library(tmp_path / "read", {"Encre": pages("a")})
    group = library.groups()[0]
    items = {item.id: item.revision for item in library.items(group.id)}
    library.mark(Mark.READ, {group.id: items}, now=NOW)
    async with reading(library) as running:
        for expected in ("Everything is read.", "No new highlights.", "Nothing is starred."):
            assert expected in " ".join(running.lines(running.screen.items.list))
            await running.press("j")


async def test_highlight_shows_its_own_tags_and_location(tmp_path: Path) -> None:
    mark = Highlight(id="h", quote="Ink dries from the edges.", tags=("chemistry",), location="p. 7")
    drying = entry("Drying", tags=("chemistry", "paper"), highlights=(mark,))
    library = small_library(tmp_path, {"Ink": [drying]})
    async with reading(library) as running:
        await running.press("l")
        shown = "\n".join(running.lines(running.screen.annotations.list))
        quote = shown[shown.index("Ink dries") :]
        assert "p. 7" in quote
        assert "#chemistry" in quote
        assert "#paper" not in quote
