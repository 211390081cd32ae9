"""The parent side of the parsing processes: what happens when they stop, hang or return nonsense."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from florilege.formats import SourceError, detect, pool
from florilege.formats.pool import Parser
from support.fickle import fickle, pids, running
from support.snapshots import sample

FEED = sample("diigo_group.rss")


async def test_document_is_read_as_in_this_process() -> None:
    async with Parser() as parser:
        assert await parser.parse(FEED) == detect.read(FEED)


async def test_refusal_arrives_with_its_sentence() -> None:
    async with Parser() as parser:
        with pytest.raises(SourceError, match="The document is empty"):
            await parser.parse(b"")


async def test_processes_start_on_demand_and_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SOON", 0)
    async with Parser(workers=2, command=fickle(tmp_path)) as parser:
        assert pids(tmp_path) == []
        await parser.parse(FEED)
        assert len(pids(tmp_path)) == 1
        await asyncio.gather(*(parser.parse(FEED) for _ in range(10)))
        assert len(pids(tmp_path)) == 2
    assert not any(map(running, pids(tmp_path)))


async def test_no_second_process_starts_when_one_is_soon_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SOON", 60)
    async with Parser(workers=2, command=fickle(tmp_path)) as parser:
        await asyncio.gather(*(parser.parse(FEED) for _ in range(10)))
        assert len(pids(tmp_path)) == 1


async def test_document_that_crashes_its_process_fails_alone(tmp_path: Path) -> None:
    async with Parser(workers=1, command=fickle(tmp_path)) as parser:
        results = await asyncio.gather(*map(parser.parse, [FEED, b"crash", FEED]), return_exceptions=True)
    assert isinstance(results[1], SourceError)
    assert "process that reads documents stopped" in str(results[1])
    assert results[0] == results[2] == detect.read(FEED)
    assert len(pids(tmp_path)) == 2


async def test_document_over_the_time_limit_fails_alone_and_its_process_is_killed(tmp_path: Path) -> None:
    async with Parser(workers=1, time_limit=2, command=fickle(tmp_path)) as parser:
        with pytest.raises(SourceError, match="could not be read within 2 seconds"):
            await parser.parse(b"hang")
        assert await parser.parse(FEED) == detect.read(FEED)
    assert not any(map(running, pids(tmp_path)))


async def test_bug_in_a_reader_is_a_sentence_and_its_traceback_is_kept(tmp_path: Path) -> None:
    said: list[str] = []
    async with Parser(workers=1, command=fickle(tmp_path), on_error_output=said.append) as parser:
        with pytest.raises(SourceError, match=r"made a mistake .*ZeroDivisionError"):
            await parser.parse(b"raise")
        assert await parser.parse(FEED) == detect.read(FEED)
    assert len(pids(tmp_path)) == 1
    assert len(said) == 1
    assert "Traceback" in said[0]
    assert "ZeroDivisionError" in said[0]


async def test_process_started_early_is_the_one_used(tmp_path: Path) -> None:
    async with Parser(workers=1, command=fickle(tmp_path)) as parser:
        parser.begin()
        assert await parser.parse(FEED) == detect.read(FEED)
    async with Parser(workers=1, command=fickle(tmp_path)) as parser:
        parser.begin()  # has no effect
    assert not any(map(running, pids(tmp_path)))
    assert len(pids(tmp_path)) <= 2


async def test_failed_early_start_is_reported_with_the_document(tmp_path: Path) -> None:
    async with Parser(workers=1, command=[str(tmp_path / "none")]) as parser:
        parser.begin()
        with pytest.raises(SourceError, match="could not be started"):
            await parser.parse(FEED)


async def test_message_names_the_reader_with_the_bug() -> None:
    code = "from florilege.formats import subscriptions, worker; subscriptions.events = None; worker.main()"
    async with Parser(workers=1, command=[sys.executable, "-c", code]) as parser:
        with pytest.raises(SourceError, match="reading an OPML subscription list: TypeError"):
            await parser.parse(sample("subscriptions.opml"))


async def test_document_that_takes_too_long_is_refused_by_the_process_itself(tmp_path: Path) -> None:
    async with Parser(workers=1, command=fickle(tmp_path)) as parser:
        began = time.monotonic()
        with pytest.raises(SourceError, match="within 2 seconds of processor time"):
            await parser.parse(b"regex")
        assert await parser.parse(FEED) == detect.read(FEED)
        assert time.monotonic() - began < 20
    assert len(pids(tmp_path)) == 1


async def test_system_kills_a_process_that_overruns_its_time() -> None:
    code = (
        "import signal, sys; from florilege.formats import detect, worker; "
        "signal.setitimer = lambda *given: None; detect.read = lambda *given, **more: [*iter(int, 1)]; "
        "worker.memory_for = lambda size: 1 << 40; worker.seconds_for = lambda size: 0.2; worker.MEMORY = 1 << 40; "
        "detect.read = lambda *given, **more: all(iter(lambda: True, 0)); worker.main()"
    )
    async with Parser(workers=1, command=[sys.executable, "-c", code]) as parser:
        with pytest.raises(SourceError, match="seconds of processor time"):
            await parser.parse(FEED)


def test_process_ends_with_its_parent_even_while_busy(tmp_path: Path) -> None:
    parent = (
        "import asyncio, sys; from florilege.formats.pool import Parser\n"
        "async def main():\n"
        "    async with Parser(workers=1, command=sys.argv[1:]) as parser:\n"
        "        await parser.parse(b'hang')\n"
        "asyncio.run(main())"
    )
    with subprocess.Popen([sys.executable, "-c", parent, *fickle(tmp_path)]) as process:
        deadline = time.monotonic() + 20
        while not pids(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.02)
        (pid,) = pids(tmp_path)
        process.kill()
    while _is_at_work(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _is_at_work(pid)


def _is_at_work(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_process_that_died_while_idle_is_replaced(tmp_path: Path) -> None:
    async with Parser(workers=1, command=fickle(tmp_path)) as parser:
        await parser.parse(FEED)
        (worker,) = parser._idle
        assert worker._process is not None
        os.kill(pids(tmp_path)[0], 9)
        worker._process.wait()
        assert await parser.parse(FEED) == detect.read(FEED)
    assert len(pids(tmp_path)) == 2


@pytest.mark.parametrize(
    "code",
    [
        "print('garbage' * 100_000)",
        "import sys; sys.stdout.write('\\0' * 8)",
        "import sys; sys.stdout.write('\\0' * 7 + '\\5' + 'Snope')",
        "import sys; sys.stdout.write('\\0' * 7 + '\\5' + 'S')",
        "",
        "raise SystemExit(3)",
    ],
)
async def test_answer_in_a_wrong_form_is_an_error(code: str) -> None:
    async with Parser(command=[sys.executable, "-c", code]) as parser:
        with pytest.raises(SourceError, match="process that reads documents stopped"):
            await parser.parse(FEED)


async def test_command_that_cannot_be_run_is_an_error() -> None:
    async with Parser(command=["/nowhere/at/all"]) as parser:
        with pytest.raises(SourceError, match="could not be started"):
            await parser.parse(FEED)


async def test_parse_can_be_cancelled_at_any_moment(tmp_path: Path) -> None:
    async with Parser(workers=1, command=fickle(tmp_path)) as parser:
        for turns in range(12):
            task = asyncio.create_task(parser.parse(b"hang"))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await parser.parse(FEED) == detect.read(FEED)
    assert not any(map(running, pids(tmp_path)))


@pytest.mark.parametrize("turns", range(8))
async def test_closing_stops_the_current_document(tmp_path: Path, turns: int) -> None:
    parser = Parser(workers=1, command=fickle(tmp_path))
    if turns % 2:
        await parser.parse(FEED)
    task = asyncio.create_task(parser.parse(b"hang"))
    waiting = asyncio.create_task(parser.parse(FEED))
    for _ in range(turns):
        await asyncio.sleep(0)
    await parser.close()
    assert not any(map(running, pids(tmp_path)))
    for each in (task, waiting):
        with pytest.raises(SourceError):
            await each
    with pytest.raises(SourceError, match="closing"):
        await parser.parse(FEED)


async def test_closing_twice_does_no_harm() -> None:
    parser = Parser()
    await parser.close()
    await parser.close()


async def test_document_that_needs_too_much_memory_fails_alone() -> None:
    code = "from florilege.formats import worker; worker.memory_for = lambda size: 64 << 20; worker.main()"
    async with Parser(workers=1, command=[sys.executable, "-c", code]) as parser:
        with pytest.raises(SourceError):
            await parser.parse(b"<rss><channel><item><title>" + b"x" * (60 << 20))
        assert await parser.parse(FEED) == detect.read(FEED)
