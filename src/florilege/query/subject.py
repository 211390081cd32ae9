"""What a query is asked about: one item with its reading state and group, and the text plain words are looked for in.

Pure: no clock, no storage, no Textual.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias, cast

import msgspec

from florilege.model import Comment, Head, Item, ReadingState, thread
from florilege.text import fold


class Subject(msgspec.Struct, frozen=True, eq=False):
    """An item as a query sees it. Cheap to make, so that a list may make one for each item at each key."""

    item: Item | Head
    """The item; a head for questions that can be answered from what a list shows."""
    state: ReadingState
    group_title: str = ""
    known_text: str | None = None
    """What `searchable` said of the item before, or other words after its folded title, which is the first line. None
    when it must be asked again; with a head it must be known, or empty where no question needs it."""

    @property
    def text(self) -> str:
        """The folded text of the item, made when it is first needed."""
        if self.known_text is None:
            # Filling in what is not yet known changes nothing that can be seen from outside.
            msgspec.structs.force_setattr(self, "known_text", searchable(self.whole))
        return self.known_text or ""

    @property
    def whole(self) -> Item:
        """The item, for questions that a head can't answer: who asks them has the item."""
        return cast("Item", self.item)


Predicate: TypeAlias = Callable[[Subject], bool]


def searchable(item: Item) -> str:
    """Everything plain words are looked for in, folded: title, quotes, notes, comments, tags, sharer, description.

    The parts are separated by newlines, which folded text never holds: no match runs from one part into the next.
    It costs far more than a match, so callers keep it for as long as the item stays the same.
    """
    return "\n".join(map(fold, _parts(item)))


def words_of(comments: tuple[Comment, ...]) -> Iterator[str]:
    """The words of these comments and of all their replies."""
    return (comment.text for _, comment in thread(comments))


def _parts(item: Item) -> Iterator[str]:
    """The parts of an item that are looked through, as they are written."""
    yield item.title
    if item.sharer is not None:
        yield item.sharer.name or ""
        yield item.sharer.handle or ""
    yield from item.tags
    yield item.description or ""
    yield from words_of(item.notes)
    for highlight in item.highlights:
        yield highlight.quote
        yield from words_of(highlight.comments)
    yield from words_of(item.comments)
