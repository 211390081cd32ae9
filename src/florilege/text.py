"""Cleaning and folding text. Pure: no I/O, no Textual, no clock, no markup.

All external text is treated as hostile. It is cleaned once when parsed and again at the single place where it becomes a
line on the screen; both call `clean` or `clean_line`. Text is folded for comparison only: displayed text keeps its
accents.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from hashlib import blake2b

_Given = ParamSpec("_Given")
_Value = TypeVar("_Value")
_LONGEST_CACHED = 1000
"""Maximum number of characters in the arguments of a cached call."""
_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")

_UNSAFE = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f"  # C0 and DEL, except tab and line breaks
    "\x80-\x9f"  # C1: 0x9B and 0x9D begin escape sequences on many terminals
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks, overrides and isolates
    "\u200b\u2060-\u2064\ufeff\u00ad"  # invisible, and of uncertain width
    "\u206a-\u206f\ufff9-\ufffb"  # deprecated format characters and interlinear marks
    "\ud800-\udfff"  # lone surrogates: cannot be written as UTF-8
    "\ufdd0-\ufdef\ufffe\uffff"  # noncharacters
    "\U000e0000-\U000e001f"
    "]"
)
"""Characters that can control a terminal, hide or reorder text, or cannot be written at all. Zero-width joiners are
kept: emoji sequences and Persian need them. Sources: ECMA-48, Unicode Annex 9, and observed terminal behaviour."""

_TYPOGRAPHIC = str.maketrans(
    {
        "’": "'", "‘": "'", "‚": "'", "ʼ": "'", "´": "'", "‛": "'",
        "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-",
        "…": "...", "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l",
        "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "ħ": "h", "Ħ": "h", "ı": "i",
        "\u0640": "", "\u200c": "", "\u200d": "", "\ufe0e": "", "\ufe0f": "",  # affect rendering only
    }
)  # fmt: skip
_TYPOGRAPHIC_ONES = re.compile(f"[{re.escape(''.join(map(chr, _TYPOGRAPHIC)))}]")
_SPACES = re.compile(r"\s+")
_NO_WORDS = re.compile(r"[^\w]+|_+")
_LATIN_MARKS = re.compile("[\u0300-\u036f]+")
_BREAKS = re.compile("[\n\t]+")

_LATIN, _WINDOWS = "latin-1", "cp1252"
"""Encodings for the fast path: nearly all Western text fits one of these 256-character sets, and is processed five
times as fast as bytes. Other text takes the general path."""
_HARMLESS = b"\n" + bytes(code for code in range(0x20, 0x100) if not 0x7F <= code < 0xA0 and code != 0xAD)
"""The Latin-1 bytes that cleaning leaves unchanged."""
_HARMLESS_WINDOWS = _HARMLESS + bytes(range(0x80, 0xA0))
"""The same in Windows-1252, which has quotation marks and dashes where Latin-1 has control characters."""


def clean(text: str) -> str:
    """Text without anything that could control a terminal; newlines and spaces are kept, tabs become four spaces."""
    encoded = text.encode(_LATIN, "ignore")
    if (not encoded.translate(None, _HARMLESS)) if len(encoded) == len(text) else _is_harmless(text):
        return text
    text = _LINE_BREAKS.sub("\n", text)
    return _UNSAFE.sub("", text).replace("\t", "    ")


def clean_line(text: str) -> str:
    """The cleaned text on one line: white space around newlines or tabs becomes a single space; ends are stripped."""
    if text.isprintable():
        return text.strip()
    text = _UNSAFE.sub("", _LINE_BREAKS.sub("\n", text))
    if "\n" not in text and "\t" not in text:
        return text.strip(" ")
    return " ".join(filter(None, (part.strip(" ") for part in _BREAKS.split(text))))


def search_key(text: str) -> str:
    """Fold text for comparison: ignore accents, case, typographic quotes and the different kinds of space.

    `Élan`, `elan` and `ÉLAN` fold alike; so do `l’encre` and `l'encre`, and a no-break space and a space. Runs of
    white space become one space, so folded text is always one line.
    """
    folded = _folded_as_bytes(text)
    return _SPACES.sub(" ", _folded_but_spaces(text)) if folded is None else folded


def holds_all(text: str, words: Iterable[str]) -> bool:
    """Whether a text, once folded, contains all these already folded words."""
    folded = search_key(text)
    return all(word in folded for word in words)


def fold_with_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Folded text, with the (start, end) in the original text that each folded character comes from.

    A letter together with its combining accents has one span, and so has a run of white space.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.casefold(), [(place, place + 1) for place in range(len(text))]
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    for place, character in enumerate(text):
        if "!" <= character <= "~":
            folded.append(character.casefold())
            places.append((place, place + 1))
            continue
        piece = _SPACES.sub(" ", _folded_but_spaces(character))
        if places and (not piece or (piece == folded[-1] == " ")):
            last = places[-1][0]
            for back in range(len(places) - 1, -1, -1):  # every character from `œ` takes the accent that follows
                if places[back][0] != last:
                    break
                places[back] = (last, place + 1)
            continue
        if piece.startswith(" ") and folded and folded[-1] == " ":
            piece = piece[1:]
        folded.extend(piece)
        places.extend([(place, place + 1)] * len(piece))
    return "".join(folded), places


def _is_harmless(text: str) -> bool:
    """Whether cleaning a text outside Latin-1 would change nothing. May be False for text that needs no change."""
    encoded = text.encode(_WINDOWS, "ignore")
    if len(encoded) != len(text):
        return text.isprintable()  # i.e. no control or format character, line break or tab
    return not encoded.translate(None, _HARMLESS_WINDOWS)


def _folded_as_bytes(text: str) -> str | None:
    """Fold text through single-byte tables; None if a character does not fit them or there is a run of spaces."""
    encoded = text.encode(_LATIN, "ignore")
    if len(encoded) == len(text):
        table, longer = _folded_bytes(_LATIN)
    else:
        encoded = text.encode(_WINDOWS, "ignore")
        if len(encoded) != len(text):
            return None
        table, longer = _folded_bytes(_WINDOWS)
    folded = encoded.translate(table)
    if b"\0" in folded or b"  " in folded:
        return None
    if not text.isascii():
        for byte, letters in longer:
            folded = folded.replace(byte, letters)
    return folded.decode("ascii")


@cache
def _folded_bytes(encoding: str) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]]:
    """The folding table of an encoding: the ASCII byte for each byte, and placeholder bytes with their expansions.

    A placeholder stands for several letters. Zero marks characters that need the general path.
    """
    table = bytearray(256)
    longer: dict[str, bytes] = {}
    for code in range(256):
        folded = _SPACES.sub(" ", _folded_but_spaces(bytes([code]).decode(encoding, "ignore")))
        if folded.isascii() and folded.isprintable():
            byte = folded.encode() if len(folded) < 2 else longer.setdefault(folded, bytes([len(longer) + 1]))
            table[code] = byte[0] if byte else 0
    return bytes(table), tuple((byte, letters.encode()) for letters, byte in longer.items())


def _folded_but_spaces(text: str) -> str:
    """Fold text except for runs of white space. Folding character by character gives the same result."""
    # The table is applied before NFKD, which would turn `´` into a space and an accent, and again after it, because
    # NFKD exposes more such characters: the small form of a dash, the letter beneath the accent of `Ǽ`.
    if not text.isprintable():
        text = _UNSAFE.sub("", _LINE_BREAKS.sub("\n", text))
    if _TYPOGRAPHIC_ONES.search(text):  # searching costs a fifth of translating
        text = text.translate(_TYPOGRAPHIC)
    text = _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text))
    if not text.isascii():
        text = "".join(character for character in text if not unicodedata.combining(character))
        text = text.translate(_TYPOGRAPHIC)
    return text.casefold()


def cached(most: int) -> Callable[[Callable[_Given, _Value]], Callable[_Given, _Value]]:
    """Cache that many results of a function, except for long texts: so it takes little memory, whatever is in them."""

    def decorate(function: Callable[_Given, _Value]) -> Callable[_Given, _Value]:
        known = lru_cache(maxsize=most, typed=True)(function)

        @wraps(function)
        def call(*args: _Given.args, **options: _Given.kwargs) -> _Value:
            size = 0
            for each in args:
                if isinstance(each, str):
                    size += len(each)
            if size > _LONGEST_CACHED:
                return function(*args, **options)
            return known(*args, **options)  # type: ignore[arg-type]  # mypy can't know that they are hashable

        return call

    return decorate


@cached(8192)
def tag_key(tag: str) -> str:
    """The comparison key of a tag, ignoring case and accents. Cached, because items share few distinct tags."""
    return search_key(tag).strip()


def slug(text: str, *, longest: int = 60) -> str:
    """The text as lower-case words of letters and digits joined by hyphens: `encre-et-papier`.

    Accents are folded, so the name is the same on systems that store them differently. May be empty.
    """
    words = _NO_WORDS.sub("-", search_key(text)).strip("-")
    if len(words) > longest:
        cut = words[: longest + 1].rpartition("-")[0]
        words = (cut or words[:longest]).strip("-")
    return words


def digest(*parts: str) -> str:
    """A short, stable hash of these parts together: 16 hexadecimal digits."""
    named = _nothing_yet().copy()  # faster than creating a new one
    named.update("\0".join(parts).encode("utf-8", "surrogatepass"))
    return named.hexdigest()


@cache
def _nothing_yet() -> "blake2b":
    from hashlib import blake2b  # loads OpenSSL, which would cost 2 ms at start-up

    return blake2b(digest_size=8)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun in agreement: `1 item`, `2 items`, `1 302 items` (grouped by narrow no-break spaces)."""
    return f"{grouped(number)} {noun if number == 1 else plural or noun + 's'}"


def grouped(number: int) -> str:
    """A number with a narrow no-break space between thousands."""
    return f"{number:,}".replace(",", "\u202f")
