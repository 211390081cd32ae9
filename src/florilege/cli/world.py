"""Composes what the app and the refreshing commands are given. Heavy rooms are loaded where they are first used."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from florilege.cli.outside import Outside
from florilege.commands import keymap
from florilege.lists.desk import Desk
from florilege.settings import Config, Session
from florilege.store import Library

if TYPE_CHECKING:
    from florilege.desktop.browser import Opening
    from florilege.desktop.clipboard import Copied
    from florilege.refresh import Refresher
    from florilege.tui.world import World


_NEEDED_TO_ASK = ("florilege.net.exchange", "anyio._backends._asyncio")
"""What the first request would load, in the app on the way of keys: some 15 ms. The last is what httpx has below it."""


@asynccontextmanager
async def refreshing(
    outside: Outside, library: Library, config: Config, *, ahead: bool = False
) -> "AsyncIterator[Refresher]":
    """What fetches and reads groups, closed with its connections and processes at the end.

    Its rooms are loaded in a thread, for in the app this happens while somebody reads.

    Args:
        outside: The outside world.
        library: Where groups are stored.
        config: The settings.
        ahead: Whether what a request needs is loaded before the first; a command that only reads a file needs none.
    """
    rooms = ("florilege.net", "florilege.formats.pool", "florilege.refresh")
    await asyncio.to_thread(_load, *rooms, *(_NEEDED_TO_ASK if ahead else ()))
    from florilege.formats.pool import Parser
    from florilege.net import Fetcher, Secrets
    from florilege.refresh import Refresher

    settings, rules, pause = config.refresh, config.sources, outside.pause or asyncio.sleep
    secrets = Secrets(rules, outside.environ)
    async with Fetcher(settings=settings, secrets=secrets, clock=outside.clock) as fetcher, Parser() as parser:
        yield Refresher(library, fetcher, parser, clock=outside.clock, settings=settings, rules=rules, pause=pause)


def _spare_what_stays() -> None:
    """Keep the garbage collector from looking through what stays anyway: widgets, modules, the list that was read.

    Measured at 100,000 rows: the slowest key in a hundred took 217 to 301 ms, and takes 30 to 174 with this.
    What is frozen still goes when nobody refers to it; only cycles among it stay until the end of the process.
    The young are looked at often: 50,000 of them, most in cycles of what was drawn, held up a key for 20 to 60 ms.
    """
    gc.freeze()
    gc.set_threshold(5_000, 50, 100)


def _load(*modules: str) -> None:
    for module in modules:
        with suppress(ModuleNotFoundError):  # what is really needed is missed by who needs it
            import_module(module)


@dataclass(frozen=True)
class Hands:
    """What the app does to the outside world; made at its first use. Called in worker threads."""

    outside: Outside

    def copy(self, text: str, write_terminal: Callable[[str], None] | None) -> "Copied":
        """Copy a text by every way there is; through the terminal only where something writes to one."""
        from florilege.desktop.clipboard import Clipboard

        return Clipboard(write_terminal=write_terminal, environ=self.outside.environ).copy(text)

    def open_page(self, address: str | None) -> "Opening":
        """Open an address in the browser, if it may be opened."""
        from florilege.desktop.browser import Opener

        return Opener().open(address)


def make_world(
    outside: Outside,
    library: Library,
    session: Session,
    remember: Callable[[Session], None],
    problems: tuple[str, ...] = (),
) -> "World":
    """The world of the app.

    Args:
        outside: The outside world of the command.
        library: What is read.
        session: What is remembered from last time.
        remember: Keeps something for next time.
        problems: What is to be said at the start, before what is wrong with the settings.
    """
    from florilege.tui.world import World

    config = outside.config()
    keys = keymap(config.keys)
    hands = Hands(outside)
    return World(
        desk=Desk(library, clock=outside.clock, keeps_unsaved=True, texts=outside.texts(library)),
        config=config,
        keys=keys,
        session=session,
        remember=remember,
        copy=hands.copy,
        open_page=hands.open_page,
        # The settings are read each time: they may have been changed in the app.
        refreshing=lambda: refreshing(outside, library, outside.config(), ahead=True),
        settings=outside.places.config,
        searches=outside.places.searches,
        problems=(*problems, *config.warnings, *keys.problems),
        painted=gc.enable,
        settled=_spare_what_stays,
    )
