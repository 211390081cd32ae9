"""Fitting words into cells: wrapping, cutting with an ellipsis, two ends of a line; lines as named styles, and marked.

Pure. Breaks fall at spaces that may break, after hyphens and dashes, and between wide characters; never at a no-break
space, so French punctuation stays with its word. Widths are those of `widgets.lines`, which draws the result.
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
"""A field name of `theme.Palette` and a text."""
Line = tuple[Piece, ...]
"""One line of the screen before its colours are known."""

MEASURE = 92
"""Cells beyond which a line of prose is no longer comfortable to read."""


LONGEST = 100_000
"""Characters of one text that are drawn: a key never waits for more. What is left out is said."""
_CHARACTERS = 16
"""Characters looked at for each cell of a line that is cut: letters may bear marks that take none."""


def farthest(width: int) -> int:
    """The cells of a row that lines of prose reach into, number and bar included."""
    return min(width - 1, MEASURE + 8)


_WORDS = re.compile(r"[^ \u2000-\u2006\u2008-\u200a\u3000]+[ \u2000-\u2006\u2008-\u200a\u3000]*|[ ]+")
_DASHES = frozenset("-‐–—")


@cache
def _inside() -> re.Pattern[str]:
    """Where a word without spaces may break: after a hyphen or dash, between ideographs, after their punctuation.

    Not before what closes or goes on, nor after what opens: a line begins with no such sign.

    Made when the first such word is met: these sets of characters take several milliseconds to compile.
    """
    return re.compile(
        r"(?<=[^\W\d_][-‐–—])(?=\w)"
        r"|(?<=[⺀-鿿가-힯豈-﫿])(?<![「『〈《【〔])(?=[⺀-鿿가-힯豈-﫿])(?![、。」』〉》】〕々ーぁぃぅぇぉっゃゅょァィゥェォッャュョ])"
        r"|(?<=[，．！？）])(?=[⺀-鿿])"
    )


def width_of(text: str) -> int:
    """The cells a drawable text takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, cells: int) -> str:
    """The text on one line in at most that many cells, cut with an ellipsis."""
    text = drawable(text[: max(1, cells) * _CHARACTERS])
    if width_of(text) <= cells:
        return text
    if cells <= 1:
        return "…"[:cells]
    return cropped(text, cells - 1)[0].rstrip() + "…"


def wrap(text: str, cells: int) -> list[str]:
    """The text on lines of at most that many cells (at least 1); its own line breaks stay, an empty text is no line."""
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
    """The same on at most so many lines, the last one cut with an ellipsis when there would be more."""
    lines = wrap(text[: most * max(1, cells) * _CHARACTERS].replace("\n", " "), cells)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], fit(lines[most - 1] + " " + lines[most], cells)]


def two_ends(left: Line, right: Line, cells: int) -> Line:
    """One line with something at its left end, which gives way, and something at its right end, which does not."""
    right_width = sum(width_of(text) for _, text in right)
    room = cells - right_width - (1 if right else 0)
    if room < 1:
        return cut(left, cells)
    kept = cut(left, room)
    used = sum(width_of(text) for _, text in kept)
    return (*kept, ("text", " " * (cells - right_width - used)), *right)


def in_lines(units: Iterable[str], cells: int, separator: str = " ") -> list[str]:
    """Units with a separator between them, on lines of at most that many cells; a unit is broken only where it must."""
    lines: list[str] = []
    for unit in units:
        wider = f"{lines[-1]}{separator}{unit}" if lines else unit
        if lines and width_of(drawable(wider)) <= cells:
            lines[-1] = wider
        else:
            lines += wrap(unit, cells)
    return lines


_LEAST = 8
"""Cells in which a part that gives way still says something."""


def squeezed(parts: Sequence[Line], cells: int, gives_way: Sequence[int]) -> Line:
    """Parts with separators between them, in at most that many cells.

    Args:
        parts: The parts; empty ones are left out.
        cells: The room there is.
        gives_way: Which parts give way, in this order: each is cut while it says something, else left out; the last of
            them is cut, and not left out.
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
    """The line in at most that many cells, with an ellipsis where something was cut off."""
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
    """The line in the colours of a palette. A style may be several: `quote+match` is the second upon the first."""
    return Content.assemble(*((text, _style(palette, style)) for style, text in line))


def _style(palette: Palette, name: str) -> Style:
    first, _, second = name.partition("+")
    style: Style = getattr(palette, first)
    return style + getattr(palette, second) if second else style


def joined(parts: Iterable[Line], separator: str = " · ") -> Line:
    """Parts with a quiet separator between them; empty parts are left out."""
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


# What was looked for


def marked(lines: Sequence[str], style: str, query: Query | None, field: str | None = None) -> list[Line]:
    """The lines of a title or quote as pieces in one style, with what was looked for marked: see `lit`."""
    return lit([((style, line),) for line in lines], query, field)


def lit(lines: Sequence[Line], query: Query | None, field: str | None = None) -> list[Line]:
    """Lines with what was looked for marked, also where it runs over the end of one: `quote` becomes `quote+match`.

    Args:
        lines: The lines of one text; what is in the style `metadata`, who says it and signs, is no part of the text.
        query: What was looked for; None or a blank one marks nothing.
        field: `title`, `quote` or `note`, when the text is one.
    """
    if query is None or query.is_blank:
        return list(lines)
    said = ["".join(text for style, text in line if style != _NOT_SAID) for line in lines]
    found = deque(spans(query, "\n".join(said), field))  # in order: those before a line are done with
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
    """The text that begins there in the whole, in pieces: those found in it are marked."""
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
