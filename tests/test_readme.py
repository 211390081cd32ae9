"""The README, its pictures and the registry of commands say the same."""

import re
from pathlib import Path

import pytest
from screenshots.readme import README, generated
from screenshots.take import FOLDER, PICTURES, Picture, take, words_of

ROOT = Path(__file__).parent.parent


def test_the_generated_parts_of_the_readme_are_current() -> None:
    text = README.read_text("utf-8")
    assert text == generated(text), "run `make docs`"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
async def test_a_picture_shows_what_the_app_shows_now(picture: Picture) -> None:
    committed = (FOLDER / f"{picture.name}.svg").read_text("utf-8")
    assert words_of(committed) == words_of(await take(picture)), "run `make screenshots`"
    assert words_of(committed), "the picture is empty"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_needs_nothing_from_elsewhere(picture: Picture) -> None:
    svg = (FOLDER / f"{picture.name}.svg").read_text("utf-8")
    assert re.findall(r"""(?:url\(|href=|@import|src=)["']?https?:""", svg) == []
    assert (FOLDER / f"{picture.name}.png").read_bytes().startswith(b"\x89PNG")


def test_every_file_the_readme_shows_is_there() -> None:
    text = README.read_text("utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
