"""Renaming and removing groups in the app."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from florilege.lists.places import Place, PlaceKind
from florilege.model import Entry, Group, Outcome, Source
from florilege.refresh import Result
from florilege.store import Library
from support.library import save_source
from support.reading import NOW, Open, entry, reading, small_library

GROUPS: dict[str, Sequence[Entry]] = {"Encre": [entry("Ink"), entry("Pens")], "Papier": [entry("Paper")]}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return small_library(tmp_path, GROUPS)


@pytest.fixture
async def opened(library: Library) -> AsyncIterator[Open]:
    async with reading(library) as opened:
        opened.app.reading.go_to_pane(opened.app.reading.pane.__class__.GROUPS)
        opened.app.reading.groups.list.move_to(Place(PlaceKind.GROUP, library.groups()[0].id).key)
        await opened.settled()
        yield opened


def titles(library: Library) -> list[str]:
    return [group.title for group in library.groups()]


async def test_group_is_renamed(opened: Open, library: Library) -> None:
    await opened.press("f2")
    assert opened.app.reading.prompt.text == "Encre"
    await opened.press("s", "enter")
    assert titles(library) == ["Encres", "Papier"]
    assert opened.said[-1] == "Encre is now called Encres."
    assert opened.app.reading.state.title_of() == "Encres"


async def test_undo_restores_a_removed_group(opened: Open, library: Library) -> None:
    # Given an item marked before
    await opened.press("enter", "m", "h")
    await opened.press("delete", "y", "enter")
    assert titles(library) == ["Papier"]
    assert opened.said[-1] == "Encre was removed. Until you leave, u brings it back."
    assert opened.app.reading.state.place.kind is PlaceKind.UNREAD
    # Then the first undo restores the group, the next one takes back the mark
    await opened.press("u")
    assert titles(library) == ["Encre", "Papier"]
    assert opened.said[-1] == "Encre is back"
    encre = library.groups()[0].id
    assert library.counts(encre).unread == 1
    await opened.press("u")
    assert library.counts(encre).unread == 2


@pytest.mark.parametrize(("act", "said"), [("restore_group", "back already"), ("empty_trash", "gone for good")])
async def test_removed_group_handled_by_another_process_does_not_block_undo(
    opened: Open, library: Library, act: str, said: str
) -> None:
    encre = library.groups()[0].id
    await opened.press("enter", "j", "m", "h")
    await opened.press("delete", "y", "enter")
    with Library(library.folder, clock=lambda: NOW) as other:
        other.trash.restore_group(encre) if act == "restore_group" else other.trash.empty([encre])
    await opened.press("u")
    assert opened.said[-1] == f"Encre is {said}"
    assert ("Encre" in titles(library)) == (act == "restore_group")
    # Then the next undo takes back the step before
    await opened.press("u")
    assert "Encre is" not in opened.said[-1]


@pytest.mark.parametrize("answer", [["n", "enter"], ["enter"], ["escape"]])
async def test_group_is_removed_only_after_a_yes(opened: Open, library: Library, answer: list[str]) -> None:
    await opened.press("delete", *answer)
    assert titles(library) == ["Encre", "Papier"]


async def test_smart_group_can_be_neither_renamed_nor_removed(opened: Open, library: Library) -> None:
    opened.app.reading.groups.list.move_to(Place(PlaceKind.UNREAD).key)
    before = [group.title for group in library.groups()]
    for key, said in (("f2", "Put the cursor on a group to rename it."), ("delete", "Put the cursor on a group")):
        await opened.press(key)
        assert any(said in line for line in opened.lines()[-2:])
        await opened.press("enter")
        assert not opened.app.reading.prompt.is_open
    assert [group.title for group in library.groups()] == before


async def test_removed_group_can_be_restored_after_quitting(opened: Open, library: Library) -> None:
    encre = library.groups()[0].id
    await opened.press("delete", "y", "enter")
    assert [removed.id for removed in library.trash.groups()] == [encre]
    opened.app.reading.state.library.trash.empty()
    assert [removed.id for removed in library.trash.groups()] == [encre]


@pytest.mark.parametrize("answers", ["http:", "nobody"])
@pytest.mark.parametrize("typed", ["new.example/rss", "https://new.example/rss"])
async def test_address_without_a_scheme_falls_back_to_http(library: Library, typed: str, answers: str) -> None:
    group = library.groups()[0]
    save_source(library, group.id, Source(address="https://old.example/rss"))
    asked: list[str] = []

    class Refreshing:
        async def refresh(self, groups: Iterable[Group], **_: object) -> AsyncIterator[Result]:
            for each in groups:
                (address,) = (source.address for source in each.sources)
                asked.append(address)
                is_unreached = not address.startswith(answers)
                outcome = Outcome.FAILED if is_unreached else Outcome.OK
                yield Result(each.id, each.title, outcome, is_unreached=is_unreached)

    refresher: Any = Refreshing()
    async with reading(library, refreshing=lambda: nullcontext(refresher)) as running:
        await running.press("j", "j", "j", "j")
        await running.screen.action_command("change-address")
        running.screen.prompt.query_one(Input).value = typed
        await running.press("enter")
    wanted = (
        ["https://new.example/rss"]
        if typed.startswith("https")
        else [f"{way}://new.example/rss" for way in ("https", "http")]
    )
    assert asked == wanted
    (source,) = library.group(group.id).sources
    assert source.address == (wanted[-1] if answers == "http:" else "https://new.example/rss")


async def test_address_of_a_group_is_changed_and_its_items_stay(library: Library) -> None:
    group = library.groups()[0]
    save_source(library, group.id, Source(address="https://old.example/rss", etag="x"))
    asked: list[str] = []

    class Refreshing:
        async def refresh(self, groups: Iterable[Group], **_: object) -> AsyncIterator[Result]:
            for each in groups:
                asked.extend(source.address for source in each.sources)
                yield Result(each.id, each.title, Outcome.UNCHANGED)

    refresher: Any = Refreshing()
    async with reading(library, refreshing=lambda: nullcontext(refresher)) as running:
        await running.press("j", "j", "j", "j")
        await running.screen.action_command("change-address")
        assert running.screen.prompt.value == "https://old.example/rss"
        running.screen.prompt.query_one(Input).value = "new.example/rss"
        await running.press("enter")
    (source,) = library.group(group.id).sources
    assert (source.address, source.etag, asked) == ("https://new.example/rss", None, ["https://new.example/rss"])
    assert library.items(group.id)
