"""What fetches and reads groups, put together from the settings. Heavy rooms are loaded when it is opened."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from florilege.cli.context import CliContext
from florilege.cli.output import print_notice
from florilege.settings import Config
from florilege.store import Library
from florilege.text import clean

if TYPE_CHECKING:
    from florilege.refresh import Refresher

_LOG = 1 << 20
"""Bytes of the log beyond which it begins anew."""
_NEEDED_TO_ASK = ("florilege.net.exchange", "anyio._backends._asyncio")
"""What the first request would load, in the app on the way of keys: some 15 ms. The last is what httpx has below it."""


@asynccontextmanager
async def open_refresher(
    cli: CliContext, library: Library, config: Config, *, ahead: bool = False
) -> "AsyncIterator[Refresher]":
    """What fetches and reads groups, closed with its connections and processes at the end.

    Its rooms are loaded in a thread, for in the app this happens while somebody reads.

    Args:
        cli: The outside world.
        library: Where groups are stored.
        config: The settings.
        ahead: Whether what a request needs is loaded before the first; a command that only reads a file needs none.
    """
    rooms = ("florilege.net", "florilege.formats.pool", "florilege.refresh")
    await asyncio.to_thread(_load, *rooms, *(_NEEDED_TO_ASK if ahead else ()))
    from florilege.formats.pool import Parser
    from florilege.net import Fetcher, Secrets
    from florilege.refresh import Refresher

    settings, rules, pause = config.refresh, config.sources, cli.pause or asyncio.sleep
    secrets = Secrets(rules, cli.environ)
    parser = Parser(on_trouble=partial(_keep_trouble, cli, aloud=cli.wants_traceback and not ahead))
    async with Fetcher(settings=settings, secrets=secrets, clock=cli.clock) as fetcher, parser:
        yield Refresher(library, fetcher, parser, clock=cli.clock, settings=settings, rules=rules, pause=pause)


def _keep_trouble(cli: CliContext, words: str, *, aloud: bool) -> None:
    """Keep what a parsing process said before it stopped, and say it when the reader asked for that."""
    log = cli.places.log
    with suppress(OSError):
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_full = log.exists() and log.stat().st_size > _LOG
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if is_full else os.O_APPEND), 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{cli.clock().isoformat(timespec='seconds')} a parsing process said:\n{clean(words)}\n")
    if aloud:
        print_notice(clean(words))


def _load(*modules: str) -> None:
    for module in modules:
        with suppress(ModuleNotFoundError):  # what is really needed is missed by who needs it
            import_module(module)
