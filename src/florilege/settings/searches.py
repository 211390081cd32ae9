"""The file of saved searches: one name and query per line, in the reader's order, to be edited and shared.

Queries are plain text here; `query` interprets them. Changes preserve comments and entries that are not searches.
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
"""(key, item) pairs of a TOML body: a search preceded by the comments right above it, or a single other element."""


class Search(msgspec.Struct, frozen=True):
    """A named query."""

    name: str
    text: str


class SearchFile:
    """The file of saved searches. Changes may raise `NotWritten`: then nothing has changed, and the text says why."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[list[Search], list[str]]:
        """The searches in their order, and one sentence for each entry not understood. Never raises."""
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
            # The first search goes before any table: after its header it would become part of it.
            tables = (place for place, ((_, item), *_) in enumerate(blocks) if isinstance(item, dict | list))
            place = max(_places(blocks).values(), default=next(tables, len(blocks)) - 1) + 1
            blocks.insert(place, [(tomlkit.key(search.name), _string(search.text))])

        self._edit(change)

    def ask_anew(self, name: str, text: str) -> None:
        """Change the query of a search."""

        def change(blocks: list[_Block]) -> None:
            block = blocks[self._place(blocks, name)]
            key, before = block[-1]
            block[-1] = key, (now := _string(text))
            vars(now.trivia).update(vars(before.trivia))  # keeps the trailing comment

        self._edit(change)

    def rename(self, name: str, new: str) -> None:
        """Rename a search, keeping its position."""
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
            blocks[place : place + 1] = [blocks[0][:-1]] if place == 0 else []  # the first comment may be the file's

        self._edit(change)

    def move(self, name: str, steps: int) -> bool:
        """Move a search up (-1) or down (1) among the searches, with the comment right above it.

        Returns:
            False when it is already the first or the last.
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
            item.trivia.trail = item.trivia.trail or "\n"  # the last line may lack its newline
        if not isinstance(item, Comment):
            blocks += [comments] if isinstance(item, String) else [[each] for each in comments]
            comments = []
    return blocks + [[each] for each in comments]


def _places(blocks: list[_Block]) -> dict[str, int]:
    """The index of the block of each search, by name."""
    from tomlkit.items import String

    return {block[-1][0].key: place for place, block in enumerate(blocks) if block and isinstance(block[-1][1], String)}


def _refuse_name(blocks: list[_Block], name: str) -> None:
    if name in _places(blocks):
        raise NotWritten(f'There is a search called "{name}" already. Give it another name.')


def _string(text: str) -> "String":
    """The text as a TOML string, without escapes where possible."""
    import tomlkit

    return tomlkit.string(text, literal='"' in text and "'" not in text)
