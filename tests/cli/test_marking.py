"""`mark` and `undo`: how many items are marked, when confirmation is asked, and how to go back."""

import io
from pathlib import Path

import pytest

from florilege.cli import mark
from florilege.cli.mark import MANY
from florilege.files import NotWritten
from support.commands import Called


class Terminal(io.StringIO):
    """Standard input with a person typing."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def filled(florilege: Called, tmp_path: Path) -> Called:
    """More items than are marked without confirmation."""
    items = "".join(
        f"<item><title>Page {number}</title><link>https://example.org/{number}</link></item>"
        for number in range(MANY + 1)
    )
    feed = tmp_path / "many.rss"
    feed.write_text(f"<rss version='2.0'><channel><title>Many</title>{items}</channel></rss>")
    assert florilege("add", str(feed)).code == 0
    return florilege


def unread(florilege: Called) -> int:
    return len(florilege("list", "is:unread", "--json").json["items"])


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("n\n", MANY + 1)])
def test_on_a_terminal_marking_many_asks_first(
    filled: Called, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    filled("mark", "read", "is:any")
    assert unread(filled) == left


def test_yes_option_skips_the_question(filled: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert filled("mark", "read", "is:any", "--yes").code == 0
    assert unread(filled) == 0


def test_dry_run_says_what_would_be_marked_and_marks_nothing(filled: Called) -> None:
    ran = filled("mark", "read", "is:any", "--dry-run")
    assert ran.lines[0] == f"{MANY + 1} items would be marked read"
    assert ran.lines[-1] == f"  and {MANY + 1 - 5} more"
    assert unread(filled) == MANY + 1


def test_undo_takes_back_the_last_mark_once(filled: Called) -> None:
    filled("mark", "starred", "title:3")
    filled("mark", "read", "is:any")
    ran = filled("undo")
    assert (ran.code, ran.lines) == (0, [f"{MANY + 1} items unread again"])
    assert unread(filled) == MANY + 1
    assert filled("list", "is:starred", "--json").json["items"] != []
    assert filled("undo").code == 1


def test_undo_keeps_marks_made_since(filled: Called) -> None:
    filled("mark", "read", "is:any")
    place = filled.home / "last-mark.json"
    before = place.read_bytes()
    filled("mark", "starred", "is:any")
    place.write_bytes(before)
    filled("undo")
    assert unread(filled) == MANY + 1
    assert len(filled("list", "is:starred", "--json").json["items"]) == MANY + 1


def test_damaged_undo_record_undoes_nothing(filled: Called) -> None:
    filled("mark", "read", "is:any")
    (filled.home / "last-mark.json").write_text("{")
    assert filled("undo").code == 1
    assert unread(filled) == 0


@pytest.mark.parametrize("words", ["list", "mark read is:any", "refresh", "export --format json"])
def test_missing_library_is_reported_and_not_created(florilege: Called, tmp_path: Path, words: str) -> None:
    ran = florilege(*words.split(), "--library", str(tmp_path / "nope"))
    assert ran.code == 1
    assert ran.said == [f"There is no library “{tmp_path / 'nope'}”: give --library an existing folder."]
    assert not (tmp_path / "nope").exists()


def test_doctor_reports_a_misspelt_theme(florilege: Called) -> None:
    florilege.home.mkdir(parents=True)
    (florilege.home / "config.toml").write_text('[look]\ntheme = "florilege-drak"\n')
    assert "There is no theme “florilege-drak”. Did you mean florilege-dark?" in florilege("doctor").out


def test_undo_does_not_fall_through_to_an_older_mark(
    florilege: Called, feeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_: object) -> None:
        raise NotWritten(f"{path} can't be written (No space left on device).")

    florilege("add", str(feeds / "encre.rss"))
    assert florilege("mark", "read", "--yes", "is:any").code == 0
    monkeypatch.setattr(mark, "write_atomically", full)
    assert "`florilege undo` can't undo this" in florilege("mark", "starred", "--yes", "is:any").err
    assert florilege("undo").code == 1
    assert florilege("list", "is:read").out
