"""File names made of titles. Pure. Text from outside never becomes a path: what comes out is one harmless word."""

import re

from florilege.model import Item
from florilege.text import digest, slug

_OWN_ID = re.compile(r"[0-9a-f]{16}")


def identity(item: Item) -> str:
    """The id of an item as the part of a file name that never changes: 16 hexadecimal digits."""
    return item.id if _OWN_ID.fullmatch(item.id) else digest(item.group, item.id)


def note_name(item: Item) -> str:
    """The name of an item's note: words of its title and its id. Never hidden, never a path or a device of Windows."""
    words = slug(item.title) or "page"
    return f"{words}-{identity(item)}.md"
