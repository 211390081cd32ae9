"""Where the record of an item is: item id -> `doc_id`, kept up to date by reading what was written since. No files."""

from collections.abc import Callable, Mapping

import msgspec

from florilege.store.lines import Raw, Records


class _ItemName(msgspec.Struct):
    id: str


class _StateName(msgspec.Struct):
    item: str


_items = msgspec.json.Decoder(_ItemName)
_states = msgspec.json.Decoder(_StateName)


def item_name(raw: Raw) -> str:
    """The id of an encoded item, the rest skipped."""
    return _items.decode(raw).id


def state_name(raw: Raw) -> str:
    """The id of the item an encoded reading state is about."""
    return _states.decode(raw).item


class Index:
    """Names of records, found without decoding them all.

    Args:
        name: What a record is called.
    """

    def __init__(self, name: Callable[[Raw], str]) -> None:
        self._name = name
        self._records: Records | None = None
        self._read = 0
        self._removals = 0
        self._places: dict[str, str] = {}

    def places(self, records: Records) -> Mapping[str, str]:
        """Name -> `doc_id` as a string. The first time costs a look at each record, later only what is new.

        Raises:
            msgspec.MsgspecError: A record has no name.
        """
        if records is not self._records or records.removals != self._removals:
            self._records, self._removals, self._places = records, records.removals, {}
            new = iter(records.raws)
        else:
            new = iter(records.journal[self._read :])
        for doc_id in new:
            self._places[self._name(records.raws[doc_id])] = doc_id
        self._read = len(records.journal)
        return self._places

    def learn(self, records: Records, stored: Mapping[str, str]) -> None:
        """Take in names that were just stored, as they are at hand, when nothing else was stored since the last look.

        Args:
            records: The records, with those just stored.
            stored: Name -> `doc_id` of each of these.
        """
        if records is not self._records and len(records.raws) == len(records.journal) == len(stored):
            self._records, self._removals, self._places, self._read = records, records.removals, {}, 0
        if (
            records is self._records
            and records.removals == self._removals
            and len(records.journal) == self._read + len(stored)
        ):
            self._places.update(stored)
            self._read = len(records.journal)
