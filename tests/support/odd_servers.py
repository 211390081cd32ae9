"""Misbehaving servers: they drip, never end, reset and deceive; and random fetches from them."""

import asyncio
import random
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from florilege.net import Fetched, Fetcher, FetchFailure, NotModified
from florilege.settings import Refresh
from florilege.text import clean
from support.loopback import Behaviour, Exchange, Loopback, head, raw, redirect, reply
from support.mutation import CHANGES
from support.trials import Row

FEED = b"<rss/>"
ODD_LINES: tuple[tuple[bytes, ...], ...] = (
    (b"X-Foo : bar",),
    (b"JustSomeText",),
    (b": value",),
    ("X-Été: x".encode(),),
    (b"Cache Control: max-age=3",),
    (b"X-Foo: a", b" goes on"),
    (b"X-Foo: a\x00b",),
    (b"Transfer-Encoding: identity",),
    (b"Transfer-Encoding: none",),
    tuple(b"X-%d: a" % number for number in range(200)),
)
"""Invalid or odd header lines, which must not prevent reading the response."""
BODY_LIMIT, TIME_LIMIT, MARGIN = 1 << 20, 0.3, 5.0
"""Limits of a response: bytes; seconds; and further seconds until it is noticed on a busy machine."""
PLACES = ("http://xn--a.example/", "//[::1", "http://h:99999/", "/rss", "?" + "x" * 60_000, "\x00", "file:///x", "é")
LONGEST_WAIT = timedelta(days=31)
WAITS = (
    b"9" * 5_000,
    b"-1",
    b"1e999",
    b"Fri, 31 Dec 9999 23:59:59 GMT",
    b"NaN",
    b"\xff",
    b"0",
    b"",
    b"4; 5",
    b"\xd9\xa1",
)


def answer(*lines: bytes, length: bool = True) -> Behaviour:
    """A feed with some odd header lines."""
    announced = [b"Content-Length: %d" % len(FEED)] if length else []
    return raw(b"\r\n".join([b"HTTP/1.1 200 OK", *lines, *announced]) + b"\r\n\r\n" + FEED)


def endless(first: bytes, more: bytes) -> Behaviour:
    """Some bytes, then the same ones repeated as fast as they are read: a drip when there is one at a time."""

    async def go_on(exchange: Exchange) -> None:
        await exchange.send(first)
        while not exchange.writer.is_closing():
            await exchange.send(more)
            await asyncio.sleep(0)

    return go_on


def resetting(first: bytes) -> Behaviour:
    """Some bytes, then a connection reset."""

    async def reset(exchange: Exchange) -> None:
        await exchange.send(first)
        exchange.writer.transport.abort()

    return reset


@cache
def bomb(encoding: str) -> bytes:
    """A few kilobytes that unpack to 100 MiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()


def _exploding(chance: random.Random) -> Behaviour:
    encoding = chance.choice(("gzip", "deflate"))
    return reply(bomb(encoding), headers={"Content-Encoding": chance.choice((encoding, f"{encoding}, {encoding}"))})


def _waiting(chance: random.Random) -> Behaviour:
    return reply(status=chance.choice((429, 503)), headers={"Retry-After": chance.choice(WAITS)})


def _resetting(chance: random.Random) -> Behaviour:
    whole = head(200, {"Content-Encoding": chance.choice(("gzip", "none"))}, 500) + FEED
    return resetting(whole[: chance.randrange(len(whole))])


def _endless(chance: random.Random) -> Behaviour:
    start = b"HTTP/1.1 200 OK\r\n"
    return chance.choice(
        (
            endless(start, b"X-More: and more\r\n" * 1_000),
            endless(start + b"X-Long: ", b"x" * 10_000),
            endless(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
            endless(start + b"\r\n", b"<rss>" * 10_000),
            endless(start + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\n<rss>\r\n"),
            endless(start + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 10_000),
            endless(b"", b"\x00" * 10_000),
        )
    )


def _dripping(chance: random.Random) -> Behaviour:
    return endless(chance.choice((b"", b"HTTP/1.1 200 OK\r\nX-", head(200, {}, 10**6))), b"x")


def _odd(chance: random.Random) -> Behaviour:
    return answer(*(line for _ in range(2) for line in chance.choice(ODD_LINES)), length=chance.random() < 0.5)


def _redirecting(chance: random.Random) -> Behaviour:
    places = (
        "http://xn--a.example/",
        "//[::1",
        "http://h:99999/",
        "/rss",
        "?" + "x" * 60_000,
        "\x00",
        "file:///etc/passwd",
        "é",
    )
    return redirect(chance.choice(places))


def _mutating(chance: random.Random) -> Behaviour:
    data = head(200, {"ETag": '"1"', "Content-Type": "text/xml; charset=utf-8", "Retry-After": "5"}, len(FEED)) + FEED
    for _ in range(chance.choice((1, 2, 5))):
        data = chance.choice(CHANGES)(data, chance)[:200_000]
    return raw(data)


SERVERS: tuple[Callable[[random.Random], Behaviour], ...] = (
    _exploding, _waiting, _resetting, _endless, _dripping, _odd, _redirecting, _mutating,
)  # fmt: skip


def fetched(row: Row) -> None:
    """Fetch from such servers; each fetch gives a document within limits, or a sentence, in time.

    To see this trial fail: leave out the `asyncio.timeout` of `Fetcher._follow`, or the month in `http.retry_at`.
    """
    with Loopback() as server:
        asyncio.run(_fetched(row, server))


async def _fetched(row: Row, server: Loopback) -> None:
    while row.goes_on:
        seed = row.chance.randrange(1 << 30)
        chance = random.Random(seed)
        kind = SERVERS[row.times % len(SERVERS)]
        address = server.at("/rss", kind(chance))
        # One fetcher each: a host that asks us to wait is not contacted again.
        async with Fetcher(settings=Refresh(timeout=5), time_limit=TIME_LIMIT, body_limit=BODY_LIMIT) as fetcher:
            try:
                with row.trying():
                    async with asyncio.timeout(TIME_LIMIT + MARGIN):
                        wrong = _fault(await fetcher.fetch(address, etag='"1"'))
            except TimeoutError:
                wrong = "it takes too long"
        if wrong:
            row.failures.append(f"{kind.__name__}(Random({seed})): {wrong}")


def _fault(got: object) -> str:
    """What is wrong with an answer; empty if nothing is."""
    if isinstance(got, Fetched):
        return f"{len(got.body)} bytes" if len(got.body) > BODY_LIMIT + 10_000 else ""
    if isinstance(got, FetchFailure):
        late = got.retry_at is not None and got.retry_at > datetime.now(UTC) + LONGEST_WAIT
        return f"{got}" if late or not got.sentence or clean(got.sentence) != got.sentence else ""
    return "" if isinstance(got, NotModified) else f"{got!r}"
