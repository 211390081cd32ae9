"""Where a text becomes a line of the screen: cleaned once more, cropped and padded to an exact number of cells.

Pure: content in, strip out. Nothing here scrolls, knows rows or reads the theme.
"""

import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content, Span
from textual.strip import Strip
from textual.style import Style

from florilege import text

_UNSURE = re.compile(
    "["
    "\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e01ef"  # what glues, tones and varies emoji
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # fillers, drawn as nothing, one cell or two
    "]"
)
"""Characters whose width terminals disagree about. Without them every character has one width everywhere, a line is the
sum of its characters, and the frame holds. Source: rich.cells measured against terminals' wcwidth: a joined family is
2 cells for one and 6 for the other."""

_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE = re.compile(f"({_MARKS}{{4}}){_MARKS}+")
"""More combining marks on one character than any script needs: enough to bury the lines around it."""


def drawable(content: str) -> str:
    """Text as it can be drawn on one line: clean, without line breaks or characters of unsure width.

    Panes wrap this and not the raw text, so that what they measure is what is drawn.
    """
    if content.isascii() and content.isprintable():
        return content
    return _PILE.sub(r"\1", _UNSURE.sub("", text.clean(content).replace("\n", " ")))


def safe_content(content: Content) -> Content:
    """The content with drawable text; its spans keep to the characters they were on."""
    plain = content.plain
    if drawable(plain) == plain:
        return content
    length = len(plain)
    edges = sorted({0, length, *(max(0, min(edge, length)) for span in content.spans for edge in span[:2])})
    cleaned: list[str] = []
    places = {0: 0}
    for start, end in pairwise(edges):
        cleaned.append(drawable(plain[start:end]))
        places[end] = places[start] + len(cleaned[-1])
    spans = [
        Span(places[max(0, min(span.start, length))], places[max(0, min(span.end, length))], span.style)
        for span in content.spans
    ]
    return Content("".join(cleaned), [span for span in spans if span.end > span.start])


def cropped(line: str, cells: int) -> tuple[str, int]:
    """The beginning of a line that fits, and its width in cells. A wide character that does not fit is left out."""
    if line.isascii():
        return line[:cells], min(len(line), cells)
    used = 0
    kept: list[str] = []
    for character in line:
        width = get_character_cell_size(character)
        if used + width > cells:
            break
        kept.append(character)
        used += width
    return "".join(kept), used


def line_of(content: Content, width: int, ground: Style) -> Strip:
    """One line of the screen, exactly `width` cells wide, on the given ground."""
    return Strip(segments_of(content, width, ground), width)


def segments_of(content: Content, width: int, ground: Style) -> list[Segment]:
    """The pieces of a line exactly `width` cells wide, on the given ground. The one place where text becomes a line.

    Links and click actions in the content are dropped: an address opens through one function only.
    """
    segments: list[Segment] = []
    left = width
    for piece, style in safe_content(content).render(ground, end=""):
        if left <= 0:
            break
        drawn, used = cropped(piece, left)
        left -= used
        segments.append(Segment(drawn, inked(style)))
        if len(drawn) < len(piece) and left:
            # A wide character did not fit into the last cell: what follows it may not slip into its place.
            break
    if left > 0:
        segments.append(Segment(" " * left, inked(ground)))
    return segments


@lru_cache(maxsize=512)
def inked(style: Style) -> RichStyle:
    """The style as it is written to the terminal, without what would make a terminal do something.

    The same for the same style: what it is in escape sequences is then found once, and not for each piece of text.
    """
    if style.link is not None or style._meta is not None:
        style = replace(style, link=None, _meta=None)
    return style.rich_style
