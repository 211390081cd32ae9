"""A state machine that splits the HTML of a Diigo description into its parts. Pure.

It goes by labels and classes in a stream of events, never by position or by the element tree: parsers disagree on
whether a list within a paragraph is a child of it. `diigo` turns the parts into entries.
"""

import re
from dataclasses import dataclass, field
from enum import Enum

from florilege.formats.markup import BLOCKS, End, Event, Start, events, is_blank


@dataclass(slots=True)
class Remark:
    """A comment: its text, and the `small` element at its end with author and date."""

    events: list[Event] = field(default_factory=list)
    tail: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Passage:
    """A highlighted passage with the comments on it. Without text, the comments are notes on the page."""

    events: list[Event] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    colour: str | None = None


@dataclass(slots=True)
class Parts:
    """The parts of a description."""

    passages: list[Passage] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    tag_links: list[str] = field(default_factory=list)
    tag_text: str = ""
    """The text after the label of the tags, for feeds whose tags are not links."""
    sharer_text: str = ""
    sharer_link: str = ""
    description: list[Event] = field(default_factory=list)


class _Section(Enum):
    """A section of a description; its value lists the labels that begin it."""

    DESCRIPTION = ("description",)
    HIGHLIGHTS = ("highlights", "highlights and sticky notes", "annotations")
    COMMENTS = ("comments", "comment")
    TAGS = ("tags", "tag")
    SHARER = ("by",)


_LABELS = {label: section for section in _Section for label in section.value}
_MARK = "diigoHighlight"
"""The class of a highlight in the markup of the page itself."""
_LISTS = {"ul", "ol"}


@dataclass(slots=True)
class _Span:
    """An element that is being read: a passage, a comment, or the wrapper around both."""

    tag: str
    passage: Passage | None = None
    remark: Remark | None = None
    depth: int = 0
    """Number of open elements with the same tag inside it."""
    is_bare: bool = False
    """Whether it is a wrapper whose own text is the passage, for lack of an element for it."""
    lists: int = 0
    """Number of open lists inside it. A list item ends at the end of its list or at the next item."""

    def holds(self, event: Start | End) -> bool:
        """Update the counts and return whether the element is still open after the event."""
        opens = isinstance(event, Start)
        if self.tag == "li" and event.tag in _LISTS:
            self.lists += 1 if opens else -1
            return self.lists >= 0
        if self.tag == "li" and event.tag == "li":
            return self.lists > 0
        if event.tag == self.tag:
            self.depth += 1 if opens else -1
        return self.depth >= 0


_FOLD = re.compile(r"(?:\.{3}|…)\s*(\d{1,6}) more annotations?\s*(?:\.{3}|…)", re.IGNORECASE)


def fold_of(text: str) -> int | None:
    """The number of hidden highlights in a fold line (`...42 more annotations...`); None for any other text."""
    match = _FOLD.fullmatch(text.strip()) if "more" in text else None
    return int(match[1]) if match else None


def _section_of(label: str) -> _Section | None:
    """The section that a label begins, regardless of case and trailing colon; None for an unknown label."""
    words = " ".join(label.replace("\xa0", " ").rstrip(" :\n\t").split()).casefold()
    return _Section.SHARER if words.endswith(" by") else _LABELS.get(words)


def _colour_of(event: Start) -> str | None:
    """The colour of a highlight in page markup: its first class that is a plain word and not `diigoHighlight`."""
    words = (word for word in event.classes if word.isalpha() and word != _MARK)
    return next(words, None)


def take_apart(markup: str) -> Parts:
    """The parts of a description."""
    machine = _Machine(events(markup))
    machine.run()
    return machine.parts


_WRAPPERS = {"annContent", "diigoContent"}
_PASSAGES = {"annInner", "diigoContentInner"}
_PASSAGE_TAGS = {"blockquote", "mark", "q"}


class _Machine:
    """Reads the events one by one, tracking the current section, wrapper and span."""

    def __init__(self, stream: list[Event]) -> None:
        self.parts = Parts()
        self._stream = stream
        self._place = 0
        self._section = _Section.DESCRIPTION
        self._list_section = _Section.DESCRIPTION
        self._list_ended = False
        self._wrapper: _Span | None = None
        self._span: _Span | None = None
        self._small = False
        self._run: str | None = None
        """The `id_` class of the highlight that may continue: in page markup, every element splits a highlight."""
        self._block_begins = True

    def run(self) -> None:
        """Read all events into `parts`."""
        while self._place < len(self._stream):
            event = self._stream[self._place]
            self._place += 1
            if isinstance(event, str):
                self._text(event)
            elif isinstance(event, Start):
                self._start(event)
            else:
                self._end(event)
            if isinstance(event, str):
                self._block_begins = self._block_begins and is_blank(event)
            else:
                self._block_begins = self._block_begins or event.tag in BLOCKS or event.tag == "br"

    def _text(self, text: str) -> None:
        if not is_blank(text) and self._span is None:
            self._run = None
        self._write(text)

    def _start(self, event: Start) -> None:
        if event.tag in BLOCKS:
            self._run = None
        if self._span is not None:
            if self._span.passage is not None and self._passage_was_left_open(event):
                self._span = None
            elif self._goes_on_in_span(event):
                return
        if event.tag in {"strong", "b"} and self._label():
            return
        if self._opens(event):
            return
        if self._wrapper is not None:
            self._wrapper.holds(event)
        if event.tag == "p" and self._wrapper is None:
            self._section = _Section.DESCRIPTION
            if self._list_ended:
                self._list_section = _Section.DESCRIPTION
        self._write(event)

    def _goes_on_in_span(self, event: Start) -> bool:
        """Add the element to the current passage or comment; False when it ends that instead."""
        span = self._span
        if span is None or not span.holds(event):
            self._span = None
            self._small = False
            return False
        if span.passage is not None and _MARK in event.classes:
            span.passage.colour = span.passage.colour or _colour_of(event)
        if span.remark is not None and event.tag == "small":
            span.remark.events.extend(span.remark.tail)
            span.remark.tail = []
            self._small = True
        self._write(event)
        return True

    def _end(self, event: End) -> None:
        if event.tag in BLOCKS:
            self._run = None
        span = self._span
        if span is not None:
            if not span.holds(event):
                self._span = None
                self._small = False
                if span.tag == event.tag:
                    return
            else:
                self._small = self._small and event.tag != "small"
                self._write(event)
                return
        if self._wrapper is not None and not self._wrapper.holds(event):
            self._wrapper = None
            return
        self._write(event)
        if event.tag in {"p", "div"} and self._wrapper is None:
            self._section = _Section.DESCRIPTION
        self._list_ended = self._list_ended or event.tag in _LISTS

    def _passage_was_left_open(self, event: Start) -> bool:
        """Whether this element can't be inside a passage: an annotation, or a paragraph that begins with a label.

        Passages hold fragments of arbitrary pages, so they may contain elements that are never closed.
        """
        if not _WRAPPERS.isdisjoint(event.classes):
            return True
        if event.tag != "p" or self._place >= len(self._stream):
            return False
        following = self._stream[self._place]
        if not isinstance(following, Start) or following.tag not in {"strong", "b"}:
            return False
        text, _ = self._text_of(self._place + 1)
        return text.rstrip().endswith(":") and _section_of(text) is not None

    def _opens(self, event: Start) -> bool:
        """Begin a passage, comment or wrapper; False when the element is none of these."""
        classes = event.classes
        if not _WRAPPERS.isdisjoint(classes):
            self._wrapper = _Span(event.tag)
            return True
        if event.tag == "em" and _MARK in classes:
            self._open_mark(event)
            return True
        if not _PASSAGES.isdisjoint(classes) or event.tag in _PASSAGE_TAGS:
            self._open_passage(event)
            return True
        if event.tag != "li":
            return False
        if self._wrapper is not None:
            return self._open_remark_on_passage()
        if self._list_section is _Section.COMMENTS:
            self.parts.remarks.append(remark := Remark())
            self._span = _Span("li", remark=remark)
        elif self._list_section is _Section.HIGHLIGHTS:
            self._open_passage(event)
        return self._span is not None

    def _open_passage(self, event: Start) -> None:
        """Begin a passage at this element."""
        passage = Passage()
        self.parts.passages.append(passage)
        self._span = _Span(event.tag, passage=passage)
        if self._wrapper is not None:
            self._wrapper.passage, self._wrapper.is_bare = passage, False

    def _open_mark(self, event: Start) -> None:
        """Begin a highlight in page markup, or continue one that was split by other elements of the page."""
        name = next((word for word in event.classes if word.startswith("id_")), "")
        if self._run == name and self.parts.passages:
            self.parts.passages[-1].events.append(" ")
            self._span = _Span(event.tag, passage=self.parts.passages[-1])
        else:
            self._open_passage(event)
            self.parts.passages[-1].colour = _colour_of(event)
        self._run = name

    def _open_remark_on_passage(self) -> bool:
        """Begin a comment on the passage of the wrapper; False when it has no passage yet."""
        if self._wrapper is None or self._wrapper.passage is None or self._wrapper.is_bare:
            return False
        self._wrapper.passage.remarks.append(remark := Remark())
        self._span = _Span("li", remark=remark)
        return True

    def _label(self) -> bool:
        """Read the bold text that begins here if it is a label; False when it is not."""
        text, after = self._text_of(self._place)
        has_colon = text.rstrip(" \xa0").endswith(":")
        if not has_colon and not self._block_begins:
            return False
        section = _section_of(text)
        if section is None:
            if has_colon and self._block_begins and self._wrapper is None:
                self._section = _Section.DESCRIPTION
            return False
        self._wrapper = None
        self._section = self._list_section = section
        self._list_ended = False
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
            elif event.tag in {"strong", "b"} | BLOCKS or len(text) > 80:
                break
        return text, place

    def _write(self, event: Event) -> None:
        """Append an event to the part that is being read."""
        if self._span is not None:
            if self._span.passage is not None:
                self._span.passage.events.append(event)
            elif self._span.remark is not None:
                self._write_remark(self._span.remark, event)
        elif self._wrapper is not None:
            self._write_wrapped(event)
        elif self._section is _Section.TAGS or self._section is _Section.SHARER:
            self._write_linked(event)
        elif self._section is _Section.COMMENTS:
            self._write_loose_remark(event)
        else:
            self.parts.description.append(event)

    def _write_remark(self, remark: Remark, event: Event) -> None:
        """Append an event to a comment. A `small` element followed by more text was not a signature."""
        if self._small:
            remark.tail.append(event)
        elif remark.tail and isinstance(event, str) and not is_blank(event):
            remark.events.extend([*remark.tail, event])
            remark.tail = []
        elif not remark.tail:
            remark.events.append(event)

    def _write_wrapped(self, event: Event) -> None:
        """Text directly in a wrapper: a comment on its passage, or the passage itself if no element holds that."""
        wrapper = self._wrapper
        if wrapper is None:
            return
        if wrapper.passage is None and isinstance(event, str) and not is_blank(event):
            wrapper.passage, wrapper.is_bare = Passage(), True
            self.parts.passages.append(wrapper.passage)
        if wrapper.passage is None:
            return
        if wrapper.is_bare:
            wrapper.passage.events.append(event)
        elif isinstance(event, str) and not is_blank(event):
            wrapper.passage.remarks.append(Remark([event]))

    def _write_loose_remark(self, event: Event) -> None:
        """Add a comment that is not in a list."""
        if isinstance(event, str) and not is_blank(event):
            self.parts.remarks.append(Remark([event]))

    def _write_linked(self, event: Event) -> None:
        """Tags and sharer: the text of links, or plain text when there are none."""
        is_tags = self._section is _Section.TAGS
        if isinstance(event, Start) and event.tag == "a":
            text, self._place = self._link_text(self._place)
            if is_tags:
                self.parts.tag_links.append(text)
            elif not self.parts.sharer_link:
                self.parts.sharer_text = text
                self.parts.sharer_link = event.attributes.get("href", "")
        elif isinstance(event, str):
            if is_tags:
                self.parts.tag_text += event
            elif not self.parts.sharer_link:
                self.parts.sharer_text += event
        elif event.tag == "br" and (self.parts.tag_text.strip() or self.parts.tag_links if is_tags else self._shared()):
            self._section = _Section.DESCRIPTION
        elif is_tags and event.tag in BLOCKS:
            self.parts.tag_text += ","

    def _shared(self) -> bool:
        """Whether the name of the sharer has been read."""
        return bool(self.parts.sharer_text.strip())

    def _link_text(self, place: int) -> tuple[str, int]:
        """The text from an index to the end of the link there, and the index after that."""
        text = ""
        while place < len(self._stream):
            event = self._stream[place]
            if isinstance(event, str):
                text += event
            elif event.tag == "a":
                return text, place + isinstance(event, End)
            elif event.tag in BLOCKS:
                break
            place += 1
        return text, place
