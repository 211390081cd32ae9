"""What was taken away and can be had back for a week: groups that were removed, items that were purged.

A removed group stays in the list of groups with the time of its removal, and its logs stay where they are. A purged
item goes from the table of items to that of what was purged; after a week, only its tombstone is left, so that a feed
that still has it does not bring it back.
"""

from datetime import datetime, timedelta

import msgspec

from florilege.merge import Tombstone, tombstone
from florilege.model import Item

KEPT = timedelta(days=7)
"""How long what was taken away can be had back."""
PURGED = "purged"
"""The table of purged items, in the log of the items."""


class PurgedItem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An item that was purged."""

    tombstone: Tombstone
    """What it is known by."""
    purged_at: datetime
    item: Item | None = None
    """The whole of it, for a week."""


def purged(item: Item, now: datetime) -> PurgedItem:
    """An item as it is kept when it is purged now."""
    return PurgedItem(tombstone=tombstone(item), purged_at=now, item=item)


def is_spent(taken_at: str, *, now: datetime) -> bool:
    """Whether what was taken away then, as JSON has it, need be kept no longer."""
    return now - datetime.fromisoformat(taken_at) > KEPT
