"""Servers that break the rules, and are read all the same, as curl and browsers do."""

import gzip

import pytest

from florilege.net import FailureReason, Fetched, Fetcher, FetchFailure
from florilege.net.transport import mended_head
from florilege.settings import Refresh
from support.clocks import Clock
from support.loopback import Exchange, Loopback, after, head, raw, redirect, reply
from support.odd_servers import FEED, ODD_LINES, answer, endless, resetting


@pytest.mark.parametrize("lines", ODD_LINES)
async def test_invalid_header_line_is_skipped(server: Loopback, fetcher: Fetcher, lines: tuple[bytes, ...]) -> None:
    assert await fetcher.fetch(server.at("/rss", answer(*lines))) == Fetched(FEED)


async def test_head_with_bare_line_feeds_is_read(server: Loopback, fetcher: Fetcher) -> None:
    address = server.at("/rss", raw(b"HTTP/1.1 200 OK\nJust some text\nContent-Length: 6\n\n" + FEED))

    assert await fetcher.fetch(address) == Fetched(FEED)


async def test_early_hints_come_before_the_answer(server: Loopback, fetcher: Fetcher) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nodd line\r\n\r\n"
    address = server.at("/rss", raw(hints + b"HTTP/1.1 200 OK\r\nodd line\r\nContent-Length: 6\r\n\r\n" + FEED))

    assert await fetcher.fetch(address) == Fetched(FEED)


def test_continuation_of_a_skipped_header_is_skipped() -> None:
    mended = mended_head(b"HTTP/1.1 200 OK\r\nno header\r\n and more of it\r\nETag: 1\r\n and more")

    assert mended == b"HTTP/1.1 200 OK\r\nETag: 1\r\n and more\r\n\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "none", "aws-chunked", "identity", ""])
async def test_unknown_content_encoding_is_ignored(server: Loopback, fetcher: Fetcher, encoding: str) -> None:
    assert await fetcher.fetch(server.at("/rss", reply(FEED, headers={"Content-Encoding": encoding}))) == Fetched(FEED)


async def test_compression_beside_an_unknown_encoding_is_undone(server: Loopback, fetcher: Fetcher) -> None:
    address = server.at("/rss", reply(gzip.compress(FEED), headers={"Content-Encoding": "aws-chunked,gzip"}))

    assert await fetcher.fetch(address) == Fetched(FEED)


@pytest.mark.parametrize(
    ("location", "path"),
    [("/café".encode(), "/caf%C3%A9"), ("/café".encode("latin-1"), "/caf%E9"), (b"/a b", "/a%20b")],
)
async def test_redirect_address_is_followed_byte_for_byte(
    server: Loopback, fetcher: Fetcher, location: bytes, path: str
) -> None:
    server.at(path, reply(FEED))

    address = server.at("/rss", reply(status=302, headers={"Location": location}))

    assert await fetcher.fetch(address) == Fetched(FEED)


async def test_cookie_lives_within_one_chain_of_redirects(server: Loopback, fetcher: Fetcher) -> None:
    async def door(exchange: Exchange) -> None:
        has_cookie = "seen=1" in exchange.request.headers.get("cookie", "")
        moved = reply(status=302, headers={"Location": "/rss", "Set-Cookie": "seen=1; Path=/"})
        await (reply(FEED) if has_cookie else moved)(exchange)

    address = server.at("/rss", door)

    assert await fetcher.fetch(address) == Fetched(FEED)
    assert await fetcher.fetch(address) == Fetched(FEED)
    assert ["cookie" in request.headers for request in server.requests()] == [False, True, False, True]


async def test_cookie_is_not_shown_to_another_host(server: Loopback, fetcher: Fetcher) -> None:
    server.at("/there", reply(FEED))
    moved = {"Location": server.address("/there", host="localhost"), "Set-Cookie": "seen=1; Path=/"}

    await fetcher.fetch(server.at("/rss", reply(status=302, headers=moved)))

    assert "cookie" not in server.requests("/there")[0].headers


async def test_server_that_never_stops_setting_cookies_is_given_up(server: Loopback, fetcher: Fetcher) -> None:
    async def door(exchange: Exchange) -> None:
        cookie = f"n{server.count()}=1; Path=/"
        await reply(status=302, headers={"Location": "/rss", "Set-Cookie": cookie})(exchange)

    got = await fetcher.fetch(server.at("/rss", door))

    assert isinstance(got, FetchFailure)
    assert (got.reason, server.count()) == (FailureReason.BAD_REDIRECT, 6)


async def test_endless_head_is_given_up(server: Loopback, fetcher: Fetcher) -> None:
    stream = endless(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 1_000)

    got = await fetcher.fetch(server.at("/rss", stream))

    assert isinstance(got, FetchFailure)
    assert got.reason is FailureReason.NOT_HTTP


async def test_dripping_head_is_given_up_at_the_total_time_limit(server: Loopback, clock: Clock) -> None:
    address = server.at("/rss", after(server.gate(), reply(), first=b"HTTP/1.1 200 OK\r\nX-Dr"))

    async with Fetcher(settings=Refresh(timeout=60), time_limit=0.2, clock=clock) as fetcher:
        got = await fetcher.fetch(address)

    assert isinstance(got, FetchFailure)
    assert got.reason is FailureReason.WHOLE_TIMEOUT


async def test_absurd_wait_is_a_month_at_most(server: Loopback, fetcher: Fetcher, clock: Clock) -> None:
    got = await fetcher.fetch(server.at("/rss", reply(status=429, headers={"Retry-After": "9" * 5_000})))

    assert isinstance(got, FetchFailure)
    assert got.retry_at is not None
    assert (got.retry_at - clock()).days == 30


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\n", head(200, {}, 500), head(200, {}, 500) + b"<rss>"],
    ids=["request", "head", "before the body", "body"],
)
async def test_connection_reset_at_any_stage_is_a_truncated_answer(
    server: Loopback, fetcher: Fetcher, first: bytes
) -> None:
    got = await fetcher.fetch(server.at("/rss", resetting(first)))

    assert isinstance(got, FetchFailure)
    assert got.reason is FailureReason.BROKEN_OFF


async def test_redirect_to_an_invalid_host_is_refused(server: Loopback, fetcher: Fetcher) -> None:
    got = await fetcher.fetch(server.at("/rss", redirect(f"http://{'a' * 70}.example:99999/")))

    assert isinstance(got, FetchFailure)
    assert got.reason in {FailureReason.BAD_REDIRECT, FailureReason.BAD_ADDRESS}
