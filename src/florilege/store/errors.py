"""The errors of a library, each with a message for the user. No I/O.

LibraryError
├── LibraryBusy           another process is writing
├── LibraryUnreadable     a file is foreign, damaged, empty or inaccessible; it is never rewritten
│   ├── LibraryNewer      written by a newer florilege
│   └── LibraryGone       a file that was there is missing
├── LibraryNotWritable    the disk is full, read-only or broken; nothing was changed
├── NoSuchGroup           no group matches the name given
└── AmbiguousGroup        several groups match the name given
"""

import errno
import os
from collections.abc import Sequence
from pathlib import Path

from florilege.model import FlorilegeError
from florilege.text import clean_line


class LibraryError(FlorilegeError):
    """Base class of the errors of a library."""

    is_unusable = True

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why or message
        """The problem and its remedy, worded for a message shown while the operation is retried automatically."""


class LibraryBusy(LibraryError):
    """Another process (or a slow write of this one) held the lock for longer than the timeout."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        """Who holds the lock: `florilege refresh (process 4711, since 14:05)`."""
        why = f"Your library is in use by {holder}."
        super().__init__(f"{why} Nothing was changed; try again in a moment.", why)


class LibraryUnreadable(LibraryError):
    """A file of the library can't be read as a log. It is left exactly as it is."""

    def __init__(self, path: Path, what: str, advice: str = "") -> None:
        advice = advice or "Put back a copy of it, or start florilege with another folder (--library DIR)."
        super().__init__(f"{path} {what}; nothing was changed. {advice}")


class LibraryNewer(LibraryUnreadable):
    """A file of the library was written by a newer florilege, in a schema this one doesn't know."""

    def __init__(self, path: Path, schema: int, known: int) -> None:
        what = f"was written by a newer florilege (schema {schema}, this one knows {known})"
        super().__init__(path, what, "Install the newer florilege to open it.")


class LibraryGone(LibraryUnreadable):
    """The library or one of its logs has disappeared: a disk was removed, a folder moved, a file deleted.

    No new one is made in its place, because then the original could not be put back.
    """


def out_of_reach(path: Path, error: OSError) -> LibraryUnreadable:
    """The error for a file that the operating system fails to read."""
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
"""The problem and the advice, by errno."""


class LibraryNotWritable(LibraryError):
    """A write failed. The library is as it was before."""

    def __init__(self, path: Path, error: OSError) -> None:
        fallback = (os.strerror(error.errno) if error.errno else str(error), "Check the folder")
        reason, advice = _DISK.get(error.errno or 0, fallback)
        what = f"Your library can't be written: {path}: {reason}."
        super().__init__(f"{what} Nothing was changed. {advice}, and try again.", f"{what} {advice}.")


class NoSuchGroup(LibraryError):
    """No group has an id or a title that is this word, or begins with it."""

    is_unusable = False

    def __init__(self, word: str, titles: Sequence[str]) -> None:
        there = f"There are: {listed(titles)}." if titles else "Your library has no groups yet; `add` brings one."
        super().__init__(f"No group is called “{clean_line(word)}”. {there}")


class AmbiguousGroup(LibraryError):
    """Several groups match a word."""

    is_unusable = False

    def __init__(self, word: str, names: Sequence[str]) -> None:
        super().__init__(f"“{clean_line(word)}” could be {listed(names, 'or')}. Write more of the title, or the id.")


def listed(names: Sequence[str], word: str = "and", limit: int = 8) -> str:
    """Names joined for a sentence, cut off after `limit` ones: `A, B and 3 more`."""
    if len(names) > limit:
        return f"{', '.join(names[:limit])} {word} {len(names) - limit} more"
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
