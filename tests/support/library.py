"""A library in a folder of the test, and items to put in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from florilege.model import Highlight, Item
from florilege.store import Library

THEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Stored:
    """A decision to store these items, and nothing else."""

    items: tuple[Item, ...]


def item(name: str, group: str, *, title: str = "", quotes: Iterable[str] = (), revision: int = 0) -> Item:
    """An item with highlights, all of the given revision."""
    highlights = tuple(Highlight(id=quote, quote=quote, revision=revision) for quote in quotes)
    return Item(
        id=name, group=group, added_at=THEN, title=title or f"About {name}", highlights=highlights, revision=revision
    )


def store(library: Library, group: str, *items: Item) -> None:
    """Put items in a group."""
    library.update_items(group, lambda known: Stored(items))
