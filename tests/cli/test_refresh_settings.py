"""What `[refresh]` of config.toml sets holds for what is sent."""

import asyncio

from support.commands import Called
from support.loopback import Behaviour, Exchange, Loopback, after, reply

FEED = b'<rss version="2.0"><channel><title>Encre</title><item><title>One</title></item></channel></rss>'


def configured(florilege: Called, settings: str) -> None:
    florilege.home.mkdir(parents=True, exist_ok=True)
    (florilege.home / "config.toml").write_text(f"[refresh]\n{settings}\n")


def together(wanted: int) -> Behaviour:
    """Answers only once so many ask at the same time."""
    arrived: list[Exchange] = []
    enough = asyncio.Event()

    async def answer(exchange: Exchange) -> None:
        arrived.append(exchange)
        if len(arrived) == wanted:
            enough.set()
        await enough.wait()
        await reply(FEED)(exchange)

    return answer


def test_so_many_requests_are_sent_to_one_host(florilege: Called, server: Loopback) -> None:
    configured(florilege, "per_host = 5\ntimeout = 5")
    door = together(5)  # with two at a time, as by default, nobody would be let in
    for number in range(5):
        florilege("add", "--no-refresh", server.at(f"/{number}", door))

    assert florilege("refresh").code == 0
    assert server.peak("127.0.0.1") == 5


def test_so_many_requests_are_sent_in_all(florilege: Called, server: Loopback) -> None:
    configured(florilege, "at_once = 1")
    for number in range(4):
        server.at(f"/{number}", reply(FEED))
        host = "127.0.0.1" if number % 2 else "localhost"
        florilege("add", "--no-refresh", server.address(f"/{number}", host=host))

    assert florilege("refresh").code == 0
    assert (server.count(), server.peak()) == (4, 1)


def test_a_server_may_stay_silent_for_so_long(florilege: Called, server: Loopback) -> None:
    configured(florilege, "timeout = 1")

    ran = florilege("add", server.at("/rss", after(server.gate(), reply(FEED))))

    assert "127.0.0.1 did not answer within 1 second" in ran.said[0]
