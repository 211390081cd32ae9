"""A single HTTP exchange: sends a request, reads the answer within limits, and turns httpx errors into values.

Redirects, queueing and validators are handled by `fetcher`.
"""

import asyncio
import re
import socket
import ssl
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

from florilege import __version__
from florilege.net.answers import MIB, FailureReason, NotFetched, in_words
from florilege.net.http import bad_redirect
from florilege.net.transport import Transport
from florilege.text import clean_line

import httpx  # isort: skip -- after `transport`, which prevents its command from being loaded

USER_AGENT = f"florilege/{__version__} (terminal reader of shared bookmarks; fetches for one person)"
"""Honest and distinctive: Diigo refuses the default of some libraries."""
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, application/json;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""The `wbits` parameter of zlib for each supported `Content-Encoding`."""
_UNKNOWN = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})
"""Compressions we don't support. Any other value (`utf-8`, `none`, `aws-chunked`) means no compression."""
_MOST_LAYERS = 3
_PIECE = 1 << 14
"""Bytes that are decompressed at a time."""
_WITHOUT_END = re.compile("disconnected|closed connection")
"""Matches the messages of httpx for an answer that broke off; other protocol errors mean invalid HTTP."""
_TO_NOWHERE = "to an invalid address"
"""Said of a redirect that httpx can't parse, which it tries even if it doesn't follow it."""
Cookies = httpx.Cookies


@dataclass(frozen=True)
class Reply:
    """An answer with any status."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case; bytes read as Latin-1, so that they can be sent back exactly. The first of repeated ones,
    but all `link` headers, joined by commas."""
    body: bytes = b""
    """Empty when the status means that there is no document."""


def make_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Make a client that identifies itself, keeps no cookies, and doesn't follow redirects.

    Args:
        transport: the transport; None for the network.
    """
    return httpx.AsyncClient(
        transport=transport or Transport(),
        headers={"User-Agent": USER_AGENT, "Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate"},
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
    )


async def exchange(
    client: httpx.AsyncClient,
    address: str,
    headers: Mapping[str, bytes],
    cookies: Cookies,
    *,
    silence: float,
    most: int,
) -> Reply:
    """Send one GET request, without following redirects.

    Args:
        client: the client.
        address: the address, without credentials.
        headers: headers to send in addition to the usual ones.
        cookies: sent where they apply; those of the answer are added.
        silence: seconds without a byte after which to give up; at most ten for connecting.
        most: the maximum number of bytes, compressed and decompressed.

    Raises:
        NotFetched: there is no answer, or it can't be read.
    """
    connect = min(silence, 10.0)
    raw = [(name.encode("ascii"), value) for name, value in headers.items()]
    try:
        wait = httpx.Timeout(silence, connect=connect, pool=None)
        request = client.build_request("GET", address, headers=raw, timeout=wait)
        if request.url.scheme not in {"http", "https"} or not request.url.host:
            raise NotFetched(FailureReason.BAD_ADDRESS)
        cookies.set_cookie_header(request)
    except (httpx.InvalidURL, ValueError) as error:  # ValueError: from idna, for an invalid Punycode host
        raise NotFetched(FailureReason.BAD_ADDRESS) from error
    try:
        response = await client.send(request, stream=True, auth=None)
        try:
            cookies.extract_cookies(response)
            return await _read(response, most)
        finally:
            await response.aclose()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise bad_redirect(_TO_NOWHERE) from error
    except httpx.RequestError as error:
        raise _why_not(error, silence, connect) from error
    except (ValueError, OverflowError) as error:  # an invalid host or port
        raise NotFetched(FailureReason.BAD_ADDRESS) from error


async def _read(response: httpx.Response, most: int) -> Reply:
    response.headers.encoding = "latin-1"
    headers = dict(reversed(response.headers.multi_items()))
    if "link" in headers:
        headers["link"] = response.headers["link"]
    if not response.is_success or response.status_code in {204, 205}:
        if response.status_code in {204, 304}:  # no body: read it to its end, so that the connection can be reused
            await response.aread()
        return Reply(response.status_code, headers)
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > most:
        raise NotFetched(FailureReason.TOO_LARGE, f"{most / MIB:.3g} MiB")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > most:
            raise NotFetched(FailureReason.TOO_LARGE, f"{most / MIB:.3g} MiB")
    encoding = headers.get("content-encoding", "")
    if not encoding:
        return Reply(response.status_code, headers, bytes(body))
    return Reply(response.status_code, headers, await asyncio.to_thread(unpacked, bytes(body), encoding, most))


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """Decompress a body. One that is declared as gzip, but isn't, is returned unchanged.

    Args:
        body: the body as received.
        encoding: the `Content-Encoding` header.
        most: the maximum number of bytes; decompression stops just above it.

    Raises:
        NotFetched: the limit is exceeded, the data is invalid, or it is incomplete.
    """
    names = [name.strip().lower() for name in encoding.split(",")]
    if not _UNKNOWN.isdisjoint(names) or sum(name in _WINDOWS for name in names) > _MOST_LAYERS:
        raise NotFetched(FailureReason.BAD_ENCODING)
    for name in reversed(names):
        if name in _WINDOWS and body and not (name.endswith("gzip") and body[:2] != b"\x1f\x8b"):
            body = _inflated(body, _WINDOWS[name], most)
    return body


def _inflated(body: bytes, window: int, most: int) -> bytes:
    inflated = bytearray()
    place = 0
    while True:
        unpacker = zlib.decompressobj(window)
        try:
            # Piece by piece, since each member's end copies what follows it, and a body may have a million members.
            while not unpacker.eof and place < len(body) and len(inflated) <= most:
                piece = body[place : place + _PIECE]
                inflated += unpacker.decompress(piece, most - len(inflated) + 1)
                place += len(piece)
        except zlib.error as error:
            if window != _WINDOWS["deflate"]:
                raise NotFetched(FailureReason.BAD_ENCODING) from error
            window = -15  # raw `deflate`: some servers leave out the zlib header
            inflated.clear()
            place = 0
            continue
        if len(inflated) > most:
            raise NotFetched(FailureReason.TOO_LARGE, f"{most / MIB:.3g} MiB")
        if not unpacker.eof:
            raise NotFetched(FailureReason.BROKEN_OFF)
        place -= len(unpacker.unused_data)
        if window != _WINDOWS["gzip"] or body[place : place + 1] != b"\x1f":
            break  # gzip allows several members; anything else that follows is padding
    return bytes(inflated)


def _why_not(error: httpx.RequestError, silence: float, connect: float) -> NotFetched:
    """Our exception for one of httpx."""
    match error:
        case httpx.RemoteProtocolError() if "location header" in str(error):
            return bad_redirect(_TO_NOWHERE)
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return NotFetched(FailureReason.CONNECT_TIMEOUT, in_words(connect))
        case httpx.TimeoutException():
            return NotFetched(FailureReason.READ_TIMEOUT, in_words(silence))
        case httpx.ProxyError():
            return NotFetched(FailureReason.BAD_PROXY, "its proxy")
        case httpx.ConnectError():
            return _why_no_connection(error)
        case httpx.RemoteProtocolError() if not _WITHOUT_END.search(str(error)):
            return NotFetched(FailureReason.NOT_HTTP)
        case httpx.ReadError() | httpx.WriteError() | httpx.CloseError() | httpx.RemoteProtocolError():
            return NotFetched(FailureReason.BROKEN_OFF)
        case _:
            return NotFetched(FailureReason.UNREACHABLE)


def _why_no_connection(error: httpx.ConnectError) -> NotFetched:
    """The exception for a connection error. Its reason is in the chain of causes, below httpx, httpcore and anyio."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return NotFetched(FailureReason.UNKNOWN_HOST)
        if isinstance(cause, ssl.SSLError):
            said = getattr(cause, "verify_message", "") or cause.reason or "the two sides do not agree"
            detail = clean_line(said.replace("_", " ").lower())
            return NotFetched(FailureReason.TLS, detail, advice=_about_certificate(detail))
        if isinstance(cause, ConnectionRefusedError):
            return NotFetched(FailureReason.REFUSED)
    return NotFetched(FailureReason.UNREACHABLE)


def _about_certificate(detail: str) -> str | None:
    """The advice for a certificate problem, by the message of OpenSSL; None for the usual advice."""
    if "self-signed" in detail or "self signed" in detail or "issuer" in detail:
        return (
            "if it is the server of your own network, add its certificate to the store of this system, or to a file "
            "named by the environment variable SSL_CERT_FILE; otherwise don't trust it"
        )
    if "expired" in detail or "not yet valid" in detail:
        return "check the clock of this machine; if it is right, the server needs a new certificate"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and all its causes and contexts."""
    yield error
    below = (error.__cause__, error.__context__, *getattr(error, "exceptions", ()))
    for cause in dict.fromkeys(filter(None, below)):
        yield from _causes(cause)
