"""Renaming, removing and restoring groups."""

import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from support.commands import Called, Installed


@pytest.fixture
def filled(florilege: Called, feeds: Path) -> Called:
    florilege("add", str(feeds / "encre.rss"), str(feeds / "open_reading.rss"))
    return florilege


def titles(florilege: Called) -> list[str]:
    return [group["title"] for group in florilege("groups", "--json").json["groups"]]


def test_group_is_renamed(filled: Called) -> None:
    ran = filled("rename", "encre", "  Ink\tand paper ")
    assert (ran.code, ran.lines, ran.said) == (0, ["Encre & Papier is now called Ink and paper"], [])
    assert titles(filled) == ["Ink and paper", "Open Reading"]


@pytest.mark.parametrize(("words", "code"), [(("encre", " "), 2), (("glue", "Paste"), 1), (("encre",), 2)])
def test_rename_reports_what_it_cannot_do(filled: Called, words: tuple[str, ...], code: int) -> None:
    ran = filled("rename", *words)
    assert ran.code == code
    assert len(ran.said) == 1
    assert titles(filled) == ["Encre & Papier", "Open Reading"]


def test_removed_group_is_restored_with_its_reading_states(filled: Called) -> None:
    filled("mark", "read", "group:encre")
    before = filled("list", "--json").json
    ran = filled("remove", "encre", "--yes")
    assert ran.code == 0
    assert ran.lines == ["Encre & Papier was removed; for a week, florilege restore 0001 brings it back"]
    assert titles(filled) == ["Open Reading"]
    ran = filled("restore", "encre")
    assert (ran.code, ran.lines) == (0, ["Encre & Papier is back, with 3 items"])
    assert filled("list", "--json").json == before


def test_several_groups_are_removed_and_a_wrong_name_reported(filled: Called) -> None:
    ran = filled("remove", "encre", "glue", "open", "encre", "--yes")
    assert ran.code == 1
    assert len(ran.lines) == 2
    assert ran.said == ["No group is called “glue”. There are: Encre & Papier and Open Reading."]
    assert titles(filled) == []


def test_removed_group_cannot_be_restored_after_a_week(filled: Called) -> None:
    filled("remove", "encre", "--yes")
    filled.clock.move(days=8)
    filled("remove", "open", "--yes")
    ran = filled("restore", "encre")
    assert (ran.code, ran.said) == (1, ["No group is called “encre”. There are: Open Reading."])


def test_restore_with_nothing_removed_says_so(filled: Called) -> None:
    ran = filled("restore")
    assert (ran.code, ran.said) == (0, ["No group was removed in the last week."])
    ran = filled("restore", "encre")
    assert (ran.code, ran.said) == (1, ["Encre & Papier: nothing was removed from it in the last week."])


def test_without_a_terminal_removal_needs_the_yes_option(installed: Installed, feeds: Path) -> None:
    installed("add", str(feeds / "encre.rss"))
    ran = installed("remove", "encre")
    assert ran.code == 1
    assert ran.said == [
        "There is no terminal to ask on: use --yes to remove without asking.",
        "Encre & Papier was not removed.",
    ]


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_on_a_terminal_removal_asks_first(installed: Installed, feeds: Path, answer: str, code: int) -> None:
    installed("add", str(feeds / "encre.rss"))
    terminal = pexpect.spawn(
        sys.executable, ["-m", "florilege", "remove", "encre"], env=installed.environ(), encoding="utf-8", timeout=30
    )
    terminal.expect_exact("Remove Encre & Papier with 3 items? [y/N]")
    terminal.sendline(answer)
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert terminal.exitstatus == code
    terminal.close()


def test_removal_does_not_start_while_another_process_writes(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))
    florilege.lock_timeout = 0.2
    hold = (
        "import sys, pathlib, datetime; from florilege.store import LibraryLock\n"
        "now = lambda: datetime.datetime.now(datetime.UTC)\n"
        "lock = LibraryLock(pathlib.Path(sys.argv[1]), clock=now, program='p')\n"
        "with lock: print('held', flush=True); sys.stdin.read()"
    )
    library = next(path.parent for path in florilege.home.rglob("groups.log"))
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(library)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        ran = florilege("remove", "encre", "--yes")
        other.communicate("")
    assert ran.code == 3
    assert "in use by p (process" in ran.said[0]
