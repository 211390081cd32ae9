"""Cleaning and folding text. Pure: no I/O, no Textual, no clock, no markup.

All text from outside is hostile. It is cleaned once when it is read and again in the one place where it becomes a line
on the screen; both call `clean` or `clean_line`. Text is folded for comparison only: what is shown keeps its accents.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import blake2b

_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")

_UNSAFE = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f"  # C0 and DEL, but for tab and newline
    "\x80-\x9f"  # C1: 0x9B and 0x9D begin escape sequences on many terminals
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks, overrides and isolates
    "\u200b\u2060-\u2064\ufeff\u00ad"  # invisible, and of unsure width
    "\u206a-\u206f\ufff9-\ufffb"  # deprecated format characters and interlinear marks
    "\ud800-\udfff"  # lone surrogates: cannot be written as UTF-8
    "\ufdd0-\ufdef\ufffe\uffff"  # not characters
    "\U000e0000-\U000e001f"
    "]"
)
"""What can drive a terminal, hide or reorder text, or not be written at all. Zero width joiners stay: emoji sequences
and Persian need them. Source: ECMA-48, Unicode Annex 9, and what terminals were seen to do with them."""

_TYPOGRAPHIC = str.maketrans(
    {
        "’": "'", "‘": "'", "‚": "'", "ʼ": "'", "´": "'", "‛": "'",
        "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-",
        "…": "...", "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l",
        "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "ħ": "h", "Ħ": "h", "ı": "i",
        "\u0640": "", "\u200c": "", "\u200d": "", "\ufe0e": "", "\ufe0f": "",  # how letters and emoji are drawn
    }
)  # fmt: skip
_TYPOGRAPHIC_ONES = re.compile(f"[{re.escape(''.join(map(chr, _TYPOGRAPHIC)))}]")
_SPACES = re.compile(r"\s+")
_NO_WORDS = re.compile(r"[^\w]+|_+")
_LATIN_MARKS = re.compile("[\u0300-\u036f]+")
_BREAKS = re.compile("[\n\t]+")

_LATIN, _WINDOWS = "latin-1", "cp1252"
"""Nearly all Western text is in one of these sets of 256 characters: as bytes it is looked at five times as fast. Other
text goes the way that all text can go."""
_HARMLESS = b"\n" + bytes(code for code in range(0x20, 0x100) if not 0x7F <= code < 0xA0 and code != 0xAD)
"""What cleaning leaves as it is, in Latin-1."""
_HARMLESS_WINDOWS = _HARMLESS + bytes(range(0x80, 0xA0))
"""The same in Windows-1252, which has quotation marks and dashes where Latin-1 has control characters."""


def clean(text: str) -> str:
    """Text without anything that could drive a terminal; newlines and the writer's own spaces stay, tabs do not."""
    encoded = text.encode(_LATIN, "ignore")
    if (not encoded.translate(None, _HARMLESS)) if len(encoded) == len(text) else _is_harmless(text):
        return text
    text = _LINE_BREAKS.sub("\n", text)
    return _UNSAFE.sub("", text).replace("\t", "    ")


def clean_line(text: str) -> str:
    """The same on one line: every run of white space with a newline or tab in it becomes one space, ends are cut."""
    if text.isprintable():
        return text.strip()
    text = _UNSAFE.sub("", _LINE_BREAKS.sub("\n", text))
    if "\n" not in text and "\t" not in text:
        return text.strip(" ")
    return " ".join(filter(None, (part.strip(" ") for part in _BREAKS.split(text))))


def search_key(text: str) -> str:
    """Text as it is compared: without accents, case, typographic quotes, or differences between kinds of space.

    `Élan`, `elan` and `ÉLAN` are the same; so are `l’encre` and `l'encre`, and a no-break space and a space. Runs of
    white space are one space, so folded text is always one line.
    """
    folded = _folded_as_bytes(text)
    return _SPACES.sub(" ", _folded_but_spaces(text)) if folded is None else folded


def holds_all(text: str, words: Iterable[str]) -> bool:
    """Whether all these words, folded, occur in a text."""
    folded = search_key(text)
    return all(word in folded for word in words)


def fold_with_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Folded text, and for each of its characters the (start, end) of what it stands for in the text as given.

    A letter and the accents written after it are one place, and so is a run of white space.
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
            for back in range(len(places) - 1, -1, -1):  # every character of `œ` takes the accent that follows it
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
    """Whether cleaning a text beyond Latin-1 would change nothing. False for some in which it would not."""
    encoded = text.encode(_WINDOWS, "ignore")
    if len(encoded) != len(text):
        return text.isprintable()  # then nothing is a control or format character, a line break or a tab
    return not encoded.translate(None, _HARMLESS_WINDOWS)


def _folded_as_bytes(text: str) -> str | None:
    """Text folded, when there is a byte for each of its characters and no run of spaces in it; else None."""
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
    """What each byte of an encoding folds to, in ASCII; bytes that stand for several letters, and those letters.

    The byte zero stands for what has to go the long way.
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
    """Text folded but for its runs of white space. Character by character it gives the same."""
    # The table is asked before, for NFKD would make a space and an accent of `´`; and after, for it brings out new
    # ones: the small form of a dash, the letter beneath the accent of `Ǽ`.
    if not text.isprintable():
        text = _UNSAFE.sub("", _LINE_BREAKS.sub("\n", text))
    if _TYPOGRAPHIC_ONES.search(text):  # looking for them costs a fifth of translating
        text = text.translate(_TYPOGRAPHIC)
    text = _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text))
    if not text.isascii():
        text = "".join(character for character in text if not unicodedata.combining(character))
        text = text.translate(_TYPOGRAPHIC)
    return text.casefold()


@lru_cache(maxsize=8192)
def tag_key(tag: str) -> str:
    """A tag as it is compared, everywhere: without regard to case and accents. Remembered: items share a few tags."""
    return search_key(tag).strip()


def slug(text: str, *, longest: int = 60) -> str:
    """The text as lower-case words of letters and digits joined by hyphens: `encre-et-papier`.

    Accents are folded, so that the name is the same on systems that store them differently. Empty when nothing is left.
    """
    words = _NO_WORDS.sub("-", search_key(text)).strip("-")
    if len(words) > longest:
        cut = words[: longest + 1].rpartition("-")[0]
        words = (cut or words[:longest]).strip("-")
    return words


def digest(*parts: str) -> str:
    """A short, stable name for these parts together: 16 hexadecimal digits."""
    named = _nothing_yet().copy()  # quicker than a new one
    named.update("\0".join(parts).encode("utf-8", "surrogatepass"))
    return named.hexdigest()


@cache
def _nothing_yet() -> "blake2b":
    from hashlib import blake2b  # loads OpenSSL: 2 ms that the start has no need of

    return blake2b(digest_size=8)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun in agreement: `1 item`, `2 items`, `1 302 items` (a thin no-break space in thousands)."""
    return f"{grouped(number)} {noun if number == 1 else plural or noun + 's'}"


def grouped(number: int) -> str:
    """A number with a narrow no-break space between thousands."""
    return f"{number:,}".replace(",", "\u202f")
