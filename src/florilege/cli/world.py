"""Composes what the app and the refreshing commands are given. Heavy rooms are loaded where they are first used."""

import gc
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import msgspec

from florilege.cli.context import CliContext
from florilege.commands import keymap
from florilege.lists.reader_state import ReaderState
from florilege.settings import Session
from florilege.store import Library

if TYPE_CHECKING:
    from florilege.desktop.browser import Opening
    from florilege.desktop.clipboard import Copied
    from florilege.desktop.programs import Ran
    from florilege.refresh import Refresher, Result
    from florilege.tui.world import AppContext


def _spare_what_stays() -> None:
    """Keep the garbage collector from looking through what stays anyway: widgets, modules, the list that was read.

    Measured at 100,000 rows: the slowest key in a hundred took 217 to 301 ms, and takes 30 to 174 with this.
    What is frozen still goes when nobody refers to it; only cycles among it stay until the end of the process.
    The young are looked at often: 50,000 of them, most in cycles of what was drawn, held up a key for 20 to 60 ms.
    """
    gc.freeze()
    gc.set_threshold(5_000, 50, 100)


class Hands(msgspec.Struct, frozen=True):
    """What the app does to the outside world; made at its first use. Called in worker threads."""

    cli: CliContext

    def copy(self, text: str, write_terminal: Callable[[str], None] | None) -> "Copied":
        """Copy a text by every way there is; through the terminal only where something writes to one."""
        from florilege.desktop.clipboard import Clipboard

        return Clipboard(write_terminal=write_terminal, environ=self.cli.environ).copy(text)

    def open_page(self, address: str | None) -> "Opening":
        """Open an address in the browser, if it may be opened."""
        from florilege.desktop.browser import Opener

        return Opener().open(address)

    async def run(self, command: Sequence[str], given: bytes) -> "Ran":
        """Run a program of the reader's."""
        from florilege.desktop.programs import run

        return await run(command, given, self.cli.environ)

    def view(self, text: str, name: str) -> str | None:
        """Show a text in the reader's editor or pager."""
        from florilege.desktop.programs import view

        return view(text, name, self.cli.environ)

    def refreshing(self, library: Library) -> "AbstractAsyncContextManager[Refresher]":
        """What fetches and reads groups. The settings are read each time: they may have been changed in the app."""
        from florilege.cli.refresher import open_refresher

        return open_refresher(self.cli, library, self.cli.config(), ahead=True)


def make_world(
    cli: CliContext,
    library: Library,
    session: Session,
    remember: Callable[[Session], None],
    problems: tuple[str, ...] = (),
) -> "AppContext":
    """The world of the app.

    Args:
        cli: What the command is given of the outside world.
        library: What is read.
        session: What is remembered from last time.
        remember: Keeps something for next time.
        problems: What is to be said at the start, before what is wrong with the settings.
    """
    from florilege.tui.world import AppContext

    async def after_refresh(results: "Sequence[Result]") -> str | None:
        from florilege.cli import hooks

        return await hooks.after_refresh(cli, library, results)

    config = cli.config()
    keys = keymap(config.keys)
    hands = Hands(cli)
    return AppContext(
        state=ReaderState(library, clock=cli.clock, keeps_unsaved=True, texts=cli.texts(library)),
        config=config,
        keys=keys,
        session=session,
        remember=remember,
        copy=hands.copy,
        open_page=hands.open_page,
        run=hands.run,
        view=hands.view,
        refreshing=lambda: hands.refreshing(library),
        after_refresh=after_refresh,
        settings=cli.places.config,
        searches=cli.places.searches,
        problems=(*problems, *config.warnings, *keys.problems),
        painted=gc.enable,
        settled=_spare_what_stays,
    )
