"""Reading our own and the reader's files never blocks, whatever is in their place."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from florilege.files import LARGEST, read_file
from florilege.settings import Session, load
from florilege.settings.searches import SearchFile


def _large(path: Path) -> None:
    path.touch()
    os.truncate(path, LARGEST + 1)


STRANGE: dict[str, Callable[[Path], None]] = {
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to nothing": lambda path: path.symlink_to(path.with_name("nowhere")),
    "far too large": _large,
}


@pytest.fixture(params=list(STRANGE.values()), ids=list(STRANGE))
def strange(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "strange"
    request.param(path)
    return path


def test_special_or_huge_file_is_refused_at_once(strange: Path) -> None:
    with pytest.raises(OSError, match=r"."):
        read_file(strange)


def test_settings_searches_and_session_fall_back_to_defaults_for_strange_files(strange: Path) -> None:
    assert load(strange).reading == load(strange.with_name("none")).reading
    assert SearchFile(strange).read()[0] == []
    assert Session.load(strange) == Session()
