"""File names made of titles. Pure. Text from outside never becomes a path: what comes out is one harmless word."""

import re

from florilege.model import Item
from florilege.text import digest, fold

_WORDS = re.compile(r"[^\w]+|_+")
_OWN_ID = re.compile(r"[0-9a-f]{16}")
LONGEST = 60
"""Characters of a title in a file name. With id and suffix it stays far below the 255 bytes of usual file systems,
even where each character takes four."""


def slug(text: str, *, longest: int = LONGEST) -> str:
    """The text as lower-case words of letters and digits joined by hyphens: `encre-et-papier`.

    Accents are folded, so that the name is the same on systems that store them differently. Empty when nothing is left.
    """
    words = _WORDS.sub("-", fold(text)).strip("-")
    if len(words) > longest:
        cut = words[: longest + 1].rpartition("-")[0]
        words = (cut or words[:longest]).strip("-")
    return words


def identity(item: Item) -> str:
    """The id of an item as the part of a file name that never changes: 16 hexadecimal digits."""
    return item.id if _OWN_ID.fullmatch(item.id) else digest(item.group, item.id)


def note_name(item: Item) -> str:
    """The name of an item's note: words of its title and its id. Never hidden, never a path or a device of Windows."""
    words = slug(item.title) or "page"
    return f"{words}-{identity(item)}.md"
