"""Polite fetching over HTTP: limits of concurrency, redirects, validators, secrets, an overall time limit.

httpx is imported in a thread at the first request, so users who only open files never wait for it.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Self
from urllib.parse import urldefrag

from florilege.net import http
from florilege.net.answers import (
    MIB,
    Answer,
    FailureReason,
    Fetched,
    NotFetched,
    NotModified,
    failure,
    host_of,
    in_words,
    refusal,
)
from florilege.net.http import PERMANENT, REDIRECTS, next_address, take_credentials
from florilege.net.secrets import Secrets
from florilege.settings import Refresh
from florilege.urls import scheme_of, site_of

if TYPE_CHECKING:
    import httpx

    from florilege.net.exchange import Cookies, Reply

BODY_LIMIT = 15 * MIB
"""Maximum bytes of an answer after decompression. The largest genuine feed we found has 1.6 MB."""
TIME_LIMIT = 60.0
"""Seconds from the first request to the last byte, including redirects, but not the time in the queue."""
OFFLINE_AFTER = 240.0
"""Seconds spent on unreachable hosts, summed over concurrent requests, after which this machine counts as offline."""
MOST_REDIRECTS = 5
DEFAULT_WAIT = timedelta(minutes=1)
"""How long to wait if a host asks for it without saying how long. Diigo's limits come without headers and last about a
minute, as users of its API report."""
DEFAULTS = Refresh()
_ABSENT = {
    FailureReason.UNKNOWN_HOST,
    FailureReason.UNREACHABLE,
    FailureReason.CONNECT_TIMEOUT,
    FailureReason.OFFLINE,
}


class Fetcher:
    """Fetches documents politely. Belongs to one event loop; close it, or use it in `async with`.

    Args:
        client: the client, which is not closed here; if None, one is made at the first request, and closed at the end.
        settings: the timeout, and the numbers of concurrent requests.
        secrets: the secrets for private groups.
        clock: returns the current time, with zone; for Retry-After.
        body_limit: the maximum number of bytes of an answer.
        time_limit: see `TIME_LIMIT`; if None, not less than the timeout in the settings.
        stopwatch: a monotonic clock in seconds; for `time_limit`.
    """

    def __init__(
        self,
        client: "httpx.AsyncClient | None" = None,
        *,
        settings: Refresh = DEFAULTS,
        secrets: Secrets | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        body_limit: int = BODY_LIMIT,
        time_limit: float | None = None,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._own_client = client is None
        self._silence = settings.timeout
        self._secrets = secrets or Secrets()
        self._clock = clock
        self._body_limit = body_limit
        self._time_limit = max(TIME_LIMIT, settings.timeout) if time_limit is None else time_limit
        self._stopwatch = stopwatch
        self._all = asyncio.Semaphore(settings.at_once)
        self._each: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(settings.per_host))
        self._held: dict[str, datetime] = {}
        self._spent_unreached = 0.0  # seconds spent on unreachable hosts since one was last reached

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, if the client was made here."""
        if self._own_client and self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    def record_retry_at(self, host: str, until: datetime) -> None:
        """Send no requests to a host until this time, because it asked for that."""
        self._held[host] = max(until, self._held.get(host, until))

    async def fetch(
        self,
        address: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        begin: Callable[[], Awaitable[object]] | None = None,
    ) -> Answer:
        """Fetch an http or https address.

        Args:
            address: the address. A user name and password in it are sent to its own origin only.
            etag: the `ETag` received last time, sent back unchanged.
            last_modified: the `Last-Modified` received last time; both are sent, since some servers honour only one.
            begin: awaited once, just before the first request is sent.

        Returns:
            The document, that it is unchanged, or the failure. There are no retries. A host that asked us to wait gets
            no requests until then: `FailureReason.RATE_LIMITED`.
        """
        address = urldefrag(address).url if scheme_of(address) in {"http", "https"} else address
        if site_of(address) is None:
            return failure(FailureReason.BAD_ADDRESS, address)
        validators = {"If-None-Match": http.sendable(etag), "If-Modified-Since": http.sendable(last_modified)}
        asked = {name: value for name, value in validators.items() if value is not None}
        return await self._follow(address, asked, begin)

    async def _ready(self) -> "httpx.AsyncClient":
        if self._client is None:
            exchange = await asyncio.to_thread(import_module, "florilege.net.exchange")
            if self._client is None:  # no other request has made it meanwhile
                self._client = exchange.make_client()
        return self._client

    async def _follow(
        self, address: str, asked: dict[str, bytes], begin: Callable[[], Awaitable[object]] | None
    ) -> Answer:
        """Send the request and follow redirects until there is an answer."""
        current, visited = address, set[tuple[str, int]]()
        client = await self._ready()
        from florilege.net.exchange import Cookies

        moved, for_good, cookies = None, True, Cookies()
        left = self._time_limit
        try:
            while len(visited) <= MOST_REDIRECTS:
                visited.add((current, len(cookies)))  # some redirect back after setting a cookie
                # First a slot of the host, so that a slow host doesn't take up those of the others.
                async with self._each[host_of(current)], self._all:
                    if len(visited) == 1 and begin is not None and self._waits_until(current) is None:
                        await begin()
                    begun = self._stopwatch()
                    try:
                        async with asyncio.timeout(left):
                            reply = await self._ask(client, current, asked, cookies)
                    except NotFetched as error:
                        is_absent = error.reason in _ABSENT
                        self._spent_unreached = self._spent_unreached + self._stopwatch() - begun if is_absent else 0.0
                        raise
                    self._spent_unreached = 0.0
                    left -= self._stopwatch() - begun
                if reply.status not in REDIRECTS:
                    return self._answer(current, reply, moved, conditional=bool(asked))
                following = next_address(current, reply.headers.get("location"))
                if (following, len(cookies)) in visited:
                    return failure(FailureReason.BAD_REDIRECT, address, "in a circle")
                for_good = for_good and reply.status in PERMANENT
                moved = following if for_good else moved
                current = following
        except TimeoutError:
            return failure(FailureReason.WHOLE_TIMEOUT, current, in_words(self._time_limit))
        except NotFetched as error:
            failed = failure(error.reason, current, str(error), advice=error.advice)
            return replace(failed, retry_at=error.retry_at, host=host_of(current) if error.retry_at else None)
        return failure(FailureReason.BAD_REDIRECT, address, f"more than {MOST_REDIRECTS} times in a row")

    async def _ask(
        self, client: "httpx.AsyncClient", address: str, asked: dict[str, bytes], cookies: "Cookies"
    ) -> "Reply":
        """Send one request, with the credentials for this address."""
        from florilege.net.exchange import exchange

        if self._spent_unreached > OFFLINE_AFTER:
            raise NotFetched(FailureReason.OFFLINE)
        until = self._waits_until(address)
        if until is not None:
            raise NotFetched(FailureReason.RATE_LIMITED, in_words(until - self._clock()), retry_at=until)
        bare, authorization = take_credentials(address)
        opening = await asyncio.to_thread(self._secrets.headers_for, bare) if self._secrets else {}
        if authorization and "authorization" not in {name.lower() for name in opening}:
            opening = opening | {"Authorization": authorization.encode("ascii")}
        return await exchange(client, bare, asked | opening, cookies, silence=self._silence, most=self._body_limit)

    def _answer(self, address: str, reply: "Reply", moved: str | None, *, conditional: bool) -> Answer:
        sent = reply.headers
        etag, last_modified = sent.get("etag"), sent.get("last-modified")
        max_age = http.max_age(sent.get("cache-control"))
        if reply.status == 304 and conditional:
            return NotModified(etag, last_modified, moved, max_age)
        if reply.status // 100 != 2 or reply.status == 206:
            now = self._clock()
            refused = refusal(reply.status, now, http.retry_at(sent.get("retry-after"), now))
            if refused.reason is FailureReason.ASKED_TO_WAIT:
                refused.retry_at = refused.retry_at or now + DEFAULT_WAIT
                self.record_retry_at(host_of(address), refused.retry_at)
            raise refused
        if not reply.body.strip():
            raise NotFetched(FailureReason.EMPTY)
        body = http.as_readable(reply.body, sent.get("content-type"))
        next_page = http.next_page(sent.get("link"), address)
        return Fetched(body, etag, last_modified, moved, max_age, next_page)

    def _waits_until(self, address: str) -> datetime | None:
        """When the host of this address allows the next request; None if now."""
        until = self._held.get(host_of(address))
        return until if until is not None and until > self._clock() else None
