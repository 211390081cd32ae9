"""Turns rows into lines of the screen: text cleaned once more, cropped and padded to an exact number of cells.

Pure: rows in, strips out. Nothing here scrolls or reads the theme. A painter is made for given rows, width and theme,
caches what it drew, and is discarded with them.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.cache import FIFOCache
from textual.content import Content, Span
from textual.strip import Strip
from textual.style import Style

from florilege import text
from florilege.tui.theme import Palette, Palettes
from florilege.tui.widgets.rows import UNDRAWABLE, Offsets, Rows, RowStyle

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
    return _PILE.sub(r"\1", _UNSURE.sub("", text.clean(content).replace("\n", " ")))


def safe_content(content: Content) -> Content:
    """The content with drawable text; its spans stay on the characters they covered."""
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
    """The beginning of a line that fits into `cells`, and its width. A wide character that does not fit is left out."""
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
    """One line of the screen, exactly `width` cells wide, on the given background."""
    return Strip(segments_of(content, width, ground), width)


def segments_of(content: Content, width: int, ground: Style) -> list[Segment]:
    """The segments of a line exactly `width` cells wide, on the given background. All text becomes lines here.

    Links and click actions in the content are dropped: addresses are opened by one function only.
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
            # A wide character did not fit into the last cell: what follows must not take its place.
            break
    if left > 0:
        segments.append(Segment(" " * left, inked(ground)))
    return segments


@lru_cache(maxsize=512)
def inked(style: Style) -> RichStyle:
    """The style as it is written to the terminal, without links or click actions.

    Cached, so that a style is turned into escape sequences once, and not for each piece of text.
    """
    rich = style.rich_style
    return rich.clear_meta_and_links() if style.link is not None or style.meta else rich


GUTTER = 1
"""Cells at the left of every line, reserved for the cursor mark."""
MARK, MARK_BLURRED, NO_MARK = "▌", "▏", " "


class Painter:
    """Draws lines of rows at an exact width, and caches about a thousand of them."""

    def __init__(self, rows: Rows, offsets: Offsets, width: int, palettes: Palettes) -> None:
        """Create a painter.

        Args:
            rows: The rows.
            offsets: Their offsets at this width.
            width: Cells of a whole line, gutter included.
            palettes: Styles of the current theme.
        """
        self.width = width
        self.palettes = palettes
        self._rows = rows
        self._offsets = offsets
        self._contents: FIFOCache[tuple[int, bool, bool], Sequence[Content]] = FIFOCache(256)
        self._strips: FIFOCache[tuple[int, bool, bool], Strip] = FIFOCache(1024)

    def forget(self) -> None:
        """Ask the rows again: their looks have changed."""
        self._contents.clear()
        self._strips.clear()

    def plain(self, line: int) -> str:
        """The text of a line without the gutter, as drawn for an ordinary row."""
        return safe_content(self._content(line, is_cursor=False, focused=False)).plain

    def strip(
        self,
        line: int,
        *,
        cursor: int,
        focused: bool,
        selected: tuple[int, int] | None = None,
        selection: Style | None = None,
    ) -> Strip:
        """The strip of a line; blank beyond the last row.

        Args:
            line: The line, counted from 0 over all rows.
            cursor: The index of the cursor's row.
            focused: Whether the list has the focus.
            selected: The first selected character and the one after the last (-1: to the end of the line), if any.
            selection: The style of selected text.
        """
        if line >= self._offsets.total or self.width <= 0:
            return Strip.blank(self.width, self.palettes.page.ground.rich_style)
        index = self._offsets.row_at(line)
        is_cursor = index == cursor
        key = (line, is_cursor, focused)
        if selected is None and (known := self._strips.get(key)) is not None:
            return known
        content = self._content(line, is_cursor=is_cursor, focused=focused)
        is_gap = self._offsets.top(index) < line == self._offsets.top(index + 1) - 1 and not content.plain.strip()
        is_cursor = is_cursor and not is_gap  # the blank line that separates rows is not part of the cursor bar
        if selected is not None and selection is not None:
            content = _with_selection(safe_content(content), selected, selection)
        palette = self._palette(is_cursor=is_cursor, focused=focused)
        mark = (MARK if focused else MARK_BLURRED) if is_cursor else NO_MARK
        segments = [Segment(mark, inked(palette.ground + palette.cursor_mark) + _lies_at(0, line))]
        at = 0
        for piece, style, _ in segments_of(content, self.width - GUTTER, palette.ground):
            segments.append(Segment(piece, (style or RichStyle()) + _lies_at(at, line)))
            at += len(piece)
        strip = Strip(segments, self.width)
        if selected is None:
            self._strips[key] = strip
        return strip

    def empty_strip(self, y: int, height: int, said: Sequence[Content]) -> Strip:
        """A line of the empty state, centred both ways in a view of that height; blank lines go if they don't fit."""
        ground = self.palettes.page.ground
        lines = [part for line in said for part in safe_content(line).wrap(max(1, self.width - 2 * GUTTER))]
        if len(lines) > height:
            lines = [line for line in lines if line.plain.strip()]
        place = y - max(0, (height - len(lines)) // 2)
        if not 0 <= place < len(lines) or self.width <= 0:
            return Strip.blank(self.width, ground.rich_style)
        left = max(0, (self.width - lines[place].cell_length) // 2)
        return line_of(lines[place].pad_left(left), self.width, ground)

    def _palette(self, *, is_cursor: bool, focused: bool) -> Palette:
        if not is_cursor:
            return self.palettes.page
        return self.palettes.cursor if focused else self.palettes.cursor_blurred

    def _content(self, line: int, *, is_cursor: bool, focused: bool) -> Content:
        """The content of a line. Each row is rendered once, with all its lines."""
        index = self._offsets.row_at(line)
        key = (index, is_cursor, focused)
        if (lines := self._contents.get(key)) is None:
            style = RowStyle(focused, is_cursor, self._palette(is_cursor=is_cursor, focused=focused))
            try:
                lines = self._rows.render(index, max(0, self.width - GUTTER), style)
            except UNDRAWABLE as error:
                lines = self._plain_lines(index, error)
            self._contents[key] = lines
        place = line - self._offsets.top(index)
        return lines[place] if place < len(lines) else Content("")

    def _plain_lines(self, index: int, error: Exception) -> Sequence[Content]:
        """The plain text of a row that could not be drawn, without the styling that may have been wrong with it."""
        try:
            words = self._rows.words(index)
        except UNDRAWABLE:
            words = f"This can't be shown ({type(error).__name__}); the rest can."
        width = max(1, self.width - 2 * GUTTER)
        return [part for line in words.splitlines() for part in Content(drawable(line)).wrap(width)]


def _lies_at(character: int, line: int) -> RichStyle:
    """Metadata that tells Textual where a piece lies in the text, so that a mouse selection can begin on it."""
    return RichStyle.from_meta({"offset": (character, line)})


def _with_selection(content: Content, selected: tuple[int, int], style: Style) -> Content:
    start, end = selected
    end = len(content) if end < 0 else min(end, len(content))
    return content.stylize(style, start, end) if start < end else content
