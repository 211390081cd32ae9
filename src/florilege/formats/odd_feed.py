"""Reads feeds that are not plain with feedparser, after repairing in the bytes what it fails on or misreads.

The only module that uses feedparser, which is imported only when needed: importing it takes as long as all else. Its
sanitiser and its resolution of links are off: they take two thirds of the time and remove what we need. Its measured
behaviour on odd input is documented in tests/formats/test_feeds.py.
"""

import re
from html.entities import html5
from typing import Any

from florilege.formats import SourceError

_FAULTS = (LookupError, ValueError, TypeError, AttributeError, OverflowError, AssertionError)
"""What feedparser raises, or may raise, on bytes damaged by fuzzing; it documents no exceptions."""
_KINDS: dict[str, type] = dict.fromkeys(("title_detail", "summary_detail", "source"), dict) | dict.fromkeys(
    ("content", "authors", "links", "tags"), list
)
"""The types of feedparser's fields that are not text."""
_LINK = re.compile(rb"<link>[^<]*+")
_EMPTY_LINK = re.compile(rb"<link\s*+(?:/>|>\s*+</link\s*+>)")
"""Matches a link without an address, for which feedparser passes over a guid that is one."""
_LONG_TAG = re.compile(rb"<([A-Za-z][\w:.-]*+)(\s[^<>]{2000,}+)>")
_ATTRIBUTE = re.compile(rb"""(?<!\s)\s++[^\s=]++\s*+=\s*+(?:"[^"]*+"|'[^']*+')""")
_AFTER_MAIL = re.compile(r"[A-Za-z]+ \((?P<after>[^()]*)|(?P<before>[^<>]*) <[A-Za-z]+>")
"""Matches a name with the end of a mail address that feedparser left to it."""
_LONG_PERSON = re.compile(
    rb"<(?:[\w-]{1,20}:)?(?:author|managingEditor|webMaster|creator|publisher)(?:\s[^<>]{0,200})?>"
    rb"(?:<!\[CDATA\[)?[^<]{1000,}+"
)
"""Matches a person of many words, in which feedparser takes quadratic time to look for a mail address."""
_LONG_WORD = re.compile(rb"([\w.+-]{200})[\w.+-]++")
_CAPTION = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(/?)media:description(?:\s[^<>]*)?>", re.DOTALL)
"""The tags of a picture's caption. The alternatives before them match what is not markup."""
_ATTRIBUTES = 100
"""Maximum number of attributes of an element."""
_FIRST_TAG = re.compile(rb"<\w")
_LONG_PROLOG = 2_000
"""Size in bytes from which a prolog is shortened; a declaration, a style sheet and a document type take hundreds."""


def read(data: bytes) -> dict[str, Any]:
    """Parse a feed with feedparser and give the result as plain dictionaries.

    `fault` is None for a well-formed feed, otherwise the position and the error, or empty if they are unknown.

    Raises:
        SourceError: It can't be read at all.
    """
    from xml.sax import SAXParseException

    import feedparser

    data = _LONG_TAG.sub(_with_few_attributes, _with_short_prolog(with_numbers(fix_char_refs(data))))
    data = _LONG_PERSON.sub(lambda person: _LONG_WORD.sub(rb"\1", person[0]), data)
    data = _EMPTY_LINK.sub(b"", data)
    if b"<media:description" in data:
        data = _CAPTION.sub(_renamed, data)
    try:
        result = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
        is_odd, why = result["bozo"], dict.get(result, "bozo_exception")
        if isinstance(why, SAXParseException):
            plain = _LINK.sub(lambda link: link[0].replace(b"&amp;amp;", b"&amp;"), with_plain_ampersands(data))
            if plain != data:
                # feedparser's parser for malformed feeds takes "R&D" for the entity D, which gives "R&D;",
                # and turns "&amp;amp;b" in a link into "&ampb".
                result = feedparser.parse(plain, sanitize_html=False, resolve_relative_uris=False)
    except _FAULTS as error:
        raise SourceError("This looks like a feed, but it is too damaged to be read: get it again later.") from error
    fault: str | None = ""
    if isinstance(why, SAXParseException) and why.getLineNumber():
        fault = f" (line {why.getLineNumber()}: {why.getMessage()})"
    if not is_odd or isinstance(why, feedparser.exceptions.ThingsNobodyCaresAboutButMe):
        fault = None  # feedparser merely corrected the encoding
    return {
        "version": result["version"],
        "feed": _plain(result["feed"]),
        "entries": [_with_whole_names(_plain(each)) for each in result["entries"]],
        "namespaces": dict(result["namespaces"]),
        "fault": fault,
    }


def _plain(element: dict[str, Any]) -> dict[str, Any]:
    """The feed or an entry as a plain dictionary: feedparser's own derives some fields from others, and warns.

    Fields of an unexpected type are left out: an element of the same name has overwritten them.
    """
    return {
        name: [dict(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else value
        for name, value in dict.items(element)
        if isinstance(value, _KINDS.get(name, str | bool))
    }


def _with_whole_names(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with its authors as written: feedparser ends `ann@e.online (Ann)` after four letters of `online`."""
    for author in entry.get("authors") or ():
        email, name = str(author.get("email") or ""), str(author.get("name") or "")
        if email and email + name == entry.get("author"):
            author |= {"email": email + name, "name": ""}
        elif email and (found := _AFTER_MAIL.fullmatch(name)):
            author["name"] = found["after"] or found["before"]
    return entry


def _with_few_attributes(tag: re.Match[bytes]) -> bytes:
    """Limit the number of attributes of a tag, for which feedparser takes quadratic time."""
    attributes = _ATTRIBUTE.findall(tag[2])
    return b"<%s%s>" % (tag[1], b"".join(attributes[:_ATTRIBUTES])) if len(attributes) > _ATTRIBUTES else tag[0]


def _renamed(tag: re.Match[bytes]) -> bytes:
    """Rename a caption's tag to one unknown to feedparser, which would take the caption for the entry's text."""
    if tag[1] is None:
        return tag[0]
    return b"<%smedia:caption%s>" % (tag[1], b"/" * tag[0].endswith(b"/>"))


def _with_short_prolog(data: bytes) -> bytes:
    """Remove white space from a long prolog, for which feedparser takes quadratic time."""
    root = _FIRST_TAG.search(data)
    if root is None or root.start() < _LONG_PROLOG:
        return data
    return b"\n".join(data[: root.start()].split()) + data[root.start() :]


_REFERENCES = re.compile(
    rb"&#(?:0*5[56]\d{3}|[xX]0*[dD][89abAB][0-9a-fA-F]{2});&#(?:0*5[67]\d{3}|[xX]0*[dD][c-fC-F][0-9a-fA-F]{2});"
    rb"|&#(?:\d+|[xX][0-9a-fA-F]+);?"
)
"""Two character references that may be the surrogates of one character, or a single reference."""
_NUMBER = re.compile(rb"&#(\d+|[xX][0-9a-fA-F]+)")
_PROLOG = 4096
"""Number of bytes at the beginning in which a document type is looked for."""
_LONGEST = 12
"""Maximum plausible number of digits in a character reference."""
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
"""High and low surrogates. Source: the Unicode standard, section 3.8."""
_NONE = b"&#xFFFD;"
"""Replacement for references to characters that do not exist."""


_BARE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(?![A-Za-z][A-Za-z0-9]{0,31};|#\d+;|#[xX][0-9a-fA-F]+;)", re.DOTALL
)
"""Matches an ampersand that begins no reference; also CDATA sections and comments, in which ampersands are literal."""


def with_plain_ampersands(data: bytes) -> bytes:
    """Escape every ampersand that begins no reference (`R&D`).

    Bytes with an escape character are left unchanged: in ISO 2022, the byte of an ampersand may be half a character.
    """
    if b"\x1b" in data:
        return data
    return _BARE.sub(lambda found: b"&amp;" if found[0] == b"&" else found[0], data)


_NAMED = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&((?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{0,31};)",
    re.DOTALL,
)


def with_numbers(data: bytes) -> bytes:
    """Replace HTML's named references (`&eacute;`) with numeric ones in a document with a document type.

    A parser that does not fetch the definitions would silently drop them. Documents with definitions of their own are
    left unchanged.
    """
    if b"<!DOCTYPE" not in data[:_PROLOG] or b"<!ENTITY" in data[:_PROLOG]:
        return data
    return _NAMED.sub(_numbered, data)


def _numbered(found: re.Match[bytes]) -> bytes:
    characters = html5.get(found[1].decode("ascii")) if found[1] else None
    return b"".join(b"&#%d;" % ord(each) for each in characters) if characters else found[0]


def fix_char_refs(data: bytes) -> bytes:
    """Replace references to characters that do not exist.

    A pair of surrogates (`&#55357;&#56832;`), as some programs write emoji, becomes the character it stands for.
    """
    return _REFERENCES.sub(_fixed, data) if b"&#" in data else data


def _fixed(references: re.Match[bytes]) -> bytes:
    values = [_value(digits) for digits in _NUMBER.findall(references[0])]
    if len(values) == 2 and values[0] in _HIGH and values[1] in _LOW:
        return b"&#%d;" % (0x10000 + (values[0] - _HIGH.start << 10) + (values[1] - _LOW.start))
    exist = all(value <= 0x10FFFF and value not in _HIGH and value not in _LOW for value in values)
    return references[0] if exist else _NONE * len(values)


def _value(digits: bytes) -> int:
    """The number of a character reference; beyond Unicode's range if it has too many digits."""
    if len(digits) > _LONGEST:
        return 0x110000
    return int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)
