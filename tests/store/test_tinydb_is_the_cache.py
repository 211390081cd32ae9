"""TinyDB is the cache: without its table methods nothing is read and nothing is written."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tinydb.table import Table

from florilege.formats import Snapshot
from florilege.marking import Mark, undoing
from florilege.merge import decide
from florilege.model import Entry, Source
from florilege.store import Library, LogTable
from florilege.store.sync import export_states
from support.clocks import Clock
from support.library import THEN, item, rename, store, with_sources

GROUP = "aaaa"


class Absent(Exception):
    """A table method was called."""


def refresh(library: Library) -> None:
    """Update the library the way a refresh does."""
    snapshot = Snapshot(kind="atom", entries=(Entry(native_id="1", title="Ink", url="https://example.org/ink"),))
    library.update_items(
        GROUP, lambda known: decide(known, snapshot, group=GROUP, now=THEN, purged=library.trash.tombstones(GROUP))
    )
    library.update_source(GROUP, Source(address="https://example.org/ink"), lambda source: source)


ACTS: dict[str, Callable[[Library], object]] = {
    "add": lambda library: library.add_group("Paper"),
    "list the groups": lambda library: library.groups(),
    "list the items": lambda library: library.summaries(GROUP),
    "open an item": lambda library: library.item(GROUP, "one"),
    "count": lambda library: library.counts(GROUP),
    "mark": lambda library: library.mark(Mark.READ, {GROUP: {"two": 0}}, now=THEN),
    "undo": lambda library: library.change(undoing(library.mark(Mark.STARRED, {GROUP: {"two": 0}}, now=THEN))),
    "refresh": refresh,
    "rename": lambda library: rename(library, GROUP, "Encre"),
    "remove": lambda library: library.trash.remove_group(GROUP),
    "purge": lambda library: library.trash.purge(GROUP, lambda summaries, states: ["one"]),
    "export the states": lambda library: [export_states(library, group) for group in library.groups()],
}
TINYDB = ("get", "all", "search", "insert", "insert_multiple", "upsert", "update", "remove", "__iter__")
"""TinyDB's own methods."""
OURS = ("read", "write")
"""Our own methods, for many documents as typed values."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Library(tmp_path, clock=Clock(), new_id=lambda: GROUP) as library:
        with_sources(library, "Ink", Source(address="https://example.org/ink"))
        store(library, GROUP, item("one", GROUP), item("two", GROUP))
        library.mark(Mark.READ, {GROUP: {"one": 0}}, now=THEN)
        library.remember_counts()
    return tmp_path


@pytest.mark.parametrize("act", ACTS)
def test_nothing_works_without_the_methods_of_a_table(folder: Path, act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object, **__: object) -> object:
        raise Absent

    with Library(folder, clock=Clock(), new_id=lambda: "bbbb") as library:
        for name in (*TINYDB, *OURS):
            monkeypatch.setattr(LogTable, name, absent)
        with pytest.raises(Absent):
            ACTS[act](library)


@pytest.mark.parametrize("act", ["add", "list the items", "open an item", "mark", "refresh", "remove"])
def test_methods_inherited_from_tinydb_are_needed_too(folder: Path, act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object, **__: object) -> object:
        raise Absent

    with Library(folder, clock=Clock(), new_id=lambda: "bbbb") as library:
        for name in TINYDB:
            monkeypatch.setattr(LogTable, name, absent)
        with pytest.raises(Absent):
            ACTS[act](library)


def test_table_has_two_public_methods_of_our_own() -> None:
    assert {name for name in dir(LogTable) if name not in dir(Table) and not name.startswith("_")} == set(OURS)
