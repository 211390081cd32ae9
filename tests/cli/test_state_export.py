"""Reading states exported to another machine, without the content."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from support.commands import Called


@pytest.fixture
def other_machine(florilege: Called, tmp_path: Path, feeds: Path) -> Called:
    """The other machine: the same feed, added independently, with nothing read."""
    other = replace(florilege, home=tmp_path / "there")
    assert other("add", str(feeds / "encre.rss")).code == 0
    return other


@pytest.fixture
def states(florilege: Called, tmp_path: Path, feeds: Path) -> Path:
    florilege("add", str(feeds / "encre.rss"))
    florilege("mark", "read", "is:any")
    florilege("mark", "starred", "is:any")
    path = tmp_path / "states.json"
    ran = florilege("export", "--only-state", "--output", str(path))
    assert ran.code == 0
    assert "of 1 group written to" in ran.err
    return path


def test_read_and_starred_items_are_so_on_another_machine(other_machine: Called, states: Path) -> None:
    items = json.loads(other_machine("list", "--json").out)["total"]

    planned = other_machine("import", "--dry-run", str(states))
    assert planned.lines == [f"{items} reading states would be imported, 0 known already, 0 of items that are not here"]
    assert json.loads(other_machine("list", "is:read", "--json").out)["total"] == 0
    assert other_machine("import", str(states)).lines[0].startswith(f"{items} reading states imported")
    assert json.loads(other_machine("list", "is:read is:starred", "--json").out)["total"] == items
    assert other_machine("import", str(states)).lines[0].startswith(f"0 reading states imported, {items} known already")


def test_file_holds_neither_highlights_nor_feed_addresses(states: Path, feeds: Path) -> None:
    text = states.read_text("utf-8")
    assert json.loads(text.partition("\n")[0])["florilege"] == "states"
    assert "quote" not in text
    assert str(feeds) not in text


def test_existing_file_is_kept_unless_forced(florilege: Called, states: Path) -> None:
    before = states.read_bytes()
    ran = florilege("export", "--only-state", "--output", str(states))
    assert (ran.code, states.read_bytes()) == (1, before)
    assert "--force overwrites it" in ran.err
    assert florilege("export", "--only-state", "--output", str(states), "--force").code == 0
    assert florilege("export", "--only-state").lines == states.read_text("utf-8").splitlines()


@pytest.mark.parametrize("more", [["--no-state"], ["--format", "json"], ["is:read"], ["--with-secrets"]])
def test_only_state_is_a_format_of_its_own_and_covers_everything(florilege: Called, more: list[str]) -> None:
    ran = florilege("export", "--only-state", *more)
    assert ran.code == 2
    assert "--only-state writes all of it" in ran.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"version":1', '"version":2', "written by a newer florilege"),
        ('"florilege":"states"', '"florilege":"library"', "no export of florilege"),
    ],
)
def test_unreadable_state_file_changes_nothing(
    other_machine: Called, states: Path, old: str, new: str, said: str
) -> None:
    states.write_text(states.read_text("utf-8").replace(old, new, 1), "utf-8")
    ran = other_machine("import", str(states))
    assert ran.code == 1
    assert said in ran.err
    assert json.loads(other_machine("list", "is:read", "--json").out)["total"] == 0


def test_damaged_line_loses_only_its_state_and_is_reported(other_machine: Called, states: Path) -> None:
    head, first, *others = states.read_text("utf-8").splitlines(keepends=True)
    states.write_text("".join([head, first.replace("{", "(", 1), *others]), "utf-8")
    ran = other_machine("import", str(states))
    assert (ran.code, "1 line of this file can't be read" in ran.err) == (1, True)
    assert ran.lines[0].startswith(f"{len(others)} reading state")
