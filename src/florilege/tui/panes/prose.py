"""Members' comments in Markdown as lines of styled pieces. Pure: nothing is fetched, nothing can be clicked.

Parsed by CommonMark's rules, as by the service the comments come from. HTML in them is shown as text. An address
follows the text that links to it, in parentheses, so that it is seen and can be copied.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from florilege.tui.widgets.lines import Line, Piece, drawable, width_of, wrap

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

LONGEST = 20_000
"""Characters beyond which a text is shown unparsed: some texts take very long to parse as Markdown."""
_DEEPEST = 18
"""Levels of nesting from which a text is shown unparsed: two levels deeper, the Markdown parser drops text."""
_NARROWEST = 8
"""Cells below which nested blocks are no longer indented."""
_STYLES = {"em": "emphasis", "strong": "strong"}


@cache
def _reader() -> "MarkdownIt":
    """The Markdown parser, loaded when first needed. Links to anything but web and mail addresses stay text."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})


def laid_out(text: str, cells: int, first: Line = ()) -> list[Line]:
    """Lay out Markdown on lines of at most `cells` cells.

    Args:
        text: The text as it was written.
        cells: At least 1.
        first: What to put before the text on its first line (the author); it gets a line of its own before a list, a
            quote or code.
    """
    tokens = _reader().parse(text) if len(text) <= LONGEST else []
    if not tokens or max(token.level for token in tokens) >= _DEEPEST:
        return _wrapped([*first, ("text", text.strip())], cells)
    from markdown_it.tree import SyntaxTreeNode

    nodes = SyntaxTreeNode(tokens).children
    is_before_words = nodes[0].type in {"paragraph", "heading"}
    above = _wrapped(first, cells) if first and not is_before_words else []
    return above + _blocks(nodes, cells, first if is_before_words else ())[0]


def _blocks(
    nodes: Iterable["SyntaxTreeNode"], cells: int, first: Line = (), *, in_list: bool = False
) -> tuple[list[Line], bool]:
    """The lines of successive blocks, and whether a blank line should follow them."""
    lines: list[Line] = []
    is_apart = False
    for node in nodes:
        own, is_apart_then = _block(node, cells, first, in_list=in_list)
        lines += [(), *own] if is_apart and lines else own
        is_apart, first = is_apart_then, ()
    return lines, is_apart


def _block(node: "SyntaxTreeNode", cells: int, first: Line, *, in_list: bool) -> tuple[list[Line], bool]:
    match node.type:
        case "paragraph" | "heading":
            style = "strong" if node.type == "heading" else "text"
            return _wrapped([*first, *_pieces(node.children[0].children, style)], cells) or [()], not node.hidden
        case "blockquote":
            return _marked(node, ("metadata", "│ "), ("metadata", "│ "), cells)[0], True
        case "list_item":
            mark = f"{node.meta['number']}. " if "number" in node.meta else "• "
            return _marked(node, ("metadata", mark), ("text", " " * len(mark)), cells)
        case "bullet_list" | "ordered_list":
            if node.type == "ordered_list":  # counted from the first number: the others mean nothing
                for number, item in enumerate(node.children, int(node.attrGet("start") or 1)):
                    item.meta["number"] = number
            return _blocks(node.children, cells)[0], not in_list
        case "fence" | "code_block":
            indent = "  " if cells > _NARROWEST else ""
            texts = node.content.rstrip("\n").split("\n")
            wrapped = [line for text in texts for line in wrap(text, cells - len(indent)) or [""]]
            return [(("text", indent), ("code", line)) for line in wrapped], True
        case _:
            return ([(("metadata", "───"[:cells]),)], True) if node.type == "hr" else ([], False)


def _marked(node: "SyntaxTreeNode", mark: Piece, rest: Piece, cells: int) -> tuple[list[Line], bool]:
    """Lines of a quote or list item, with `mark` before the first and `rest` before the others, if there is room."""
    left = cells - width_of(mark[1])
    has_room = left >= _NARROWEST
    lines, is_apart = _blocks(node.children, left if has_room else cells, in_list=node.type == "list_item")
    if has_room:
        blank: Line = ((rest[0], rest[1].rstrip()),) if rest[1].strip() else ()
        lines = [(rest if at else mark, *line) if line or not at else blank for at, line in enumerate(lines or [()])]
    return lines, is_apart


def _pieces(nodes: Iterable["SyntaxTreeNode"], style: str) -> Iterator[Piece]:
    """The text of a paragraph in styled pieces, each address after the text that links to it."""
    for node in nodes:
        match node.type:
            case "text":
                yield style, node.content
            case "softbreak":
                yield style, " "
            case "hardbreak":
                yield style, "\n"
            case "code_inline":
                yield from (("metadata", "`"), ("code", node.content), ("metadata", "`"))
            case "em" | "strong":
                yield from _pieces(node.children, style if style == "strong" else _STYLES[node.type])
            case "link":
                words = list(_pieces(node.children, style))
                yield from words
                yield from _address(str(node.attrGet("href") or ""), "".join(text for _, text in words))
            case "image":
                yield style, node.content
                yield from _address(str(node.attrGet("src") or ""), node.content)


def _address(address: str, words: str) -> list[Piece]:
    """Where a link leads, unless its text says so."""
    if not address or address.removeprefix("mailto:") == words:
        return []
    return [("metadata", f" ({address})" if words else address)]


def _wrapped(pieces: Sequence[Piece], cells: int) -> list[Line]:
    """Pieces wrapped into lines of at most `cells` cells, each keeping its style."""
    return [line for paragraph in _paragraphs(pieces) for line in _wrapped_paragraph(paragraph, cells)]


def _paragraphs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The pieces between line breaks."""
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
    if drawable(plain) != plain:  # combining marks that are too many only together
        drawn = [("text", drawable(plain))]
        plain = drawn[0][1]
    at, rest = 0, deque(drawn)
    for line in wrap(plain, cells):
        start = plain.find(line, at)
        _taken(rest, start - at)
        yield tuple(_taken(rest, len(line)))
        at = start + len(line)


def _taken(pieces: deque[Piece], length: int) -> list[Piece]:
    """Remove the first `length` characters from the pieces, and return them."""
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
