"""What is written about a source after it was asked. Pure: the time is an argument."""

from datetime import datetime

from msgspec.structs import replace

from florilege.model import Outcome, Source
from florilege.net import FailureReason, Fetched, FetchFailure, NotModified, host_of
from florilege.refresh.documents import Fresh
from florilege.refresh.schedule import Settings, is_file, next_due


def after_fresh(source: Source, document: Fresh, now: datetime, settings: Settings) -> Source:
    """The source after a document came whose items are stored."""
    source = replace(source, refresh_after=document.snapshot.refresh_after)
    after = _after_answer(source, document.answer, now, settings)
    return replace(
        after,
        kind=document.snapshot.kind,
        # What breaks off must be asked for again: neither a 304 nor an equal body may stand for the whole.
        body_hash=None if document.snapshot.cut else document.body_hash,
        etag=None if document.snapshot.cut else after.etag,
        last_modified=None if document.snapshot.cut else after.last_modified,
        warnings=document.snapshot.warnings,
        outcome=Outcome.OK,
    )


def after_same(source: Source, answer: Fetched | NotModified, now: datetime, settings: Settings) -> Source:
    """The source after its document proved to be the one we have. The newest validators count, those of a 304 too."""
    return replace(_after_answer(source, answer, now, settings), outcome=Outcome.UNCHANGED)


def after_failure(
    source: Source, sentence: str, now: datetime, settings: Settings, *, failure: FetchFailure | None = None
) -> Source:
    """The source after a failure: what it knew of its document stays.

    Args:
        source: As it was.
        sentence: What went wrong.
        now: When.
        settings: How often sources are asked.
        failure: The failed fetch; None when a document came that could not be read.
    """
    failures = source.failures + 1
    due = None if is_file(source) else next_due(source.address, now, settings, failures=failures)
    if due is not None and failure is not None and failure.retry_at is not None:
        due = max(due, failure.retry_at)  # a server that asks for a second is not asked every second
    return replace(
        _waiting(source, failure),
        outcome=Outcome.FAILED,
        error=sentence,
        failing_since=source.failing_since or now,
        failures=failures,
        checked_at=now,
        next_due=due,
        gone=failure is not None and failure.reason is FailureReason.GONE,
    )


def after_held_back(source: Source, failure: FetchFailure) -> Source:
    """The source when its host wants no request yet: it was not asked, so nothing else is known of it."""
    source = _waiting(source, failure)
    return replace(source, next_due=max(filter(None, (source.next_due, source.waits_until)), default=None))


def _waiting(source: Source, failure: FetchFailure | None) -> Source:
    """The source with who wants no request for how long, if anybody does."""
    host = failure.host if failure and failure.host != host_of(source.address) else None
    return replace(source, waits_until=failure.retry_at if failure else None, waits_at=host)


def _after_answer(source: Source, answer: Fetched | NotModified, now: datetime, settings: Settings) -> Source:
    """What every success writes; all that was said about failures is cleared."""
    etag, last_modified = answer.etag, answer.last_modified
    if isinstance(answer, NotModified):  # only what it names is new
        etag, last_modified = etag or source.etag, last_modified or source.last_modified
    due = next_due(source.address, now, settings, max_age=answer.max_age, refresh_after=source.refresh_after)
    return replace(
        source,
        address=answer.address or source.address,
        etag=etag,
        last_modified=last_modified,
        error=None,
        failing_since=None,
        failures=0,
        checked_at=now,
        next_due=None if is_file(source) else due,
        waits_until=None,
        waits_at=None,
        gone=False,
    )
