"""Purged items stay away, and their states are kept."""

from pathlib import Path

from florilege.formats import Snapshot
from florilege.marking import Mark
from florilege.merge import Decision, decide, spent
from florilege.model import Counts, Entry, Item
from florilege.store import Library
from support.clocks import Clock
from support.disks import Cutting, PowerCut
from support.library import THEN, compact

FEED = Snapshot(
    kind="atom",
    entries=tuple(Entry(native_id=str(n), title=f"Item {n}", url=f"https://example.org/{n}") for n in range(6)),
)


def refresh(library: Library, group: str) -> Decision:
    def decided(known: list[Item]) -> Decision:
        return decide(known, FEED, group=group, now=THEN, purged=library.trash.tombstones(group))

    return library.update_items(group, decided)


def purge(library: Library, group: str, keep_items: int) -> int:
    return library.trash.purge(
        group, lambda summaries, states: spent(summaries, states, keep_items=keep_items, now=THEN)
    )


def read_half(library: Library, group: str) -> None:
    library.mark(Mark.READ, {group: {each.id: 0 for each in library.items(group)[:4]}}, now=THEN)
    library.mark(Mark.STARRED, {group: {library.items(group)[0].id: 0}}, now=THEN)


def test_purged_item_does_not_come_back_and_its_state_is_kept(tmp_path: Path) -> None:
    with Library(tmp_path, clock=Clock()) as library:
        group = library.add_group("Ink").id
        refresh(library, group)
        read_half(library, group)
        states = library.states(group)
        library.counts(group)
        # When the read ones are purged
        assert purge(library, group, 0) == 3
        # Then the starred and the unread ones are still there
        assert [each.title for each in library.items(group)] == ["Item 0", "Item 4", "Item 5"]
        assert library.counts(group) == Counts(items=3, unread=2, starred=1)
        assert library.states(group) == states
        # And the same feed brings nothing back, also in another process, and after compaction
        assert refresh(library, group).added == 0
        compact(library)
        with Library(tmp_path, clock=Clock()) as other:
            assert refresh(other, group).items == ()
            assert len(other.trash.tombstones(group)) == 3
            assert purge(other, group, 0) == 0


def test_purging_nothing_writes_nothing(tmp_path: Path) -> None:
    with Library(tmp_path, clock=Clock()) as library:
        group = library.add_group("Ink").id
        refresh(library, group)
        before = (tmp_path / "items" / f"{group}.log").read_bytes()
        assert purge(library, group, 0) == 0
        assert library.trash.purge(group, lambda summaries, states: ["no such item"]) == 0
        assert (tmp_path / "items" / f"{group}.log").read_bytes() == before


def test_power_cut_while_purging_loses_no_item_without_its_tombstone(tmp_path: Path) -> None:
    with Library(tmp_path, clock=Clock()) as library:
        group = library.add_group("Ink").id
        refresh(library, group)
        read_half(library, group)
    cuts, done = 0, False
    while not done:
        try:
            with Library(tmp_path, clock=Clock(), files=Cutting(cuts)) as cut:
                purge(cut, group, 0)
            done = True
        except PowerCut:
            cuts += 7
        with Library(tmp_path, clock=Clock()) as after:
            left, gone = len(after.items(group)), len(after.trash.tombstones(group))
            assert left + gone == 6
            assert (gone == 3) >= done
            assert refresh(after, group).added == 0
    assert cuts > 100
