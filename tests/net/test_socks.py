"""A SOCKS proxy, with the packages of the extra `socks`."""

import asyncio
import socket
import struct

import pytest

from florilege.net import Fetched, Fetcher
from support.clocks import Clock
from support.loopback import Loopback, reply

FEED = b"<rss/>"


async def _socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, asked: list[str]) -> None:
    """One connection of a SOCKS5 proxy that leads every name to the loopback server. Source: RFC 1928."""
    _, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    writer.write(b"\x05\x00")
    _, _, _, kind = await reader.readexactly(4)
    assert kind == 3
    (length,) = await reader.readexactly(1)
    asked.append((await reader.readexactly(length)).decode())
    await reader.readexactly(2)
    writer.write(b"\x05\x00\x00\x01" + socket.inet_aton("127.0.0.1") + struct.pack(">H", port))
    there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
    there_writer.write(await reader.readuntil(b"\r\n\r\n"))
    writer.write(await there_reader.read())
    writer.close()
    there_writer.close()


async def test_requests_go_through_a_socks_proxy(
    server: Loopback, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.at("/rss", reply(FEED))
    asked: list[str] = []
    proxy = await asyncio.start_server(lambda r, w: _socks(r, w, server.port, asked), "127.0.0.1", 0)
    monkeypatch.setenv("all_proxy", f"socks://127.0.0.1:{proxy.sockets[0].getsockname()[1]}/")

    async with proxy, Fetcher(clock=clock) as fetcher:
        assert await fetcher.fetch("http://groups.example/rss") == Fetched(FEED)

    assert asked == ["groups.example"]
