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

from florilege.merge.facts import Facts, facts_of
from florilege.merge.highlights import union
from florilege.merge.traces import Trace, content_key
from florilege.model import Entry, Item

Known = TypeVar("Known", bound=Item | Trace)


def told_apart(entries: Sequence[Entry]) -> list[tuple[Entry, Facts]]:
    """The entries of one document without repetition, in order, each with what it is known by.

    Entries with different ids, or with different titles and no id, are different, and so is one id on two links.
    What repeated entries know is put together, the first one's word counting most.
    """
    all_facts = [*map(facts_of, entries)]
    keys = [*map(_within, entries, all_facts)]
    if len(set(keys)) == len(keys):
        return list(zip(entries, all_facts, strict=True))
    found: dict[Hashable, tuple[Entry, Facts]] = {}
    for entry, facts, key in zip(entries, all_facts, keys, strict=True):
        known = found.get(key)
        if known is not None:
            both = union(known[0], entry)
            found[key] = both, facts_of(both)
        else:
            found[key] = entry, facts
    return list(found.values())


def match(
    known: Sequence[Known], entries: Sequence[Entry | Trace], facts: Sequence[Facts] | None = None
) -> list[Known | None]:
    """For each entry the item it is, or None when it is new. Traces stand for items whose content is not at hand.

    Args:
        known: All items of a group, and traces.
        entries: What is to be found among them.
        facts: What the entries are known by, when that has been worked out.
    """
    found: list[Known | None] = [None] * len(entries)
    if not known:
        return found
    free = {item.id for item in known}
    theirs = list(zip(entries, facts or map(facts_of, entries), strict=True))
    ours = [(item, facts_of(item)) for item in known]
    for rule, unique in _rules():
        if not free or all(found):
            break
        on_their_side, on_ours = [rule(*each) for each in theirs], [rule(*each) for each in ours]
        seen_theirs = Counter(key for key in on_their_side if key is not None)
        seen_ours = Counter(key for key in on_ours if key is not None)
        by_key: dict[Hashable, list[tuple[Known, Facts]]] = {}
        for pair, key in zip(ours, on_ours, strict=True):
            if key is not None and pair[0].id in free:
                by_key.setdefault(key, []).append(pair)
        for place, key in enumerate(on_their_side):
            if found[place] is not None or key is None or key not in by_key:
                continue
            if unique and (seen_theirs[key] > 1 or seen_ours[key] > 1):
                continue
            candidate = next((pair for pair in by_key[key] if pair[0].id in free), None)
            if candidate is not None and _compatible(rule, theirs[place][1], candidate[1]):
                found[place] = candidate[0]
                free.discard(candidate[0].id)
    return found


def _within(entry: Entry, facts: Facts) -> Hashable:
    """What tells an entry from the others of its document."""
    if facts.native_id:
        return ("id", facts.native_id, facts.link)
    if facts.link:
        return ("link", facts.link, facts.handle or facts.name, facts.title)
    return ("content", facts.handle or facts.name, content_key(entry))


_Rule = Callable[[Entry | Trace, Facts], Hashable | None]


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


def _by_native_id_and_link(_: Entry | Trace, facts: Facts) -> Hashable | None:
    return (facts.native_id, facts.link) if facts.native_id else None


def _by_native_id(_: Entry | Trace, facts: Facts) -> Hashable | None:
    return facts.native_id


def _by_link_handle_and_title(_: Entry | Trace, facts: Facts) -> Hashable | None:
    return (facts.link, facts.handle, facts.title) if facts.link is not None and facts.handle else None


def _by_link_name_and_title(_: Entry | Trace, facts: Facts) -> Hashable | None:
    return (facts.link, facts.name, facts.title) if facts.link is not None else None


def _by_link_and_handle(_: Entry | Trace, facts: Facts) -> Hashable | None:
    return (facts.link, facts.handle) if facts.link is not None and facts.handle else None


def _by_link_and_name(_: Entry | Trace, facts: Facts) -> Hashable | None:
    return (facts.link, facts.name) if facts.link is not None else None


def _by_link(_: Entry | Trace, facts: Facts) -> Hashable | None:
    return facts.link


def _by_title_and_handle(thing: Entry | Trace, facts: Facts) -> Hashable | None:
    return (facts.title, facts.handle) if thing.title and facts.handle else None


def _by_title_and_name(thing: Entry | Trace, facts: Facts) -> Hashable | None:
    return (facts.title, facts.name) if thing.title and facts.name else None


def _by_content(thing: Entry | Trace, facts: Facts) -> Hashable | None:
    return None if facts.link is not None else (content_key(thing), facts.handle or facts.name)


def _compatible(rule: _Rule, entry: Facts, item: Facts) -> bool:
    """What a shared key does not settle: two known handles that differ, two known links."""
    if (
        rule in {_by_native_id, _by_title_and_handle, _by_title_and_name}
        and entry.link is not None
        and item.link is not None
    ):
        return False
    if rule is _by_link and entry.name and item.name:
        return False
    by_title_too = {_by_link_handle_and_title, _by_link_name_and_title}
    if rule in by_title_too and entry.native_id and item.native_id:
        return False  # ids that differ: only a pair that is unique may get over that
    if rule in {_by_link_and_name, _by_title_and_name, _by_link_name_and_title}:
        return not (entry.handle and item.handle and entry.handle != item.handle)
    return True
