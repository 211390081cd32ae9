"""`doctor --repair`."""

import io
import shutil
from pathlib import Path

import pytest

from florilege.cli import main
from florilege.cli.context import CliContext
from support.clocks import Clock
from support.commands import Called

FEEDS = Path(__file__).parent / "feeds"


def test_damaged_library_is_repaired_only_on_request(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))
    (log,) = florilege.home.rglob("items/*.log")
    damaged = log.read_bytes() + b"?\n"
    log.write_bytes(damaged)
    ran = florilege("doctor")
    assert ran.code == 3
    place = f"the line that begins after {len(damaged) - 2} bytes"
    assert f"fail library: {log} is damaged: {place} can't be read. Run `florilege doctor --repair`" in ran.out
    assert log.read_bytes() == damaged
    # When asked for
    ran = florilege("doctor", "--repair")
    assert ran.lines[0].startswith(f"note repair: {log} is damaged: {place} can't be read. 3 records recovered.")
    assert ran.lines[1].startswith("ok   library: ")
    assert florilege("list", "--json").json["total"] == 3
    # And then there is nothing left to repair
    assert florilege("doctor", "--repair").lines[0] == "ok   repair: there was nothing to repair."[:-1]
    assert florilege("doctor", "--repair", "--json").json["findings"][0]["check"] == "repair"


@pytest.fixture(scope="module")
def two_groups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose library has two groups."""
    home, ids = tmp_path_factory.mktemp("two") / "home", iter(("0001", "0002"))
    cli = CliContext({"FLORILEGE_HOME": str(home)}, clock=Clock(), new_id=lambda: next(ids))
    assert main(["add", *(str(FEEDS / name) for name in ("encre.rss", "open_reading.rss"))], cli) == 0
    return home


@pytest.fixture
def half_damaged(florilege: Called, two_groups: Path) -> Called:
    """A library with two groups, one of which can't be read."""
    shutil.copytree(two_groups, florilege.home)
    log = florilege.home / "library" / "items" / "0001.log"
    log.write_bytes(log.read_bytes() + b"?\n")
    return florilege


@pytest.mark.parametrize(
    "words",
    ["groups", "groups --json", "list", "list --json", "list elsewhere", "quotes", "quotes --json", "tags", "sharers",
     "export --format markdown", "export --format json", "read elsewhere", "note elsewhere",
     "mark starred elsewhere", "mark read is:any --dry-run", "refresh --all"],
)  # fmt: skip
def test_unreadable_group_does_not_affect_the_others(
    half_damaged: Called, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    ran = half_damaged(*words.split())

    assert ran.code == 1
    assert len([said for said in ran.said if "0001.log is damaged" in said and "doctor --repair" in said]) == 1
    assert ran.out == "" if words.startswith(("quotes", "note")) and "json" not in words else ran.out


def test_other_groups_can_still_be_marked_imported_and_added_to(
    half_damaged: Called, feeds: Path, tmp_path: Path
) -> None:
    assert half_damaged("mark", "read", "is:any").lines == ["1 item marked read"]
    assert half_damaged("undo").code == 0
    half_damaged("export", "--output", str(tmp_path / "all.json"))
    assert half_damaged("import", str(tmp_path / "all.json")).lines[0].startswith("0 groups and 0 items added")
    assert half_damaged("add", str(feeds / "open_reading.rss")).code == 0
    assert half_damaged("rename", "open", "Another").code == 0
    assert half_damaged("remove", "encre", "--yes").code == 0
    assert half_damaged("list").code == 0


@pytest.mark.parametrize("words", ["groups", "list", "tags"])
def test_damaged_group_record_does_not_affect_the_others(florilege: Called, feeds: Path, words: str) -> None:
    florilege("add", str(feeds / "encre.rss"), str(feeds / "open_reading.rss"))
    log = florilege.home / "library" / "groups.log"
    log.write_bytes(log.read_bytes() + b"?\n")

    ran = florilege(words)

    assert ran.code == 1
    assert len([said for said in ran.said if "groups.log is damaged" in said]) == 1
    assert ran.out


def test_missing_log_is_reported_with_what_it_held(half_damaged: Called) -> None:
    (half_damaged.home / "library" / "items" / "0001.log").unlink()
    assert "is missing, and with it 3 items of this group" in half_damaged("groups").said[0]
