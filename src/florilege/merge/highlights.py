"""What becomes of an item's highlights, notes and comments when a newer version of it arrives. Pure.

A highlight is known again by its native id, then by its normalised quote, then by near-equality between one that
vanished and one that appeared: that is an edit, and the highlight stays itself, so it stays seen.
"""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from msgspec.structs import replace

from florilege.model import Comment, Entry, Highlight, Sharer
from florilege.text import digest, fold

NEARLY_EQUAL = 0.8
"""Least difflib ratio of an edit: below it, a passage that vanished and one that appeared are two."""
_TOO_MANY = 40
"""Vanished or appeared highlights beyond which edits are not looked for: the comparison grows with their product."""
_DERIVED = re.compile(r"[0-9a-f]{16}")
"""An id that is a hash of the quote (`text.digest`): it says nothing that the quote does not."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The highlights of an item after a newer version of it."""

    highlights: tuple[Highlight, ...]
    added: int
    """Highlights that were not there before in any form."""
    edited: int
    removed: int


def normalised(quote: str) -> str:
    """The quote as it is compared: folded, without surrounding white space and quotation marks."""
    return fold(quote).strip(' "')


def merge(
    known: Sequence[Highlight],
    fresh: Sequence[Highlight],
    *,
    revision: int,
    keep_missing: bool,
    ours_first: bool = False,
) -> Merged:
    """Put two versions of an item's highlights together.

    Args:
        known: What the library has.
        fresh: What the newer version says, in its order.
        revision: The revision that highlights never seen before belong to.
        keep_missing: Whether a known highlight that `fresh` lacks stays (folded, cut or poorer source).
        ours_first: Whether the known highlight's facts win over the fresh one's (the "newer" version is older).
    """
    fresh = _told_apart(fresh)
    pairs = _pair(known, fresh)
    partner_of = {ours: theirs for ours, theirs in pairs.items() if theirs is not None}
    known_of = {theirs: ours for ours, theirs in partner_of.items()}
    taken = {highlight.id for highlight in known}
    in_order: list[tuple[int | None, Highlight]] = []
    edited = added = 0
    for place, highlight in enumerate(fresh):
        ours = known_of.get(place)
        if ours is None:
            kept = replace(highlight, id=_unused(highlight.id, taken), revision=revision)
            taken.add(kept.id)
            added += 1
        else:
            edited += normalised(known[ours].quote) != normalised(highlight.quote)
            first, second = (known[ours], highlight) if ours_first else (highlight, known[ours])
            kept = replace(_filled(first, second), id=known[ours].id, revision=known[ours].revision)
        in_order.append((ours, kept))
    missing = [place for place in range(len(known)) if place not in partner_of]
    if not keep_missing:
        return Merged(tuple(highlight for _, highlight in in_order), added, edited, len(missing))
    return Merged(tuple(_woven(known, in_order, missing)), added, edited, 0)


def merge_comments(known: Sequence[Comment], fresh: Sequence[Comment], *, keep_missing: bool) -> tuple[Comment, ...]:
    """Put two versions of a list of comments together, replies included; the same author and words are the same."""
    missing = {_words(comment): comment for comment in known}
    merged = []
    for comment in fresh:
        before = missing.pop(_words(comment), None)
        merged.append(comment if before is None else _same_comment(before, comment, keep_missing=keep_missing))
    return (*merged, *missing.values()) if keep_missing else tuple(merged)


def union(first: Entry, second: Entry) -> Entry:
    """What two repeated entries of one document know together; the first one's word counts most."""
    return replace(
        first,
        title=first.title or second.title,
        url=first.url or second.url,
        discussion_url=first.discussion_url or second.discussion_url,
        sharer=united(first.sharer, second.sharer),
        shared_at=first.shared_at or second.shared_at,
        updated_at=first.updated_at or second.updated_at,
        tags=first.tags or second.tags,
        description=first.description or second.description,
        notes=merge_comments(second.notes, first.notes, keep_missing=True),
        comments=merge_comments(second.comments, first.comments, keep_missing=True),
        highlights=merge(second.highlights, first.highlights, revision=0, keep_missing=True).highlights,
        views=first.views if first.views is not None else second.views,
        body=first.body or second.body,
        body_kind=first.body_kind if first.body else second.body_kind,
    )


def united(first: Sharer | None, second: Sharer | None) -> Sharer | None:
    """A sharer of whom one side may know the name and the other the handle."""
    if first is None or second is None:
        return first or second
    return Sharer(name=first.name or second.name, handle=first.handle or second.handle)


def _pair(known: Sequence[Highlight], fresh: Sequence[Highlight]) -> dict[int, int | None]:
    """For each known highlight the place of the fresh one it is, or None when it vanished."""
    if not known:
        return {}
    pairs: dict[int, int | None] = dict.fromkeys(range(len(known)))
    left = list(range(len(fresh)))

    # Among equal quotes the one that also bears the id, then the first by id and not by place: what a poorer version
    # lacks may change its place, and partners must not change with it.
    in_order = sorted(pairs, key=lambda ours: known[ours].id)
    for key_of in (_itself, _native, _quote):
        places: dict[Hashable, list[int]] = {}
        for place in left:
            key = key_of(fresh[place])
            if key is not None:
                places.setdefault(key, []).append(place)
        for ours in in_order:
            key = key_of(known[ours])
            if pairs[ours] is None and key is not None and places.get(key):
                found = places[key].pop(0)
                pairs[ours] = found
                left.remove(found)
    pairs.update(_edits(known, fresh, [ours for ours, theirs in pairs.items() if theirs is None], left))
    return pairs


def _edits(
    known: Sequence[Highlight], fresh: Sequence[Highlight], vanished: list[int], appeared: list[int]
) -> list[tuple[int, int]]:
    """Pairs of a vanished and an appeared highlight that are nearly equal, the nearest first."""
    if not vanished or not appeared or len(vanished) > _TOO_MANY or len(appeared) > _TOO_MANY:
        return []
    nearness: list[tuple[float, int, int]] = []
    for theirs in appeared:
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(normalised(fresh[theirs].quote))
        for ours in vanished:
            if (_native(known[ours]) or "") and (_native(fresh[theirs]) or ""):
                continue  # two native ids that differ are two highlights, however alike
            matcher.set_seq1(normalised(known[ours].quote))
            if matcher.real_quick_ratio() >= NEARLY_EQUAL and matcher.quick_ratio() >= NEARLY_EQUAL:
                ratio = matcher.ratio()
                if ratio >= NEARLY_EQUAL:
                    nearness.append((ratio, ours, theirs))
    pairs: list[tuple[int, int]] = []
    for _, ours, theirs in sorted(nearness, key=lambda near: (-near[0], near[1], near[2])):
        if all(ours != pair[0] and theirs != pair[1] for pair in pairs):
            pairs.append((ours, theirs))
    return pairs


def _woven(
    known: Sequence[Highlight], in_order: list[tuple[int | None, Highlight]], missing: list[int]
) -> list[Highlight]:
    """The fresh highlights in their order, each missing one after the known neighbour it used to follow."""
    followers: dict[int | None, list[Highlight]] = {}
    neighbour: int | None = None
    for place, highlight in enumerate(known):
        if place in missing:
            followers.setdefault(neighbour, []).append(highlight)
        else:
            neighbour = place
    woven = followers.pop(None, [])
    for ours, highlight in in_order:
        woven.append(highlight)
        if ours is not None:
            woven += followers.pop(ours, [])
    return woven


def _filled(first: Highlight, second: Highlight) -> Highlight:
    """The first highlight with what only the second knows."""
    comments = merge_comments(second.comments, first.comments, keep_missing=not first.comments)
    return replace(
        first,
        author=first.author or second.author,
        made_at=first.made_at or second.made_at,
        colour=first.colour or second.colour,
        tags=first.tags or second.tags,
        location=first.location or second.location,
        prefix=first.prefix or second.prefix,
        suffix=first.suffix or second.suffix,
        comments=comments,
    )


def _same_comment(before: Comment, comment: Comment, *, keep_missing: bool) -> Comment:
    """A comment that is known, with what only the known version says."""
    return replace(
        comment,
        author=comment.author or before.author,
        made_at=comment.made_at or before.made_at,
        replies=merge_comments(before.replies, comment.replies, keep_missing=keep_missing or not comment.replies),
    )


def _told_apart(fresh: Sequence[Highlight]) -> list[Highlight]:
    """The highlights of a version, each with an id of its own: a source that gives one twice means its first."""
    taken: set[str] = set()
    told: list[Highlight] = []
    for highlight in fresh:
        own = _unused(highlight.id, taken)
        taken.add(own)
        told.append(highlight if own == highlight.id else replace(highlight, id=own))
    return told


def _itself(highlight: Highlight) -> Hashable:
    return (highlight.id, normalised(highlight.quote))


def _native(highlight: Highlight) -> str | None:
    return None if _DERIVED.fullmatch(highlight.id) else highlight.id


def _quote(highlight: Highlight) -> str | None:
    return normalised(highlight.quote)


def _unused(wanted: str, taken: set[str]) -> str:
    """The id wanted, or one derived from it when an edited highlight still bears it."""
    ordinal = 1
    found = wanted
    while found in taken:
        found = digest(wanted, str(ordinal))
        ordinal += 1
    return found


def _words(comment: Comment) -> tuple[str, str]:
    return (fold(comment.author or ""), fold(comment.text))
