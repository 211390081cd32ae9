"""The bundled sample groups, in French and English, and how a library is filled with them.

People, pages and sentences are all invented, and every address uses a reserved domain name. The content is JSON beside
this file. It is added the way a refresh would, and includes some days of reading: read and starred items and new
highlights are not written into the library directly but come about through the same functions as in real use.
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
"""The files, in the order in which their groups are added."""

_FIRST_READ = timedelta(days=2)
"""How long before `now` the items arrived and some of them were read."""


class SampleGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bundled group, and what its imaginary reader has done with it so far."""

    title: str
    site: str | None
    tags: tuple[str, ...]
    """The reader's own tags, as in `Group.tags`."""
    snapshot: Snapshot
    """The group as it is now. Every entry has a native id, and every highlight an id unique within the group."""
    read: tuple[str, ...]
    """Native ids of the entries that have been read."""
    starred: tuple[str, ...]
    """Native ids of the entries that are starred."""
    arrived_later: tuple[str, ...]
    """Ids of the highlights that were added after their items were read, and so count as new."""

    @property
    def first_snapshot(self) -> Snapshot:
        """The group as it was when it was read, without the highlights that arrived later."""
        later = frozenset(self.arrived_later)
        entries = tuple(
            msgspec.structs.replace(
                entry, highlights=tuple(highlight for highlight in entry.highlights if highlight.id not in later)
            )
            for entry in self.snapshot.entries
        )
        return msgspec.structs.replace(self.snapshot, entries=entries)


def sample_groups() -> tuple[SampleGroup, ...]:
    """The bundled groups, decoded afresh on each call."""
    folder = resources.files("florilege.demo")
    return tuple(msgspec.json.decode((folder / name).read_bytes(), type=SampleGroup) for name in _FILES)


def offer(library: Library, *, now: datetime) -> None:
    """Fill an empty library with the sample groups.

    Args:
        library: The library to fill. What it already holds stays; calling this twice adds every group twice.
        now: The current time, with zone. Items count as having arrived, and some as read, two days before.

    Raises:
        LibraryError: The library can't be written.
    """
    for sample in sample_groups():
        _offer_group(library, sample, now)


def _offer_group(library: Library, sample: SampleGroup, now: datetime) -> None:
    """Add one group, mark what has been read and starred, then bring it up to date."""
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
    """Item id -> revision for the items with these native ids, as `Library.mark` takes them."""
    return {item.id: item.revision for item in items if item.native_id in native_ids}
