"""Hooks: run the reader's own program after a refresh that brought something new, with that as JSON on its stdin."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from florilege.cli.context import CliContext
from florilege.cli.json_output import NewJson
from florilege.desktop.programs import LIMIT, run
from florilege.export.jsonlines import item_json, quote_json
from florilege.export.selection import Row
from florilege.lists.catalogue import Catalogue
from florilege.model import ReadingState
from florilege.store import LibraryError
from florilege.text import clean_line

if TYPE_CHECKING:
    from florilege.refresh import Result
    from florilege.store import Library


async def after_refresh(
    cli: CliContext, library: "Library", results: "Sequence[Result]", *, limit: float = LIMIT
) -> str | None:
    """Run the configured hook, if there is one and something is new.

    Args:
        cli: The context of the command.
        library: The library that was refreshed.
        results: The results of the refreshed groups.
        limit: Seconds that the hook may take.

    Returns:
        What went wrong, as a sentence; None when nothing did.
    """
    command = cli.config().hooks.after_refresh
    arrived = {result.group: result.arrived for result in results if result.arrived}
    if not command or not arrived:
        return None
    try:
        news = await asyncio.to_thread(_news, library, arrived, cli.clock)
    except LibraryError as error:
        wrong: str | None = f"was not run: {error}"
    else:
        wrong = (await run(command, msgspec.json.encode(news), cli.environ, limit)).wrong
    return wrong and clean_line(f"The hook {command[0]} {wrong}")


def _news(library: "Library", arrived: Mapping[str, Sequence[str]], clock: Callable[[], datetime]) -> NewJson:
    """The news: items never seen before, and new highlights in items already read."""
    news = NewJson([], [])
    catalogue = Catalogue(library, clock=clock)
    catalogue.index_pages()
    for row in _rows(library, arrived):
        new = [highlight for highlight in row.item.highlights if row.state.has_new(highlight)]
        news.quotes.extend(quote_json(row, highlight) for highlight in new)
        if not new:
            news.items.append(item_json(row.item, row.state, row.group.title, catalogue.also_in(row.item)))
    return news


def _rows(library: "Library", arrived: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    for group in library.groups():
        if group.id in arrived:
            states = library.states(group.id)
            for item in library.items(group.id, arrived[group.id]):
                yield Row(group, item, states.get(item.id) or ReadingState(item=item.id))
