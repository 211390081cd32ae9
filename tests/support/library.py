"""Helpers to fill a library in a test folder."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from florilege.merge import Decision
from florilege.model import Group, Highlight, Item, Source
from florilege.store import Library, LibraryLock, LogDB, LogStorage
from florilege.store.disk import Files
from florilege.store.lines import Raw
from florilege.store.log import Log

THEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def item(name: str, group: str, *, title: str = "", quotes: Iterable[str] = (), revision: int = 0) -> Item:
    """An item with highlights, all of the given revision."""
    highlights = tuple(Highlight(id=quote, quote=quote, revision=revision) for quote in quotes)
    return Item(
        id=name, group=group, added_at=THEN, title=title or f"About {name}", highlights=highlights, revision=revision
    )


def store(library: Library, group: str, *items: Item) -> None:
    """Store items in a group."""
    library.update_items(group, lambda known: Decision(items))


def add_group(library: Library, *addresses: str, title: str = "Encre") -> Group:
    """Add a group with sources at these addresses."""
    return with_sources(library, title, *(Source(address=address) for address in addresses))


def with_sources(library: Library, title: str, *sources: Source, **facts: Any) -> Group:
    """Add a group with these sources, and other facts of a group."""
    return library.add_groups([Group(id="", title=title, added_at=THEN, sources=sources, **facts)])[0]


def source_of(library: Library, group: Group) -> Source:
    """The only source of a group, as it is stored."""
    (source,) = library.group(group.id).sources
    return source


def rename(library: Library, group_id: str, title: str) -> Group:
    """Rename a group."""
    return library.update_group(group_id, lambda group: replace(group, title=title))


def save_source(library: Library, group_id: str, source: Source) -> Group:
    """Save a source in a group, replacing one with the same address."""

    def changed(group: Group) -> Group:
        sources = {each.address: each for each in group.sources} | {source.address: source}
        return replace(group, sources=tuple(sources.values()))

    return library.update_group(group_id, changed)


def compact(library: Library, group: str = "*", files: Files | None = None) -> None:
    """Compact the logs of a group, or all logs, as happens automatically once most of a large one is dead."""
    lock = LibraryLock(library.folder, clock=lambda: datetime.now(UTC), timeout=60)
    for path in library.folder.rglob(f"{group}.log"):
        with LogDB(path, None, lock, files, storage=LogStorage) as database, lock:
            database.table("any").log.compact()


def put(log: Log, **documents: str | None) -> None:
    """Append one change to a log: `put(log, a='{}', b=None)`."""
    change = {name: None if text is None else Raw(text.encode()) for name, text in documents.items()}
    log.append("documents", change, as_one=True)


def content(log: Log) -> dict[str, bytes]:
    """The current content of a log."""
    log.catch_up()
    return {name: bytes(raw) for name, raw in log.tables["documents"].items()} if log.tables else {}
