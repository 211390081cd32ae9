"""Marking what was looked for in lines already wrapped: `quote` becomes `quote+match` where it stands. Pure."""

from collections.abc import Sequence

from florilege.query import Query, spans
from florilege.tui.panes.fitting import Line


def marked(lines: Sequence[str], style: str, query: Query | None, field: str | None = None) -> list[Line]:
    """Each line as pieces, with what was looked for marked, also where it runs over the end of a line.

    Args:
        lines: A title or quote as it was wrapped.
        style: A field name of `theme.Palette`.
        query: What was looked for; None or a blank one marks nothing.
        field: `title`, `quote` or `note`, when the lines are one.
    """
    found = spans(query, "\n".join(lines), field) if query is not None and not query.is_blank else []
    pieces: list[Line] = []
    start = 0
    for line in lines:
        here = [(max(0, first - start), min(len(line), last - start)) for first, last in found]
        pieces.append(_cut(line, style, [(first, last) for first, last in here if first < last]))
        start += len(line) + 1
    return pieces


def _cut(line: str, style: str, places: Sequence[tuple[int, int]]) -> Line:
    """The line in pieces, those at these places marked."""
    pieces: list[tuple[str, str]] = []
    done = 0
    for first, last in places:
        pieces += [(style, line[done:first]), (f"{style}+match", line[first:last])]
        done = last
    pieces.append((style, line[done:]))
    return tuple(piece for piece in pieces if piece[1]) or ((style, ""),)
