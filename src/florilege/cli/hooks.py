"""Hooks: a program of the reader's own, run after a refresh that brought something, given what is new as JSON."""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import msgspec

from florilege.cli.context import CliContext
from florilege.cli.json_output import NewJson, item_json, quote_json
from florilege.export.selection import Row
from florilege.model import ReadingState
from florilege.store import LibraryError
from florilege.text import clean_line

if TYPE_CHECKING:
    from florilege.refresh import Result
    from florilege.store import Library

LIMIT = 60.0
"""Seconds after which a hook is stopped."""
_HEARD = 4096
"""Bytes of what it says on standard error of which the last line is told."""


async def after_refresh(
    cli: CliContext, library: "Library", results: "Sequence[Result]", *, limit: float = LIMIT
) -> str | None:
    """Run the hook of the settings if there is one and something is new.

    Args:
        cli: The outside world.
        library: What was refreshed.
        results: What became of its groups.
        limit: Seconds it may take.

    Returns:
        What went wrong, as a sentence; None when nothing did.
    """
    command = cli.config().hooks.after_refresh
    arrived = {result.group: result.arrived for result in results if result.arrived}
    if not command or not arrived:
        return None
    try:
        news = await asyncio.to_thread(_news, library, arrived)
    except LibraryError as error:
        wrong: str | None = f"was not run: {error}"
    else:
        wrong = await _run(command, msgspec.json.encode(news), cli.environ, limit)
    return wrong and clean_line(f"The hook {command[0]} {wrong}")


def _news(library: "Library", arrived: Mapping[str, Sequence[str]]) -> NewJson:
    """What is new: items never seen before, and new highlights of items that were read."""
    news = NewJson([], [])
    for row in _rows(library, arrived):
        new = [highlight for highlight in row.item.highlights if row.state.has_new(highlight)]
        news.quotes.extend(quote_json(row, highlight) for highlight in new)
        if not new:
            news.items.append(item_json(row.item, row.state, row.group.title, ()))
    return news


def _rows(library: "Library", arrived: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    for group in library.groups():
        if group.id in arrived:
            stored, states = library.stored(group.id, arrived[group.id]), library.states(group.id)
            for item in stored.items(stored.by_id().values()):
                yield Row(group, item, states.get(item.id) or ReadingState(item=item.id))


async def _run(command: Sequence[str], given: bytes, environ: Mapping[str, str], limit: float) -> str | None:
    """Run a program to its end, without a shell and a terminal; gives what went wrong, as the end of a sentence."""
    with TemporaryFile() as news, TemporaryFile() as said:  # no pipes: it may leave others behind that hold them open
        news.write(given)
        news.seek(0)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=news,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=said,
                env=dict(environ),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"could not be started: {getattr(error, 'strerror', None) or error}."
        try:
            async with asyncio.timeout(limit):
                code = await process.wait()
        except TimeoutError:
            return f"was stopped: it was not done after {limit:g} s."
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        said.seek(max(0, said.seek(0, os.SEEK_END) - _HEARD))
        last = said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        return f"failed with exit code {code}{f': {last}' if last else '.'}" if code else None
