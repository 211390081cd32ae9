from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from florilege.net import Fetcher
from florilege.refresh import Refresher
from florilege.settings import Refresh
from florilege.store import Library
from support.clocks import Clock
from support.papers import PaperParser


@pytest.fixture
def library(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    with Library(tmp_path / "library", clock=clock) as library:
        yield library


@pytest.fixture
async def parser() -> PaperParser:
    return PaperParser()


@pytest.fixture
async def fetcher(clock: Clock) -> AsyncIterator[Fetcher]:
    async with Fetcher(settings=Refresh(timeout=5), time_limit=10, body_limit=64 * 1024, clock=clock) as fetcher:
        yield fetcher


@pytest.fixture
async def refresher(library: Library, fetcher: Fetcher, parser: PaperParser, clock: Clock) -> Refresher:
    return Refresher(library, fetcher, parser, clock=clock)
