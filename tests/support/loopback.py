"""A real HTTP server on loopback with scripted answers, which counts requests.

It runs in a thread of its own, so that tests of any kind (plain, asynchronous, of the installed command) can use it. It
never sleeps: slow behaviours wait for a gate that the test opens, or for the end of the server.

    with Loopback() as server:
        server.at("/rss", reply(FEED, etag='"1"'), not_modified())    # the last behaviour repeats
        ...
        assert server.count("/rss") == 2
        assert server.requests("/rss")[1].headers["if-none-match"] == '"1"'
"""

import asyncio
import contextlib
import gzip
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self

DEADLINE = 20.0
"""Seconds after which a test that is still waiting fails."""


@dataclass(frozen=True)
class Request:
    """A request as received."""

    method: str
    path: str
    """The path with its query."""
    headers: Mapping[str, str]
    """Headers by lower-case name; bytes decoded as Latin-1."""


@dataclass(frozen=True)
class Exchange:
    """One request being answered."""

    request: Request
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send bytes at once; a client that has disconnected is no error."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()


Behaviour = Callable[[Exchange], Awaitable[None]]
"""Answers one request; the connection is closed after it."""


class Gate:
    """What a slow behaviour waits for; the test opens it from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._event = asyncio.Event()

    def open(self) -> None:
        """Let everyone through from now on."""
        self._loop.call_soon_threadsafe(self._event.set)

    async def passed(self) -> None:
        """Wait until it is open."""
        await self._event.wait()


def head(status: int, headers: Mapping[str, str | bytes], length: int | None) -> bytes:
    """The status line and headers of an answer, including the blank line."""
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Odd"
    lines = [f"HTTP/1.1 {status} {phrase}".encode(), b"Connection: close"]
    if length is not None:
        lines.append(f"Content-Length: {length}".encode())
    for name, value in headers.items():
        lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def reply(
    body: bytes = b"",
    *,
    status: int = 200,
    headers: Mapping[str, str | bytes] | None = None,
    etag: str | bytes | None = None,
    last_modified: str | None = None,
    length: int | None = None,
) -> Behaviour:
    """An ordinary answer; `length` replaces the true Content-Length."""
    sent = dict(headers or {})
    sent |= {"ETag": etag} if etag else {}
    sent |= {"Last-Modified": last_modified} if last_modified else {}

    async def answer(exchange: Exchange) -> None:
        announced = None if status in {204, 304} else len(body) if length is None else length
        await exchange.send(head(status, sent, announced) + body)

    return answer


def not_modified(*, etag: str | None = None, headers: Mapping[str, str | bytes] | None = None) -> Behaviour:
    """A 304, perhaps with a new validator."""
    return reply(status=304, etag=etag, headers=headers)


def validated(body: bytes, *, etag: str) -> Behaviour:
    """The document, or a 304 to a client that has it."""

    async def answer(exchange: Exchange) -> None:
        known = exchange.request.headers.get("if-none-match") == etag
        await (not_modified(etag=etag) if known else reply(body, etag=etag))(exchange)

    return answer


def redirect(location: str | None, status: int = 302) -> Behaviour:
    """A redirect, or one without a Location."""
    return reply(b"moved", status=status, headers={"Location": location} if location is not None else {})


def zipped(body: bytes, *, cut: int | None = None) -> Behaviour:
    """The document compressed, perhaps truncated, but with a correct length."""
    return reply(gzip.compress(body)[:cut], headers={"Content-Encoding": "gzip"})


def raw(data: bytes) -> Behaviour:
    """These bytes and nothing else."""

    async def answer(exchange: Exchange) -> None:
        await exchange.send(data)

    return answer


def after(gate: Gate, then: Behaviour, *, first: bytes = b"") -> Behaviour:
    """Perhaps some bytes, then silence until the gate opens."""

    async def answer(exchange: Exchange) -> None:
        if first:
            await exchange.send(first)
        await gate.passed()
        await then(exchange)

    return answer


class Loopback:
    """The server; a context manager that listens on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self._scripts: dict[str, list[Behaviour]] = {}
        self._requests: list[Request] = []
        self._busy: defaultdict[str, int] = defaultdict(int)
        self._peaks: defaultdict[str, int] = defaultdict(int)
        self._left = 0
        self._changed = threading.Condition()
        self._started = threading.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="loopback", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(DEADLINE), "the loopback server did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive(), "the loopback server did not end"

    @property
    def authority(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def address(self, path: str, *, host: str = "127.0.0.1", userinfo: str = "") -> str:
        """The http address of a path; `userinfo` is `name:password`."""
        return f"http://{userinfo}{'@' if userinfo else ''}{host}:{self.port}{path}"

    def at(self, path: str, *script: Behaviour) -> str:
        """Script the answers at a path, in order; the last one repeats. Gives the address."""
        with self._changed:
            self._scripts[path] = list(script)
        return self.address(path)

    def gate(self) -> Gate:
        """A new closed gate."""
        return Gate(self._loop)

    def requests(self, path: str | None = None) -> list[Request]:
        """The requests so far, in order; of one path, or of all."""
        with self._changed:
            return [request for request in self._requests if path in {None, request.path}]

    def paths(self) -> list[str]:
        """The paths requested so far, in order."""
        return [request.path for request in self.requests()]

    def count(self, path: str | None = None) -> int:
        """How many requests came."""
        return len(self.requests(path))

    def peak(self, host: str = "") -> int:
        """The maximum number of simultaneous requests; for one `Host`, or for all ("")."""
        with self._changed:
            return self._peaks[host]

    def wait_until(self, condition: Callable[[Self], bool]) -> None:
        """Wait until the condition holds; it is checked whenever a request arrives or ends."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), DEADLINE), "the server waited in vain"

    async def until(self, condition: Callable[[Self], bool]) -> None:
        """The same, from a coroutine."""
        await asyncio.to_thread(self.wait_until, condition)

    @property
    def left(self) -> int:
        """Connections closed by the client before the answer was complete."""
        return self._left

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port: int = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._end.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            request = await _read_request(reader, writer)
            if request is not None:
                await self._answer(request, reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        names = ("", request.headers.get("host", "").partition(":")[0])
        behaviour = self._begin(request, names)
        answering = asyncio.ensure_future(behaviour(Exchange(request, writer)))
        leaving = asyncio.ensure_future(reader.read())
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone = not answering.done()
            for part in (answering, leaving):
                part.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)
            with self._changed:
                self._left += gone
                for name in names:
                    self._busy[name] -= 1
                self._changed.notify_all()

    def _begin(self, request: Request, names: tuple[str, str]) -> Behaviour:
        with self._changed:
            self._requests.append(request)
            for name in names:
                self._busy[name] += 1
                self._peaks[name] = max(self._peaks[name], self._busy[name])
            script = self._scripts.get(request.path) or [reply(b"nothing here", status=404)]
            self._changed.notify_all()
            return script.pop(0) if len(script) > 1 else script[0]


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """The request line and headers; None if the bytes were not HTTP (a TLS handshake, an early end)."""
    try:
        first = await reader.readexactly(1)
        if first == b"\x16":  # a TLS handshake: answered in plain text, as such servers do
            writer.write(head(400, {}, 0))
            return None
        lines = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        return None
    fields = (line.partition(":") for line in lines[1:] if line)
    return Request(method, path, {name.strip().lower(): value.strip() for name, _, value in fields})
