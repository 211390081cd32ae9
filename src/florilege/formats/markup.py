"""HTML as a stream of events, and as readable text. Pure: no feeds, no formats, no cleaning.

Entities are unescaped once, after tags have been separated from text. What looks like a tag but is not
(`<antirez>`, `List<String>`) is text. Nothing raises, and time is linear in the length of any markup: patterns are
possessive, and failed searches are not repeated.

Parsers that build a tree are not linear. From 35 kB consisting of `<p>`, 2,000 different `<b a=N>` and 2,000 times
`</p><p>x`, lexbor builds a tree of 1.4 GiB, because HTML requires all elements to be reopened in every paragraph;
html.parser of Python 3.11 takes 5 s for 5,000 open tags. This module takes milliseconds for either.

Other converters to text were tried on the 1,209 bodies in our collection of feeds. inscriptis needs lxml, takes a third
longer, drops `<antirez>` and does not mark quoted paragraphs; markdownify writes Markdown and is five times slower;
html2text is under the GPL. None finds text that is missing here, and the readers of Diigo need the events anyway.
"""

import html
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple


def names(text: str) -> frozenset[str]:
    """The white-space-separated names in a text, as a set."""
    return frozenset(text.split())


_ELEMENTS = names(
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
VOID = names("area base br col embed frame hr img input link meta param source track wbr")
_TITLE_ELEMENTS = names(
    """
    a abbr acronym b big blink br cite code del dfn div em font h1 h2 h3 h4 h5 h6 i img ins kbd mark nobr p q s
    samp small span strike strong sub sup tt u var wbr
    """
)
"""Elements that count as markup in a title even without attributes."""

_NAME = r"[A-Za-z][^\s/><]*+(?=[\s/>])"
_TAG = re.compile(rf"""<(/?)({_NAME})((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?)*+)>""")
"""A tag: the slash of an end tag, its name, and the rest. A `>` in a quoted attribute value does not end the tag."""
_TAG_TO_BRACKET = re.compile(rf"<(/?)({_NAME})([^>]*+)>")
"""The same but regardless of quotation marks, for what follows a tag with unbalanced ones."""
_BEGINS_TAG = re.compile(rf"</?{_NAME}")
_ATTRIBUTE = re.compile(r"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]*+))?""")
_EMPTY = re.compile(r"""(?:\A|[\s"'])/\Z""")
"""Matches the rest of a self-closing tag. The slash in `href=e.org/` belongs to the attribute value."""
_BARE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*+")
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
"""End tags of elements whose content has neither tags nor entities."""
_MARKED_SECTION = re.compile(r"<!\[CDATA\[|\]\]>")
_CUT_TAG = re.compile(r"<[/A-Za-z][^<>]*+\Z")
_PROGRAM = re.compile(r"<(script|style)\s[^<>=]*+=[^<>]*+>.{0,2000}?</\1(?=[\s/>])[^>]*+>", re.IGNORECASE | re.DOTALL)
"""A `script` or `style` element with attributes and an end tag."""
_ANY_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*+)(?:\s[^<>]*+)?/?>")
_ENTITY = re.compile(r"&(#\d++|#[xX][0-9a-fA-F]++|[A-Za-z][A-Za-z0-9]*+);")
_ENDLESS_NUMBER = re.compile(r"&(?=#[0-9]{9}|#[xX][0-9a-fA-F]{9})")
"""The ampersand of a numeric reference too large for any character. Python fails on one with thousands of digits."""


class Start(NamedTuple):
    """The start of an element."""

    tag: str
    """Its name in lower case."""
    attributes: dict[str, str]

    @property
    def classes(self) -> list[str]:
        """The classes in its `class` attribute."""
        return self.attributes.get("class", "").split()


class End(NamedTuple):
    """The end of an element, whether or not it was opened; there is none for void elements such as `br`."""

    tag: str


Event = Start | End | str
"""A string is text with its entities unescaped."""


def unescaped(text: str) -> str:
    """Replace entities with characters; numeric references too large for any character stay."""
    if "&" not in text:
        return text
    return html.unescape(_ENDLESS_NUMBER.sub("&amp;", text) if "&#" in text else text)


def events(markup: str, *, of_html: bool = True) -> list[Event]:
    """The events of a piece of HTML, however broken. A tag truncated at the very end is left out.

    Args:
        markup: HTML, or similar markup such as XML.
        of_html: Whether to take tags without attributes as text if they are not named like an HTML element.
    """
    if "]]>" in markup or "<![" in markup:
        markup = _MARKED_SECTION.sub("", markup)
    last = markup.rfind("<")
    if last >= 0 and _CUT_TAG.match(markup, last):
        markup = markup[:last]
    return [*_events(markup, of_html=of_html)]


def links(markup: str) -> Iterator[dict[str, str]]:
    """Yield the links of a page that is a list of links; the page may be truncated.

    Each is given by its attributes, its `words`, and the preceding main `heading` (`h1`), empty if there is none.
    """
    heading, words = "", ""
    attributes: dict[str, str] | None = None
    for event in [*events(markup), End("li")]:
        if isinstance(event, str):
            words += event
        elif event.tag in {"a", "li", "h1"}:
            said = " ".join(words.split())
            if attributes is not None:
                yield {**attributes, "words": said, "heading": heading}
            elif event == End("h1"):
                heading = said
            is_link = isinstance(event, Start) and event.tag == "a" and "href" in event.attributes
            attributes, words = (event.attributes if is_link and isinstance(event, Start) else None), ""


def _events(markup: str, *, of_html: bool) -> Iterator[Event]:
    """See `events`."""
    pattern = _TAG
    last_end, last_comment = markup.rfind(">"), markup.rfind("-->")
    given = 0  # everything before this offset has been yielded
    place = markup.find("<")
    while 0 <= place < last_end:
        found = pattern.match(markup, place)
        of_tag: tuple[Start | End, ...] | None = ()
        if found is not None:
            end = found.end()
            read = _known_tag if end - place < _SHORT else _of_tag
            of_tag = read(found[1], found[2], found[3], of_html)
        elif pattern is _TAG and _BEGINS_TAG.match(markup, place):
            pattern = _TAG_TO_BRACKET  # with `_TAG`, each further tag may search to the end: quadratic time
            continue
        else:
            end = _after_declaration(markup, place, last_comment)
        if of_tag is None or end == place + 1:  # the bracket is text
            place = markup.find("<", place + 1)
            continue
        if given < place:
            yield unescaped(markup[given:place])
        given = end
        yield from of_tag
        if of_tag and len(of_tag) == 1 and of_tag[0].tag in _RAW_END and isinstance(of_tag[0], Start):
            ends = _RAW_END[of_tag[0].tag].search(markup, end)
            given = ends.start() if ends else len(markup)
            yield markup[end:given]
        place = markup.find("<", given)
    if given < len(markup):
        yield unescaped(markup[given:])


def _of_tag(closes: str, name: str, rest: str, of_html: bool) -> tuple[Start | End, ...] | None:
    """The events of a tag; None if it is text: without attributes, and not named like an HTML element."""
    tag = name.lower()
    if of_html and tag not in _ELEMENTS and rest.strip() in {"", "/"} and _BARE_NAME.fullmatch(name):
        return None
    ends = (End(tag),) if tag not in VOID and (closes or (rest and _EMPTY.search(rest))) else ()
    return ends if closes else (Start(tag, _attributes(rest) if rest else {}), *ends)


_known_tag = lru_cache(maxsize=4096)(_of_tag)
"""Cached variant for short tags, a few of which make up most of a document. Its results must not be changed."""
_SHORT = 300


def _after_declaration(markup: str, place: int, last_comment: int) -> int:
    """The offset of the end of a comment or declaration; `place + 1` if there is neither and the `<` is text.

    Args:
        markup: The whole markup, with a `>` somewhere after `place`.
        place: The offset of a `<` that does not begin a tag.
        last_comment: The offset of the last `-->`.
    """
    if markup.startswith("<!--", place):
        return markup.find("-->", place + 2) + 3 if place + 2 <= last_comment else place + 1
    if markup.startswith(("<!", "<?", "</"), place):
        return markup.find(">", place) + 1
    return place + 1


def _attributes(text: str) -> dict[str, str]:
    """The attributes of a tag; of several with the same name, the first is used."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(text):
        bare = value[1:-1] if value[:1] in {'"', "'"} and value[-1:] == value[:1] != value else value
        found.setdefault(name.lower(), unescaped(bare))
    return found


def holds_elements(text: str) -> bool:
    """Whether a text, which may be plain, contains a tag of an HTML element."""
    return "<" in text and any(match[1].lower() in _ELEMENTS for match in _ANY_TAG.finditer(text))


def looks_like_html(text: str) -> bool:
    """Whether a text of unknown type contains an entity or the end tag of an inline element."""
    return bool(_ENTITY.search(text)) or (
        "</" in text
        and any(match[0].startswith("</") and match[1].lower() in _TITLE_ELEMENTS for match in _ANY_TAG.finditer(text))
    )


def title_to_text(markup: str) -> str:
    """Convert a title to text: tags removed, `br` replaced with a space, entities unescaped once.

    Only tags of inline elements, and of HTML elements that have attributes somewhere in the title, are removed.
    Everything else is text, such as `<name>` or an element that the title is about.
    """
    if "<" in markup:
        markup = _PROGRAM.sub("", markup)
        used = {match[1].lower() for match in _ANY_TAG.finditer(markup) if "=" in match[0]}
        tags = _TITLE_ELEMENTS | (used & _ELEMENTS)

        def shown(match: re.Match[str]) -> str:
            name = match[1].lower()
            return " " if name == "br" else "" if name in tags else match[0]

        markup = _ANY_TAG.sub(shown, markup)
    return unescaped(markup)


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
        page.take(event)
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
_DEEPEST = 20
"""Maximum depth to which nested lists and quotations are shown: indenting 12,000 nested lists would take 150 MB."""


class _Page:
    """Text being laid out: finished lines, and the one being written."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lines: list[str] = []
        self._line: list[str] = []
        self._gap = 0
        self._last_quoted = 0
        self._depths = {"blockquote": 0, "pre": 0, "script": 0, "style": 0}
        self._lists: list[int | None] = []
        """The last number of each open list; None for lists without numbers."""
        self._bullet = ""

    def take(self, event: Event) -> None:
        """Add an event of the document; white space is treated as by a browser."""
        if isinstance(event, str):
            self._write(event)
            return
        tag, begins = event.tag, isinstance(event, Start)
        if tag == "br":
            self._break(0, wanted=True)
        elif tag in {"td", "th"}:
            self._line.append(" " * begins)
        elif tag in BLOCKS:
            self._break(self._distance(tag))
        if tag in self._depths:
            self._depths[tag] = max(0, self._depths[tag] + (1 if begins else -1))
        elif tag == "li" and begins:
            self._bullet = self._next_bullet()
        elif tag in {"ul", "ol"} and begins:
            self._lists.append(0 if tag == "ol" else None)
        elif tag in {"ul", "ol"}:
            del self._lists[-1:]
            self._gap = max(self._gap, self._distance(tag))

    def _write(self, text: str) -> None:
        if self._depths["script"] or self._depths["style"]:
            return
        if not self._depths["pre"]:
            self._line.append(text)
            return
        first, *others = text.replace("\r\n", "\n").split("\n")
        self._line.append(first.replace(" ", "\0"))
        for other in others:
            self._break(0, wanted=True)
            self._line.append(other.replace(" ", "\0"))

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
        quoted = self._depths["blockquote"]
        if self._lines:
            mark = self._quote_mark(min(quoted, self._last_quoted)).rstrip()
            self._lines.extend([mark] * self._gap)
        self._lines.append(f"{self._quote_mark(quoted)}{self._bullet}{line}")
        self._bullet = ""
        self._last_quoted = quoted
        self._gap = gap

    def _quote_mark(self, depth: int) -> str:
        """The prefix of a line at that depth of quotation."""
        return "> " * min(depth, _DEEPEST) if self._layout is Layout.PAGE else ""
