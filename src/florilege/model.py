"""The data model: groups, sources, items, highlights, notes, comments and reading states.

Frozen values with no behaviour beyond their own consistency. No I/O, no clock, no Textual, no parsing. `None` always
means *unknown*, never *empty*. The values are msgspec structs, so the library, the parsing processes and the command
line can read and write them as JSON without a separate schema. Structs that hold only text and numbers are excluded
from garbage collection (`gc=False`), because there may be hundreds of thousands of them.

Which highlights have been seen is stored as a single number rather than a list of ids: an item counts its *revisions*
(only those that added highlights), every highlight records the revision that added it, and a reading state records the
last revision seen. The stored state is therefore tiny however much the item holds, clocks that go backwards do no harm,
and a highlight that arrives between display and marking correctly stays new.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

import msgspec


class FlorilegeError(Exception):
    """Base class of all errors shown to the user; the message is one clear sentence (what, where, what to do)."""

    is_unusable = False
    """Whether it means that the library can't be used at all, by any command."""


class Sharer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The member who put an item in the group. At least one of name and handle is known."""

    name: str | None = None
    """The display name."""
    handle: str | None = None
    """The service's account name: `odette_plumier`, `acct:ann@hypothes.is`."""

    @property
    def label(self) -> str:
        """The name, or the handle when there is no name."""
        return self.name or self.handle or ""


class Comment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A member's own words: a note on a page, a comment on a highlight, or a reply to either."""

    text: str
    author: str | None = None
    made_at: datetime | None = None
    """Naive (without time zone) when the source gave no zone; it is then shown unconverted."""
    replies: tuple["Comment", ...] = ()
    markdown: bool = False
    """Whether to display the text as Markdown. The text itself is stored unchanged."""


class Highlight(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A passage of the linked page, marked by a member."""

    id: str
    """The service's id, or a hash of the normalised quote and its ordinal among equal quotes. Survives an edit."""
    quote: str
    """The passage verbatim, including its own quotation marks; paragraphs are separated by newlines."""
    author: str | None = None
    made_at: datetime | None = None
    colour: str | None = None
    """A plain word (`yellow`) or `#rrggbb`."""
    tags: tuple[str, ...] = ()
    """The tags its author gave this passage; they are included in the item's tags as well."""
    location: str | None = None
    """Its position in the work, in citable form: `p. 7`, `loc. 118-120`. None for works without pages."""
    prefix: str | None = None
    """The words just before the passage, when the service provides them."""
    suffix: str | None = None
    """The words just after the passage, when the service provides them."""
    comments: tuple[Comment, ...] = ()
    revision: int = 0
    """The revision of the item that added this highlight. Set by `merge`; 0 is the first."""


class BodyKind(StrEnum):
    """The format of a body's text."""

    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    TAKEN_APART = "taken-apart"
    """HTML whose content was extracted into highlights, comments and tags; kept for reparsing, not displayed."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One element of a feed as parsed, before it is matched against known items."""

    native_id: str | None = None
    """The identifier given by the service or feed (guid, id), if any."""
    title: str = ""
    url: str | None = None
    """The address of the shared page. May have any scheme: `urls.safe_to_open` decides whether it may be opened."""
    discussion_url: str | None = None
    """The address of the discussion, if separate from the page."""
    sharer: Sharer | None = None
    shared_at: datetime | None = None
    """Naive (without time zone) when the source gave no zone."""
    updated_at: datetime | None = None
    date_text: str | None = None
    """The date as written in the source, kept only when it could not be parsed."""
    tags: tuple[str, ...] = ()
    """In the order and spelling of the source, without duplicates."""
    description: str | None = None
    """What the sharer wrote about the page."""
    notes: tuple[Comment, ...] = ()
    """Members' notes on the page as a whole: annotations without a quote."""
    comments: tuple[Comment, ...] = ()
    """Replies to the item itself."""
    highlights: tuple[Highlight, ...] = ()
    views: int | None = None
    folded: int | None = None
    """Number of highlights announced by a fold line ("...N more annotations..."). None when there is no such line."""
    incomplete: bool = False
    """Whether something is evidently missing: shown and folded highlights do not add up, or the entry was truncated."""
    all_highlights: bool = True
    """Whether the source lists every highlight of the page. False for folded or truncated entries, and for feeds that
    carry no highlights at all: a highlight missing from those has not been removed."""
    all_tags: bool = True
    """Whether the source lists every tag. False for a page that only gives the one tag all its items share: tags from
    different versions are then united."""
    is_aggregate: bool = False
    """Whether the entry was assembled from annotations made at different times, of which a document may hold only the
    latest. When another version arrives, the earliest sharer and date are kept and tags are united."""
    was_starred: bool = False
    """Whether the user had starred it in the source: a new item is then starred here once, when it is added."""
    was_read: bool = False
    """Whether it was marked read in the source; set only for the few exports where users expect this to carry over."""
    body: str | None = None
    """The unmodified content of an ordinary feed entry, or the markup the entry was parsed from."""
    body_kind: BodyKind = BodyKind.HTML
    digest: str | None = None
    """A hash of everything the entry was parsed from, when all of it recurs at each refresh, as an element of a plain
    feed does. An element with a known hash need not be parsed again. None once anything in the entry comes from
    elsewhere."""


class Item(Entry, frozen=True, omit_defaults=True, kw_only=True):
    """A stored entry, with an id, a group and an order."""

    id: str
    group: str
    """The id of the group it belongs to."""
    added_at: datetime
    """When it was first added to this library, with time zone."""
    order: int = 0
    """Its position in the source when it was added: among undated items, lower sorts first."""
    revision: int = 0
    """How many times highlights were added to it since it was first stored."""


class _Mark(msgspec.Struct, frozen=True, gc=False):
    """A highlight decoded for its revision only."""

    revision: int = 0


class _Present(msgspec.Struct, frozen=True, gc=False):
    """A value decoded for its presence only."""


class ItemSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an item shown in lists. Decoded from the same record as `Item`, skipping what is not shown."""

    id: str
    group: str
    added_at: datetime
    title: str = ""
    url: str | None = None
    sharer: Sharer | None = None
    shared_at: datetime | None = None
    updated_at: datetime | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[_Present, ...] = ()
    comments: tuple[_Present, ...] = ()
    highlights: tuple[_Mark, ...] = ()
    views: int | None = None
    folded: int | None = None
    incomplete: bool = False
    order: int = 0
    revision: int = 0


class OwnNote(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The user's own note on an item or on one of its highlights."""

    text: str = ""
    """Any number of lines; `#words` in it are the user's own tags. Empty once the note was removed."""
    highlight: str = ""
    """The id of the highlight; empty for a note on the item as a whole."""
    changed: datetime | None = None
    """When it was last changed, as in `ReadingState`."""


class ReadingState(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """The user's state for one item. Stored separately from content; a refresh never writes it."""

    item: str
    """The id of the item."""
    read_at: datetime | None = None
    """When it was marked read; None while it is unread."""
    starred_at: datetime | None = None
    seen: int = 0
    """The last revision of the item whose highlights have been seen."""
    notes: tuple[OwnNote, ...] = ()
    """The user's own notes on the item and on its highlights."""
    read_changed: datetime | None = None
    """When `read_at` or `seen` last changed, if not at `read_at` itself. Change times resolve conflicts between
    machines (`marking.merge_latest`), and never go backwards, whatever the clock does."""
    star_changed: datetime | None = None
    """When `starred_at` last changed, if not at `starred_at` itself."""

    @property
    def note(self) -> str:
        """The user's own note on the item as a whole."""
        return self.note_on("")

    def note_on(self, highlight: str) -> str:
        """The user's own note on a highlight; with "", on the item as a whole."""
        return next((each.text for each in self.notes if each.highlight == highlight), "")

    @property
    def is_noted(self) -> bool:
        """Whether the user has written any note."""
        return any(each.text for each in self.notes)

    @property
    def is_read(self) -> bool:
        """Whether the item is read."""
        return self.read_at is not None

    @property
    def is_starred(self) -> bool:
        """Whether the item is starred."""
        return self.starred_at is not None

    def has_new(self, highlight: Highlight | _Mark) -> bool:
        """Whether this highlight was added after the item was read and has not been seen since."""
        return self.is_read and highlight.revision > self.seen

    def new_highlights(self, item: Item | ItemSummary) -> int:
        """The number of new highlights of the item. Unread items have none."""
        if not self.is_read or item.revision <= self.seen:
            return 0
        return sum(highlight.revision > self.seen for highlight in item.highlights)


class Outcome(StrEnum):
    """How the last attempt to refresh a source or group ended."""

    NEVER = "never"
    OK = "ok"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"
    """No request was made: not due, or no source. Like PLANNED, occurs only in results; never stored."""
    PLANNED = "planned"
    """Dry run: nothing was written."""


class Source(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where the items of a group come from, and the state of its last refresh."""

    address: str
    """An http(s) address, or the absolute path of a file. May hold a secret: show it through `urls.redact`."""
    part: str | None = None
    """The identity of one group in a document of several (folders, collections); None for the whole document."""
    kind: str | None = None
    """The format last recognised: `diigo-rss`, `atom`, `diigo-json` ... None before the first success."""
    etag: str | None = None
    """Exactly as received."""
    last_modified: str | None = None
    """Exactly as received."""
    body_hash: str | None = None
    """Hash of the last document whose items are stored. Written only after the items."""
    outcome: Outcome = Outcome.NEVER
    error: str | None = None
    """The message of the last failure; None after a success."""
    failing_since: datetime | None = None
    failures: int = 0
    """Number of consecutive failures."""
    checked_at: datetime | None = None
    next_due: datetime | None = None
    """The source is not fetched before this time unless the user forces it; even then not before `waits_until`."""
    waits_until: datetime | None = None
    """Until when the server asked for no requests (Retry-After); None when it did not ask, or a request has succeeded
    since."""
    waits_at: str | None = None
    """The host of that server, when a redirect led to a host other than the one in the address."""
    gone: bool = False
    """The server answered 410: the feed will not be requested again."""
    warnings: tuple[str, ...] = ()
    """Anomalies in the last document, one sentence each."""
    refresh_after: int | None = None
    """Minimum number of seconds between refreshes requested by the last document; None when it did not say."""
    older: str | None = None
    """The older page at which fetching the history stopped, for resuming. None when it was not started, or is complete.
    May hold a secret, like `address`."""
    whole: bool = False
    """Whether the history was once fetched to the last page: anything newer is on the first pages."""
    since: datetime | None = None
    """When everything was last fetched from a service that can be queried for changes since a given time."""
    notice: str | None = None
    """A permanent notice for the user, one sentence: that the source moved, from where and to where."""

    @property
    def key(self) -> tuple[str, str | None]:
        """The key that identifies the source within its group."""
        return self.address, self.part


class Counts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Totals for a group or a selection."""

    items: int = 0
    unread: int = 0
    starred: int = 0
    highlights: int = 0
    new_highlights: int = 0
    """Number of new highlights (not of items that have some)."""
    newly_highlighted: int = 0
    """Number of items that have new highlights."""

    def __add__(self, other: "Counts") -> "Counts":
        """The sum, field by field."""
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})

    def __sub__(self, other: "Counts") -> "Counts":
        """The difference, field by field."""
        return Counts(**{name: getattr(self, name) - getattr(other, name) for name in self.__struct_fields__})


class Group(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A community whose shared links we follow."""

    id: str
    title: str
    added_at: datetime
    sources: tuple[Source, ...] = ()
    tags: tuple[str, ...] = ()
    """The user's own tags for organising groups."""
    site: str | None = None
    """The group's page on the web."""
    identities: tuple[str, ...] = ()
    """Identities of the group or owner found in imported documents: a newer document with one of them belongs to this
    group. Stored on the group rather than on a source, because documents from standard input have no source."""
    removed_at: datetime | None = None
    """When the group was removed; None if it was not. A removed group can be restored for a week."""

    def with_source(self, source: Source, change: Callable[[Source], Source]) -> Self:
        """Copy the group with `change` applied to its own version of a source; unchanged if it lacks that source."""
        before = next((each for each in self.sources if each.key == source.key), None)
        if before is None:
            return self
        after = change(before)
        # A source that has moved to the address of another replaces that one.
        kept = (each for each in self.sources if each is before or each.key != after.key)
        return msgspec.structs.replace(self, sources=tuple(after if each is before else each for each in kept))

    @property
    def outcome(self) -> Outcome:
        """The worst of its sources' outcomes: failed, then never, then ok, then unchanged."""
        for outcome in (Outcome.FAILED, Outcome.NEVER, Outcome.OK, Outcome.UNCHANGED):
            if any(source.outcome is outcome for source in self.sources):
                return outcome
        return Outcome.NEVER

    @property
    def error(self) -> str | None:
        """The error message of the first failing source; None when none fails."""
        return next((source.error for source in self.sources if source.error), None)

    @property
    def checked_at(self) -> datetime | None:
        """When a source was last checked; None before the first check."""
        return max((source.checked_at for source in self.sources if source.checked_at), default=None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The notices of its sources, then the warnings about their last documents."""
        notices = tuple(source.notice for source in self.sources if source.notice)
        return notices + tuple(warning for source in self.sources for warning in source.warnings)


def instant(moment: datetime | None) -> float:
    """The time in seconds since 1970, for sorting; naive times count as UTC, unknown ones sort first."""
    if moment is None:
        return float("-inf")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def newest_first(item: Item | ItemSummary) -> tuple[float, float, int]:
    """Sort key: most recently shared first, unknown dates last, in the order they were added.

    A date that was in the future when the item was added is wrong and counts as the time it was added.
    """
    added = instant(item.added_at)
    return (-min(instant(item.shared_at or item.updated_at), added), -added, item.order)


def thread(comments: tuple[Comment, ...], depth: int = 0) -> Iterator[tuple[int, Comment]]:
    """Yield comments and their replies in reading order, each with its depth (0 for the top level)."""
    for comment in comments:
        yield depth, comment
        yield from thread(comment.replies, depth + 1)
