"""Two versions of an item's highlights, notes or comments, put together. Pure.

A highlight is known again by its id, then by its normalised quote, then by near-equality between one that vanished and
one that appeared: that is an edit, and the highlight stays itself, so it stays seen.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from msgspec.structs import replace

from florilege.model import Comment, Highlight
from florilege.text import digest, search_key

NEARLY_EQUAL = 0.8
"""Least similarity of an edit, from 0 to 1: below it, a passage that vanished and one that appeared are two."""
_COMPARED = 4000
"""Characters of a quote that are compared for an edit."""
_SHARED = 0.5
"""Least part of their words that two quotes share when they are compared at all."""
_COMMON = 40
"""Quotes in which a word stands beyond which it says nothing: so candidates grow with the quotes, not their product."""
_FEW_WORDS = 6
_WORD = re.compile(r"\w+")
_DERIVED = re.compile(r"[0-9a-f]{16}")
"""An id that is a hash of the quote (`text.digest`): it says nothing that the quote does not."""


def normalised(quote: str) -> str:
    """The quote as it is compared: folded, without surrounding white space and quotation marks."""
    return search_key(quote).strip(' "')


def merge_highlights(
    known: Sequence[Highlight],
    fresh: Sequence[Highlight],
    *,
    revision: int,
    keep_missing: bool,
    known_first: bool = False,
) -> tuple[Highlight, ...]:
    """Put two versions of an item's highlights together, in the order of the fresh ones.

    Args:
        known: What is known.
        fresh: What the other version says.
        revision: The revision that highlights never seen before belong to.
        keep_missing: Whether a known highlight that `fresh` lacks stays (folded, cut or poorer source).
        known_first: Whether the known highlight's facts win over the fresh one's (the "newer" version is older).
    """
    if not known and not revision and len({each.id for each in fresh}) == len(fresh):
        return tuple(each if not each.revision else replace(each, revision=0) for each in fresh)
    fresh = _with_own_ids(fresh)
    partners = _partners(known, fresh)
    taken = {highlight.id for highlight in known}
    owners: list[tuple[str, int]] = []
    for place, highlight in enumerate(fresh):
        ours = partners.get(place, -1)
        own = _unused(highlight.id, taken) if ours < 0 else known[ours].id
        taken.add(own)
        owners.append((own, ours))
    _sort_among_equals(owners, fresh)
    merged: list[Highlight] = []
    for highlight, (own, ours) in zip(fresh, owners, strict=True):
        if ours < 0:
            merged.append(replace(highlight, id=own, revision=revision))
        else:
            first, second = (known[ours], highlight) if known_first else (highlight, known[ours])
            merged.append(replace(_filled(first, second), id=own, revision=known[ours].revision))
    return tuple(_woven(known, merged, [ours for _, ours in owners])) if keep_missing else tuple(merged)


def merge_comments(known: Sequence[Comment], fresh: Sequence[Comment], *, keep_missing: bool) -> tuple[Comment, ...]:
    """Put two versions of a list of comments together, replies included; the same author and words are the same."""
    missing = {_words(comment): comment for comment in known}
    merged = []
    for comment in fresh:
        before = missing.pop(_words(comment), None)
        merged.append(comment if before is None else _same_comment(before, comment, keep_missing=keep_missing))
    return (*merged, *missing.values()) if keep_missing else tuple(merged)


def _partners(known: Sequence[Highlight], fresh: Sequence[Highlight]) -> dict[int, int]:
    """For places of fresh highlights the places of the known ones they are; those that are new have none."""
    partners: dict[int, int] = {}
    free, left = dict.fromkeys(range(len(known))), dict.fromkeys(range(len(fresh)))

    def pair(theirs: int, ours: int) -> None:
        partners[theirs] = ours
        del free[ours], left[theirs]

    # First by id, and among equal quotes by id and not by place: what a poorer version lacks may change its place.
    by_id = sorted(free, key=lambda ours: known[ours].id)
    for key_of in (_itself, _own_id, _quote):
        places: dict[Hashable, list[int]] = {}
        for theirs in reversed(left):
            if (key := key_of(fresh[theirs])) is not None:
                places.setdefault(key, []).append(theirs)
        for ours in by_id:
            if ours in free and (waiting := places.get(key_of(known[ours]))):
                pair(waiting.pop(), ours)
        if not free or not left:
            return partners
    for theirs, ours in _edits(known, fresh, [*free], [*left]):
        pair(theirs, ours)
    return partners


def _sort_among_equals(owners: list[tuple[str, int]], fresh: Sequence[Highlight]) -> None:
    """Among equal quotes that are not known by their ids, the first gets the first id: so it will, the next time."""
    among: dict[str, list[int]] = {}
    for place, highlight in enumerate(fresh):
        if owners[place][0] != highlight.id:
            among.setdefault(normalised(highlight.quote), []).append(place)
    for places in among.values():
        for place, owner in zip(places, sorted(owners[place] for place in places), strict=True):
            owners[place] = owner


def _edits(
    known: Sequence[Highlight], fresh: Sequence[Highlight], vanished: Sequence[int], appeared: Sequence[int]
) -> list[tuple[int, int]]:
    """Pairs of an appeared and a vanished highlight that are nearly equal, the nearest first."""
    from rapidfuzz.distance import Indel  # only where a quote was edited

    new = {theirs: normalised(fresh[theirs].quote[:_COMPARED]) for theirs in appeared}
    words = {theirs: _parts(quote) for theirs, quote in new.items()}
    found: list[tuple[float, str, int, int]] = []
    quotes_with = _quotes_with(words)
    for ours in vanished:
        quote = normalised(known[ours].quote[:_COMPARED])
        own = _parts(quote)
        shared = Counter(theirs for word in own for theirs in quotes_with.get(word, ()))
        for theirs, number in shared.items():
            if number < _SHARED * max(len(own), len(words[theirs])):
                continue
            if _own_id(known[ours]) and _own_id(fresh[theirs]):
                continue  # two own ids that differ are two highlights, however alike
            nearness = Indel.normalized_similarity(quote, new[theirs], score_cutoff=NEARLY_EQUAL)
            if nearness >= NEARLY_EQUAL:
                found.append((-nearness, known[ours].id, theirs, ours))
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for _, _, theirs, ours in sorted(found):
        if ours not in used and theirs not in pairs:
            pairs[theirs] = ours
            used.add(ours)
    return list(pairs.items())


def _parts(quote: str) -> frozenset[str]:
    """The words of a quote; of a short one, or one without spaces, each two characters."""
    words = _WORD.findall(quote)
    if len(words) >= _FEW_WORDS:
        return frozenset(words)
    return frozenset(quote[at : at + 2] for at in range(len(quote) - 1)) or frozenset({quote})


def _quotes_with(words: dict[int, frozenset[str]]) -> dict[str, list[int]]:
    """In which quotes each word stands, but for words that stand in too many."""
    found: dict[str, list[int]] = {}
    for place, each in words.items():
        for word in each:
            found.setdefault(word, []).append(place)
    return {word: places for word, places in found.items() if len(places) <= _COMMON}


def _woven(known: Sequence[Highlight], merged: Sequence[Highlight], owners: Sequence[int]) -> Iterable[Highlight]:
    """The merged highlights in their order, each missing one after the known neighbour it used to follow."""
    there = set(owners)
    followers: dict[int, list[Highlight]] = {}
    neighbour = -1
    for place, highlight in enumerate(known):
        if place in there:
            neighbour = place
        else:
            followers.setdefault(neighbour, []).append(highlight)
    yield from followers.pop(-1, ())
    for highlight, ours in zip(merged, owners, strict=True):
        yield highlight
        yield from followers.get(ours, ())


def _filled(first: Highlight, second: Highlight) -> Highlight:
    """The first highlight with what only the second knows."""
    gaps = {name: getattr(second, name) for name in Highlight.__struct_fields__ if not getattr(first, name)}
    comments = merge_comments(second.comments, first.comments, keep_missing=not first.comments)
    return replace(first, **gaps | {"comments": comments})


def _same_comment(before: Comment, comment: Comment, *, keep_missing: bool) -> Comment:
    """A comment that is known, with what only the known version says."""
    return replace(
        comment,
        author=comment.author or before.author,
        made_at=comment.made_at or before.made_at,
        replies=merge_comments(before.replies, comment.replies, keep_missing=keep_missing or not comment.replies),
    )


def _with_own_ids(fresh: Sequence[Highlight]) -> list[Highlight]:
    """The highlights of a version, each with an id of its own: a source that gives one twice means its first."""
    taken: set[str] = set()
    found: list[Highlight] = []
    for highlight in fresh:
        own = _unused(highlight.id, taken)
        taken.add(own)
        found.append(highlight if own == highlight.id else replace(highlight, id=own))
    return found


def _itself(highlight: Highlight) -> Hashable:
    return (highlight.id, normalised(highlight.quote))


def _own_id(highlight: Highlight) -> str | None:
    """The id that a service gave it."""
    return None if _DERIVED.fullmatch(highlight.id) else highlight.id


def _quote(highlight: Highlight) -> str:
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
    return (search_key(comment.author or ""), search_key(comment.text))
