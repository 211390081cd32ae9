"""The transport for httpx: direct or through a proxy of the environment, with the certificates the system trusts.

Invalid lines among the headers of an answer are removed before httpx parses them: curl and browsers accept them, too.
"""

import asyncio
import re
import ssl
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any
from urllib.request import getproxies

# httpx has a command-line tool that loads Rich, Pygments and a Markdown parser: half the time of importing httpx.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
# httpcore tries to import the optional sniffio four times for each request; if missing, that searches the disk.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]
import httpcore  # noqa: E402
import httpx  # noqa: E402

from florilege.net.answers import FailureReason, NotFetched  # noqa: E402
from florilege.net.http import proxy_for  # noqa: E402
from florilege.urls import redact  # noqa: E402

_LONGEST_HEAD = 100 * 1024
"""Maximum bytes of the head of an answer (status line and headers), which is also the limit of httpx."""
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:([^\x00]*)")
_HTTP = b"HTTP/"
_NO_CODING = frozenset({b"", b"identity", b"none"})


class Transport(httpx.AsyncBaseTransport):
    """Sends each request directly or through the proxy for its address. Transports are made when first needed."""

    def __init__(self) -> None:
        self._proxies = getproxies()  # of the environment or the system
        self._ways: dict[tuple[str | None, bool], httpx.AsyncHTTPTransport] = {}
        self._making = asyncio.Lock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        way = proxy_for(str(request.url), self._proxies), request.url.scheme == "https"
        if way not in self._ways:
            async with self._making:
                if way not in self._ways:
                    self._ways[way] = await asyncio.to_thread(_make, *way)  # loading certificates is slow
        return await self._ways[way].handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for way in self._ways.values():
            await way.aclose()


def _make(proxy: str | None, is_secure: bool) -> httpx.AsyncHTTPTransport:
    """Make a transport.

    Raises:
        NotFetched: The proxy is invalid or not supported.
    """
    is_proxy_secure = (proxy or "").startswith("https")
    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if is_secure or is_proxy_secure:
        import truststore

        trusted = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the system's store, or SSL_CERT_FILE, SSL_CERT_DIR
    try:
        through = None if proxy is None else httpx.Proxy(proxy, ssl_context=trusted if is_proxy_secure else None)
        way = httpx.AsyncHTTPTransport(verify=trusted, trust_env=False, proxy=through)
    except ImportError as error:
        why = f"{redact(proxy or '')}: SOCKS proxies need the extra florilege[socks], which is missing"
        raise NotFetched(FailureReason.BAD_PROXY, why) from error
    except (ValueError, httpx.InvalidURL) as error:
        why = f"{redact(proxy or '')}, which is no proxy florilege can use"
        raise NotFetched(FailureReason.BAD_PROXY, why) from error
    # httpx has no public way to replace the network backend; tests notice if this one stops working.
    way._pool._network_backend = _Backend(way._pool._network_backend)
    return way


class _Backend(httpcore.AsyncNetworkBackend):
    """A network backend whose streams repair the heads of answers."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(self, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        """Open a connection."""
        return _Stream(await self._inner.connect_tcp(*args, **options))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection. After a request is written, the head of its answer is collected and repaired."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._is_head = False

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 -- httpcore's own
        """Write data. If it begins a request, a head is expected next."""
        self._is_head = self._is_head or buffer.startswith((b"GET ", b"CONNECT "))
        await self._inner.write(buffer, timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 -- httpcore's own
        """Read data. A head is returned as a whole, even if it is longer than `max_bytes`."""
        mended, head = b"", bytearray(read := await self._inner.read(max_bytes, timeout))
        while self._is_head and read and head and len(head) <= _LONGEST_HEAD:
            if not _HTTP.startswith(head[: len(_HTTP)]):
                raise httpcore.RemoteProtocolError("not HTTP")
            if end := re.search(rb"\r?\n\r?\n", head):
                self._is_head = head.startswith(b"HTTP/1.1 1")  # another head follows a 1xx answer
                mended += mended_head(head[: end.start()])
                del head[: end.end()]
            else:
                head += (read := await self._inner.read(max_bytes, timeout))
        self._is_head = self._is_head and not head
        return mended + bytes(head)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._inner.aclose()

    async def start_tls(self, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        """Start TLS on this connection."""
        return _Stream(await self._inner.start_tls(*args, **options))

    def get_extra_info(self, info: str) -> Any:
        """Information on the connection, from the stream below."""
        return self._inner.get_extra_info(info)


def mended_head(head: bytes | bytearray) -> bytes:
    """Repair the head of an answer (without its blank line) by keeping only valid headers; adds the blank line."""
    first, *lines = bytes(head).replace(b"\r\n", b"\n").split(b"\n")
    return b"\r\n".join([first, *_headers(lines), b"", b""])


def _headers(lines: Iterable[bytes]) -> Iterable[bytes]:
    is_kept = False
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is not None:
            name, value = match.groups()
            is_kept = name.lower() != b"transfer-encoding" or value.strip().lower() not in _NO_CODING
            if is_kept:
                yield name + b":" + value
        elif is_kept and line[:1] in {b" ", b"\t"} and b"\x00" not in line:
            yield line  # a continuation of the line before
        else:
            is_kept = False
