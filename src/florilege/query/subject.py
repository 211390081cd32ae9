"""What a query is asked about: one item with its reading state and group, and its text folded for searching.

Pure: no clock, no storage, no Textual.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import TypeAlias, cast

import msgspec

from florilege.model import BodyKind, Comment, Highlight, Item, ItemSummary, ReadingState, thread
from florilege.text import search_key

_SECTION, _PART = "\x1d", "\x1e"
"""What separates the sections of a text, and what stands before each part of one. Folded text holds neither, so that no
match runs from one part into the next."""
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|tt|u|var|wbr)"
    r"(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")


class Section(IntEnum):
    """The sections of a searchable text, in their order."""

    TITLE = 0
    SHARER = 1
    TAGS = 2
    DESCRIPTION = 3
    NOTES = 4
    COMMENTS = 5
    """Replies to notes, comments on the item, and those on its highlights."""
    QUOTES = 6
    BODY = 7
    DAYS = 8
    """When each highlight was made, or else the item was shared; in characters that nobody types (`moments`)."""
    MINE = 9
    """The reader's own notes, which are no part of a kept text."""


class Subject(msgspec.Struct, frozen=True, eq=False):
    """An item as a query sees it. Cheap to make: a search makes one for each item that may match."""

    item: Item | ItemSummary
    """The item; a head where the query does not ask for text, or the text is given."""
    state: ReadingState
    group_title: str = ""
    known_text: str | bytes | None = None
    """The `searchable` text of the item, as UTF-8 or decoded; None when it is to be made from the item."""

    @property
    def text(self) -> str:
        """The folded text of the item, made when it is first needed."""
        known = self.known_text
        if isinstance(known, str):
            return known
        text = searchable(cast("Item", self.item)) if known is None else known.decode("utf-8", "replace")
        text += own_words(self.state, self.item)
        # Filling in what is not yet known changes nothing that can be seen from outside.
        msgspec.structs.force_setattr(self, "known_text", text)
        return text

    def section(self, section: Section) -> str:
        """One section of the text; empty when the item has nothing of the kind."""
        return (self.text.split(_SECTION, section + 1)[section:] or [""])[0]


Predicate: TypeAlias = Callable[[Subject], bool]


def answering(item: Item, state: ReadingState, group_title: str, answers: Predicate) -> Iterator[Highlight]:
    """The highlights by which an item answers: it would, had it no other one."""
    for highlight in item.highlights:
        alone = msgspec.structs.replace(item, highlights=(highlight,))
        if answers(Subject(alone, state, group_title)):
            yield highlight


def searchable(item: Item) -> str:
    """Everything plain words are looked for in, folded: one line, in sections that `Subject.section` tells apart.

    It costs far more than a match, so callers keep it for as long as the item stays the same.
    """
    sharer = [item.sharer.name or "", item.sharer.handle or ""] if item.sharer else []
    return searchable_sections(
        {
            Section.TITLE: [item.title],
            Section.SHARER: sharer,
            Section.TAGS: item.tags,
            Section.DESCRIPTION: [item.description or ""],
            Section.NOTES: (note.text for note in item.notes),
            Section.COMMENTS: _comments(item),
            Section.QUOTES: (highlight.quote for highlight in item.highlights),
            Section.BODY: [_body(item)] if item.body and item.body_kind is not BodyKind.TAKEN_APART else [],
        }
    ) + "".join(map(day_mark, _moments(item)))


def searchable_sections(sections: Mapping[Section, Iterable[str]]) -> str:
    """A searchable text with these parts in its sections."""
    kept = (section for section in Section if section is not Section.MINE)
    return _SECTION.join("".join(_PART + search_key(part) for part in sections.get(section, ())) for section in kept)


def own_notes(state: ReadingState, item: Item | ItemSummary | None = None) -> Iterator[str]:
    """The reader's own notes: of an item that is there whole, those on its highlights and on itself alone."""
    highlights = {"", *(each.id for each in item.highlights)} if isinstance(item, Item) else None
    return (each.text for each in state.notes if each.text and (highlights is None or each.highlight in highlights))


def own_words(state: ReadingState, item: Item | ItemSummary | None = None) -> str:
    """The end of a searchable text that a state adds to it; empty when the reader wrote nothing."""
    words = "".join(_PART + search_key(text) for text in own_notes(state, item)) if state.notes else ""
    return _SECTION + words if words else ""


_FIRST_DAY, _FIRST_QUARTER, _QUARTERS = 0xF0000, 0xE000, 96
"""Private characters: for days from 1 January 1950 on, until 2129, and for quarters of an hour in UTC."""
_ZONELESS = _FIRST_QUARTER + _QUARTERS
"""In the place of a quarter: the time had no zone, so the day is the day wherever one is."""
_BEGINNING = datetime(1950, 1, 1, tzinfo=UTC)
_MOST_DAYS = 0xFFFD


def _moments(item: Item) -> Iterator[datetime]:
    """When each highlight was made, or else the item was shared; that alone when it has no highlights."""
    shared = item.shared_at or item.updated_at
    each = [highlight.made_at or shared for highlight in item.highlights] or [shared]
    return (moment for moment in dict.fromkeys(each) if moment is not None)


def day_mark(moment: datetime) -> str:
    """A time to the quarter of an hour, in two characters of `Section.DAYS`; empty when it lies too far away."""
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _BEGINNING
    if not 0 <= since.days <= _MOST_DAYS:
        return ""
    quarter = since.seconds // 900 if moment.tzinfo else _QUARTERS
    return chr(_FIRST_DAY + since.days) + chr(_FIRST_QUARTER + quarter)


def moments(days: str) -> Iterator[datetime]:
    """The times of `Section.DAYS`, to the quarter of an hour."""
    for day, quarter in zip(days[::2], days[1::2], strict=False):
        moment = _BEGINNING + timedelta(days=ord(day) - _FIRST_DAY)
        if ord(quarter) == _ZONELESS:
            yield moment.replace(tzinfo=None)
        else:
            yield moment + timedelta(minutes=15 * (ord(quarter) - _FIRST_QUARTER))


def words_of(comments: tuple[Comment, ...]) -> Iterator[str]:
    """The words of these comments and of all their replies."""
    return (comment.text for _, comment in thread(comments))


def _comments(item: Item) -> Iterator[str]:
    for note in item.notes:
        yield from words_of(note.replies)
    yield from words_of(item.comments)
    for highlight in item.highlights:
        yield from words_of(highlight.comments)


def _body(item: Item) -> str:
    """The words of a body. Of HTML only tags are taken away: good enough to find words, and linear whatever comes."""
    body = item.body or ""
    if item.body_kind is BodyKind.HTML:
        return html.unescape(_TAG.sub(" ", _INLINE.sub("", body)))
    return body
