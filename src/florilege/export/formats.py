"""The one list of formats: their names, what they are, and who writes them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from florilege.export import csl, csv, jsonfeed, markdown, opml, own, webannotation
from florilege.export.selection import Selection
from florilege.model import FlorilegeError
from florilege.quotes import bibtex
from florilege.text import counted


class UnknownFormat(FlorilegeError):  # noqa: N818 -- a word of the room
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


def _bibtex(selection: Selection) -> Iterator[str]:
    """An entry for each item, in their order."""
    return (bibtex.entry(row.item, row.group.title) for row in selection.each())


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("json", "everything, to be imported again", (".json",), own.write, by_group=True),
        Format("markdown", "one document, or a folder with one note a page", (".md", ".markdown"), markdown.write),
        Format("csv", "one highlight a line, as Readwise imports them", (".csv",), csv.write),
        Format("jsonfeed", "JSON Feed 1.1, for feed readers", (".jsonfeed", ".feed.json"), jsonfeed.write),
        Format("opml", "the groups and their addresses, for feed readers", (".opml",), opml.write, is_of_groups=True),
        Format("bibtex", "one entry a page, for BibLaTeX", (".bib",), _bibtex),
        Format("csl", "CSL-JSON, for Zotero and Pandoc", (".csl.json", ".csl"), csl.write),
        Format("webannotation", "W3C Web Annotations", (".jsonld",), webannotation.write),
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
