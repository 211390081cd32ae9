"""What an item becomes with each newer version of it. Pure.

What a newer version does not know never erases what is known: a poorer feed may show the same page. Only highlights,
notes and comments go away, and only when a version that shows them all no longer has them.
"""

from dataclasses import dataclass

from msgspec.structs import asdict, replace

from florilege.merge.gathering import gathered
from florilege.merge.highlights import merge, merge_comments, united
from florilege.model import BodyKind, Entry, Item, instant
from florilege.text import same_tag

_ROUNDS = 3
"""How often a version is looked at again at most. Once was enough for all that were made to be hard."""


@dataclass(frozen=True, slots=True)
class Revision:
    """An item after a newer version of it, and what a reader would notice."""

    item: Item
    new_highlights: int = 0
    reasons: tuple[str, ...] = ()
    """What changed, in a few words each; empty when nothing a reader would notice did."""


def revise(before: Item, entry: Entry, *, keep_missing: bool = False) -> Revision:
    """The item after a newer version of it. The item stays itself: its id, group, place and date of arrival.

    Args:
        before: The item as it is known.
        entry: What the newer version says.
        keep_missing: Whether to keep what the entry lacks even though it claims to show everything.
    """
    revision = _revised(before, entry, keep_missing=keep_missing)
    if revision.item.highlights == before.highlights:
        return revision
    # One passage that stands there twice and was edited once may find another partner when the same entry comes again.
    # Let it, now, so that it need not then.
    for _ in range(_ROUNDS):
        more = _revised(revision.item, entry, keep_missing=keep_missing)
        if more.item == revision.item:
            break
        added = revision.new_highlights + more.new_highlights
        revision = Revision(more.item, added, _noticeable(before, more.item))
    return revision


def _revised(before: Item, entry: Entry, *, keep_missing: bool) -> Revision:
    """The item after a newer version of it, looked at once."""
    older = bool(before.updated_at and entry.updated_at and instant(entry.updated_at) < instant(before.updated_at))
    keep = keep_missing or older or not entry.all_highlights or entry.incomplete or bool(entry.folded)
    merged = merge(
        before.highlights, entry.highlights, revision=before.revision + 1, keep_missing=keep, ours_first=older
    )
    first, second = (before, entry) if older else (entry, before)
    folded, incomplete = _completeness(before, entry, len(merged.highlights))
    has_body = bool(first.body)
    tags, all_tags = _tags(first, second)
    after = replace(
        before,
        native_id=first.native_id or second.native_id,
        title=first.title or second.title,
        url=first.url or second.url,
        discussion_url=first.discussion_url or second.discussion_url,
        sharer=united(first.sharer, second.sharer),
        shared_at=first.shared_at or second.shared_at,
        updated_at=first.updated_at or second.updated_at,
        date_text=None if first.shared_at or second.shared_at else first.date_text or second.date_text,
        tags=tags,
        description=first.description or second.description,
        notes=merge_comments(before.notes, entry.notes, keep_missing=keep),
        comments=merge_comments(before.comments, entry.comments, keep_missing=keep),
        highlights=merged.highlights,
        views=first.views if first.views is not None else second.views,
        folded=folded,
        incomplete=incomplete,
        all_highlights=before.all_highlights or entry.all_highlights,
        all_tags=all_tags,
        body=first.body if has_body else second.body,
        body_kind=first.body_kind if has_body else second.body_kind,
        revision=before.revision + (1 if merged.added else 0),
    )
    if entry.gathered:
        after = gathered(before, entry, after)
    return Revision(after, merged.added, _noticeable(before, after))


def _tags(first: Entry, second: Entry) -> tuple[tuple[str, ...], bool]:
    """The tags of the version that counts, those of both when one does not know them all; and whether they are all.

    What only a version without all of them knows is kept for good: so tags add up, whichever version comes again.
    """
    if first.tags and first.all_tags and second.all_tags:
        return first.tags, True
    known: dict[str, str] = {}
    for tag in (*first.tags, *second.tags) if first.all_tags else (*second.tags, *first.tags):
        known.setdefault(same_tag(tag), tag)
    are_all = any(each.all_tags and {same_tag(tag) for tag in each.tags} == known.keys() for each in (first, second))
    return tuple(known.values()), are_all


def _completeness(before: Item, entry: Entry, total: int) -> tuple[int | None, bool]:
    """What is announced behind a fold, and whether something is missing, once `total` highlights are known."""
    if entry.folded is None:
        return before.folded, entry.incomplete and before.incomplete
    return entry.folded, entry.incomplete and (before.incomplete or total == len(entry.highlights))


_UNNOTICED = {"views", "updated_at", "order", "revision", "native_id", "all_highlights", "all_tags", "date_text"}


def _noticeable(before: Item, after: Item) -> tuple[str, ...]:
    """The names of what changed, with counts where they tell more."""
    was, now = asdict(before), asdict(after)
    reasons = []
    for name, value in now.items():
        if name in _UNNOTICED or value == was[name]:
            continue
        if name in {"body", "body_kind"} and after.body_kind is BodyKind.TAKEN_APART:
            continue
        if name == "highlights" and len(value) != len(was[name]):
            reasons.append(f"highlights {len(was[name])} to {len(value)}")
        else:
            reasons.append(name.replace("_", " "))
    return tuple(reasons)
