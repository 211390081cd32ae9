"""The file of saved searches: a name and a query a line, in the reader's order, to be edited and shared.

It knows names and texts; what a query means is for `query`. Changes keep comments and what is no search.
"""

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from florilege.files import NotWritten
from florilege.settings.toml_files import NotRead, edit, read
from florilege.text import clean_line

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import String

_BEGINNING = """\
# Searches saved in florilege, in the order they are shown. A line each: a name, and what it looks for.
# Whoever you give this file can put it beside their own config.toml.

"""
_Block: TypeAlias = list[tuple[Any, Any]]
"""A search after the comments right above it, or something that is none: keys with what they stand for."""


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
        except NotRead as error:
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
        import tomlkit

        def change(blocks: list[_Block]) -> None:
            _refuse_name(blocks, search.name)
            # The first one stands before any table, for behind one it would belong to that.
            tables = (place for place, ((_, item), *_) in enumerate(blocks) if isinstance(item, dict | list))
            place = max(_places(blocks).values(), default=next(tables, len(blocks)) - 1) + 1
            blocks.insert(place, [(tomlkit.key(search.name), _string(search.text))])

        self._edit(change)

    def ask_anew(self, name: str, text: str) -> None:
        """Give a search another query."""

        def change(blocks: list[_Block]) -> None:
            block = blocks[self._place(blocks, name)]
            key, before = block[-1]
            block[-1] = key, (now := _string(text))
            vars(now.trivia).update(vars(before.trivia))  # the comment behind it

        self._edit(change)

    def rename(self, name: str, new: str) -> None:
        """Give a search another name, in its place."""
        import tomlkit

        def change(blocks: list[_Block]) -> None:
            block = blocks[self._place(blocks, name)]
            _refuse_name(blocks, new)
            block[-1] = tomlkit.key(new), block[-1][1]

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
        def changed(document: "TOMLDocument") -> None:
            blocks = _blocks(document)
            change(blocks)
            document.body[:] = chain.from_iterable(blocks)

        edit(self.path, changed, beginning=_BEGINNING)

    def _place(self, blocks: list[_Block], name: str) -> int:
        places = _places(blocks)
        if name not in places:
            raise NotWritten(clean_line(f'There is no search called "{name}" in {self.path} any more.'))
        return places[name]


def _blocks(document: "TOMLDocument") -> list[_Block]:
    from tomlkit.items import Comment, String

    blocks: list[_Block] = []
    comments: _Block = []
    for key, item in document.body:
        comments.append((key, item))
        if isinstance(item, Comment | String):
            item.trivia.trail = item.trivia.trail or "\n"  # the last line of a file may have no end
        if not isinstance(item, Comment):
            blocks += [comments] if isinstance(item, String) else [[each] for each in comments]
            comments = []
    return blocks + [[each] for each in comments]


def _places(blocks: list[_Block]) -> dict[str, int]:
    """Where each search is."""
    from tomlkit.items import String

    return {block[-1][0].key: place for place, block in enumerate(blocks) if block and isinstance(block[-1][1], String)}


def _refuse_name(blocks: list[_Block], name: str) -> None:
    if name in _places(blocks):
        raise NotWritten(f'There is a search called "{name}" already. Give it another name.')


def _string(text: str) -> "String":
    """The text as a string of TOML, without escapes where that can be had."""
    import tomlkit

    return tomlkit.string(text, literal='"' in text and "'" not in text)
