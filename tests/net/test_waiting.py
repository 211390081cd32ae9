"""Hosts that ask us to wait, and the time limit of a whole exchange."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from florilege.net import FailureReason, Fetched, Fetcher, FetchFailure
from florilege.settings import Refresh
from support.clocks import Clock
from support.loopback import Loopback, after, redirect, reply

FEED = b"<rss/>"
WHEN = datetime(2026, 11, 20, 12, 15, tzinfo=UTC)
"""A quarter of an hour after the initial time of these tests."""


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("retry_after", ["900", format_datetime(WHEN, usegmt=True)])
async def test_host_is_not_contacted_before_the_time_it_named(
    server: Loopback, fetcher: Fetcher, clock: Clock, status: int, retry_after: str
) -> None:
    server.at("/busy", reply(status=status, headers={"Retry-After": retry_after}))
    server.at("/rss", reply(FEED))
    refused = await fetcher.fetch(server.address("/busy"))
    held = await fetcher.fetch(server.address("/rss"))

    assert isinstance(refused, FetchFailure)
    assert isinstance(held, FetchFailure)
    assert (held.reason, held.retry_at, refused.retry_at) == (FailureReason.RATE_LIMITED, WHEN, WHEN)
    assert held.sentence == (
        f"{server.address('/rss')} was not fetched, because 127.0.0.1 wants no request for 15 minutes: "
        "florilege tries again after that."
    )
    assert server.count("/rss") == 0
    clock.move(minutes=15)
    assert await fetcher.fetch(server.address("/rss")) == Fetched(FEED)


async def test_other_hosts_are_fetched_meanwhile(server: Loopback, fetcher: Fetcher) -> None:
    server.at("/busy", reply(status=429, headers={"Retry-After": "900"}))
    server.at("/rss", reply(FEED))
    await fetcher.fetch(server.address("/busy"))

    assert await fetcher.fetch(server.address("/rss", host="localhost")) == Fetched(FEED)


async def test_requests_already_waiting_for_a_slot_are_not_sent(server: Loopback, clock: Clock) -> None:
    gate = server.gate()
    first = server.at("/0", after(gate, reply(status=429, headers={"Retry-After": "60"})))
    others = [server.at(f"/{number}", reply(FEED)) for number in range(1, 6)]

    async with Fetcher(settings=Refresh(per_host=1), clock=clock) as fetcher:
        waiting = [asyncio.create_task(fetcher.fetch(address)) for address in (first, *others)]
        await server.until(lambda server: server.count() == 1)
        gate.open()
        answers = await asyncio.gather(*waiting)

    assert server.count() == 1
    assert [answer.reason for answer in answers if isinstance(answer, FetchFailure)] == [
        FailureReason.ASKED_TO_WAIT,
        *[FailureReason.RATE_LIMITED] * 5,
    ]


async def test_host_without_a_time_is_left_alone_for_a_minute(server: Loopback, fetcher: Fetcher, clock: Clock) -> None:
    address = server.at("/rss", reply(status=429), reply(FEED))
    await fetcher.fetch(address)
    clock.move(seconds=59)
    assert isinstance(await fetcher.fetch(address), FetchFailure)
    clock.move(seconds=1)

    assert await fetcher.fetch(address) == Fetched(FEED)
    assert server.count() == 2


async def test_errors_without_a_time_hold_nothing_back(server: Loopback, fetcher: Fetcher) -> None:
    address = server.at("/rss", reply(status=503), reply(FEED))
    await fetcher.fetch(address)

    assert await fetcher.fetch(address) == Fetched(FEED)


async def test_waits_known_from_before_are_kept(server: Loopback, fetcher: Fetcher, clock: Clock) -> None:
    address = server.at("/rss", reply(FEED))
    fetcher.record_retry_at("127.0.0.1", clock() + timedelta(hours=1))
    fetcher.record_retry_at("127.0.0.1", clock() + timedelta(minutes=1))
    clock.move(minutes=59)

    answer = await fetcher.fetch(address, begin=lambda: pytest.fail("nothing has begun"))

    assert isinstance(answer, FetchFailure)
    assert server.count() == 0


async def test_redirect_to_a_waiting_host_is_not_followed(server: Loopback, fetcher: Fetcher, clock: Clock) -> None:
    server.at("/there", reply(FEED))
    address = server.at("/here", redirect(server.address("/there", host="localhost")))
    fetcher.record_retry_at("localhost", clock() + timedelta(hours=1))

    answer = await fetcher.fetch(address)

    assert isinstance(answer, FetchFailure)
    assert (answer.reason, server.count("/here"), server.count("/there")) == (FailureReason.RATE_LIMITED, 1, 0)


async def test_total_time_limit_includes_redirects(server: Loopback, clock: Clock) -> None:
    server.at("/a", redirect("/b"))
    server.at("/b", redirect("/c"))
    server.at("/c", redirect("/d"))
    server.at("/d", reply(FEED))
    seconds = iter([0, 25, 25, 50, 50, 75, 75, 100])  # each exchange takes 25 of 60 seconds: three are too many

    async with Fetcher(time_limit=60, clock=clock, stopwatch=lambda: next(seconds)) as fetcher:
        answer = await fetcher.fetch(server.address("/a"))

    assert isinstance(answer, FetchFailure)
    assert (answer.reason, server.count("/d")) == (FailureReason.WHOLE_TIMEOUT, 0)
    assert "not complete after 60 seconds" in answer.sentence


async def test_next_page_named_by_the_server_comes_with_the_document(server: Loopback, fetcher: Fetcher) -> None:
    links = {"Link": '<?start=25>; rel="next"'}
    answer = await fetcher.fetch(server.at("/items", reply(FEED, headers=links)))

    assert answer == Fetched(FEED, next_page=server.address("/items?start=25"))
