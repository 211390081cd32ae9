"""The parent side of the parsing processes: what happens when they stop, hang, or talk nonsense."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from florilege.formats import SourceError, detect
from florilege.formats.pool import Parser
from support.fickle import fickle, pids, running
from support.snapshots import sample

FEED = sample("diigo_group.rss")


async def test_a_document_is_read_as_in_this_process() -> None:
    async with Parser() as parser:
        assert await parser.parse(FEED) == detect.read(FEED)


async def test_a_refusal_arrives_as_the_sentence_it_is() -> None:
    async with Parser() as parser:
        with pytest.raises(SourceError, match="The document is empty"):
            await parser.parse(b"")


async def test_no_process_is_started_before_it_is_needed_and_no_more_than_allowed(tmp_path: Path) -> None:
    async with Parser(workers=2, command=fickle(tmp_path)) as parser:
        assert pids(tmp_path) == []
        await parser.parse(FEED)
        assert len(pids(tmp_path)) == 1
        await asyncio.gather(*(parser.parse(FEED) for _ in range(10)))
        assert len(pids(tmp_path)) == 2
    assert not any(map(running, pids(tmp_path)))


@pytest.mark.parametrize("order", [b"crash", b"raise"])
async def test_a_document_that_stops_its_process_fails_alone(tmp_path: Path, order: bytes) -> None:
    async with Parser(workers=1, command=fickle(tmp_path)) as parser:
        results = await asyncio.gather(*map(parser.parse, [FEED, order, FEED]), return_exceptions=True)
    assert isinstance(results[1], SourceError)
    assert "process that reads documents stopped" in str(results[1])
    assert results[0] == results[2] == detect.read(FEED)
    assert len(pids(tmp_path)) == 2


async def test_a_document_over_the_time_limit_fails_alone_and_its_process_is_killed(tmp_path: Path) -> None:
    async with Parser(workers=1, time_limit=2, command=fickle(tmp_path)) as parser:
        with pytest.raises(SourceError, match="could not be read within 2 seconds"):
            await parser.parse(b"hang")
        assert await parser.parse(FEED) == detect.read(FEED)
    assert not any(map(running, pids(tmp_path)))


async def test_a_process_that_died_while_idle_is_replaced(tmp_path: Path) -> None:
    async with Parser(workers=1, command=fickle(tmp_path)) as parser:
        await parser.parse(FEED)
        (worker,) = parser._workers
        os.kill(pids(tmp_path)[0], 9)
        await worker._process.wait()
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
async def test_an_answer_that_is_none_of_ours_is_an_error(code: str) -> None:
    async with Parser(command=[sys.executable, "-c", code]) as parser:
        with pytest.raises(SourceError, match="process that reads documents stopped"):
            await parser.parse(FEED)


async def test_a_command_that_can_not_be_run_is_an_error() -> None:
    async with Parser(command=["/nowhere/at/all"]) as parser:
        with pytest.raises(SourceError, match="could not be started"):
            await parser.parse(FEED)


async def test_a_parse_can_be_cancelled_at_any_moment(tmp_path: Path) -> None:
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
async def test_closing_stops_what_is_being_read(tmp_path: Path, turns: int) -> None:
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


async def test_a_document_that_needs_too_much_memory_fails_alone() -> None:
    code = "from florilege.formats import worker; worker.MEMORY = 150 << 20; worker.main()"
    async with Parser(workers=1, command=[sys.executable, "-c", code]) as parser:
        with pytest.raises(SourceError):
            await parser.parse(b"<rss><channel><item><title>" + b"x" * (60 << 20))
        assert await parser.parse(FEED) == detect.read(FEED)


def test_the_parent_side_loads_neither_feedparser_nor_textual() -> None:
    code = "import sys, florilege.formats.pool; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    assert set(done.stdout.decode().split()).isdisjoint({"feedparser", "textual", "httpx", "tinydb"})
