"""Marks made on another machine show in the app, and marks made in the app reach the folder."""

from pathlib import Path

from msgspec.structs import replace

from florilege.marking import Mark
from florilege.store.sync import Sync
from florilege.tui.app import FlorilegeApp
from support.reading import NOW, FakeDesktop, Open, context, entry, small_library


async def test_states_of_another_machine_arrive_and_a_problem_is_reported_once(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    entries = [entry("a", day=1), entry("b", day=2)]
    there = small_library(tmp_path / "there", {"Encre": entries})
    (group,) = there.groups()
    read = next(item for item in there.items(group.id) if item.title == "b")
    there.mark(Mark.READ, {group.id: {read.id: 0}}, now=NOW)
    Sync(there, folder, tmp_path / "machine-there")()

    library = small_library(tmp_path / "here", {"Encre": entries})
    outside = FakeDesktop()
    app = FlorilegeApp(
        replace(context(library, outside), sync=Sync(library, folder, tmp_path / "machine-here"), due_every=0.05)
    )
    async with app.run_test(size=(120, 36)) as pilot:
        running = Open(app, pilot, library, outside)
        await running.until(lambda: running.unread == ["a"])
        await running.press("l", "s")
        await running.until(lambda: len(list(folder.iterdir())) == 2)
        for log in folder.iterdir():
            log.unlink()
        folder.rmdir()
        await running.until(lambda: any("were not synchronised" in said for said in running.said))
    assert sum("were not synchronised" in said for said in running.said) == 1
