"""The table of fields: every `name:` a query may hold, what it says, and what it asks of a subject.

Parser, help and completion all read this one table. Pure: now is an argument.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import msgspec

from florilege.query.dates import is_before, is_moment, moment
from florilege.query.subject import Predicate, Section, Subject, moments, own_notes
from florilege.text import search_key, tag_key
from florilege.urls import site_of


class FieldRule(msgspec.Struct, frozen=True):
    """One field: its name, its sentence for help and completion, and how it is compiled."""

    name: str
    sentence: str
    example: str
    """A value that can be written behind the colon."""
    wants: str
    """What has to stand behind the colon, for a sentence."""
    compile: Callable[[str, bool, datetime], Predicate]
    """The predicate of (value, whether only its beginning is meant, now)."""
    choices: tuple[str, ...] = ()
    """The only values there are; empty when any will do."""
    beginnings: bool = False
    """Whether `x*` means what begins with x. In the other fields a star is a star."""
    is_dated: bool = False
    """Whether the value is a date or span."""
    is_text: bool = False
    """Whether the value is looked for in the text of an item. The other fields ask what a list shows."""

    def accepts(self, value: str) -> bool:
        """Whether this value can stand behind the colon."""
        if self.choices:
            return value.casefold() in self.choices
        return is_moment(value) if self.is_dated else bool(value.strip())

    def needs_text(self, value: str) -> bool:
        """Whether the text of an item must be known to answer."""
        return self.is_text or self.name == "day" or (self.name == "has" and value == "comment")


def always(_: Subject) -> bool:
    """What everything answers with yes."""
    return True


_name_key = lru_cache(maxsize=4096)(search_key)
"""The name of a sharer as it is compared. Remembered: thousands of items share a few names."""


def _tag(value: str, beginning: bool, _: datetime) -> Predicate:
    wanted = tag_key(value)
    if beginning:
        return lambda subject: any(tag_key(tag).startswith(wanted) for tag in subject.item.tags)
    return lambda subject: wanted in map(tag_key, subject.item.tags)


def _by(value: str, _beginning: bool, _: datetime) -> Predicate:
    needle = search_key(value)

    def test(subject: Subject) -> bool:
        sharer = subject.item.sharer
        return sharer is not None and (
            needle in _name_key(sharer.name or "") or needle in _name_key(sharer.handle or "")
        )

    return test


def _group(value: str, _beginning: bool, _: datetime) -> Predicate:
    needle = search_key(value)
    return lambda subject: needle in search_key(subject.group_title)


def _title(value: str, _beginning: bool, _: datetime) -> Predicate:
    needle = search_key(value)
    return lambda subject: needle in search_key(subject.item.title)


def _within(*sections: Section) -> Callable[[str, bool, datetime], Predicate]:
    """How a value is looked for in some sections of the text."""

    def compiled(value: str, _beginning: bool, _: datetime) -> Predicate:
        needle = search_key(value)
        return lambda subject: any(text and needle in text for text in map(subject.section, sections))

    return compiled


def _mine(value: str, _beginning: bool, _: datetime) -> Predicate:
    needle = search_key(value)
    return lambda subject: any(needle in search_key(text) for text in own_notes(subject.state, subject.item))


def _site(value: str, _beginning: bool, _: datetime) -> Predicate:
    # Whole parts of the name: `site:example` finds blog.example.org, `site:t.co` does not find reddit.com.
    needle = f".{search_key(value).strip().strip('.').removeprefix('www.')}."
    return lambda subject: needle in f".{search_key(site_of(subject.item.url) or '')}."


def _before(value: str, _beginning: bool, now: datetime) -> Predicate:
    limit = moment(value, now)

    def test(subject: Subject) -> bool:
        shared = subject.item.shared_at or subject.item.updated_at
        return shared is not None and is_before(shared, limit)

    return test


def _after(value: str, _beginning: bool, now: datetime) -> Predicate:
    limit = moment(value, now)

    def test(subject: Subject) -> bool:
        shared = subject.item.shared_at or subject.item.updated_at
        return shared is not None and not is_before(shared, limit)

    return test


def _day(_value: str, _beginning: bool, now: datetime) -> Predicate:
    def is_so(moment: datetime) -> bool:
        day = moment.astimezone(now.tzinfo) if moment.tzinfo else moment
        return (day.month, day.day) == (now.month, now.day) and day.year < now.year

    return lambda subject: any(map(is_so, moments(subject.section(Section.DAYS))))


_STATES: dict[str, Predicate] = {
    "read": lambda subject: subject.state.is_read,
    "unread": lambda subject: not subject.state.is_read,
    "starred": lambda subject: subject.state.is_starred,
    "new": lambda subject: subject.state.new_highlights(subject.item) > 0,
    "any": always,
}
"""What `is:` may ask: the reader's own state of an item. `new` is one with highlights that came after it was read."""

_CONTENTS: dict[str, Predicate] = {
    "quote": lambda subject: bool(subject.item.highlights),
    "note": lambda subject: bool(subject.item.notes),
    "comment": lambda subject: bool(subject.section(Section.COMMENTS)),
    "link": lambda subject: bool(subject.item.url),
    "mine": lambda subject: any(own_notes(subject.state, subject.item)),
}
"""What `has:` may ask: what an item carries. A reply to a note is a comment, too."""


def _is(value: str, _beginning: bool, _: datetime) -> Predicate:
    return _STATES[value]


def _has(value: str, _beginning: bool, _: datetime) -> Predicate:
    return _CONTENTS[value]


_WORDS, _DATE = 'a word or "phrase"', "a date such as 2019, 2019-04 or 2019-04-12, or a span such as 7d, 2w, 3m or 1y"
_RULES = (
    FieldRule("tag", "Filed under this tag (x*: under a tag that begins so; *: under any).", "lecture", "a tag", _tag,
              beginnings=True),
    FieldRule("by", "Shared by a member whose name holds this.", "odette", "a name", _by),
    FieldRule("group", "In a group whose title holds this.", "encre", "a title", _group),
    FieldRule("quote", "With a highlight that holds this.", "marge", _WORDS, _within(Section.QUOTES), is_text=True),
    FieldRule("note", "With a note or comment that holds this.", "marge", _WORDS,
              _within(Section.NOTES, Section.COMMENTS), is_text=True),
    FieldRule("mine", "With a note of your own that holds this.", "marge", _WORDS, _mine),
    FieldRule("title", "With a title that holds this.", "papier", _WORDS, _title),
    FieldRule("body", "With a text of its own that holds this.", "papier", _WORDS, _within(Section.BODY), is_text=True),
    FieldRule("site", "Leading to this site or a part of it.", "example.org", "a host name", _site),
    FieldRule("before", "Shared before this day, month or year began, or longer ago than a span.", "2019-04", _DATE,
              _before, is_dated=True),
    FieldRule("after", "Shared since this day, month or year began, or no longer ago than a span.", "7d", _DATE,
              _after, is_dated=True),
    FieldRule("day", "Highlighted, or else shared, on this day of an earlier year.", "today", "today", _day,
              choices=("today",)),
    FieldRule("is", "In this state.", "unread", "one of read, unread, starred, new and any", _is,
              choices=tuple(_STATES)),
    FieldRule("has", "Carrying this.", "quote", "one of quote, note, comment, link and mine", _has,
              choices=tuple(_CONTENTS)),
)  # fmt: skip

FIELDS: dict[str, FieldRule] = {rule.name: rule for rule in _RULES}
"""Every field by its name, in the order help shows them."""
