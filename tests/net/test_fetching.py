"""Fetching documents from a real server: validators, redirects, and the requests sent."""

from datetime import timedelta

import httpx
import pytest

from florilege import __version__
from florilege.net import FailureReason, Fetched, Fetcher, FetchFailure, NotModified
from florilege.net.exchange import make_client
from support.clocks import Clock
from support.loopback import Loopback, not_modified, raw, redirect, reply, validated, zipped
from support.routes import Routed

FEED = b"<rss><channel><title>Encre &amp; Papier</title></channel></rss>"


async def test_document_comes_with_its_validators(server: Loopback, fetcher: Fetcher) -> None:
    address = server.at("/rss", reply(FEED, etag='W/"1"', last_modified="Fri, 20 Nov 2026 10:00:00 GMT"))

    answer = await fetcher.fetch(address)

    assert answer == Fetched(FEED, 'W/"1"', "Fri, 20 Nov 2026 10:00:00 GMT")


async def test_both_validators_are_sent_back_exactly(server: Loopback, fetcher: Fetcher) -> None:
    address = server.at("/rss", reply(FEED, etag=b"odd \xe9 no quotes", last_modified="yesterday, or so"))

    first = await fetcher.fetch(address)
    assert isinstance(first, Fetched)
    await fetcher.fetch(address, etag=first.etag, last_modified=first.last_modified)

    sent = server.requests("/rss")[1].headers
    assert sent["if-none-match"] == "odd \xe9 no quotes"
    assert sent["if-modified-since"] == "yesterday, or so"


async def test_first_request_is_unconditional(server: Loopback, fetcher: Fetcher) -> None:
    await fetcher.fetch(server.at("/rss", reply(FEED)))

    assert not {"if-none-match", "if-modified-since"} & set(server.requests()[0].headers)


async def test_unchanged_document_is_not_sent_again(server: Loopback, fetcher: Fetcher) -> None:
    address = server.at("/rss", validated(FEED, etag='"1"'))

    assert await fetcher.fetch(address, etag='"1"') == NotModified(etag='"1"')


async def test_304_may_bring_a_new_validator(server: Loopback, fetcher: Fetcher) -> None:
    address = server.at("/rss", not_modified(etag='"2"', headers={"Cache-Control": "max-age=7200"}))

    assert await fetcher.fetch(address, etag='"1"') == NotModified(etag='"2"', max_age=timedelta(hours=2))


async def test_unsolicited_304_is_a_failure(server: Loopback, fetcher: Fetcher) -> None:
    answer = await fetcher.fetch(server.at("/rss", not_modified()))

    assert isinstance(answer, FetchFailure)
    assert answer.reason is FailureReason.STATUS


async def test_nothing_is_requested_twice(server: Loopback, fetcher: Fetcher) -> None:
    for status in (304, 404, 500, 503, 429):
        await fetcher.fetch(server.at(f"/{status}", reply(b"no", status=status)), etag='"1"')

    assert [request.path for request in server.requests()] == ["/304", "/404", "/500", "/503", "/429"]


async def test_user_agent_is_honest(server: Loopback, fetcher: Fetcher) -> None:
    await fetcher.fetch(server.at("/rss", reply(FEED)))

    agent = server.requests()[0].headers["user-agent"]
    assert agent.startswith(f"florilege/{__version__} (")
    assert "://" not in agent


async def test_cookies_are_not_kept(server: Loopback, fetcher: Fetcher) -> None:
    address = server.at("/rss", reply(FEED, headers={"Set-Cookie": "who=me; Path=/"}))

    await fetcher.fetch(address)
    await fetcher.fetch(address)

    assert "cookie" not in server.requests()[1].headers


async def test_compressed_document_is_unpacked(server: Loopback, fetcher: Fetcher) -> None:
    answer = await fetcher.fetch(server.at("/rss", zipped(FEED)))

    assert server.requests()[0].headers["accept-encoding"] == "gzip, deflate"
    assert answer == Fetched(FEED)


async def test_chunked_document_is_whole(server: Loopback, fetcher: Fetcher) -> None:
    pieces = b"5\r\n<rss>\r\n6\r\n</rss>\r\n0\r\n\r\n"
    address = server.at("/rss", raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces))

    assert await fetcher.fetch(address) == Fetched(b"<rss></rss>")


async def test_charset_given_only_in_the_header_is_kept(server: Loopback, fetcher: Fetcher) -> None:
    body = "<rss>Лирика</rss>"
    address = server.at("/rss", reply(body.encode("koi8-r"), headers={"Content-Type": "text/xml; charset=koi8-r"}))

    assert await fetcher.fetch(address) == Fetched(body.encode())


async def test_web_page_instead_of_a_feed_is_left_to_the_parser(server: Loopback, fetcher: Fetcher) -> None:
    page = b"<!doctype html><title>Log in</title>"

    assert await fetcher.fetch(server.at("/rss", reply(page, headers={"Content-Type": "text/html"}))) == Fetched(page)


@pytest.mark.parametrize("status", [301, 308])
async def test_permanent_redirect_is_remembered(server: Loopback, fetcher: Fetcher, status: int) -> None:
    server.at("/new", reply(FEED))

    answer = await fetcher.fetch(server.at("/rss", redirect("/new", status)))

    assert answer == Fetched(FEED, address=server.address("/new"))


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_temporary_redirect_is_followed_and_not_remembered(
    server: Loopback, fetcher: Fetcher, status: int
) -> None:
    server.at("/new", reply(FEED))

    assert await fetcher.fetch(server.at("/rss", redirect("/new", status))) == Fetched(FEED)


async def test_only_the_permanent_beginning_of_a_mixed_chain_is_remembered(server: Loopback, fetcher: Fetcher) -> None:
    server.at("/b", redirect("/c", 302))
    server.at("/c", redirect("/d", 301))
    server.at("/d", reply(FEED))

    assert await fetcher.fetch(server.at("/a", redirect("/b", 301))) == Fetched(FEED, address=server.address("/b"))


async def test_move_is_noticed_with_a_304_too(server: Loopback, fetcher: Fetcher) -> None:
    server.at("/new", validated(FEED, etag='"1"'))

    answer = await fetcher.fetch(server.at("/rss", redirect("/new", 301)), etag='"1"')

    assert answer == NotModified(etag='"1"', address=server.address("/new"))


async def test_circular_redirects_are_noticed(server: Loopback, fetcher: Fetcher) -> None:
    server.at("/b", redirect("/a"))

    answer = await fetcher.fetch(server.at("/a", redirect("/b")))

    assert isinstance(answer, FetchFailure)
    assert "in a circle" in answer.sentence
    assert server.count() == 2


async def test_number_of_redirects_is_limited(server: Loopback, fetcher: Fetcher) -> None:
    for number in range(10):
        server.at(f"/{number}", redirect(f"/{number + 1}"))

    answer = await fetcher.fetch(server.address("/0"))

    assert isinstance(answer, FetchFailure)
    assert "more than 5 times" in answer.sentence
    assert server.count() == 6


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "gopher://groups.example/",
        "javascript:alert(1)",
        "http://[::1",
        "http://a.example:port/",
        None,
    ],
)
async def test_redirect_off_the_web_is_refused(server: Loopback, fetcher: Fetcher, location: str | None) -> None:
    answer = await fetcher.fetch(server.at("/rss", redirect(location)))

    assert isinstance(answer, FetchFailure)
    assert answer.reason is FailureReason.BAD_REDIRECT
    assert "redirects us" in answer.sentence


async def test_password_goes_to_its_own_host_only(server: Loopback, clock: Clock) -> None:
    server.at("/rss", redirect("/moved"))
    server.at("/moved", redirect("http://other.example/elsewhere"))
    server.at("/elsewhere", reply(FEED))

    async with make_client(Routed(server.port)) as client:
        answer = await Fetcher(client, clock=clock).fetch("http://ann:secret@groups.example/rss")

    assert answer == Fetched(FEED)
    asked = [(request.headers["host"], request.headers.get("authorization")) for request in server.requests()]
    basic = "Basic YW5uOnNlY3JldA=="
    assert asked == [("groups.example", basic), ("groups.example", basic), ("other.example", None)]


async def test_https_address_does_not_become_http(server: Loopback, clock: Clock) -> None:
    server.at("/rss", redirect("http://groups.example/open"))

    async with make_client(Routed(server.port)) as client:
        answer = await Fetcher(client, clock=clock).fetch("https://groups.example/rss")

    assert isinstance(answer, FetchFailure)
    assert "from https to http" in answer.sentence
    assert server.count() == 1


async def test_injected_client_is_left_open(server: Loopback, clock: Clock) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        async with Fetcher(client, clock=clock) as fetcher:
            await fetcher.fetch(server.at("/rss", reply(FEED)))

        assert not client.is_closed
