"""The file of saved searches: one name and query per line, in the reader's order, to be edited and shared.

Queries are plain text here; `query` interprets them. Changes preserve comments and entries that are not searches.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from florilege.files import NotWritten
from florilege.settings.toml_files import NotRead, editing, read
from florilege.text import clean_line

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import String

_BEGINNING = """\
# Searches saved in florilege, in the order they are shown. A line each: a name, and what it looks for.
# Whoever you give this file can put it beside their own config.toml.
"""


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
        """Add a search at the end, before any table."""
        import tomlkit

        with editing(self.path, beginning=_BEGINNING) as document:
            _refuse_name(document, search.name)
            document.append(tomlkit.key(search.name), _string(search.text))

    def replace(self, name: str, search: Search) -> None:
        """Rename a search or change its query, keeping its position and comments."""
        import tomlkit

        with editing(self.path) as document:
            place = self._place(document, name)
            if search.text != document[name]:
                document[name] = _string(search.text)
            if search.name != name:
                _refuse_name(document, search.name)
                document.body[place] = tomlkit.key(search.name), document.body[place][1]

    def remove(self, name: str) -> None:
        """Remove a search, with the comment right above it."""
        from tomlkit.items import Comment

        with editing(self.path) as document:
            start = place = self._place(document, name)
            while start and isinstance(document.body[start - 1][1], Comment):
                start -= 1
            del document.body[start or place : place + 1]  # the first comment may be the file's

    def _place(self, document: "TOMLDocument", name: str) -> int:
        for place, (key, item) in enumerate(document.body):
            if key is not None and key.key == name and isinstance(item, str):
                return place
        raise NotWritten(clean_line(f'There is no search called "{name}" in {self.path} any more.'))


def _refuse_name(document: "TOMLDocument", name: str) -> None:
    if name in document:
        raise NotWritten(f'There is a search called "{name}" already. Give it another name.')


def _string(text: str) -> "String":
    """The text as a TOML string, without escapes where possible."""
    import tomlkit

    return tomlkit.string(text, literal='"' in text and "'" not in text)
