"""Some items of a group as they are stored at one moment, decoded as they are asked for. Touches no file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from florilege.model import Item
from florilege.store.lines import Raw
from florilege.store.shelf import Volume

_items = msgspec.json.Decoder(Item)


@dataclass(frozen=True, slots=True)
class Picked:
    """Items, encoded: so they take less than half the memory of values, and none while their log is held anyway."""

    records: Mapping[str, Raw]
    """Each by the id of its item, in the order they were asked for."""
    _volume: Volume

    def items(self, item_ids: Iterable[str]) -> list[Item]:
        """Some of them, whole; those that are not among them are left out.

        Raises:
            LibraryUnreadable: One isn't what it should be.
        """
        records = self.records
        return self._volume.decoded(_items, [records[item_id] for item_id in item_ids if item_id in records])
