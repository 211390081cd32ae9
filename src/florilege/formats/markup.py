"""Converts HTML to readable text, laid out as a page or as a passage. Pure: no feeds, no formats, no cleaning.

Other converters were tried on the 1,209 bodies in our collection of feeds. inscriptis needs lxml, takes a third longer,
drops `<antirez>` and does not mark quoted paragraphs; markdownify writes Markdown and is five times slower; html2text
is under the GPL. None of them finds text that is missing here, and the readers of Diigo need the event stream anyway.
"""

import re
from collections.abc import Iterable
from enum import Enum

from florilege.formats.stream import End, Event, Start, events, holds_elements, names, unescaped

_BLANK = re.compile(r"[ \t\n\r\f]+")


class Layout(Enum):
    """How text is laid out."""

    PASSAGE = "passage"
    """For quotes and comments: one newline between paragraphs, quoted paragraphs are not marked."""
    PAGE = "page"
    """A blank line between paragraphs; quoted paragraphs begin with "> "."""


def html_to_text(markup: str, layout: Layout = Layout.PAGE) -> str:
    """The readable text of HTML. It is not cleaned: `text.clean` removes control characters.

    Args:
        markup: HTML, or text that may be HTML.
        layout: How paragraphs and quoted paragraphs are laid out.
    """
    if "<" not in markup and "&" not in markup:
        return _BLANK.sub(" ", markup).strip(" ")
    return readable(events(markup), layout)


def mixed_to_text(text: str, layout: Layout = Layout.PAGE) -> str:
    """The readable text of HTML or plain text. Without any tag it is taken as plain text and keeps its line breaks."""
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
    """Whether a text is empty or only white space (including no-break spaces)."""
    return not text or text.isspace()


_PARAGRAPHS = names("p h1 h2 h3 h4 h5 h6 blockquote pre ul ol dl table hr figure fieldset")
_LINES = names(
    """
    div li tr dt dd section article aside header footer main nav address figcaption details summary caption
    center form option legend
    """
)
BLOCKS = _PARAGRAPHS | _LINES
"""Elements that begin a new line."""
_UNSHOWN = frozenset({"script", "style"})
_DEEPEST = 20
"""Maximum depth to which nested lists and quotations are shown: indenting 12,000 nested lists would take 150 MB."""


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
        """Add text of the document; white space is treated as by a browser."""
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
        """Handle the start of an element."""
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
        """Handle the end of an element."""
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
        """The finished text, without leading and trailing blank lines."""
        self._break(0)
        return "\n".join(self._lines).strip("\n").replace("\0", " ")

    def _distance(self, tag: str) -> int:
        """Number of blank lines before and after the element."""
        return int(self._layout is Layout.PAGE and tag in _PARAGRAPHS and not (tag in {"ul", "ol"} and self._lists))

    def _next_bullet(self) -> str:
        """The bullet or number of the next list item, indented by two spaces per level."""
        if not self._lists:
            return "• "
        number = self._lists[-1]
        indent = "  " * (min(len(self._lists), _DEEPEST) - 1)
        if number is None:
            return f"{indent}• "
        self._lists[-1] = number + 1
        return f"{indent}{number + 1}. "

    def _break(self, gap: int, *, wanted: bool = False) -> None:
        """End the current line.

        Args:
            gap: Minimum number of blank lines before the next line.
            wanted: Whether the break is explicit (`br`, or a newline in `pre`): then a second one leaves a blank line.
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
        """The prefix of a line at that depth of quotation."""
        return "> " * min(depth, _DEEPEST) if self._layout is Layout.PAGE else ""
