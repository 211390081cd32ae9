"""Files of an export: written whole or not at all, and never over another file unless that is asked for."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from florilege.export.naming import identity, note_name
from florilege.export.notes import BrokenNote, identity_in, note_text
from florilege.export.selection import Selection
from florilege.files import NotWritten, write_atomically
from florilege.model import FlorilegeError
from florilege.text import clean_line, counted

LEFT_ALONE = "its markers are damaged, so what is yours in it can't be told."
"""Why a note was not touched."""


class ExportError(FlorilegeError):
    """An export could not be written. What was there before is as it was."""


class AlreadyThere(ExportError):  # noqa: N818 -- what has happened, as the errors of the library are named
    """There is a file of this name, and nobody said that it may be overwritten."""


@dataclass(slots=True)
class Written:
    """What became of the notes of a folder."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left_alone: list[str] = field(default_factory=list)
    """Names of notes that were not touched, because their markers are damaged."""

    def __str__(self) -> str:
        return (
            f"{counted(self.new, 'new note')}, {counted(self.changed, 'note')} changed, "
            f"{counted(self.unchanged, 'note')} unchanged"
        )


def write_file(path: Path, pieces: Iterable[str], *, force: bool = False) -> None:
    """Write a file, in UTF-8.

    Args:
        path: Where. A link is followed; something that is no file (`/dev/null`, a pipe) is written to as it is.
        pieces: Its text.
        force: Whether it may take the place of a file that is there.

    Raises:
        AlreadyThere: It would, and may not.
        ExportError: It can't be written; what was there before is as it was.
    """
    with _told(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
                stream.writelines(pieces)
            return
        if not force and (path.exists() or path.is_symlink()):
            raise AlreadyThere(f"“{_shown(path)}” is there already, and was left as it is.")
        _put(path, pieces, new=not force)


def write_notes(folder: Path, selection: Selection) -> Written:
    """Write one note an item into a folder, made if need be; what people wrote around our part of a note stays.

    A note is known again by the id in its name, whatever the rest of its name has become; a new one never takes the
    place of another file.

    Raises:
        ExportError: One can't be written; those before it are.
    """
    written = Written()
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        known = {name: entry for entry in folder.iterdir() if (name := identity_in(entry.name)) is not None}
    for row in selection.each():
        path = known.get(identity(row.item)) or folder / note_name(row.item)
        with _told(path):
            before = path.read_bytes().decode() if path.exists() else None
            try:
                after = note_text(row, before, with_state=selection.with_state)
            except BrokenNote:
                written.left_alone.append(path.name)
                continue
            if after == before:
                written.unchanged += 1
                continue
            _put(path, [after], new=before is None)
        written.new += before is None
        written.changed += before is not None
    return written


def _put(path: Path, pieces: Iterable[str], *, new: bool) -> None:
    if not path.parent.is_dir():
        raise FileNotFoundError
    if path.is_dir():
        raise IsADirectoryError
    try:
        write_atomically(path, pieces, new=new, private=False)
    except FileExistsError:
        raise AlreadyThere(f"“{_shown(path)}” is there already, and was left as it is.") from None
    except NotWritten as error:
        raise ExportError(str(error)) from error


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turns what the system says into a sentence."""
    try:
        yield
    except IsADirectoryError as error:
        raise ExportError(f"“{_shown(path)}” is a folder; give the name of a file.") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ExportError(f"“{_shown(path)}” can't be written: there is no folder “{_shown(path.parent)}”.") from error
    except UnicodeDecodeError as error:
        raise ExportError(f"“{_shown(path)}” is not UTF-8 text, and was left as it is.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = (error.strerror if isinstance(error, OSError) else None) or "its name can't be used"
        raise ExportError(f"“{_shown(path)}” can't be written: {clean_line(reason)}.") from error


def _shown(path: Path) -> str:
    return clean_line(str(path))
