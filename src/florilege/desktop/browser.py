"""Opening a page in the browser: whether it may be, and what came of it. Nothing here raises to the reader.

What may be opened is for `urls.safe_to_open` alone to say. Callers run `open` in a thread: it may
take `LIMIT` seconds.
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
"""Seconds after which a browser that has not said how it went is taken to show the page."""
_IN_TERMINAL = frozenset(
    {"lynx", "w3m", "links", "links2", "elinks", "browsh", "carbonyl", "chawan", "cha", "www-browser"}
)
"""Browsers that draw in the terminal they are started from. `www-browser` is Debian's name for any of them."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What came of opening a page. Its text is a sentence for the reader."""

    said: str
    """That it is open; or why not, and what to do."""
    is_open: bool = False
    waits: str = ""
    """The address, where the browser draws in the terminal that florilege holds: it is open once `finish` is called."""

    def finish(self) -> "Opening":
        """Open what waits, once the terminal has been given away; returns when the reader has left the browser."""
        return Opener(takes_terminal=False).open(self.waits)

    def __str__(self) -> str:
        return self.said


class Opener:
    """Opens pages in the browser webbrowser would choose; $BROWSER is honoured by it."""

    def __init__(
        self,
        open_browser: Callable[[str], bool] | None = None,
        *,
        browser: Callable[[], str | None] | None = None,
        takes_terminal: bool = True,
    ) -> None:
        """Nothing is looked for yet.

        Args:
            open_browser: Hands an address to the browser and says whether that went well; webbrowser when None.
            browser: Names the browser that would be used, None when there is none; webbrowser is asked when None.
            takes_terminal: Whether florilege holds the terminal, so that no browser may draw in it.
        """
        self._open_browser = open_browser or (_open_apart if takes_terminal else webbrowser.open)
        self._browser = browser or browser_found
        self._takes_terminal = takes_terminal

    def open(self, url: str | None) -> Opening:
        """Open a page, if it may be opened."""
        if url is None:
            return Opening("No link is known for this item: there is nothing to open.")
        address = safe_to_open(url)
        if address is None:
            return Opening(_why_unsafe(url))
        try:
            return self._opened(address)
        except (OSError, ValueError, webbrowser.Error) as error:
            reason = clean_line(str(error)).rstrip(".")
            return Opening(f"The browser could not be started ({reason}). Look at $BROWSER, or copy the link.")

    def _opened(self, address: str) -> Opening:
        """Open a page that may be opened."""
        name = self._browser()
        if name is None or not name.strip():
            return Opening("No browser was found: install one, name it in $BROWSER, or copy the link.")
        program = PurePath(name.split()[0]).name  # $BROWSER may hold options
        if self._takes_terminal and program.casefold() in _IN_TERMINAL:
            said = f"The page was not opened: your browser, {program}, needs the terminal florilege is using. "
            return Opening(f"{said}Name another in $BROWSER, or copy the link.", waits=address)
        if self._open_browser(address):
            return Opening(f"Opened {site_of(address) or 'the page'} in the browser.", is_open=True)
        return Opening(f"The browser ({program}) did not open the page. Look at $BROWSER, or copy the link.")


def _why_unsafe(url: str) -> str:
    """Why this address may not be opened."""
    scheme = scheme_of(url)
    if scheme is not None and scheme not in {"http", "https"}:
        return f"The link was not opened: it begins with {scheme}:, and only http and https are. It can be copied."
    return "The link was not opened: it is not a whole web address. It can be copied."


def browser_found() -> str | None:
    """The name of the browser webbrowser would try first; None when there is none."""
    try:
        browser = webbrowser.get()
    except (webbrowser.Error, IndexError):  # webbrowser trips over a $BROWSER of spaces
        return None
    name: str = getattr(browser, "name", "") or type(browser).__name__
    return name


def _open_apart(address: str) -> bool:
    """Open a page from a process without our terminal, so that nothing a browser says lands on the screen.

    webbrowser waits for browsers it does not know. One that is still there after `LIMIT` seconds shows the page, and is
    left alone.
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
        process.returncode = 0  # it lives on without us; this keeps Python from complaining about it
        return True
