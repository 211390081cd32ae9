"""Fetching over HTTP with manners: redirects, validators, the keys to private groups, the time of the whole.

httpx is loaded, in a thread, when the first request goes out: a reader who only opens files never waits for it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urldefrag

from florilege import __version__
from florilege.model import FlorilegeError
from florilege.net import headers, sentences
from florilege.net.hosts import Hosts
from florilege.net.keys import NO_KEYS, KeyMissingError, Keys
from florilege.net.redirects import PERMANENT, REDIRECTS, next_address, take_credentials
from florilege.net.values import DEFAULT_LIMITS, Answer, FailureReason, Fetched, FetchFailure, Limits, NotModified
from florilege.urls import scheme_of, site_of

if TYPE_CHECKING:
    import httpx

    from florilege.net.exchange import Reply

USER_AGENT = f"florilege/{__version__} (terminal reader of shared bookmarks; fetches for one person)"
"""Honest and distinctive. Source: Diigo refuses the default of some libraries."""
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, application/json;q=0.9, "
)
_ACCEPT += "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"


def make_client(transport: "httpx.AsyncBaseTransport | None" = None) -> "httpx.AsyncClient":
    """A client that says who it is, keeps no cookies, and goes through the proxies of the environment.

    Args:
        transport: how requests travel; None for the network.

    Raises:
        FlorilegeError: the proxy or the certificates named in the environment can't be used.
    """
    import httpx

    try:
        return httpx.AsyncClient(
            transport=transport,
            headers={"User-Agent": USER_AGENT, "Accept": _ACCEPT},
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
        )
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        raise FlorilegeError(
            "The network can't be used as the environment asks: check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY (http and "
            "https proxies only), SSL_CERT_FILE and SSL_CERT_DIR."
        ) from error


def _now() -> datetime:
    return datetime.now(UTC)


class Fetcher:
    """Fetches documents, politely. Belongs to one event loop; close it, or use it in `async with`.

    Args:
        client: used as it is and left open; None makes one at the first request, and closes it in the end.
        limits: see `Limits`.
        clock: the current time, with zone; for Retry-After.
        keys: what opens private groups.
        stopwatch: seconds since some moment; for `limits.whole`.
    """

    def __init__(
        self,
        client: "httpx.AsyncClient | None" = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        clock: Callable[[], datetime] = _now,
        keys: Keys = NO_KEYS,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self._client = client
        self._own_client = client is None
        self._clock = clock
        self._keys = keys
        self._stopwatch = stopwatch
        self._making = asyncio.Lock()
        self._hosts = Hosts(limits, clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, if the client is ours."""
        if self._own_client and self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    def hold(self, host: str, until: datetime) -> None:
        """Ask nothing more of a host until then, because it said so earlier."""
        self._hosts.hold(host, until)

    async def fetch(
        self,
        address: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        on_start: Callable[[], None] | None = None,
        may_begin: Callable[[], Awaitable[object]] | None = None,
    ) -> Answer:
        """Fetch an http or https address.

        Args:
            address: may hold a user name and password; they are sent to its own origin only.
            etag: the validator received last, sent back exactly.
            last_modified: the other one; both are sent, for some servers honour only one.
            on_start: called once, when our turn has come and the request goes out.
            may_begin: awaited before that, when our turn has come; for who needs room for the answer.

        Returns:
            The document, that it has not changed, or why neither could be had. Nothing is tried twice. A host that
            asked us to wait is not asked for anything until then: `FailureReason.HELD_BACK`.
        """
        address = urldefrag(address).url if scheme_of(address) in {"http", "https"} else address
        if site_of(address) is None:
            return sentences.bad_address(address)
        try:
            client = await self._ready()
        except FlorilegeError as error:
            return FetchFailure(str(error), FailureReason.UNREACHABLE)
        validators = {"If-None-Match": headers.sendable(etag), "If-Modified-Since": headers.sendable(last_modified)}
        asked = {name: value for name, value in validators.items() if value is not None}

        async def begin() -> None:
            if may_begin is not None:
                await may_begin()
            if on_start is not None and self._hosts.held_until(address) is None:
                on_start()

        return await self._follow(client, address, asked, begin)

    async def _ready(self) -> "httpx.AsyncClient":
        async with self._making:
            if self._client is None:
                self._client = await asyncio.to_thread(make_client)
            return self._client

    async def _follow(
        self, client: "httpx.AsyncClient", address: str, asked: dict[str, bytes], begin: Callable[[], Awaitable[None]]
    ) -> Answer:
        """Ask, and go where we are sent, until there is an answer."""
        current, moved, for_good = address, None, True
        visited = {address}
        left = self.limits.whole
        while len(visited) <= self.limits.redirects + 1:
            async with self._hosts.turn(current):
                if len(visited) == 1:
                    await begin()
                begun = self._stopwatch()
                try:
                    async with asyncio.timeout(left):
                        reply = await self._ask(client, current, asked)
                except TimeoutError:
                    return sentences.took_too_long(current, self.limits.whole)
                left -= self._stopwatch() - begun
                if isinstance(reply, FetchFailure):
                    return reply
                if reply.status not in REDIRECTS:
                    return self._answer(current, reply, moved, conditional=bool(asked))
            following = next_address(current, reply.headers.get("location"))
            if isinstance(following, FetchFailure):
                return following
            if following in visited:
                return sentences.bad_redirect(address, "in a circle")
            for_good = for_good and reply.status in PERMANENT
            moved = following if for_good else moved
            visited.add(following)
            current = following
        return sentences.bad_redirect(address, f"more than {self.limits.redirects} times in a row")

    async def _ask(self, client: "httpx.AsyncClient", address: str, asked: dict[str, bytes]) -> "Reply | FetchFailure":
        """Send one request, with what opens this address and no other; or say why it is not sent."""
        from florilege.net.exchange import exchange

        until = self._hosts.held_until(address)
        if until is not None:
            failure = sentences.held_back(address, until - self._clock())
            return replace(failure, retry_at=until, host=sentences.host_of(address))
        bare, authorization = take_credentials(address)
        try:
            keys = await asyncio.to_thread(self._keys.of, bare) if self._keys else {}
        except KeyMissingError as error:
            return sentences.key_missing(address, str(error))
        if authorization and "authorization" not in {name.lower() for name in keys}:
            keys = keys | {"Authorization": authorization.encode("ascii")}
        return await exchange(client, bare, asked | keys, self.limits)

    def _answer(self, address: str, reply: "Reply", moved: str | None, *, conditional: bool) -> Answer:
        sent = reply.headers
        etag, last_modified = sent.get("etag"), sent.get("last-modified")
        max_age = headers.max_age(sent.get("cache-control"))
        if reply.status == 304 and conditional:
            return NotModified(etag, last_modified, moved, max_age)
        if reply.status // 100 != 2 or reply.status == 206:
            now = self._clock()
            retry_at = headers.retry_at(sent.get("retry-after"), now)
            return self._hosts.heed(address, sentences.status_failure(address, reply.status, now, retry_at))
        if not reply.body.strip():
            return sentences.empty(address, reply.status)
        body = headers.as_readable(reply.body, sent.get("content-type"))
        next_page = headers.next_page(sent.get("link"), address)
        return Fetched(body, etag, last_modified, moved, max_age, next_page)
