"""The records of a group as its log held them at one moment, decoded only as far as somebody asks. No files."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from florilege.model import Item
from florilege.store.lines import Raw
from florilege.store.log import Stamp
from florilege.store.shelf import Volume

_items = msgspec.json.Decoder(Item)


@dataclass(frozen=True, slots=True)
class Stored:
    """The items of a group, encoded."""

    stamp: Stamp | None
    """The log at that moment; None when there was none."""
    records: Sequence[Raw]
    """In the order in which they were first stored."""
    _volume: Volume

    def items(self, records: Sequence[Raw]) -> list[Item]:
        """Some of them as values.

        Raises:
            LibraryUnreadable: One isn't what it should be.
        """
        return self._volume.decoded(_items, records)
