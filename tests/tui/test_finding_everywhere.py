"""Finding in all groups, from anywhere and back; and results while the search is running."""

from collections.abc import Iterable
from pathlib import Path
from threading import Event

import pytest
from textual import events

from florilege.model import Highlight
from florilege.store import Library, StoredItems
from florilege.tui.reading import find as finding
from support.reading import NOW, Open, entry, give, reading, sample_library, small_library

MARKS = (Highlight(id="1", quote="Gelatine closes the papers of the mill."),)


def three_groups(folder: Path) -> Library:
    return small_library(
        folder,
        {
            "Encre": [entry("Ink dries", day=9), entry("Ink and paper", day=8), entry("Quills", day=7)],
            "Papier": [entry("Paper drinks", day=6), entry("Old paper", day=5)],
            "Colle": [entry("Glue on paper", day=4)],
        },
    )


async def in_the_first_group(app: Open) -> None:
    """Go to its second item."""
    screen = app.screen
    (group, *_) = screen.state.catalogue.groups()
    while screen.state.place.group != group.id:
        await app.press("j")
    await app.press("l", "j")


def where(app: Open) -> tuple[object, ...]:
    """Everything that should be the same after coming back."""
    screen = app.screen
    return (app.place, app.pane, app.titles, app.cursors, screen.items.list.scroll_state, str(screen.state.query))


async def test_key_searches_all_groups_and_escape_leads_back_to_the_line(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as app:
        await in_the_first_group(app)
        before = where(app)

        await app.press("ctrl+t", *"paper")
        assert app.place == "Everything"
        assert app.titles == ["Ink and paper", "Paper drinks", "Old paper", "Glue on paper"]
        assert app.cursors["groups"] == "everything"

        await app.press("escape")
        assert where(app) == before


async def test_typed_words_are_searched_everywhere_and_here_again(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as app:
        await in_the_first_group(app)
        await app.press("slash", *"paper")
        assert (app.place, app.titles) == ("Encre", ["Ink and paper"])

        await app.press("ctrl+t")
        assert app.screen.prompt.value == "paper"
        assert (app.place, len(app.titles)) == ("Everything", 4)

        await app.press("ctrl+t")
        assert (app.place, app.titles) == ("Encre", ["Ink and paper"])


async def test_removing_the_filter_after_enter_leads_back_too(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as app:
        await in_the_first_group(app)
        before = where(app)

        await app.press("ctrl+t", *"drinks", "enter")
        assert (app.place, app.title) == ("Everything", "Paper drinks")
        await app.press("escape")

        assert where(app) == before


async def test_item_read_during_the_search_is_still_listed_afterwards(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as app:
        await app.press("l", "m", "j")
        before = where(app)
        assert app.place == "Unread"
        assert len(app.unread) == 5

        await app.press("ctrl+t", *"glue", "escape")

        assert where(app) == before
        assert len(app.titles) == 6


async def test_no_return_after_going_elsewhere(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as app:
        await in_the_first_group(app)
        await app.press("ctrl+t", *"paper", "enter", "h", "G", "l")
        assert app.place == "Colle"

        await app.press("slash", *"glue", "enter", "escape")

        assert app.place == "Colle"


class Slow(Library):
    """A library in which a later group can be read only once the test allows it."""

    waiting: str = ""
    go: Event

    def stored(self, group_id: str, item_ids: Iterable[str] | None = None) -> StoredItems:
        if group_id == self.waiting:
            assert self.go.wait(10)
        return super().stored(group_id, item_ids)


def slow(folder: Path) -> Slow:
    made = three_groups(folder)
    give(made, made.groups()[1].id, [entry("Sizing", day=3, highlights=MARKS)])
    library = Slow(folder, clock=lambda: NOW)
    library.go = Event()
    library.waiting = library.groups()[1].id
    return library


async def typed(app: Open, *keys: str, becomes: str) -> None:
    """Type without waiting for results; the pilot would wait a second or two for each key, as a thread is at work."""
    for key in keys:
        app.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await app.until(lambda: app.screen.prompt.value == becomes)


async def test_first_results_are_shown_before_the_search_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_FIRST", 0.0)
    library = slow(tmp_path)
    async with reading(library) as app:
        await app.press("ctrl+t")
        await typed(app, *"paper", becomes="paper")
        at_once = [
            "Ink and paper",
            "Paper drinks",
            "Old paper",
            "Glue on paper",
        ]  # summaries can be searched without reading items
        await app.until(lambda: app.titles == at_once)

        await typed(app, "backspace", becomes="pape")  # keys work meanwhile

        library.go.set()
        await app.settled()
        assert app.titles == ["Ink and paper", "Paper drinks", "Old paper", "Glue on paper", "Sizing"]


async def test_newest_query_wins(tmp_path: Path) -> None:
    library = slow(tmp_path)
    async with reading(library) as app:
        await app.press("ctrl+t")
        await typed(app, *"glue", becomes="glue")
        await typed(app, *["backspace"] * 4, becomes="")
        await typed(app, *"quills", becomes="quills")
        library.go.set()
        await app.settled()
        assert (str(app.screen.state.query), app.titles) == ("quills", ["Quills"])


async def test_query_error_while_typing_keeps_the_last_good_result(tmp_path: Path) -> None:
    async with reading(three_groups(tmp_path)) as app:
        await app.press("ctrl+t", *"paper", "space", "left_parenthesis")
        assert len(app.titles) == 4
        assert "parenthesis" in app.said[-1]


async def test_one_pane_layout_shows_results_while_typing(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path), size=(60, 20)) as running:
        await running.press("slash", "m")
        assert running.panes == ["items"]
        await running.press("escape")
        assert running.panes == ["groups"]
