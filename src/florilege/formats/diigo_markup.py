"""Splits the HTML of a Diigo description into its parts. Pure.

It goes by labels and classes in a stream of events, never by position or by the element tree: parsers disagree on
whether a list within a paragraph is a child of it. `diigo` turns the parts into entries.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from florilege.formats import fields
from florilege.formats.dates import read_date
from florilege.formats.markup import BLOCKS, VOID, End, Event, Layout, Start, events, is_blank, readable
from florilege.model import Comment


@dataclass(slots=True)
class Passage:
    """A highlighted passage with the comments on it. Without text, the comments are notes on the page."""

    events: list[Event] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    colour: str | None = None


_SECTIONS = {
    "description": "description",
    "highlights": "highlights", "highlights and sticky notes": "highlights", "annotations": "highlights",
    "comments": "comments", "comment": "comments",
    "tags": "tags", "tag": "tags",
    "by": "sharer",
}  # fmt: skip
"""The sections of a description, by the labels that begin them. What follows any other label is description."""
_MARK = "diigoHighlight"
"""The class of a highlight in the markup of the page itself."""
_LISTS = {"ul", "ol"}
_BOLD = {"strong", "b"}
_WRAPPERS = {"annContent", "diigoContent"}
_PASSAGES = {"annInner", "diigoContentInner"}
_PASSAGE_TAGS = {"blockquote", "mark", "q"}
_FOLD = re.compile(r"(?:\.{3}|…)\s*(\d{1,6}) more annotations?\s*(?:\.{3}|…)", re.IGNORECASE)


def fold_of(text: str) -> int | None:
    """The number of hidden highlights in a fold line (`...42 more annotations...`); None for any other text."""
    match = _FOLD.fullmatch(text.strip()) if "more" in text else None
    return int(match[1]) if match else None


def colour_of(event: Start) -> str | None:
    """The colour of a highlight in page markup: its first class that is a plain word and says nothing else."""
    return next((word for word in event.classes if word.isalpha() and word not in {_MARK, "commented"}), None)


def mark_of(event: Start) -> str | None:
    """The `id_` class of a highlight in page markup, or "" if it has none; None for any other element.

    Other elements of the page split a highlight into several with the same class.
    """
    if event.tag != "em" or _MARK not in event.classes:
        return None
    return next((word for word in event.classes if word.startswith("id_")), "")


def linked(stream: Iterable[Event]) -> tuple[list[tuple[str, str]], str]:
    """The links in a stream, as text and address, and the text outside of them, with commas for blocks."""
    found: list[tuple[list[str], str]] = []
    outside: list[str] = []
    into = outside
    for event in stream:
        if isinstance(event, str):
            into.append(event)
        elif event.tag == "a" or event.tag in BLOCKS:
            into = outside
            if event.tag != "a":
                outside.append(",")
            elif isinstance(event, Start):
                into = []
                found.append((into, event.attributes.get("href", "")))
    return [("".join(text), address) for text, address in found], "".join(outside).strip(" ,:\n\xa0")


def _section_of(label: str) -> str | None:
    """The section that a label begins, regardless of case and trailing colon; None for an unknown label."""
    words = " ".join(label.replace("\xa0", " ").rstrip(" :\n\t").split()).casefold()
    return "sharer" if words.endswith(" by") else _SECTIONS.get(words)


@dataclass(slots=True)
class _Wrapper:
    """The open element around a passage and the comments on it."""

    tag: str
    depth: int = 1
    """Number of open elements with its tag."""
    passage: Passage | None = None
    is_bare: bool = False
    """Whether its own text is the passage, for lack of an element for it."""


class Description:
    """A description taken apart: what is in its sections, and its passages with the comments on them.

    It is read event by event, tracking the current section and wrapper; passages and comments are read whole.
    """

    def __init__(self, markup: str) -> None:
        self.passages: list[Passage] = []
        self.comments: list[Comment] = []
        self.tags: list[Event] = []
        self.sharer: list[Event] = []
        self.description: list[Event] = []
        self._stream = events(markup)
        self._place = 0
        self._section = self._list_section = "description"
        self._has_words = False
        """Whether the section has had any."""
        self._list_ended = False
        self._wrapper: _Wrapper | None = None
        self._run: str | None = None
        """The `id_` class of the highlight in page markup that may continue."""
        self._block_begins = True
        while self._place < len(self._stream):
            event = self._stream[self._place]
            self._place += 1
            self._note(event)
            if isinstance(event, Start):
                self._start(event)
            elif isinstance(event, End):
                self._end(event)
            else:
                self._run = self._run if is_blank(event) else None
                self._write(event)

    def _note(self, event: Event) -> None:
        """Note whether a block, or another highlight, begins after an event."""
        if isinstance(event, str):
            self._block_begins = self._block_begins and is_blank(event)
        elif event.tag in BLOCKS:
            self._block_begins, self._run = True, None
        elif event.tag == "br":
            self._block_begins = True

    def _start(self, event: Start) -> None:
        if (event.tag in _BOLD and self._label()) or self._opens(event):
            return
        if self._wrapper is not None:
            self._wrapper.depth += event.tag == self._wrapper.tag
        elif event.tag == "p":
            self._section = "description"
            self._list_section = "description" if self._list_ended else self._list_section
        self._write(event)

    def _end(self, event: End) -> None:
        if self._wrapper is not None and event.tag == self._wrapper.tag:
            self._wrapper.depth -= 1
            if not self._wrapper.depth:
                self._wrapper = None
                return
        self._write(event)
        if event.tag in {"p", "div"} and self._wrapper is None:
            self._section = "description"
        self._list_ended = self._list_ended or event.tag in _LISTS

    def _opens(self, event: Start) -> bool:
        """Read the passage, comment or wrapper that begins here; False when the element is none of these."""
        wrapper, classes = self._wrapper, event.classes
        if not _WRAPPERS.isdisjoint(classes):
            self._wrapper = _Wrapper(event.tag)
        elif (name := mark_of(event)) is not None:
            if self._run == name and self.passages:
                self.passages[-1].events.append(" ")
            else:
                self._begin_passage(colour_of(event))
            self._run = name
            self._passage(event.tag)
        elif (
            not _PASSAGES.isdisjoint(classes)
            or event.tag in _PASSAGE_TAGS
            or (event.tag == "li" and wrapper is None and self._list_section == "highlights")
        ):
            self._begin_passage()
            self._passage(event.tag)
        elif event.tag != "li":
            return False
        elif wrapper is not None and wrapper.passage is not None and not wrapper.is_bare:
            wrapper.passage.comments += _comments_of(self._inside("li"))
        elif wrapper is None and self._list_section == "comments":
            self.comments += _comments_of(self._inside("li"))
        else:
            return False
        return True

    def _begin_passage(self, colour: str | None = None) -> None:
        self.passages.append(Passage(colour=colour))
        if self._wrapper is not None:
            self._wrapper.passage, self._wrapper.is_bare = self.passages[-1], False

    def _passage(self, tag: str) -> None:
        """Add the content of an element to the last passage."""
        passage = self.passages[-1]
        inside = self._inside(tag, is_passage=True)
        passage.events += inside
        marks = (each for each in inside if isinstance(each, Start) and _MARK in each.classes)
        passage.colour = passage.colour or next(filter(None, map(colour_of, marks)), None)

    def _inside(self, tag: str, *, is_passage: bool = False) -> list[Event]:
        """The content of the element that begins here. A list item ends at the end of its list or at the next item."""
        begins = self._place
        depth = lists = 0
        while self._place < len(self._stream):
            event = self._stream[self._place]
            if not isinstance(event, str):
                if is_passage and isinstance(event, Start) and self._was_left_open(event):
                    break
                step = 1 if isinstance(event, Start) else -1
                lists += step * (event.tag in _LISTS)
                depth += step * (event.tag == tag)
                if lists < 0 or (depth and not lists) if tag == "li" else depth < 0:
                    break
            self._place += 1
        found = self._stream[begins : self._place]
        for event in found:
            self._note(event)
        if self._stream[self._place : self._place + 1] == [End(tag)]:
            self._note(self._stream[self._place])
            self._place += 1
        return found

    def _was_left_open(self, event: Start) -> bool:
        """Whether this element can't be inside a passage: an annotation, or a paragraph that begins with a label.

        Passages hold fragments of arbitrary pages, so they may contain elements that are never closed.
        """
        if not _WRAPPERS.isdisjoint(event.classes):
            return True
        following = self._stream[self._place + 1 : self._place + 2]
        if event.tag != "p" or not following or not isinstance(following[0], Start) or following[0].tag not in _BOLD:
            return False
        text, _ = self._text_of(self._place + 2)
        return text.rstrip().endswith(":") and _section_of(text) is not None

    def _label(self) -> bool:
        """Read the bold text that begins here if it is a label; False when it is not."""
        text, after = self._text_of(self._place)
        has_colon = text.rstrip(" \xa0").endswith(":")
        if not has_colon and not self._block_begins:
            return False
        section = _section_of(text)
        if section is None:
            if has_colon and self._block_begins and self._wrapper is None:
                self._section = "description"
            return False
        self._wrapper = None
        self._section = self._list_section = section
        self._list_ended = self._has_words = False
        self._place = after
        return True

    def _text_of(self, place: int) -> tuple[str, int]:
        """The text from an index to the end of the bold element there, and the index after that."""
        text = ""
        while place < len(self._stream):
            event = self._stream[place]
            place += 1
            if isinstance(event, str):
                text += event
            elif event.tag in _BOLD | BLOCKS or len(text) > 80:
                break
        return text, place

    def _write(self, event: Event) -> None:
        """Add an event to the part that is being read."""
        has_words = isinstance(event, str) and not is_blank(event)
        if (wrapper := self._wrapper) is not None:
            if wrapper.passage is None and has_words:
                self._begin_passage()
                wrapper.is_bare = True
            if wrapper.passage is not None and wrapper.is_bare:
                wrapper.passage.events.append(event)
            elif wrapper.passage is not None and has_words:
                wrapper.passage.comments += _comments_of([event])
        elif self._section == "comments":
            self.comments += _comments_of([event]) if has_words else []
        elif self._section in {"tags", "sharer"} and not (_is(event, "br") and self._has_words):
            self._has_words = self._has_words or has_words
            (self.tags if self._section == "tags" else self.sharer).append(event)
        else:
            self._section = "description"
            self.description.append(event)


def _is(event: Event, tag: str) -> bool:
    return isinstance(event, Start) and event.tag == tag


def _comments_of(stream: Sequence[Event]) -> list[Comment]:
    """A comment, `TEXT - NAME on DATE`: the part after the last dash is in a `small` element at its end.

    Empty if it has no text.
    """
    places = reversed(range(len(stream)))
    begins = next((place for place in places if _is(stream[place], "small")), len(stream))
    ends = next((place for place in range(begins, len(stream)) if stream[place] == End("small")), len(stream))
    if any(isinstance(event, str) and not is_blank(event) for event in stream[ends:]):
        begins = ends = len(stream)
    text = fields.prose(readable(stream[:begins], Layout.PASSAGE)) or ""
    if begins == len(stream):
        return [Comment(text=text)] if text else []
    text = text.removesuffix("-").rstrip()
    tail = fields.line(readable(stream[begins:ends], Layout.PASSAGE)) or ""
    name, _, date = tail.rpartition(" on ")
    made_at = read_date(date)
    author = (name.strip() if made_at else tail).removeprefix("by ") or None
    return [Comment(text=text, author=author, made_at=made_at)] if text else []


def parts_by_class(markup: str, first: str, names: Collection[str]) -> list[list[tuple[str, list[Event]]]]:
    """The parts of each item in a page, in their order, as class and content.

    Args:
        markup: The page.
        first: The class of the element with which an item begins.
        names: The classes of parts. What is in none of them is left out, and what is in several is in the innermost.
    """
    found: list[list[tuple[str, list[Event]]]] = []
    inside: list[tuple[int, list[Event]]] = []
    depth = 0
    for event in events(markup):
        if isinstance(event, Start):
            depth += event.tag not in VOID
            if first in event.classes:
                found.append([])
                inside = []
            part = next((name for name in event.classes if name in names), None)
            if part and found:
                inside.append((depth, []))
                found[-1].append((part, inside[-1][1]))
                continue
        elif isinstance(event, End):
            while inside and inside[-1][0] >= depth:
                inside.pop()
            depth -= 1
        if inside:
            inside[-1][1].append(event)
    return found
