"""HTML as a stream of events, and the readable text in it. Pure: no feeds, no formats, no Textual, no cleaning.

Entities are unescaped once, and only after the tags have been told from the text. What looks like a tag and is none
(`<antirez>`, `List<String>`) is text.

Other converters were tried on the 1,209 bodies of our collection of feeds. inscriptis needs lxml, takes a third longer,
drops `<antirez>` and loses which paragraphs are quoted; markdownify writes Markdown, five times slower; html2text is
under the GPL. None found words that are missing here, and the readers of Diigo need the stream of events anyway.
"""

import html
import re
from collections.abc import Iterable
from enum import Enum
from html.parser import HTMLParser
from typing import NamedTuple


def _words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_ELEMENTS = _words(
    """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote
    body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div
    dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header
    hgroup hr html i iframe img input ins isindex kbd label legend li link listing main map mark marquee math
    menu meta meter nav nobr noembed noframes noscript object ol optgroup option output p param picture
    plaintext pre progress q rp rt ruby s samp script search section select slot small source span strike strong
    style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var
    video wbr xmp
    maction menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms
    mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics
    """
)
_VOID = _words("area base br col embed frame hr img input link meta param source track wbr")
_TITLE_ELEMENTS = _words(
    """
    a abbr acronym b big blink br cite code del dfn div em font h1 h2 h3 h4 h5 h6 i img ins kbd mark nobr p q s
    samp small span strike strong sub sup tt u var wbr
    """
)
"""What is markup in a title even without attributes."""

_BARE_UNKNOWN = re.compile(
    rf"<(?=/?(?!(?:{'|'.join(sorted(_ELEMENTS))})[\s/>])[A-Za-z][A-Za-z0-9]*\s*/?>)", re.IGNORECASE
)
"""The bracket of what has the form of a tag without attributes, and the name of no element."""
_ANY_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*)?/?>")
_PROGRAM = re.compile(r"<(script|style)\s[^<>]*=.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"&(#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
_CUT_TAG = re.compile(r"<[/A-Za-z][^<>]*\Z")
_MARKED_SECTION = re.compile(r"<!\[CDATA\[|\]\]>|<!\[[^<>]*>?")
_BLANK = re.compile(r"[ \t\n\r\f]+")


class Start(NamedTuple):
    """An element begins."""

    tag: str
    """In lower case."""
    attributes: dict[str, str]

    @property
    def classes(self) -> list[str]:
        """The words of its class attribute."""
        return self.attributes.get("class", "").split()


class End(NamedTuple):
    """An element ends. Comes for what was opened and for what was not; never for elements without content."""

    tag: str


Event = Start | End | str
"""A string is text, its entities unescaped."""


def events(markup: str, *, of_html: bool = True) -> list[Event]:
    """The events of a piece of HTML, however broken. A tag cut off at the very end is left out.

    Args:
        markup: HTML, or something written like it.
        of_html: Take for text what has the form of a tag but the name of no element of HTML.
    """
    parser = _Events()
    last = markup.rfind("<")
    if last >= 0 and _CUT_TAG.match(markup, last):
        markup = markup[:last]
    if "<![" in markup:
        # html.parser stops at marked sections it does not know with an AssertionError.
        markup = _MARKED_SECTION.sub("", markup)
    parser.feed(_BARE_UNKNOWN.sub("&lt;", markup) if of_html else markup)
    parser.close()
    return parser.events


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
    known = any(match[1].lower() in _ELEMENTS for match in _ANY_TAG.finditer(text))
    return html_to_text(text, layout) if known else html.unescape(text)


def looks_like_html(text: str) -> bool:
    """Whether a text of unknown kind holds an entity, or the end of an inline element."""
    return bool(_ENTITY.search(text)) or any(
        match[0].startswith("</") and match[1].lower() in _TITLE_ELEMENTS for match in _ANY_TAG.finditer(text)
    )


def title_to_text(markup: str) -> str:
    """A title without its tags, entities unescaped once.

    Inline elements are tags, and elements that have attributes somewhere in the title; all else is text, also `<name>`
    and elements that a title rather speaks about.
    """
    if "<" in markup:
        markup = _PROGRAM.sub("", markup)
        used = {match[1].lower() for match in _ANY_TAG.finditer(markup) if "=" in match[0]}
        tags = _TITLE_ELEMENTS | (used & _ELEMENTS)
        markup = _ANY_TAG.sub(lambda match: "" if match[1].lower() in tags else match[0], markup)
    return html.unescape(markup)


def readable(stream: Iterable[Event], layout: Layout = Layout.PAGE) -> str:
    """The readable text of a stream of events."""
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


class _Events(HTMLParser):
    """Collects events."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[Event] = []

    def updatepos(self, i: int, j: int) -> int:  # noqa: ARG002 -- the signature is the parser's
        """Where it is in lines and columns is not asked: counting them takes a tenth of the time."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.events.append(Start(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.events.append(End(tag))

    def handle_data(self, data: str) -> None:
        self.events.append(data)


_PARAGRAPHS = _words("p h1 h2 h3 h4 h5 h6 blockquote pre ul ol dl table hr figure fieldset")
_LINES = _words(
    """
    div li tr dt dd section article aside header footer main nav address figcaption details summary caption
    center form option legend
    """
)
BLOCKS = _PARAGRAPHS | _LINES
"""Elements that begin a line of their own."""
_UNSHOWN = frozenset({"script", "style"})


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
        indent = "  " * (len(self._lists) - 1)
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
        return "> " * depth if self._layout is Layout.PAGE else ""
