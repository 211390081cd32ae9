"""Groups that were removed and may come back: one line in the log of the groups; their own logs stay where they are.

Removing and taking back are one line each, so a crash leaves the one or the other. Only emptying the trash removes
logs, after the line that says so: what a crash leaves then is a file nobody asks for, never a group without its items.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from florilege.model import Group
from florilege.store.catalogue import Catalogue
from florilege.store.errors import NoSuchGroup
from florilege.store.lines import Raw, encode
from florilege.store.shelf import Kind, Shelf
from florilege.store.tally import COUNTS

REMOVED = "removed"
"""The table of removed groups, in the log of the groups."""
KEPT = timedelta(days=7)
"""How long a removed group is kept when nobody empties the trash: the process that removed it may have been killed."""


class Removed(msgspec.Struct, frozen=True):
    """A group in the trash."""

    group: Group
    removed_at: datetime
    place: int
    """Its `doc_id`, for groups stand in their order."""


_removed = msgspec.json.Decoder(Removed)


class Trash:
    """The removed groups of a library. All but `contents` under the library's lock.

    Args:
        shelf: Where the logs are.
        catalogue: The groups that are there.
    """

    def __init__(self, shelf: Shelf, catalogue: Catalogue) -> None:
        self._shelf = shelf
        self._catalogue = catalogue

    def contents(self) -> list[Removed]:
        """What can be taken back, in the order it was removed."""
        return list(self._by_place().values())

    def _by_place(self) -> dict[str, Removed]:
        volume = self._shelf.open(Kind.GROUPS)
        raws = volume.named(REMOVED).records.raws
        return dict(zip(raws, volume.decoded(_removed, raws.values()), strict=True))

    def put(self, group_id: str, now: datetime) -> Removed:
        """Remove a group so that it can come back.

        Raises:
            NoSuchGroup: It is not there.
        """
        doc_id, group = self._catalogue.place_of(group_id)
        volume = self._shelf.open(Kind.GROUPS)
        (place,) = volume.named(REMOVED).next_ids(1)
        removed = Removed(group, now, int(doc_id))
        change: dict[str, dict[str, Raw | None]] = {
            Kind.GROUPS.value: {doc_id: None},
            REMOVED: {str(place): encode(removed)},
        }
        if doc_id in volume.named(COUNTS).records.raws:
            change[COUNTS] = {doc_id: None}
        self._shelf.append(Kind.GROUPS, "", change)
        return removed

    def take_back(self, group_id: str) -> Group:
        """Put a removed group where it was, with its items and their states.

        Raises:
            NoSuchGroup: It is not in the trash; the text lists what is.
        """
        found = [(place, each) for place, each in self._by_place().items() if each.group.id == group_id]
        if not found:
            raise NoSuchGroup(group_id, [each.group.title for each in self.contents()])
        place, removed = found[-1]
        volume = self._shelf.open(Kind.GROUPS)
        doc_id = removed.place
        if str(doc_id) in volume.records.raws:  # given to another since
            (doc_id,) = volume.table.next_ids(1)
        change: dict[str, dict[str, Raw | None]] = {
            Kind.GROUPS.value: {str(doc_id): encode(removed.group)},
            REMOVED: {place: None},
        }
        self._shelf.append(Kind.GROUPS, "", change)
        return removed.group

    def empty(self, wanted: Collection[str], *, now: datetime) -> list[Group]:
        """Remove for good the groups of these ids, and those removed longer ago than anybody waits.

        Returns:
            The groups that are gone.
        """
        spent = {
            place: each.group
            for place, each in self._by_place().items()
            if each.group.id in wanted or now - each.removed_at > KEPT
        }
        if spent:
            self._shelf.append(Kind.GROUPS, "", {REMOVED: dict.fromkeys(spent)})
        here = self._catalogue.known()
        for group in spent.values():
            if group.id in here:  # by other hands than ours: its logs are in use
                continue
            self._shelf.remove(Kind.ITEMS, group.id)
            self._shelf.remove(Kind.STATES, group.id)
        return list(spent.values())
