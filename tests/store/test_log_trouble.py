"""Power cuts at every byte and step, and disks that fail to sync."""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from florilege.store import LibraryNotWritable
from florilege.store.log import Log
from support.disks import Cutting, Failing, PowerCut
from support.library import content, put


@pytest.fixture
def path(tmp_path: Path) -> Path:
    log = Log(tmp_path / "some.log", "documents")
    put(log, a='{"title":"ink"}', b='{"title":"paper"}')
    put(log, b='{"title":"pulp"}', c='{"title":"glue"}')
    return tmp_path / "some.log"


ACTS: dict[str, tuple[Callable[[Log], None], dict[str, bytes]]] = {
    "appending": (
        lambda log: put(log, a=None, d='{"title":"thread"}'),
        {"b": b'{"title":"pulp"}', "c": b'{"title":"glue"}', "d": b'{"title":"thread"}'},
    ),
    "compacting": (Log.compact, {"a": b'{"title":"ink"}', "b": b'{"title":"pulp"}', "c": b'{"title":"glue"}'}),
}


@pytest.mark.parametrize("forgets", [False, True], ids=["bytes stay", "bytes go"])
@pytest.mark.parametrize("act", ACTS)
def test_power_cut_at_any_step_leaves_the_state_before_or_after(path: Path, act: str, forgets: bool) -> None:
    write, after = ACTS[act]
    before = content(Log(path, "documents"))
    kept = path.with_name("kept")
    shutil.copy(path, kept)
    done = False
    cuts = 0
    while not done:
        # Given a power cut after some number of steps
        shutil.copy(kept, path)
        try:
            write(Log(path, "documents", Cutting(cuts, forgets=forgets)))
            done = True
        except PowerCut:
            cuts += 1
        # Then either nothing or everything was done, and the log can be written to
        now = content(Log(path, "documents"))
        assert now in (before, after)
        assert now == after or not done
        put(Log(path, "documents"), z='{"title":"Z"}')
        assert content(Log(path, "documents")) == {**now, "z": b'{"title":"Z"}'}
    assert cuts > 30


@pytest.mark.parametrize("forgets", [False, True], ids=["bytes stay", "bytes go"])
def test_power_cut_during_creation_leaves_no_log_or_a_whole_one(tmp_path: Path, forgets: bool) -> None:
    cuts, done = 0, False
    while not done:
        path = tmp_path / str(cuts) / "some.log"
        try:
            put(Log(path, "documents", Cutting(cuts, forgets=forgets)), a="{}")
            done = True
        except PowerCut:
            cuts += 1
        assert content(Log(path)) in ({}, {"a": b"{}"})
        put(Log(path, "documents"), b="{}")
        assert "b" in content(Log(path))
    assert content(Log(path))["a"] == b"{}"
    assert cuts > 60


def test_file_is_not_trusted_after_a_failed_sync(path: Path) -> None:
    # Given a disk that failed to sync once
    disk = Failing(errno.EIO)
    log = Log(path, "documents", disk)
    disk.syncs = False
    with pytest.raises(LibraryNotWritable, match="the disk reports an error"):
        put(log, d='{"title":"thread"}')
    before = content(log)
    inode = path.stat().st_ino
    # When it syncs again
    disk.syncs = True
    put(log, e='{"title":"wax"}')
    # Then what is known was rewritten, to a new file
    assert path.stat().st_ino != inode
    assert content(Log(path)) == {**before, "e": b'{"title":"wax"}'} == content(log)
    assert path.read_bytes().startswith(b'{"florilege":"documents","schema":1,"generation":2}\n')
    # And from then on it is appended to as usual
    inode = path.stat().st_ino
    put(log, f='{"title":"silk"}')
    assert path.stat().st_ino == inode


def test_failed_sync_during_compaction_leaves_only_the_log(path: Path) -> None:
    whole = path.read_bytes()
    disk = Failing(errno.ENOSPC)
    disk.syncs = False
    with pytest.raises(LibraryNotWritable, match="the disk is full"):
        Log(path, "documents", disk).compact()
    assert path.read_bytes() == whole
    assert [file.name for file in path.parent.iterdir()] == ["some.log"]
