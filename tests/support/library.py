"""A library in a folder of the test, and items to put in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from florilege.model import Highlight, Item
from florilege.store import Library, LibraryLock, LogDB, LogStorage
from florilege.store.files import Files

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


def compact(library: Library, group: str = "*", files: Files | None = None) -> None:
    """Write the logs of a group, or all of them, anew, as happens by itself once most of a large one is dead."""
    lock = LibraryLock(library.folder, clock=lambda: datetime.now(UTC), timeout=60)
    for path in library.folder.rglob(f"{group}.log"):
        with LogDB(path, None, lock, files, storage=LogStorage) as database, lock:
            database.table("any").log.compact()
