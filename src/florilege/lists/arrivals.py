"""What refreshes brought since it was last looked at: new items, and read ones with new highlights. Pure values."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from florilege.lists.loaded_group import LoadedGroup
from florilege.model import Counts


class Glimpse(msgspec.Struct, frozen=True):
    """What was known of a group before another process changed it."""

    revisions: Mapping[str, int] | None
    """The revision of each item, by id; None when the group had not been read."""
    counts: Counts


class News(msgspec.Struct, frozen=True):
    """What reached a group."""

    items: Sequence[str]
    """Ids of the new items, and of read ones with new highlights."""
    new: int
    """How many of them are new."""
    highlights: int
    """How many new highlights the others have."""


def news_of(group: LoadedGroup, before: Glimpse, *, since: datetime) -> News | None:
    """What has reached a group; None when nothing has.

    Of a group that had not been read it is known only when items came, and that more of them have new highlights.

    Args:
        group: As it is now.
        before: As it was.
        since: When the app was opened.
    """
    known, new, others, highlights = before.revisions, [], [], 0
    is_more = known is not None or group.counts.newly_highlighted > before.counts.newly_highlighted
    for row in group.rows:
        head = row.head
        if head.added_at > since if known is None else head.id not in known:
            new.append(head.id)
        elif is_more and (known is None or head.revision > known[head.id]):
            came = group.state(head.id).new_highlights(head)
            others += [head.id] * bool(came)
            highlights += came
    return News([*new, *others], len(new), highlights) if new or others else None


class Arrivals:
    """Ids of items by group. They add up until they are looked at; what comes after that begins anew."""

    def __init__(self) -> None:
        self._items: dict[str, set[str]] = {}
        self._looked_at = False

    def __len__(self) -> int:
        """How many items came."""
        return sum(map(len, self._items.values()))

    def note(self, items: Mapping[str, Iterable[str]]) -> None:
        """Take note of the ids of items that reached groups."""
        if self._looked_at:
            self._items, self._looked_at = {}, False
        for group, ids in items.items():
            self._items.setdefault(group, set()).update(ids)

    def looked_at(self) -> None:
        """Take note that the reader has seen the list of them."""
        self._looked_at = True

    def among(self, kept: Collection[str] = ()) -> dict[str, frozenset[str]]:
        """Ids of the items that came, by group, with those that count as having come."""
        return {group: frozenset(ids).union(kept) for group, ids in self._items.items()}
