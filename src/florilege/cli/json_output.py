"""What `--json` writes: stable; fields are added, never renamed; unknown is null and never missing. Pure.

They are written out here, apart from the model, so that a change of the model can't change them unnoticed. Times are
ISO 8601, with an offset where one is known. No body: that is for an export. `docs/json.schema.json` is made from here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from florilege.model import Comment, Counts, Group, Highlight, Item, Outcome, ReadingState, Source
from florilege.urls import redact

if TYPE_CHECKING:
    from florilege.export import Row
    from florilege.refresh import Result


class GroupName(Struct):
    """Which group something is from."""

    id: str
    title: str


class SharerJson(Struct):
    """The member who shared an item."""

    name: str | None
    handle: str | None


class CommentJson(Struct):
    """A note, a comment, or a reply to one."""

    author: str | None
    text: str
    made_at: datetime | None
    replies: list["CommentJson"]


class HighlightJson(Struct):
    """A highlighted passage."""

    id: str
    quote: str
    author: str | None
    made_at: datetime | None
    colour: str | None
    tags: Sequence[str]
    location: str | None
    prefix: str | None
    suffix: str | None
    new: bool
    comments: list[CommentJson]


class ItemName(Struct):
    """Which item a quote is from."""

    id: str
    title: str
    url: str | None
    group: GroupName


class QuoteJson(HighlightJson):
    """A highlight with its item: an element of `quotes --json`."""

    item: ItemName


class ItemJson(Struct):
    """An item with its reading state: an element of `list --json`."""

    id: str
    group: GroupName
    title: str
    url: str | None
    discussion_url: str | None
    sharer: SharerJson
    shared_at: datetime | None
    updated_at: datetime | None
    tags: Sequence[str]
    description: str | None
    views: int | None
    folded: int | None
    incomplete: bool
    notes: list[CommentJson]
    comments: list[CommentJson]
    highlights: list[HighlightJson]
    read: bool
    starred: bool
    new_highlights: int
    own_note: str | None
    """The reader's own words on it."""
    also_in: Sequence[str]
    """Titles of other groups that hold the same page."""


class SourceJson(Struct):
    """Where a group comes from, without its secrets."""

    source: str
    kind: str | None
    outcome: Outcome
    error: str | None
    failing_since: datetime | None
    failures: int
    checked_at: datetime | None
    next_due: datetime | None
    gone: bool


class GroupJson(Struct):
    """A group with its counts: an element of `groups --json`."""

    id: str
    title: str
    tags: Sequence[str]
    site: str | None
    items: int
    unread: int
    highlights: int
    new_highlights: int
    outcome: Outcome
    sources: list[SourceJson]


class ResultJson(Struct):
    """What became of a group: an element of `add --json` and `refresh --json`."""

    id: str | None
    title: str
    outcome: Outcome
    """How its last fetch ended, now or before."""
    asked: bool
    """Whether it was fetched or read now; not when it was not due, has no source, or was only planned."""
    kind: str | None
    new: int
    revised: int
    new_highlights: int
    warnings: Sequence[str]
    error: str | None


class TagJson(Struct):
    """A tag: an element of `tags --json`."""

    tag: str
    items: int
    unread: int


class SharerCountJson(Struct):
    """Who shared, and how much: an element of `sharers --json`."""

    name: str
    items: int
    highlights: int
    unread: int


class FindingJson(Struct):
    """What was looked at: an element of `doctor --json`."""

    check: str
    verdict: str
    text: str
    advice: str | None


class ItemsJson(Struct):
    """`list --json`."""

    total: int
    items: list[ItemJson]


class QuotesJson(Struct):
    """`quotes --json`."""

    total: int
    quotes: list[QuoteJson]


class GroupsJson(Struct):
    """`groups --json`."""

    groups: list[GroupJson]


class AddJson(Struct):
    """`add --json`."""

    groups: list[ResultJson]
    warnings: list[str]
    """About lists of several groups."""
    seconds: float


class RefreshJson(Struct):
    """`refresh --json`."""

    groups: list[ResultJson]
    seconds: float


class TagsJson(Struct):
    """`tags --json`."""

    tags: list[TagJson]


class SharersJson(Struct):
    """`sharers --json`."""

    sharers: list[SharerCountJson]


class DoctorJson(Struct):
    """`doctor --json`."""

    findings: list[FindingJson]


class NewJson(Struct):
    """What a refresh brought, as a hook is given it."""

    items: list[ItemJson]
    """Those never seen before; `also_in` is always empty here."""
    quotes: list[QuoteJson]
    """New highlights of items that were read."""


DOCUMENTS = (ItemsJson, QuotesJson, GroupsJson, AddJson, RefreshJson, TagsJson, SharersJson, DoctorJson, NewJson)
"""What a command may write with `--json`; with `--jsonl` it is the elements of the first two, one a line. The last is
for hooks."""


def item_json(item: Item, state: ReadingState, group_title: str, also_in: Sequence[str]) -> ItemJson:
    """An item with its state."""
    return ItemJson(
        id=item.id,
        group=GroupName(item.group, group_title),
        title=item.title,
        url=item.url,
        discussion_url=item.discussion_url,
        sharer=SharerJson(item.sharer.name, item.sharer.handle) if item.sharer else SharerJson(None, None),
        shared_at=item.shared_at,
        updated_at=item.updated_at,
        tags=item.tags,
        description=item.description,
        views=item.views,
        folded=item.folded,
        incomplete=item.incomplete,
        notes=_comments(item.notes),
        comments=_comments(item.comments),
        highlights=[_highlight(highlight, new=state.has_new(highlight)) for highlight in item.highlights],
        read=state.is_read,
        starred=state.is_starred,
        new_highlights=state.new_highlights(item),
        own_note=state.note or None,
        also_in=also_in,
    )


def quote_json(row: "Row", highlight: Highlight) -> QuoteJson:
    """A highlight with where it is from."""
    item = ItemName(row.item.id, row.item.title, row.item.url, GroupName(row.group.id, row.group.title))
    known = _highlight(highlight, new=row.state.has_new(highlight))
    return QuoteJson(**{name: getattr(known, name) for name in known.__struct_fields__}, item=item)


def _highlight(highlight: Highlight, *, new: bool) -> HighlightJson:
    return HighlightJson(
        id=highlight.id,
        quote=highlight.quote,
        author=highlight.author,
        made_at=highlight.made_at,
        colour=highlight.colour,
        tags=highlight.tags,
        location=highlight.location,
        prefix=highlight.prefix,
        suffix=highlight.suffix,
        new=new,
        comments=_comments(highlight.comments),
    )


def _comments(comments: Iterable[Comment]) -> list[CommentJson]:
    return [CommentJson(each.author, each.text, each.made_at, _comments(each.replies)) for each in comments]


def group_json(group: Group, counts: Counts) -> GroupJson:
    """A group with its counts."""
    return GroupJson(
        id=group.id,
        title=group.title,
        tags=group.tags,
        site=group.site,
        items=counts.items,
        unread=counts.unread,
        highlights=counts.highlights,
        new_highlights=counts.new_highlights,
        outcome=group.outcome,
        sources=[_source(source) for source in group.sources],
    )


def _source(source: Source) -> SourceJson:
    return SourceJson(
        source=redact(source.address),
        kind=source.kind,
        outcome=source.outcome,
        error=source.error,
        failing_since=source.failing_since,
        failures=source.failures,
        checked_at=source.checked_at,
        next_due=source.next_due,
        gone=source.gone,
    )


def result_json(result: "Result", outcome: Outcome, *, asked: bool) -> ResultJson:
    """What became of a group."""
    return ResultJson(
        id=result.group or None,
        title=result.title,
        outcome=outcome,
        asked=asked,
        kind=result.kind,
        new=result.new,
        revised=result.revised,
        new_highlights=result.new_highlights,
        warnings=([result.notice] if result.notice else []) + list(result.warnings),
        error=result.error,
    )
