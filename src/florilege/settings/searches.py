"""The file of saved searches: a name and a query a line, in the reader's order, to be edited and shared.

It knows names and texts; what a query means is for `query`. Changes keep comments and lines it does not understand.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from florilege.settings.toml_files import NotReadError, NotWrittenError, edit, read
from florilege.text import clean_line

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_BEGINNING = """\
# Searches saved in florilege, in the order they are shown. A line each: a name, and what it looks for.
# Whoever you give this file can put it beside their own config.toml.

"""


class Search(msgspec.Struct, frozen=True):
    """A query under a name."""

    name: str
    text: str


class SearchFile:
    """The file. A `NotWrittenError` of any change means that nothing has changed; its text says why."""

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

        def change(document: "TOMLDocument") -> str:
            if search.name in document:
                raise NotWrittenError(f'There is a search called "{search.name}" already. Give it another name.')
            blocks = _blocks(document)
            after = max((place for place, block in enumerate(blocks) if _is_search(block)), default=None)
            line: _Block = [(_key(search.name), _written(search.text))]
            if after is not None:
                return _text([*blocks[: after + 1], line, *blocks[after + 1 :]])
            # The first one stands before any table, for behind one it would belong to that.
            tables = next((place for place, block in enumerate(blocks) if block[-1][0] is not None), len(blocks))
            return _text([*blocks[:tables], line, *blocks[tables:]])

        edit(self.path, change, beginning=_BEGINNING)

    def ask_anew(self, name: str, text: str) -> None:
        """Give a search another query."""

        def change(document: "TOMLDocument") -> None:
            self._must_hold(document, name)
            document[name] = _written(text)

        edit(self.path, change)

    def rename(self, name: str, new: str) -> None:
        """Give a search another name, in its place."""

        def change(document: "TOMLDocument") -> str:
            self._must_hold(document, name)
            if new in document:
                raise NotWrittenError(f'There is a search called "{new}" already. Give it another name.')
            return _text(
                [[(_key(new) if _is(key, name) else key, item) for key, item in block] for block in _blocks(document)]
            )

        edit(self.path, change)

    def remove(self, name: str) -> None:
        """Remove a search, with the comment right above it."""

        def change(document: "TOMLDocument") -> str:
            self._must_hold(document, name)
            kept = []
            for place, block in enumerate(_blocks(document)):
                if not _is(block[-1][0], name):
                    kept.append(block)
                elif place == 0:
                    kept.append(block[:-1])  # A comment at the top may be about the file.
            return _text(kept)

        edit(self.path, change)

    def move(self, name: str, steps: int) -> bool:
        """Move a search up (-1) or down (1) among the searches, with the comment right above it.

        Returns:
            False when it is the first or last one already.
        """
        moved = False

        def change(document: "TOMLDocument") -> str:
            nonlocal moved
            self._must_hold(document, name)
            blocks = _blocks(document)
            places = [place for place, block in enumerate(blocks) if _is_search(block)]
            at = next(at for at, place in enumerate(places) if _is(blocks[place][-1][0], name))
            if 0 <= at + steps < len(places):
                one, other = places[at], places[at + steps]
                blocks[one], blocks[other] = blocks[other], blocks[one]
                moved = True
            return _text(blocks)

        edit(self.path, change)
        return moved

    def _must_hold(self, document: "TOMLDocument", name: str) -> None:
        if name not in document:
            raise NotWrittenError(clean_line(f'There is no search called "{name}" in {self.path} any more.'))


_Block = list[tuple[Any, Any]]
"""A line that sets something, after the comments right above it; or a line that is neither."""


def _blocks(document: "TOMLDocument") -> list[_Block]:
    from tomlkit.items import Comment

    blocks: list[_Block] = []
    comments: _Block = []
    for key, item in document.body:
        if isinstance(item, Comment):
            comments.append((key, item))
        elif key is not None:
            blocks.append([*comments, (key, item)])
            comments = []
        else:
            blocks += [[comment] for comment in comments] + [[(key, item)]]
            comments = []
    return blocks + [[comment] for comment in comments]


def _text(blocks: list[_Block]) -> str:
    """The blocks as a file. Put together as text: a document would move what is appended before its last blank line."""
    import tomlkit

    written = ""
    for block in blocks:
        document = tomlkit.document()
        for key, item in block:
            document.append(key, item)
        if written and not written.endswith("\n"):
            written += "\n"
        written += document.as_string()
    return written


def _is_search(block: _Block) -> bool:
    return bool(block) and isinstance(block[-1][1], str)


def _is(key: Any, name: str) -> bool:
    return key is not None and key.key == name


def _key(name: str) -> Any:
    import tomlkit

    return tomlkit.key(name)


def _written(text: str) -> Any:
    """The query as a string of TOML, without escapes where that can be had."""
    import tomlkit

    return tomlkit.string(text, literal='"' in text and "'" not in text)
