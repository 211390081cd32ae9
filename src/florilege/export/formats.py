"""The list of export formats, and writing of export files.

A file is written completely or not at all, and never replaces another one unless requested.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath

from florilege.export import annotations, citations, feeds, markdown
from florilege.export.selection import Selection
from florilege.files import write_atomically
from florilege.model import FlorilegeError
from florilege.text import clean_line, counted


@dataclass(frozen=True, slots=True)
class Format:
    """An export format."""

    name: str
    """Its name on the command line."""
    suffixes: tuple[str, ...]
    """Its file name suffixes, the usual one first. No two formats share one."""
    write: Callable[[Selection], Iterator[str]]
    """Converts a selection to pieces of text."""
    by_group: bool = False
    """Whether it needs its rows grouped by group."""
    is_of_groups: bool = False
    """Whether it holds only groups, not their items."""

    def written(self, selection: Selection, where: str) -> str:
        """A summary of what was written: `40 highlights of 12 items written to quotes.csv`."""
        if self.is_of_groups:
            return f"{counted(len(selection.groups), 'group')} written to {where}"
        return f"{selection.tally} written to {where}{selection.tally.missing}"


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("json", (".json",), feeds.own_json, by_group=True),
        Format("markdown", (".md", ".markdown"), markdown.write),
        Format("csv", (".csv",), annotations.readwise_csv),
        Format("jsonfeed", (".jsonfeed", ".feed.json"), feeds.json_feed),
        Format("opml", (".opml",), feeds.opml, is_of_groups=True),
        Format("bibtex", (".bib",), citations.bibtex),
        Format("csl", (".csl.json", ".csl"), citations.csl),
        Format("webannotation", (".jsonld",), annotations.web_annotations),
    )
}
"""All formats by name, in the order shown in the help."""


def format_of(file_name: str) -> Format:
    """The format for a file name, chosen by its longest matching suffix.

    Raises:
        FlorilegeError: No suffix matches; the message lists the known ones.
    """
    name = PurePath(file_name).name.casefold()
    found = [(len(suffix), each) for each in FORMATS.values() for suffix in each.suffixes if name.endswith(suffix)]
    if not found:
        known = ", ".join(each.suffixes[0] for each in FORMATS.values())
        raise FlorilegeError(f"The name of the file has to tell the format: let it end in one of {known}.")
    return max(found, key=lambda pair: pair[0])[1]


class AlreadyThere(FlorilegeError):
    """The file already exists, and overwriting was not requested."""


def write_file(path: Path, pieces: Iterable[str], *, force: bool = False) -> None:
    """Write a file, in UTF-8.

    Args:
        path: Its path. Links are followed; anything that is not a regular file (`/dev/null`, a pipe) is written to
            directly.
        pieces: Its text.
        force: Whether to replace an existing file.

    Raises:
        AlreadyThere: The file exists and `force` is false.
        FlorilegeError: It cannot be written; any existing file is unchanged.
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
    """Write a file atomically; with `new`, it must not exist yet.

    Raises:
        AlreadyThere: The file exists and `new` is true.
        FlorilegeError: It cannot be written; any existing file is unchanged.
        OSError: The path is a folder, or its parent folder does not exist.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError
    if path.is_dir():
        raise IsADirectoryError
    try:
        write_atomically(path, pieces, new=new, private=False)
    except FileExistsError:
        raise AlreadyThere(f"“{_shown(path)}” is there already, and was left as it is.") from None


@contextmanager
def failing_as_sentence(path: Path) -> Iterator[None]:
    """Convert operating system errors to `FlorilegeError` with a readable message."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        match error:
            case IsADirectoryError():
                why = "is a folder; give the name of a file"
            case FileNotFoundError() | NotADirectoryError():
                why = f"can't be written: there is no folder “{_shown(path.parent)}”"
            case UnicodeDecodeError():
                why = "is not UTF-8 text, and was left as it is"
            case _:
                reason = (error.strerror if isinstance(error, OSError) else None) or "its name can't be used"
                why = f"can't be written: {clean_line(reason)}"
        raise FlorilegeError(f"“{_shown(path)}” {why}.") from error


def _shown(path: Path) -> str:
    return clean_line(str(path))
