"""Fixtures of the command line tests."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from florilege.export.formats import FORMATS
from florilege.model import Sharer
from support.commands import Called, Installed
from support.selections import group, item, row, selection

HERE = Path(__file__).parent


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home with a space"


@pytest.fixture
def installed(home: Path) -> Installed:
    """The command, run in a process of its own."""
    return Installed(home)


@pytest.fixture
def florilege(home: Path, capsys: pytest.CaptureFixture[str]) -> Called:
    """The command, called in this process."""
    return Called(home, capsys)


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose library has two groups whose titles a shell has to quote."""
    one = item(tags=("lecture", "deux mots"), sharer=Sharer("Odette Plumier"))
    other = item("0" * 16, of="c3d4", tags=("lecture",), url="https://blog.example.org/x")
    rows = [row(one, of=group(title="Encre & Papier")), row(other, of=group("c3d4", "Open science"))]
    folder = tmp_path_factory.mktemp("filled")
    path = folder / "all.json"
    path.write_text("".join(FORMATS["json"].write(selection(*rows))))
    assert Installed(folder / "home")("import", str(path)).code == 0
    return folder / "home"


@pytest.fixture
def filled(installed: Installed, filled_home: Path) -> Installed:
    """The command, on a copy of that library."""
    shutil.copytree(filled_home, installed.home)
    return installed


@pytest.fixture
def feeds() -> Path:
    """The folder of the feeds used by these tests."""
    return HERE / "feeds"


class Expected:
    """Reads the expectation files."""

    def __call__(self, name: str) -> Any:
        return json.loads((HERE / "expected" / name).read_bytes())


@pytest.fixture
def expected() -> Expected:
    return Expected()
