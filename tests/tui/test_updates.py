"""Finding, adding and refreshing in the app: what arrives, what keeps its place, and what is reported."""

from datetime import timedelta
from pathlib import Path

import pytest

from florilege.commands import COMMANDS, Scope
from florilege.formats import Snapshot
from florilege.marking import Mark
from florilege.merge import decide
from florilege.model import Highlight, Sharer, Source
from florilege.store import Library
from support.library import rename, with_sources
from support.loopback import Loopback, after, reply
from support.papers import paper
from support.reading import NOW, Open, entry, give, network, reading, small_library

MANY = [f"page-{number}" for number in range(30)]


def library_of(folder: Path, *addresses: str) -> Library:
    """A library with a group of three items for each address, named by its path."""
    library = Library(folder, clock=lambda: NOW)
    for address in addresses:
        group = with_sources(library, address.rpartition("/")[2], Source(address=address))
        give(library, group.id, [entry(f"{group.title} {number}", day=number) for number in (1, 2, 3)])
    return library


async def find(running: Open, text: str) -> None:
    """Type into the find line, without enter."""
    await running.press("slash", *("space" if letter == " " else letter for letter in text))


# Finding


async def test_list_narrows_while_typing_ignoring_accents_case_and_spaces(tmp_path: Path) -> None:
    entries = [
        entry("Élan d'automne", day=5),
        entry("Autre", day=4, tags=("élan",)),
        entry("Troisième", day=3, sharer=Sharer(name="ÉLAN Dupré")),
        entry("Quatrième", day=2, highlights=(Highlight(id="h", quote="Pourquoi\u00a0? L’élan."),)),
        entry("Sans", day=1),
    ]
    async with reading(small_library(tmp_path, {"Encre": entries})) as running:
        await running.press("j", "j", "j", "j")
        await find(running, "elan")
        assert running.titles == ["Élan d'automne", "Autre", "Troisième", "Quatrième"]
        for _ in "elan":
            await running.press("backspace")
        assert len(running.titles) == 5
        for letter in '"pourquoi ?"':
            await running.press({" ": "space"}.get(letter, letter))
        assert running.titles == ["Quatrième"]
        await running.press("enter")
        assert running.pane == "items"


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("is:unread", ["b", "c"]),
        ("is:read", ["a"]),
        ("has:quote", ["a"]),
        ("not has:quote", ["b", "c"]),
        ("not b", ["a", "c"]),
        ("is:unread not c", ["b"]),
    ],
)
async def test_words_states_and_exclusions_are_understood(tmp_path: Path, text: str, titles: list[str]) -> None:
    highlights = (Highlight(id="h", quote="Quote"),)
    entries = [entry("a", day=3, url=None, highlights=highlights), entry("b", day=2, url=None), entry("c", url=None)]
    library = small_library(tmp_path, {"Sort": entries})
    group = library.groups()[0]
    first = next(item for item in library.items(group.id) if item.title == "a")
    library.mark(Mark.READ, {group.id: {first.id: 0}}, now=NOW)
    async with reading(library) as running:
        await running.press("j", "j", "j", "j")
        await find(running, text)
        await running.press("enter")
        assert running.titles == titles


async def test_query_error_shows_its_position_and_keeps_the_last_good_result(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("pomme"), entry("poire", day=2)]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j")
        await find(running, "pomme")
        running.screen.prompt.query_one("#prompt-input").value = "pomme is:blue"  # type: ignore[attr-defined]
        await running.settled()
        assert running.titles == ["pomme"]
        assert "blue" in running.said[-1]
        for _ in " is:blue":
            await running.press("backspace")
        assert "blue" not in " ".join(running.lines(running.screen.bottom))


async def test_escape_restores_the_list_the_cursor_and_the_focus(tmp_path: Path) -> None:
    entries = [entry(f"page {number}", day=number) for number in range(1, 10)]
    async with reading(small_library(tmp_path, {"Encre": entries})) as running:
        await running.press("j", "j", "j", "j", "l", "j", "j", "j", "l")
        before = (running.titles, running.title, running.pane, running.cursors)
        await find(running, "page 2")
        assert running.title == "page 2"
        await running.press("escape")
        assert (running.titles, running.title, running.pane, running.cursors) == before


async def test_escape_restores_the_previous_filter(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("pomme"), entry("poire", day=2), entry("figue", day=3)]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j")
        await find(running, "po")
        await running.press("enter", "j")
        await find(running, "mme")
        assert running.titles == ["pomme"]
        await running.press("escape")
        assert (running.titles, running.title) == (["poire", "pomme"], "pomme")


async def test_cursor_stays_on_its_item_when_the_filter_changes(tmp_path: Path) -> None:
    entries = [entry(title, day=day) for title, day in (("figue", 4), ("poire", 3), ("noix", 2), ("pomme", 1))]
    async with reading(small_library(tmp_path, {"Encre": entries})) as running:
        await running.press("j", "j", "j", "j", "G")
        await running.press("l", "G")
        assert running.title == "pomme"
        await find(running, "po")
        assert running.title == "pomme"
        await running.press("enter", "k", "escape")
        assert (len(running.titles), running.title) == (4, "poire")


async def test_leaving_the_find_line_keeps_the_results(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("pomme"), entry("figue", day=3)]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j")
        await find(running, "pomme")
        await running.pilot.click("#annotations")
        await running.settled()
        assert (running.screen.prompt.is_open, running.pane, running.titles) == (False, "annotations", ["pomme"])


# Adding


async def test_address_is_added_and_shown(tmp_path: Path, server: Loopback) -> None:
    address = server.at("/rss", reply(paper("un", "deux", quotes=["Une phrase."])))
    library = Library(tmp_path, clock=lambda: NOW)
    async with reading(library, refreshing=network(library)) as running:
        await running.press("a")
        running.screen.prompt.query_one("#prompt-input").value = address  # type: ignore[attr-defined]
        await running.press("enter")
        assert (running.place, set(running.titles)) == ("Encre & Papier", {"un", "deux"})
        assert running.cursors["groups"] == running.screen.state.place.key
        assert running.said[-1] == "Encre & Papier: 2 items"


async def test_file_is_added_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "group.rss").write_bytes(paper("un"))
    monkeypatch.setenv("HOME", str(tmp_path))
    library = Library(tmp_path / "library", clock=lambda: NOW)
    async with reading(library, refreshing=network(library)) as running:
        await running.press("a", *"~", "slash", *"group.rss", "enter")
        assert (running.place, running.titles) == ("Encre & Papier", ["un"])


@pytest.mark.parametrize("source", ["/no/such/file", "ftp://example.org/rss", "login"])
async def test_failed_add_is_reported_and_keeps_nothing(tmp_path: Path, server: Loopback, source: str) -> None:
    if source == "login":
        source = server.at("/login", reply(b"<!doctype html><title>Log in</title>"))
    library = small_library(tmp_path, {"Encre": [entry("a")]})
    async with reading(library, refreshing=network(library)) as running:
        await running.press("j", "j", "j", "j", "a")
        running.screen.prompt.query_one("#prompt-input").value = source  # type: ignore[attr-defined]
        await running.press("enter")
        assert running.said[-1].endswith(".")
        assert (running.place, len(library.groups())) == ("Encre", 1)


async def test_empty_line_adds_nothing(tmp_path: Path) -> None:
    async with reading(Library(tmp_path, clock=lambda: NOW)) as running:
        await running.press("a", "enter", "a", "escape")
        assert (running.said, running.pane) == ([], "items")


async def test_added_group_does_not_move_the_reader(tmp_path: Path, server: Loopback) -> None:
    address = server.at("/rss", reply(paper("un")))
    library = small_library(tmp_path, {"Alpha": [entry("two", day=2), entry("one")]})
    async with reading(library, refreshing=network(library)) as running:
        await running.press("j", "j", "j", "j", "l", "a")
        running.screen.prompt.query_one("#prompt-input").value = address  # type: ignore[attr-defined]
        await running.press("enter", "slash", *"two")
        assert (running.place, running.titles) == ("Alpha", ["two"])
        assert running.screen.prompt.is_open
        assert running.said[-1] == "Encre & Papier: 1 item (' goes there)"


# Refreshing


async def test_new_items_arrive_without_moving_anything_under_the_reader(tmp_path: Path, server: Loopback) -> None:
    address = server.at("/rss", reply(paper(*MANY[:15])), reply(paper("aa-new", *MANY, quotes=["Une phrase."])))
    library = Library(tmp_path, clock=lambda: NOW)
    async with reading(library, refreshing=network(library)) as running:
        await running.press("a")
        running.screen.prompt.query_one("#prompt-input").value = address  # type: ignore[attr-defined]
        await running.press("enter", *"jjjjjjjj", "l")

        def seen() -> tuple[object, ...]:
            items = running.screen.items.list
            # From the item below the first on: the new one arrives above it. The scrollbar also changes.
            lines = [line.rstrip(" ▐│▁▂▃▄▅▆▇█") for line in running.lines(items)[3:-1]]
            return (running.title, running.pane, running.cursors, lines)

        before = seen()
        await running.press("R")
        assert seen() == before
        assert len(running.titles) == 31
        assert running.said[-1].startswith("16 new items in 1 group")


async def test_new_highlights_of_read_items_are_announced_and_gathered(tmp_path: Path, server: Loopback) -> None:
    address = server.at("/rss", reply(paper("un")), reply(paper("un", quotes=["Une phrase.", "Deux."])))
    library = Library(tmp_path, clock=lambda: NOW)
    async with reading(library, refreshing=network(library)) as running:
        await running.press("a")
        running.screen.prompt.query_one("#prompt-input").value = address  # type: ignore[attr-defined]
        await running.press("enter", "l", "m", "h", "r")
        assert running.said[-1].startswith("2 new highlights in 1 group")
        assert (running.unread, running.screen.state.totals().newly_highlighted) == ([], 1)
        assert any("+2" in line for line in running.lines(running.screen.items.list))


async def test_r_refreshes_only_the_group_under_the_cursor(tmp_path: Path, server: Loopback) -> None:
    library = library_of(
        tmp_path, server.at("/one", reply(paper("new", group=None))), server.at("/two", reply(paper("new")))
    )
    async with reading(library, refreshing=network(library)) as running:
        await running.press("r")
        assert running.said[-1] == "Put the cursor on a group to refresh it."
        await running.press("j", "j", "j", "j", "r")
        assert (server.count("/one"), server.count("/two")) == (1, 0)


async def test_second_request_neither_repeats_nor_stops_the_first(tmp_path: Path, server: Loopback) -> None:
    gate = server.gate()
    library = library_of(
        tmp_path, server.at("/one", after(gate, reply(paper("new")))), server.at("/two", after(gate, reply(paper("n"))))
    )
    async with reading(library, refreshing=network(library)) as running:
        await running.press("j", "j", "j", "j")
        await running.pilot.press("R")
        await running.until(lambda: server.count() == 2)
        await running.pilot.press("r", "R")
        await running.until(lambda: running.said[-1] == "A refresh is under way.")
        gate.open()
        await running.settled()
        assert (server.count("/one"), server.count("/two")) == (1, 1)
        assert running.said[-1].startswith("2 new items in 2 groups")


async def test_failure_says_why_and_keeps_the_items(tmp_path: Path, server: Loopback) -> None:
    library = library_of(tmp_path, server.at("/one", reply(status=500), reply(paper("new", group="one"))))
    async with reading(library, refreshing=network(library)) as running:
        await running.press("j", "j", "j", "j", "r")
        assert "500" in running.said[-1]
        assert any("⚠" in line and "one" in line for line in running.lines(running.screen.groups.list))
        assert any("⚠" in line for line in running.lines(running.screen.items.list))
        assert (len(running.titles), running.title) == (3, "one 3")
        await running.press("r")
        assert not any("⚠" in line for line in running.lines())
        assert len(running.titles) == 4


async def test_no_command_fails_while_a_refresh_runs(tmp_path: Path, server: Loopback) -> None:
    gate = server.gate()
    library = library_of(tmp_path, server.at("/one", after(gate, reply(paper("new")))))
    async with reading(library, refreshing=network(library)) as running:
        await running.pilot.press("R")
        await running.until(lambda: server.count() == 1)
        for each in COMMANDS:
            if each.id == "quit":
                continue
            running.screen.go_to_pane(Scope.ITEMS)
            await running.screen.action_command(each.id)
            await running.pilot.pause()
            for _ in range(4):
                if running.app.screen is running.screen and not running.screen.prompt.is_open:
                    break
                await running.pilot.press("escape")
        gate.open()
        await running.settled()
        assert running.app.is_running


# Other processes


async def test_changes_by_another_process_appear_without_moving_the_cursor(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("a"), entry("b", day=2)], "Marges": [entry("c")]})
    first, second = library.groups()
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "l", "j")
        with Library(library.folder, clock=lambda: NOW) as other:
            give(other, first.id, [entry("neuf", day=9)])
            other.mark(Mark.READ, {first.id: dict.fromkeys((item.id for item in other.items(first.id)), 0)}, now=NOW)
            other.add_group("Reliures")
            other.trash.remove_group(second.id)
            running.screen.fetching.check_library()
            await running.settled()
        assert (running.titles, running.unread, running.title) == (["neuf", "b", "a"], [], "a")
        shown = " ".join(running.lines(running.screen.groups.list))
        assert "Reliures" in shown
        assert "Marges" not in shown


async def test_items_of_a_group_added_by_another_process_are_news(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("a")]})
    async with reading(library) as running:
        with Library(library.folder, clock=lambda: NOW) as other:
            group = other.add_group("Reliures").id
            snapshot, later = Snapshot(kind="test", entries=(entry("neuf"),)), NOW + timedelta(minutes=1)
            other.update_items(group, lambda known: decide(known, snapshot, group=group, now=later))
            running.screen.fetching.check_library()
            await running.settled()
        assert running.said[-1] == "1 new item in 1 group (. shows them)"
        await running.press("full_stop")
        assert (running.place, running.titles) == ("Just arrived", ["neuf"])


async def test_group_renamed_by_another_process_is_renamed_in_every_row(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("a"), entry("b", day=2)], "Marges": [entry("c")]})
    async with reading(library) as running:
        await running.press("l", "j")
        before = running.title
        with Library(library.folder, clock=lambda: NOW) as other:
            rename(other, library.groups()[0].id, "Tinte")
            running.screen.fetching.check_library()
            await running.settled()
        assert running.title == before
        shown = " ".join(running.lines(running.screen.items.list))
        assert "Tinte" in shown
        assert "Encre" not in shown


async def test_open_group_may_be_removed_by_another_process(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("a")], "Marges": [entry("c"), entry("d", day=2)]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "j", "l")
        with Library(library.folder, clock=lambda: NOW) as other:
            other.trash.remove_group(library.groups()[1].id)
            await running.press("j", "k", "m", "s", "y", "n")  # the app has not noticed yet
            running.screen.fetching.check_library()
            await running.settled()
        await running.press("j", "k", "n")
        assert running.place == "Encre"
