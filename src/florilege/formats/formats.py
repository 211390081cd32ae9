"""What a format hands in to be told from the others, and to be read: one value of `Format` each. Pure.

Only the questions that make sense for a format are asked of it; the others are left out. Everything is told by the
bytes: names of files and content types lie.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from florilege.formats import Snapshot
from florilege.formats.document import Document
from florilege.formats.roots import Markup

Object = Mapping[str, object]
"""An object of JSON."""


@dataclass(frozen=True)
class Format:
    """A format that can be read."""

    name: str
    """In a sentence: `a Pinboard export`."""
    read: Callable[[Document], Snapshot]
    """Its reader; raises `SourceError`."""
    is_object: Callable[[Object], bool] | None = None
    """Whether a JSON document that is an object is in this format."""
    is_element: Callable[[Object], bool] | None = None
    """Whether a JSON document that is a list is in this format, asked of one of its first objects."""
    is_table: Callable[[Collection[str]], bool] | None = None
    """Whether a table is in this format, asked of the names of its columns, in lower case."""
    member: str | None = None
    """A pattern that the name of a file in a ZIP archive of this format matches, its folders cut off."""
    is_markup: Callable[[Markup], bool] | None = None
    """Whether a document that begins with a tag is in this format."""
    is_text: Callable[[str], bool] | None = None
    """Whether any other document is in this format."""


def has(*keys: str) -> Callable[[Collection[str]], bool]:
    """A test for keys of an object, or columns of a table, that are all there."""
    return lambda value: all(key in value for key in keys)


def first_of(value: Object, key: str) -> Object:
    """The first object in a list of an object, for what stands before it may be odd; empty when there is none."""
    items = value.get(key)
    return next((each for each in items[:5] if isinstance(each, dict)), {}) if isinstance(items, list) else {}
