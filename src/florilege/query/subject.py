"""The subject of a query: one item with its reading state and group, and its text folded for searching.

Pure: no clock, no storage, no Textual.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import TypeAlias, cast

import msgspec

from florilege.model import BodyKind, Comment, Highlight, Item, ItemSummary, ReadingState, thread
from florilege.text import search_key

_SECTION, _PART = "\x1d", "\x1e"
"""Separator between the sections of a text, and prefix of each part of a section. Folded text contains neither, so no
match can span two parts."""
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|tt|u|var|wbr)"
    r"(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")


class Section(IntEnum):
    """The sections of a searchable text, in order."""

    TITLE = 0
    SHARER = 1
    TAGS = 2
    DESCRIPTION = 3
    NOTES = 4
    COMMENTS = 5
    """Replies to notes, comments on the item, and comments on its highlights."""
    QUOTES = 6
    BODY = 7
    DAYS = 8
    """When each highlight was made, or else the item was shared, encoded in private-use characters (`moments`)."""
    MINE = 9
    """The user's own notes, which are not part of a stored text."""


class Subject(msgspec.Struct, frozen=True, eq=False):
    """An item as a query sees it. Cheap to create: a search creates one for each item that may match."""

    item: Item | ItemSummary
    """The item; a summary is enough if the query needs no text, or the text is given."""
    state: ReadingState
    group_title: str = ""
    known_text: str | bytes | None = None
    """The `searchable` text of the item, as UTF-8 or decoded; None to build it from the item."""

    @property
    def text(self) -> str:
        """The folded text of the item, built on first use."""
        known = self.known_text
        if isinstance(known, str):
            return known
        text = searchable(cast("Item", self.item)) if known is None else known.decode("utf-8", "replace")
        text += own_words(self.state, self.item)
        # Caching in a frozen struct: not observable from outside.
        msgspec.structs.force_setattr(self, "known_text", text)
        return text

    def section(self, section: Section) -> str:
        """One section of the text; empty if the item has no such content."""
        return (self.text.split(_SECTION, section + 1)[section:] or [""])[0]


Predicate: TypeAlias = Callable[[Subject], bool]


def answering(item: Item, state: ReadingState, group_title: str, answers: Predicate) -> Iterator[Highlight]:
    """The highlights that match on their own: the item would match if it had only that one."""
    for highlight in item.highlights:
        alone = msgspec.structs.replace(item, highlights=(highlight,))
        if answers(Subject(alone, state, group_title)):
            yield highlight


def searchable(item: Item) -> str:
    """The folded text that plain words are searched in: one line, in sections that `Subject.section` extracts.

    Building it costs far more than matching, so callers keep it for as long as the item is unchanged.
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
    """Build a searchable text from the parts of each section."""
    kept = (section for section in Section if section is not Section.MINE)
    return _SECTION.join("".join(_PART + search_key(part) for part in sections.get(section, ())) for section in kept)


def own_notes(state: ReadingState, item: Item | ItemSummary | None = None) -> Iterator[str]:
    """The user's own notes; given a full item, only those on the item itself and on highlights it still has."""
    highlights = {"", *(each.id for each in item.highlights)} if isinstance(item, Item) else None
    return (each.text for each in state.notes if each.text and (highlights is None or each.highlight in highlights))


def own_words(state: ReadingState, item: Item | ItemSummary | None = None) -> str:
    """The `MINE` section to append to a searchable text; empty if the user has written no notes."""
    words = "".join(_PART + search_key(text) for text in own_notes(state, item)) if state.notes else ""
    return _SECTION + words if words else ""


_FIRST_DAY, _FIRST_QUARTER, _QUARTERS = 0xF0000, 0xE000, 96
"""Private-use characters that encode days from 1 January 1950 until 2129, and quarter hours in UTC."""
_ZONELESS = _FIRST_QUARTER + _QUARTERS
"""Replaces the quarter hour of a naive time: its date is the same in any time zone."""
_BEGINNING = datetime(1950, 1, 1, tzinfo=UTC)
_MOST_DAYS = 0xFFFD


def _moments(item: Item) -> Iterator[datetime]:
    """When each highlight was made, or else the item was shared; just the latter if it has no highlights."""
    shared = item.shared_at or item.updated_at
    each = [highlight.made_at or shared for highlight in item.highlights] or [shared]
    return (moment for moment in dict.fromkeys(each) if moment is not None)


def day_mark(moment: datetime) -> str:
    """Encode a time, to the quarter hour, as two characters of `Section.DAYS`; empty if out of range."""
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _BEGINNING
    if not 0 <= since.days <= _MOST_DAYS:
        return ""
    quarter = since.seconds // 900 if moment.tzinfo else _QUARTERS
    return chr(_FIRST_DAY + since.days) + chr(_FIRST_QUARTER + quarter)


def moments(days: str) -> Iterator[datetime]:
    """Decode the times of `Section.DAYS`, to the quarter hour."""
    for day, quarter in zip(days[::2], days[1::2], strict=False):
        moment = _BEGINNING + timedelta(days=ord(day) - _FIRST_DAY)
        if ord(quarter) == _ZONELESS:
            yield moment.replace(tzinfo=None)
        else:
            yield moment + timedelta(minutes=15 * (ord(quarter) - _FIRST_QUARTER))


def words_of(comments: tuple[Comment, ...]) -> Iterator[str]:
    """The texts of these comments and of all their replies."""
    return (comment.text for _, comment in thread(comments))


def _comments(item: Item) -> Iterator[str]:
    for note in item.notes:
        yield from words_of(note.replies)
    yield from words_of(item.comments)
    for highlight in item.highlights:
        yield from words_of(highlight.comments)


def _body(item: Item) -> str:
    """The text of a body. HTML is merely stripped of tags: good enough for searching, and linear for any input."""
    body = item.body or ""
    if item.body_kind is BodyKind.HTML:
        import html  # its table of names takes a millisecond of each start

        return html.unescape(_TAG.sub(" ", _INLINE.sub("", body)))
    return body
