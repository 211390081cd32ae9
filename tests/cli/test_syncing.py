"""What is read on one machine shows as read on another, through a folder named in the settings."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from support.commands import Called


@pytest.fixture
def machines(florilege: Called, tmp_path: Path, feeds: Path) -> tuple[Called, Called]:
    """Two machines with the same group and the same sync folder."""
    folder = tmp_path / "shared"
    folder.mkdir()
    both = florilege, replace(florilege, home=tmp_path / "other")
    for each in both:
        assert each("add", str(feeds / "encre.rss")).code == 0
        (each.home / "config.toml").write_text(f'[sync]\nfolder = "{folder}"\n')
    return both


def total(machine: Called, *query: str) -> int:
    found: int = json.loads(machine("list", "--json", *query).out)["total"]
    return found


def test_refresh_applies_states_of_other_machines(machines: tuple[Called, Called]) -> None:
    here, there = machines
    assert here("mark", "read", "--yes", "is:any").code == 0
    assert here("refresh", "--quiet").code == 0
    assert total(there, "is:read") == 0
    assert there("refresh", "--quiet").code == 0
    assert total(there, "is:read") == total(here) > 0


def test_missing_sync_folder_is_reported(machines: tuple[Called, Called], tmp_path: Path) -> None:
    here, _ = machines
    (tmp_path / "shared").rmdir()
    ran = here("refresh", "--quiet")
    assert ran.code == 1
    assert f"Reading states were not synchronised: {tmp_path / 'shared'}: No such file or directory." in ran.err
    assert f"note sync: {tmp_path / 'shared'} is not there" in here("doctor").out


def test_doctor_names_the_sync_folder(machines: tuple[Called, Called], tmp_path: Path) -> None:
    assert f"ok   sync: reading states go through {tmp_path / 'shared'}" in machines[0]("doctor").lines


@pytest.mark.parametrize("value", ['"relative/folder"', '""', "7"])
def test_invalid_sync_folder_is_reported_and_ignored(florilege: Called, value: str) -> None:
    florilege.home.mkdir(parents=True, exist_ok=True)
    (florilege.home / "config.toml").write_text(f"[sync]\nfolder = {value}\n")
    assert "[sync] folder has to be the path of a folder" in florilege("config").err
