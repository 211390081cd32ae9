"""Documents that crash, hang or starve the parsing process, in a refresh of many groups."""

import sys
from pathlib import Path

import pytest

from florilege.formats.pool import Parser
from florilege.model import Outcome, Source
from florilege.net import Fetcher
from florilege.refresh import Refresher, Result
from florilege.store import Library
from support.clocks import Clock
from support.fickle import fickle, pids, running
from support.library import with_sources
from support.loopback import Loopback, reply
from support.snapshots import sample

FEED = sample("diigo_group.rss")


async def refreshed(library: Library, fetcher: Fetcher, parser: Parser, clock: Clock) -> dict[str, Result]:
    refresher = Refresher(library, fetcher, parser, clock=clock)
    return {result.title: result async for result in refresher.refresh(insist=True)}


def add_group(library: Library, server: Loopback, title: str, body: bytes) -> None:
    path = f"/{title.replace(' ', '-')}"
    with_sources(library, title, Source(address=server.at(path, reply(body))))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"crash", "the process that reads documents stopped"),
        (b"raise", "florilege made a mistake"),
        (b"hang", "could not be read within 3 seconds"),
        pytest.param(
            b"eat",
            "needs too much memory",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="memory can't be limited here"),
        ),
    ],
)
async def test_harmful_document_fails_alone_and_the_others_are_read(
    server: Loopback, library: Library, fetcher: Fetcher, clock: Clock, tmp_path: Path, body: bytes, said: str
) -> None:
    for number in range(6):
        add_group(library, server, f"good {number}", FEED)
        if number == 2:
            add_group(library, server, "bad", body)

    async with Parser(workers=1, time_limit=3, command=fickle(tmp_path)) as parser:
        results = await refreshed(library, fetcher, parser, clock)
        again = await refreshed(library, fetcher, parser, clock)

    assert said in (results["bad"].error or "")
    assert {result.outcome for title, result in results.items() if title != "bad"} == {Outcome.OK}
    assert {result.outcome for title, result in again.items() if title != "bad"} == {Outcome.UNCHANGED}
    assert again["bad"].outcome is Outcome.FAILED
    assert len(pids(tmp_path)) in ({1} if body in {b"eat", b"raise"} else {2, 3})  # the second bad one may be the last
    assert not [pid for pid in pids(tmp_path) if running(pid)]


async def test_worker_that_cannot_start_fails_each_document_with_a_sentence(
    server: Loopback, library: Library, fetcher: Fetcher, clock: Clock, tmp_path: Path
) -> None:
    for number in range(3):
        add_group(library, server, f"group {number}", FEED)

    async with Parser(command=[str(tmp_path / "nothing")]) as parser:
        results = await refreshed(library, fetcher, parser, clock)

    assert {result.outcome for result in results.values()} == {Outcome.FAILED}
    assert {result.error for result in results.values()} == {
        "The process that reads documents could not be started: end other programs, and try again."
    }
