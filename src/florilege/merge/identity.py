"""Identity: which entries of a document are the same, and which known item an entry corresponds to. Pure.

The rules are listed in `_RULES` and tried in order; each item and each entry is matched at most once. In summary:

- An item that has all facts of the entry matches, so the same document again changes nothing.
- An id that is unique on both sides matches, whatever the link is now (RFC 4287, 4.2.6); an id used with several links
  needs the link as well.
- A link with its title matches even if the id has changed; so does a title with its date and text even if the site has
  moved.
- A link alone, and then a title alone, match only if unambiguous.

If several items are candidates, an entry without an id never matches one whose text is entirely different.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar

import msgspec

from florilege.merge.highlights import normalised
from florilege.merge.items import merge
from florilege.model import BodyKind, Entry, Item, Sharer, instant
from florilege.text import cached, digest, search_key
from florilege.urls import anchor, canonical

Known = TypeVar("Known", bound="Item | Tombstone")

_MOST_JOINED = 100
"""Most entries of a document that are joined into one: each takes as long as all before it together, and no genuine
document repeats a page that often. The others are further items, and nothing of them is lost."""
_CANDIDATES = 20
"""Maximum items with the same key examined for one entry: a feed may repeat a link and title any number of times."""


class Tombstone(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The identifying facts of an item.

    It is kept in place of a purged item, so that the item is not added again.
    """

    id: str
    """The id of the item."""
    native_id: str | None = None
    url: str | None = None
    title: str = ""
    sharer: Sharer | None = None
    shared_at: datetime | None = None
    texts: tuple[str, ...] = ()
    """Hashes of its texts."""
    purged_at: datetime | None = None
    item: Item | None = None
    """The full item, as long as it can be restored."""


class Facts(msgspec.Struct, frozen=True, gc=False):
    """The identifying facts of an entry, item or tombstone, in comparable form. None for unknown facts."""

    of: Entry | Tombstone
    native_id: str | None
    link: str | None
    """The canonical address; with its fragment if several fragments of the page occur."""
    handle: str | None
    """The sharer's handle, folded."""
    name: str | None
    """The sharer's name, or else the handle; folded."""
    title: str
    """Folded; empty if there is none."""

    @property
    def time(self) -> datetime | None:
        """When the entry or item was shared."""
        return self.of.shared_at


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for matching an entry with a known item."""

    key: Callable[[Facts], object]
    """The key that both must share, hashable; None or empty if unknown."""
    unique: bool = True
    """Whether the key must be unique among the entries and among the known items."""
    guards: tuple[Callable[[Facts, Facts], bool | None], ...] = ()
    """Further conditions on an entry and an item with the same key."""


def tombstone(item: Item) -> Tombstone:
    """Create the tombstone of an item."""
    return Tombstone(
        id=item.id,
        native_id=item.native_id,
        url=item.url,
        title=item.title,
        sharer=item.sharer,
        shared_at=item.shared_at,
        texts=tuple(sorted(_texts(item))),
    )


def merge_repeated(entries: Sequence[Entry]) -> list[tuple[Entry, Facts]]:
    """Merge repeated entries of a document; returns the distinct entries in order, with their facts.

    Entries with the same link or id are the same if no fact known to both differs (`_are_same`); entries without id and
    link need the same text. Merging loses nothing; where entries disagree, the first takes precedence.
    """
    pages = _anchors(entries)
    facts = [facts_of(entry, pages) for entry in entries]
    keys = [_lookup_keys(each) for each in facts]
    if sum(map(len, keys)) == len({key for each in keys for key in each}):
        return list(zip(entries, facts, strict=True))  # no two share a key, the usual case
    seen: dict[Hashable, list[int]] = {}
    joined: list[tuple[Entry, Facts]] = []
    numbers: Counter[int] = Counter()
    for entry, its, common in zip(entries, facts, keys, strict=True):
        near = (place for key in common for place in islice(seen.get(key, ()), _CANDIDATES))
        open_ones = (place for place in near if numbers[place] < _MOST_JOINED)
        place = next((place for place in open_ones if _are_same(joined[place][1], its)), None)
        if place is None:
            place, known_by = len(joined), common
            joined.append((entry, its))
        else:
            both = merge(entry, joined[place][0], keep_missing=True, same_document=True)
            joined[place] = both, facts_of(both, pages)
            known_by = _lookup_keys(joined[place][1])
        numbers[place] += 1
        for key in known_by:
            places = seen.setdefault(key, [])
            if place not in places[-_CANDIDATES:]:
                places.append(place)
    return joined


def find(
    known: Sequence[Item], ids: Sequence[str], others: Callable[[list[Item], list[int]], Iterable[Item | None]]
) -> list[Item | None]:
    """Match items of another library with the items here, by id or else by `others`; None for new ones.

    Args:
        known: All items of a group.
        ids: The ids of the other library's items.
        others: Matches those without a known id, given the remaining items and the positions in `ids`.
    """
    by_id = {item.id: item for item in known}
    found = [by_id.pop(own, None) for own in ids]  # the first of several with one id
    left = [place for place, item in enumerate(found) if item is None]
    taken = {item.id for item in found if item is not None}
    rest = [item for item in known if item.id not in taken] if left else []
    for place, item in zip(left, others(rest, left), strict=True) if rest else ():
        found[place] = item
    return found


def keys_of(item: Item) -> tuple[str, ...]:
    """Keys that identify an item on another machine, most reliable first. Hashed, so as not to reveal content."""
    facts = facts_of(item)
    link, who = facts.link, facts.handle or facts.name or ""
    if link:
        link = f"{link}#{anchor(item.url or '')}"
        others = [("link", link, who, facts.title), ("link", link, who)]
    else:
        others = [("text", facts.title, who, *sorted(_texts(item))), ("text", facts.title, who)]
    own = [("id", facts.native_id, link or ""), ("id", facts.native_id)] if facts.native_id else []
    return tuple(digest(*key) for key in (*own, *others))


def find_by_keys(known: Sequence[Item], wanted: Sequence[tuple[str, ...]]) -> list[Item | None]:
    """The item for each tuple of `keys_of`; None if there is none here, or it is ambiguous."""
    found: list[Item | None] = [None] * len(wanted)
    if not known or not wanted:
        return found
    ours = [keys_of(item) for item in known]
    here = {key: item for item, keys in zip(known, ours, strict=True) for key in keys}
    many = _repeated(key for keys in ours for key in keys) | _repeated(key for keys in wanted for key in keys)
    taken: set[str] = set()
    for rank in range(max(map(len, wanted))):
        for place, keys in enumerate(wanted):
            item = here.get(keys[rank]) if found[place] is None and rank < len(keys) else None
            if item is not None and keys[rank] not in many and item.id not in taken:
                found[place] = item
                taken.add(item.id)
    return found


def match(known: Sequence[Known], entries: Sequence[Entry], facts: Sequence[Facts] | None = None) -> list[Known | None]:
    """The known item for each entry, or None if the entry is new.

    Args:
        known: All items of a group, and tombstones.
        entries: The entries to match.
        facts: The facts of the entries, if already computed.
    """
    found: list[Known | None] = [None] * len(entries)
    anchors = _anchors(known)
    pages = anchors | _anchors(entries)
    theirs = [facts_of(entry, pages) for entry in entries] if facts is None or anchors else facts
    read_again = _unchanged(known, entries)
    for place, at in read_again.items():
        found[place] = known[at]
    same = {at: theirs[place] for place, at in read_again.items()}
    ours = [same.get(at) or facts_of(item, pages) for at, item in enumerate(known)]
    free = set(range(len(known))) - same.keys()
    new = (each for each, item in zip(theirs, found, strict=True) if item is None)
    shapes = sorted({_shape(each) for each in new} - {()}, key=lambda shape: (-len(shape), shape))
    for rule in (*map(_all_of, shapes), *_RULES):
        if not free or all(found):
            break
        wanted = {place: key for place, item in enumerate(found) if item is None and (key := rule.key(theirs[place]))}
        by_key: dict[object, list[int]] = {key: [] for key in wanted.values()}
        for place in sorted(free):
            if (near := by_key.get(rule.key(ours[place]))) is not None:
                near.append(place)
        if not any(by_key.values()):
            continue
        repeated = _repeated(map(rule.key, theirs)) | _repeated(map(rule.key, ours))
        for place, key in wanted.items():
            if not (candidates := by_key[key]) or (rule.unique and key in repeated):
                continue
            entry = theirs[place]
            guards = (*rule.guards, _text_may_match) if key in repeated and not entry.native_id else rule.guards
            close = [at for at in candidates[:_CANDIDATES] if all(guard(entry, ours[at]) for guard in guards)]
            if close:
                best = close[0] if len(close) == 1 else min(close, key=partial(_distance, entry, ours))
                found[place] = known[best]
                free.discard(best)
                candidates.remove(best)
    return found


def _unchanged(known: Sequence[Known], entries: Sequence[Entry]) -> dict[int, int]:
    """Positions of entries parsed from the same bytes as a known item, mapped to the positions of those items."""
    places = {each.digest: at for at, each in enumerate(known) if isinstance(each, Item) and each.digest}
    digests = (entry.digest for entry in entries)
    return {place: places.pop(digest) for place, digest in enumerate(digests) if digest in places}


def _repeated(keys: Iterable[object]) -> set[object]:
    return {key for key, number in Counter(keys).items() if number > 1}


def _anchors(things: Sequence[Entry | Tombstone]) -> set[str]:
    """Links of pages that occur here with several different fragments.

    Bookmarks of `page#ink` and `page#paper` are distinct; `page#comments` alone stands for the page itself.
    """
    seen: dict[str, set[str]] = {}
    for thing in things:
        if thing.url and "#" in thing.url:
            seen.setdefault(canonical(thing.url), set()).add(anchor(thing.url))
    if seen:
        for thing in things:
            if thing.url and "#" not in thing.url and (link := canonical(thing.url)) in seen:
                seen[link].add("")
    return {link for link, fragments in seen.items() if len(fragments) > 1}


def facts_of(thing: Entry | Tombstone, pages: Collection[str] = ()) -> Facts:
    """Compute the identifying facts of an entry, item or tombstone.

    Args:
        thing: An entry, an item or a tombstone.
        pages: Links whose fragments are significant.
    """
    link = canonical(thing.url) if thing.url else None
    if link in pages and (fragment := anchor(thing.url or "")):
        link = f"{link}#{fragment}"
    sharer = thing.sharer
    handle, name = _names(sharer.name, sharer.handle) if sharer is not None else (None, None)
    return Facts(thing, thing.native_id or None, link, handle, name, search_key(thing.title))


@cached(1024)
def _names(name: str | None, handle: str | None) -> tuple[str | None, str | None]:
    """The handle and the name of a member, folded. Cached, because one member may share hundreds of items."""
    handle = search_key(handle) if handle else None
    return handle, search_key(name) if name else handle


def _lookup_keys(facts: Facts) -> list[Hashable]:
    """Keys for finding possible duplicates within a document, the most specific first."""
    by_id: list[Hashable] = [("id", facts.native_id)] if facts.native_id else []
    if facts.link:
        closest = (facts.native_id, facts.link) if facts.native_id else (facts.link, facts.title, facts.time)
        return [closest, facts.link, *by_id]
    return by_id or [(facts.title, facts.name)]


def _are_same(one: Facts, other: Facts) -> bool:
    """Whether two entries of a document are the same: equal id and link, or no difference in what both know."""
    if one.native_id and (one.native_id, one.link) == (other.native_id, other.link):
        return True
    pairs = ((one.native_id, other.native_id), (one.link, other.link), (one.title, other.title))
    if any(mine and theirs and mine != theirs for mine, theirs in pairs):
        return False
    if not (one.link or one.native_id):
        return _has_all_text(one, other) or _has_all_text(other, one)
    bodies = {each.of.body for each in (one, other) if isinstance(each.of, Entry) and _is_shown(each.of)}
    return len(bodies) < 2 and _same_sharer(one, other) and _same_time(one, other)


def _has_all_text(entry: Facts, item: Facts) -> bool:
    """Whether an item has all the text of an entry that has neither id nor link."""
    if entry.link or entry.native_id or (item.link and not (entry.title and entry.name)):
        return False
    if not (_same_sharer(entry, item) and _same_time(entry, item)):
        return False
    return _texts(entry.of) <= _texts(item.of)


def _texts(thing: Entry | Tombstone) -> frozenset[str]:
    """Hashes of all texts except the title."""
    if isinstance(thing, Tombstone):
        return frozenset(thing.texts)
    texts = [search_key(thing.description or ""), *(normalised(each.quote) for each in thing.highlights)]
    texts += [search_key(note.text) for note in thing.notes]
    if _is_shown(thing):
        texts.append(search_key(thing.body or ""))
    return frozenset(digest(text) for text in texts if text)


def _is_shown(entry: Entry) -> bool:
    return bool(entry.body) and entry.body_kind is not BodyKind.TAKEN_APART


def _same_time(entry: Facts, item: Facts) -> bool:
    """Whether two things may be the same share: False if both their dates and all their texts differ.

    Aggregates (`is_aggregate`) combine annotations made at different times, so their dates may differ.
    """
    one, other = entry.of, item.of
    if one.shared_at is None or other.shared_at is None or instant(one.shared_at) == instant(other.shared_at):
        return True
    if any(isinstance(each, Entry) and each.is_aggregate for each in (one, other)):
        return True
    return _text_may_match(entry, item)


def _shares_text(entry: Facts, item: Facts) -> bool | None:
    """Whether both have a text in common, apart from their titles; None if either has no text.

    A tombstone must have all texts of the entry, since nobody would ever see a new one.
    """
    mine, theirs = _texts(entry.of), _texts(item.of)
    if not (mine and theirs):
        return None
    return mine <= theirs if isinstance(item.of, Tombstone) else not mine.isdisjoint(theirs)


def _text_may_match(entry: Facts, item: Facts) -> bool:
    """Whether the texts do not rule out a match."""
    return _shares_text(entry, item) is not False


def _same_sharer(entry: Facts, item: Facts) -> bool:
    """Whether both may have the same sharer: compared by handle, else by name, as saved pages give only names."""
    if entry.handle and item.handle:
        return entry.handle == item.handle
    return not (entry.name and item.name) or entry.name == item.name


def _not_both_ids(entry: Facts, item: Facts) -> bool:
    """Whether at least one has no id: different ids mean different things, unless all else is unambiguous."""
    return not (entry.native_id and item.native_id)


def _same_page(entry: Facts, item: Facts) -> bool:
    """Whether at least one has no id, or the link has a path: all entries of a feed may link to the site itself."""
    return _not_both_ids(entry, item) or "/" in (entry.link or "").partition("://")[2]


def _not_both_sharers(entry: Facts, item: Facts) -> bool:
    """Whether at least one has no sharer."""
    return not (entry.name and item.name)


def _one_without_link_or_id(entry: Facts, item: Facts) -> bool:
    """Whether at least one has neither link nor id, as with a page saved as text."""
    return any(not (each.link or each.native_id) for each in (entry, item))


def _all_of(shape: tuple[str, ...]) -> Rule:
    """The rule for entries that know exactly these facts: an item that shares them matches, whatever else it knows."""

    def knows_no_other(entry: Facts, _: Facts) -> bool:
        return _shape(entry) == shape

    return Rule(lambda it: tuple(getattr(it, name) for name in shape), unique=False, guards=(knows_no_other,))


def _shape(facts: Facts) -> tuple[str, ...]:
    """The names of the facts an entry knows, always including `link`; empty if it has neither link nor id."""
    names = ("native_id", "title", "time", "handle" if facts.handle else "name")
    known = tuple(name for name in names if getattr(facts, name))
    return ("link", *known) if facts.link or facts.native_id else ()


def _distance(entry: Facts, items: Sequence[Facts], place: int) -> tuple[int, bool]:
    """How far an item is from an entry: the number of facts only the item knows, and whether their texts differ."""
    item = items[place]
    pairs = ((entry.native_id, item.native_id), (entry.title, item.title), (entry.time, item.time))
    besides = sum(not mine and bool(its) for mine, its in (*pairs, (entry.name, item.name)))
    return besides, not _text_may_match(entry, item)


_RULES = (
    Rule(lambda it: it.native_id and (it.native_id, it.link), unique=False),
    Rule(lambda it: it.native_id and it.title and (it.native_id, it.title)),
    # The id changed.
    Rule(lambda it: it.link and (it.link, it.name, it.title), guards=(_same_sharer, _same_time)),
    # The link and the title both changed.
    Rule(lambda it: it.native_id),
    # Entries without id that share a link and title.
    Rule(
        lambda it: it.link and (it.link, it.name, it.title),
        unique=False,
        guards=(_same_sharer, _not_both_ids, _same_time),
    ),
    # The site moved, and has no stable ids.
    Rule(lambda it: it.title and it.time and (it.title, it.time, it.name), guards=(_same_sharer, _shares_text)),
    # The title changed, and perhaps the id; assumes that a member shares a page only once.
    Rule(lambda it: it.link and it.handle and (it.link, it.handle), guards=(_same_page, _same_time)),
    Rule(lambda it: it.link and (it.link, it.name), guards=(_same_page, _same_sharer, _same_time)),
    # A truncated entry; or a user's own export matched against the feed of the group.
    Rule(lambda it: it.link, guards=(_same_page, _not_both_sharers, _same_time)),
    # Neither id nor link: a page saved as text, matched against its feed. It has names but no handles.
    Rule(lambda it: (it.title, it.name), unique=False, guards=(_has_all_text,)),
    Rule(lambda it: it.title and it.name and (it.title, it.name), guards=(_one_without_link_or_id, _same_sharer)),
)
