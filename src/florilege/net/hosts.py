"""Manners toward hosts: how many requests at a time, and which host wants none for a while. Sends nothing itself."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from florilege.net.sentences import host_of
from florilege.net.values import FailureReason, FetchFailure, Limits

UNSAID_WAIT = timedelta(minutes=1)
"""How long a host is left alone that asks us to wait without saying for how long. Source: Diigo's limits come without
headers and last about a minute, as users of its API report."""


class Hosts:
    """Turns at each host. Belongs to one event loop.

    Args:
        limits: `per_host` and `at_once`.
        clock: The current time, with zone.
    """

    def __init__(self, limits: Limits, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._all = asyncio.Semaphore(limits.at_once)
        self._each: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(limits.per_host))
        self._held: dict[str, datetime] = {}

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """Wait for our turn: first at the host, so that a slow host does not take the places of the others."""
        async with self._each[host_of(address)], self._all:
            yield

    def hold(self, host: str, until: datetime) -> None:
        """Have a host left alone until then."""
        self._held[host] = max(until, self._held.get(host, until))

    def held_until(self, address: str) -> datetime | None:
        """When the host of this address may be asked again; None when it may be asked now."""
        until = self._held.get(host_of(address))
        return until if until is not None and until > self._clock() else None

    def heed(self, address: str, failure: FetchFailure) -> FetchFailure:
        """Hold the host if this is what it asks for, and put down until when."""
        if failure.reason is not FailureReason.ASKED_TO_WAIT:
            return failure
        host, until = host_of(address), failure.retry_at or self._clock() + UNSAID_WAIT
        self.hold(host, until)
        return replace(failure, retry_at=until, host=host)
