"""A library as far as it is open: what it holds in memory, its lock, and what concerns all of its logs alike."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from florilege.store.catalogue import Catalogue
from florilege.store.changing import Changing
from florilege.store.files import Files
from florilege.store.lock import LibraryLock
from florilege.store.shelf import Kind, Shelf
from florilege.store.tally import Tally
from florilege.store.trash import Trash


def _new_id() -> str:
    return os.urandom(8).hex()  # as `secrets` does, which would load much else


class Opened:
    """What `Library` stands on.

    Args:
        folder: Where it is, or will be: nothing is made before the first write.
        clock: Now, with zone.
        new_id: Makes ids for groups: 4 to 64 lower-case hexadecimal digits, never the same twice.
        lock_timeout: Seconds to wait while another process writes.
        program: How this process is called when another one waits for it.
        files: The disk.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str] = _new_id,
        lock_timeout: float = 5.0,
        program: str = "florilege",
        files: Files | None = None,
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._new_id = new_id
        self._file_lock = LibraryLock(
            folder, clock=clock, program=program, timeout=lock_timeout, files=files, before_making=self._miss_nothing
        )
        self._memory = threading.RLock()  # taken after the file lock, never before: so reading never waits for it
        self._shelf = Shelf(folder, self._file_lock, files)
        self._catalogue = Catalogue(self._shelf)
        self._tally = Tally(self._shelf, self._catalogue)
        self._changing = Changing(self._shelf, self._tally)
        self._trash = Trash(self._shelf, self._catalogue)

    def close(self) -> None:
        """Let go of what is in memory. No file stays open between two calls, so nothing is lost without it."""
        with self._memory:
            self._shelf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Alone among processes and threads."""
        with self._file_lock, self._memory:
            yield

    def _miss_nothing(self) -> None:
        """Raise `LibraryGone` when the library was there and has vanished: then its folder must not be made anew.

        Asked only where there is no lock file either, for that stays where a library is.
        """
        with self._memory:
            self._shelf.look(Kind.GROUPS)

    def changed(self) -> set[str]:
        """The ids of the groups whose items or states other processes have written since this was last asked.

        "" stands for the list of groups itself. Costs a look at the length of each file, not reading it. What was
        written before this library first looked at a group doesn't count.
        """
        with self._memory:
            self._shelf.look(Kind.GROUPS)
            for group_id in self._catalogue.known():
                self._tally.stamps(group_id)
            return self._shelf.touched_by_others()

    def compact(self, group_id: str | None = None) -> None:
        """Write the logs of a group, or of the whole library, anew without what was replaced since.

        Happens by itself after a write, when more than half of a log above 1 MiB is dead. The generation before stays
        beside each log as `NAME.previous`.
        """
        with self._writing():
            wanted = [group_id] if group_id is not None else list(self._catalogue.known())
            for name in wanted:
                self._catalogue.place_of(name)
                self._shelf.compact(Kind.ITEMS, name)
                self._shelf.compact(Kind.STATES, name)
            if group_id is None:
                self._shelf.compact(Kind.GROUPS)
