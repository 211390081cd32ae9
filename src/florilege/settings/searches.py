"""The file of saved searches: a name and a query a line, in the reader's order, to be edited and shared.

It knows names and texts; what a query means is for `query`. Changes are made line by line, and keep comments and lines
that are no search; a file in which a search takes several lines is not changed.
"""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import msgspec

from florilege.files import NotWritten
from florilege.settings.toml_files import NotReadError, edit, read
from florilege.text import clean_line

_BEGINNING = """\
# Searches saved in florilege, in the order they are shown. A line each: a name, and what it looks for.
# Whoever you give this file can put it beside their own config.toml.

"""
_STRING = r""""(?:[^"\\]|\\.)*+"|'[^']*+'"""
_SEARCH = re.compile(rf"(\s*)([\w-]++|{_STRING})(\s*=\s*)({_STRING})(\s*(?:#.*)?)", re.ASCII)
"""A line with a search: space, name, equals sign, query, and what stands behind."""
_Block: TypeAlias = list[str]
"""The line of a search after the comments right above it; or a line that is none."""


class Search(msgspec.Struct, frozen=True):
    """A query under a name."""

    name: str
    text: str


class SearchFile:
    """The file. A `NotWritten` of any change means that nothing has changed; its text says why."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[list[Search], list[str]]:
        """The searches in their order, and what could not be understood, a sentence each. Nothing is raised."""
        try:
            _, document = read(self.path)
        except FileNotFoundError:
            return [], []
        except NotReadError as error:
            where = f"The saved searches were not read from {self.path}"
            return [], [clean_line(f"{where}: {error}. The file stays as it is.")]
        searches, problems = [], []
        for name, text in document.items():
            if isinstance(text, str) and clean_line(name):
                searches.append(Search(name, clean_line(text)))
            else:
                problems.append(clean_line(f'{self.path}: "{name}" has to be a query in quotes; it is left out.'))
        return searches, problems

    def add(self, search: Search) -> None:
        """Add a search at the end."""

        def change(blocks: list[_Block]) -> None:
            _refuse_name(blocks, search.name)
            places = _places(blocks)
            # The first one stands before any table, for behind one it would belong to that.
            tables = (place for place, block in enumerate(blocks) if block[-1].lstrip().startswith("["))
            end = len(blocks) - (blocks[-1] == [""])
            place = max(places.values()) + 1 if places else next(tables, end)
            blocks.insert(place, [f"{_key(search.name)} = {_string(search.text)}"])

        self._edit(change)

    def ask_anew(self, name: str, text: str) -> None:
        """Give a search another query."""
        self._edit(lambda blocks: self._rewrite(blocks, name, rf"\g<1>\g<2>\g<3>{_escaped(_string(text))}\g<5>"))

    def rename(self, name: str, new: str) -> None:
        """Give a search another name, in its place."""

        def change(blocks: list[_Block]) -> None:
            self._place(blocks, name)
            _refuse_name(blocks, new)
            self._rewrite(blocks, name, rf"\g<1>{_escaped(_key(new))}\g<3>\g<4>\g<5>")

        self._edit(change)

    def remove(self, name: str) -> None:
        """Remove a search, with the comment right above it."""

        def change(blocks: list[_Block]) -> None:
            place = self._place(blocks, name)
            blocks[place : place + 1] = [blocks[0][:-1]] if place == 0 else []  # one at the top may be about the file

        self._edit(change)

    def move(self, name: str, steps: int) -> bool:
        """Move a search up (-1) or down (1) among the searches, with the comment right above it.

        Returns:
            False when it is the first or last one already.
        """
        moved = False

        def change(blocks: list[_Block]) -> None:
            nonlocal moved
            one = self._place(blocks, name)
            places = list(_places(blocks).values())
            at = places.index(one) + steps
            if moved := 0 <= at < len(places):
                blocks[one], blocks[places[at]] = blocks[places[at]], blocks[one]

        self._edit(change)
        return moved

    def _edit(self, change: Callable[[list[_Block]], None]) -> None:
        """Change the file, if its searches are what its lines say.

        Raises:
            NotWritten: They are not, or it can't be written.
        """

        def changed(text: str) -> str:
            blocks = _blocks(text)
            change(blocks)
            written = "\n".join(line for block in blocks for line in block)
            known = [name for name, value in tomllib.loads(written).items() if isinstance(value, str)]
            if known != list(_places(blocks)):
                raise ValueError("a search takes several lines")
            return written

        edit(self.path, changed, beginning=_BEGINNING)

    def _place(self, blocks: list[_Block], name: str) -> int:
        places = _places(blocks)
        if name not in places:
            raise NotWritten(clean_line(f'There is no search called "{name}" in {self.path} any more.'))
        return places[name]

    def _rewrite(self, blocks: list[_Block], name: str, line: str) -> None:
        """Make this of the line of a search."""
        block = blocks[self._place(blocks, name)]
        found = _SEARCH.fullmatch(block[-1])
        block[-1] = found.expand(line) if found else block[-1]


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    comments: _Block = []
    for line in text.split("\n"):
        if line.lstrip().startswith("#"):
            comments.append(line)
        elif _SEARCH.fullmatch(line):
            blocks.append([*comments, line])
            comments = []
        else:
            blocks += [[each] for each in (*comments, line)]
            comments = []
    return blocks + [[each] for each in comments]


def _places(blocks: list[_Block]) -> dict[str, int]:
    """Where each search is. What stands behind the beginning of a table belongs to that."""
    places: dict[str, int] = {}
    for place, block in enumerate(blocks):
        if block and block[-1].lstrip().startswith("["):
            break
        if block and _SEARCH.fullmatch(block[-1]):
            places[next(iter(tomllib.loads(block[-1])))] = place
    return places


def _refuse_name(blocks: list[_Block], name: str) -> None:
    if name in _places(blocks):
        raise NotWritten(f'There is a search called "{name}" already. Give it another name.')


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else _string(name)


def _string(text: str) -> str:
    """The text as a string of TOML, without escapes where that can be had."""
    return f"'{text}'" if '"' in text and "'" not in text else json.dumps(text, ensure_ascii=False)


def _escaped(text: str) -> str:
    """The text as what stands in the place of a match."""
    return text.replace("\\", r"\\")
