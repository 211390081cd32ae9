"""What is written about a source after it was asked. Pure: the time is an argument."""

from datetime import datetime

from msgspec.structs import replace

from florilege.fetching import Fetched, FetchFailure, NotModified
from florilege.model import Outcome, Source
from florilege.refreshing.documents import Fresh
from florilege.refreshing.schedule import Settings, is_file, next_due


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
    retry_at = failure.retry_at if failure else None
    ours = None if is_file(source) else next_due(source.address, now, settings, failures=failures)
    return replace(
        source,
        outcome=Outcome.FAILED,
        error=sentence,
        failing_since=source.failing_since or now,
        failures=failures,
        checked_at=now,
        next_due=retry_at or ours,
        must_wait=retry_at is not None,
        gone=bool(failure and failure.gone),
    )


def after_held_back(source: Source, failure: FetchFailure) -> Source:
    """The source when its host wants no request yet: it was not asked, so nothing else is known of it."""
    return replace(source, next_due=failure.retry_at, must_wait=True)


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
        must_wait=False,
        gone=False,
    )
