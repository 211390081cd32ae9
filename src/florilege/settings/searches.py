"""The file of saved searches: one name and query per line, in the reader's order, to be edited and shared.

Queries are plain text here; `query` interprets them. Changes preserve comments and entries that are not searches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from florilege.files import NotWritten
from florilege.settings.toml_files import NotRead, editing, read
from florilege.text import clean_line

if TYPE_CHECKING:
    from tomlkit.items import String

_BEGINNING = """\
# Searches saved in florilege, in the order they are shown. A line each: a name, and what it looks for.
# Whoever you give this file can put it beside their own config.toml.

"""
_Body: TypeAlias = list[tuple[Any, Any]]
"""The elements of a TOML file as pairs of key and item."""


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

        with self._editing() as body:
            _refuse_name(body, search.name)
            # The first search goes before any table: after its header it would become part of it.
            tables = (place for place, (_, item) in enumerate(body) if isinstance(item, dict | list))
            place = max(_places(body).values(), default=next(tables, len(body)) - 1) + 1
            body.insert(place, (tomlkit.key(search.name), _string(search.text)))

    def replace(self, name: str, search: Search) -> None:
        """Rename a search or change its query, keeping its position and comments."""
        import tomlkit

        with self._editing() as body:
            place = self._place(body, name)
            key, text = body[place]
            if search.name != name:
                _refuse_name(body, search.name)
                key = tomlkit.key(search.name)
            if search.text != text:
                trivia, text = vars(text.trivia), _string(search.text)
                vars(text.trivia).update(trivia)  # keeps the trailing comment
            body[place] = key, text

    def remove(self, name: str) -> None:
        """Remove a search, with the comment right above it."""
        from tomlkit.items import Comment

        with self._editing() as body:
            start = place = self._place(body, name)
            while start and isinstance(body[start - 1][1], Comment):
                start -= 1
            del body[start or place : place + 1]  # the first comment may be the file's

    @contextmanager
    def _editing(self) -> Iterator[_Body]:
        from tomlkit.items import Comment, String

        with editing(self.path, beginning=_BEGINNING) as document:
            for _, item in document.body:
                if isinstance(item, Comment | String):
                    item.trivia.trail = item.trivia.trail or "\n"  # the last line may lack its newline
            yield document.body

    def _place(self, body: _Body, name: str) -> int:
        places = _places(body)
        if name not in places:
            raise NotWritten(clean_line(f'There is no search called "{name}" in {self.path} any more.'))
        return places[name]


def _places(body: _Body) -> dict[str, int]:
    """The index of each search, by name."""
    from tomlkit.items import String

    return {key.key: place for place, (key, item) in enumerate(body) if isinstance(item, String)}


def _refuse_name(body: _Body, name: str) -> None:
    if name in _places(body):
        raise NotWritten(f'There is a search called "{name}" already. Give it another name.')


def _string(text: str) -> "String":
    """The text as a TOML string, without escapes where possible."""
    import tomlkit

    return tomlkit.string(text, literal='"' in text and "'" not in text)
