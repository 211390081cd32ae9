"""A dozen screens as text, to be read by people. Rewritten by `FLORILEGE_SNAPSHOTS=write pytest`."""

import os
from pathlib import Path

import pytest

from support.states import dialogues, screens
from support.states.cells import rows_of
from support.states.state import showing

SNAPSHOTS = Path(__file__).parent / "snapshots"
BY_NAME = {state.name: state for state in (*screens.STATES, *dialogues.STATES)}
NAMES = (
    "everything", "items", "annotations-threads", "groups-zoomed", "river", "overview-of-a-group", "help", "tags",
    "settings", "palette", "annotations-hostile", "items-languages",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
async def test_screen_equals_its_snapshot(name: str, tmp_path: Path) -> None:
    async with showing(BY_NAME[name], tmp_path, (110, 30)) as running:
        shown = "".join(f"{row.text.rstrip()}\n" for row in rows_of(running.app))
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("FLORILEGE_SNAPSHOTS") == "write":
        path.write_text(shown, "utf-8")
    assert shown == path.read_text("utf-8")


def test_every_snapshot_is_used() -> None:
    assert {path.stem for path in SNAPSHOTS.iterdir()} == set(NAMES)
