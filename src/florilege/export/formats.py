"""The one list of formats, and files of an export.

A file is written whole or not at all, and never over another one unless that is asked for.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath

from florilege.export import annotations, citations, feeds, markdown
from florilege.export.selection import Selection
from florilege.files import NotWritten, write_atomically
from florilege.model import FlorilegeError
from florilege.text import clean_line, counted


class UnknownFormat(FlorilegeError):
    """No format goes by this name or suffix."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format."""

    name: str
    """Its name on the command line."""
    sentence: str
    """What it holds, and for whom."""
    suffixes: tuple[str, ...]
    """How names of its files end; the first is the usual one. No two formats share one."""
    write: Callable[[Selection], Iterator[str]]
    """A selection as pieces of text."""
    by_group: bool = False
    """Whether its rows have to come group by group."""
    is_of_groups: bool = False
    """Whether it holds groups alone, whatever their items."""

    def written(self, selection: Selection, where: str) -> str:
        """What was written, in a sentence: `40 highlights of 12 items written to quotes.csv`."""
        if self.is_of_groups:
            return f"{counted(len(selection.groups), 'group')} written to {where}"
        return f"{selection.tally} written to {where}{selection.tally.missing}"


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("json", "everything, to be imported again", (".json",), feeds.own_json, by_group=True),
        Format("markdown", "one document, or a folder with one note a page", (".md", ".markdown"), markdown.write),
        Format("csv", "one highlight a line, as Readwise imports them", (".csv",), annotations.readwise_csv),
        Format("jsonfeed", "JSON Feed 1.1, for feed readers", (".jsonfeed", ".feed.json"), feeds.json_feed),
        Format("opml", "the groups and their addresses, for feed readers", (".opml",), feeds.opml, is_of_groups=True),
        Format("bibtex", "one entry a page, for BibLaTeX", (".bib",), citations.bibtex),
        Format("csl", "CSL-JSON, for Zotero and Pandoc", (".csl.json", ".csl"), citations.csl),
        Format("webannotation", "W3C Web Annotations", (".jsonld",), annotations.web_annotations),
    )
}
"""Every format by name, in the order of the help."""


def format_of(file_name: str) -> Format:
    """The format that a file name asks for by its suffix.

    Raises:
        UnknownFormat: None does; the text lists the suffixes there are.
    """
    name = PurePath(file_name).name.casefold()
    found = [(len(suffix), each) for each in FORMATS.values() for suffix in each.suffixes if name.endswith(suffix)]
    if not found:
        known = ", ".join(each.suffixes[0] for each in FORMATS.values())
        raise UnknownFormat(f"The name of the file has to tell the format: let it end in one of {known}.")
    return max(found, key=lambda pair: pair[0])[1]


class ExportError(FlorilegeError):
    """An export could not be written. What was there before is as it was."""


class AlreadyThere(ExportError):
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
