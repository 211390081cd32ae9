"""What another process does between two steps of ours."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from florilege.marking import Mark
from florilege.model import Counts
from florilege.store import Library, NoSuchGroup
from florilege.store.disk import Files
from florilege.store.lines import Raw
from florilege.store.log import Log, write_lines
from florilege.store.sync import export_states
from support.clocks import Clock
from support.library import THEN, item, store


class Meddling(Files):
    """A disk on which another process acts once, as soon as a log of one kind is looked at."""

    def __init__(self) -> None:
        self.kind = "items"
        self.meddle: Callable[[], object] | None = None

    def stat(self, path: Path) -> object:  # type: ignore[override]
        meddle = self.meddle
        if meddle is not None and path.parent.name == self.kind:
            self.meddle = None
            meddle()
        return super().stat(path)


@pytest.fixture
def disk() -> Meddling:
    return Meddling()


@pytest.fixture
def library(tmp_path: Path, disk: Meddling) -> Iterator[Library]:
    with Library(tmp_path, clock=Clock(), files=disk) as library:
        for title in ("Ink", "Paper"):
            group = library.add_group(title).id
            store(library, group, item("one", group, quotes="ab"))
            library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
        yield library


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path, clock=Clock()) as other:
        yield other


def test_group_removed_during_counting_is_skipped(library: Library, other: Library, disk: Meddling) -> None:
    ink, paper = library.groups()
    store(other, ink.id, item("two", ink.id))  # so that it has to be counted
    disk.meddle = lambda: other.trash.remove_group(ink.id)
    library.remember_counts()
    assert [group.id for group in library.groups()] == [paper.id]
    assert library.counts(paper.id) == Counts(items=1, highlights=2)


def test_group_removed_during_state_export_is_skipped(library: Library, other: Library, disk: Meddling) -> None:
    ink = library.groups()[0]
    store(other, ink.id, item("two", ink.id))
    disk.kind, disk.meddle = "states", lambda: other.trash.remove_group(ink.id)
    with pytest.raises(NoSuchGroup):
        export_states(library, ink)


def test_counts_are_right_whoever_marked_in_between(library: Library, other: Library) -> None:
    ink = library.groups()[0].id
    store(library, ink, *(item(f"more-{number}", ink) for number in range(1100)))
    assert library.counts(ink).unread == other.counts(ink).unread == 1100
    # Given marks by one process, the other, and the first again, before anything is counted
    library.mark(Mark.READ, {ink: {"more-1": 0}}, now=THEN)
    other.mark(Mark.READ, {ink: {"more-2": 0}}, now=THEN)
    library.mark(Mark.READ, {ink: {"more-3": 0}}, now=THEN)
    assert library.counts(ink).unread == other.counts(ink).unread == 1097
    other.mark(Mark.READ, {ink: {"more-4": 0}}, now=THEN)
    library.mark(Mark.UNREAD, {ink: {"more-1": 0}}, now=THEN)
    assert library.counts(ink).unread == other.counts(ink).unread == 1097
    # And more marks than the buffer holds
    library.mark(Mark.STARRED, {ink: {f"more-{number}": 0 for number in range(1100)}}, now=THEN)
    assert library.counts(ink) == other.counts(ink) == Counts(items=1101, unread=1097, starred=1100, highlights=2)


def keep_time(path: Path, change: Callable[[], object]) -> None:
    """Change a file without changing its modification time."""
    before = path.stat().st_mtime_ns
    change()
    os.utime(path, ns=(before, before))


def put(log: Log, name: str, text: str) -> None:
    """Append one document."""
    log.append("documents", {name: Raw(text.encode())})


def test_line_replacing_a_torn_tail_of_equal_length_and_time_is_seen(tmp_path: Path) -> None:
    # Given a log with an unfinished line, read by both
    path = tmp_path / "some.log"
    ours, theirs = Log(path), Log(path)
    put(ours, "a", "1")
    line = write_lines("documents", {"b": Raw(b"2")})
    with path.open("ab") as torn:
        torn.write(b"#" * len(line))
    ours.catch_up()
    theirs.catch_up()
    # When the other process replaces it with its own line, and then we append one
    keep_time(path, lambda: put(theirs, "b", "2"))
    assert path.stat().st_size == ours.size + len(line)
    put(ours, "c", "3")
    # Then all three are there
    fresh = Log(path)
    fresh.catch_up()
    assert list(fresh.tables["documents"]) == list(ours.tables["documents"]) == ["a", "b", "c"]


class Overtaken(Files):
    """A disk where, once, a torn tail is cut and overwritten while it is being read."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act: Callable[[], object] | None = act

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        before = super().read(descriptor, size, offset)
        if self.act is not None and before.endswith(b"#"):
            act, self.act = self.act, None
            act()
            after = super().read(descriptor, size, offset)
            return before[:100] + after[100:]  # its first page as it was, its second as it is now
        return before


def test_torn_tail_cut_while_being_read_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    theirs = Log(path)
    put(theirs, "a", "1")
    with path.open("ab") as torn:
        torn.write(b"#" * 200)
    ours = Log(path, files=Overtaken(lambda: put(theirs, "b", f'"{"b" * 100}"')))
    ours.catch_up()
    assert list(ours.tables["documents"]) == ["a", "b"]


def test_counts_are_not_reused_for_another_file_with_the_same_inode_and_length(
    library: Library, other: Library, tmp_path: Path
) -> None:
    ink = library.groups()[0].id
    store(library, ink, item("two", ink))
    library.remember_counts()
    assert other.counts(ink).unread == 1
    # Given the states as another process has rewritten them
    log = tmp_path / "states" / f"{ink}.log"
    was_read = b'"read_at":"2026-11-20T12:00:00Z"'
    changed = log.read_bytes().replace(was_read, was_read.replace(b"read_at", b"rEad_at"))
    os.truncate(log, 0)
    with log.open("r+b") as file:
        file.write(changed)
    os.utime(log, ns=(1, 1))
    assert other.counts(ink).unread == 2
