"""Merges two versions of an item's highlights, notes or comments. Pure.

A highlight is matched by the id its service gave it, then by its normalised quote, then by near-equality between one
that disappeared and one that appeared. The latter is an edit: the highlight keeps its identity, so it stays seen.

Merging is idempotent: merging the same version again changes nothing. After the first merge all its quotes are known,
so only highlights with equal quotes could be confused, and `_distribute` assigns ids to these from the ids alone.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec.structs import replace

from florilege.model import Comment, Highlight
from florilege.text import digest, search_key

NEARLY_EQUAL = 0.8
"""Minimum similarity of an edit, from 0 to 1: below it, the two passages are different highlights."""
_COMPARED = 1000
"""Number of characters of a quote that are compared to detect an edit."""
_MOST_PAIRS = 2000
"""Number of pairs of quotes of an item that are all compared; of more, the number grows linearly with the quotes."""
_DERIVED = re.compile(r"[0-9a-f]{16}")


def normalised(quote: str) -> str:
    """The quote in comparable form: folded, without surrounding white space and quotation marks."""
    return search_key(quote).strip(' "')


def merge_highlights(
    known: Sequence[Highlight],
    fresh: Sequence[Highlight],
    *,
    revision: int,
    keep_missing: bool,
    known_first: bool = False,
) -> tuple[Highlight, ...]:
    """Merge two versions of an item's highlights, in the order of `fresh`.

    Args:
        known: The known highlights.
        fresh: The highlights of the other version.
        revision: The revision given to new highlights.
        keep_missing: Whether to keep known highlights that `fresh` lacks (folded, truncated or poorer source).
        known_first: Whether the known version takes precedence (because `fresh` is in fact older).
    """
    if not known and not revision and len({each.id for each in fresh}) == len(fresh):
        return tuple(replace(each, revision=0) if each.revision else each for each in fresh)
    here, fresh = {each.id: each for each in _with_unique_ids(known)}, _with_unique_ids(fresh)
    merged: dict[str, Highlight] = {}
    for place, own in sorted(_assign_ids(here, fresh).items()):
        before, highlight = here.get(own), fresh[place]
        if before is None:
            merged[own] = replace(highlight, id=own, revision=revision)
        else:
            filled = _fill_gaps(before, highlight) if known_first else _fill_gaps(highlight, before)
            merged[own] = replace(filled, id=own, revision=before.revision)
    return tuple(_interleave(here, merged) if keep_missing else merged.values())


def merge_comments(known: Sequence[Comment], fresh: Sequence[Comment], *, keep_missing: bool) -> tuple[Comment, ...]:
    """Merge two versions of a list of comments, including replies. Comments are matched by author and text."""
    missing = {_comment_key(comment): comment for comment in known}
    merged = []
    for comment in fresh:
        before = missing.pop(_comment_key(comment), None)
        merged.append(comment if before is None else _merge_comment(before, comment, keep_missing=keep_missing))
    return (*merged, *missing.values()) if keep_missing else tuple(merged)


def _assign_ids(here: Mapping[str, Highlight], fresh: Sequence[Highlight]) -> dict[int, str]:
    """Assign ids to fresh highlights, by position: those of the known highlights they match, or new ones."""
    owners = {
        place: each.id
        for place, each in enumerate(fresh)
        if (same := here.get(each.id)) is not None and (same.quote == each.quote or not _is_derived(each.id))
    }
    equal: dict[str, list[int]] = {}
    for place, each in enumerate(fresh):
        if place not in owners:
            equal.setdefault(normalised(each.quote), []).append(place)
    free: dict[str, list[str]] = {}
    for own in here.keys() - owners.values():
        free.setdefault(normalised(here[own].quote), []).append(own)
    for quote, places in equal.items():
        owners |= _distribute(places, fresh, free.get(quote, ()))
    matched = set(owners.values())
    vanished = {own: each for own, each in here.items() if own not in matched}
    appeared = {place: each for place, each in enumerate(fresh) if place not in owners}
    owners |= _edits(vanished, appeared) if vanished and appeared else {}
    taken = dict.fromkeys((*here, *owners.values()), 0)
    for place, each in appeared.items():
        if place not in owners:
            owners[place] = _unused_id(each.id, taken)
    for places in equal.values():
        owners |= _distribute(places, fresh, [owners[place] for place in places])
    return owners


def _distribute(places: Sequence[int], fresh: Sequence[Highlight], ids: Collection[str]) -> dict[int, str]:
    """Distribute ids among equal quotes: each keeps its own if available, the rest are assigned in sorted order."""
    assigned = {place: fresh[place].id for place in places if fresh[place].id in ids}
    left = sorted(set(ids).difference(assigned.values()))
    return assigned | dict(zip((place for place in places if place not in assigned), left, strict=False))


def _edits(vanished: Mapping[str, Highlight], appeared: Mapping[int, Highlight]) -> dict[int, str]:
    """Match new highlights, by position, with the ids of nearly equal ones that disappeared, closest pairs first.

    Of very many, each is compared only with those around the same place, since edits hardly change the order.
    """
    from rapidfuzz.distance import Indel  # only needed when a quote was edited

    new = [(place, normalised(each.quote[:_COMPARED])) for place, each in appeared.items()]
    reach = _MOST_PAIRS // len(vanished) + 1
    found: list[tuple[float, str, str, int]] = []
    for rank, (own, highlight) in enumerate(vanished.items()):
        quote, middle = normalised(highlight.quote[:_COMPARED]), rank * len(new) // len(vanished)
        for place, other in new[max(0, middle - reach) : middle + reach]:
            if not (_is_derived(own) or _is_derived(appeared[place].id)):
                continue  # different ids from the service mean different highlights, however similar
            nearness = Indel.normalized_similarity(quote, other, score_cutoff=NEARLY_EQUAL)
            if nearness >= NEARLY_EQUAL:
                found.append((-nearness, own, other, place))
    pairs: dict[int, str] = {}
    used: set[str] = set()
    for _, own, _, place in sorted(found):
        if place not in pairs and own not in used:
            pairs[place] = own
            used.add(own)
    return pairs


def _interleave(known: Mapping[str, Highlight], merged: Mapping[str, Highlight]) -> Iterator[Highlight]:
    """The merged highlights in order, with each missing one inserted after the known neighbour it used to follow."""
    followers: dict[str | None, list[Highlight]] = {}
    neighbour = None
    for own, highlight in known.items():
        if own in merged:
            neighbour = own
        else:
            followers.setdefault(neighbour, []).append(highlight)
    yield from followers.pop(None, ())
    for own, highlight in merged.items():
        yield highlight
        yield from followers.get(own, ())


def _fill_gaps(first: Highlight, second: Highlight) -> Highlight:
    """The first highlight, with its missing fields filled in from the second."""
    gaps = {name: getattr(second, name) for name in Highlight.__struct_fields__ if not getattr(first, name)}
    comments = merge_comments(second.comments, first.comments, keep_missing=not first.comments)
    return replace(first, **gaps | {"comments": comments})


def _merge_comment(before: Comment, comment: Comment, *, keep_missing: bool) -> Comment:
    """The new version of a known comment, with its missing fields filled in from the known one."""
    return replace(
        comment,
        author=comment.author or before.author,
        made_at=comment.made_at or before.made_at,
        replies=merge_comments(before.replies, comment.replies, keep_missing=keep_missing or not comment.replies),
    )


def _with_unique_ids(fresh: Sequence[Highlight]) -> list[Highlight]:
    """The highlights of a version with unique ids: if an id is repeated, the first highlight keeps it."""
    taken: dict[str, int] = {}
    found: list[Highlight] = []
    for highlight in fresh:
        own = _unused_id(highlight.id, taken)
        found.append(highlight if own == highlight.id else replace(highlight, id=own))
    return found


def _is_derived(own: str) -> bool:
    """Whether an id is a hash of the quote (`text.digest`), and so carries no information beyond the quote."""
    return _DERIVED.fullmatch(own) is not None


def _unused_id(wanted: str, taken: dict[str, int]) -> str:
    """The wanted id, or one derived from it if it is taken, for example by an edited highlight.

    Args:
        wanted: The id.
        taken: How many ids were derived from each id that is taken; the one returned is added.
    """
    found = wanted
    while found in taken:
        taken[wanted] += 1
        found = digest(wanted, str(taken[wanted]))
    taken[found] = 0
    return found


def _comment_key(comment: Comment) -> tuple[str, str]:
    return (search_key(comment.author or ""), search_key(comment.text))
