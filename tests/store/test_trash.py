"""Groups renamed, removed, and restored."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from florilege.marking import Mark
from florilege.model import Group, Source
from florilege.store import Library, NoSuchGroup
from support.clocks import Clock
from support.disks import Cutting, PowerCut
from support.library import THEN, compact, item, rename, save_source, store, with_sources

WEEK = 7


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    ids = count(0xA000)
    with Library(tmp_path, clock=clock, new_id=lambda: f"{next(ids):x}") as library:
        for title in ("Ink", "Paper", "Glue"):
            group = with_sources(library, title, Source(address=f"https://example.org/{title}"))
            store(library, group.id, item("one", group.id), item("two", group.id))
            library.mark(Mark.READ, {group.id: {"one": 0}}, now=THEN)
        library.remember_counts()
        yield library


def titles(library: Library) -> list[str]:
    return [group.title for group in library.groups()]


def everything(library: Library, group: Group) -> object:
    return library.group(group.id), library.items(group.id), library.states(group.id), library.counts(group.id)


def test_renamed_group_keeps_everything_else_as_it_is_on_disk_now(library: Library, tmp_path: Path) -> None:
    ink = library.groups()[0]
    with Library(tmp_path, clock=Clock()) as other:
        save_source(other, ink.id, Source(address="https://example.org/Ink", etag='"7"'))
    renamed = rename(library, ink.id, "Encre")
    assert renamed == replace(ink, title="Encre", sources=(Source(address="https://example.org/Ink", etag='"7"'),))
    assert titles(library) == ["Encre", "Paper", "Glue"]
    with pytest.raises(NoSuchGroup):
        rename(library, "beef", "Encre")


@pytest.mark.parametrize("place", range(3))
def test_removed_group_is_restored_to_its_place_with_everything(library: Library, place: int) -> None:
    group = library.groups()[place]
    before = [everything(library, each) for each in library.groups()]
    library.trash.remove_group(group.id)
    assert group.title not in titles(library)
    assert [replace(each, removed_at=None) for each in library.trash.groups()] == [group]
    with pytest.raises(NoSuchGroup):
        library.items(group.id)
    # Even after compaction
    compact(library)
    assert library.trash.restore_group(group.id) == group
    assert [everything(library, each) for each in library.groups()] == before
    assert library.trash.groups() == []
    with pytest.raises(NoSuchGroup):
        library.trash.restore_group(group.id)


def test_groups_removed_one_after_another_are_all_restored(library: Library) -> None:
    before = library.groups()
    for group in before:
        library.trash.remove_group(group.id)
        compact(library)
    assert titles(library) == []
    for group in reversed(before):
        library.trash.restore_group(group.id)
    assert library.groups() == before


def test_emptying_the_trash_spares_what_others_removed(library: Library, tmp_path: Path, clock: Clock) -> None:
    ink, paper, glue = library.groups()
    with Library(tmp_path, clock=clock) as other:
        other.trash.remove_group(ink.id)
        library.trash.remove_group(paper.id)
        assert [each.id for each in library.trash.empty([paper.id])] == [paper.id]
        assert [replace(each, removed_at=None) for each in other.trash.groups()] == [ink]
        assert not [file for file in tmp_path.rglob("*") if paper.id in file.name]
        # Until it has been there so long that nobody will want it back
        clock.move(days=WEEK - 1)
        assert library.trash.empty() == []
        clock.move(days=2)
        library.trash.remove_group(glue.id)
        assert [replace(each, removed_at=None) for each in other.trash.groups()] == [glue]
    assert not [file for file in tmp_path.rglob("*") if ink.id in file.name]


def test_clock_going_back_empties_no_trash(library: Library, clock: Clock) -> None:
    ink = library.groups()[0]
    library.trash.remove_group(ink.id)
    clock.move(days=-400)
    assert library.trash.empty() == []


def test_empty_trash_is_not_written(library: Library, tmp_path: Path) -> None:
    before = (tmp_path / "groups.log").read_bytes()
    library.trash.empty(["a000"])
    assert (tmp_path / "groups.log").read_bytes() == before


def test_power_cut_while_groups_are_removed_and_restored_never_halves_one(library: Library, tmp_path: Path) -> None:
    ink, paper, _ = library.groups()
    whole = everything(library, ink)
    library.trash.remove_group(paper.id)
    cuts, done = 0, False
    while not done:
        disk = Cutting(cuts)
        try:
            with Library(tmp_path, clock=Clock(), files=disk) as cut:
                cut.trash.remove_group(ink.id)
                cut.trash.restore_group(ink.id)
                cut.trash.empty([paper.id])
            done = True
        except PowerCut:
            cuts += 29
        # Then the group is complete, either in the library or in the trash
        with Library(tmp_path, clock=Clock()) as after:
            if ink.id not in {group.id for group in after.groups()}:
                after.trash.restore_group(ink.id)
            assert everything(after, ink) == whole
            if paper.id in {each.id for each in after.trash.groups()}:
                after.trash.restore_group(paper.id)
                assert after.counts(paper.id).items == 2
                after.trash.remove_group(paper.id)
    assert cuts > 200


def test_group_imported_again_survives_the_emptying_of_the_trash(library: Library, tmp_path: Path) -> None:
    # Given a group removed here, and imported again by another process
    ink = library.groups()[0]
    before = everything(library, ink)
    library.trash.remove_group(ink.id)
    with Library(tmp_path, clock=Clock()) as other:
        assert other.adopt_group(replace(ink, title="Encre")) == ink
        assert other.adopt_group(ink) == ink
    # When its remover empties the trash
    assert library.trash.empty([ink.id]) == []
    # Then it is complete
    assert titles(library) == ["Ink", "Paper", "Glue"]
    assert everything(library, ink) == before


def test_damaged_removal_time_affects_no_other_group(library: Library, tmp_path: Path) -> None:
    ink, paper, glue = (group.id for group in library.groups())
    library.trash.remove_group(ink)
    library.trash.remove_group(paper)
    log = tmp_path / "groups.log"
    begin = log.read_bytes().index(b'"removed_at":"20')
    with log.open("r+b") as file:
        file.seek(begin + len('"removed_at":"'))
        file.write(b"?")
    with Library(tmp_path, clock=Clock()) as again:
        assert [group.id for group in again.trash.empty([paper])] == [paper]
        again.trash.remove_group(glue)
        assert [group.id for group in again.trash.groups()] == [glue]
