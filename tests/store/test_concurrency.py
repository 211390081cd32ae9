"""Readers never wait while a writer waits for the disk, and the lock is held only for a write."""

import errno
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from florilege.marking import Mark
from florilege.merge import Decision
from florilege.model import Item
from florilege.store import Library, LibraryBusy
from florilege.store.disk import Files
from support.clocks import Clock
from support.library import THEN, item, rename, store


class Slow(Files):
    """A disk whose syncs block until released."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.go_on.set()
        self.is_waiting = threading.Event()
        self.fails = False

    def sync(self, descriptor: int) -> None:
        if not self.go_on.is_set():
            self.is_waiting.set()
            assert self.go_on.wait(20)
            if self.fails:
                raise OSError(errno.EIO, "Input/output error")
        super().sync(descriptor)


@pytest.mark.parametrize("what", ["a mark", "items", "the list of groups"])
def test_reading_goes_on_while_a_write_waits_for_the_disk(tmp_path: Path, what: str) -> None:
    disk = Slow()
    with Library(tmp_path, clock=Clock(), files=disk) as library, ThreadPoolExecutor() as threads:
        ink, paper = (library.add_group(title).id for title in ("Ink", "Paper"))
        for group in (ink, paper):
            store(library, group, item("one", group))
        disk.go_on.clear()
        acts = {
            "a mark": lambda: library.mark(Mark.READ, {ink: {"one": 0}}, now=THEN),
            "items": lambda: store(library, ink, item("two", ink)),
            "the list of groups": lambda: rename(library, ink, "Encre"),
        }
        writing = threads.submit(acts[what])
        assert disk.is_waiting.wait(10)
        # While a write waits, everything can be read, in its own group and in others
        for group in (ink, paper):
            assert threads.submit(library.item, group, "one").result(10)
            assert threads.submit(library.counts, group).result(10).items >= 1
            assert threads.submit(library.summaries, group).result(10)
            threads.submit(library.states, group).result(10)
        assert len(threads.submit(library.groups).result(10)) == 2
        assert not writing.done()
        disk.go_on.set()
        writing.result(10)
        assert library.counts(ink).items == len(library.items(ink))
    with Library(tmp_path, clock=Clock()) as after:
        assert (library.items(ink), library.states(ink), library.groups()) == (
            after.items(ink),
            after.states(ink),
            after.groups(),
        )


def test_reads_of_a_write_that_then_failed_are_taken_back(tmp_path: Path) -> None:
    disk = Slow()
    with Library(tmp_path, clock=Clock(), files=disk) as library, ThreadPoolExecutor() as threads:
        group = library.add_group("Ink").id
        store(library, group, item("one", group))
        disk.go_on.clear()
        disk.fails = True
        writing = threads.submit(store, library, group, item("two", group))
        assert disk.is_waiting.wait(10)
        library.items(group)
        disk.go_on.set()
        assert writing.exception(10) is not None
        assert [each.id for each in library.items(group)] == ["one"]


def test_long_decision_keeps_nobody_from_marking(tmp_path: Path) -> None:
    with (
        Library(tmp_path, clock=Clock()) as library,
        Library(tmp_path, clock=Clock(), lock_timeout=0.05) as other,
        ThreadPoolExecutor() as threads,
    ):
        group = library.add_group("Ink").id
        decided, go_on = threading.Event(), threading.Event()

        def decide(known: list[Item]) -> Decision:
            decided.set()
            assert go_on.wait(20)
            return Decision((item("one", group),))

        deciding = threads.submit(library.update_items, group, decide)
        assert decided.wait(10)
        for each in (library, other):
            try:
                each.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
            except LibraryBusy:
                pytest.fail("the lock is held while a decision is made")
        go_on.set()
        assert deciding.result(10).items
        assert other.states(group)["one"].is_read
