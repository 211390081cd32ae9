"""The table of fields: every `name:` a query may hold, what it says, and what it asks of a subject.

Parser, help and completion all read this one table. Pure: now is an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import lru_cache

from florilege.query.dates import is_before, is_moment, moment
from florilege.query.rows import Mask, Rows, Together
from florilege.query.subject import Predicate, Subject, words_of
from florilege.text import fold
from florilege.urls import site_of


class Status(StrEnum):
    """What `is:` may ask: the reader's own state of an item."""

    READ = "read"
    UNREAD = "unread"
    STARRED = "starred"
    NEW = "new"
    """It has highlights that came after it was read and have not been seen since."""
    ANY = "any"


class Part(StrEnum):
    """What `has:` may ask: what an item carries."""

    QUOTE = "quote"
    NOTE = "note"
    COMMENT = "comment"
    LINK = "link"


class Depth(IntEnum):
    """How much is known of an item, or must be to answer."""

    HEAD = 0
    """What a list shows of it."""
    TEXT = 1
    """That, and the text plain words are looked for in."""
    ITEM = 2
    """All of it."""


def _at_head(_: str) -> Depth:
    return Depth.HEAD


def _at_item(_: str) -> Depth:
    return Depth.ITEM


def _one_by_one(_: str, _beginning: bool) -> Together | None:
    return None


def _at_part(value: str) -> Depth:
    """A head says how much it carries, but not what highlights and notes were answered with."""
    return Depth.ITEM if value == Part.COMMENT else Depth.HEAD


@dataclass(frozen=True, slots=True)
class FieldRule:
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
    depth: Callable[[str], Depth] = _at_head
    """How much must be known of an item to answer, by value."""
    is_within: bool = False
    """Whether the text of an item holds the value, folded, wherever the answer is yes."""
    together: Callable[[str, bool], Together | None] = _one_by_one
    """How many heads are asked at once, by value and whether only its beginning is meant. None where they are asked one
    by one."""

    def accepts(self, value: str) -> bool:
        """Whether this value can stand behind the colon."""
        if self.choices:
            return value.casefold() in self.choices
        return is_moment(value) if self.is_dated else bool(value.strip())


def always(_: Subject) -> bool:
    """What everything answers with yes."""
    return True


@lru_cache(maxsize=4096)
def folded_tag(tag: str) -> str:
    """A tag as it is compared. Remembered: thousands of items share a few tags."""
    return fold(tag).strip()


folded_name = lru_cache(maxsize=4096)(fold)
"""The name of a sharer as it is compared. Remembered, for the same reason."""


def _tag(value: str, beginning: bool, _: datetime) -> Predicate:
    needle = fold(value).strip()
    if beginning:
        return lambda subject: any(folded_tag(tag).startswith(needle) for tag in subject.item.tags)
    return lambda subject: needle in map(folded_tag, subject.item.tags)


def _tag_together(value: str, beginning: bool) -> Together:
    needle = fold(value).strip()
    return lambda rows: rows.tagged((lambda tag: tag.startswith(needle)) if beginning else needle.__eq__)


def _by(value: str, _beginning: bool, _: datetime) -> Predicate:
    needle = fold(value)

    def test(subject: Subject) -> bool:
        sharer = subject.item.sharer
        return sharer is not None and (
            needle in folded_name(sharer.name or "") or needle in folded_name(sharer.handle or "")
        )

    return test


def _by_together(value: str, _: bool) -> Together:
    needle = fold(value)
    return lambda rows: rows.shared_by(needle)


def _group(value: str, _beginning: bool, _: datetime) -> Predicate:
    needle = fold(value)
    return lambda subject: needle in fold(subject.group_title)


def _title(value: str, _beginning: bool, _: datetime) -> Predicate:
    needle = fold(value)

    def test(subject: Subject) -> bool:
        known = subject.known_text
        if not known:
            return needle in fold(subject.item.title)
        place = known.find(needle)  # the title is the first line of what is known: folding it again costs more
        return place >= 0 and known.find("\n", 0, place) < 0

    return test


def _title_together(value: str, _: bool) -> Together:
    needle = fold(value)
    return lambda rows: rows.titled(needle)


def _quote(value: str, _beginning: bool, _: datetime) -> Predicate:
    needle = fold(value)
    return lambda subject: any(needle in fold(highlight.quote) for highlight in subject.whole.highlights)


def _note(value: str, _beginning: bool, _: datetime) -> Predicate:
    needle = fold(value)

    def test(subject: Subject) -> bool:
        item = subject.whole
        written = [item.notes, item.comments, *(highlight.comments for highlight in item.highlights)]
        return any(needle in fold(words) for comments in written for words in words_of(comments))

    return test


def _site(value: str, _beginning: bool, _: datetime) -> Predicate:
    # Whole parts of the name: `site:example` finds blog.example.org, `site:t.co` does not find reddit.com.
    needle = f".{fold(value).strip().strip('.').removeprefix('www.')}."
    return lambda subject: needle in f".{fold(site_of(subject.item.url) or '')}."


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


_STATUS: dict[Status, Predicate] = {
    Status.READ: lambda subject: subject.state.is_read,
    Status.UNREAD: lambda subject: not subject.state.is_read,
    Status.STARRED: lambda subject: subject.state.is_starred,
    Status.NEW: lambda subject: subject.state.new_highlights(subject.item) > 0,
    Status.ANY: always,
}


def _read(rows: Rows) -> Mask:
    return rows.every ^ rows.unread


_TOGETHER: dict[Status, Together] = {
    Status.READ: _read,
    Status.UNREAD: lambda rows: rows.unread,
    Status.ANY: lambda rows: rows.every,
}
"""What rows say of their states together; of the others each must be asked."""


def _has_comment(subject: Subject) -> bool:
    """Whether a member answered: the item, one of its highlights, or a note."""
    item = subject.whole
    return bool(
        item.comments
        or any(highlight.comments for highlight in item.highlights)
        or any(note.replies for note in item.notes)
    )


_PART: dict[Part, Predicate] = {
    Part.QUOTE: lambda subject: bool(subject.item.highlights),
    Part.NOTE: lambda subject: bool(subject.item.notes),
    Part.COMMENT: _has_comment,
    Part.LINK: lambda subject: bool(subject.item.url),
}


def _is(value: str, _beginning: bool, _: datetime) -> Predicate:
    return _STATUS[Status(value)]


def _is_together(value: str, _: bool) -> Together | None:
    return _TOGETHER.get(Status(value))


def _has(value: str, _beginning: bool, _: datetime) -> Predicate:
    return _PART[Part(value)]


_RULES = (
    FieldRule("tag", "Filed under this tag (x*: under a tag that begins so; *: under any).", "lecture", "a tag", _tag,
              beginnings=True, is_within=True, together=_tag_together),
    FieldRule("by", "Shared by a member whose name holds this.", "odette", "a name", _by, is_within=True,
              together=_by_together),
    FieldRule("group", "In a group whose title holds this.", "encre", "a title", _group),
    FieldRule("quote", "With a highlight that holds this.", "marge", "a word or \"phrase\"", _quote,
              depth=_at_item, is_within=True),
    FieldRule("note", "With a note or comment that holds this.", "marge", "a word or \"phrase\"", _note,
              depth=_at_item, is_within=True),
    FieldRule("title", "With a title that holds this.", "papier", "a word or \"phrase\"", _title,
              is_within=True, together=_title_together),
    FieldRule("site", "Leading to this site or a part of it.", "example.org", "a host name", _site),
    FieldRule("before", "Shared before this day, month or year began, or longer ago than a span.", "2019-04",
              "a date such as 2019, 2019-04 or 2019-04-12, or a span such as 7d, 2w, 3m or 1y", _before, is_dated=True),
    FieldRule("after", "Shared since this day, month or year began, or no longer ago than a span.", "7d",
              "a date such as 2019, 2019-04 or 2019-04-12, or a span such as 7d, 2w, 3m or 1y", _after, is_dated=True),
    FieldRule("is", "In this state.", "unread", "one of read, unread, starred, new and any", _is,
              choices=tuple(Status), together=_is_together),
    FieldRule("has", "Carrying this.", "quote", "one of quote, note, comment and link", _has, choices=tuple(Part),
              depth=_at_part),
)  # fmt: skip

FIELDS: dict[str, FieldRule] = {rule.name: rule for rule in _RULES}
"""Every field by its name, in the order help shows them."""
