"""Every way a fetch can fail, with its reason and message."""

import asyncio
import gzip
import itertools
import socket
import ssl
from datetime import timedelta

import httpx
import pytest

from florilege.net import FailureReason as Reason
from florilege.net import Fetcher, FetchFailure
from florilege.net.exchange import make_client
from florilege.settings import Refresh
from support.clocks import Clock
from support.loopback import Loopback, after, head, raw, reply, zipped


async def failure(fetcher: Fetcher, address: str) -> FetchFailure:
    answer = await fetcher.fetch(address)
    assert isinstance(answer, FetchFailure), answer
    return answer


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (401, Reason.LOGIN_WANTED, "needs a login (HTTP 401)"),
        (403, Reason.FORBIDDEN, "refuses access (HTTP 403)"),
        (404, Reason.NOT_FOUND, "check the address"),
        (410, Reason.GONE, "is gone for good (HTTP 410)"),
        (418, Reason.STATUS, "(HTTP 418, I'm a Teapot)"),
        (429, Reason.ASKED_TO_WAIT, "127.0.0.1 asks us to wait (HTTP 429)"),
        (500, Reason.SERVER_TROUBLE, "(HTTP 500, Internal Server Error)"),
        (503, Reason.SERVER_TROUBLE, "(HTTP 503, Service Unavailable)"),
        (599, Reason.SERVER_TROUBLE, "(HTTP 599)"),
        (206, Reason.STATUS, "(HTTP 206, Partial Content)"),
        (204, Reason.EMPTY, "empty page"),
    ],
)
async def test_each_status_has_its_message(
    server: Loopback, fetcher: Fetcher, status: int, reason: Reason, words: str
) -> None:
    answer = await failure(fetcher, server.at("/rss", reply(b"page", status=status)))

    assert answer.reason is reason
    assert words in answer.sentence


@pytest.mark.parametrize(
    ("status", "value", "minutes", "words"),
    [
        (429, "900", 15, "wait 15 minutes"),
        (429, "Fri, 20 Nov 2026 14:00:00 GMT", 120, "wait 2 hours"),
        (503, "30", 0.5, "wait 30 seconds"),
    ],
)
async def test_retry_after_is_reported(
    server: Loopback, fetcher: Fetcher, clock: Clock, status: int, value: str, minutes: float, words: str
) -> None:
    answer = await failure(fetcher, server.at("/rss", reply(status=status, headers={"Retry-After": value})))

    assert answer.reason is Reason.ASKED_TO_WAIT
    assert answer.retry_at == clock() + timedelta(minutes=minutes)
    assert words in answer.sentence


@pytest.mark.parametrize("body", [b"", b" \r\n\t "])
async def test_empty_answer_is_a_failure_of_its_own(server: Loopback, fetcher: Fetcher, body: bytes) -> None:
    answer = await failure(fetcher, server.at("/rss", reply(body)))

    assert answer.reason is Reason.EMPTY
    assert "nothing was changed" in answer.sentence


@pytest.mark.parametrize(
    "answer",
    [
        raw(b""),
        raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
        reply(b"<rss>cut", length=500),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n"),
        zipped(b"a document, " * 500, cut=40),
    ],
    ids=["nothing", "cut headers", "cut body", "cut pieces", "cut gzip"],
)
async def test_truncated_answer_is_no_document(server: Loopback, fetcher: Fetcher, answer: object) -> None:
    got = await failure(fetcher, server.at("/rss", answer))  # type: ignore[arg-type]

    assert got.reason is Reason.BROKEN_OFF
    assert "broke off" in got.sentence


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"<rss>\n</rss>\n",
        b"HTTP/2 200\r\n\r\n<rss>",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n<rss>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<rss>",
    ],
    ids=["another protocol", "no head", "another version", "wrong length", "wrong pieces"],
)
async def test_answer_that_is_not_http_is_reported_as_such(server: Loopback, fetcher: Fetcher, answer: bytes) -> None:
    got = await failure(fetcher, server.at("/rss", raw(answer)))

    assert got.reason is Reason.NOT_HTTP
    assert not got.reason.may_pass


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"x" * 65_537),
        reply(b"x", length=20_000_000),
        raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 65_537),
        zipped(bytes(30_000_000)),
    ],
    ids=["too many bytes", "announced", "without length", "bomb"],
)
async def test_answer_over_the_limit_is_not_read(server: Loopback, fetcher: Fetcher, answer: object) -> None:
    got = await failure(fetcher, server.at("/rss", answer))  # type: ignore[arg-type]

    assert got.reason is Reason.TOO_LARGE
    assert "larger than the 0.0625 MiB" in got.sentence


async def test_rest_of_an_answer_over_the_limit_is_not_awaited(server: Loopback, fetcher: Fetcher) -> None:
    endless = after(server.gate(), reply(), first=head(200, {}, None) + b"x" * 65_537)

    await failure(fetcher, server.at("/rss", endless))

    await server.until(lambda server: server.left == 1)


async def test_exactly_the_limit_is_read(server: Loopback, fetcher: Fetcher) -> None:
    answer = await fetcher.fetch(server.at("/rss", reply(b"x" * 65_536)))

    assert not isinstance(answer, FetchFailure)


@pytest.mark.parametrize(
    "headers", [{"Content-Encoding": "br"}, {"Content-Encoding": "zstd"}, {"Content-Encoding": "gzip, zstd"}]
)
async def test_undecodable_answer_is_reported(server: Loopback, fetcher: Fetcher, headers: dict[str, str]) -> None:
    answer = await failure(fetcher, server.at("/rss", reply(b"<rss/>", headers=headers)))

    assert answer.reason is Reason.BAD_ENCODING


async def test_silent_server_times_out(server: Loopback, clock: Clock) -> None:
    address = server.at("/rss", after(server.gate(), reply()))

    async with Fetcher(settings=Refresh(timeout=0.2), clock=clock) as fetcher:
        answer = await failure(fetcher, address)

    assert answer.reason is Reason.READ_TIMEOUT
    assert "did not answer within 0.2 seconds" in answer.sentence


async def test_answer_that_stalls_times_out(server: Loopback, clock: Clock) -> None:
    address = server.at("/rss", after(server.gate(), reply(), first=head(200, {}, 500) + b"<rss>"))

    async with Fetcher(settings=Refresh(timeout=0.2), clock=clock) as fetcher:
        answer = await failure(fetcher, address)

    assert answer.reason is Reason.READ_TIMEOUT


async def test_answer_that_never_ends_times_out_although_bytes_arrive(server: Loopback, clock: Clock) -> None:
    address = server.at("/rss", after(server.gate(), reply(), first=head(200, {}, 500) + b"<"))

    async with Fetcher(settings=Refresh(timeout=60), time_limit=0.2, clock=clock) as fetcher:
        answer = await failure(fetcher, address)

    assert answer.reason is Reason.WHOLE_TIMEOUT
    assert "was not complete after 0.2 seconds" in answer.sentence


async def test_connection_of_a_slow_server_is_closed(server: Loopback, clock: Clock) -> None:
    address = server.at("/rss", after(server.gate(), reply()))

    async with Fetcher(settings=Refresh(timeout=0.2), clock=clock) as fetcher:
        await failure(fetcher, address)
        await server.until(lambda server: server.left == 1)


async def test_closed_port_refuses(fetcher: Fetcher) -> None:
    with socket.socket() as taken:  # bound but not listening, so that nobody else can open it
        taken.bind(("127.0.0.1", 0))
        answer = await failure(fetcher, f"http://127.0.0.1:{taken.getsockname()[1]}/rss")

    assert answer.reason is Reason.REFUSED
    assert answer.sentence.startswith("127.0.0.1 refuses the connection")


async def test_unknown_host_is_reported(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nobody)

    answer = await failure(fetcher, "http://nonexistent.invalid/rss")

    assert answer.reason is Reason.UNKNOWN_HOST
    assert "The host nonexistent.invalid is not known" in answer.sentence


async def test_plaintext_server_gives_no_secure_connection(server: Loopback, fetcher: Fetcher) -> None:
    answer = await failure(fetcher, server.address("/rss").replace("http:", "https:"))

    assert answer.reason is Reason.TLS
    assert "No secure connection to 127.0.0.1" in answer.sentence


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx.ConnectTimeout("slow"), Reason.CONNECT_TIMEOUT),
        (httpx.ProxyError("no"), Reason.BAD_PROXY),
        (httpx.ConnectError("no route"), Reason.UNREACHABLE),
        (httpx.WriteError("gone"), Reason.BROKEN_OFF),
    ],
)
async def test_network_errors_are_mapped_to_reasons(error: httpx.RequestError, reason: Reason, clock: Clock) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    async with make_client(httpx.MockTransport(fail)) as client:
        assert (await failure(Fetcher(client, clock=clock), "http://groups.example/rss")).reason is reason


async def test_slow_dns_failure_stops_further_address_attempts(clock: Clock) -> None:
    asked: list[str] = []

    def nobody_but_one(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        if request.url.host == "there.example":
            return httpx.Response(304)
        raise httpx.ConnectTimeout("slow")

    seconds = itertools.count(0, 50)  # each attempt takes this many seconds
    async with make_client(httpx.MockTransport(nobody_but_one)) as client:
        fetcher = Fetcher(client, clock=clock, stopwatch=lambda: float(next(seconds)))
        reasons = [(await failure(fetcher, f"http://away{number}.example/")).reason for number in range(4)]
        await fetcher.fetch("http://there.example/")
        reasons += [(await failure(fetcher, f"http://gone{number}.example/")).reason for number in range(7)]
    assert reasons == [Reason.CONNECT_TIMEOUT] * 9 + [Reason.OFFLINE] * 2
    assert len(asked) == 10


async def test_bad_certificate_says_what_is_wrong_with_it(clock: Clock) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        bad = ssl.SSLCertVerificationError(1, "verify failed")
        bad.verify_message = "certificate has expired"
        raise httpx.ConnectError("failed") from bad

    async with make_client(httpx.MockTransport(fail)) as client:
        answer = await failure(Fetcher(client, clock=clock), "https://groups.example/rss")

    assert answer.reason is Reason.TLS
    assert "(certificate has expired)" in answer.sentence


@pytest.mark.parametrize(
    "address",
    [
        "",
        "groups.example/rss",
        "ftp://groups.example/rss",
        "file:///etc/passwd",
        "http://",
        "http://[broken/",
        "https://:80/",
    ],
)
async def test_non_web_address_is_never_fetched(fetcher: Fetcher, address: str) -> None:
    assert (await failure(fetcher, address)).reason is Reason.BAD_ADDRESS


@pytest.mark.parametrize(
    "address",
    [
        "http://groups.example:port/",
        "http://groups.example:99999/",
        "http://a..example/",
        "http://xn--zz--/\x7f",
        "http://xn--a.example/feed",
        "http://xn--/",
        "http://xn--\xff.example/",
        "http://bad_-host-.\u2488com/rss",
        f"http://{'a' * 70}.example/",
    ],
)
async def test_address_the_client_cannot_parse_is_reported(fetcher: Fetcher, address: str) -> None:
    assert (await failure(fetcher, address)).reason in {Reason.BAD_ADDRESS, Reason.UNKNOWN_HOST}


async def test_no_message_reveals_a_secret(server: Loopback, fetcher: Fetcher) -> None:
    token = "0123456789abcdef0123456789abcdef"
    for status in (301, 200, 401, 404, 410, 418, 429, 500):
        path = f"/{status}/{token}?api_key=hush"
        server.at(path, reply(status=status))

        answer = await failure(fetcher, server.address(path, userinfo="ann:secret"))

        assert not any(secret in answer.sentence for secret in (token, "hush", "secret"))


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
async def test_unusable_proxy_is_a_failure_without_traceback(
    name: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "gopher://proxy.example")

    async with Fetcher(clock=clock) as fetcher:
        answer = await failure(fetcher, "http://groups.example/rss")

    assert answer.reason is Reason.BAD_PROXY
    assert "through gopher://proxy.example" in answer.sentence
    assert "HTTP_PROXY" in answer.sentence


def test_bomb_is_really_small() -> None:
    assert len(gzip.compress(bytes(30_000_000))) < 65_536
