"""Changing what the logs of one group hold, each time as one line. Under the library's lock; decides nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from florilege.marking import Change
from florilege.merge import Tombstone, tombstone
from florilege.model import Item, ReadingState
from florilege.store.lines import Raw, Stored, encode
from florilege.store.shelf import Kind, Shelf
from florilege.store.tally import Tally

BURIED = "buried"
"""The table of what is left of purged items, in the log of the items."""

_items = msgspec.json.Decoder(Item)
_states = msgspec.json.Decoder(ReadingState)
_traces = msgspec.json.Decoder(Tombstone)


class Changing:
    """Writes items and states of groups.

    Args:
        shelf: Where the logs are.
        tally: The counts, brought up to date with each mark.
    """

    def __init__(self, shelf: Shelf, tally: Tally) -> None:
        self._shelf = shelf
        self._tally = tally

    def store(self, group_id: str, items: Sequence[Item]) -> None:
        """Store items that are new or differ from what is known."""
        volume = self._shelf.open(Kind.ITEMS, group_id)
        places, known = volume.places(), volume.records.raws
        wanted = {item.id: item for item in items}
        new_ids = iter(volume.table.next_ids(len(wanted)))
        changed: dict[int, Stored] = {}
        stored: dict[str, str] = {}
        for item_id, item in wanted.items():
            doc_id = places.get(item_id)
            if doc_id is None:
                stored[item_id] = str(new_id := next(new_ids))
                changed[new_id] = item
            elif known[doc_id] != (raw := encode(item)):
                stored[item_id] = doc_id
                changed[int(doc_id)] = raw
        if changed:
            self._shelf.put(Kind.ITEMS, group_id, changed)
            volume.index.learn(volume.records, stored)

    def bury(self, group_id: str, wanted: Collection[str]) -> int:
        """Remove items and leave their traces, in one line. Their reading states stay: they are tiny, and true.

        Returns:
            How many there were.
        """
        volume = self._shelf.open(Kind.ITEMS, group_id)
        places = volume.places()
        doc_ids = [places[item_id] for item_id in wanted if item_id in places]
        if not doc_ids:
            return 0
        gone = volume.decoded(_items, [volume.records.raws[doc_id] for doc_id in doc_ids])
        graves = volume.named(BURIED).next_ids(len(gone))
        change: dict[str, dict[str, Raw | None]] = {
            Kind.ITEMS.value: dict.fromkeys(doc_ids),
            BURIED: {str(grave): encode(tombstone(item)) for grave, item in zip(graves, gone, strict=True)},
        }
        self._shelf.append(Kind.ITEMS, group_id, change)
        self._tally.forget(group_id)
        return len(gone)

    def buried(self, group_id: str) -> list[Tombstone]:
        """What is left of the items that were purged."""
        volume = self._shelf.open(Kind.ITEMS, group_id)
        return volume.decoded(_traces, list(volume.named(BURIED).records.raws.values()))

    def change_states(
        self, group_id: str, items: Mapping[str, object], change: Callable[[ReadingState], ReadingState]
    ) -> list[Change]:
        """Change the states of these items; what doesn't change is not written."""
        volume = self._shelf.open(Kind.STATES, group_id)
        places, known = volume.places(), volume.records.raws
        changes: list[Change] = []
        raws: dict[int, Raw] = {}
        new_ids = iter(volume.table.next_ids(len(items)))
        for item_id in items:
            doc_id = places.get(item_id)
            before = ReadingState(item=item_id)
            if doc_id is not None:
                (before,) = volume.decoded(_states, [known[doc_id]])
            after = change(before)
            if after != before:
                changes.append(Change(group_id, before, after))
                raws[next(new_ids) if doc_id is None else int(doc_id)] = encode(after)
        if raws:
            stood = volume.log.stamp
            self._shelf.put(Kind.STATES, group_id, raws)
            self._tally.follow(group_id, changes, stood, volume.log.stamp)
        return changes
