"""What a group, an item, a highlight, a note and a comment are.

Frozen values with no behaviour beyond their own consistency. No I/O, no clock, no Textual, no parsing. `None` always
means *unknown*, never *empty*. The values are msgspec structs, so that the library, the parsing processes and the
command line read and write them as JSON without a second description of their shape. Those that hold nothing but text
and numbers are left out of garbage collection (`gc=False`): there may be hundreds of thousands of them.

Which highlights have been seen is kept as one number and not as a list of ids: an item counts its *revisions* (those
that brought highlights), every highlight remembers the revision it came with, and a reading state remembers the
revision it has seen. So a mark is tiny whatever the item holds, clocks that go back do no harm, and a highlight that
arrives between what was shown and what was marked is rightly still new.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

import msgspec


class FlorilegeError(Exception):
    """Base of everything that can be said to a reader: its text is one clear sentence (what, where, what to do)."""


class Sharer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The member who put an item in the group. At least one of the two is known."""

    name: str | None = None
    """The name as people read it."""
    handle: str | None = None
    """The service's own name for the account: `odette_plumier`, `acct:ann@hypothes.is`."""

    @property
    def label(self) -> str:
        """The name, else the handle."""
        return self.name or self.handle or ""


class Comment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A member's own words: a note on a page, a comment on a highlight, or a reply to either."""

    text: str
    author: str | None = None
    made_at: datetime | None = None
    """Without zone when the source gave none; then it is shown as it stands."""
    replies: tuple["Comment", ...] = ()
    markdown: bool = False
    """Whether the text is written in Markdown, to be shown as such. It is kept as it was written."""


class Highlight(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A passage of the linked page, marked by a member."""

    id: str
    """The service's own, else a hash of the normalised quote and its ordinal among equals. Survives an edit."""
    quote: str
    """The passage as it is, with its own quotation marks; paragraphs are separated by newlines."""
    author: str | None = None
    made_at: datetime | None = None
    colour: str | None = None
    """A plain word (`yellow`) or `#rrggbb`."""
    tags: tuple[str, ...] = ()
    """What its author filed this passage under; the item's tags hold them, too."""
    location: str | None = None
    """Where it stands in the work, to be cited as it is: `p. 7`, `loc. 118-120`. None for what has no pages."""
    prefix: str | None = None
    """The words just before the passage, where the service keeps them."""
    suffix: str | None = None
    """The words just after the passage, where the service keeps them."""
    comments: tuple[Comment, ...] = ()
    revision: int = 0
    """The revision of the item that brought this highlight. Given by `merge`; 0 is the first."""


class BodyKind(StrEnum):
    """What the text of a body is written in."""

    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    TAKEN_APART = "taken-apart"
    """HTML whose content has become highlights, comments and tags; kept so that it can be parsed again, not shown."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One element of a feed as parsed, before we know whether we know it."""

    native_id: str | None = None
    """The identifier of the service or feed (guid, id), when it gave one."""
    title: str = ""
    url: str | None = None
    """The shared page. Any scheme: whether it may be opened is for `urls.safe_to_open` to say."""
    discussion_url: str | None = None
    """Where members talk about it, apart from the page."""
    sharer: Sharer | None = None
    shared_at: datetime | None = None
    """Without zone when the source gave none."""
    updated_at: datetime | None = None
    date_text: str | None = None
    """The date as it was written, kept only when it could not be read."""
    tags: tuple[str, ...] = ()
    """In the order and spelling of the source, without repetition."""
    description: str | None = None
    """What the sharer wrote about the page."""
    notes: tuple[Comment, ...] = ()
    """Words of members on the whole page: annotations without a quote."""
    comments: tuple[Comment, ...] = ()
    """Replies to the item itself."""
    highlights: tuple[Highlight, ...] = ()
    views: int | None = None
    folded: int | None = None
    """Highlights announced behind a fold line ("...N more annotations..."). None when there is no such line."""
    incomplete: bool = False
    """The source shows that something is missing: shown and folded do not add up, or the entry was cut."""
    all_highlights: bool = True
    """Whether the source would show every highlight of the page. False for folded or cut entries, and for feeds that
    carry no highlights at all: then a highlight that is missing has not gone."""
    all_tags: bool = True
    """Whether the source would show every tag. False for a page that only says which tag all its items have: then tags
    add up."""
    is_aggregate: bool = False
    """Put together from what members said at different times, of which a document may hold the latest only: then the
    earliest sharer and date stay when another version arrives, and tags add up."""
    was_starred: bool = False
    """Whether its member had starred it where it comes from: it is starred here, once, when it is new."""
    was_read: bool = False
    """The same for read; of the few exports that members expect it of."""
    body: str | None = None
    """The text of an ordinary feed, or the markup an entry was read from, as it came."""
    body_kind: BodyKind = BodyKind.HTML
    digest: str | None = None
    """A hash of all that it was read from, when that is at hand again at each refresh: an element of a plain feed. Who
    meets it again need not read it again. None as soon as anything in the entry is from elsewhere."""


class Item(Entry, frozen=True, omit_defaults=True, kw_only=True):
    """An entry we keep: it has an identity, a group and a place."""

    id: str
    group: str
    """The id of the group it belongs to."""
    added_at: datetime
    """When it first reached this library, with zone."""
    order: int = 0
    """Its place in the source when it came: among items without date, smaller comes first."""
    revision: int = 0
    """How many times highlights were added to it after it first came."""


class _Mark(msgspec.Struct, frozen=True, gc=False):
    """A highlight of which only the revision matters."""

    revision: int = 0


class _Present(msgspec.Struct, frozen=True, gc=False):
    """Something of which only the presence matters."""


class ItemSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shows of an item. Decoded from the same record as `Item`, without building what is not shown."""

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
    """Words of the reader's own, on an item or on one of its highlights."""

    text: str = ""
    """Any number of lines; tags of their own are `#words` in it. Empty once it was taken away."""
    highlight: str = ""
    """The id of the highlight; empty when it is on the item as a whole."""
    changed: datetime | None = None
    """When it changed last, as in `ReadingState`."""


class ReadingState(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """The reader's own state of one item. Kept apart from content; a refresh never writes it."""

    item: str
    """The id of the item."""
    read_at: datetime | None = None
    """When it was marked read; None while it is unread."""
    starred_at: datetime | None = None
    seen: int = 0
    """The revision of the item up to which its highlights have been seen."""
    notes: tuple[OwnNote, ...] = ()
    """The reader's own words on the item and on its highlights, by the ids of these."""
    read_changed: datetime | None = None
    """When `read_at` or `seen` changed last, where that is not `read_at` itself. Times of change decide between several
    machines (`marking.joined`), and never go back, whatever a clock does."""
    star_changed: datetime | None = None
    """When `starred_at` changed last, where that is not `starred_at` itself."""

    @property
    def note(self) -> str:
        """The reader's own words on the item as a whole."""
        return self.note_on("")

    def note_on(self, highlight: str) -> str:
        """The reader's own words on a highlight; with "", on the item as a whole."""
        return next((each.text for each in self.notes if each.highlight == highlight), "")

    @property
    def is_noted(self) -> bool:
        """Whether there are words of the reader's own."""
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
        """Whether this highlight reached the item after it was read and has not been seen since."""
        return self.is_read and highlight.revision > self.seen

    def new_highlights(self, item: Item | ItemSummary) -> int:
        """How many highlights of the item are new. Unread items have none."""
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
    """Nothing was asked: not due, or without a source. Only a result ends so, or PLANNED."""
    PLANNED = "planned"
    """Nothing was written: it was only asked what would be."""


class Source(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where the items of a group come from, and how it went last time."""

    address: str
    """An http(s) address, or the absolute path of a file. May hold a secret: show it through `urls.redact`."""
    part: str | None = None
    """Of a document of several groups (folders, collections), the identity of the one this is; None for all of it."""
    kind: str | None = None
    """The format last recognised: `diigo-rss`, `atom`, `diigo-json` ... None before the first success."""
    etag: str | None = None
    """Exactly as received."""
    last_modified: str | None = None
    """Exactly as received."""
    body_hash: str | None = None
    """Hash of the last bytes whose items are stored. Written only after them."""
    outcome: Outcome = Outcome.NEVER
    error: str | None = None
    """The sentence of the last failure; None after a success."""
    failing_since: datetime | None = None
    failures: int = 0
    """Failures in a row."""
    checked_at: datetime | None = None
    next_due: datetime | None = None
    """Not to be asked before, unless the reader insists; and not even then before `waits_until`."""
    waits_until: datetime | None = None
    """Until when a server wants no request (Retry-After); None when it said nothing of the kind, or a request has
    succeeded since."""
    waits_at: str | None = None
    """The host of that server, when it is not the one of the address: where a redirect led."""
    gone: bool = False
    """The server answered 410: the feed will not be asked for again."""
    warnings: tuple[str, ...] = ()
    """What was odd in the last document, a sentence each."""
    refresh_after: int | None = None
    """Seconds for which the last document asked to be left alone; None when it did not say."""
    older: str | None = None
    """The older page at which fetching the history stopped, to go on from there. None when it was not begun, or is
    complete. May hold a secret, like `address`."""
    whole: bool = False
    """Its history was once fetched to the last page: what came since lies on the first ones."""
    since: datetime | None = None
    """When everything was fetched last from a service that can be asked for what changed since."""
    notice: str | None = None
    """What the reader should know of it for good, in a sentence: that it moved, from where and to where."""

    @property
    def key(self) -> tuple[str, str | None]:
        """What tells it from the other sources of its group."""
        return self.address, self.part


class Counts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """How many of what a group or a selection holds."""

    items: int = 0
    unread: int = 0
    starred: int = 0
    highlights: int = 0
    new_highlights: int = 0
    """New highlights, not items that have some."""
    newly_highlighted: int = 0
    """Items that have new highlights."""

    def __add__(self, other: "Counts") -> "Counts":
        """The counts of both together."""
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})

    def __sub__(self, other: "Counts") -> "Counts":
        """The counts without those."""
        return Counts(**{name: getattr(self, name) - getattr(other, name) for name in self.__struct_fields__})


class Group(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A community whose shared links we follow."""

    id: str
    title: str
    added_at: datetime
    sources: tuple[Source, ...] = ()
    tags: tuple[str, ...] = ()
    """The reader's own, to sort groups by."""
    site: str | None = None
    """The group's page on the web."""
    identities: tuple[str, ...] = ()
    """What documents that were put here call their group or owner: a newer one of that name belongs here. Kept with the
    group and not with its sources, for what comes by standard input has none."""
    removed_at: datetime | None = None
    """When it was removed; None while it is there. A removed group can be had back for a week."""

    def with_source(self, source: Source, change: Callable[[Source], Source]) -> Self:
        """The group with a source of it changed as it is here; nothing changes when it has it no longer."""
        before = next((each for each in self.sources if each.key == source.key), None)
        if before is None:
            return self
        after = change(before)
        # One that has moved to the address of another takes its place.
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
        """The sentence of the first source that fails; None when none does."""
        return next((source.error for source in self.sources if source.error), None)

    @property
    def checked_at(self) -> datetime | None:
        """When a source was last asked; None before the first time."""
        return max((source.checked_at for source in self.sources if source.checked_at), default=None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of its sources, and what was odd in their last documents."""
        notices = tuple(source.notice for source in self.sources if source.notice)
        return notices + tuple(warning for source in self.sources for warning in source.warnings)


def instant(moment: datetime | None) -> float:
    """A number to sort by, in seconds since 1970; times without zone count as UTC, unknown ones come before all."""
    if moment is None:
        return float("-inf")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def newest_first(item: Item | ItemSummary) -> tuple[float, float, int]:
    """Key that sorts newest shared first, and unknown dates last, those in the order they came.

    A date that lay in the future when the item came is wrong: it counts as the moment it came.
    """
    added = instant(item.added_at)
    return (-min(instant(item.shared_at or item.updated_at), added), -added, item.order)


def thread(comments: tuple[Comment, ...], depth: int = 0) -> Iterator[tuple[int, Comment]]:
    """Comments and their replies in reading order, each with its depth (0 for the first level)."""
    for comment in comments:
        yield depth, comment
        yield from thread(comment.replies, depth + 1)
