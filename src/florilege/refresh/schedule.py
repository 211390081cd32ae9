"""When a source is asked again. Pure: the time is an argument."""

from datetime import datetime, timedelta

from florilege.model import Source
from florilege.net.headers import LONGEST_WAIT
from florilege.text import digest
from florilege.urls import scheme_of

LONGEST_ABSENCE = timedelta(days=1)
"""Longest time we stay away of our own accord: from a source that fails, or that calls itself fresh."""
_EARLY = timedelta(minutes=2)
"""A job that runs every hour does not start at the same second: what is due so soon is due now."""
_FIRST_WAIT = timedelta(minutes=1)
"""Shortest wait after a failure, also for who has set no interval."""


def is_file(source: Source) -> bool:
    """Whether a source is a file of this machine."""
    return scheme_of(source.address) not in {"http", "https"}


def is_due(source: Source, now: datetime, *, insist: bool = False) -> bool:
    """Whether a source may be asked now.

    Files always may. `insist` passes over our interval, never over a server's Retry-After, nor over its word that the
    feed is gone. When the clock has gone back behind the last attempt, our interval says nothing any more.
    """
    if is_file(source):
        return True
    if source.gone or waits_until(source, now) is not None:
        return False
    if source.next_due is None:
        return True
    clock_went_back = source.checked_at is not None and source.checked_at > now
    return insist or clock_went_back or now >= source.next_due - _EARLY


def waits_until(source: Source, now: datetime) -> datetime | None:
    """Until when a server wants no request for a source; None when it may be asked.

    No server is obeyed for longer than `LONGEST_WAIT`: a moment further away was put down before the clock went back.
    """
    until = source.waits_until
    return until if until is not None and now < until <= now + LONGEST_WAIT and not is_file(source) else None


def next_due(
    address: str,
    now: datetime,
    interval: timedelta,
    *,
    failures: int = 0,
    max_age: timedelta | None = None,
    refresh_after: int | None = None,
) -> datetime:
    """When to ask again.

    After a success, in an interval, or when the answer stops being fresh: whichever is later of what we, the server
    (`max_age`) and the document (`refresh_after`, in seconds) say. After failures the wait doubles with each in
    a row, up to a day, and up to a tenth is added, different for each source, so that they do not all come back in the
    same second when a server does.
    """
    longest = max(LONGEST_ABSENCE, interval)
    if failures == 0:
        asked = max(max_age or timedelta(), timedelta(seconds=refresh_after or 0))
        return now + max(interval, min(asked, longest))
    wait = min(max(interval, _FIRST_WAIT) * (1 << min(failures - 1, 16)), longest)
    tenth = int(digest(address, str(failures)), 16) / 2**64 / 10
    return now + wait * (1 + tenth)
