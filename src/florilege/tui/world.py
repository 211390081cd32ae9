"""What the app is given from the outside world. All it touches there comes in here, so that tests can replace it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from florilege.commands import Keymap
from florilege.lists.reader_state import ReaderState
from florilege.settings import Config, Session

if TYPE_CHECKING:  # these modules load after the first paint
    from florilege.desktop.browser import Opening
    from florilege.desktop.clipboard import Copied
    from florilege.desktop.programs import Ran
    from florilege.refresh import Refresher, Result
    from florilege.store.sync import Sync


async def _nothing(_results: Sequence[Result]) -> None:
    """The default `after_refresh`: run no program."""


Work: TypeAlias = Callable[[], Coroutine[Any, Any, object]]
"""A job for a worker."""


class AppContext(msgspec.Struct, frozen=True):
    """The outside world of one app."""

    state: ReaderState
    config: Config
    keys: Keymap
    session: Session
    """What was saved by the last session."""
    remember: Callable[[Session], None]
    """Saves the session for the next start."""
    copy: Callable[[str, Callable[[str], None]], Copied]
    """Copies a text; the second argument writes to the terminal the app runs in. Called in a worker thread."""
    open_page: Callable[[str | None], Opening]
    """Opens an address in the browser, if that is allowed. Called in a worker thread."""
    run: Callable[[Sequence[str], bytes], Coroutine[Any, Any, Ran]]
    """Runs one of the reader's programs with a text on its standard input."""
    view: Callable[[str, str], str | None]
    """Shows a text, in a file of this name, in the reader's editor, once the terminal has been handed over; returns
    what went wrong, as a sentence."""
    refreshing: Callable[[], AbstractAsyncContextManager[Refresher]]
    """Makes what fetches and parses groups; called when first needed, because it loads heavy modules."""
    after_refresh: Callable[[Sequence[Result]], Awaitable[str | None]] = _nothing
    """Runs the reader's own program on what a refresh brought; returns what went wrong, as a sentence."""
    sync: Sync | None = None
    """Keeps reading states in step with other machines. Called in a worker thread. None when syncing is off."""
    due_every: float = 60.0
    """Seconds between two checks for groups that are due and for changes from other machines."""
    settings: Path | None = None
    """The settings file; None when there is none to write to."""
    searches: Path | None = None
    """The file of saved searches; None when there is none to write to."""
    problems: tuple[str, ...] = ()
    """Problems with the settings, to be reported at the start."""
    painted: Callable[[], None] = lambda: None
    """Called when the app has drawn itself for the first time."""
    settled: Callable[[], None] = lambda: None
    """Called when the first list has been read: what is in memory then stays."""
