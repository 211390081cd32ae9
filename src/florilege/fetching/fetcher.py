"""Fetching over HTTP with manners: turns for each host, redirects, validators, the time of the whole.

httpx is loaded, in a thread, when the first request goes out: a reader who only opens files never waits for it.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urldefrag

from florilege import __version__
from florilege.fetching import headers, sentences
from florilege.fetching.redirects import PERMANENT, REDIRECTS, next_address, take_credentials
from florilege.fetching.values import DEFAULT_LIMITS, Answer, FailureReason, Fetched, FetchFailure, Limits, NotModified
from florilege.model import FlorilegeError
from florilege.urls import scheme_of, site_of

if TYPE_CHECKING:
    import httpx

    from florilege.fetching.exchange import Reply

USER_AGENT = f"florilege/{__version__} (terminal reader of shared bookmarks; fetches for one person)"
"""Honest and distinctive. Source: Diigo refuses the default of some libraries (FORMATS section 10)."""
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
    """

    def __init__(
        self,
        client: "httpx.AsyncClient | None" = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.limits = limits
        self._client = client
        self._own_client = client is None
        self._clock = clock
        self._making = asyncio.Lock()
        self._all = asyncio.Semaphore(limits.at_once)
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(limits.per_host))

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

    async def fetch(
        self,
        address: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        on_start: Callable[[], None] | None = None,
    ) -> Answer:
        """Fetch an http or https address.

        Args:
            address: may hold a user name and password; they are sent to its own origin only.
            etag: the validator received last, sent back exactly.
            last_modified: the other one; both are sent, for some servers honour only one.
            on_start: called once, when our turn has come and the request goes out.

        Returns:
            The document, that it has not changed, or why neither could be had. Nothing is tried twice.
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
        return await self._follow(client, address, asked, on_start or (lambda: None))

    async def _ready(self) -> "httpx.AsyncClient":
        async with self._making:
            if self._client is None:
                self._client = await asyncio.to_thread(make_client)
            return self._client

    async def _follow(
        self, client: "httpx.AsyncClient", address: str, asked: dict[str, bytes], on_start: Callable[[], None]
    ) -> Answer:
        """Ask, and go where we are sent, until there is an answer."""
        current, moved, for_good = address, None, True
        visited = {address}
        left = self.limits.whole
        while len(visited) <= self.limits.redirects + 1:
            async with self._turn(current):
                if len(visited) == 1:
                    on_start()
                begun = asyncio.get_running_loop().time()
                try:
                    async with asyncio.timeout(left):
                        reply = await self._ask(client, current, asked)
                except TimeoutError:
                    return sentences.took_too_long(current, self.limits.whole)
                left -= asyncio.get_running_loop().time() - begun
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
        from florilege.fetching.exchange import exchange

        bare, authorization = take_credentials(address)
        login = {"Authorization": authorization.encode("ascii")} if authorization else {}
        return await exchange(client, bare, asked | login, self.limits)

    @asynccontextmanager
    async def _turn(self, address: str) -> AsyncIterator[None]:
        """Wait for our turn: first at the host, so that a slow host does not take the places of the others."""
        async with self._hosts[sentences.host_of(address)], self._all:
            yield

    def _answer(self, address: str, reply: "Reply", moved: str | None, *, conditional: bool) -> Answer:
        sent = reply.headers
        etag, last_modified = sent.get("etag"), sent.get("last-modified")
        max_age = headers.max_age(sent.get("cache-control"))
        if reply.status == 304 and conditional:
            return NotModified(etag, last_modified, moved, max_age)
        if reply.status // 100 != 2 or reply.status == 206:
            now = self._clock()
            return sentences.status_failure(address, reply.status, now, headers.retry_at(sent.get("retry-after"), now))
        if not reply.body.strip():
            return sentences.empty(address, reply.status)
        body = headers.as_readable(reply.body, sent.get("content-type"))
        return Fetched(body, etag, last_modified, moved, max_age)
