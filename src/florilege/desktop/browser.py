"""Opening pages in the browser, if they are safe to open. Failures are returned as sentences, not raised.

Only `urls.safe_to_open` decides what may be opened. Callers run `open_page` in a thread: it may take `LIMIT` seconds.
"""

import subprocess
import sys
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from florilege.text import clean_line
from florilege.urls import safe_to_open, scheme_of, site_of

LIMIT = 5.0
"""Seconds after which a browser process that is still running is taken to show the page."""
_IN_TERMINAL = frozenset(
    {"lynx", "w3m", "links", "links2", "elinks", "browsh", "carbonyl", "chawan", "cha", "www-browser"}
)
"""Browsers that draw in the terminal they are started from. `www-browser` is Debian's name for any of them."""


@dataclass(frozen=True, slots=True)
class OpenResult:
    """The result of opening a page. `str()` gives a sentence for the reader."""

    message: str
    """A sentence: the page is open, or why it is not and what to do."""
    is_open: bool = False
    pending: str = ""
    """The address, when the browser needs the terminal that florilege is using: `finish` then opens it."""

    def finish(self) -> "OpenResult":
        """Open the waiting address, once the terminal has been released; returns when the reader leaves the browser."""
        return open_page(self.pending, takes_terminal=False)

    def __str__(self) -> str:
        return self.message


def open_page(
    url: str | None,
    *,
    takes_terminal: bool = True,
    show: Callable[[str], bool] | None = None,
    find_browser: Callable[[], str | None] | None = None,
) -> OpenResult:
    """Open a page in the browser that `webbrowser` chooses, which honours $BROWSER, if the page is safe to open.

    Args:
        url: Its address; None if it is not known.
        takes_terminal: Whether florilege is using the terminal, so that no browser may draw in it.
        show: Passes an address to the browser and returns whether that worked; `webbrowser` when None.
        find_browser: Names the browser that would be used, or None when there is none; `webbrowser` when None.
    """
    if url is None:
        return OpenResult("No link is known for this item: there is nothing to open.")
    address = safe_to_open(url)
    if address is None:
        return OpenResult(_why_unsafe(url))
    try:
        name = (find_browser or browser_found)()
        if name is None or not name.strip():
            return OpenResult("No browser was found: install one, name it in $BROWSER, or copy the link.")
        program = PurePath(name.split()[0]).name  # $BROWSER may hold options
        if takes_terminal and program.casefold() in _IN_TERMINAL:
            reason = f"your browser, {program}, needs the terminal florilege is using"
            advice = "Name another in $BROWSER, or copy the link."
            return OpenResult(f"The page was not opened: {reason}. {advice}", pending=address)
        if (show or (_open_apart if takes_terminal else webbrowser.open))(address):
            return OpenResult(f"Opened {site_of(address) or 'the page'} in the browser.", is_open=True)
        return OpenResult(f"The browser ({program}) did not open the page. Look at $BROWSER, or copy the link.")
    except (OSError, ValueError, webbrowser.Error) as error:
        reason = clean_line(str(error)).rstrip(".")
        return OpenResult(f"The browser could not be started ({reason}). Look at $BROWSER, or copy the link.")


def _why_unsafe(url: str) -> str:
    """Why this address may not be opened."""
    scheme = scheme_of(url)
    if scheme is not None and scheme not in {"http", "https"}:
        return f"The link was not opened: it begins with {scheme}:, and only http and https are. It can be copied."
    return "The link was not opened: it is not a whole web address. It can be copied."


def browser_found() -> str | None:
    """The name of the browser that `webbrowser` would try first; None when there is none."""
    try:
        browser = webbrowser.get()
    except (webbrowser.Error, IndexError):  # webbrowser fails on a $BROWSER of spaces
        return None
    name: str = getattr(browser, "name", "") or type(browser).__name__
    return name


def _open_apart(address: str) -> bool:
    """Open a page from a process without our terminal, so that browser output does not end up on the screen.

    `webbrowser` waits for browsers it does not know. One that still runs after `LIMIT` seconds is assumed to show the
    page, and is left running.
    """
    ask = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"
    process = subprocess.Popen(  # noqa: S603 -- the address is an argument, and begins with http
        [sys.executable, "-P", "-c", ask, address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(LIMIT) == 0
    except subprocess.TimeoutExpired:
        process.returncode = 0  # it stays running; this avoids Python's ResourceWarning
        return True
