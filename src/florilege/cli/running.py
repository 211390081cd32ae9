"""Work on groups, from its first request to its last result: a bar while it lasts, a word for each as it is done."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import TypeAlias

from florilege.cli.context import CliContext
from florilege.cli.progress import tallied
from florilege.cli.refresher import open_refresher
from florilege.refresh import OnStep, Refresher, Result
from florilege.store import Library, LibraryError

Work: TypeAlias = Callable[[Refresher, OnStep], AsyncGenerator[Result, None]]
"""Gives what became of groups, one after the other, and tells the steps on the way."""
Told: TypeAlias = Callable[[Result], None]


def done(
    cli: CliContext, library: Library, total: int, work: Work, tell_one: Told, *, changes: bool = True
) -> list[Result]:
    """Do the work, and tell what became of each group as it is done.

    An interruption ends all at once, and leaves nothing half stored.

    Args:
        cli: What the command is given of the outside world.
        library: Where it is stored.
        total: How many groups it is about, for the bar.
        work: What to do.
        tell_one: Told of each result.
        changes: Whether anything may have been written.
    """

    async def all_of_it() -> list[Result]:
        results = []
        with tallied(total) as tally:
            async with (
                open_refresher(cli, library, cli.config_aloud()) as refresher,
                aclosing(work(refresher, tally.began)) as coming,
            ):
                async for result in coming:
                    tally.one_done()
                    tell_one(result)
                    results.append(result)
        return results

    results = asyncio.run(all_of_it())
    if changes:
        with suppress(LibraryError):  # only makes the next start quicker
            library.remember_counts()
    return results
