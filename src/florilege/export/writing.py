"""Files of an export: written whole or not at all, and never over another file unless that is asked for."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from florilege.files import NotWritten, write_atomically
from florilege.model import FlorilegeError
from florilege.text import clean_line


class ExportError(FlorilegeError):
    """An export could not be written. What was there before is as it was."""


class AlreadyThere(ExportError):  # noqa: N818 -- what has happened, as the errors of the library are named
    """There is a file of this name, and nobody said that it may be overwritten."""


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
    with failing_as_sentence(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
                stream.writelines(pieces)
            return
        if not force and (path.exists() or path.is_symlink()):
            raise AlreadyThere(f"“{_shown(path)}” is there already, and was left as it is.")
        put(path, pieces, new=not force)


def put(path: Path, pieces: Iterable[str], *, new: bool) -> None:
    """Write a file whole; `new` says that it must not be there yet. Raises as `write_file` does."""
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
def failing_as_sentence(path: Path) -> Iterator[None]:
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
