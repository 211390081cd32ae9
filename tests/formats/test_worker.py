"""The parsing process: its frames, its streams, and what it may not load."""

import gzip
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from florilege.formats import LIMIT, Snapshot, detect, document, worker
from support.snapshots import sample


def run(requests: bytes, *command: str, cwd: Path | None = None, count: int = 0) -> subprocess.CompletedProcess[bytes]:
    """Run a parsing process with these requests; its input is closed after this many answers."""
    words = [sys.executable, *(command or ("-P", "-m", "florilege.formats.worker"))]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(requests)
        process.stdin.flush()
        said = b""
        for _ in range(count):
            said += (length := process.stdout.read(worker.LENGTH))
            said += process.stdout.read(int.from_bytes(length, "big"))
        rest, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(words, process.returncode, said + rest, errors)


def request_for(data: bytes) -> bytes:
    return worker.frame(b"") + worker.frame(data)


def answers(output: bytes) -> list[bytes]:
    found = []
    while output:
        size = int.from_bytes(output[: worker.LENGTH], "big")
        found.append(output[worker.LENGTH : worker.LENGTH + size])
        output = output[worker.LENGTH + size :]
    return found


def test_documents_are_answered_in_order_until_the_input_ends() -> None:
    done = run(
        b"".join(map(request_for, [sample("diigo_group.rss"), b"", sample("diigo_apiv2_bookmarks.json")])), count=3
    )
    first, second, third = answers(done.stdout)
    assert done.returncode == 0
    assert msgspec.json.decode(first[1:], type=Snapshot) == detect.read(sample("diigo_group.rss"))
    assert second == worker.refused("The document is empty, and your items are unchanged: try again later.")
    assert msgspec.json.decode(third[1:], type=Snapshot).kind == "diigo-json"


def test_truncated_request_ends_the_process_quietly() -> None:
    done = run(request_for(b"<rss>")[:-2])
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.parametrize("name", ["feedparser.py", "florilege.py", "json.py", "msgspec.py"])
def test_files_in_the_current_directory_are_not_imported(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("raise SystemExit('hijacked')")
    done = run(request_for(b""), cwd=tmp_path, count=1)
    assert (done.returncode, len(answers(done.stdout))) == (0, 1)


PRINTING = """
import os
from florilege.formats import detect, worker
read = detect.read
def loud(*given):
    print("stray")
    os.write(1, b"stray")
    return read(*given)
detect.read = loud
worker.main()
"""


def test_stray_prints_do_not_reach_the_answers() -> None:
    done = run(request_for(b"") * 2, "-c", PRINTING, count=2)
    assert len(answers(done.stdout)) == 2
    assert b"stray" in done.stderr


def test_process_loads_neither_interface_nor_network_nor_library() -> None:
    code = "import sys, florilege.formats.worker; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = set(run(b"", "-c", code).stdout.decode().split())
    assert loaded.isdisjoint({"textual", "rich", "httpx", "tinydb", "pyperclip", "click", "feedparser"})
    assert "msgspec" in loaded


def test_late_time_limit_signal_does_not_end_the_process(tmp_path: Path) -> None:
    busy, on = tmp_path / "busy", tmp_path / "on"
    code = (
        "import os, sys\nfrom florilege.formats import detect, worker\nread = detect.read\n"
        "def slowly(*given):\n    open(sys.argv[1], 'w').close()\n    while not os.path.exists(sys.argv[2]): pass\n"
        "    return read(*given)\ndetect.read = slowly\nworker.main()"
    )
    request, pipe = request_for(sample("diigo_group.rss")), subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, busy, on], stdin=pipe, stdout=pipe) as process:
        assert process.stdin is not None
        process.stdin.write(request)
        process.stdin.flush()
        while not busy.exists():
            assert process.poll() is None
        process.stdin.write(request)  # the signal arrives only now
        process.stdin.flush()
        on.touch()
        assert process.stdout is not None
        size = int.from_bytes(process.stdout.read(worker.LENGTH), "big")
        assert process.stdout.read(1) == worker.SNAPSHOT
        assert size > 1
        process.kill()


def zipped(data: bytes) -> bytes:
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.rss", data)
    return packed.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zipped, lambda data: gzip.compress(data)[:-20]])
def test_limits_of_a_document_depend_on_its_unpacked_size(
    monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    data = sample("diigo_group.rss") + b" " * (3 << 20)
    sizes: list[int] = []

    def seconds_for(size: int) -> float:
        sizes.append(size)
        return 10.0

    monkeypatch.setattr(worker, "seconds_for", seconds_for)
    monkeypatch.setattr(
        worker, "_limit", lambda kind, wanted: None
    )  # the limit would apply to all tests in this process
    assert worker.answer(pack(data)).startswith(worker.SNAPSHOT)
    assert 3 << 20 <= sizes[-1] < 4 << 20


def test_bomb_gets_no_more_time_than_the_largest_document() -> None:
    bomb = gzip.compress(bytes(200 << 20), compresslevel=1)
    assert document.unpacked_size(bomb) == LIMIT + len(bomb)


def test_answer_that_needs_too_much_memory_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*given: object) -> Snapshot:
        raise MemoryError

    monkeypatch.setattr(detect, "read", read)
    monkeypatch.setattr(
        worker, "_limit", lambda kind, wanted: None
    )  # the limit would apply to all tests in this process
    assert worker.answer(b"x") == worker.refused(
        "The document needs too much memory to be read: add it in smaller parts."
    )
