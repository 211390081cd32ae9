"""Proxies from the environment: which are used, which are bypassed, and what unusable ones say."""

import sys

import pytest

from florilege.net import FailureReason, Fetched, Fetcher, FetchFailure
from florilege.net.http import proxy_for
from support.clocks import Clock
from support.loopback import Loopback, reply

FEED = b"<rss/>"
PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("no", "host", "is_direct"),
    [
        ("groups.example", "groups.example", True),
        (".groups.example", "www.groups.example", True),
        ("*.groups.example", "www.groups.example", True),
        ("groups.example", "othergroups.example", False),
        ("*", "groups.example", True),
        ("", "groups.example", False),
        (" a.example , groups.example ", "groups.example", True),
        ("http://groups.example", "groups.example", True),
        ("groups.example:80", "groups.example", True),
        ("groups.example:81", "groups.example:80", False),
        ("127.0.0.0/8", "127.0.0.1", True),
        ("10.0.0.0/8", "127.0.0.1", False),
        ("::1,fd07:b51a::/64", "[fd07:b51a::2]", True),
        ("[::1]", "[::1]", True),
        ("[::1]:80", "[::1]", True),
        ("fd07:b51a::/64,127.0.0.1", "127.0.0.1", True),
        ("::1/999,%,//,:,[", "groups.example", False),
    ],
)
def test_no_proxy_names_hosts_domains_and_ranges(no: str, host: str, is_direct: bool) -> None:
    assert (proxy_for(f"http://{host}/rss", {"http": PROXY, "no": no}) is None) is is_direct


@pytest.mark.parametrize(
    ("proxies", "proxy"),
    [
        ({}, None),
        ({"http": PROXY}, None),
        ({"https": PROXY}, PROXY),
        ({"https": "proxy.example:3128"}, PROXY),
        ({"all": "socks://127.0.0.1:1080/"}, "socks5://127.0.0.1:1080/"),
        ({"https": PROXY, "all": "socks5://127.0.0.1:9"}, PROXY),
    ],
)
def test_proxy_of_the_scheme_comes_first(proxies: dict[str, str], proxy: str | None) -> None:
    assert proxy_for("https://groups.example/rss", proxies) == proxy


async def test_requests_go_through_the_proxy(server: Loopback, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    server.at("http://groups.example/rss", reply(FEED))
    monkeypatch.setenv("http_proxy", server.address(""))
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:9")

    async with Fetcher(clock=clock) as fetcher:
        assert await fetcher.fetch("http://groups.example/rss") == Fetched(FEED)


@pytest.mark.parametrize("no", ["127.0.0.1", "::1,fd07:b51a::/64,127.0.0.0/8", "[::1] 127.0.0.1"])
async def test_unneeded_socks_proxy_needs_no_extra(
    server: Loopback, clock: Clock, monkeypatch: pytest.MonkeyPatch, no: str
) -> None:
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", no)

    async with Fetcher(clock=clock) as fetcher:
        assert await fetcher.fetch(server.at("/rss", reply(FEED))) == Fetched(FEED)


async def test_socks_proxy_without_its_extra_is_reported(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://ann:secret@proxy.example:1080")
    monkeypatch.setitem(sys.modules, "socksio", None)

    async with Fetcher(clock=clock) as fetcher:
        got = await fetcher.fetch("http://groups.example/rss")

    assert isinstance(got, FetchFailure)
    assert got.reason is FailureReason.BAD_PROXY
    assert "florilege[socks]" in got.sentence
    assert "secret" not in got.sentence
