"""HTML as a stream of events, and what is told from its tags alone. Pure: no feeds, no formats, no cleaning.

Entities are unescaped once, and only after the tags have been told from the text. What looks like a tag and is none
(`<antirez>`, `List<String>`) is text.
"""

import html
import re
from html.parser import HTMLParser
from typing import NamedTuple


def names(text: str) -> frozenset[str]:
    """The names in a text, as a set."""
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
_VOID = names("area base br col embed frame hr img input link meta param source track wbr")
_TITLE_ELEMENTS = names(
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


def holds_elements(text: str) -> bool:
    """Whether a tag of an element of HTML is in a text that may be plain."""
    return any(match[1].lower() in _ELEMENTS for match in _ANY_TAG.finditer(text))


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
