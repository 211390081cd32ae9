"""The texts of all groups: kept in a folder, read from it and written to it; in memory where that can't be."""

import os
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from florilege.store.search_text.index import decoded, encoded
from florilege.store.search_text.making import Making, Stored
from florilege.store.search_text.parts import FilePart, MemoryPart, Part
from florilege.store.search_text.table import Stamp, Table


class Texts:
    """Texts of groups.

    Args:
        folder: Where they are kept, made when it is needed; None keeps them in memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._in_memory: dict[str, Table] = {}
        self._makings: dict[str, Making] = {}
        self._lock = threading.Lock()

    def known(self, group_id: str, stamp: Stamp | None) -> Table | None:
        """The texts of a group, if they are those of its log as it is; None when they have to be made."""
        table = self._known(group_id)
        return table if table is not None and table.stamp == stamp and table.is_there else None

    def making(self, group_id: str, stamp: Stamp | None, stored: Callable[[], Stored]) -> Making:
        """What makes the texts of a group: what others have begun, when that is of the log as it is.

        Args:
            group_id: The group.
            stamp: Its log as it is.
            stored: Gives its records; asked only when nobody has begun.
        """
        with self._lock:
            making = self._makings.get(group_id)
            if making is not None and making.stamp == stamp:
                return making
        before = self._known(group_id)
        making = Making(
            stored(),
            before if before is not None and before.is_there else Table(),
            store=lambda texts: self._stored(group_id, texts),
            keep=lambda table: self._keep(group_id, table),
        )
        with self._lock:
            self._makings[group_id] = making
        return making

    def keep_only(self, groups: Collection[str]) -> None:
        """Let go of the texts of all other groups."""
        for name in [name for name in self._in_memory if name not in groups]:
            self._in_memory.pop(name, None)
        with suppress(OSError):
            for path in self._folder.iterdir() if self._folder is not None else ():
                if path.suffix in {".index", ".text"} and path.name.partition(".")[0] not in groups:
                    path.unlink(missing_ok=True)

    def _known(self, group_id: str) -> Table | None:
        table = self._in_memory.get(group_id)
        if table is not None or self._folder is None:
            return table
        try:
            data = (self._folder / f"{group_id}.index").read_bytes()
        except OSError:
            return None
        return decoded(data, self._folder)

    def _stored(self, group_id: str, texts: bytes) -> Part:
        """Texts in a file of their own, or in memory if they can't be written."""
        if self._folder is None:
            return MemoryPart(texts)
        path = self._folder / f"{group_id}.{os.urandom(6).hex()}.text"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, texts)
        except OSError:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return MemoryPart(texts)
        return FilePart(path, len(texts))

    def _keep(self, group_id: str, table: Table) -> None:
        """Keep all texts of a group for later, in its index if that can be written, and remove what it doesn't name."""
        with self._lock:
            self._makings.pop(group_id, None)
        self._in_memory.pop(group_id, None)
        named = [part.path for part in table.parts if isinstance(part, FilePart)]
        if self._folder is None or len(named) < len(table.parts):
            self._in_memory[group_id] = table
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._folder / f"{group_id}.{os.urandom(6).hex()}.new"
            _write(path, encoded(table))
            path.replace(self._folder / f"{group_id}.index")
            for each in self._folder.glob(f"{group_id}.*.text"):
                if each not in named:
                    each.unlink(missing_ok=True)
        except OSError:
            self._in_memory[group_id] = table


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb", buffering=0) as file:  # noqa: PTH123 - a descriptor has no path
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
