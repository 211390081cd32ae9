"""The item that an unknown entry becomes, with an id of its own. Pure."""

from collections.abc import Container
from datetime import datetime

from msgspec.structs import replace

from florilege.merge.facts import Facts, facts_of
from florilege.merge.highlights import merge
from florilege.model import BodyKind, Entry, Highlight, Item
from florilege.text import digest


def first_item(
    entry: Entry, facts: Facts | None = None, *, group: str, taken: Container[str], now: datetime, order: int
) -> Item:
    """The item an unknown entry becomes. Its id is derived from what it is known by, so it comes out the same again.

    Args:
        entry: What was read.
        facts: What it is known by, when that has been worked out.
        group: The id of the group.
        taken: Ids that others have.
        now: When, with zone.
        order: Its place in the document.
    """
    known_by = facts or facts_of(entry)
    parts = (group, known_by.native_id or "", known_by.link or "", known_by.name or "", known_by.title)
    item_id = digest(*parts)
    ordinal = 1
    while item_id in taken:
        item_id = digest(*parts, str(ordinal))
        ordinal += 1
    item = Item(
        native_id=entry.native_id,
        title=entry.title,
        url=entry.url,
        sharer=entry.sharer,
        shared_at=entry.shared_at,
        updated_at=entry.updated_at,
        tags=entry.tags,
        description=entry.description,
        highlights=_beginning(entry.highlights) if entry.highlights else (),
        id=item_id,
        group=group,
        added_at=now,
        order=order,
    )
    return _with_the_rest(item, entry) if _says_more(entry) else item


def _says_more(entry: Entry) -> bool:
    """Whether an entry says what few do. Naming each field each time takes twice as long as all else."""
    return bool(
        entry.notes
        or entry.comments
        or entry.body
        or entry.discussion_url
        or entry.date_text
        or entry.views is not None
        or entry.folded is not None
        or entry.incomplete
        or entry.gathered
        or not entry.all_highlights
        or not entry.all_tags
        or entry.body_kind is not BodyKind.HTML
    )


def _with_the_rest(item: Item, entry: Entry) -> Item:
    """The item with what few entries say."""
    return replace(
        item,
        discussion_url=entry.discussion_url,
        date_text=entry.date_text,
        notes=entry.notes,
        comments=entry.comments,
        views=entry.views,
        folded=entry.folded,
        incomplete=entry.incomplete,
        all_highlights=entry.all_highlights,
        all_tags=entry.all_tags,
        gathered=entry.gathered,
        body=entry.body,
        body_kind=entry.body_kind,
    )


def _beginning(highlights: tuple[Highlight, ...]) -> tuple[Highlight, ...]:
    """The highlights of a new item: as they are, when each has an id of its own."""
    if len({highlight.id for highlight in highlights}) == len(highlights) and not any(
        highlight.revision for highlight in highlights
    ):
        return highlights
    return merge((), highlights, revision=0, keep_missing=False).highlights
