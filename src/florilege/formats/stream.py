"""HTML as a stream of events, and what is told from its tags alone. Pure: no feeds, no formats, no cleaning.

Entities are unescaped once, and only after the tags have been told from the text. What looks like a tag and is none
(`<antirez>`, `List<String>`) is text. Nothing raises, and time is linear in the length, whatever the markup: the
patterns are possessive, and what was looked for in vain is not looked for again.

Parsers that build a tree are not linear. Of the 35 kB of `<p>`, 2,000 different `<b a=N>` and `</p><p>x` 2,000 times,
lexbor makes a tree of 1.4 GiB, for HTML wants every element opened again in every paragraph; html.parser of Python 3.11
takes 5 s for 5,000 open tags. Here both cost milliseconds.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
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

_NAME = r"[A-Za-z][^\s/><]*+(?=[\s/>])"
_TAG = re.compile(rf"""<(/?)({_NAME})((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?)*+)>""")
"""A tag: whether it ends an element, its name, and what follows. A `>` between quotation marks after `=` is no end."""
_TAG_TO_BRACKET = re.compile(rf"<(/?)({_NAME})([^>]*+)>")
"""The same whatever the quotation marks, for what follows a tag whose marks do not pair."""
_BEGINS_TAG = re.compile(rf"</?{_NAME}")
_ATTRIBUTE = re.compile(r"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]*+))?""")
_EMPTY = re.compile(r"""(?:\A|[\s"'])/\Z""")
"""How what follows a name ends in a tag that both begins and ends an element. `href=e.org/` is none."""
_BARE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*+")
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
"""What is in these elements is neither tag nor entity."""
_MARKED_SECTION = re.compile(r"<!\[CDATA\[|\]\]>")
_CUT_TAG = re.compile(r"<[/A-Za-z][^<>]*+\Z")
_PROGRAM = re.compile(r"<(script|style)\s[^<>=]*+=[^<>]*+>", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*+)(?:\s[^<>]*+)?/?>")
_ENTITY = re.compile(r"&(#\d++|#[xX][0-9a-fA-F]++|[A-Za-z][A-Za-z0-9]*+);")
_ENDLESS_NUMBER = re.compile(r"&(?=#[0-9]{9}|#[xX][0-9a-fA-F]{9})")
"""Before a number that no character has. Python refuses to read one of thousands of digits."""


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


def unescaped(text: str) -> str:
    """The text with its entities as characters; a number that no character has stays as it stands."""
    if "&" not in text:
        return text
    return html.unescape(_ENDLESS_NUMBER.sub("&amp;", text) if "&#" in text else text)


def events(markup: str, *, of_html: bool = True) -> list[Event]:
    """The events of a piece of HTML, however broken. A tag cut off at the very end is left out.

    Args:
        markup: HTML, or something written like it.
        of_html: Take for text what has the form of a tag but the name of no element of HTML.
    """
    if "]]>" in markup or "<![" in markup:
        markup = _MARKED_SECTION.sub("", markup)
    last = markup.rfind("<")
    if last >= 0 and _CUT_TAG.match(markup, last):
        markup = markup[:last]
    return [*_events(markup, of_html=of_html)]


class Link(NamedTuple):
    """A link with an address."""

    attributes: dict[str, str]
    words: str
    heading: str
    """The main heading (`h1`) it stands under; empty before the first."""


def links(markup: str) -> Iterator[Link]:
    """The links of a page that is a list of them, also one that is cut off."""
    heading, words = "", ""
    attributes: dict[str, str] | None = None
    for event in [*events(markup), End("li")]:
        if isinstance(event, str):
            words += event
        elif event.tag in {"a", "li", "h1"}:
            said = " ".join(words.split())
            if attributes is not None:
                yield Link(attributes, said, heading)
            elif event == End("h1"):
                heading = said
            is_link = isinstance(event, Start) and event.tag == "a" and "href" in event.attributes
            attributes, words = (event.attributes if is_link and isinstance(event, Start) else None), ""


def _events(markup: str, *, of_html: bool) -> Iterator[Event]:
    """See `events`."""
    pattern = _TAG
    last_end, last_comment = markup.rfind(">"), markup.rfind("-->")
    given = 0  # what stands before this place has been given out
    place = markup.find("<")
    while 0 <= place < last_end:
        found = pattern.match(markup, place)
        of_tag: tuple[Start | End, ...] | None = ()
        if found is not None:
            end = found.end()
            read = _known_tag if end - place < _SHORT else _of_tag
            of_tag = read(found[1], found[2], found[3], of_html)
        elif pattern is _TAG and _BEGINS_TAG.match(markup, place):
            pattern = _TAG_TO_BRACKET  # looking for the end of the document again and again would take quadratic time
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
    """What a tag is; None for what only has the form of one: no attributes, and the name of no element."""
    tag = name.lower()
    if of_html and tag not in _ELEMENTS and rest.strip() in {"", "/"} and _BARE_NAME.fullmatch(name):
        return None
    ends = (End(tag),) if tag not in _VOID and (closes or (rest and _EMPTY.search(rest))) else ()
    return ends if closes else (Start(tag, _attributes(rest) if rest else {}), *ends)


_known_tag = lru_cache(maxsize=4096)(_of_tag)
"""The same, for short tags: a few of them make up most of a document. Nobody changes what it gives."""
_SHORT = 300


def _after_declaration(markup: str, place: int, last_comment: int) -> int:
    """Where a comment or a declaration that begins at a place is over; the next place when what begins there is text.

    Args:
        markup: All of it; a `>` is somewhere after the place.
        place: Where a `<` stands that begins no tag.
        last_comment: Where the end of the last comment stands.
    """
    if markup.startswith("<!--", place):
        return markup.find("-->", place + 2) + 3 if place + 2 <= last_comment else place + 1
    if markup.startswith(("<!", "<?", "</"), place):
        return markup.find(">", place) + 1
    return place + 1


def _attributes(text: str) -> dict[str, str]:
    """The attributes of a tag; of two with one name the first counts."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(text):
        bare = value[1:-1] if value[:1] in {'"', "'"} and value[-1:] == value[:1] != value else value
        found.setdefault(name.lower(), unescaped(bare))
    return found


def holds_elements(text: str) -> bool:
    """Whether a tag of an element of HTML is in a text that may be plain."""
    return "<" in text and any(match[1].lower() in _ELEMENTS for match in _ANY_TAG.finditer(text))


def looks_like_html(text: str) -> bool:
    """Whether a text of unknown kind holds an entity, or the end of an inline element."""
    return bool(_ENTITY.search(text)) or (
        "</" in text
        and any(match[0].startswith("</") and match[1].lower() in _TITLE_ELEMENTS for match in _ANY_TAG.finditer(text))
    )


def title_to_text(markup: str) -> str:
    """A title without its tags, entities unescaped once; a line break is a space.

    Inline elements are tags, and elements that have attributes somewhere in the title; all else is text, also `<name>`
    and elements that a title rather speaks about.
    """
    if "<" in markup:
        markup = _without_programs(markup)
        used = {match[1].lower() for match in _ANY_TAG.finditer(markup) if "=" in match[0]}
        tags = _TITLE_ELEMENTS | (used & _ELEMENTS)

        def shown(match: re.Match[str]) -> str:
            name = match[1].lower()
            return " " if name == "br" else "" if name in tags else match[0]

        markup = _ANY_TAG.sub(shown, markup)
    return unescaped(markup)


def _without_programs(markup: str) -> str:
    """A title without the scripts and styles in it that have attributes, as far as they end."""
    pieces: list[str] = []
    place = 0
    while begin := _PROGRAM.search(markup, place):
        end = _RAW_END[begin[1].lower()].search(markup, begin.end())
        close = markup.find(">", end.end()) if end else -1
        if close < 0:
            break
        pieces.append(markup[place : begin.start()])
        place = close + 1
    return "".join(pieces) + markup[place:]
