"""What makes feedparser faster, and does not let it stop: a reader of XML, and mended references. Only for `feeds`.

The standard reader calls back once for every entity: some 400 calls for an item with an escaped description, by count.
"""

import re
from html.entities import html5
from xml.sax.expatreader import ExpatParser


class BufferedExpatParser(ExpatParser):
    """The standard reader, with the buffer of expat switched on."""

    def reset(self) -> None:
        """Begin a new document."""
        super().reset()
        # The attribute is not documented: without it this is the standard reader. A test notices.
        expat = getattr(self, "_parser", None)
        if expat is not None:
            expat.buffer_text = True
            expat.buffer_size = 1 << 16


def create_parser() -> BufferedExpatParser:
    """What `xml.sax.make_parser` calls in the modules it is given."""
    return BufferedExpatParser()


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
