"""What another process does between two steps of ours."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from florilege.library import Library
from florilege.library.files import Files
from florilege.marking import Mark
from florilege.model import Counts
from support.clocks import Clock
from support.library import THEN, item, store


class Meddling(Files):
    """A disk on which somebody else does something once, as soon as a log of items is looked at."""

    def __init__(self) -> None:
        self.meddle: Callable[[], object] | None = None

    def stat(self, path: Path) -> object:  # type: ignore[override]
        meddle = self.meddle
        if meddle is not None and path.parent.name == "items":
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


def test_a_group_removed_while_all_are_counted_is_passed_over(library: Library, other: Library, disk: Meddling) -> None:
    ink, paper = library.groups()
    store(other, ink.id, item("two", ink.id))  # so that it has to be counted
    disk.meddle = lambda: other.remove_group(ink.id)
    library.remember_counts()
    assert [group.id for group in library.groups()] == [paper.id]
    assert library.counts(paper.id) == Counts(items=1, highlights=2)


def test_a_group_removed_while_the_states_leave_is_passed_over(
    library: Library, other: Library, disk: Meddling
) -> None:
    ink, paper = library.groups()
    store(other, ink.id, item("two", ink.id))
    disk.meddle = lambda: other.remove_group(ink.id)
    assert [leaving.group for leaving in library.export_states()] == [paper.id]
