"""Members' words written in Markdown, as lines of styled pieces. Pure: nothing is fetched, nothing can be clicked.

Read by CommonMark's rules, as the service that the words come from does. HTML in them is text. An address stands in
parentheses after the words that link to it, so that it is seen and can be copied.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from florilege.tui.panes.fitting import Line, Piece, width_of, wrap
from florilege.tui.widgets.lines import drawable

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST = 20_000
"""Characters beyond which words are shown as they stand: some texts take very long to read as Markdown."""
_DEEPEST = 18
"""Levels of nesting from which words are shown as they stand: two deeper, the reader of Markdown drops them."""
_NARROWEST = 8
"""Cells below which nested blocks are no longer indented."""
_STYLES = {"em": "emphasis", "strong": "strong"}


@cache
def _reader() -> "MarkdownIt":
    """The reader of Markdown, loaded when it is first needed. Links to other than web and mail addresses stay text."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})


def laid_out(text: str, cells: int, first: Line = ()) -> list[Line]:
    """Markdown on lines of at most that many cells.

    Args:
        text: The words as they were written.
        cells: At least 1.
        first: What stands before the words on their first line (who said them); a line of its own before a list, a
            quote or code.
    """
    tokens = _reader().parse(text) if len(text) <= LONGEST else []
    if not tokens or max(token.level for token in tokens) >= _DEEPEST:
        return _wrapped([*first, ("text", text.strip())], cells)
    page = _Page(cells, first)
    page.read(tokens)
    return page.finished()


@dataclass(slots=True)
class _Block:
    """A quote or list item that lines are inside of."""

    mark: Piece
    """What stands before its first line."""
    rest: Piece
    """What stands before its other lines."""
    is_begun: bool = False


@dataclass(slots=True)
class _Page:
    """Lines being laid out."""

    cells: int
    first: Line
    lines: list[Line] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)
    counters: list[int | None] = field(default_factory=list)
    """For each open list the number of its next item; None for lists without numbers."""
    heading: bool = False
    is_apart: bool = False
    """Whether a blank line is due before the next one."""

    def read(self, tokens: Sequence["Token"]) -> None:
        """Lay out what the tokens say, one block after the other."""
        for token in tokens:
            match token.type:
                case "inline":
                    self._paragraph(_pieces(token.children or (), is_heading=self.heading))
                case "paragraph_close":
                    self.is_apart = not token.hidden
                case "heading_open" | "heading_close":
                    self.heading = token.type == "heading_open"
                    self.is_apart = True
                case "blockquote_open":
                    self.blocks.append(_Block(("metadata", "│ "), ("metadata", "│ ")))
                case "bullet_list_open" | "ordered_list_open":
                    start = token.attrGet("start")
                    self.counters.append(None if token.type.startswith("bullet") else int(start or 1))
                case "list_item_open":
                    self.blocks.append(self._item())
                case "blockquote_close" | "list_item_close":
                    self._close()
                case "bullet_list_close" | "ordered_list_close":
                    self.counters.pop()
                    self.is_apart = not self.counters
                case "fence" | "code_block":
                    self._code(token.content)
                case "hr":
                    self._paragraph([("metadata", "───")])
                    self.is_apart = True

    def finished(self) -> list[Line]:
        """All lines; at least one when there is something to stand first."""
        self._own_line()
        return self.lines

    def _item(self) -> _Block:
        number = self.counters[-1] if self.counters else None
        if number is None:
            return _Block(("metadata", "• "), ("text", "  "))
        self.counters[-1] = number + 1
        mark = f"{number}. "
        return _Block(("metadata", mark), ("text", " " * len(mark)))

    def _close(self) -> None:
        """A quote or list item ends; one without words shows its mark all the same."""
        block = self.blocks[-1]
        if not block.is_begun:
            self._paragraph([("text", "")])
        self.blocks.pop()
        if block.mark[1] == "│ ":
            self.is_apart = True

    def _paragraph(self, pieces: Sequence[Piece]) -> None:
        if self.blocks:
            self._own_line()
        lead, self.first = self.first, ()
        for line in _wrapped([*lead, *pieces], self._room()) or [()]:
            self._add(line)

    def _code(self, content: str) -> None:
        self._own_line()
        indent = "  " if self._room() > _NARROWEST else ""
        for text in content.rstrip("\n").split("\n"):
            for line in wrap(text, self._room() - len(indent)) or [""]:
                self._add((("text", indent), ("code", line)))
        self.is_apart = True

    def _own_line(self) -> None:
        """What stands first has a line of its own, when no words follow it."""
        if self.first:
            self.lines += _wrapped(self.first, self.cells)
            self.first = ()

    def _drawn(self) -> list[_Block]:
        """The outer blocks whose marks are drawn: as many as leave room for words."""
        drawn: list[_Block] = []
        left = self.cells - _NARROWEST
        for block in self.blocks:
            left -= width_of(block.mark[1])
            if left < 0:
                break
            drawn.append(block)
        return drawn

    def _room(self) -> int:
        """Cells for words."""
        return self.cells - sum(width_of(block.mark[1]) for block in self._drawn())

    def _add(self, line: Line) -> None:
        """One line, what it is inside of before it."""
        if self.is_apart and self.lines:
            self.lines.append(_trimmed([block.rest for block in self._drawn() if block.is_begun]))
        self.is_apart = False
        before = tuple(block.rest if block.is_begun else block.mark for block in self._drawn())
        for block in self.blocks:
            block.is_begun = True
        self.lines.append((*before, *line))


def _pieces(tokens: Iterable["Token"], *, is_heading: bool) -> list[Piece]:
    """The words of a paragraph with their styles, addresses after what links to them."""
    found: list[Piece] = []
    styles: list[str] = ["strong" if is_heading else "text"]
    links: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "text":
                found.append((styles[-1], token.content))
            case "softbreak":
                found.append((styles[-1], " "))
            case "hardbreak":
                found.append((styles[-1], "\n"))
            case "code_inline":
                found += [("metadata", "`"), ("code", token.content), ("metadata", "`")]
            case "em_open" | "strong_open":
                inner = _STYLES[token.type.removesuffix("_open")]
                styles.append("strong" if styles[-1] == "strong" else inner)
            case "em_close" | "strong_close":
                styles.pop()
            case "link_open":
                links.append((str(token.attrGet("href") or ""), len(found)))
            case "link_close":
                address, start = links.pop()
                found += _address(address, "".join(text for _, text in found[start:]))
            case "image":
                found.append((styles[-1], token.content))
                found += _address(str(token.attrGet("src") or ""), token.content)
    return found


def _address(address: str, words: str) -> list[Piece]:
    """Where a link leads, unless its words say so."""
    if not address or address.removeprefix("mailto:") == words:
        return []
    return [("metadata", f" ({address})" if words else address)]


def _wrapped(pieces: Sequence[Piece], cells: int) -> list[Line]:
    """Pieces on lines of at most that many cells, each keeping its style."""
    return [line for paragraph in _paragraphs(pieces) for line in _wrapped_paragraph(paragraph, cells)]


def _paragraphs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces up to each line break."""
    current: list[Piece] = []
    for style, text in pieces:
        head, *others = text.split("\n")
        current.append((style, head))
        for other in others:
            yield current
            current = [(style, other)]
    yield current


def _wrapped_paragraph(pieces: Sequence[Piece], cells: int) -> Iterator[Line]:
    """One paragraph, broken where `wrap` breaks it."""
    drawn = [(style, drawable(text)) for style, text in pieces]
    plain = "".join(text for _, text in drawn)
    if drawable(plain) != plain:  # characters that are too many only together
        drawn = [("text", drawable(plain))]
        plain = drawn[0][1]
    at, rest = 0, deque(drawn)
    for line in wrap(plain, cells):
        start = plain.find(line, at)
        _taken(rest, start - at)
        yield tuple(_taken(rest, len(line)))
        at = start + len(line)


def _taken(pieces: deque[Piece], length: int) -> list[Piece]:
    """The first so many characters of the pieces, which lose them."""
    taken: list[Piece] = []
    while length > 0 and pieces:
        style, text = pieces.popleft()
        if len(text) > length:
            pieces.appendleft((style, text[length:]))
        if taken and taken[-1][0] == style:
            taken[-1] = (style, taken[-1][1] + text[:length])
        elif text:
            taken.append((style, text[:length]))
        length -= len(text)
    return taken


def _trimmed(pieces: Sequence[Piece]) -> Line:
    """The pieces of a blank line without spaces at its end."""
    kept = list(pieces)
    while kept and not kept[-1][1].strip():
        kept.pop()
    return (*kept[:-1], (kept[-1][0], kept[-1][1].rstrip())) if kept else ()
