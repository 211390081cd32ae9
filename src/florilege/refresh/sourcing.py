"""What is written about a source after it was asked, and about its group. Pure: the time is an argument."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.model import Group, Outcome, Source
from florilege.net import FailureReason, Fetched, FetchFailure, NotModified, host_of
from florilege.refresh.addresses import stand_in
from florilege.refresh.documents import Failed, Fresh
from florilege.refresh.paging import holds_everything
from florilege.refresh.schedule import is_file, next_due
from florilege.urls import redact


def after_fresh(source: Source, document: Fresh, now: datetime, interval: timedelta) -> Source:
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


def after_failure(source: Source, failed: Failed, now: datetime, interval: timedelta) -> Source:
    """The source after a failure: what it knew of its document stays."""
    failure = failed.failure
    if failed.is_held_back and failure is not None:
        return held_back(source, failure)
    failures = source.failures + 1
    due = None if is_file(source) else next_due(source.address, now, interval, failures=failures)
    if due is not None and failure is not None and failure.retry_at is not None:
        due = max(due, failure.retry_at)  # a server that asks for a second is not asked every second
    return replace(
        _waiting(source, failure),
        outcome=Outcome.FAILED,
        error=failed.sentence,
        failing_since=source.failing_since or now,
        failures=failures,
        checked_at=now,
        next_due=due,
        gone=failure is not None and failure.reason is FailureReason.GONE,
    )


def held_back(source: Source, failure: FetchFailure) -> Source:
    """The source when its host wants no request yet: it was not asked, so nothing else is known of it."""
    source = _waiting(source, failure)
    return replace(source, next_due=max(filter(None, (source.next_due, source.waits_until)), default=None))


def _waiting(source: Source, failure: FetchFailure | None) -> Source:
    """The source with who wants no request for how long, if anybody does."""
    host = failure.host if failure and failure.host != host_of(source.address) else None
    return replace(source, waits_until=failure.retry_at if failure else None, waits_at=host)


def moved(source: Source | None, answer: Fetched | NotModified) -> str | None:
    """What is said of a source whose address has changed; None when it has not."""
    if source is None or answer.address in {None, source.address}:
        return None
    before, after = redact(source.address), redact(answer.address or "")
    return f"It has moved for good, from {before} to {after}, and is followed there."


def is_same(one: Source, other: Source) -> bool:
    """Whether two states are of one source."""
    return (one.address, one.part) == (other.address, other.part)


def named(group: Group, source: Source | None, snapshot: Snapshot) -> Group:
    """A group with what its document calls it: its title while it has only a stand-in, its site, its identity."""
    title, site, identities = group.title, group.site, group.identities
    if source is not None:
        title = snapshot.title if snapshot.title and title == stand_in(source.address) else title
        site = site or snapshot.site
    if snapshot.identity is not None and snapshot.identity not in identities:
        identities = (*identities, snapshot.identity)
    return replace(group, title=title, site=site, identities=identities)
