"""Marking what was looked for in lines already wrapped: `quote` becomes `quote+match` where it stands. Pure."""

from collections.abc import Sequence

from florilege.query.nodes import Query
from florilege.tui.panes.fitting import Line


def marked(lines: Sequence[str], style: str, query: Query | None, field: str | None = None) -> list[Line]:
    """Each line as pieces, with what was looked for marked, also where it runs over the end of a line.

    Args:
        lines: A title or quote as it was wrapped.
        style: A field name of `theme.Palette`.
        query: What was looked for; None or a blank one marks nothing.
        field: `title`, `quote` or `note`, when the lines are one.
    """
    if query is None or query.is_blank:
        return [((style, line),) for line in lines]
    from florilege.query.nodes import spans

    found = spans(query, "\n".join(lines), field)
    pieces: list[Line] = []
    start = 0
    for line in lines:
        here = [(max(0, first - start), min(len(line), last - start)) for first, last in found]
        pieces.append(_cut(line, style, [(first, last) for first, last in here if first < last]))
        start += len(line) + 1
    return pieces


def lit(lines: Sequence[Line], query: Query | None, field: str | None = None) -> list[Line]:
    """The same for lines that are in pieces already, as those of Markdown are. Who says it, and signs, stay unmarked.

    Args:
        lines: The lines of one text; what is in the style `metadata` is no part of the text.
        query: What was looked for; None or a blank one marks nothing.
        field: `title`, `quote` or `note`, when the text is one.
    """
    if query is None or query.is_blank:
        return list(lines)
    from florilege.query.nodes import spans

    texts = ["".join(text for style, text in line if style != _NOT_SAID) for line in lines]
    found = spans(query, "\n".join(texts), field)
    start = 0
    done: list[Line] = []
    for line, whole in zip(lines, texts, strict=True):
        pieces: list[tuple[str, str]] = []
        at = start
        for style, text in line:
            if style == _NOT_SAID:
                pieces.append((style, text))
                continue
            here = [(max(0, first - at), min(len(text), last - at)) for first, last in found]
            pieces += _cut(text, style, [(first, last) for first, last in here if first < last])
            at += len(text)
        done.append(tuple(pieces))
        start += len(whole) + 1
    return done


_NOT_SAID = "metadata"


def _cut(line: str, style: str, places: Sequence[tuple[int, int]]) -> Line:
    """The line in pieces, those at these places marked."""
    pieces: list[tuple[str, str]] = []
    done = 0
    for first, last in places:
        pieces += [(style, line[done:first]), (f"{style}+match", line[first:last])]
        done = last
    pieces.append((style, line[done:]))
    return tuple(piece for piece in pieces if piece[1]) or ((style, ""),)
