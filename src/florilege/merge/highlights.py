"""Two versions of an item's highlights, notes or comments, put together. Pure.

A highlight is known again by the id its service gave it, then by its normalised quote, then by near-equality between
one that vanished and one that appeared: that is an edit, and the highlight stays itself, so it stays seen.

The same version once more changes nothing. By then all that it brought has its quotes, so only equal ones could be
taken for each other: which of them has which id is a matter of the ids alone (`_dealt`), before and after.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

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
    here, fresh = {each.id: each for each in _with_own_ids(known)}, _with_own_ids(fresh)
    owners, older_wordings = _owners(here, fresh, one_to_one=not known_first)
    for place, own in older_wordings.items():
        here[own] = replace(_filled(here[own], fresh[place]), revision=here[own].revision)
    merged: dict[str, Highlight] = {}
    for place, own in sorted(owners.items()):
        before, highlight = here.get(own), fresh[place]
        if before is None:
            merged[own] = replace(highlight, id=own, revision=revision)
        else:
            filled = _filled(before, highlight) if known_first else _filled(highlight, before)
            merged[own] = replace(filled, id=own, revision=before.revision)
    return tuple(_woven(here, merged) if keep_missing else merged.values())


def merge_comments(known: Sequence[Comment], fresh: Sequence[Comment], *, keep_missing: bool) -> tuple[Comment, ...]:
    """Put two versions of a list of comments together, replies included; the same author and words are the same."""
    missing = {_words(comment): comment for comment in known}
    merged = []
    for comment in fresh:
        before = missing.pop(_words(comment), None)
        merged.append(comment if before is None else _same_comment(before, comment, keep_missing=keep_missing))
    return (*merged, *missing.values()) if keep_missing else tuple(merged)


def _owners(
    here: Mapping[str, Highlight], fresh: Sequence[Highlight], *, one_to_one: bool
) -> tuple[dict[int, str], dict[int, str]]:
    """By places of fresh highlights the ids they have from now on: those of the known ones they are, or new ones.

    And, where edits need not be one to one, those of the known ones that places only say in other words: an older
    wording is no highlight of its own, however often it stands there.
    """
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
        owners |= _dealt(places, fresh, free.get(quote, ()))
    vanished = {own: here[own] for own in here.keys() - owners.values()}
    appeared = {place: each for place, each in enumerate(fresh) if place not in owners}
    edits = _edits(vanished, appeared, one_to_one=one_to_one) if vanished and appeared else {}
    if one_to_one:
        owners |= edits
        edits = {}
    taken = {*here, *owners.values()}
    for place, each in appeared.items():
        if place not in owners and place not in edits:
            owners[place] = _unused(each.id, taken)
            taken.add(owners[place])
    for places in equal.values():
        there = [place for place in places if place in owners]
        owners |= _dealt(there, fresh, [owners[place] for place in there])
    return owners, edits


def _dealt(places: Sequence[int], fresh: Sequence[Highlight], ids: Collection[str]) -> dict[int, str]:
    """Which of some equal quotes has which id: its own where that is among them, then the first the first."""
    dealt = {place: fresh[place].id for place in places if fresh[place].id in ids}
    left = sorted(set(ids).difference(dealt.values()))
    return dealt | dict(zip((place for place in places if place not in dealt), left, strict=False))


def _edits(vanished: Mapping[str, Highlight], appeared: Mapping[int, Highlight], *, one_to_one: bool) -> dict[int, str]:
    """By places of appeared highlights the ids of the vanished ones that are nearly equal, the nearest first."""
    from rapidfuzz.distance import Indel  # only where a quote was edited

    new = {place: normalised(each.quote[:_COMPARED]) for place, each in appeared.items()}
    words = {place: _parts(quote) for place, quote in new.items()}
    found: list[tuple[float, str, str, int]] = []
    quotes_with = _quotes_with(words)
    for own, highlight in vanished.items():
        quote = normalised(highlight.quote[:_COMPARED])
        parts = _parts(quote)
        shared = Counter(place for word in parts for place in quotes_with.get(word, ()))
        for place, number in shared.items():
            if number < _SHARED * max(len(parts), len(words[place])):
                continue
            if not (_is_derived(own) or _is_derived(appeared[place].id)):
                continue  # two ids of the service that differ are two highlights, however alike
            nearness = Indel.normalized_similarity(quote, new[place], score_cutoff=NEARLY_EQUAL)
            if nearness >= NEARLY_EQUAL:
                found.append((-nearness, own, new[place], place))
    pairs: dict[int, str] = {}
    used: set[str] = set()
    for _, own, _, place in sorted(found):
        if place not in pairs and not (one_to_one and own in used):
            pairs[place] = own
            used.add(own)
    return pairs


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


def _woven(known: Mapping[str, Highlight], merged: Mapping[str, Highlight]) -> Iterator[Highlight]:
    """The merged highlights in their order, each missing one after the known neighbour it used to follow."""
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


def _is_derived(own: str) -> bool:
    """Whether an id is a hash of the quote (`text.digest`): it says nothing that the quote does not."""
    return _DERIVED.fullmatch(own) is not None


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
