"""The counts of each group: counted when needed, remembered in the log of the groups, brought up to date by marks.

A summary holds as long as the two logs it was counted from are as they were. How to count is in `counting.py`.
"""

from collections.abc import Sequence

import msgspec

from florilege.library import counting
from florilege.library.catalogue import Catalogue
from florilege.library.counting import Summary
from florilege.library.lines import Raw, encode
from florilege.library.log import Stamp
from florilege.library.shelf import Kind, Shelf
from florilege.marking import Change
from florilege.model import Head

COUNTS = "counts"
"""The table of summaries, in the log of the groups; each has the `doc_id` of its group."""

Stamps = tuple[Stamp | None, Stamp | None]
"""The logs of items and of states of one group."""

_heads = msgspec.json.Decoder(Head)
_summaries = msgspec.json.Decoder(Summary)


class Tally:
    """Summaries of groups. Not for several threads at once: `Library` sees to that.

    Args:
        shelf: Where the logs are.
        catalogue: Which groups there are.
    """

    def __init__(self, shelf: Shelf, catalogue: Catalogue) -> None:
        self._shelf = shelf
        self._catalogue = catalogue
        self._summaries: dict[str, Summary] = {}

    def fitting(self, group_id: str, stamps: Stamps | None = None) -> Summary | None:
        """The summary of a group, from memory or disk, when its logs have not been written to since; else None.

        Args:
            group_id: The group.
            stamps: Its logs, when somebody has just looked at them.
        """
        stamps = stamps or self.stamps(group_id)
        summary = self._summaries.get(group_id) or self._stored(group_id)
        if summary is None or summary.group != group_id or (summary.items, summary.states) != stamps:
            return None
        self._summaries[group_id] = summary
        return summary

    def _stored(self, group_id: str) -> Summary | None:
        doc_id, _ = self._catalogue.place_of(group_id)
        volume = self._shelf.open(Kind.GROUPS)
        raw = volume.named(COUNTS).records.raws.get(doc_id)
        return volume.decoded(_summaries, [raw])[0] if raw is not None else None

    def stamps(self, group_id: str) -> Stamps:
        """The logs of items and of states as they are on disk now."""
        return self._shelf.look(Kind.ITEMS, group_id), self._shelf.look(Kind.STATES, group_id)

    def keep(self, summary: Summary) -> None:
        """Take a summary that was just counted."""
        self._summaries[summary.group] = summary

    def forget(self, group_id: str) -> None:
        """Drop what is known of a group."""
        self._summaries.pop(group_id, None)

    def count_on(self, before: Summary, changes: Sequence[Change]) -> None:
        """Bring a summary that fitted up to marks just written, when the items are at hand; else it is dropped."""
        group_id = before.group
        volume = self._shelf.at_hand(Kind.ITEMS, group_id, before.items)
        if volume is None:
            self.forget(group_id)
            return
        places, raws = volume.places(), volume.records.raws
        marked = [raws[places[change.after.item]] for change in changes if change.after.item in places]
        heads = {head.id: head for head in volume.decoded(_heads, marked)}
        # The log of states as it was just written: under the lock nobody else has.
        stamps = before.items, self._shelf.open_stamp(Kind.STATES, group_id)
        self.keep(Summary(group_id, *stamps, counting.after(before.counts, changes, heads)))

    def to_store(self) -> dict[str, Raw | None]:
        """The summaries that differ from those on disk, by `doc_id`."""
        known = self._catalogue.known()
        stored = self._shelf.open(Kind.GROUPS).named(COUNTS).records.raws
        encoded = {known[name][0]: encode(summary) for name, summary in self._summaries.items() if name in known}
        return {doc_id: raw for doc_id, raw in encoded.items() if stored.get(doc_id) != raw}
