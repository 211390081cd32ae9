"""The `[refresh]` settings take effect on the requests that are sent."""

import asyncio

import pytest

from support.commands import Called
from support.loopback import Behaviour, Exchange, Loopback, after, reply

FEED = b'<rss version="2.0"><channel><title>Encre</title><item><title>One</title></item></channel></rss>'


def write_settings(florilege: Called, settings: str) -> None:
    florilege.home.mkdir(parents=True, exist_ok=True)
    (florilege.home / "config.toml").write_text(f"[refresh]\n{settings}\n")


def when_together(wanted: int) -> Behaviour:
    """A server that answers only once this many requests have arrived together."""
    arrived: list[Exchange] = []
    enough = asyncio.Event()

    async def answer(exchange: Exchange) -> None:
        arrived.append(exchange)
        if len(arrived) == wanted:
            enough.set()
        await enough.wait()
        await reply(FEED)(exchange)

    return answer


def test_per_host_limits_requests_to_one_host(florilege: Called, server: Loopback) -> None:
    write_settings(florilege, "per_host = 5\ntimeout = 5")
    door = when_together(5)  # with the default of two at a time this would never be answered
    for number in range(5):
        florilege("add", "--no-refresh", server.at(f"/{number}", door))

    assert florilege("refresh").code == 0
    assert server.peak("127.0.0.1") == 5


@pytest.mark.parametrize(("at_once", "code"), [(1, 1), (2, 0)])
def test_at_once_limits_all_requests(florilege: Called, server: Loopback, at_once: int, code: int) -> None:
    write_settings(florilege, f"at_once = {at_once}\ntimeout = 1")
    door = when_together(2)  # on two hosts
    for path, host in (("/1", "127.0.0.1"), ("/2", "localhost")):
        server.at(path, door)
        florilege("add", "--no-refresh", server.address(path, host=host))

    assert florilege("refresh").code == code
    assert server.peak() == at_once


def test_timeout_limits_how_long_a_server_may_be_silent(florilege: Called, server: Loopback) -> None:
    write_settings(florilege, "timeout = 1")

    ran = florilege("add", server.at("/rss", after(server.gate(), reply(FEED))))

    assert "127.0.0.1 did not answer within 1 second" in ran.said[0]
