"""What can go wrong with a library, each as one clear sentence. No I/O.

LibraryError
├── LibraryBusy           another process is writing
├── LibraryUnreadable     foreign, damaged, empty or out of reach; never rewritten
│   ├── LibraryNewer      written by a newer florilege
│   └── LibraryGone       it was there, and is no longer
├── LibraryNotWritable    the disk is full, read-only or broken; nothing was changed
├── NoSuchGroup           no group is called so
└── AmbiguousGroup        several are
"""

import errno
import os
from collections.abc import Sequence
from pathlib import Path

from florilege.model import FlorilegeError
from florilege.text import clean_line


class LibraryError(FlorilegeError):
    """Base of everything a library can say."""

    @property
    def why(self) -> str:
        """What is wrong, and what would help, told to someone for whom it is tried again."""
        return str(self)


class LibraryBusy(LibraryError):
    """Another process (or a slow write of this one) held the lock for longer than we wait."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        """Who holds it, as words: `florilege refresh (process 4711, since 14:05)`."""
        super().__init__(f"{self.why} Nothing was changed; try again in a moment.")

    @property
    def why(self) -> str:
        """Who holds it."""
        return f"Your library is in use by {self.holder}."


class LibraryUnreadable(LibraryError):
    """A file of the library can't be read as one. It is left exactly as it is."""

    def __init__(self, path: Path, what: str, advice: str = "") -> None:
        self.path = path
        advice = advice or "Put back a copy of it, or start florilege with another folder (--library DIR)."
        super().__init__(f"{path} {what}; nothing was changed. {advice}")


class LibraryNewer(LibraryUnreadable):
    """A file of the library was written by a newer florilege, in a schema this one doesn't know."""

    def __init__(self, path: Path, schema: int, known: int) -> None:
        self.schema = schema
        what = f"was written by a newer florilege (schema {schema}, this one knows {known})"
        super().__init__(path, what, "Install the newer florilege to open it.")


class LibraryGone(LibraryUnreadable):
    """The library or one of its logs was there, and is no longer: a disk taken out, a folder moved, a file deleted.

    Nothing is made anew in its place, for then what was kept elsewhere could not come back.
    """

    def __init__(
        self,
        path: Path,
        what: str = "is no longer there",
        advice: str = "Bring it back where it was: florilege goes on from there.",
    ) -> None:
        super().__init__(path, what, advice)


def out_of_reach(path: Path, error: OSError) -> LibraryUnreadable:
    """A file that the system does not let us read."""
    reason = os.strerror(error.errno) if error.errno else (error.strerror or str(error))
    return LibraryUnreadable(path, f"can't be read ({reason})", "Check its permissions and the disk.")


_FORBIDDEN = (
    "you have no permission to write there",
    "Change its permissions, or start florilege with another folder (--library DIR)",
)
_DISK = {
    errno.ENOSPC: ("the disk is full", "Make room"),
    errno.EDQUOT: ("your share of the disk is full", "Make room"),
    errno.EROFS: ("the disk is read-only", "Start florilege with another folder (--library DIR)"),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EIO: ("the disk reports an error", "Check the disk"),
}
"""What is wrong, and what would help."""


class LibraryNotWritable(LibraryError):
    """A write failed. The library is as it was before."""

    def __init__(self, path: Path, error: OSError) -> None:
        self.path = path
        self.errno = error.errno
        fallback = (os.strerror(error.errno) if error.errno else str(error), "Check the folder")
        self._reason, self._advice = _DISK.get(error.errno or 0, fallback)
        super().__init__(f"{self._what} Nothing was changed. {self._advice}, and try again.")

    @property
    def why(self) -> str:
        """The file, what is wrong with it, and what would help."""
        return f"{self._what} {self._advice}."

    @property
    def _what(self) -> str:
        return f"Your library can't be written: {self.path}: {self._reason}."


class NoSuchGroup(LibraryError):
    """No group has this id, title or beginning."""

    def __init__(self, word: str, titles: Sequence[str]) -> None:
        self.word = word
        there = f"There are: {_listed(titles)}." if titles else "Your library has no groups yet; `add` brings one."
        super().__init__(f"No group is called “{clean_line(word)}”. {there}")


class AmbiguousGroup(LibraryError):
    """Several groups begin so."""

    def __init__(self, word: str, names: Sequence[str]) -> None:
        self.word = word
        super().__init__(f"“{clean_line(word)}” could be {_listed(names, 'or')}. Write more of the title, or the id.")


def _listed(names: Sequence[str], word: str = "and", limit: int = 8) -> str:
    """Names in a sentence, the first few of many."""
    if len(names) > limit:
        return f"{', '.join(names[:limit])} {word} {len(names) - limit} more"
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
