"""The four things people do with florilege, done with the keyboard alone in a real terminal."""

import base64
import json
import subprocess
from pathlib import Path

import pytest

from support.loopback import Loopback, reply
from support.terminal import COMMAND, ENTER, ESCAPE, Terminal, running

SAMPLES = Path(__file__).parent.parent / "samples"
FEED = SAMPLES / "diigo_group.rss"
FIRST = "Lire en marge : pourquoi annoter à plusieurs"
SECOND = "A field guide to paper sizes"


def florilege(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [COMMAND, "--library", str(home / "florilege"), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def titles(home: Path, query: str) -> list[str]:
    return [item["title"] for item in json.loads(florilege(home, "list", "--json", query))["items"]]


def copied(terminal: Terminal) -> str:
    """What was last sent to the clipboard of the terminal."""
    return base64.b64decode(terminal.sent.split(b"\x1b]52;c;")[-1].split(b"\x07")[0]).decode()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    florilege(tmp_path, "add", str(FEED))
    return tmp_path


def test_catching_up(home: Path) -> None:
    with running(home=home) as terminal:
        terminal.shows("Unread", "15 unread", FIRST)  # the counts are there at once
        terminal.shows("┃")  # the highlights of the first unread item are readable on the right
        terminal.press("l")
        terminal.press("y")
        terminal.shows("Link copied")
        assert copied(terminal) == "https://example.org/revue/lire-en-marge"
        terminal.press("n")  # to the next unread item, in any group
        terminal.shows("14 unread", SECOND)  # what was seen is read
        terminal.press(";")
        terminal.shows("Only a peek")
        terminal.press("v")
        terminal.press("v")
        terminal.shows("2 selected")
        terminal.press("m")
        terminal.shows("2 of 2 items in the selection marked read", "12 unread")
        terminal.press("u")
        terminal.shows("14 unread")
        terminal.press("q")
        assert terminal.ended() == 0
    assert titles(home, "is:read") == [FIRST]


def test_looking_something_up(home: Path) -> None:
    with running(home=home) as terminal:
        terminal.shows(FIRST)
        terminal.press("/")
        terminal.shows("Find")
        terminal.press("humidite")  # a word inside a highlight, without its accent
        terminal.until(lambda text: "conserver des cahiers" in text and SECOND not in text, what="one item")
        terminal.press(ENTER)
        terminal.press(ESCAPE)
        terminal.shows("15 of 15")  # the cursor is still on the match
        terminal.press("g")
        terminal.shows("1 of 15", SECOND)
        terminal.press("t")
        terminal.shows("Tags", "all/any/none")
        terminal.press(ENTER)
        terminal.shows("› tag:")
        terminal.press(ESCAPE)
        terminal.until(lambda text: "› tag:" not in text, what="the list without its filter")
        terminal.press("b")
        terminal.shows("Who shared")
        terminal.press(ESCAPE)
        terminal.until(lambda text: "Who shared" not in text, what="the list without the picker")
        terminal.press("'")
        terminal.shows("Go to")
        terminal.press("atelier" + ENTER)
        terminal.shows("Home › Atelier des Marges")
        terminal.press("q")
        assert terminal.ended() == 0


def test_taking_it_away(home: Path) -> None:
    with running(home=home) as terminal:
        terminal.shows(FIRST)
        terminal.press("l")
        terminal.press("c")  # one quote with its source, from the list
        terminal.shows("Quote 1 with its source copied")
        assert copied(terminal).startswith("> ")
        assert "](https://example.org/revue/lire-en-marge)" in copied(terminal)
        terminal.press("e")
        terminal.shows("Write to")
        terminal.press("\x15")
        terminal.shows("quotes.csv")  # the line is empty, and says what may be typed
        terminal.press("notes.md" + ENTER)  # all the quotes of the list as a document
        terminal.shows("written to")
        terminal.press("q")
        assert terminal.ended() == 0
    notes = (home / "notes.md").read_text("utf-8")
    assert FIRST in notes
    assert notes.count("> ") > 5


def test_leaving_it_running(tmp_path: Path) -> None:
    feed = FEED.read_bytes()
    first, rest = feed.index(b"<item"), feed.index(b"</item>") + len(b"</item>")
    without_first = feed[:first] + feed[rest:]
    with Loopback() as server:
        address = server.at("/rss", reply(without_first), reply(feed))
        florilege(tmp_path, "add", address)
        with running(home=tmp_path) as terminal:
            terminal.shows("14 unread")
            terminal.press("l" + "j" * 3)
            before = terminal.shows("4 of 14")
            title = next(line for line in before.splitlines() if "4 of 14" in line)
            terminal.press("R")
            terminal.shows("1 new item in 1 group", "5 of 15")  # announced; the cursor is on the same item
            assert title != terminal.text.splitlines()[0]
            terminal.press(".")
            terminal.shows("Just arrived", "1 of 1", FIRST)
            terminal.press("q")
            assert terminal.ended() == 0
        # And without the app, as from cron
        assert "unchanged" in florilege(tmp_path, "refresh", "--all", "--json")
