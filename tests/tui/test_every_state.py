"""What holds on every screen: rows fill their cells, nothing drives the terminal, text is readable."""

import re
from pathlib import Path

import pytest

from florilege.tui.theme import TEXT_CONTRAST, contrast
from support.reading import resize
from support.states import dialogues, screens
from support.states.cells import Row, rows_of
from support.states.state import State, settle, showing

LARGE, SMALL = (120, 36), (60, 20)
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029\ufeff\u200b]")
DIMMED = {state.name for state in dialogues.CHOOSING + dialogues.READING}
"""States in which text beneath a dialogue is deliberately dimmed."""


@pytest.mark.parametrize("state", [*screens.STATES, *dialogues.STATES], ids=lambda state: state.name)
async def test_every_state_fills_its_cells_is_harmless_and_readable(state: State, tmp_path: Path) -> None:
    async with showing(state, tmp_path, LARGE) as running:
        check(state, rows_of(running.app), LARGE)
        running.app.theme = "florilege-light"
        await resize(running.pilot, *SMALL)
        await settle(state, running)
        check(state, rows_of(running.app), SMALL)


def test_state_names_are_unique() -> None:
    names = [state.name for state in (*screens.STATES, *dialogues.STATES)]
    assert len(set(names)) == len(names)


def check(state: State, rows: list[Row], size: tuple[int, int]) -> None:
    """Check the rows of a screen."""
    assert [row.cells for row in rows] == [size[0]] * size[1], "a row is too long or too short"
    assert not [row.text for row in rows if CONTROL.search(row.text)], "what is drawn could drive the terminal"
    if state.name not in DIMMED:
        assert weak(rows) == [], "words that can't be read against their ground"


def weak(rows: list[Row]) -> list[str]:
    """The words whose contrast with their background is too low."""
    return [
        run.text
        for row in rows
        for run in row.runs
        if run.ink and run.ground and any(letter.isalnum() for letter in run.text)
        if contrast(run.ink, run.ground) < TEXT_CONTRAST
    ]
