"""The counts of each group: counted when needed, remembered in the log of the groups, brought up to date by marks.

A summary holds as long as the two logs it was counted from are as they were, but for marks that were made here. Those
are counted when somebody asks. How to count is in `counting.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from florilege.marking import Change
from florilege.model import Head
from florilege.store import counting
from florilege.store.catalogue import Catalogue
from florilege.store.counting import Summary
from florilege.store.lines import Raw, encode
from florilege.store.log import Stamp
from florilege.store.shelf import Kind, Shelf

COUNTS = "counts"
"""The table of summaries, in the log of the groups; each has the `doc_id` of its group."""

Stamps = tuple[Stamp | None, Stamp | None]
"""The logs of items and of states of one group."""

_AT_ONCE = 1000
"""So many marks are not left waiting to be counted."""

_heads = msgspec.json.Decoder(Head)
_summaries = msgspec.json.Decoder(Summary)


@dataclass(slots=True)
class _Marked:
    """Marks made since a summary was counted."""

    states: Stamp | None
    """The log of states after the last of them."""
    changes: list[Change]


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
        self._marked: dict[str, _Marked] = {}

    def fitting(self, group_id: str) -> Summary | None:
        """The summary of a group, from memory or disk, when others have not written to its logs since; else None."""
        stamps = self.stamps(group_id)
        summary = self._summaries.get(group_id) or self._stored(group_id)
        if summary is not None and group_id in self._marked:
            summary = self._counted_on(summary, self._marked.pop(group_id))
        if summary is None or summary.group != group_id or (summary.items, summary.states) != stamps:
            return None
        self._summaries[group_id] = summary
        return summary

    def follow(self, group_id: str, changes: Sequence[Change], before: Stamp | None, after: Stamp | None) -> None:
        """Take note of marks just written.

        Args:
            group_id: The group.
            changes: The marks.
            before: The log of states as it was, under the lock.
            after: The log of states with them.
        """
        marked = self._marked.get(group_id)
        if marked is None:
            summary = self._summaries.get(group_id) or self._stored(group_id)
            if summary is None or summary.states != before:
                self.forget(group_id)
                return
            self._summaries[group_id] = summary
            marked = self._marked[group_id] = _Marked(before, [])
        if marked.states != before:
            self.forget(group_id)
            return
        marked.states = after
        marked.changes += changes
        if len(marked.changes) > _AT_ONCE:
            self.fitting(group_id)

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
        self._marked.pop(summary.group, None)

    def forget(self, group_id: str) -> None:
        """Drop what is known of a group."""
        self._summaries.pop(group_id, None)
        self._marked.pop(group_id, None)

    def _counted_on(self, before: Summary, marked: _Marked) -> Summary | None:
        """A summary brought up to marks; None when the items it was counted from are not at hand."""
        volume = self._shelf.at_hand(Kind.ITEMS, before.group, before.items)
        if volume is None:
            return None
        places, raws = volume.places(), volume.records.raws
        items = dict.fromkeys(change.after.item for change in marked.changes)
        touched = [raws[places[item]] for item in items if item in places]
        heads = {head.id: head for head in volume.decoded(_heads, touched)}
        counts = counting.after(before.counts, marked.changes, heads)
        return Summary(before.group, before.items, marked.states, counts)

    def to_store(self) -> dict[str, Raw | None]:
        """The summaries that differ from those on disk, by `doc_id`."""
        known = self._catalogue.known()
        stored = self._shelf.open(Kind.GROUPS).named(COUNTS).records.raws
        encoded = {known[name][0]: encode(summary) for name, summary in self._summaries.items() if name in known}
        return {doc_id: raw for doc_id, raw in encoded.items() if stored.get(doc_id) != raw}
