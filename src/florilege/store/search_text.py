"""A full-text cache: the folded text of all items of a group in one file, so that a search needn't decode items.

Only a cache: a file that doesn't match the current log, or isn't ours, is rebuilt, and files may be deleted at any
time. A file is read in blocks rather than mapped into memory, because truncating a mapped file crashes the program, and
mapped pages would count as its memory.

    GROUP.text    a header, then a line for each item: digest of its record, id, tab, `query.searchable` text
"""

import os
import unicodedata
import weakref
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

from msgspec import Raw

from florilege import __version__
from florilege.files import open_file
from florilege.model import Item
from florilege.text import digest

if TYPE_CHECKING:
    from florilege.store.library import StoredItems
    from florilege.store.log import Stamp

_LAYOUT = "1"
"""The version of the file format and of its texts. A file of another version, or of another florilege, is rebuilt."""
_HEADER = 64
"""Length of the header in bytes."""
_DIGEST = 16
"""Length of a digest in bytes (hexadecimal digits)."""
_BLOCK = 1 << 18
"""Bytes read in one step, searched in a fraction of a millisecond."""
_UNFINISHED = ()
"""The stamp in the header of an unfinished file, which matches no log."""
_AT_ONCE = 24
"""Items folded in one step, which takes two or three milliseconds."""


class SearchText:
    """The cached texts of all groups.

    Args:
        folder: The folder for the files, made when needed. If None or not writable, a temporary folder is used.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._configured = folder
        self._temporary: Path | None = None

    def has(self, group_id: str, stamp: "Stamp | None") -> bool:
        """Whether the cached text of a group is up to date, so that `blocks` need not build it."""
        with suppress(OSError), _open(self._folder / f"{group_id}.text") as file:
            return _is_of(file, stamp)
        return False

    def blocks(self, group_id: str, stamp: "Stamp | None", stored: Callable[[], "StoredItems"]) -> Iterator[bytes]:
        """Yield the lines of a group in blocks, to be passed to `matching`; builds the file meanwhile if needed.

        If the caller stops before the end, what was built so far is kept.

        Args:
            group_id: The group.
            stamp: The current stamp of its log of items; None when it has no log.
            stored: Returns its items; called only when the file has to be built.

        Raises:
            LibraryError: The items can't be read.
        """
        with suppress(OSError), _open(self._folder / f"{group_id}.text") as file:
            if _is_of(file, stamp):
                while block := file.read(_BLOCK):
                    yield block + file.readline()
                return
        yield from self._build(group_id, stamp, stored())

    def keep_only(self, groups: Collection[str]) -> None:
        """Delete the files of all other groups, and unfinished files."""
        with suppress(OSError):
            for path in self._folder.iterdir():
                if path.suffix not in {".text", ".new"}:
                    continue
                if path.suffix == ".new" or path.stem not in groups:
                    path.unlink(missing_ok=True)

    @property
    def _folder(self) -> Path:
        """The folder in which files are looked for; without one, a path below which no file can exist."""
        return self._temporary or self._configured or Path(os.devnull)

    def _writable_folder(self) -> Path:
        """The configured folder, made if needed, or a temporary one if that isn't writable."""
        if self._temporary is None and self._configured is not None:
            with suppress(OSError):
                self._configured.mkdir(parents=True, exist_ok=True, mode=0o700)
            if os.access(self._configured, os.W_OK | os.X_OK):
                return self._configured
        if self._temporary is None:
            from shutil import rmtree
            from tempfile import mkdtemp

            with suppress(OSError):
                self._temporary = Path(mkdtemp(prefix="florilege-"))
                weakref.finalize(self, rmtree, self._temporary, ignore_errors=True)
        return self._folder

    def _build(self, group_id: str, stamp: "Stamp | None", stored: "StoredItems") -> Iterator[bytes]:
        """Build the lines, reusing those of unchanged records; yield them in blocks and write them to the file."""
        path, records = self._writable_folder() / f"{group_id}.text", stored.records
        with _PreviousFile(path) as old, _Draft(path) as new:
            for first in range(0, len(records), _AT_ONCE):
                block = b"".join(_lines(records[first : first + _AT_ONCE], stored, old))
                new.write(block)
                yield block
            new.stamp = stamp


def matching(block: bytes, needles: Sequence[bytes]) -> Iterator[tuple[str, int, int]]:
    """Find the items in a block whose text contains all needles; yields the id, and the start and end of the text.

    Args:
        block: Whole lines, from `SearchText.blocks`.
        needles: The strings to find, folded and encoded as UTF-8, the rarest first.
    """
    first, *others = needles or [b"\t"]
    place = block.find(first)
    while place >= 0:
        line = block.rfind(b"\n", 0, place) + 1
        tab = block.find(b"\t", line)
        if place < tab:  # the match is in the digest or the id
            place = block.find(first, tab)
            continue
        end = block.find(b"\n", place)
        if all(block.find(needle, tab, end) >= 0 for needle in others):
            yield block[line + _DIGEST : tab].decode("utf-8", "replace"), tab + 1, end
        place = block.find(first, end)


def _lines(records: Sequence[Raw], stored: "StoredItems", old: "_PreviousFile") -> Iterator[bytes]:
    """Yield a line for each record, from the old file if it is there."""
    from hashlib import blake2b  # loads OpenSSL, which takes 2 ms and isn't needed at the start

    names = [blake2b(record, digest_size=_DIGEST // 2).hexdigest().encode() for record in records]
    lines = [old.line(name) for name in names]
    new = iter(stored.items([record for record, line in zip(records, lines, strict=True) if line is None]))
    for name, line in zip(names, lines, strict=True):
        yield line if line is not None else _line(name, next(new))


def _line(name: bytes, item: Item) -> bytes:
    from florilege.query.subject import searchable

    return b"%s%s\t%s\n" % (name, item.id.encode(), searchable(item).encode("utf-8", "replace"))


def _open(path: Path) -> BinaryIO:
    return os.fdopen(open_file(path), "rb")


class _PreviousFile:
    """The lines of the existing file by the digests of their records; none if it isn't ours."""

    def __init__(self, path: Path) -> None:
        self._places: dict[bytes, int] = {}
        self._file: BinaryIO | None = None
        with suppress(OSError):
            self._file = _open(path)
            size = os.fstat(self._file.fileno()).st_size
            header = self._file.read(_HEADER).split()
            if header[:1] == [_maker()] and header[2:] == [b"%d" % size]:
                place = _HEADER
                for line in self._file:
                    self._places[line[:_DIGEST]] = place
                    place += len(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def line(self, name: bytes) -> bytes | None:
        """The line for the record with this digest; None when there is none."""
        place = self._places.get(name)
        if place is None or self._file is None:
            return None
        try:
            self._file.seek(place)
            line = self._file.readline()
        except OSError:
            return None
        return line if line.startswith(name) and b"\t" in line and line.endswith(b"\n") else None


class _Draft:
    """A draft that replaces the existing file at the end of its context. Errors while writing are ignored."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_suffix(f".{os.urandom(6).hex()}.new")
        self._file: BinaryIO | None = None
        self.stamp: Stamp | None = _UNFINISHED
        """The stamp of the log, once all lines have been written."""
        with suppress(OSError):
            self._file = open(self._draft, "xb", opener=partial(os.open, mode=0o600))  # noqa: SIM115 -- closed at the end
        self.write(b" " * _HEADER)

    def __enter__(self) -> Self:
        return self

    def write(self, data: bytes) -> None:
        """Append some lines."""
        if self._file is not None:
            try:
                self._file.write(data)
            except OSError:
                self._discard()

    def __exit__(self, *_: object) -> None:
        """Replace the existing file; if the draft is unfinished, only if it is longer."""
        if self._file is None:
            return
        with suppress(OSError):
            size = self._file.tell()
            self._file.seek(0)
            self._file.write(_header(self.stamp, size))
            self._file.close()
            if self.stamp != _UNFINISHED or not self._path.exists() or self._path.stat().st_size < size:
                self._draft.replace(self._path)
        self._discard()

    def _discard(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
        with suppress(OSError):
            self._draft.unlink(missing_ok=True)


def _is_of(file: BinaryIO, stamp: "Stamp | None") -> bool:
    """Whether a file, opened and not read yet, is complete and matches the stamp of a log."""
    return file.read(_HEADER) == _header(stamp, os.fstat(file.fileno()).st_size)


def _header(stamp: "Stamp | None", size: int) -> bytes:
    """The header of a file of this size in bytes."""
    return (b"%s %s %d" % (_maker(), digest(repr(stamp)).encode(), size)).ljust(_HEADER - 1) + b"\n"


def _maker() -> bytes:
    """A digest of what determines how texts are made: our version, and Python's Unicode tables."""
    return digest(_LAYOUT, __version__, unicodedata.unidata_version).encode()
