"""What a library reports and keeps when its folder vanishes, its disk fails, or the clock goes back."""

import errno
from pathlib import Path

import pytest

from florilege.marking import Mark
from florilege.store import Library, LibraryGone, LibraryNotWritable
from support.clocks import Clock
from support.disks import Failing
from support.library import THEN, compact, item, store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "disk" / "library"


def test_vanished_folder_is_reported_and_not_recreated(folder: Path) -> None:
    with Library(folder, clock=Clock()) as library:
        group = library.add_group("Ink").id
        store(library, group, item("one", group))
        # When the disk is taken out
        folder.parent.rename(folder.parent.with_name("elsewhere"))
        # Then every access reports that, and nothing is created in its place
        for act in (
            library.groups,
            library.changed,
            lambda: library.items(group),
            lambda: library.mark(Mark.READ, {group: {"one": 0}}, now=THEN),
            lambda: library.add_group("Paper"),
            lambda: store(library, group, item("two", group)),
        ):
            with pytest.raises(LibraryGone, match=r"is no longer there; nothing was changed\. Bring it back"):
                act()
        assert not folder.parent.exists()
        # And when it is back, everything works again
        folder.parent.with_name("elsewhere").rename(folder.parent)
        library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
        assert library.changed() == set()
        assert library.states(group)["one"].is_read


def test_emptied_library_is_reported_too(folder: Path) -> None:
    with Library(folder, clock=Clock()) as library:
        library.add_group("Ink")
        (folder / "groups.log").unlink()
        with pytest.raises(LibraryGone):
            library.add_group("Paper")
        assert not (folder / "groups.log").exists()


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
def test_write_that_could_not_be_made_durable_has_no_effect(folder: Path, error: int) -> None:
    disk = Failing(error)
    with Library(folder, clock=Clock(), files=disk) as library, Library(folder, clock=Clock()) as other:
        group = library.add_group("Ink").id
        store(library, group, item("one", group))
        library.mark(Mark.STARRED, {group: {"one": 0}}, now=THEN)
        before = library.states(group), library.counts(group), library.items(group), library.groups()
        disk.syncs = False
        for act in (
            lambda: library.mark(Mark.READ, {group: {"one": 0, "two": 0}}, now=THEN),
            lambda: store(library, group, item("two", group)),
            lambda: library.add_group("Paper"),
        ):
            with pytest.raises(LibraryNotWritable):
                act()
            for each in library, other:
                assert (each.states(group), each.counts(group), each.items(group), each.groups()) == before
        # And when the disk works again, so does the same library
        disk.syncs = True
        library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
        assert other.states(group)["one"].is_read
        assert other.states(group)["one"].is_starred


def test_clock_going_back_does_no_harm(folder: Path) -> None:
    clock = Clock()
    with Library(folder, clock=clock) as library, Library(folder, clock=clock) as other:
        first = library.add_group("Ink").id
        library.mark(Mark.READ, {first: {"one": 0}}, now=clock())
        assert other.counts(first) == library.counts(first)
        clock.move(days=-400)
        second = library.add_group("Paper").id
        library.mark(Mark.STARRED, {first: {"one": 0}}, now=clock())
        compact(library)
        library.mark(Mark.UNREAD, {first: {"one": 0}}, now=clock())
        assert [group.id for group in other.groups()] == [first, second]
        assert (other.states(first)["one"].is_read, other.states(first)["one"].is_starred) == (False, True)


def test_states_log_that_vanishes_after_a_mark_is_reported(tmp_path: Path) -> None:
    with Library(tmp_path, clock=Clock()) as library:
        group = library.add_group("Ink").id
        store(library, group, item("one", group))
        library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
        (tmp_path / "states" / f"{group}.log").unlink()
        with pytest.raises(LibraryGone, match="what you have read"):
            library.states(group)
        # Nor is it forgotten once its absence was noticed, which is reported once
        assert [library.changed(), library.changed()] == [{group}, set()]
        with pytest.raises(LibraryGone, match="what you have read"):
            library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
