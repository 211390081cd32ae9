"""Turns text into lines of the screen: cleaned once more, wrapped, and cropped or padded to a number of cells.

Lines break at breaking spaces, after hyphens and dashes, and between wide characters; never at a no-break space, so
French punctuation stays with its word.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from florilege import text
from florilege.text import grouped
from florilege.tui.theme import Palette

Piece = tuple[str, str]
"""The name of a style of `theme.Palette`, and a text."""
Line = tuple[Piece, ...]
"""One line of the screen before its colours are known."""
GUTTER = 1
"""Cells at the left of every line of a list, reserved for the cursor mark."""
MEASURE = 92
"""Cells beyond which a line of prose is no longer comfortable to read."""
LONGEST = 100_000
"""Most characters drawn of one text, so that no key waits for more. The number left out is shown."""
CHARACTERS = 16
"""Characters examined per cell of a line that is cut: combining marks take no cell."""

_UNSURE = re.compile(
    "["
    "\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e01ef"  # emoji joiners, skin tones and variation selectors
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # fillers: terminals draw nothing, one cell or two
    "]"
)
"""Characters whose width terminals disagree about. Without them every character has one width everywhere, a line is as
wide as the sum of its characters, and the borders stay aligned. Source: rich.cells measured against terminals' wcwidth:
an emoji family with joiners is 2 cells for one and 6 for the other."""

_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE = re.compile(f"({_MARKS}{{4}}){_MARKS}+")
"""More combining marks on one character than any script needs: enough to cover the lines around it."""


def drawable(content: str) -> str:
    """Text as it can be drawn on one line: clean, without line breaks or characters of uncertain width.

    Panes wrap this and not the raw text, so that what they measure is what is drawn.
    """
    if content.isascii() and content.isprintable():
        return content
    return _cleaned(content).replace("\n", " ")


def _cleaned(content: str) -> str:
    """Drawable text whose newlines stay; what else breaks lines becomes a space."""
    content = content.replace("\r\n", "\n")
    for each in "\r\v\f\x85\u2028\u2029":
        content = content.replace(each, " ")
    content = text.clean(content)
    return content if content.isascii() else _PILE.sub(r"\1", _UNSURE.sub("", content))


def width_of(text: str) -> int:
    """The width of a drawable text, in cells."""
    return len(text) if text.isascii() else cell_len(text)


def cropped(line: str, cells: int) -> tuple[str, int]:
    """The beginning of a line that fits into `cells`, and its width. A wide character that does not fit is left out."""
    if line.isascii():
        return line[:cells], min(len(line), cells)
    used = 0
    for place, character in enumerate(line):
        width = get_character_cell_size(character)
        if used + width > cells:
            return line[:place], used
        used += width
    return line, used


def farthest(width: int) -> int:
    """The cells of a row that prose may extend to, number and bar included."""
    return min(width - 1, MEASURE + 8)


def fit(text: str, cells: int) -> str:
    """The text on one line of at most `cells` cells, cut with an ellipsis."""
    text = drawable(text[: max(1, cells) * CHARACTERS])
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
    for line in _cleaned(text[:LONGEST]).split("\n") if text else ():
        paragraph = line.rstrip(" ")
        if len(paragraph) <= cells and width_of(paragraph) <= cells:
            lines.append(paragraph)
        else:
            lines += _broken(paragraph, cells)
    return [*lines, fit(f"… {grouped(more)} more characters", cells)] if more > 0 else lines


def wrap_at_most(text: str, cells: int, most: int) -> list[str]:
    """The text, without its line breaks, on at most `most` lines; an ellipsis ends the last if there would be more."""
    lines = wrap(text[: most * max(1, cells) * CHARACTERS].replace("\n", " "), cells)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], fit(lines[most - 1] + " " + lines[most], cells)]


_SIMPLE = re.compile(r"[!-~\xa1-\xac\xae-\u02af‐-—‘’“”•…€ \xa0\u202f]*")
"""Texts whose characters are one cell wide, and which break only at spaces, hyphens and dashes."""
_AFTER_DASH = r"(?<=[^\W\d_][-‐–—])(?=\w)"
_DASH = re.compile(_AFTER_DASH)


@cache
def _breaks() -> re.Pattern[str]:
    """The places a text may break: after a hyphen, dash or wide space, between ideographs, after their punctuation.

    Not before closing or continuing characters, nor after opening ones. After plain spaces, too, which are not looked
    for here. Compiled when first needed: these sets of characters take several milliseconds.
    """
    spaces, ideographs = "\u2000-\u2006\u2008-\u200a\u3000", "⺀-鿿가-힯豈-﫿"
    return re.compile(
        rf"{_AFTER_DASH}|(?<=[{spaces}])(?![ {spaces}])|(?<=[，．！？）])(?=[⺀-鿿])"
        rf"|(?<=[{ideographs}])(?<![「『〈《【〔])(?=[{ideographs}])(?![、。」』〉》】〕々ーぁぃぅぇぉっゃゅょァィゥェォッャュョ])"
    )


def _broken(paragraph: str, cells: int) -> Iterator[str]:
    """The lines of a paragraph, found by going from break to break."""
    ends: Sequence[int]
    if _SIMPLE.fullmatch(paragraph):
        ends, breaks = range(len(paragraph) + 1), _DASH
    else:
        ends, breaks = list(accumulate(map(get_character_cell_size, paragraph), initial=0)), _breaks()
    begin = 0
    while begin + 1 < len(paragraph) and ends[-1] - ends[begin] > cells:
        place = end = max(begin + 1, bisect_right(ends, ends[begin] + cells) - 1)
        if paragraph[end] != " " and not breaks.match(paragraph, end):
            place = paragraph.rfind(" ", begin, end) + 1
            for found in breaks.finditer(paragraph, max(begin, place) + 1, end):
                place = found.start()
        yield paragraph[begin : place or end].rstrip(" ")
        begin = place or end
        while paragraph[begin] == " ":
            begin += 1
    yield paragraph[begin:]


def strip_of(line: Line, width: int, palette: Palette) -> Strip:
    """A line of the screen, exactly `width` cells wide. All text gets there through this function."""
    segments: list[Segment] = []
    left = width
    for name, raw in line:
        whole = drawable(raw)
        drawn, used = cropped(whole, left)
        left -= used
        if drawn:
            segments.append(Segment(drawn, palette[name]))
        if len(drawn) < len(whole):
            break  # where a wide character did not fit, what follows must not take its place
    if left > 0:
        segments.append(Segment(" " * left, palette["ground"]))
    return Strip(segments, width)


def with_selection(strip: Strip, start: int, end: int, widget: Widget, *, gutter: int = 0) -> Strip:
    """A line of a widget with some of its characters selected; an end of -1 is that of its text."""
    text = strip.text[gutter:].rstrip()
    begin, stop = (gutter + cell_len(text[:at]) for at in (start, len(text) if end < 0 else end))
    if stop <= begin:
        return strip
    look = widget.screen.get_visual_style("screen--selection")
    has_ink = look.foreground is not None and look.foreground.a > 0  # mostly it is transparent: text keeps its colours
    style = look.rich_style if has_ink else Style(bgcolor=look.rich_style.bgcolor)
    style += Style(reverse=True if widget.app.no_color else None)
    selected = Strip(Segment.apply_style(strip.crop(begin, stop), post_style=style))
    return Strip.join([strip.crop(0, begin), selected, strip.crop(stop)])
