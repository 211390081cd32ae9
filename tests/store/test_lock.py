"""The library lock, and the holder it names."""

import os
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from florilege.store import LibraryBusy, LibraryLock, LibraryNotWritable
from support.clocks import Clock

_HOLD = """
import sys, pathlib, datetime
from florilege.store import LibraryLock
now = lambda: datetime.datetime.now(datetime.UTC)
lock = LibraryLock(pathlib.Path(sys.argv[1]), clock=now, program="florilege refresh")
with lock:
    print("held", flush=True)
    sys.stdin.read()
"""


def _lock(folder: Path, program: str = "florilege", timeout: float = 0.05) -> LibraryLock:
    return LibraryLock(folder, clock=Clock(), program=program, timeout=timeout)


def test_failed_lock_names_the_holder_and_since_when(tmp_path: Path) -> None:
    # Given another process that holds the lock
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        # Then it is named
        with pytest.raises(LibraryBusy) as refusal, _lock(tmp_path):
            pass
        other.communicate("")
    assert re.fullmatch(
        rf"Your library is in use by florilege refresh \(process {other.pid}, since \d\d:\d\d\)\. "
        r"Nothing was changed; try again in a moment\.",
        str(refusal.value),
    )
    # And once it has released the lock, the lock can be taken
    with _lock(tmp_path):
        pass


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.kill()
    with _lock(tmp_path) as held:
        assert held is None


def test_lock_file_without_a_name_names_nobody(tmp_path: Path) -> None:
    with _lock(tmp_path):
        (tmp_path / "lock").write_bytes(b"")
        with pytest.raises(LibraryBusy, match="in use by another process"), _lock(tmp_path):
            pass


def test_last_holder_that_has_ended_is_not_blamed(tmp_path: Path) -> None:
    """A program that holds the lock without writing its name, as backups do, leaves the one that was there before."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    with _lock(tmp_path):
        (tmp_path / "lock").write_text(f"florilege refresh (process {ended.pid}, since 09:30)")
        with pytest.raises(LibraryBusy, match=r"by another process; .* is no longer running"), _lock(tmp_path):
            pass


def test_text_in_a_lock_file_cannot_control_the_terminal(tmp_path: Path) -> None:
    with _lock(tmp_path):
        (tmp_path / "lock").write_bytes(b"\x1b]0;owned\x07\n\xff" * 1000)
        with pytest.raises(LibraryBusy) as refusal, _lock(tmp_path):
            pass
    assert str(refusal.value).isprintable()


def test_threads_of_one_process_wait_for_each_other(tmp_path: Path) -> None:
    lock = _lock(tmp_path)
    refused: list[str] = []

    def try_it() -> None:
        try:
            with lock:
                pass
        except LibraryBusy as refusal:
            refused.append(str(refusal))

    with lock:
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
    assert len(refused) == 1
    assert f"process {os.getpid()}" in refused[0]


def test_lock_is_reentrant_and_released_by_the_outermost_exit(tmp_path: Path) -> None:
    lock = _lock(tmp_path)
    with lock:
        with lock:
            pass
        with pytest.raises(LibraryBusy), _lock(tmp_path):
            pass
    with _lock(tmp_path):
        pass


def test_record_of_the_last_holder_is_overwritten(tmp_path: Path) -> None:
    with _lock(tmp_path, "florilege with a very long name"):
        pass
    other = LibraryLock(tmp_path, clock=Clock(datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=1)), program="f")
    with other:
        pass
    assert re.fullmatch(rf"f \(process {os.getpid()}, since \d\d:\d\d\)", (tmp_path / "lock").read_text())


def test_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryNotWritable, match="Your library can't be written"), _lock(tmp_path / "file" / "library"):
        pass
