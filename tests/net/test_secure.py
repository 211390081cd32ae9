"""Secure connections to a server on this machine, direct and through a proxy. The certificate is made for the tests."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from florilege.net import FailureReason, Fetched, Fetcher, FetchFailure
from support.clocks import Clock

FEED = b"<rss>" + b" " * 60_000 + b"</rss>"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Signs the server's certificate."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the server's certificate trusted."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture
async def server(authority: trustme.CA) -> AsyncIterator[str]:
    """The address of a server that keeps its connections; the ETag is the number of the connection."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    ends: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)
        number = len(ends)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(
                    b'HTTP/1.1 200 OK\r\nETag: "%d"\r\nContent-Length: %d\r\n\r\n%s' % (number, len(FEED), FEED)
                )

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as running:
        yield f"https://localhost:{running.sockets[0].getsockname()[1]}/rss"
        for end in ends:
            end.transport.abort()


class Proxy:
    """A proxy for one secure connection. Source: RFC 9110, section 9.3.6."""

    def __init__(self) -> None:
        self.asked = b""
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked, _, _ = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        port = int(re.findall(rb":(\d+) ", self.asked)[0])
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(_pass_on(reader, there_writer), _pass_on(there_reader, writer))
        self.ended.set()


async def _pass_on(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(1 << 16):
            to.write(data)
        to.close()
        await to.wait_closed()


@pytest.mark.usefixtures("trusted")
async def test_connection_is_reused(server: str, fetcher: Fetcher) -> None:
    assert [await fetcher.fetch(server) for _ in range(2)] == [Fetched(FEED, etag='"1"')] * 2


async def test_certificate_of_an_unknown_authority_is_refused(server: str, fetcher: Fetcher) -> None:
    got = await fetcher.fetch(server)

    assert isinstance(got, FetchFailure)
    assert got.reason is FailureReason.TLS
    assert "SSL_CERT_FILE" in got.sentence


@pytest.mark.usefixtures("trusted")
async def test_certificate_of_another_host_is_refused(server: str, fetcher: Fetcher) -> None:
    got = await fetcher.fetch(server.replace("localhost", "127.0.0.1"))

    assert isinstance(got, FetchFailure)
    assert got.reason is FailureReason.TLS


@pytest.mark.usefixtures("trusted")
async def test_proxy_tunnels_a_secure_connection(server: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Proxy()
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as running:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}")
        async with Fetcher(clock=clock) as fetcher:
            assert await fetcher.fetch(server) == Fetched(FEED, etag='"1"')
        await proxy.ended.wait()

    assert proxy.asked == b"CONNECT " + server.split("/")[2].encode() + b" HTTP/1.1"
