"""Counts the lines of a wrapped text without wrapping it: for lists of 100,000 passages of which a screenful is drawn.

Pure. The count is exactly that of `fitting.wrap`; a property test checks this.
"""

import re

from florilege.tui.panes.fitting import LONGEST, wrap

_SIMPLE = re.compile(r"[!-~\xa1-\xac\xae-\u02af‐-—‘’“”•… \n\xa0\u202f€]*")
"""Texts whose characters are one cell wide and drawn as they are, breaking only at spaces, hyphens and dashes."""
_DASHES = "-‐–—"


def lines_of(text: str, cells: int) -> int:
    """The number of lines `wrap(text, cells)` has."""
    if len(text) > LONGEST or "  " in text or " \n" in text or text[:1] == " " or _SIMPLE.fullmatch(text) is None:
        return len(wrap(text, cells))
    cells = max(1, cells)
    if len(text) <= cells and "\n" not in text:
        return 1 if text else 0
    return sum(_lines(paragraph, cells) for paragraph in text.split("\n"))


def _lines(paragraph: str, cells: int) -> int:
    """The number of lines of a paragraph, found by going from break to break."""
    paragraph = paragraph.rstrip(" ")
    if paragraph[:1] == " ":
        return len(wrap(paragraph, cells))
    dashed = any(dash in paragraph for dash in _DASHES)
    length, start, lines = len(paragraph), 0, 1
    while length - start > cells:
        end = start + cells
        if paragraph[end] == " ":
            start = end + 1
        else:
            place = paragraph.rfind(" ", start, end) + 1
            if dashed:
                place = max(place, _after_dash(paragraph, max(start, place), end))
            start = place if place > start else end
        lines += 1
    return lines


def _after_dash(paragraph: str, start: int, end: int) -> int:
    """The last place a line may begin after a hyphen or dash that follows a letter and precedes a word; 0 if none."""
    for place in range(end, start, -1):
        if (
            place >= 2
            and paragraph[place - 1] in _DASHES
            and paragraph[place - 2].isalnum()
            and not paragraph[place - 2].isdecimal()
            and (paragraph[place].isalnum() or paragraph[place] == "_")
        ):
            return place
    return 0
