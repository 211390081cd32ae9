"""When a source is asked, and what is written about it and its group after that. Pure: the time is an argument."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.model import Group, Outcome, Source
from florilege.net import FailureReason, Fetched, FetchFailure, NotModified, host_of
from florilege.net.headers import LONGEST_WAIT
from florilege.refresh.addresses import stand_in
from florilege.refresh.paging import holds_everything
from florilege.text import digest
from florilege.urls import redact, scheme_of

if TYPE_CHECKING:
    from florilege.refresh.documents import Fresh

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


# After it was asked


def after_fresh(source: Source, document: "Fresh", now: datetime, interval: timedelta) -> Source:
    """The source after a document came whose items are stored."""
    snapshot = document.snapshot
    source = replace(source, refresh_after=snapshot.refresh_after)
    after = after_answer(source, document.answer, Outcome.OK, now, interval)
    return replace(
        after,
        kind=snapshot.kind,
        # What breaks off must be asked for again: neither a 304 nor an equal body may stand for the whole.
        body_hash=None if snapshot.cut else document.body_hash,
        etag=None if snapshot.cut else after.etag,
        last_modified=None if snapshot.cut else after.last_modified,
        warnings=snapshot.warnings,
        whole=source.whole or holds_everything(source.address, snapshot),
    )


def after_answer(
    source: Source, answer: Fetched | NotModified, outcome: Outcome, now: datetime, interval: timedelta
) -> Source:
    """What every success writes; all that was said about failures is cleared. The newest validators count."""
    etag, last_modified = answer.etag, answer.last_modified
    if isinstance(answer, NotModified):  # only what it names is new
        etag, last_modified = etag or source.etag, last_modified or source.last_modified
    due = next_due(source.address, now, interval, max_age=answer.max_age, refresh_after=source.refresh_after)
    return replace(
        source,
        address=answer.address or source.address,
        etag=etag,
        last_modified=last_modified,
        outcome=outcome,
        error=None,
        failing_since=None,
        failures=0,
        checked_at=now,
        next_due=None if is_file(source) else due,
        waits_until=None,
        waits_at=None,
        gone=False,
        notice=moved(source, answer) or source.notice,
    )


def after_failure(source: Source, failure: FetchFailure, now: datetime, interval: timedelta) -> Source:
    """The source after a failure: what it knew of its document stays."""
    if failure.is_held_back:
        return held_back(source, failure)
    failures = source.failures + 1
    due = None if is_file(source) else next_due(source.address, now, interval, failures=failures)
    if due is not None and failure.retry_at is not None:
        due = max(due, failure.retry_at)  # a server that asks for a second is not asked every second
    return replace(
        _waiting(source, failure),
        outcome=Outcome.FAILED,
        error=failure.sentence,
        failing_since=source.failing_since or now,
        failures=failures,
        checked_at=now,
        next_due=due,
        gone=failure.reason is FailureReason.GONE,
    )


def held_back(source: Source, failure: FetchFailure) -> Source:
    """The source when its host wants no request yet: it was not asked, so nothing else is known of it."""
    source = _waiting(source, failure)
    return replace(source, next_due=max(filter(None, (source.next_due, source.waits_until)), default=None))


def _waiting(source: Source, failure: FetchFailure) -> Source:
    """The source with who wants no request for how long, if anybody does."""
    host = failure.host if failure.host != host_of(source.address) else None
    return replace(source, waits_until=failure.retry_at, waits_at=host)


def moved(source: Source | None, answer: Fetched | NotModified) -> str | None:
    """What is said of a source whose address has changed; None when it has not."""
    if source is None or answer.address in {None, source.address}:
        return None
    before, after = redact(source.address), redact(answer.address or "")
    return f"It has moved for good, from {before} to {after}, and is followed there."


def named(group: Group, source: Source | None, snapshot: Snapshot) -> Group:
    """A group with what its document calls it: its title while it has only a stand-in, its site, its identity."""
    title, site, identities = group.title, group.site, group.identities
    if source is not None:
        title = snapshot.title if snapshot.title and title == stand_in(source.address) else title
        site = site or snapshot.site
    if snapshot.identity is not None and snapshot.identity not in identities:
        identities = (*identities, snapshot.identity)
    return replace(group, title=title, site=site, identities=identities)
