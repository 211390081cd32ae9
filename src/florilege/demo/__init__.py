"""The bundled sample groups, French and English, and how a library is filled with them.

All of it is invented: people, pages, sentences; every address lies at a reserved name. The content is JSON beside this
file. It comes as a refresh would bring it, some days of reading included: what is read, starred and highlighted anew is
not written into the library but happens to it, through the same doors as in real use.
"""

from datetime import datetime, timedelta
from importlib import resources

import msgspec

from florilege.formats import Snapshot
from florilege.marking import Mark
from florilege.merge import decide
from florilege.model import Item
from florilege.store import Library

_FILES = ("encre_et_papier.json", "open_tab_society.json", "tuesday_seminar.json", "cafe_reparation.json")
"""In the order in which the groups are added."""

_FIRST_READ = timedelta(days=2)
"""How long before `now` the items are taken to have arrived, and some to have been read."""


class SampleGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bundled group, and what its imagined reader has done with it so far."""

    title: str
    site: str | None
    tags: tuple[str, ...]
    """The reader's own, as on `Group.tags`."""
    snapshot: Snapshot
    """The group as it is now. Every entry has a native id, every highlight an id of its own within the group."""
    read: tuple[str, ...]
    """Native ids of the entries that have been read."""
    starred: tuple[str, ...]
    """Native ids of the entries that are starred."""
    arrived_later: tuple[str, ...]
    """Ids of the highlights that were not there yet when their items were read: these are new."""

    @property
    def first_snapshot(self) -> Snapshot:
        """The group as it was when it was read: without the highlights that arrived later."""
        later = frozenset(self.arrived_later)
        entries = tuple(
            msgspec.structs.replace(
                entry, highlights=tuple(highlight for highlight in entry.highlights if highlight.id not in later)
            )
            for entry in self.snapshot.entries
        )
        return msgspec.structs.replace(self.snapshot, entries=entries)


def sample_groups() -> tuple[SampleGroup, ...]:
    """The bundled groups, decoded anew at each call."""
    folder = resources.files("florilege.demo")
    return tuple(msgspec.json.decode((folder / name).read_bytes(), type=SampleGroup) for name in _FILES)


def offer(library: Library, *, now: datetime) -> None:
    """Fill an empty library with the sample groups.

    Args:
        library: Where they go. What it already holds stays; offering twice gives every group twice.
        now: When, with zone. The items count as arrived, and those that are read as read, two days before.

    Raises:
        LibraryError: When the library can't be written.
    """
    for sample in sample_groups():
        _offer_group(library, sample, now)


def _offer_group(library: Library, sample: SampleGroup, now: datetime) -> None:
    """One group: added, read for a while, refreshed."""
    then = now - _FIRST_READ
    group = library.add_group(sample.title, tags=sample.tags, site=sample.site)
    first = library.update_items(group.id, lambda known: decide(known, sample.first_snapshot, group=group.id, now=then))
    read = _revisions(first.items, sample.read)
    library.mark(Mark.READ, {group.id: read}, now=then)
    library.mark(Mark.STARRED, {group.id: _revisions(first.items, sample.starred)}, now=then)
    library.update_items(
        group.id, lambda known: decide(known, sample.snapshot, group=group.id, now=now, read=frozenset(read))
    )


def _revisions(items: tuple[Item, ...], native_ids: tuple[str, ...]) -> dict[str, int]:
    """Our id and the revision of each item that has one of these native ids: what a mark wants to know."""
    return {item.id: item.revision for item in items if item.native_id in native_ids}
