"""Failing commands: one sentence, the right exit code, and stored data untouched."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from florilege import __version__
from florilege.store import Library
from support.commands import DEADLINE, Called, Installed
from support.library import item, store
from support.loopback import Loopback, reply

Expected = Callable[[str], Any]


def _stored(home: Path) -> dict[str, bytes]:
    """The content of every library file, except who last held the lock."""
    files = (path for path in home.rglob("*") if path.is_file() and not path.name.startswith("lock"))
    return {str(path.relative_to(home)): path.read_bytes() for path in files}


BAD_FILES = {
    "empty body": ("empty.txt", "empty"),
    "login page": ("login.html", "sign-in page"),
    "no feed": ("words.txt", ""),
    "a folder": ("", "folder"),
    "no such file": ("nothing.rss", "no file"),
    "broken JSON": ("broken.json", ""),
    "unsupported JSON": ("unsupported.json", ""),
}


@pytest.mark.parametrize(("name", "word"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_files_give_one_sentence_and_change_nothing(
    florilege: Called, feeds: Path, home: Path, name: str, word: str
) -> None:
    florilege("add", str(feeds / "encre.rss"))
    before = _stored(home)

    ran = florilege("add", str(feeds / name))

    assert ran.code == 1
    assert ran.lines == []
    (sentence,) = ran.said
    assert word in sentence
    assert sentence.endswith((".", "/feed"))
    assert _stored(home) == before


UNREADABLE = Path("/proc/self/mem")
"""A file that not even root can read."""


@pytest.mark.skipif(not UNREADABLE.exists(), reason="there is no file here that root can't read")
def test_unreadable_file_is_one_sentence(florilege: Called, home: Path) -> None:
    ran = florilege("add", str(UNREADABLE))

    assert ran.code == 1
    (sentence,) = ran.said
    assert sentence.startswith(f"{UNREADABLE} can't be read (")
    assert not home.exists()


def test_truncated_feed_gives_its_complete_items_and_a_warning(
    florilege: Called, server: Loopback, feeds: Path
) -> None:
    whole, cut = ((feeds / name).read_bytes() for name in ("encre.rss", "truncated.rss"))
    florilege("add", server.at("/rss", reply(whole), reply(cut)))
    before = florilege("list", "--json").json

    refreshed = florilege("refresh", "--all")
    after = florilege("list", "--json").json["items"]
    added = florilege("add", str(feeds / "truncated.rss"))

    assert refreshed.code == added.code == 1
    assert all(known in after for known in before["items"])
    assert added.lines == ["Encre & Papier: nothing new"]  # the message names the existing group
    assert any("breaks off" in said for said in added.said)


BAD_ANSWERS = {
    "404": (reply(b"nothing", status=404), "404"),
    "login page": (reply(b'<html><title>Sign in</title><form><input type="password"></form></html>'), "sign-in"),
    "empty body": (reply(b""), "empty"),
    "no feed": (reply(b"Only words, and no feed at all."), ""),
}


@pytest.mark.parametrize(("answer", "word"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_first_add_with_a_bad_answer_keeps_nothing(florilege: Called, server: Loopback, answer: Any, word: str) -> None:
    ran = florilege("add", server.at("/rss", answer))

    assert ran.code == 1
    (sentence,) = ran.said
    assert word in sentence
    assert florilege("groups").lines == []


def test_first_add_with_a_server_error_keeps_the_group_as_failing(florilege: Called, server: Loopback) -> None:
    ran = florilege("add", server.at("/rss", reply(status=503)))

    assert ran.code == 1
    assert "127.0.0.1" in ran.said[0]
    assert ran.said[1].endswith("is kept; florilege tries again at the next refresh.")
    (group,) = florilege("groups", "--json").json["groups"]
    assert group["outcome"] == "failed"
    assert group["sources"][0]["error"] in ran.said[0]
    assert florilege("groups").lines[0].startswith("127.0.0.1/rss: 0 unread of 0, not refreshed: ")


def test_unknown_host_adds_nothing_and_promises_nothing(florilege: Called) -> None:
    ran = florilege("add", "http://nobody.invalid/rss")

    assert ran.code == 1
    assert "Nothing was added" in ran.said[0]
    assert ran.said[1:] == ["To add it anyway, use --no-refresh."]
    assert florilege("groups").lines == []
    assert florilege("add", "--no-refresh", "http://nobody.invalid/rss").code == 0
    assert len(florilege("groups").lines) == 1


def test_refresh_with_a_bad_answer_changes_no_item(florilege: Called, server: Loopback, feeds: Path) -> None:
    address = server.at("/rss", reply((feeds / "encre.rss").read_bytes()), reply(b"Only words."))
    florilege("add", address)
    before = florilege("list", "--json").json

    ran = florilege("refresh", "--all")

    assert ran.code == 1
    assert florilege("list", "--json").json == before


def test_failed_add_in_json_has_an_error_and_no_id(florilege: Called, feeds: Path) -> None:
    ran = florilege("add", str(feeds / "words.txt"), "--json")

    (group,) = ran.json["groups"]
    assert (group["id"], group["outcome"], group["kind"]) == (None, "failed", None)
    assert group["error"] in ran.said[0]
    assert ran.code == 1


def test_first_ten_warnings_are_printed_then_a_count(florilege: Called, tmp_path: Path) -> None:
    from florilege.cli.fetch import print_warnings
    from florilege.model import Outcome
    from florilege.refresh import Result

    print_warnings(Result("0001", "Encre", Outcome.OK, warnings=tuple(f"Odd thing {n}." for n in range(12))))

    lines = florilege.capsys.readouterr().err.splitlines()
    assert lines[9] == "florilege: Encre: Odd thing 9."
    assert lines[10:] == ["florilege: Encre: and 2 more warnings"]


WRONG = {
    "unknown command": (["lsit"], "There is no command “lsit”. Did you mean list?"),
    "unknown command, nothing near": (["zzz"], "There is no command “zzz”. There are demo, read, add"),
    "an address without scheme": (["groups.example.org/rss"], "give all of it: https://groups.example.org/rss"),
    "control characters": (["\x1b]0;owned\x07"], "There is no command “]0;owned”."),
    "unknown option": (["groups", "--jsn"], "No such option"),
    "mark without query": (["mark", "read"], "Nothing was marked"),
    "mark with a blank query": (["mark", "read", " "], "Nothing was marked"),
    "mark as something else": (["mark", "seen", "is:any"], "seen"),
    "add without source": (["add"], "SOURCE"),
    "two kinds of JSON": (["list", "--json", "--jsonl"], "Use only one of"),
    "a negative limit": (["list", "--limit", "-1"], "-1"),
    "one title for two": (["add", "a.rss", "b.rss", "--title", "T"], "--title names one group"),
    "a title for a group that has one": (["add", "a.rss", "--title", "T", "--into", "x"], "--into adds"),
    "an empty tag": (["add", "a.rss", "--tag", " "], "can't be empty"),
    "standard input twice": (["add", "-", "-"], "only once"),
    "a query that looks like an option": (["list", "-elan"], "Put -- before a query"),
    "no folder": (["--library", "", "groups"], "--library needs"),
}


@pytest.mark.parametrize(("words", "sentence"), WRONG.values(), ids=WRONG)
def test_wrong_command_line_is_exit_code_2_and_one_line(
    florilege: Called, home: Path, words: list[str], sentence: str
) -> None:
    ran = florilege(*words)

    assert ran.code == 2
    assert ran.lines == []
    (said,) = ran.said
    assert sentence in said
    assert not home.exists()


def test_query_error_points_at_its_position(florilege: Called) -> None:
    ran = florilege("list", "論文", "tga:x")

    assert ran.code == 2
    assert ran.said[0].startswith("There is no field tga:")
    assert ran.said[1:] == ["  論文 tga:x", "       ^"]
    assert florilege("mark", "read", "tga:x").code == 2


def test_unknown_group_is_exit_code_1_and_lists_the_groups(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))

    ran = florilege("add", str(feeds / "open_reading.rss"), "--into", "nobody")

    assert ran.code == 1
    assert ran.said == ["No group is called “nobody”. There are: Encre & Papier."]


def test_hostile_text_cannot_drive_the_terminal(florilege: Called, feeds: Path) -> None:
    added = florilege("add", str(feeds / "hostile.rss"))
    outputs = [added, florilege("groups"), florilege("list"), florilege("refresh"), florilege("list", "--json")]

    for ran in outputs:
        assert ran.code == 0
        for text in (ran.out, ran.err):
            assert not set(text) & set("\x1b\x07\x9b\u202e\u202c\u2066")
    assert outputs[2].lines == [
        "● 2026-03-10  evil ]0;owned [red]bold[/red] ›31m  (Mallory, [bold]Hostile[/bold] group)"
    ]


def test_stored_text_that_was_never_cleaned_is_cleaned_when_printed(florilege: Called, home: Path) -> None:
    with Library(home / "library", clock=florilege.clock) as library:
        group = library.add_group("Gr\x1b[2Joup")
        store(library, group.id, item("0001", group.id, title="\x9b31mTitle\u202e\nsecond line"))

    listed, grouped = florilege("list"), florilege("groups")

    assert listed.lines == ["● date unknown  31mTitle second line  (sharer unknown, Gr[2Joup)"]
    assert grouped.lines == ["Gr[2Joup: 1 unread of 1"]


def test_title_from_the_command_line_is_cleaned(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"), "--title", "A \x1b[31mred\u202e\ntitle")

    assert florilege("groups", "--json").json["groups"][0]["title"] == "A [31mred title"


def test_foreign_library_is_exit_code_3_and_untouched(florilege: Called, home: Path, feeds: Path) -> None:
    (home / "library").mkdir(parents=True)
    (home / "library" / "groups.log").write_bytes(b"somebody else's notes\n")

    for words in (["groups"], ["list"], ["mark", "read", "is:any"], ["refresh"], ["add", str(feeds / "encre.rss")]):
        ran = florilege(*words)
        assert (ran.code, ran.lines, len(ran.said)) == (3, [], 1), words
    assert (home / "library" / "groups.log").read_bytes() == b"somebody else's notes\n"


def test_unexpected_failure_is_one_sentence(florilege: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("a \x1b[31mkey")

    monkeypatch.setattr("florilege.cli.list.find_items", broken)

    ran = florilege("list")

    assert ran.code == 1
    (sentence,) = ran.said
    assert "KeyError" in sentence
    assert "FLORILEGE_DEBUG=1" in sentence
    assert "Traceback" not in ran.err


def test_debug_mode_shows_the_traceback(installed: Installed, home: Path) -> None:
    (home / "library").mkdir(parents=True)
    (home / "library" / "groups.log").write_bytes(b"somebody else's notes\n")

    ran = installed("groups", FLORILEGE_DEBUG="1")

    assert "Traceback" in ran.err
    assert ran.code == 3


HOLD = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from florilege.store import LibraryLock
with LibraryLock(Path(sys.argv[1]), clock=lambda: datetime.now(UTC), program="florilege refresh"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_library_locked_by_another_process_is_exit_code_3_and_names_it(
    florilege: Called, home: Path, feeds: Path
) -> None:
    florilege("add", str(feeds / "encre.rss"))
    florilege.lock_timeout = 0.05
    command = [sys.executable, "-c", HOLD, str(home / "library")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        marked = florilege("mark", "read", "is:any")
        added = florilege("add", str(feeds / "open_reading.rss"))
        refreshed = florilege("refresh")
        examined = florilege("doctor")
        listed = florilege("list")
        other.communicate(timeout=DEADLINE)

    for ran in (marked, added, refreshed):
        assert ran.code == 3
        assert f"florilege refresh (process {other.pid}, since " in ran.said[0]
    assert examined.code == 3
    assert any(line.startswith("fail library: its lock is held by florilege refresh") for line in examined.lines)
    assert (listed.code, len(listed.lines)) == (0, 3)
    assert florilege("mark", "read", "is:any").lines == ["3 items marked read"]


def test_version_is_printed(florilege: Called) -> None:
    assert florilege("--version").lines == [f"florilege {__version__}"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "--format", "jsn"), "'jsn' is not one of 'json', "),
        (("mark", "raed", "is:any"), "'raed' is not one of 'read', 'unread', 'starred', 'unstarred'."),
        (("completion", "tcsh"), "'tcsh' is not one of 'bash', 'zsh', 'fish'."),
        (("export", "--output", "all.txt"), "let it end in one of .json, .md"),
    ],
)
def test_unknown_choice_is_reported_with_the_known_ones(florilege: Called, words: tuple[str, ...], said: str) -> None:
    ran = florilege(*words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.said[0]
