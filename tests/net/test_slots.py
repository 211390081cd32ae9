"""Request limits and cancellation."""

import asyncio

import pytest

from florilege.net import Fetched, Fetcher
from florilege.settings import Refresh
from support.clocks import Clock
from support.loopback import Loopback, after, reply


@pytest.mark.parametrize("per_host", [1, 2, 3])
async def test_requests_to_one_host_are_limited(server: Loopback, clock: Clock, per_host: int) -> None:
    gate = server.gate()
    addresses = [server.at(f"/{number}", after(gate, reply(b"<rss/>"))) for number in range(8)]
    server.at("/other", reply(b"<rss/>"))

    async with Fetcher(settings=Refresh(per_host=per_host), clock=clock) as fetcher:
        waiting = [asyncio.create_task(fetcher.fetch(address)) for address in addresses]
        await server.until(lambda server: server.count() == per_host)
        # Another host is served meanwhile; a request over the limit, sent before, would have arrived by then.
        await fetcher.fetch(server.address("/other", host="localhost"))
        gate.open()
        answers = await asyncio.gather(*waiting)

    assert answers == [Fetched(b"<rss/>")] * 8
    assert server.peak("127.0.0.1") == per_host


async def test_requests_in_total_are_limited(server: Loopback, clock: Clock) -> None:
    gate = server.gate()
    addresses = [server.at(f"/{number}", after(gate, reply(b"<rss/>"))) for number in range(6)]

    async with Fetcher(settings=Refresh(per_host=6, at_once=3), clock=clock) as fetcher:
        waiting = [asyncio.create_task(fetcher.fetch(address)) for address in addresses]
        await server.until(lambda server: server.count() == 3)
        gate.open()
        await asyncio.gather(*waiting)

    assert server.peak() == 3


async def test_waiting_for_a_slot_does_not_count_as_slowness(server: Loopback, clock: Clock) -> None:
    gate = server.gate()
    first = server.at("/slow", after(gate, reply(b"<rss/>")))
    second = server.at("/quick", reply(b"<rss/>"))

    async with Fetcher(settings=Refresh(per_host=1), time_limit=0.3, clock=clock) as fetcher:
        slow = asyncio.create_task(fetcher.fetch(first))
        await server.until(lambda server: server.count() == 1)
        quick = asyncio.create_task(fetcher.fetch(second))
        await slow

        assert await quick == Fetched(b"<rss/>")


async def test_start_is_announced_when_the_slot_is_free(server: Loopback, clock: Clock) -> None:
    gate = server.gate()
    started: list[str] = []

    async def begin(name: str) -> None:
        started.append(name)

    first = server.at("/first", after(gate, reply(b"<rss/>")))
    second = server.at("/second", reply(b"<rss/>"))

    async with Fetcher(settings=Refresh(per_host=1), clock=clock) as fetcher:
        one = asyncio.create_task(fetcher.fetch(first, begin=lambda: begin("first")))
        two = asyncio.create_task(fetcher.fetch(second, begin=lambda: begin("second")))
        await server.until(lambda server: server.count() == 1)
        assert started == ["first"]
        gate.open()
        await asyncio.gather(one, two)

    assert started == ["first", "second"]


async def test_cancelling_ends_the_request_at_once(server: Loopback, fetcher: Fetcher) -> None:
    address = server.at("/rss", after(server.gate(), reply()))
    asking = asyncio.create_task(fetcher.fetch(address))
    await server.until(lambda server: server.count() == 1)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    await server.until(lambda server: server.left == 1)


async def test_cancelled_request_frees_its_slot(server: Loopback, clock: Clock) -> None:
    address = server.at("/rss", after(server.gate(), reply()), reply(b"<rss/>"))

    async with Fetcher(settings=Refresh(per_host=1, at_once=1), clock=clock) as fetcher:
        asking = asyncio.create_task(fetcher.fetch(address))
        await server.until(lambda server: server.count() == 1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

        assert await fetcher.fetch(address) == Fetched(b"<rss/>")
