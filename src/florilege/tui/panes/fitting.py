"""Lines put together from pieces: both ends filled, parts cut where there is no room, search matches marked. Pure."""

from collections import deque
from collections.abc import Iterable, Sequence

from florilege.query.nodes import Query, spans
from florilege.tui.widgets.lines import CHARACTERS, Line, Piece, drawable, fit, width_of, wrap


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
        piece = drawable(text[: max(1, left + 1) * CHARACTERS])
        if width_of(piece) > left or (rest and width_of(piece) == left):
            kept.append((style, fit(piece + "…", left)))
            break
        kept.append((style, piece))
        left -= width_of(piece)
    return tuple(piece for piece in kept if piece[1])


def joined(parts: Iterable[Line], separator: str = " · ") -> Line:
    """Parts joined by a quiet separator; empty parts are left out."""
    line: list[Piece] = []
    for part in parts:
        if part:
            line += [("metadata", separator)] if line else []
            line += part
    return tuple(line)


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
