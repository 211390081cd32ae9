"""Items that come back from an export of ours: with their ids where they are unknown here, merged where they are known.

Pure. Nothing that is here is dropped on an export's word, for it may be old; what it knows besides is added.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from florilege.merge.beginning import first_item
from florilege.merge.matching import match
from florilege.merge.revising import revise
from florilege.model import Item

_TOLD_EVERY = 500
"""Items compared between two words of how far it has come: these take some hundredths of a second."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What an export changes in a group."""

    items: tuple[Item, ...] = ()
    """Every item to store, whole."""
    added: int = 0
    revised: int = 0
    unchanged: int = 0


def restore(
    known: Sequence[Item],
    items: Sequence[Item],
    *,
    group: str,
    elsewhere: Collection[str] = (),
    told: Callable[[int], None] = lambda _: None,
) -> Restored:
    """Compare the items of an export with what is known of a group.

    Args:
        known: All items of the group.
        items: Those of the export.
        group: The id of the group.
        elsewhere: Ids of items in other groups: an id is never given twice.
        told: Told how many items more have been compared, now and then; what it raises ends the work.
    """
    by_id = {item.id: item for item in known}
    found: dict[int, Item] = {place: by_id[item.id] for place, item in enumerate(items) if item.id in by_id}
    met = {item.id for item in found.values()}
    strangers = [place for place in range(len(items)) if place not in found]
    matches = match([item for item in known if item.id not in met], [items[place] for place in strangers])
    found.update({place: item for place, item in zip(strangers, matches, strict=True) if item is not None})
    stored: dict[str, Item] = {}
    taken = {*by_id, *elsewhere}
    added = revised = unchanged = 0
    for place, item in enumerate(items):
        if place and place % _TOLD_EVERY == 0:
            told(_TOLD_EVERY)
        before = found.get(place)
        if before is None:
            own = item.id and item.id not in taken
            new = replace(item, group=group) if own else _with_new_id(item, group, taken)
            taken.add(new.id)
            stored[new.id] = new
            added += 1
            continue
        before = stored.get(before.id, before)
        after = revise(before, item, keep_missing=True).item
        if after == before:
            unchanged += 1
        else:
            stored[after.id] = after
            revised += 1
    told(len(items) - max(0, len(items) - 1) // _TOLD_EVERY * _TOLD_EVERY)
    return Restored(tuple(stored.values()), added, revised, unchanged)


def _with_new_id(item: Item, group: str, taken: Collection[str]) -> Item:
    """The item under an id that is free; all else as it was."""
    new_id = first_item(item, group=group, taken=taken, now=item.added_at, order=item.order).id
    return replace(item, id=new_id, group=group)
