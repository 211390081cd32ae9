"""The shapes of `--json`: stable; fields are added, never renamed; unknown is null and never missing. Pure.

They are written out here, apart from the model, so that a change of the model can't change them unnoticed. Times stay
datetimes, for msgspec writes them as ISO 8601, with an offset where one is known. No body: that is for an export.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from florilege.model import Comment, Counts, Group, Highlight, Item, Outcome, ReadingState, Source
from florilege.urls import redact

if TYPE_CHECKING:
    from florilege.export import Row
    from florilege.refresh import Result

Shape = dict[str, Any]
"""What becomes a JSON object, its keys in this order."""


def item_shape(item: Item, state: ReadingState, group_title: str, also_in: Sequence[str]) -> Shape:
    """An item with its state, as `list --json` gives it."""
    sharer = item.sharer
    return {
        "id": item.id,
        "group": {"id": item.group, "title": group_title},
        "title": item.title,
        "url": item.url,
        "discussion_url": item.discussion_url,
        "sharer": {"name": sharer.name, "handle": sharer.handle} if sharer else {"name": None, "handle": None},
        "shared_at": item.shared_at,
        "updated_at": item.updated_at,
        "tags": item.tags,
        "description": item.description,
        "views": item.views,
        "folded": item.folded,
        "incomplete": item.incomplete,
        "notes": _comments(item.notes),
        "comments": _comments(item.comments),
        "highlights": [_highlight(highlight, new=state.has_new(highlight)) for highlight in item.highlights],
        "read": state.is_read,
        "starred": state.is_starred,
        "new_highlights": state.new_highlights(item),
        "also_in": also_in,
    }


def quote_shape(row: "Row", highlight: Highlight) -> Shape:
    """A highlight with where it is from, as `quotes --json` gives it."""
    group = {"id": row.group.id, "title": row.group.title}
    source = {"id": row.item.id, "title": row.item.title, "url": row.item.url, "group": group}
    return {**_highlight(highlight, new=row.state.has_new(highlight)), "item": source}


def _highlight(highlight: Highlight, *, new: bool) -> Shape:
    return {
        "id": highlight.id,
        "quote": highlight.quote,
        "author": highlight.author,
        "made_at": highlight.made_at,
        "colour": highlight.colour,
        "tags": highlight.tags,
        "location": highlight.location,
        "prefix": highlight.prefix,
        "suffix": highlight.suffix,
        "new": new,
        "comments": _comments(highlight.comments),
    }


def _comments(comments: Iterable[Comment]) -> list[Shape]:
    return [
        {
            "author": comment.author,
            "text": comment.text,
            "made_at": comment.made_at,
            "replies": _comments(comment.replies),
        }
        for comment in comments
    ]


def group_shape(group: Group, counts: Counts) -> Shape:
    """A group with its counts, as `groups --json` gives it."""
    return {
        "id": group.id,
        "title": group.title,
        "tags": group.tags,
        "site": group.site,
        "items": counts.items,
        "unread": counts.unread,
        "highlights": counts.highlights,
        "new_highlights": counts.new_highlights,
        "outcome": group.outcome,
        "sources": [_source(source) for source in group.sources],
    }


def _source(source: Source) -> Shape:
    return {
        "source": redact(source.address),
        "kind": source.kind,
        "outcome": source.outcome,
        "error": source.error,
        "failing_since": source.failing_since,
        "failures": source.failures,
        "checked_at": source.checked_at,
        "next_due": source.next_due,
        "gone": source.gone,
    }


def result_shape(result: "Result", outcome: Outcome, *, asked: bool) -> Shape:
    """What became of a group, as `add --json` and `refresh --json` give it.

    Args:
        result: What became of it.
        outcome: How its last fetch ended, now or before.
        asked: Whether it was fetched or read now; not when it was not due, has no source, or was only planned.
    """
    return {
        "id": result.group or None,
        "title": result.title,
        "outcome": outcome,
        "asked": asked,
        "kind": result.kind,
        "new": result.new,
        "revised": result.revised,
        "new_highlights": result.new_highlights,
        "warnings": result.warnings,
        "error": result.error,
    }
