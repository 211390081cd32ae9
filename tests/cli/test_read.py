"""`read`: one item after another in plain lines, for screen readers and terminals that can't draw."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from florilege.cli import main
from florilege.cli.context import CliContext
from florilege.desktop import Desktop
from florilege.desktop.browser import OpenResult, open_page
from florilege.desktop.clipboard import CopyResult, Way
from florilege.export.formats import FORMATS
from florilege.model import Comment, Highlight, Sharer
from support.commands import Called, Installed, Ran
from support.selections import NOW, group, item, row, selection
from support.terminal import Terminal

ONE = item(
    "0" * 15 + "1",
    title="Lire en \x1b[31mmarge",
    sharer=Sharer("Odette"),
    shared_at=NOW,
    tags=("papier", "lecture"),
    highlights=(
        Highlight(
            id="h1",
            quote="La marge\nest un lieu.",
            author="Bob",
            comments=(Comment("Yes", author="Ann", replies=(Comment("No"),)),),
        ),
        Highlight(id="h2", quote="Le papier boit.", location="p. 7"),
    ),
    notes=(Comment("Read it twice", author="Odette"),),
)
TWO = item("0" * 15 + "2", title="Sans rien", url=None, body="<p>Words of its own</p>")
THREE = item("0" * 15 + "3", title="Read already")


@pytest.fixture
def filled(florilege: Called, tmp_path: Path) -> Called:
    rows = [row(ONE, of=group()), row(TWO, of=group())]
    rows.append(row(THREE, of=group(), read_at=NOW))
    (tmp_path / "all.json").write_text("".join(FORMATS["json"].write(selection(*rows))))
    assert florilege("import", str(tmp_path / "all.json")).code == 0
    return florilege


class FakeDesktop(Desktop):
    """A browser that shows every page, and a clipboard that takes only one text."""

    def open_page(self, address: str | None) -> OpenResult:
        return open_page(address, show=lambda _: True, find_browser=lambda: "firefox")

    def copy(self, text: str, write_terminal: Callable[[str], None] | None = None) -> CopyResult:
        return CopyResult((Way.SYSTEM,)) if "papier boit" in text else CopyResult(())


def read_with(called: Called, monkeypatch: pytest.MonkeyPatch, keys: str, *words: str) -> Ran:
    """Output of `read` when these keys come from a pipe, one a line."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{key}\n" for key in keys)))
    called.capsys.readouterr()
    environ = {"FLORILEGE_HOME": str(called.home)}
    code = main(["read", *words], CliContext(environ, clock=called.clock, make_desktop=FakeDesktop))
    written = called.capsys.readouterr()
    return Ran(code, written.out, written.err)


def test_item_is_printed_in_plain_lines_each_starting_with_its_label(
    filled: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = read_with(filled, monkeypatch, "", "tag:papier")

    assert ran.code == 0
    assert ran.lines == [
        "1 of 1: Lire en [31mmarge",
        "In Encre & Papier, shared by Odette, 23 November 2026",
        "Link: https://example.org/marges",
        "Tags: papier, lecture",
        "Quote 1, Bob: La marge",
        "est un lieu.",
        "Comment by Ann: Yes",
        "Reply: No",
        "Quote 2, p. 7: Le papier boit.",
        "Note by Odette: Read it twice",
        "Keys: n next and mark read, p previous, s star, o open, c copy, q quit",
    ]
    assert filled("list", "is:unread", "--json").json["total"] == 2


def test_keys_mark_star_open_copy_and_go_back(filled: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = read_with(filled, monkeypatch, "socxnnq")

    assert [line for line in ran.lines if line.split(" ")[0] in {"Starred", "Opened", "Quotes", "That", "Text:"}] == [
        "Starred",
        "Opened example.org in the browser.",
        "Quotes copied to the clipboard.",
        "Text: Words of its own",
        "That was the last one.",
    ]
    assert filled("list", "is:unread").said == ["0 items"]
    assert filled("list", "is:starred", "--json").json["total"] == 1
    assert read_with(filled, monkeypatch, "").said == ["Nothing is unread."]


def test_browser_that_draws_in_the_terminal_may_use_ours(filled: Called, installed: Installed, tmp_path: Path) -> None:
    browser = tmp_path / "w3m"
    browser.write_text('#!/bin/sh\necho "reading $1"\n')
    browser.chmod(0o755)
    environ = {"BROWSER": str(browser), "FLORILEGE_HOME": str(installed.home)}
    with Terminal("read", "tag:papier", home=tmp_path, environ=environ) as terminal:
        terminal.shows("Keys:")
        terminal.press("o")
        terminal.shows("reading https://example.org/marges", "Opened example.org in the browser.")
        terminal.press("q")
        assert terminal.ended() == 0


def test_previous_undoes_the_mark(filled: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = read_with(filled, monkeypatch, "pnp")

    assert "This is the first one." in ran.lines
    assert [line for line in ran.lines if " of 2: " in line].count("1 of 2: Lire en [31mmarge") == 3
    assert filled("list", "is:unread", "--json").json["total"] == 2


def test_dumb_terminal_is_offered_read_and_single_keys_work(
    filled: Called, installed: Installed, tmp_path: Path
) -> None:
    environ = {"TERM": "dumb", "FLORILEGE_HOME": str(installed.home)}
    with Terminal(home=tmp_path, environ=environ) as terminal:
        terminal.shows("This terminal can't draw (TERM is dumb); `florilege read` reads in plain lines.")
        assert terminal.ended() == 1
    with Terminal("read", home=tmp_path, environ=environ) as terminal:
        terminal.shows("1 of 2", "Keys:")
        terminal.press("\x1b[Bpn")  # typed ahead: one key without a meaning, and two that must not be lost
        terminal.shows("This is the first one.", "2 of 2: Sans rien")
        terminal.press("q")
        assert terminal.ended() == 0
        assert b"\x1b" not in terminal.sent
