"""Automatic marking, peeking, and going to what a refresh brought."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from florilege.lists.places import Place, PlaceKind
from florilege.marking import Mark
from florilege.model import Highlight, Source
from florilege.settings import Config, Reading, Refresh
from florilege.store import Library
from support.clocks import Clock
from support.library import with_sources
from support.loopback import Loopback, reply
from support.papers import paper
from support.reading import BY_HAND, NOW, Open, entry, give, network, reading, small_library


def settings(mark: str, after: float | None = 0.0) -> Config:
    return Config(reading=Reading(mark=mark, mark_after=after), refresh=Refresh(on_start=False))


def three(folder: Path) -> Library:
    return small_library(folder, {"Paper": [entry("a", day=3), entry("b", day=2), entry("c", day=1)]})


async def test_rest_mode_marks_an_item_after_a_while(tmp_path: Path) -> None:
    async with reading(three(tmp_path), config=settings("rest")) as running:
        await running.press("l")
        await running.until(lambda: running.unread == ["b", "c"])


async def test_leave_mode_marks_an_item_when_the_reader_moves_on(tmp_path: Path) -> None:
    async with reading(three(tmp_path), config=settings("leave")) as running:
        await running.press("l")
        assert running.unread == ["a", "b", "c"]
        await running.press("j")
        assert running.unread == ["b", "c"]
        await running.press("M", "j")
        assert running.unread == ["b", "c"], "what was just marked unread by hand stays so"
        await running.press("u", "u")
        assert running.unread[0] == "a"


async def test_leave_mode_marks_nothing_that_was_not_on_screen(tmp_path: Path) -> None:
    async with reading(three(tmp_path), config=settings("leave"), size=(60, 20)) as running:
        await running.press("l", "j", "j")
        assert running.unread == ["a", "b", "c"]


async def test_by_hand_only_the_marking_keys_mark(tmp_path: Path) -> None:
    async with reading(three(tmp_path), config=settings("hand")) as running:
        await running.press("l", "j", "n", "o", "y", "space", "space")
        assert running.unread == ["a", "b", "c"]
        await running.press("m")
        assert len(running.unread) == 2


@pytest.mark.parametrize("mark", ["rest", "leave"])
async def test_peek_marks_nothing_until_moving_on(tmp_path: Path, mark: str) -> None:
    async with reading(three(tmp_path), config=settings(mark, 3600.0)) as running:
        await running.press("l", "semicolon", "y", "o", "n")
        assert running.unread == ["a", "b", "c"]
        assert running.title == "b"
        await running.press("n")
        assert running.unread == ["a", "c"], "the peek was for one item only"


async def test_peek_on_a_narrow_screen_shows_the_annotations(tmp_path: Path) -> None:
    async with reading(three(tmp_path), size=(60, 20)) as running:
        await running.press("l", "semicolon")
        assert running.panes == ["annotations"]
        assert running.said[-1] == "Only a peek: this item stays unread until you move on."
        await running.press("m", "semicolon")
        assert running.said[-1] == "This item is read already."


# What a refresh brought


@asynccontextmanager
async def refreshed(server: Loopback, folder: Path) -> AsyncIterator[Open]:
    """The app on two groups with one item read; their feeds have a new item and two new highlights."""
    clock = Clock(NOW)
    library = Library(folder, clock=clock)

    for place, group in enumerate(("Ink", "Rest")):
        documents = [
            reply(paper(f"{group} one", f"{group} two", group=group)),
            reply(paper(f"{group} one", f"{group} two", *["three"][place:], group=group, quotes=["q", "r"])),
        ]
        with_sources(library, group, Source(address=server.at(f"/{group}", *documents)))
    async with reading(library, refreshing=network(library, clock)) as running:
        await running.press("R")
        first = {row.summary.title: row for row in running.screen.state.listing(Place(PlaceKind.EVERYTHING)).rows}
        running.screen.state.changes.mark([first["Ink one"]], Mark.READ)
        await running.press("R")
        yield running


async def test_refresh_reports_news_and_a_key_goes_there(server: Loopback, tmp_path: Path) -> None:
    async with refreshed(server, tmp_path) as running:
        assert (
            running.said[-1]
            == "1 new item, 2 new highlights, 2 more highlights on unread items in 2 groups (. shows them)"
        )
        await running.press("full_stop")
        assert running.place == "Just arrived"
        assert sorted(running.titles) == ["Ink one", "Ink two", "Rest one", "Rest two", "three"]


async def test_news_after_a_visit_start_afresh(server: Loopback, tmp_path: Path) -> None:
    async with refreshed(server, tmp_path) as running:
        state = running.screen.state
        await running.press("full_stop", "h", "k")
        state.arrivals.note({state.catalogue.groups()[1].id: [state.rows[0].key]})
        assert len(state.arrivals) == 1


async def test_no_news_is_reported(tmp_path: Path) -> None:
    async with reading(three(tmp_path), config=BY_HAND) as running:
        await running.press("full_stop")
        assert running.said[-1] == "Nothing new has arrived since florilege was opened."
        assert running.place == "Unread"


async def test_news_of_another_process_are_reported_and_shown(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("a"), entry("b")], "Papier": [entry("c")]})
    encre = library.groups()[0].id
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "l", "m", ".")
        assert running.said[-1] == "Nothing new has arrived since florilege was opened."
        other = Library(tmp_path, clock=lambda: NOW)
        give(
            other,
            encre,
            [entry("a", highlights=(Highlight(id="h", quote="to be kept"),)), entry("b"), entry("new", day=2)],
        )
        running.screen.fetching.check_library()
        await running.settled()
        assert running.said[-1] == "1 new item, 1 new highlight in 1 group (. shows them)"
        await running.press(".")
        assert (running.place, sorted(running.titles)) == ("Just arrived", ["a", "new"])
