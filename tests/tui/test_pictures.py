"""Every screen in every size and both themes, compared to the letter with what was kept. New ones: `--update-pictures`.

A picture that differs is drawn, as it was and as it is now, into `tests/tui/differing`, which git does not know.
"""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.color import Color

from florilege.tui.theme import TEXT_CONTRAST, contrast
from support.pictures import dialogues, rooms
from support.pictures.comparing import difference
from support.pictures.drawing import drawn, size_of
from support.pictures.keeping import SIZES, THEMES, Size, kept, written
from support.pictures.picture import Picture
from support.pictures.states import State, picture_of, pictures_of

KEPT = Path(__file__).parent / "pictures"
DIFFERING = Path(__file__).parent / "differing"
STATES = (*rooms.STATES, *dialogues.STATES)
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029\ufeff\u200b]")
BY_NAME = {state.name: state for state in STATES}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
async def test_a_state_looks_as_it_did(state: State, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    path = KEPT / f"{state.name}.txt"
    before, letters = kept(path)
    now = await pictures_of(state, tmp_path)

    assert all(fills(picture, size) for (size, _), picture in now.items()), "a row is too long or too short"
    driving = [row.text for picture in now.values() for row in picture.rows if FORBIDDEN.search(row.text)]
    assert not driving, f"what is drawn could drive the terminal: {driving[0]!r}"
    if pytestconfig.getoption("--update-pictures"):
        if before != now:
            path.write_text(written(now, letters), "utf-8")
        return
    assert before, f"There is no {path.name} yet: look at it, then run pytest with --update-pictures."
    told = [
        f"{state.name} at {size[0]}x{size[1]} in {theme}: row {found.row}, column {found.column} is another "
        f"({found.rows} rows differ; drawn to {draw(state, size, theme, before[size, theme], picture)})\n{found.told}"
        for (size, theme), picture in sorted(now.items())
        if (found := difference(before[size, theme], picture)) is not None
    ]
    assert not told, "\n" + "\n\n".join(told[:3]) + f"\n\n{len(told)} of {len(now)} pictures of this state differ."


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["unread", "tags-narrowed", "help", "settings"])
async def test_an_app_made_smaller_looks_like_one_started_small(name: str, size: Size, tmp_path: Path) -> None:
    told = difference(
        kept(KEPT / f"{name}.txt")[0][size, THEMES[1]], await picture_of(BY_NAME[name], tmp_path, size, THEMES[1])
    )
    assert told is None, told


def test_every_word_of_the_reading_room_is_readable() -> None:
    """Beneath a dialogue words are dimmed on purpose; elsewhere quiet ones are to be read too."""
    weak = {
        (state.name, theme, look)
        for state in rooms.STATES
        for (_, theme), picture in kept(KEPT / f"{state.name}.txt")[0].items()
        for row in picture.rows
        for _, text, look in row.pieces()
        if any(letter.isalnum() for letter in text) and contrast_of(look) < TEXT_CONTRAST
    }
    assert weak == set()


def test_every_picture_kept_is_of_a_state() -> None:
    assert {path.stem for path in KEPT.glob("*.txt")} == set(BY_NAME)
    assert len(BY_NAME) == len(STATES), "no two states have one name"


def test_what_is_kept_reads_as_it_was_written() -> None:
    for name in ("items-languages", "annotations-hostile"):
        pictures, letters = kept(KEPT / f"{name}.txt")
        assert set(pictures) == {(size, theme) for size in SIZES for theme in THEMES}
        assert written(pictures, letters) == (KEPT / f"{name}.txt").read_text("utf-8")


def contrast_of(look: str) -> float:
    """The contrast of ink and ground."""
    ink, ground = look.split(" on ")
    return contrast(Color.parse(ink), Color.parse(ground.split()[0]))


def fills(picture: Picture, size: Size) -> bool:
    """Whether every row takes all cells, and no more."""
    widths = {cell_len(row.text) for row in picture.rows} | {len(row.looks) for row in picture.rows}
    return widths == {size[0]} and len(picture.rows) == size[1]


def draw(state: State, size: Size, theme: str, before: Picture, now: Picture) -> Path:
    """Draw what was kept, and beneath it what is shown now."""
    DIFFERING.mkdir(exist_ok=True)
    path = DIFFERING / f"{state.name}-{size[0]}x{size[1]}-{theme}.svg"
    path.write_text(drawn([(0, 0, before), (0, size_of(before)[1] + 12, now)]), "utf-8")
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
