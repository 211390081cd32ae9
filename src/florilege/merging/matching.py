"""Who is who: which entries of a document are one, and which known item an entry is. Pure.

Across documents the rules are tried in this order, each item and each entry matching once at most:
1. the same native id and the same link; or the same native id, when one side knows no link;
2. the same canonical link, sharer and title;
3. the same canonical link and sharer, when that pair is unique among the entries and among the known items;
4. the same canonical link, unique likewise, when one side knows no sharer (an entry that was cut off, a reader's own
   export against the feed of the group);
5. the same title and sharer, unique likewise, when one side knows no link (a page saved as text against its RSS);
6. the same content.

The second rule is what tells entries apart within a document: without it two entries that differ in their titles only
would be two new items each time their document comes.

Sharers are compared by handle where both sides have one, else by name: a saved page knows only names.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

from florilege.merging.highlights import union
from florilege.merging.traces import Trace, content_key
from florilege.model import Entry, Item
from florilege.text import fold
from florilege.urls import canonical

Known = TypeVar("Known", bound=Item | Trace)


def distinct(entries: Sequence[Entry]) -> list[Entry]:
    """The entries of one document without repetition, in order.

    Entries with different ids, or with different titles and no id, are different, and so is one id on two links.
    What repeated entries know is put together, the first one's word counting most.
    """
    found: dict[Hashable, Entry] = {}
    for entry in entries:
        key = _within(entry)
        known = found.get(key)
        found[key] = entry if known is None else union(known, entry)
    return list(found.values())


def match(known: Sequence[Known], entries: Sequence[Entry | Trace]) -> list[Known | None]:
    """For each entry the item it is, or None when it is new. Traces stand for items whose content is not at hand."""
    found: list[Known | None] = [None] * len(entries)
    free = {item.id for item in known}
    for rule, unique in _rules():
        if not free or all(found):
            break
        on_their_side, on_ours = _by_key(entries, rule), _by_key(known, rule)
        seen_theirs = Counter(key for key in on_their_side if key is not None)
        seen_ours = Counter(key for key in on_ours if key is not None)
        ours: dict[Hashable, list[Known]] = {}
        for item, key in zip(known, on_ours, strict=True):
            if key is not None and item.id in free:
                ours.setdefault(key, []).append(item)
        for place, key in enumerate(on_their_side):
            if found[place] is not None or key is None or key not in ours:
                continue
            if unique and (seen_theirs[key] > 1 or seen_ours[key] > 1):
                continue
            candidate = next((item for item in ours[key] if item.id in free), None)
            if candidate is not None and _compatible(rule, entries[place], candidate):
                found[place] = candidate
                free.discard(candidate.id)
    return found


def _within(entry: Entry) -> Hashable:
    link = canonical(entry.url) if entry.url else None
    if entry.native_id:
        return ("id", entry.native_id, link)
    if link:
        return ("link", link, _handle(entry) or _name(entry), fold(entry.title))
    return ("content", _handle(entry) or _name(entry), content_key(entry))


_Rule = Callable[[Entry | Trace], Hashable | None]


def _rules() -> Iterator[tuple[_Rule, bool]]:
    """The rules in order, each with whether its key must be unique on both sides."""
    yield _by_native_id_and_link, False
    yield _by_native_id, True
    yield _by_link_handle_and_title, False
    yield _by_link_name_and_title, False
    yield _by_link_and_handle, True
    yield _by_link_and_name, True
    yield _by_link, True
    yield _by_title_and_handle, True
    yield _by_title_and_name, True
    yield _by_content, False


def _by_native_id_and_link(entry: Entry | Trace) -> Hashable | None:
    if not entry.native_id:
        return None
    return (entry.native_id, canonical(entry.url) if entry.url else None)


def _by_native_id(entry: Entry | Trace) -> Hashable | None:
    return entry.native_id or None


def _by_link_handle_and_title(entry: Entry | Trace) -> Hashable | None:
    handle = _handle(entry)
    return (canonical(entry.url), handle, fold(entry.title)) if entry.url and handle else None


def _by_link_name_and_title(entry: Entry | Trace) -> Hashable | None:
    return (canonical(entry.url), _name(entry), fold(entry.title)) if entry.url else None


def _by_link_and_handle(entry: Entry | Trace) -> Hashable | None:
    handle = _handle(entry)
    return (canonical(entry.url), handle) if entry.url and handle else None


def _by_link_and_name(entry: Entry | Trace) -> Hashable | None:
    return (canonical(entry.url), _name(entry)) if entry.url else None


def _by_link(entry: Entry | Trace) -> Hashable | None:
    return canonical(entry.url) if entry.url else None


def _by_title_and_handle(entry: Entry | Trace) -> Hashable | None:
    handle = _handle(entry)
    return (fold(entry.title), handle) if entry.title and handle else None


def _by_title_and_name(entry: Entry | Trace) -> Hashable | None:
    name = _name(entry)
    return (fold(entry.title), name) if entry.title and name else None


def _by_content(entry: Entry | Trace) -> Hashable | None:
    return None if entry.url else (content_key(entry), _handle(entry) or _name(entry))


def _compatible(rule: _Rule, entry: Entry | Trace, item: Item | Trace) -> bool:
    """What a shared key does not settle: two known handles that differ, two known links."""
    if rule in {_by_native_id, _by_title_and_handle, _by_title_and_name} and entry.url and item.url:
        return False
    if rule is _by_link and _name(entry) and _name(item):
        return False
    by_title_too = {_by_link_handle_and_title, _by_link_name_and_title}
    if rule in by_title_too and entry.native_id and item.native_id:
        return False  # ids that differ: only a pair that is unique may get over that
    if rule in {_by_link_and_name, _by_title_and_name, _by_link_name_and_title}:
        theirs, ours = _handle(entry), _handle(item)
        return not (theirs and ours and theirs != ours)
    return True


def _by_key(things: Sequence[Entry | Trace], rule: _Rule) -> list[Hashable | None]:
    return [rule(thing) for thing in things]


def _handle(entry: Entry | Trace) -> str | None:
    return fold(entry.sharer.handle) if entry.sharer and entry.sharer.handle else None


def _name(entry: Entry | Trace) -> str | None:
    return fold(entry.sharer.label) if entry.sharer and entry.sharer.label else None
