"""A reader's session with the installed command in a real terminal, with the keyboard only."""

import base64
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from support.terminal import COMMAND, DOWN, ENTER, ESCAPE, Terminal, running

SAMPLES = Path(__file__).parent.parent / "samples"
FEED = SAMPLES / "diigo_group.rss"
TITLE = "Lire en marge : pourquoi annoter à plusieurs"
QUOTE = "Une note isolée n'aide que son auteur"


def florilege(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "--library", str(home / "florilege"), *arguments], capture_output=True, text=True, check=False
    )


def listed(home: Path, *query: str) -> list[dict[str, object]]:
    done = florilege(home, "list", "--json", *query)
    assert done.returncode == 0, done.stderr
    items: list[dict[str, object]] = json.loads(done.stdout)["items"]
    return items


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one group."""
    done = florilege(tmp_path, "add", str(FEED))
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_from_the_first_start_to_a_quote_and_back_again(home: Path) -> None:
    with running(home=home) as terminal:
        terminal.shows("Groups", "Items", "Annotations", "Atelier des Ma", TITLE)
        terminal.press("l")
        terminal.press("l")
        terminal.press("c")
        terminal.shows("Quote 1 with its source copied")
        terminal.press("h")
        terminal.press("j")
        terminal.press("m")
        terminal.shows("Marked read: A field guide to paper sizes")
        terminal.press("q")
        assert terminal.ended() == 0

        copied = base64.b64decode(terminal.sent.split(b"\x1b]52;c;")[1].split(b"\x07")[0]).decode()
        assert copied.startswith(f"> {QUOTE}")
        assert f"[{TITLE}](https://example.org/revue/lire-en-marge)" in copied

    assert {item["title"] for item in listed(home, "is:read")} == {TITLE, "A field guide to paper sizes"}
    with running(home=home) as terminal:
        text = terminal.shows("13/15", "13 unread")
        assert "● A field guide to paper sizes" not in text
        terminal.press("q")
        assert terminal.ended() == 0


def test_mark_on_screen_survives_a_power_cut(home: Path) -> None:
    with running(home=home) as terminal:
        terminal.shows(TITLE)
        terminal.press("l")
        terminal.press("m")
        terminal.shows("Marked read")
        terminal.kill()
    assert [item["title"] for item in listed(home, "is:read")] == [TITLE]


def test_resizing_at_any_moment_keeps_the_place(home: Path) -> None:
    with running(home=home) as terminal:
        terminal.shows(TITLE)
        terminal.press("l" + DOWN + DOWN)
        terminal.shows("3 of 15")
        for columns, lines in ((80, 24), (40, 10), (60, 20), (200, 50), (120, 36)):
            terminal.resize(columns, lines)
            terminal.shows("Entretien avec une")
        terminal.shows("3 of 15", "Groups", "Annotations")
        terminal.press("q")
        assert terminal.ended() == 0


def test_hostile_text_never_reaches_the_terminal_as_a_command(tmp_path: Path) -> None:
    done = florilege(tmp_path, "add", str(FEED), str(SAMPLES / "diigo_group_illformed.rss"))
    assert done.returncode == 1, "the second one breaks off"
    with running(home=tmp_path) as terminal:
        terminal.shows("17 unread", "a clipboard")
        terminal.press("l")
        for _ in range(16):
            terminal.press("j")
        terminal.shows("17 of 17")
        terminal.press("\t\t\tq")
        assert terminal.ended() == 0
        commands = set(re.findall(rb"\x1b\]([^;]*);", terminal.sent))
        assert commands <= {b"22"}, "Textual itself asks only for the shape of the pointer"
        assert b"\x1b[31mred" not in terminal.sent.lower()
        assert b"\xc2\x9d" not in terminal.sent
        assert "\u202e".encode() not in terminal.sent


def test_feed_from_a_pipe_opens_with_keys_from_the_terminal(tmp_path: Path) -> None:
    line = f"cat '{FEED}' | '{COMMAND}' -"
    with Terminal("-c", line, home=tmp_path, command="/bin/sh") as terminal:
        terminal.shows("Atelier des Ma", TITLE)
        terminal.press("q")
        assert terminal.ended() == 0


def test_demo_opens_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running("demo", home=tmp_path, TMPDIR=str(tmp_path)) as terminal:
        terminal.shows("Encre & Papier", "Éloge de la marge")
        terminal.press(",")
        terminal.shows("Mark items read")
        terminal.press(ENTER)
        terminal.shows("on leaving")
        terminal.press(ESCAPE)
        terminal.shows("Mark items read")
        terminal.press(ESCAPE)
        terminal.shows("Aurélie Vergeure")
        terminal.press("q")
        assert terminal.ended() == 0
    assert list(tmp_path.iterdir()) == []


def test_foreign_library_is_one_sentence_instead_of_the_app(tmp_path: Path) -> None:
    library = tmp_path / "florilege" / "library"
    library.mkdir(parents=True)
    (library / "groups.log").write_text("this is somebody's diary\n")
    with running(home=tmp_path) as terminal:
        assert terminal.ended() == 3
        assert "Traceback" not in terminal.text
        assert "groups.log" in terminal.text
    assert (library / "groups.log").read_text() == "this is somebody's diary\n"


def test_inside_tmux_the_quote_reaches_its_buffer(home: Path) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    tmux = ["tmux", "-S", str(home / "tmux.socket"), "-f", "/dev/null"]

    def ask(*arguments: str) -> str:
        return subprocess.run([*tmux, *arguments], capture_output=True, text=True, check=True).stdout

    with Terminal(
        "-S", tmux[2], "-f", "/dev/null", "new-session", shlex.quote(COMMAND), home=home, command="tmux"
    ) as terminal:
        try:
            terminal.shows(TITLE)
            terminal.press("l")
            terminal.press("c")
            terminal.shows("Quote 1 with its source copied", "tmux")
            assert ask("show-buffer").startswith(f"> {QUOTE}")
            terminal.press("q")
            assert terminal.ended() == 0
        finally:
            subprocess.run([*tmux, "kill-server"], capture_output=True, check=False)


def test_editor_gets_the_terminal_and_gives_it_back(home: Path) -> None:
    editor = f"sh -c 'cp \"$0\" {home}/seen.md; echo AN EDITOR; read line'"
    with running(home=home, EDITOR=editor) as terminal:
        terminal.shows(TITLE)
        terminal.press("l")
        terminal.press("E")
        terminal.shows("AN EDITOR")
        terminal.press(ENTER)
        terminal.until(lambda text: "AN EDITOR" not in text and TITLE in text, what="the app again")
        terminal.press("q")
        assert terminal.ended() == 0
    assert (home / "seen.md").read_text().startswith(f"## [{TITLE}](https://example.org/revue/lire-en-marge)")
