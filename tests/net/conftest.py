from collections.abc import AsyncIterator, Iterator

import pytest

from florilege.net import Fetcher
from support.clocks import Clock
from support.loopback import Loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def fetcher(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Fetcher]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with Fetcher(body_limit=64 * 1024, clock=clock) as fetcher:
        yield fetcher
