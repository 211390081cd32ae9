"""Which pages are opened, and what the message says."""

import os
import subprocess
import sys
import webbrowser
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.desktop.browser import OpenResult, open_page
from florilege.text import clean_line

PAGE = "https://www.example.org/papier?a=1"


@dataclass
class Browser:
    """A browser that records the addresses it was given."""

    name: str | None = "firefox"
    works: bool = True
    shown: list[str] = field(default_factory=list)

    def show(self, url: str) -> bool:
        self.shown.append(url)
        return self.works

    def open(self, url: str | None, *, takes_terminal: bool = True) -> OpenResult:
        return open_page(url, show=self.show, find_browser=lambda: self.name, takes_terminal=takes_terminal)


def test_page_is_opened_under_its_exact_address() -> None:
    browser = Browser()

    opening = browser.open(PAGE)

    assert opening.is_open
    assert str(opening) == "Opened example.org in the browser."
    assert browser.shown == [PAGE]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, "No link is known for this item"),
        ("javascript:alert(1)", "it begins with javascript:, and only http and https are"),
        ("JavaScript:alert(1)", "begins with javascript:"),
        ("file:///etc/passwd", "begins with file:"),
        ("mailto:ann@example.org", "begins with mailto:"),
        ("--help", "not a whole web address"),
        ("/etc/passwd", "not a whole web address"),
        ("https://", "not a whole web address"),
        ("https://example.org/a b", "not a whole web address"),
        ("https://example.org/\x1b[31m", "not a whole web address"),
        ("", "not a whole web address"),
        ("https://[broken/", "not a whole web address"),
    ],
)
def test_forbidden_addresses_reach_no_browser(url: str | None, said: str) -> None:
    browser = Browser()

    opening = browser.open(url)

    assert not opening.is_open
    assert said in str(opening)
    assert str(opening).isprintable()
    assert browser.shown == []


@given(st.text() | st.text().map(lambda text: f"https://{text}") | st.text().map(lambda text: f"{text}:x"))
def test_whatever_the_link_a_browser_gets_a_web_address_or_nothing(url: str) -> None:
    browser = Browser()

    opening = browser.open(url)

    assert str(opening) == clean_line(str(opening))
    assert all(shown.lower().startswith(("http://", "https://")) for shown in browser.shown)


@pytest.mark.parametrize("name", ["lynx", "/usr/bin/w3m", "links", "elinks", "www-browser", "lynx -accept_all_cookies"])
def test_terminal_browser_is_not_started_from_the_app(name: str) -> None:
    browser = Browser(name)

    opening = browser.open(PAGE)

    assert "needs the terminal florilege is using" in str(opening)
    assert browser.shown == []


def test_terminal_browser_may_be_started_from_the_command_line() -> None:
    assert Browser("lynx").open(PAGE, takes_terminal=False).is_open


@pytest.mark.parametrize("name", [None, "", " "])
def test_missing_browser_gives_advice(name: str | None) -> None:
    assert "No browser was found: install one" in str(Browser(name).open(PAGE))


def test_failing_browser_is_named() -> None:
    assert "The browser (firefox) did not open the page" in str(Browser(works=False).open(PAGE))


@pytest.mark.parametrize("error", [OSError("gone"), webbrowser.Error("could not locate"), ValueError("No closing")])
def test_browser_that_cannot_be_started_is_one_sentence(error: Exception) -> None:
    def failing(url: str) -> bool:
        raise error

    opening = open_page(PAGE, show=failing, find_browser=lambda: "firefox")

    assert str(opening) == f"The browser could not be started ({error}). Look at $BROWSER, or copy the link."


OPEN = "import sys; from florilege.desktop.browser import open_page; print(open_page(sys.argv[1]))"


def opened_with(browser: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Open the page in a fresh interpreter: webbrowser reads the environment only once."""
    left_out = {"DISPLAY", "WAYLAND_DISPLAY"}
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    return subprocess.run(
        [sys.executable, "-c", OPEN, PAGE],
        env={**inherited, "BROWSER": browser, **environ},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )


@pytest.mark.parametrize("command", ["{script}", "{script} %s"])
def test_browser_of_the_environment_is_used_and_cannot_write_on_our_screen(tmp_path: Path, command: str) -> None:
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho noise; echo noise >&2; printf %s "$1" > "{tmp_path}/shown"\n', "utf-8")
    script.chmod(0o755)

    done = opened_with(command.format(script=script))

    assert done.stdout == "Opened example.org in the browser.\n"
    assert done.stderr == ""
    assert (tmp_path / "shown").read_text("utf-8") == PAGE


def test_absence_of_any_browser_is_reported(tmp_path: Path) -> None:
    done = opened_with("", PATH=str(tmp_path))

    assert done.stdout.startswith("No browser was found")


def test_blank_browser_variable_causes_no_traceback(tmp_path: Path) -> None:
    done = opened_with(" ", PATH=str(tmp_path))

    assert done.stdout.startswith("No browser was found")
    assert done.stderr == ""
