"""What the app reads from the library: at the start, for each key, and to find something."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from textual.widgets import Input

from bench.library import filled
from florilege.commands import Scope
from florilege.model import Item, ItemSummary, ReadingState
from florilege.settings import Session
from florilege.store import Library, StoredItems
from florilege.tui import command_screen
from florilege.tui.app import FlorilegeApp
from florilege.tui.reading import screen
from support.reading import BY_HAND, NOW, FakeDesktop, Open, context, reading


class Recorded(Library):
    """A library that records what is read of it, and gives no list until allowed."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime]) -> None:
        super().__init__(folder, clock=clock)
        self.may_list = Event()
        self.reads: Counter[str] = Counter()

    def summaries(self, group_id: str) -> list[ItemSummary]:
        assert self.may_list.wait(20)
        self.reads["lists"] += 1
        return super().summaries(group_id)

    def items(self, group_id: str, item_ids: Iterable[str] | None = None) -> list[Item]:
        self.reads["whole groups"] += 1
        return super().items(group_id, item_ids)

    def item(self, group_id: str, item_id: str) -> Item | None:
        self.reads["items"] += 1
        return super().item(group_id, item_id)

    def stored(self, group_id: str, item_ids: Iterable[str] | None = None) -> StoredItems:
        self.reads["search texts"] += 1
        return super().stored(group_id, item_ids)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        self.reads["states"] += 1
        return super().states(group_id)


async def test_only_what_is_shown_is_read(tmp_path: Path) -> None:
    filled(tmp_path, groups=10, each=200).close()
    async with reading(Library(tmp_path, clock=lambda: NOW), session=Session(view="everything")) as running:
        await running.press("l", "q")
        session = running.outside.remembered[-1]

    library = Recorded(tmp_path, clock=lambda: NOW)
    app = FlorilegeApp(context(library, FakeDesktop(), config=BY_HAND, session=session))
    async with app.run_test(size=(120, 36)) as pilot:
        running = Open(app, pilot, library, FakeDesktop())
        assert any("Encre" in line for line in running.lines(running.screen.items.list))  # before any list is read
        assert set(library.reads) <= {"items"}
        assert library.reads.total() <= 1  # the open one

        library.may_list.set()
        await running.until(lambda: len(running.titles) == 2_000)
        await running.settled()
        library.reads.clear()
        moves = ("j", "j", "pagedown", "G", "k", "g", "J", "K")
        await running.press(*moves)
        assert set(library.reads) == {"items"}
        assert library.reads["items"] <= 2 * len(moves)

        library.reads.clear()
        await running.press("slash")
        running.screen.prompt.query_one(Input).value = "tag:encre"  # at once: a lone t would be searched in every text
        await running.settled()
        assert 0 < len(running.titles) < 2_000
        assert set(library.reads) <= {"items"}  # tags are in the lists already read

        await running.press("escape", "slash", *"filigrane")
        await running.settled()
        # Each group once, in the background; a letter typed meanwhile resumes one group where it was.
        assert 10 <= library.reads["search texts"] <= 10 + len("filigrane")
        library.reads.clear()
        for _ in range(4):
            await running.press("backspace")
        await running.press(*"pulpe")
        await running.settled()
        assert set(library.reads) <= {"items"}


@pytest.mark.parametrize("key", ["t", "i"])
async def test_keys_are_answered_while_a_list_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(command_screen, "PATIENCE", 0.02)
    filled(tmp_path, groups=1, each=20).close()
    library = Recorded(tmp_path, clock=lambda: NOW)
    library.may_list.set()
    async with reading(library, session=Session(view="everything")) as running:
        await running.press("l")
        library.may_list.clear()
        running.screen.state.catalogue.forget(library.groups()[0].id)  # counting has to read it again
        for each in (key, "question_mark"):
            running.app.simulate_key(each)
        await running.until(lambda: running.app.screen.name == "help", seconds=2)
        library.may_list.set()
        await running.until(lambda: running.app.screen.name in {"picker", "overview"})


async def test_keys_are_answered_while_the_tags_of_a_changed_group_are_read(tmp_path: Path) -> None:
    filled(tmp_path, groups=1, each=20).close()
    library = Recorded(tmp_path, clock=lambda: NOW)
    library.may_list.set()
    group = library.groups()[0].id
    async with reading(library, session=Session(view="everything", unfolded=(group,))) as running:
        rows = len(running.screen.groups.rows)
        assert rows > 5
        library.may_list.clear()
        running.screen.start(partial(running.screen.fetching.apply_changes, [group]), "looking")
        running.app.simulate_key("question_mark")
        await running.until(lambda: running.app.screen.name == "help", seconds=2)
        assert len(running.screen.groups.rows) == rows, "what was read before stays on the screen"
        library.may_list.set()
        await running.settled()


async def test_keys_are_answered_while_another_group_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "PATIENCE", 0.02)
    filled(tmp_path, groups=2, each=20).close()
    library = Recorded(tmp_path, clock=lambda: NOW)
    library.may_list.set()
    first, second = (f"group:{group.id}" for group in library.groups())
    async with reading(library, session=Session(view=first)) as running:
        running.screen.go_to_pane(Scope.GROUPS)
        library.may_list.clear()
        for each in ("j", "question_mark"):
            running.app.simulate_key(each)
        await running.until(lambda: running.app.screen.name == "help", seconds=2)
        library.may_list.set()
        await running.until(lambda: running.screen.state.place.key == second)
