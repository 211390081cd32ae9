"""The table of query fields: the name, help text and predicate of every `name:` a query may contain.

The parser, help and completion all read this table. Pure: `now` is an argument.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from florilege.query.subject import Predicate, Section, Subject, moments, own_notes
from florilege.text import cached, search_key, tag_key
from florilege.urls import site_of

Compiled = Callable[[str, bool, datetime], Predicate]
"""Makes a predicate from (value, whether to match by prefix, now)."""


class FieldRule(msgspec.Struct, frozen=True):
    """A field: its name, its description for help and completion, and how it is compiled."""

    name: str
    sentence: str
    example: str
    """An example value."""
    wants: str
    """The kind of value expected after the colon, for use in error messages."""
    compile: Compiled
    choices: tuple[str, ...] = ()
    """The permitted values; empty if any value is permitted."""
    beginnings: bool = False
    """Whether `x*` matches by prefix. In other fields a star is literal."""
    is_dated: bool = False
    """Whether the value is a date or a time span."""
    is_text: bool = False
    """Whether the value is searched for in an item's text. Other fields need only the item's summary."""

    def accepts(self, value: str) -> bool:
        """Whether a value is valid for this field."""
        if self.choices:
            return value.casefold() in self.choices
        return is_moment(value) if self.is_dated else bool(value.strip())

    def needs_text(self, value: str) -> bool:
        """Whether evaluating the field with this value requires the item's text."""
        return self.is_text or self.name == "day" or (self.name == "has" and value == "comment")


def always(_: Subject) -> bool:
    """A predicate that matches everything."""
    return True


def _tag(value: str, beginning: bool, _: datetime) -> Predicate:
    wanted = tag_key(value)
    if beginning:
        return lambda subject: any(tag_key(tag).startswith(wanted) for tag in subject.item.tags)
    return lambda subject: wanted in map(tag_key, subject.item.tags)


def _holding(texts: Callable[[Subject], Iterable[str]]) -> Compiled:
    """A compiler for a substring search in a subject's texts, which must be folded."""

    def compiled(value: str, _beginning: bool, _: datetime) -> Predicate:
        needle = search_key(value)
        return lambda subject: any(needle in text for text in texts(subject))

    return compiled


def _within(*sections: Section) -> Compiled:
    return _holding(lambda subject: filter(None, map(subject.section, sections)))


_name_key = cached(4096)(search_key)
"""The comparison key of a sharer's name. Cached, because thousands of items share few distinct names."""


def _names(subject: Subject) -> Iterable[str]:
    sharer = subject.item.sharer
    return (_name_key(sharer.name or ""), _name_key(sharer.handle or "")) if sharer else ()


def _site(value: str, _beginning: bool, _: datetime) -> Predicate:
    # Matches whole labels of the host name: `site:example` finds blog.example.org, `site:t.co` not reddit.com.
    needle = f".{search_key(value).strip().strip('.').removeprefix('www.')}."
    return lambda subject: needle in f".{search_key(site_of(subject.item.url) or '')}."


def _shared(is_before: bool) -> Compiled:
    """A compiler for comparing an item's date with a moment; naive dates count as in the user's time zone."""

    def compiled(value: str, _beginning: bool, now: datetime) -> Predicate:
        limit = moment(value, now)
        zone, limit = limit.tzinfo, limit.astimezone(UTC)  # compared thousands of times: the offset is looked up once

        def test(subject: Subject) -> bool:
            shared = subject.item.shared_at or subject.item.updated_at
            if shared is None:
                return False
            return ((shared if shared.tzinfo else shared.replace(tzinfo=zone)) < limit) is is_before

        return test

    return compiled


def _day(_value: str, _beginning: bool, now: datetime) -> Predicate:
    # Months and days at most two days off, in a leap year: for these few, it is worth asking which day it was here.
    leap_day = now.replace(year=2024)
    near = {(each.month, each.day) for each in (leap_day + timedelta(days=days) for days in range(-2, 3))}

    def is_so(moment: datetime) -> bool:
        if (moment.month, moment.day) not in near:
            return False
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
"""Values of `is:`: the user's state of an item. `new` means highlights were added after it was read."""

_CONTENTS: dict[str, Predicate] = {
    "quote": lambda subject: bool(subject.item.highlights),
    "note": lambda subject: bool(subject.item.notes),
    "comment": lambda subject: bool(subject.section(Section.COMMENTS)),
    "link": lambda subject: bool(subject.item.url),
    "mine": lambda subject: any(own_notes(subject.state, subject.item)),
}
"""Values of `has:`: what an item contains. A reply to a note counts as a comment."""


def _one_of(predicates: Mapping[str, Predicate]) -> Compiled:
    return lambda value, _beginning, _now: predicates[value]


_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_SPAN = re.compile(r"(\d{1,6})([dwmy])", re.ASCII | re.IGNORECASE)
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_DAYS, _MONTHS = {"d": 1, "w": 7}, {"m": 1, "y": 12}


def is_moment(text: str) -> bool:
    """Whether `moment` can parse this text."""
    try:
        moment(text, _ANY_TIME)
    except ValueError:
        return False
    return True


def moment(text: str, now: datetime) -> datetime:
    """The start of a date (`2019`, `2019-04`, `2019-04-12`), or now minus a span (`7d`, `2w`, `3m`, `1y`).

    Spans follow the calendar: a month before 31 March is the last day of February. Results before the year 1 are
    clamped to its start.

    Args:
        text: A date or span.
        now: The current time, with time zone; dates are interpreted in this zone.

    Raises:
        ValueError: It is neither.
    """
    if match := _SPAN.fullmatch(text):
        return _before(now, int(match[1]), match[2].lower())
    if match := _DATE.fullmatch(text):
        return datetime(*(int(part or 1) for part in match.groups()), tzinfo=now.tzinfo)  # type: ignore[arg-type, misc]
    raise ValueError(f"{text} is neither a date nor a span")


def _before(now: datetime, number: int, unit: str) -> datetime:
    """Now minus a number of days, weeks, months or years."""
    earliest = datetime.min.replace(tzinfo=now.tzinfo)
    if unit in _DAYS:
        try:
            return now - timedelta(days=number * _DAYS[unit])
        except OverflowError:
            return earliest
    year, month = divmod(now.year * 12 + now.month - 1 - number * _MONTHS[unit], 12)
    if year < 1:
        return earliest
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


_PHRASE, _WHEN = 'a word or "phrase"', "a date such as 2019, 2019-04 or 2019-04-12, or a span such as 7d, 2w, 3m or 1y"
_RULES = (
    FieldRule("tag", "With this tag (x*: a tag beginning with x; *: any tag).", "lecture", "a tag", _tag,
              beginnings=True),
    FieldRule("by", "Shared by a member whose name contains this.", "odette", "a name", _holding(_names)),
    FieldRule("group", "In a group whose title contains this.", "encre", "a title",
              _holding(lambda subject: [search_key(subject.group_title)])),
    FieldRule("quote", "With a highlight that contains this.", "marge", _PHRASE, _within(Section.QUOTES), is_text=True),
    FieldRule("note", "With a note or comment that contains this.", "marge", _PHRASE,
              _within(Section.NOTES, Section.COMMENTS), is_text=True),
    FieldRule("mine", "With a note of your own that contains this.", "marge", _PHRASE,
              _holding(lambda subject: map(search_key, own_notes(subject.state, subject.item)))),
    FieldRule("title", "With a title that contains this.", "papier", _PHRASE,
              _holding(lambda subject: [search_key(subject.item.title)])),
    FieldRule("body", "With a text of its own that contains this.", "papier", _PHRASE,
              _within(Section.BODY), is_text=True),
    FieldRule("site", "With a link to this site or a part of it.", "example.org", "a host name", _site),
    FieldRule("before", "Shared before this day, month or year began, or longer ago than a span.", "2019-04", _WHEN,
              _shared(is_before=True), is_dated=True),
    FieldRule("after", "Shared since this day, month or year began, or no longer ago than a span.", "7d", _WHEN,
              _shared(is_before=False), is_dated=True),
    FieldRule("day", "Highlighted, or else shared, on this day in an earlier year.", "today", "today", _day,
              choices=("today",)),
    FieldRule("is", "In this state.", "unread", "one of read, unread, starred, new and any", _one_of(_STATES),
              choices=tuple(_STATES)),
    FieldRule("has", "With one of these.", "quote", "one of quote, note, comment, link and mine", _one_of(_CONTENTS),
              choices=tuple(_CONTENTS)),
)  # fmt: skip

FIELDS: dict[str, FieldRule] = {rule.name: rule for rule in _RULES}
"""All fields by name, in the order shown in the help."""
