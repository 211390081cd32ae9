"""What an export of ours changes in a group: its items under their own ids, merged where they are known. Pure.

Nothing that is here is dropped on an export's word, for it may be old; what it knows besides is added.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from florilege.merge.decide import new_item
from florilege.merge.identity import facts_of, find
from florilege.merge.items import merge
from florilege.model import Item


@dataclass(frozen=True, slots=True)
class _Either:
    """Ids in this group, and those of all others, which are not copied for each group."""

    here: set[str]
    elsewhere: Container[str]

    def __contains__(self, item_id: object) -> bool:
        return item_id in self.here or item_id in self.elsewhere


_PROGRESS_EVERY = 500
"""Items between two calls of `on_progress`: these take some hundredths of a second."""


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
    elsewhere: Container[str] = (),
    on_progress: Callable[[int], None] = lambda _: None,
) -> Restored:
    """Compare the items of an export with what is known of a group.

    Args:
        known: All items of the group.
        items: Those of the export.
        group: The id of the group.
        elsewhere: Ids of items in other groups: an id is never given twice.
        on_progress: Called with how many items more have been compared; what it raises ends the work.
    """
    items = [replace(item, digest=None) if item.digest else item for item in items]  # only what we read has one
    stored: dict[str, Item] = {}
    taken = _Either({item.id for item in known}, elsewhere)
    added = unchanged = 0
    for place, (item, here) in enumerate(zip(items, find(known, items), strict=True), 1):
        if here is None:
            new_id = item.id
            if not new_id or new_id in taken:
                facts = facts_of(item)
                new_id = new_item(item, facts, group=group, taken=taken, now=item.added_at, order=item.order).id
            taken.here.add(new_id)
            stored[new_id] = replace(item, id=new_id, group=group)
            added += 1
        else:
            before = stored.get(here.id, here)
            after = merge(before, item, keep_missing=True)
            if after == before:
                unchanged += 1
            else:
                stored[after.id] = after
        if place % _PROGRESS_EVERY == 0 or place == len(items):
            on_progress((place - 1) % _PROGRESS_EVERY + 1)
    return Restored(tuple(stored.values()), added, len(stored) - added, unchanged)
