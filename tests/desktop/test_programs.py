"""Running the user's own programs on a text or a file, with real programs."""

import asyncio
import os
from pathlib import Path

import pytest

from florilege.desktop.programs import RunResult, run, view, words_of

ENVIRON = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}


def ran(*command: str, given: str = "", limit: float = 20) -> RunResult:
    return asyncio.run(run(command, given.encode(), ENVIRON, limit))


def test_program_gets_the_text_and_its_first_line_is_reported() -> None:
    assert ran("cat", given="one\n\ntwo\nthree\n") == RunResult("one (2 more lines)")
    assert ran("cat", given="alone") == RunResult("alone")
    assert ran("true", given="x" * (1 << 20)) == RunResult("")


def test_output_of_a_program_cannot_drive_the_terminal() -> None:
    assert ran("cat", given="\x1b[31mred\x07\x1b]0;title\x07") == RunResult("[31mred]0;title")


def test_failure_is_reported_with_exit_code_and_last_words() -> None:
    assert ran("sh", "-c", "echo first >&2; echo no mailer >&2; exit 3").error == "failed with exit code 3: no mailer"
    assert ran("false").error == "failed with exit code 1."


def test_reasons_for_not_starting_are_distinguished() -> None:
    assert ran("/no/such/program") == RunResult(
        error="could not be started: No such file or directory.", has_started=False
    )
    assert not ran("nul\0byte").has_started
    assert not ran("").has_started


def test_missing_folder_for_temporary_files_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    assert ran("cat", given="text") == RunResult(
        error="could not be started: No such file or directory.", has_started=False
    )


def test_program_is_stopped_at_its_time_limit() -> None:
    assert ran("sleep", "600", limit=0.05).error == "was stopped: it was not done after 0.05 s."


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("jq -r '.quotes[] | .quote'", ["jq", "-r", ".quotes[] | .quote"]),
        ("echo $HOME; rm *", ["echo", "$HOME;", "rm", "*"]),  # no shell, so no expansion and no chaining
        ('tee "~/a b"', ["tee", str(Path("~/a b").expanduser())]),
    ],
)
def test_typed_command_is_split_into_words_without_a_shell(typed: str, words: list[str]) -> None:
    assert words_of(typed) == words


def test_text_is_shown_in_the_configured_program(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    editor = {"EDITOR": f"cp -f --target-directory {tmp_path}", "PAGER": "false", **ENVIRON}
    assert view("« Une phrase »", "une-page.md", editor) is None
    assert (tmp_path / "une-page.md").read_text() == "« Une phrase »"
    assert view("x", "a.md", {"VISUAL": " ", "PAGER": f"sh -c 'echo \"$0\" > {seen}'", **ENVIRON}) is None
    assert not Path(seen.read_text().strip()).exists(), "nothing of it stays behind"


def test_failing_editor_is_reported() -> None:
    assert view("x", "a.md", {"EDITOR": "false", **ENVIRON}) == "false ended with exit code 1."
    assert view("x", "a.md", {"EDITOR": "/no/editor", **ENVIRON}) == (
        "It could not be shown by $EDITOR (No such file or directory)."
    )
    assert view("x", "a.md", {"PATH": "/nowhere"}) == (
        "It could not be shown by less; name an editor in $EDITOR (No such file or directory)."
    )
