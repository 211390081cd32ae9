"""What a Diigo description is made of, and what its labels mean. `diigo_markup` fills these values."""

import re
from dataclasses import dataclass, field
from enum import Enum

from florilege.formats.stream import End, Event, Start


@dataclass(slots=True)
class Remark:
    """A comment: its text, and the small print at its end that says who and when."""

    events: list[Event] = field(default_factory=list)
    tail: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Passage:
    """A marked passage with what was said about it. Without text it is a note on the page."""

    events: list[Event] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    colour: str | None = None


@dataclass(slots=True)
class Parts:
    """What a description holds."""

    passages: list[Passage] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    tag_links: list[str] = field(default_factory=list)
    tag_text: str = ""
    """The text under the label of the tags, for feeds that do not link them."""
    sharer_text: str = ""
    sharer_link: str = ""
    description: list[Event] = field(default_factory=list)


class Section(Enum):
    """What a label announces."""

    DESCRIPTION = "description"
    HIGHLIGHTS = "highlights"
    COMMENTS = "comments"
    TAGS = "tags"
    SHARER = "sharer"


_LABELS = {
    "description": Section.DESCRIPTION,
    "highlights and sticky notes": Section.HIGHLIGHTS,
    "highlights": Section.HIGHLIGHTS,
    "annotations": Section.HIGHLIGHTS,
    "comments": Section.COMMENTS,
    "comment": Section.COMMENTS,
    "tags": Section.TAGS,
    "tag": Section.TAGS,
    "by": Section.SHARER,
}

MARK = "diigoHighlight"
"""The class of an in-page mark."""
LISTS = {"ul", "ol"}


@dataclass(slots=True)
class Span:
    """An element being read until it ends: a passage, a comment, or the wrapper of both."""

    tag: str
    passage: Passage | None = None
    remark: Remark | None = None
    depth: int = 0
    """How many elements of the same tag are open inside it."""
    is_bare: bool = False
    """A wrapper without an element for the passage: its own text is the passage."""
    lists: int = 0
    """How many lists are open inside it: an item ends with its list, and with the next item."""

    def holds(self, event: Start | End) -> bool:
        """Whether this element goes on after the event."""
        opens = isinstance(event, Start)
        if self.tag == "li" and event.tag in LISTS:
            self.lists += 1 if opens else -1
            return self.lists >= 0
        if self.tag == "li" and event.tag == "li":
            return self.lists > 0
        if event.tag == self.tag:
            self.depth += 1 if opens else -1
        return self.depth >= 0


_FOLD = re.compile(r"(?:\.{3}|…)\s*(\d{1,6}) more annotations?\s*(?:\.{3}|…)", re.IGNORECASE)


def fold_of(text: str) -> int | None:
    """How many highlights a line says are folded away (`...42 more annotations...`); None for any other text."""
    match = _FOLD.fullmatch(text.strip()) if "more" in text else None
    return int(match[1]) if match else None


def section_of(label: str) -> Section | None:
    """What a label announces, whatever its case and with or without colon; None for one we do not know."""
    words = " ".join(label.replace("\xa0", " ").rstrip(" :\n\t").split()).casefold()
    return Section.SHARER if words.endswith(" by") else _LABELS.get(words)


def colour_of(event: Start) -> str | None:
    """The colour of an in-page mark: the class that is neither its name nor its type."""
    words = (word for word in event.classes if word.isalpha() and word != MARK)
    return next(words, None)
