"""Colour: only on a terminal, never with NO_COLOR, never in JSON, and only ours."""

import sys
from pathlib import Path

import pytest

from florilege.export.formats import FORMATS
from florilege.model import Highlight, Sharer
from support.commands import Called, Installed
from support.selections import item, row, selection
from support.terminal import Terminal


def fill(home: Path, title: str = "Lire en marge") -> None:
    marks = (Highlight(id="h1", quote="La marge"),)
    path = home.parent / "all.json"
    one = item(title=title, highlights=marks, tags=("marge",), sharer=Sharer("Odette"))
    rows = [row(one), row(item("0" * 16, title="Lu"))]
    path.write_text("".join(FORMATS["json"].write(selection(*rows))), "utf-8")
    assert Installed(home)("import", str(path)).code == 0


def on_a_terminal(tmp_path: Path, *commands: tuple[str, ...], **environ: str) -> list[bytes]:
    """What each of several commands sends to a terminal, all run in one process."""
    program = (
        "from florilege.cli import main\n"
        f"for words in {commands!r}:\n"
        "    assert main(words) == 0\n"
        "    print(end='\\0', flush=True)"
    )
    with Terminal("-c", program, home=tmp_path, command=sys.executable, environ=environ) as terminal:
        assert terminal.ended() == 0
        *sent, _ = terminal.sent.split(b"\0")
        assert len(sent) == len(commands)
        return sent


WORDS = [("list",), ("groups",), ("quotes",), ("tags",), ("sharers",), ("doctor",), ("config",), ("bindings",)]
FOR_PROGRAMS = [("list", "--json"), ("list", "--jsonl"), ("list", "--template", "{title}")]


def test_terminal_output_is_coloured_but_json_is_not(tmp_path: Path) -> None:
    fill(tmp_path / "florilege")
    sent = on_a_terminal(tmp_path, *WORDS, *FOR_PROGRAMS)
    assert [b"\x1b[" in each for each in sent] == [True] * len(WORDS) + [False] * len(FOR_PROGRAMS)
    assert b"\x1b[1mLire en marge\x1b[0m" in sent[0]  # unread items are bold
    assert b"\x1b[2m" in sent[0]  # dates are dim


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_turned_off(tmp_path: Path, environ: dict[str, str]) -> None:
    fill(tmp_path / "florilege")
    assert b"\x1b" not in b"".join(on_a_terminal(tmp_path, ("list",), ("tags",), **environ))


def test_pipe_gets_no_colour(florilege: Called) -> None:
    fill(florilege.home)
    florilege.environ["TERM"] = "xterm-256color"
    for words in WORDS:
        assert "\x1b" not in florilege(*words).out


def test_refresh_shows_news_bold_and_the_unchanged_dim(tmp_path: Path, feeds: Path) -> None:
    again = ("refresh", "--all")
    added, unchanged = on_a_terminal(tmp_path, ("add", str(feeds / "encre.rss")), again)
    assert b"\x1b[1mEncre & Papier: \x1b[0m" in added
    assert b"\x1b[2munchanged\x1b[0m" in unchanged
    assert b"\x1b" not in b"".join(on_a_terminal(tmp_path, again, TERM="dumb"))
    assert b"\x1b[2m" not in b"".join(on_a_terminal(tmp_path, again, NO_COLOR="1"))


def test_title_cannot_add_colour(tmp_path: Path) -> None:
    fill(tmp_path / "florilege", title="\x1b[31mred\x1b[0m\nsecond line")
    (sent,) = on_a_terminal(tmp_path, ("list",))
    assert b"\x1b[31m" not in sent
    assert b"red" in sent
    assert b" second line" in sent


def test_pieces_of_a_line_add_up_to_the_line(florilege: Called) -> None:
    fill(florilege.home)
    assert florilege("list").lines[0].startswith("● ")
    assert "  Lire en marge  (" in florilege("list").lines[0]
