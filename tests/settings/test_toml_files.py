"""Changing settings in a hand-written file: one value changes, everything else stays exactly the same."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.files import NotWritten
from florilege.settings import Session, describe, load
from florilege.settings.config import TITLES, changeable
from florilege.settings.toml_files import set_value

BY_HAND = """\
# My settings

[look]   # how it looks
dates = "iso"  # not "short"
theme = "florilege-light"

[keys]
copy-quote = ["c", "C"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(BY_HAND, "utf-8")
    return path


def test_value_changes_on_its_line_and_nothing_else_does(path: Path) -> None:
    set_value(path, "look", "dates", "relative")
    assert path.read_text("utf-8") == BY_HAND.replace('"iso"', '"relative"')


def test_missing_value_is_added_to_its_table(path: Path) -> None:
    set_value(path, "look", "density", "compact")
    assert load(path).look.density == "compact"
    assert path.read_text("utf-8").replace('density = "compact"\n', "") == BY_HAND


def test_missing_table_is_added_at_the_end(path: Path) -> None:
    set_value(path, "reading", "mark_after", False)
    assert path.read_text("utf-8").startswith(BY_HAND)
    assert load(path).reading.mark_after is None


def test_removed_value_leaves_the_rest(path: Path) -> None:
    set_value(path, "look", "theme", None)
    set_value(path, "look", "nothing", None)
    set_value(path, "nothing", "theme", None)
    assert path.read_text("utf-8") == BY_HAND.replace('theme = "florilege-light"\n', "")


def test_missing_file_is_created(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "config.toml"
    set_value(path, "look", "theme", None)
    assert not path.exists()
    set_value(path, "look", "dates", "iso")
    assert tomllib.loads(path.read_text("utf-8")) == {"look": {"dates": "iso"}}


@pytest.mark.parametrize("damage", ["[look\n", "look = = 1\n", "look = 1\nlook = 2\n"])
def test_damaged_file_is_left_alone_with_a_sentence(path: Path, damage: str) -> None:
    path.write_text(damage)
    with pytest.raises(NotWritten, match="was not changed: it is not TOML"):
        set_value(path, "look", "dates", "iso")
    assert path.read_text() == damage


def test_setting_in_place_of_a_table_is_left_alone(path: Path) -> None:
    path.write_text("look = 1\n")
    with pytest.raises(NotWritten, match="look is not a table"):
        set_value(path, "look", "dates", "iso")
    assert path.read_text() == "look = 1\n"


def test_write_error_is_reported_and_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(NotWritten, match=r"can't be (opened|written)"):
        set_value(tmp_path / "config.toml", "look", "dates", "short")
    assert [each.name for each in tmp_path.iterdir()] == ["config.toml"]


def test_every_setting_of_the_reference_can_be_changed_and_has_a_title() -> None:
    described = [each.field for each in describe() if each.field.partition(".")[0] in TITLES]
    found = changeable(["one", "two"])
    assert [each.field for each in found] == described
    left = {each.field for each in describe()} - set(described)
    assert all(field.startswith(("hooks.", "keys.", "source.", "sync.")) for field in left)


@pytest.mark.parametrize("setting", changeable(["florilege-light"]), ids=lambda setting: setting.field)
def test_every_step_can_be_written_and_is_read_back(setting: object, tmp_path: Path) -> None:
    from florilege.settings.kinds import Setting

    assert isinstance(setting, Setting)
    path = tmp_path / "config.toml"
    assert setting.default_value in (*setting.steps, None)
    for value in setting.steps:
        assert setting.wording(value)
        if value is not None:
            set_value(path, setting.section, setting.name, value)
            assert load(path).warnings == ()
            assert load(path).given[setting.field] == value


WORD = st.text(st.sampled_from("abc-_ é#\"'\\[]"), min_size=1, max_size=8)


@given(st.dictionaries(WORD, st.one_of(st.booleans(), st.integers(0, 9), WORD), max_size=4), WORD, WORD)
def test_other_values_are_unchanged(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, object], name: str, value: str
) -> None:
    import tomlkit

    path = tmp_path_factory.mktemp("c") / "config.toml"
    path.write_text(tomlkit.dumps({"keys": table}), "utf-8")

    set_value(path, "keys", name, value)

    assert tomllib.loads(path.read_text("utf-8")) == {"keys": {**table, name: value}}


def test_values_are_shown_in_words() -> None:
    settings = {each.field: each for each in changeable()}
    every = settings["refresh.every"]
    assert [every.wording(value) for value in ("45s", "15m", "1 h", "1d", "2d", "3w")] == [
        "45 seconds", "15 minutes", "1 hour", "1 day", "2 days", "3 weeks"
    ]  # fmt: skip
    assert every.wording(False) == "only on request"
    assert settings["reading.mark_after"].wording(False) == "never"
    assert settings["reading.mark_after"].wording(0) == "at once"
    assert settings["reading.mark_on_open"].wording(False) == "no"
    assert [each.field for each in settings.values() if "false" in each.sentence] == []


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777], ids=oct)
def test_settings_and_session_are_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    settings, session = tmp_path / "deep" / "settings" / "config.toml", tmp_path / "state" / "session.json"
    before = os.umask(umask)
    try:
        set_value(settings, "reading", "mark", "hand")
        assert Session().save(session)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (settings, session)} == {0o600}
    folders = (tmp_path / "deep", settings.parent, session.parent)
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}
