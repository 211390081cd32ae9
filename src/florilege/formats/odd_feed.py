"""Feeds that are not plain, read by feedparser, in whose bytes is mended before what it stops or stumbles at.

The only module that knows feedparser, which is loaded here: it takes as long as all else. Its sanitiser and its
resolving of links are off: they cost two thirds of the time and remove what we need. What it was measured to do with
odd input stands in tests/formats/test_feeds.py.
"""

import re
from html.entities import html5
from typing import Any

from florilege.formats import SourceError

_FAULTS = (LookupError, ValueError, TypeError, AttributeError, OverflowError, AssertionError)
"""What feedparser was seen to raise, or may, on bytes that fuzzing damaged: for it promises nothing."""
_KINDS: dict[str, type] = dict.fromkeys(("title_detail", "summary_detail"), dict) | dict.fromkeys(
    ("content", "authors", "links", "tags"), list
)
"""What the fields of feedparser are that are no texts."""
_LINK = re.compile(rb"<link>[^<]*+")
_LONG_TAG = re.compile(rb"<([A-Za-z][\w:.-]*+)(\s[^<>]{2000,}+)>")
_ATTRIBUTE = re.compile(rb"""(?<!\s)\s++[^\s=]++\s*+=\s*+(?:"[^"]*+"|'[^']*+')""")
_ATTRIBUTES = 100
"""Of one element at most."""
_FIRST_TAG = re.compile(rb"<\w")
_LONG_PROLOG = 2_000
"""Bytes before the root element; a declaration, a style sheet and a document type have hundreds."""


def read(data: bytes) -> dict[str, Any]:
    """What feedparser makes of these bytes, in plain dictionaries; `fault` says why they are no well-formed feed.

    Raises:
        SourceError: It can't be read at all.
    """
    from xml.sax import SAXParseException

    import feedparser

    data = _LONG_TAG.sub(_with_few_attributes, _with_short_prolog(with_numbers(fix_char_refs(data))))
    try:
        result = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
        is_odd, why = result["bozo"], dict.get(result, "bozo_exception")
        if isinstance(why, SAXParseException):
            plain = _LINK.sub(_escaped_once, with_plain_ampersands(data))
            if plain != data:
                # Its parser for such feeds takes "R&D" for the entity D, and writes "R&D;",
                # and makes "&ampb" of "&amp;amp;b" in a link.
                result = feedparser.parse(plain, sanitize_html=False, resolve_relative_uris=False)
    except _FAULTS as error:
        raise SourceError("This looks like a feed, but it is too damaged to be read: get it again later.") from error
    fault: str | None = ""
    if isinstance(why, SAXParseException) and why.getLineNumber():
        fault = f" (line {why.getLineNumber()}: {why.getMessage()})"
    if not is_odd or isinstance(why, feedparser.exceptions.ThingsNobodyCaresAboutButMe):
        fault = None  # that an encoding was put right does not matter
    return {
        "version": result["version"],
        "feed": _plain(result["feed"]),
        "entries": [*map(_plain, result["entries"])],
        "namespaces": dict(result["namespaces"]),
        "fault": fault,
    }


def _plain(element: dict[str, Any]) -> dict[str, Any]:
    """The feed or an entry as a plain dictionary: those of feedparser invent some fields from others, and warn.

    Fields of another kind than they should be are left out: an element of that name has taken their place.
    """
    return {
        name: [dict(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else value
        for name, value in dict.items(element)
        if isinstance(value, _KINDS.get(name, str | bool))
    }


def _with_few_attributes(tag: re.Match[bytes]) -> bytes:
    """A tag without most of its attributes, when it has too many: feedparser takes quadratic time for them."""
    attributes = _ATTRIBUTE.findall(tag[2])
    return b"<%s%s>" % (tag[1], b"".join(attributes[:_ATTRIBUTES])) if len(attributes) > _ATTRIBUTES else tag[0]


def _escaped_once(found: re.Match[bytes]) -> bytes:
    return found[0].replace(b"&amp;amp;", b"&amp;")


def _with_short_prolog(data: bytes) -> bytes:
    """The bytes with a short prolog: feedparser takes quadratic time for white space before the root."""
    root = _FIRST_TAG.search(data)
    if root is None or root.start() < _LONG_PROLOG:
        return data
    return b"\n".join(data[: root.start()].split()) + data[root.start() :]


_REFERENCES = re.compile(
    rb"&#(?:0*5[56]\d{3}|[xX]0*[dD][89abAB][0-9a-fA-F]{2});&#(?:0*5[67]\d{3}|[xX]0*[dD][c-fC-F][0-9a-fA-F]{2});"
    rb"|&#(?:\d+|[xX][0-9a-fA-F]+);?"
)
"""Two references that may stand for one character, or one."""
_NUMBER = re.compile(rb"&#(\d+|[xX][0-9a-fA-F]+)")
_PROLOG = 4096
"""Bytes in which a document type is looked for."""
_LONGEST = 12
"""Digits of a number that can be meant."""
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
"""Halves of characters outside the first plane. Source: the Unicode standard, section 3.8."""
_NONE = b"&#xFFFD;"
"""Stands for what is no character."""


_BARE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(?![A-Za-z][A-Za-z0-9]{0,31};|#\d+;|#[xX][0-9a-fA-F]+;)", re.DOTALL
)
"""An ampersand that begins no reference; what stands before it here is passed over, for there it is meant so."""


def with_plain_ampersands(data: bytes) -> bytes:
    """The bytes with every ampersand that begins no reference (`R&D`) written as one.

    Not where the escape of ISO 2022 occurs: there the byte may be half of a character.
    """
    if b"\x1b" in data:
        return data
    return _BARE.sub(lambda found: b"&amp;" if found[0] == b"&" else found[0], data)


_NAMED = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&((?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{0,31};)",
    re.DOTALL,
)


def with_numbers(data: bytes) -> bytes:
    """The bytes with the characters that HTML names (`&eacute;`) by number, where a document type may define them.

    A parser that does not fetch the definitions passes over such names without a word. Not where the document has
    definitions of its own.
    """
    if b"<!DOCTYPE" not in data[:_PROLOG] or b"<!ENTITY" in data[:_PROLOG]:
        return data
    return _NAMED.sub(_numbered, data)


def _numbered(found: re.Match[bytes]) -> bytes:
    characters = html5.get(found[1].decode("ascii")) if found[1] else None
    return b"".join(b"&#%d;" % ord(each) for each in characters) if characters else found[0]


def fix_char_refs(data: bytes) -> bytes:
    """The bytes without references to characters that do not exist.

    Two that together stand for one outside the first plane, as careless programs write emoji (`&#55357;&#56832;`),
    become that one.
    """
    return _REFERENCES.sub(_fixed, data) if b"&#" in data else data


def _fixed(references: re.Match[bytes]) -> bytes:
    values = [_value(digits) for digits in _NUMBER.findall(references[0])]
    if len(values) == 2 and values[0] in _HIGH and values[1] in _LOW:
        return b"&#%d;" % (0x10000 + (values[0] - _HIGH.start << 10) + (values[1] - _LOW.start))
    exist = all(value <= 0x10FFFF and value not in _HIGH and value not in _LOW for value in values)
    return references[0] if exist else _NONE * len(values)


def _value(digits: bytes) -> int:
    """The number that digits stand for; one that no character has when there are too many."""
    if len(digits) > _LONGEST:
        return 0x110000
    return int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)
