"""Adding a group in the app: completing paths, pasting, cancelling, and the first start."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input, Static

from florilege.commands import keymap
from florilege.model import Outcome
from florilege.refresh import AddRequest, Result
from florilege.refresh.results import combine_groups
from florilege.store import Library
from florilege.tui.paths import completed_path, is_source, last_part, meant
from florilege.tui.reading.items import welcome
from support.reading import NOW, Open, entry, reading, small_library


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    for folder in ("Papiers", "papyrus", ".hidden"):
        (home / folder).mkdir(parents=True)
    for name in ("group.rss", "Groupe élan.xml", ".secret"):
        (home / name).write_text("")
    (home / "bad\x1bname").write_text("")
    monkeypatch.setenv("HOME", str(home))
    return home


def empty(folder: Path) -> Library:
    return Library(folder / "library", clock=lambda: NOW)


def line(app: Open) -> Input:
    return app.app.reading.prompt.query_one(Input)


class Answering:
    """A refresher that gives prepared answers in turn."""

    def __init__(self, answers: list[Result], asked: list[str]) -> None:
        self._answers = answers
        self._asked = asked

    async def add(self, request: AddRequest) -> Result:
        self._asked.append(request.source)
        return self._answers.pop(0)


def answering(*answers: Result, asked: list[str] | None = None) -> Any:
    given = Answering(list(answers), [] if asked is None else asked)
    return lambda: nullcontext(given)


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("~/", ["~/Papiers/", "~/papyrus/", "~/group.rss", "~/Groupe élan.xml"]),
        ("~/pap", ["~/Papiers/", "~/papyrus/"]),
        ("~/group", ["~/group.rss", "~/Groupe élan.xml"]),
        ("~/groupe elan", ["~/Groupe élan.xml"]),
        ("~/.", ["~/.hidden/", "~/.secret"]),
        ("~/group.rss", []),
        ("~", ["~/"]),
        ("~/nothing/", []),
        ("https://example.org/", []),
        ("group", []),
        ("/\x00/x", []),
    ],
)
def test_path_is_completed_as_far_as_it_is_unambiguous(home: Path, typed: str, becomes: list[str]) -> None:
    assert completed_path(typed) == becomes


def test_candidate_is_shown_by_its_last_part() -> None:
    assert [last_part(each) for each in ("~/a/b.rss", "~/a/b/", "/")] == ["b.rss", "b/", "/"]


@pytest.mark.parametrize(
    ("typed", "source"),
    [
        ("  https://example.org/rss ", "https://example.org/rss"),
        ("'/a b/c.rss'", "/a b/c.rss"),
        ('"https://example.org"', "https://example.org"),
        ("/a\\ b/c.rss", "/a b/c.rss"),
        ("file:///a%20b/c.rss", "/a b/c.rss"),
        ("file://elsewhere/c.rss", "file://elsewhere/c.rss"),
        ("https://[broken", "https://[broken"),
    ],
)
def test_pasted_or_dropped_text_is_an_address_or_a_path(typed: str, source: str) -> None:
    assert meant(typed) == source


def test_path_in_the_home_folder_is_expanded(home: Path) -> None:
    assert meant("~/group.rss") == str(home / "group.rss")
    assert is_source("~/group.rss")
    assert not is_source("~/nothing.rss")
    assert not is_source("some words")
    assert not is_source("/\x00")


@pytest.mark.parametrize(("files", "rows", "lines"), [(9, 10, 3), (9, 20, 6), (9, 24, 7), (7, 20, 6), (7, 24, 7)])
async def test_completions_take_a_third_of_the_screen_at_most_and_count_the_rest(
    home: Path, tmp_path: Path, files: int, rows: int, lines: int
) -> None:
    for number in range(files):
        (home / f"paper-{number}.rss").write_text("")
    async with reading(empty(tmp_path), size=(60, rows)) as app:
        await app.press("a", *"~/paper")
        prompt = app.app.reading.prompt
        shown = str(prompt.query_one("#prompt-candidates", Static).render()).splitlines()
        assert (len(shown), shown[-1]) == (lines, f"and {files - lines + 1} more")
        assert prompt.region.height == lines + 1


async def test_tab_completes_a_path_and_shows_the_alternatives(home: Path, tmp_path: Path) -> None:
    async with reading(empty(tmp_path)) as app:
        await app.press("a", *"~/pap")
        shown = app.app.reading.prompt.query_one("#prompt-candidates", Static)
        assert (shown.display, str(shown.render())) == (True, "Papiers/\npapyrus/")
        await app.press("tab")
        assert line(app).value == "~/Papiers/"
        await app.press("tab")
        assert line(app).value == "~/papyrus/"
        await app.press("escape")
        assert not app.app.reading.prompt.display


async def test_pasted_address_is_offered_to_be_added(tmp_path: Path) -> None:
    async with reading(empty(tmp_path)) as app:
        app.app.reading.groups.list.post_message(events.Paste("https://example.org/rss\nsecond line"))
        await app.settled()
        assert app.app.reading.prompt.question.label == "Add"  # type: ignore[union-attr]
        assert line(app).value == "https://example.org/rss"


async def test_several_pasted_addresses_are_all_offered(tmp_path: Path) -> None:
    async with reading(empty(tmp_path)) as running:
        running.app.post_message(events.Paste("https://a.example/rss\na remark\nhttps://b.example/rss\n"))
        await running.settled()
        assert line(running).value == "https://a.example/rss https://b.example/rss"
        await running.press("escape", "slash" if running.titles else "a")
        running.app.post_message(events.Paste("two\nlines"))
        await running.settled()
        assert line(running).value == "two lines"


async def test_error_is_shown_and_the_line_stays_open_for_correction(tmp_path: Path) -> None:
    async with reading(
        empty(tmp_path), refreshing=answering(Result("", "x", Outcome.FAILED, error="No such file."))
    ) as running:
        await running.press("a", *"/nope.rss", "enter")
        assert (running.said[-1], line(running).value) == ("No such file.", "/nope.rss")
        assert running.app.reading.prompt.is_open
        await running.press("escape")
        assert "No such file." not in " ".join(running.lines())


async def test_which_of_several_addresses_was_not_added_is_said_with_the_reason(tmp_path: Path) -> None:
    parts = (Result("1", "a", Outcome.OK, new=3), Result("", "b", Outcome.FAILED, error="There is nothing at b."))
    refused = replace(parts[1], error="There is nothing at a.")
    answers = [combine_groups("2 addresses", each) for each in (parts, (refused, parts[1]))]
    async with reading(empty(tmp_path), refreshing=answering(*answers)) as running:
        await running.press("a", *"https://a https://b", "enter")
        assert running.said[-1] == "2 addresses: 1 group, 3 new items, 1 not fetched. There is nothing at b."
        await running.press("a", *"https://a https://b", "enter")
        assert running.said[-1].endswith("2 not fetched. There is nothing at a. There is nothing at b.")
        assert line(running).value == "https://a https://b", "the line stays open for correction"


async def test_one_of_several_advertised_feeds_is_chosen(tmp_path: Path) -> None:
    feeds = (("https://a.example/all.xml", "Everything"), ("https://a.example/talk.xml", "Comments"))
    asked: list[str] = []
    answers = [Result("", "a.example", Outcome.FAILED, feeds=feeds), Result("", "Comments", Outcome.OK, new=3)]
    async with reading(empty(tmp_path), refreshing=answering(*answers, asked=asked)) as running:
        await running.press("a", *"https://a.example", "enter")
        assert any("https://a.example/talk.xml" in line for line in running.lines())
        await running.press(*"comments", "enter")
        assert asked == ["https://a.example", "https://a.example/talk.xml"]
        assert running.said[-1].startswith("Comments: 3 items")


async def test_other_pasted_text_does_nothing(tmp_path: Path) -> None:
    async with reading(empty(tmp_path)) as app:
        app.app.reading.groups.list.post_message(events.Paste("some words"))
        await app.settled()
        assert not app.app.reading.prompt.is_open


class Slow:
    """A refresher that never ends."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.stopped = False

    async def add(self, request: AddRequest) -> None:
        self.asked.append(request.source)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise


async def test_escape_cancels_adding_and_says_that_nothing_was_added(tmp_path: Path) -> None:
    slow: Any = Slow()
    library = small_library(tmp_path, {"Encre": [entry("a")]})
    async with reading(library, refreshing=lambda: nullcontext(slow)) as app:
        await app.pilot.press("a")
        line(app).value = "https://example.org/rss"
        await app.pilot.press("enter")
        await app.until(lambda: bool(slow.asked))
        said = "Fetching https://example.org/rss … esc stops it."
        assert app.said[-1] == said
        await app.pilot.press("j")
        assert any(said in drawn for drawn in app.lines()), "a key takes no progress away"

        await app.pilot.press("escape")
        await app.until(lambda: slow.stopped)
        await app.until(lambda: app.said[-1] == "Stopped; nothing was added.")
        assert not app.app.reading.fetching.stop()


async def test_second_escape_does_not_interrupt_the_cancelling(tmp_path: Path) -> None:
    slow, may_end, ended = Slow(), asyncio.Event(), []

    @asynccontextmanager
    async def refreshing() -> AsyncIterator[Any]:
        try:
            yield slow
        finally:
            await may_end.wait()
            ended.append(True)

    async with reading(small_library(tmp_path, {"Encre": [entry("a")]}), refreshing=refreshing) as app:
        await app.pilot.press("a")
        line(app).value = "https://example.org/rss"
        await app.pilot.press("enter")
        await app.until(lambda: bool(slow.asked))
        await app.pilot.press("escape")
        await app.until(lambda: slow.stopped)
        await app.pilot.press("escape")
        may_end.set()
        await app.until(lambda: app.said[-1] == "Stopped; nothing was added.")
        assert ended


def test_first_start_says_how_to_begin_with_the_configured_keys() -> None:
    lines = ["".join(text for _, text in line).rstrip() for line in welcome(keymap({"add-group": ["f2"]}))]
    assert "Your library is empty." in lines
    assert "f2  adds a feed or a file" in lines
    assert max(sum(len(text) for _, text in line) for line in welcome(keymap({}))) <= 28
