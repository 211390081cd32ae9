"""The readable text in HTML, laid out as on a page or as a passage. Pure: no feeds, no formats, no cleaning.

Other converters were tried on the 1,209 bodies of our collection of feeds. inscriptis needs lxml, takes a third longer,
drops `<antirez>` and loses which paragraphs are quoted; markdownify writes Markdown, five times slower; html2text is
under the GPL. None found words that are missing here, and the readers of Diigo need the stream of events anyway.
"""

import re
from collections.abc import Iterable
from enum import Enum

from florilege.formats.stream import End, Event, Start, events, holds_elements, names, unescaped

_BLANK = re.compile(r"[ \t\n\r\f]+")


class Layout(Enum):
    """How text is laid out."""

    PASSAGE = "passage"
    """A newline between paragraphs, no marks for what is quoted: for quotes and comments."""
    PAGE = "page"
    """A blank line between paragraphs, quoted paragraphs begin with "> "."""


def html_to_text(markup: str, layout: Layout = Layout.PAGE) -> str:
    """The readable text of a piece of HTML. Not cleaned: control characters are for `text.clean`.

    Args:
        markup: HTML, or text that may be HTML.
        layout: How paragraphs and quoted paragraphs look.
    """
    if "<" not in markup and "&" not in markup:
        return _BLANK.sub(" ", markup).strip(" ")
    return readable(events(markup), layout)


def mixed_to_text(text: str, layout: Layout = Layout.PAGE) -> str:
    """The readable text of what may be HTML or may be plain text: its line breaks stay when no tag is in it."""
    return html_to_text(text, layout) if holds_elements(text) else unescaped(text)


def readable(stream: Iterable[Event], layout: Layout = Layout.PAGE) -> str:
    """The readable text of a stream of events."""
    stream = list(stream)
    if all(isinstance(event, str) for event in stream):
        return _BLANK.sub(" ", "".join(map(str, stream))).strip(" ")
    page = _Page(layout)
    for event in stream:
        if isinstance(event, str):
            page.write(event)
        elif isinstance(event, Start):
            page.begin(event)
        else:
            page.finish(event)
    return page.text()


def is_blank(text: str) -> bool:
    """Whether a piece of text is nothing but white space (no-break spaces included)."""
    return not text or text.isspace()


_PARAGRAPHS = names("p h1 h2 h3 h4 h5 h6 blockquote pre ul ol dl table hr figure fieldset")
_LINES = names(
    """
    div li tr dt dd section article aside header footer main nav address figcaption details summary caption
    center form option legend
    """
)
BLOCKS = _PARAGRAPHS | _LINES
"""Elements that begin a line of their own."""
_UNSHOWN = frozenset({"script", "style"})
_DEEPEST = 20
"""Lists and quoted paragraphs inside one another that are shown as such: 12,000 lists would be indented by 150 MB."""


class _Page:
    """Text being laid out: finished lines, and the one being written."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lines: list[str] = []
        self._line: list[str] = []
        self._gap = 0
        self._quoted = 0
        self._last_quoted = 0
        self._kept = 0
        self._unshown = 0
        self._lists: list[int | None] = []
        self._bullet = ""

    def write(self, text: str) -> None:
        """Text of the document, its white space counted as in a browser."""
        if self._unshown:
            return
        if not self._kept:
            self._line.append(text)
            return
        first, *others = text.replace("\r\n", "\n").split("\n")
        self._line.append(first.replace(" ", "\0"))
        for other in others:
            self._break(0, wanted=True)
            self._line.append(other.replace(" ", "\0"))

    def begin(self, event: Start) -> None:
        """An element begins."""
        tag = event.tag
        if tag == "br":
            self._break(0, wanted=True)
        elif tag in _UNSHOWN:
            self._unshown += 1
        elif tag in {"td", "th"}:
            self._line.append(" ")
        elif tag in BLOCKS:
            self._break(self._distance(tag))
        match tag:
            case "blockquote":
                self._quoted += 1
            case "pre":
                self._kept += 1
            case "ul":
                self._lists.append(None)
            case "ol":
                self._lists.append(0)
            case "li":
                self._bullet = self._next_bullet()

    def finish(self, event: End) -> None:
        """An element ends."""
        tag = event.tag
        if tag in _UNSHOWN:
            self._unshown = max(0, self._unshown - 1)
        elif tag in BLOCKS:
            self._break(self._distance(tag))
        match tag:
            case "blockquote":
                self._quoted = max(0, self._quoted - 1)
            case "pre":
                self._kept = max(0, self._kept - 1)
            case "ul" | "ol":
                del self._lists[-1:]
                self._gap = max(self._gap, self._distance(tag))

    def text(self) -> str:
        """Everything written, without blank lines at either end."""
        self._break(0)
        return "\n".join(self._lines).strip("\n").replace("\0", " ")

    def _distance(self, tag: str) -> int:
        """Blank lines between this element and what is beside it."""
        return int(self._layout is Layout.PAGE and tag in _PARAGRAPHS and not (tag in {"ul", "ol"} and self._lists))

    def _next_bullet(self) -> str:
        """The mark of the next list item, indented by two spaces a level."""
        if not self._lists:
            return "• "
        number = self._lists[-1]
        indent = "  " * (min(len(self._lists), _DEEPEST) - 1)
        if number is None:
            return f"{indent}• "
        self._lists[-1] = number + 1
        return f"{indent}{number + 1}. "

    def _break(self, gap: int, *, wanted: bool = False) -> None:
        """End the line being written.

        Args:
            gap: Blank lines at least between it and the next one.
            wanted: The writer asked for a break, so a second one leaves a blank line.
        """
        line = _BLANK.sub(" ", "".join(self._line)).strip(" ")
        self._line = []
        if is_blank(line.replace("\0", " ")):
            self._gap = max(self._gap, gap, int(wanted and self._layout is Layout.PAGE))
            return
        if self._lines:
            mark = self._quote_mark(min(self._quoted, self._last_quoted)).rstrip()
            self._lines.extend([mark] * self._gap)
        self._lines.append(f"{self._quote_mark(self._quoted)}{self._bullet}{line}")
        self._bullet = ""
        self._last_quoted = self._quoted
        self._gap = gap

    def _quote_mark(self, depth: int) -> str:
        """What stands before a line quoted that deep."""
        return "> " * min(depth, _DEEPEST) if self._layout is Layout.PAGE else ""
