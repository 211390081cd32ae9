"""Fitting text into cells: wrapping, cutting with an ellipsis, filling both ends of a line; named styles and matches.

Pure. Lines break at breaking spaces, after hyphens and dashes, and between wide characters; never at a no-break space,
so French punctuation stays with its word. Widths are those of `widgets.lines`, which draws the result.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style

from florilege.query.nodes import Query, spans
from florilege.text import grouped
from florilege.tui.theme import Palette
from florilege.tui.widgets.lines import cropped, drawable

Piece = tuple[str, str]
"""The name of a `theme.Palette` field, and a text."""
Line = tuple[Piece, ...]
"""One line of the screen before its colours are known."""

MEASURE = 92
"""Cells beyond which a line of prose is no longer comfortable to read."""


LONGEST = 100_000
"""Most characters drawn of one text, so that no key waits for more. The number left out is shown."""
_CHARACTERS = 16
"""Characters examined per cell of a line that is cut: combining marks take no cell."""


def farthest(width: int) -> int:
    """The cells of a row that prose may extend to, number and bar included."""
    return min(width - 1, MEASURE + 8)


_WORDS = re.compile(r"[^ \u2000-\u2006\u2008-\u200a\u3000]+[ \u2000-\u2006\u2008-\u200a\u3000]*|[ ]+")
_DASHES = frozenset("-‐–—")


@cache
def _inside() -> re.Pattern[str]:
    """The places a word without spaces may break: after a hyphen or dash, between ideographs, after their punctuation.

    Not before closing or continuing characters, nor after opening ones.

    Compiled when first needed: these sets of characters take several milliseconds.
    """
    return re.compile(
        r"(?<=[^\W\d_][-‐–—])(?=\w)"
        r"|(?<=[⺀-鿿가-힯豈-﫿])(?<![「『〈《【〔])(?=[⺀-鿿가-힯豈-﫿])(?![、。」』〉》】〕々ーぁぃぅぇぉっゃゅょァィゥェォッャュョ])"
        r"|(?<=[，．！？）])(?=[⺀-鿿])"
    )


def width_of(text: str) -> int:
    """The width of a drawable text, in cells."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, cells: int) -> str:
    """The text on one line of at most `cells` cells, cut with an ellipsis."""
    text = drawable(text[: max(1, cells) * _CHARACTERS])
    if width_of(text) <= cells:
        return text
    if cells <= 1:
        return "…"[:cells]
    return cropped(text, cells - 1)[0].rstrip() + "…"


def wrap(text: str, cells: int) -> list[str]:
    """The text on lines of at most `cells` cells (at least 1). Its line breaks stay; an empty text gives no lines."""
    cells = max(1, cells)
    lines: list[str] = []
    more = len(text) - LONGEST
    for paragraph in text[:LONGEST].split("\n") if text else ():
        paragraph_text = drawable(paragraph)
        if width_of(paragraph_text) <= cells:
            lines.append(paragraph_text.rstrip(" "))
        else:
            lines += _filled(paragraph_text, cells)
    return [*lines, fit(f"… {grouped(more)} more characters", cells)] if more > 0 else lines


def wrap_at_most(text: str, cells: int, most: int) -> list[str]:
    """The text, without its line breaks, on at most `most` lines; an ellipsis ends the last if there would be more."""
    lines = wrap(text[: most * max(1, cells) * _CHARACTERS].replace("\n", " "), cells)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], fit(lines[most - 1] + " " + lines[most], cells)]


def two_ends(left: Line, right: Line, cells: int) -> Line:
    """One line with `left` at its left end, cut if necessary, and `right` at its right end, whole or left out."""
    right_width = sum(width_of(text) for _, text in right)
    room = cells - right_width - (1 if right else 0)
    if room < 1:
        return cut(left, cells)
    kept = cut(left, room)
    used = sum(width_of(text) for _, text in kept)
    return (*kept, ("text", " " * (cells - right_width - used)), *right)


def in_lines(units: Iterable[str], cells: int, separator: str = " ") -> list[str]:
    """Units with a separator between them, on lines of at most `cells` cells; units longer than a line are broken."""
    lines: list[str] = []
    for unit in units:
        wider = f"{lines[-1]}{separator}{unit}" if lines else unit
        if lines and width_of(drawable(wider)) <= cells:
            lines[-1] = wider
        else:
            lines += wrap(unit, cells)
    return lines


_LEAST = 8
"""The fewest cells in which a part that is cut still says something."""


def squeezed(parts: Sequence[Line], cells: int, gives_way: Sequence[int]) -> Line:
    """Join parts with separators into at most `cells` cells.

    Args:
        parts: The parts; empty ones are left out.
        cells: The available width.
        gives_way: The indices of the parts to shorten, in order: each is cut as long as it still says something, else
            left out; the last of them is only cut, never left out.
    """
    left = list(parts)
    for place in gives_way:
        over = _width(joined(left)) - cells
        if over <= 0:
            break
        room = _width(left[place]) - over
        is_last = place == gives_way[-1]
        if room >= (1 if is_last else _LEAST):
            left[place] = cut(left[place], room)
        elif not is_last:
            left[place] = ()
    return cut(joined(left), cells)


def _width(line: Line) -> int:
    return sum(width_of(drawable(text)) for _, text in line)


def cut(line: Line, cells: int) -> Line:
    """The line cut to at most `cells` cells, with an ellipsis where something was cut off."""
    kept: list[Piece] = []
    left = cells
    for place, (style, text) in enumerate(line):
        rest = place + 1 < len(line)
        piece = drawable(text[: max(1, left + 1) * _CHARACTERS])
        if width_of(piece) > left or (rest and width_of(piece) == left):
            kept.append((style, fit(piece + "…", left)))
            break
        kept.append((style, piece))
        left -= width_of(piece)
    return tuple(piece for piece in kept if piece[1])


def painted(line: Line, palette: Palette) -> Content:
    """The line in the colours of a palette. Styles can be combined: `quote+match` is the second on top of the first."""
    return Content.assemble(*((text, _style(palette, style)) for style, text in line))


def _style(palette: Palette, name: str) -> Style:
    first, _, second = name.partition("+")
    style: Style = getattr(palette, first)
    return style + getattr(palette, second) if second else style


def joined(parts: Iterable[Line], separator: str = " · ") -> Line:
    """Parts joined by a quiet separator; empty parts are left out."""
    line: list[Piece] = []
    for part in parts:
        if part:
            line += [("metadata", separator)] if line else []
            line += part
    return tuple(line)


def _filled(paragraph: str, cells: int) -> Iterator[str]:
    line, used = "", 0
    longest = cells * _CHARACTERS  # measuring all of a long word for each of its lines would take quadratic time
    for piece in _pieces(paragraph):
        word = piece.rstrip(" ")
        if line and (len(word) > longest or used + width_of(word) > cells):
            yield line.rstrip(" ")
            line, used = "", 0
        begun = 0
        while len(word) - begun > longest or width_of(word[begun:]) > cells:
            head = cropped(word[begun : begun + longest], cells)[0] or word[begun]
            yield head
            begun += len(head)
        line += piece[begun:]
        used += width_of(piece[begun:])
    if line.strip(" "):
        yield line.rstrip(" ")


def _pieces(paragraph: str) -> Iterator[str]:
    for word in _WORDS.findall(paragraph):
        if max(word) < "⺀" and _DASHES.isdisjoint(word):
            yield word
        else:
            yield from (piece for piece in _inside().split(word) if piece)


# Marking search matches


def marked(lines: Sequence[str], style: str, query: Query | None, field: str | None = None) -> list[Line]:
    """The lines of a title or quote as pieces in one style, with search matches marked: see `lit`."""
    return lit([((style, line),) for line in lines], query, field)


def lit(lines: Sequence[Line], query: Query | None, field: str | None = None) -> list[Line]:
    """Mark search matches in lines, also those that run over the end of one: `quote` becomes `quote+match`.

    Args:
        lines: The lines of one text; pieces in the style `metadata` (authors and signs) are not part of it.
        query: The search; None or a blank one marks nothing.
        field: `title`, `quote` or `note`, when the text is one.
    """
    if query is None or query.is_blank:
        return list(lines)
    said = ["".join(text for style, text in line if style != _NOT_SAID) for line in lines]
    found = deque(spans(query, "\n".join(said), field))  # in order, so that matches before a line can be dropped
    at, done = 0, list[Line]()
    for line in lines:
        pieces: list[Piece] = []
        for style, text in line:
            if style == _NOT_SAID:
                pieces.append((style, text))
                continue
            while found and found[0][1] <= at:
                found.popleft()
            pieces += _parted(text, style, at, found)
            at += len(text)
        done.append(tuple(pieces))
        at += 1
    return done


_NOT_SAID = "metadata"


def _parted(text: str, style: str, at: int, found: Iterable[tuple[int, int]]) -> Line:
    """The pieces of a text that begins at `at` in the whole, with the matches in it marked."""
    pieces: list[Piece] = []
    done = 0
    for first, last in found:
        if first >= at + len(text):
            break
        begin, end = max(0, first - at), min(len(text), last - at)
        pieces += [(style, text[done:begin]), (f"{style}+match", text[begin:end])]
        done = end
    pieces.append((style, text[done:]))
    return tuple(piece for piece in pieces if piece[1]) or ((style, ""),)
