from collections.abc import AsyncIterator

import pytest

from florilege.net import Fetcher
from support.clocks import Clock


@pytest.fixture
async def fetcher(clock: Clock) -> AsyncIterator[Fetcher]:
    async with Fetcher(body_limit=64 * 1024, clock=clock) as fetcher:
        yield fetcher
