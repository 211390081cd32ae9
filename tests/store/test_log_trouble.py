"""What a log survives: power cuts at every byte and step, disks that lie, files of earlier versions."""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from florilege.store import Library, LibraryNewer, LibraryNotWritable, LibraryUnreadable
from florilege.store.lines import SCHEMA, Raw
from florilege.store.log import Log
from florilege.store.migrating import STEPS, Step
from support.clocks import Clock
from support.disks import Cutting, Failing, PowerCut

GENERATIONS = Path(__file__).parent / "generations"


def put(log: Log, **documents: str | None) -> None:
    log.append({"documents": {name: None if text is None else Raw(text.encode()) for name, text in documents.items()}})


def held(log: Log) -> dict[str, bytes]:
    log.catch_up()
    return {name: bytes(raw) for name, raw in log.tables["documents"].raws.items()} if log.tables else {}


def in_capitals(table: str, document: dict[str, Any]) -> dict[str, Any]:
    """A step to a schema in which titles are written in capitals."""
    return {**document, "title": document["title"].upper()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    log = Log(tmp_path / "some.log", "documents")
    put(log, a='{"title":"ink"}', b='{"title":"paper"}')
    put(log, b='{"title":"pulp"}', c='{"title":"glue"}')
    return tmp_path / "some.log"


ACTS: dict[str, tuple[tuple[Step, ...], Callable[[Log], None], dict[str, bytes]]] = {
    "appending": (
        (),
        lambda log: put(log, a=None, d='{"title":"thread"}'),
        {"b": b'{"title":"pulp"}', "c": b'{"title":"glue"}', "d": b'{"title":"thread"}'},
    ),
    "compacting": ((), Log.compact, {"a": b'{"title":"ink"}', "b": b'{"title":"pulp"}', "c": b'{"title":"glue"}'}),
    "migrating": (
        (in_capitals,),
        lambda log: put(log, a=None, d='{"title":"THREAD"}'),
        {"b": b'{"title":"PULP"}', "c": b'{"title":"GLUE"}', "d": b'{"title":"THREAD"}'},
    ),
}


@pytest.mark.parametrize("forgets", [False, True], ids=["bytes stay", "bytes go"])
@pytest.mark.parametrize("act", ACTS)
def test_a_power_cut_at_any_step_leaves_what_was_before_or_what_is_after(path: Path, act: str, forgets: bool) -> None:
    steps, write, after = ACTS[act]
    before = held(Log(path, "documents", steps=steps))
    kept = path.with_name("kept")
    shutil.copy(path, kept)
    done = False
    cuts = 0
    while not done:
        # Given the power cut after so many steps
        shutil.copy(kept, path)
        try:
            write(Log(path, "documents", Cutting(cuts, forgets=forgets), steps))
            done = True
        except PowerCut:
            cuts += 1
        # Then everything is as it was, or all of it is done; and the log can be written to
        now = held(Log(path, "documents", steps=steps))
        assert now in (before, after)
        assert now == after or not done
        put(Log(path, "documents", steps=steps), z='{"title":"Z"}')
        assert held(Log(path, "documents", steps=steps)) == {**now, "z": b'{"title":"Z"}'}
    assert cuts > 30


@pytest.mark.parametrize("forgets", [False, True], ids=["bytes stay", "bytes go"])
def test_a_power_cut_while_a_log_is_made_leaves_none_or_all_of_it(tmp_path: Path, forgets: bool) -> None:
    cuts, done = 0, False
    while not done:
        path = tmp_path / str(cuts) / "some.log"
        try:
            put(Log(path, "documents", Cutting(cuts, forgets=forgets)), a="{}")
            done = True
        except PowerCut:
            cuts += 1
        assert held(Log(path)) in ({}, {"a": b"{}"})
        put(Log(path, "documents"), b="{}")
        assert "b" in held(Log(path))
    assert held(Log(path))["a"] == b"{}"
    assert cuts > 60


def test_after_a_write_that_could_not_be_made_durable_the_file_is_not_trusted(path: Path) -> None:
    # Given a disk that failed to sync once
    disk = Failing(errno.EIO)
    log = Log(path, "documents", disk)
    disk.syncs = False
    with pytest.raises(LibraryNotWritable, match="the disk reports an error"):
        put(log, d='{"title":"thread"}')
    before = held(log)
    inode = path.stat().st_ino
    # When it syncs again
    disk.syncs = True
    put(log, e='{"title":"wax"}')
    # Then what is known was written anew, to another file
    assert path.stat().st_ino != inode
    assert held(Log(path)) == {**before, "e": b'{"title":"wax"}'} == held(log)
    assert path.read_bytes().startswith(b'{"florilege":"documents","schema":1,"generation":2}\n')
    # And from there on it is appended to as usual
    inode = path.stat().st_ino
    put(log, f='{"title":"silk"}')
    assert path.stat().st_ino == inode


def test_a_disk_that_fails_to_sync_a_compaction_leaves_the_log_and_nothing_beside_it(path: Path) -> None:
    whole = path.read_bytes()
    disk = Failing(errno.ENOSPC)
    disk.syncs = False
    with pytest.raises(LibraryNotWritable, match="the disk is full"):
        Log(path, "documents", disk).compact()
    assert path.read_bytes() == whole
    assert [file.name for file in path.parent.iterdir()] == ["some.log"]


# Versions


def test_a_log_of_an_earlier_schema_is_read_without_being_changed(path: Path) -> None:
    whole = path.read_bytes()
    log = Log(path, "documents", steps=[in_capitals])
    assert held(log) == {"a": b'{"title":"INK"}', "b": b'{"title":"PULP"}', "c": b'{"title":"GLUE"}'}
    # And what an old version appends meanwhile is read on
    put(Log(path, "documents"), d='{"title":"thread"}', a=None)
    assert held(log) == {"b": b'{"title":"PULP"}', "c": b'{"title":"GLUE"}', "d": b'{"title":"THREAD"}'}
    assert path.read_bytes().startswith(whole)


def test_the_first_write_brings_a_log_up_and_keeps_the_old_one(path: Path) -> None:
    whole = path.read_bytes()
    log = Log(path, "documents", steps=[in_capitals, in_capitals])
    put(log, d='{"title":"THREAD"}')
    assert path.read_bytes().startswith(b'{"florilege":"documents","schema":3,"generation":2}\n')
    log.compact()
    # Then the old one is there in its own bytes, whatever was compacted since
    assert path.with_name("some.log.schema-1").read_bytes() == whole
    assert path.with_name("some.log.previous").read_bytes().startswith(b'{"florilege":"documents","schema":3')
    # And the version before refuses what it would not understand
    with pytest.raises(LibraryNewer):
        put(Log(path, "documents"), e="{}")


def called_out(_table: str, document: dict[str, Any]) -> dict[str, Any]:
    """Another step, whose place among the steps can be told."""
    return {**document, "title": document["title"] + "!"}


def test_a_log_takes_every_step_from_its_own_schema_on_and_none_before(path: Path) -> None:
    both = [in_capitals, called_out]
    assert held(Log(path, "documents", steps=both)) == {
        "a": b'{"title":"INK!"}',
        "b": b'{"title":"PULP!"}',
        "c": b'{"title":"GLUE!"}',
    }
    # Given one that was brought up to the second schema, and written to
    put(Log(path, "documents", steps=[in_capitals]), z='{"title":"small"}')
    assert held(Log(path, "documents", steps=both))["z"] == b'{"title":"small!"}'


def test_a_record_that_can_not_be_brought_up_is_said_so(path: Path) -> None:
    put(Log(path), a="[1]")
    whole = path.read_bytes()
    with pytest.raises(LibraryUnreadable, match="holds a record that is no document"):
        held(Log(path, "documents", steps=[in_capitals]))
    assert path.read_bytes() == whole


def test_there_is_a_step_between_any_two_schemas() -> None:
    assert len(STEPS) == SCHEMA - 1
    assert sorted(folder.name for folder in GENERATIONS.iterdir()) == [str(number + 1) for number in range(SCHEMA)]


@pytest.mark.parametrize("schema", range(1, SCHEMA + 1))
def test_a_library_of_every_schema_there_ever_was_is_read_and_written(tmp_path: Path, schema: int) -> None:
    folder = tmp_path / "library"
    shutil.copytree(GENERATIONS / str(schema), folder)
    before = {file.name: file.read_bytes() for file in folder.rglob("*.log")}
    with Library(folder, clock=Clock()) as library:
        # Given a library put down by that version, it says what it said then
        ink, paper = library.groups()
        assert (ink.title, ink.tags, ink.sources[0].etag) == ("Encre & Papier", ("lecture",), '"7"')
        assert paper.title == "Marges"
        first, second = library.items(ink.id)
        assert (first.title, first.highlights[1].quote, first.revision) == ("Du papier", "la marge", 1)
        assert first.sharer is not None
        assert first.sharer.name == "Odette Plumier"
        assert second.notes[0].text == "À relire"
        state = library.states(ink.id)[first.id]
        assert (state.is_read, state.is_starred, state.new_highlights(first)) == (True, True, 1)
        assert library.counts(ink.id).unread == 1
        assert {file.name: file.read_bytes() for file in folder.rglob("*.log")} == before
        # And can be written to
        library.add_group("Reliure")
        assert [group.title for group in library.groups()] == ["Encre & Papier", "Marges", "Reliure"]
