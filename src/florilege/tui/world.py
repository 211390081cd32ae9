"""What the app is given of the outside world. Everything it touches comes in here, and can be another in a test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from florilege.commands import Keymap
from florilege.lists.reader_state import ReaderState
from florilege.settings import Config, Session

if TYPE_CHECKING:  # what these rooms need loads after the first paint
    from florilege.desktop.browser import Opening
    from florilege.desktop.clipboard import Copied
    from florilege.desktop.programs import Ran
    from florilege.refresh import Refresher, Result
    from florilege.store.sync import Sync


async def _nothing(_results: Sequence[Result]) -> None:
    """No program is run."""


Work: TypeAlias = Callable[[], Coroutine[Any, Any, object]]
"""What is done in a worker."""


class AppContext(msgspec.Struct, frozen=True):
    """The outside world of one app."""

    state: ReaderState
    config: Config
    keys: Keymap
    session: Session
    """What is remembered from last time."""
    remember: Callable[[Session], None]
    """Keep something for next time."""
    copy: Callable[[str, Callable[[str], None]], Copied]
    """Copy a text; the second argument writes to the terminal the app runs in. Called in a worker thread."""
    open_page: Callable[[str | None], Opening]
    """Open an address in the browser, if it may be opened. Called in a worker thread."""
    run: Callable[[Sequence[str], bytes], Coroutine[Any, Any, Ran]]
    """Run a program of the reader's with a text on its standard input."""
    view: Callable[[str, str], str | None]
    """Show a text, in a file of this name, in the reader's editor, once the terminal has been given away; gives what
    went wrong, as a sentence."""
    refreshing: Callable[[], AbstractAsyncContextManager[Refresher]]
    """Makes what fetches and reads groups; asked for when first needed, because it loads heavy modules."""
    after_refresh: Callable[[Sequence[Result]], Awaitable[str | None]] = _nothing
    """Runs the reader's own program on what a refresh brought; gives what went wrong, as a sentence."""
    sync: Sync | None = None
    """Keeps reading states and those of other machines alike. Called in a worker thread. None when nothing shall."""
    due_every: float = 60.0
    """Seconds between two looks at which groups are due, and at what other machines say."""
    settings: Path | None = None
    """The file of settings; None when there is none to write to."""
    searches: Path | None = None
    """The file of saved searches; None when there is none to write to."""
    problems: tuple[str, ...] = ()
    """What was wrong with the settings, to be said at the start."""
    painted: Callable[[], None] = lambda: None
    """Called when the app has drawn itself for the first time."""
    settled: Callable[[], None] = lambda: None
    """Called when the first list has been read: what is in memory now will stay."""
