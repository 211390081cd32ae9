"""Standard locations, and the session file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformdirs.unix import Unix

from florilege.settings import Paths, Session


def test_locations_are_those_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    monkeypatch.setattr("florilege.settings.session.PlatformDirs", Unix)  # as on Linux, on every system

    paths = Paths.find({})

    assert paths == Paths(
        config=tmp_path / "CONFIG/florilege/config.toml",
        library=tmp_path / "DATA/florilege/library",
        session=tmp_path / "STATE/florilege/session.json",
        cache=tmp_path / "CACHE/florilege",
    )


def test_environment_variable_moves_everything(tmp_path: Path) -> None:
    assert Paths.find({"FLORILEGE_HOME": str(tmp_path)}) == Paths.within(tmp_path)
    assert Paths.within(tmp_path).library == tmp_path / "library"


def test_option_wins_over_the_environment(tmp_path: Path) -> None:
    assert Paths.find({"FLORILEGE_HOME": "/elsewhere"}, tmp_path) == Paths.within(tmp_path)


def test_empty_variable_is_ignored() -> None:
    assert Paths.find({"FLORILEGE_HOME": ""}) == Paths.find({})


def test_location_is_independent_of_the_working_directory() -> None:
    assert Paths.find({"FLORILEGE_HOME": "here"}).library.is_absolute()


def test_finding_locations_creates_nothing(tmp_path: Path) -> None:
    Paths.find({"FLORILEGE_HOME": str(tmp_path / "new")})

    assert not (tmp_path / "new").exists()


def test_session_is_restored_as_saved(tmp_path: Path) -> None:
    session = Session(theme="nord", view="group:g1", item="i", query="tag:élan", unfolded=("g1",), widths=(24, 40))
    path = tmp_path / "new" / "session.json"

    assert session.save(path)

    assert Session.load(path) == session
    assert [file.name for file in path.parent.iterdir()] == ["session.json"]


@given(content=st.binary() | st.sampled_from([b"", b"[]", b'{"theme": 1}', b'{"widths": ["a"]}', b"[" * 100_000]))
def test_damaged_session_is_a_fresh_one(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("session") / "session.json"
    path.write_bytes(content)

    assert Session.load(path) == Session()


def test_fields_of_a_later_version_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    path.write_text('{"theme": "nord", "tomorrow": 1}', "utf-8")

    assert Session.load(path) == Session(theme="nord")


def test_failed_save_keeps_the_old_session(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    Session(theme="nord").save(path)

    assert not Session(theme="\ud800").save(path)
    assert not Session().save(path / "below a file" / "session.json")

    assert Session.load(path) == Session(theme="nord")
    assert [file.name for file in tmp_path.iterdir()] == ["session.json"]
