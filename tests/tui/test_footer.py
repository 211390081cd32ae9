"""The footer shows exactly the keys that do something here."""

from pathlib import Path

from rich.cells import cell_len
from textual.widget import Widget

from florilege.model import Sharer
from florilege.store import Library
from support.library import rename
from support.reading import NOW, Open, entry, reading, resize, small_library


def words(running: Open) -> list[str]:
    """The words beside the keys in the footer."""
    return [word for _, word in running.screen.bottom.keys]


async def test_empty_library_offers_only_add_and_help(tmp_path: Path) -> None:
    async with reading(Library(tmp_path, clock=lambda: NOW)) as running:
        assert words(running) == ["add", "help"]
        await running.press("tab")
        assert words(running) == ["add", "help"]


async def test_group_commands_are_offered_on_groups(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("a", tags=("b",))]})) as running:
        assert not {"tags", "refresh"} & set(words(running))
        await running.press("j", "j", "j", "j")
        assert {"tags", "refresh"} <= set(words(running))


async def test_empty_list_offers_no_item_commands(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("a")]})) as running:
        await running.press("j", "j", "l")
        assert (running.place, words(running)) == ("Starred", ["next unread", "help"])
        await running.press("l")
        assert (running.pane, running.said[-1]) == ("items", "There is no item here to go into.")
        await running.press("h", "j", "l")
        assert {"open", "copy link", "copy quote"} <= set(words(running))


async def test_one_pane_layout_shows_the_way_out(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("a")]})
    async with reading(library, size=(60, 20)) as running:
        assert "out" not in words(running)
        await running.press("j", "j", "j", "l")
        assert words(running)[:2] == ["in", "out"]
        await running.press("h", "k")
        assert (running.place, words(running)[0]) == ("Starred", "in"), "there it says that nothing is starred"
        await resize(running.pilot, 120, 36)
        assert not {"in", "out"} & set(words(running))


async def test_zoomed_pane_shows_how_to_restore_the_others(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("a")]})) as running:
        await running.press("z")
        assert words(running)[0] == "all panes"
        await running.press("z")
        assert "all panes" not in words(running)


async def test_group_without_tags_has_no_fold_sign(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Bare": [entry("a")], "Tagged": [entry("b", tags=("c",))]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "j")
        drawn = running.lines(running.screen.groups.list)
        assert ["▸" in line for line in drawn if "Bare" in line or "Tagged" in line] == [False, True]
        assert "tags" in words(running)
        await running.press("k", "x")
        assert running.said[-1] == "Bare has no tags."
        assert "tags" not in words(running)


async def test_duplicates_of_a_page_follow_changes_by_another_process(tmp_path: Path) -> None:
    groups = {"Encre": [entry("a", url="https://example.org/a")], "Papier": [entry("b", url="https://example.org/a")]}
    library = small_library(tmp_path, groups)
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "l")
        assert any("also in Papier" in line for line in running.lines())
        other = Library(tmp_path, clock=lambda: NOW)
        papier = next(group.id for group in other.groups() if group.title == "Papier")
        rename(other, papier, "Reliure")
        running.screen.fetching.check_library()
        await running.settled()
        assert any("also in Reliure" in line for line in running.lines())
        other.trash.remove_group(papier)
        running.screen.fetching.check_library()
        await running.settled()
        assert not any("also in" in line for line in running.lines())


async def test_key_in_the_footer_can_be_clicked(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("a"), entry("b", day=2)]})) as running:
        await running.press("j", "j", "j", "j", "l")
        words = running.lines(running.screen.bottom)[0]
        await running.pilot.click(running.screen.bottom, offset=(words.index("m read") + 2, 0))
        await running.settled()
        assert running.said[-1] == "Marked read: b"
        await running.pilot.click(running.screen.bottom, offset=(3, 0))
        await running.settled()
        assert "m read" in running.lines(running.screen.bottom)[0], "a click takes a message away"
        await running.pilot.click(running.screen.bottom, offset=(running.screen.bottom.size.width - 1, 0))
        await running.settled()
        assert running.app.screen is running.screen


async def test_fold_sign_of_a_group_can_be_clicked(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("a", tags=("papier",))]})) as running:
        groups = running.screen.groups.list
        line = next(at for at, text in enumerate(running.lines(groups)) if "▸ Encre" in text)
        column = running.lines(groups)[line].index("▸")
        for shown in (True, False):
            await running.pilot.click(groups, offset=(column, line))
            await running.settled()
            assert any("#papier" in text for text in running.lines(groups)) is shown
            assert (running.place, running.pane) == ("Unread", "groups")


def on(running: Open, widget: Widget, text: str) -> tuple[int, int]:
    """Where a text is drawn in a widget."""
    lines = running.lines(widget)
    line = next(at for at, drawn in enumerate(lines) if text in drawn)
    return cell_len(lines[line][: lines[line].index(text)]) + 1, line


async def test_clicked_crumb_leads_back_to_it(tmp_path: Path) -> None:
    items = [entry("both", tags=("encre", "papier")), entry("one", tags=("encre",)), entry("none")]
    async with reading(small_library(tmp_path, {"Carnet": items})) as running:
        await running.press("j", "j", "j", "j", "x", "j", "l", "/", *"is:unread tag:papier both", "enter")
        top = running.screen.top
        for crumb, place, query in (
            ("both", "#encre in Carnet", "is:unread tag:papier both"),
            ("tag:papier", "#encre in Carnet", "is:unread tag:papier"),
            ("#encre", "#encre in Carnet", ""),
            ("Carnet", "Carnet", ""),
        ):
            await running.pilot.click(top, offset=on(running, top, crumb))
            await running.settled()
            assert (running.place, str(running.screen.state.query)) == (place, query)
        await running.pilot.click(top, offset=on(running, top, "Home"))
        await running.settled()
        assert (running.pane, running.place) == ("groups", "Carnet")


async def test_site_and_sharer_of_an_item_can_be_clicked(tmp_path: Path) -> None:
    items = [
        entry("a", sharer=Sharer("Odette")),
        entry("b", sharer=Sharer("Basil")),
        entry("c", url="https://x.example"),
    ]
    async with reading(small_library(tmp_path, {"Carnet": items})) as running:
        await running.press("j", "j", "j", "j", "l")
        annotations = running.screen.annotations.list
        while running.title != "a":
            await running.press("j")
        await running.pilot.click(annotations, offset=on(running, annotations, "Odette"))
        await running.settled()
        assert (running.place, running.titles) == ("Everything", ["a"])
        await running.pilot.click(annotations, offset=on(running, annotations, "example.org"))
        await running.settled()
        assert sorted(running.titles) == ["a", "b"]
        await running.pilot.click(annotations, offset=on(running, annotations, "November 2026"))
        await running.settled()
        assert sorted(running.titles) == ["a", "b"]


async def test_words_of_a_title_are_no_clickable_sharer(tmp_path: Path) -> None:
    items = [entry("Odette reads", sharer=Sharer("Odette")), entry("b")]
    async with reading(small_library(tmp_path, {"Carnet": items})) as running:
        await running.press("l")
        annotations = running.screen.annotations.list
        while running.title != "Odette reads":
            await running.press("j")
        await running.pilot.click(annotations, offset=on(running, annotations, "Odette reads"))
        await running.settled()
        assert running.screen.state.query.is_blank
