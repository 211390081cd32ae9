"""One HTTP exchange: a request sent, the answer read within its limits, what httpx raises turned into values.

The only module that loads httpx when it is imported. Redirects, turns and validators are the business of `fetcher`.
"""

import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx

from florilege.net import sentences
from florilege.net.decoding import ACCEPTED, CutError, EncodingError, TooLargeError, Unpacker
from florilege.net.values import FailureReason, FetchFailure, Limits
from florilege.text import clean_line


@dataclass(frozen=True)
class Reply:
    """An answer with any status."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case; bytes read as Latin-1, so that they can be sent back exactly. The first of equals, but
    all that are called `link`, joined by commas."""
    body: bytes = b""
    """Empty when the status promises no document."""


async def exchange(
    client: httpx.AsyncClient, address: str, headers: Mapping[str, bytes], limits: Limits
) -> Reply | FetchFailure:
    """Ask once, without following redirects or sending cookies back. The address must hold no credentials."""
    wait = httpx.Timeout(limits.read, connect=limits.connect, pool=None)
    asked = {"Accept-Encoding": ACCEPTED.encode(), **headers}
    raw = [(name.encode("ascii"), value) for name, value in asked.items()]
    try:
        request = client.build_request("GET", address, headers=raw, timeout=wait)
    except httpx.InvalidURL:
        return sentences.bad_address(address)
    if request.url.scheme not in {"http", "https"} or not request.url.host:
        return sentences.bad_address(address)
    try:
        response = await client.send(request, stream=True, follow_redirects=False, auth=None)
        try:
            return await _read(response, limits)
        finally:
            await response.aclose()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        return _bad_redirect(address)
    except TooLargeError:
        return sentences.too_large(address, limits.body)
    except EncodingError:
        return sentences.bad_encoding(address)
    except httpx.RequestError as error:
        return _why_not(address, error, limits)
    except CutError:
        return sentences.broken_off(address)


async def _read(response: httpx.Response, limits: Limits) -> Reply:
    headers: dict[str, str] = {}
    for name, value in response.headers.raw:
        known = headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        if name.lower() == b"link" and known != value.decode("latin-1"):
            headers["link"] = f"{known}, {value.decode('latin-1')}"
    if not response.is_success or response.status_code in {204, 205}:
        return Reply(response.status_code, headers)
    unpacker = Unpacker(headers.get("content-encoding"), limits.body)
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.body:
        raise TooLargeError
    async for chunk in response.aiter_raw():
        unpacker.add(chunk)
    return Reply(response.status_code, headers, unpacker.finish())


def _why_not(address: str, error: httpx.RequestError, limits: Limits) -> FetchFailure:
    """What went wrong between here and there."""
    match error:
        case httpx.RemoteProtocolError() if "location header" in str(error):
            return _bad_redirect(address)
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return sentences.no_connection(address, FailureReason.CONNECT_TIMEOUT, limits.connect)
        case httpx.TimeoutException():
            return sentences.too_slow(address, limits.read)
        case httpx.ConnectError():
            return _why_no_connection(address, error)
        case httpx.ReadError() | httpx.WriteError() | httpx.CloseError() | httpx.RemoteProtocolError():
            return sentences.broken_off(address)
        case _:
            return sentences.no_connection(address, FailureReason.UNREACHABLE)


def _bad_redirect(address: str) -> FetchFailure:
    """A redirect that the client could not read: it looks where one leads even when it is not to follow it."""
    return sentences.bad_redirect(address, "to something that is no address")


def _why_no_connection(address: str, error: httpx.ConnectError) -> FetchFailure:
    """The reason lies in the chain of causes, under what httpx, httpcore and anyio put on top of it."""
    for cause in _causes(error):
        match cause:
            case socket.gaierror():
                return sentences.no_connection(address, FailureReason.UNKNOWN_HOST)
            case ssl.SSLError():
                said = getattr(cause, "verify_message", "") or cause.reason or ""
                detail = clean_line(said.replace("_", " ").lower())
                return sentences.no_connection(address, FailureReason.TLS, detail=detail)
            case ConnectionRefusedError():
                return sentences.no_connection(address, FailureReason.REFUSED)
            case _:
                pass
    return sentences.no_connection(address, FailureReason.UNREACHABLE)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and everything it was raised from, each once."""
    waiting: list[BaseException | None] = [error]
    met: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if cause is None or id(cause) in met:
            continue
        met.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
