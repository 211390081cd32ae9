"""The sources of groups: which addresses and files may be one, when they are due, and how a fetch updates them.

Pure, with the current time as an argument, except that it checks whether files exist.
"""

import os
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.model import Group, Outcome, Source
from florilege.net import FailureReason, Fetched, FetchFailure, NotModified, host_of
from florilege.net.http import LONGEST_WAIT
from florilege.refresh.paging import holds_everything
from florilege.text import clean_line, digest
from florilege.urls import canonical, redact, scheme_of, site_of, without_feed_scheme

if TYPE_CHECKING:
    from florilege.refresh.documents import Document

_WITHOUT_SCHEME = re.compile(
    r"(?:(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.){1,20}([a-z]{2,24})|localhost|\d{1,3}(?:\.\d{1,3}){3})"
    r"(?::\d{1,5})?([/?]\S*)?",
    re.IGNORECASE,
)
_ENDINGS = frozenset(
    ["atom", "csv", "gz", "htm", "html", "json", "jsonld", "jsonl", "md", "opml", "rdf", "rss", "txt", "xml", "zip"]
)
"""File extensions that exports of groups may have."""
_FEED_SCHEME = re.compile(r"feed:(?://)?", re.IGNORECASE)

STANDARD_INPUT = "-"
"""The pseudo-address of standard input."""

LONGEST_ABSENCE = timedelta(days=1)
"""Maximum time until a failing source, or one that declares itself fresh, is fetched again; or the longer interval."""
_EARLY = timedelta(minutes=2)
"""A source due within this time counts as due, since an hourly job doesn't always start at the same second."""
_FIRST_WAIT = timedelta(minutes=1)
"""Minimum wait after a failure, even if no interval is set."""


def address_of(source: str) -> str | None:
    """The address to store for a source the user gave: an http(s) address as it is, or the absolute path of a file.

    None when it has another scheme, which florilege does not support.
    """
    source = without_feed_scheme(source)
    scheme = scheme_of(source)
    if scheme in {"http", "https"}:
        return source
    # One letter is a drive; `Path.exists` would raise for a name that is too long.
    if scheme is None or len(scheme) == 1 or os.path.exists(source):  # noqa: PTH110
        return os.path.abspath(source)  # noqa: PTH100 -- resolves `..` but not links, so that the user's name is kept
    return None


def completed_address(source: str) -> str | None:
    """Complete an address without scheme, like `example.org/feed`, or one that begins with `feed:`.

    None when it doesn't look like an address, or when a file of that name exists. A host alone must not end in a file
    extension: `export.csv` is a file that doesn't exist.
    """
    beyond = _FEED_SCHEME.sub("", source.strip())
    match = _WITHOUT_SCHEME.fullmatch(beyond)
    if match is None or ((match[1] or "").lower() in _ENDINGS and not match[2]) or os.path.lexists(source):
        return None
    return f"https://{beyond}"


def is_address(word: str) -> bool:
    """Whether a word is a web address, with or without scheme."""
    return scheme_of(address_of(word) or "") in {"http", "https"} or completed_address(word) is not None


def provisional_title(address: str) -> str:
    """The title for a group whose document gave none (yet): the host and what follows it, or the file name.

    The host alone would not do, since groups of the same service could not be told apart until they are fetched.
    """
    if address == STANDARD_INPUT:
        return "Standard input"
    if scheme_of(address) not in {"http", "https"}:
        return clean_line(Path(address).name) or redact(address)
    site = site_of(address)
    if site is None:  # the last part of an invalid address may be a password or a token
        return redact(address)
    beyond = redact(address).partition("://")[2].partition("/")[2]
    return f"{site}/{beyond}".rstrip("/")


class Known:
    """Groups, to be found by their sources or by the identity of a document. Of equal ones, the first is found.

    Args:
        groups: The groups.
    """

    def __init__(self, groups: Iterable[Group]) -> None:
        self._groups = list(groups)

    def source(self, address: str, part: str | None = None) -> tuple[Group, Source] | None:
        """The group and source with this address, in any spelling, and this part (`Source.part`); None if none has."""
        return self._sources.get((canonical(address), part))

    def group(self, identity: str | None) -> Group | None:
        """The group that the identity of a document refers to; None when there is none.

        That is a group that had a document with this identity before, or the group of which the document is an export.
        """
        return self._by_identity.get(identity or "")

    @cached_property
    def _sources(self) -> dict[tuple[str, str | None], tuple[Group, Source]]:
        known: dict[tuple[str, str | None], tuple[Group, Source]] = {}
        for group in self._groups:
            for source in group.sources:
                known.setdefault((canonical(source.address), source.part), (group, source))
        return known

    @cached_property
    def _by_identity(self) -> dict[str, Group]:
        known: dict[str, Group] = {}
        for group in self._groups:
            for identity in (*group.identities, f"florilege:group:{group.id}"):
                known.setdefault(identity, group)
        return known


# When a source is fetched


def is_file(source: Source) -> bool:
    """Whether a source is a local file."""
    return scheme_of(source.address) not in {"http", "https"}


def is_due(source: Source, now: datetime, *, insist: bool = False) -> bool:
    """Whether a source may be fetched now.

    Files always may. `insist` ignores our interval, but neither a server's Retry-After nor its answer that the feed is
    gone. When the clock was set back to before the last attempt, our interval is ignored, too.
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
    """Until when a server wants no requests for a source; None when it may be fetched.

    A time further away than `LONGEST_WAIT` is ignored: it was stored before the clock was set back.
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
    """When to fetch a source again.

    After a success: after our interval, or the time given by the server (`max_age`) or the document (`refresh_after`,
    in seconds), whichever is longest, but the latter two count for at most a day. After failures: the wait doubles with
    each one in a row, up to a day, and up to a tenth is added, different for each source, so that they are not all
    fetched in the same second when a server recovers. An interval above a day replaces that limit.
    """
    longest = max(LONGEST_ABSENCE, interval)
    if failures == 0:
        asked = max(max_age or timedelta(), timedelta(seconds=refresh_after or 0))
        return now + max(interval, min(asked, longest))
    wait = min(max(interval, _FIRST_WAIT) * (1 << min(failures - 1, 16)), longest)
    tenth = int(digest(address, str(failures)), 16) / 2**64 / 10
    return now + wait * (1 + tenth)


# After a source was fetched


def after_fetch(source: Source, document: "Document", now: datetime, interval: timedelta) -> Source:
    """The source after a document was fetched and its items stored, or after the failure to fetch it."""
    if isinstance(document, FetchFailure):
        return _after_failure(source, document, now, interval)
    answer: Fetched | NotModified
    if isinstance(document, NotModified):  # it need not repeat the validators
        answer, outcome, warnings = document, Outcome.UNCHANGED, source.warnings
        etag, last_modified = answer.etag or source.etag, answer.last_modified or source.last_modified
    else:
        answer, snapshot, outcome, warnings = document.answer, document.snapshot, Outcome.OK, document.snapshot.warnings
        source = replace(
            source,
            kind=snapshot.kind,
            # A document that was cut off must be fetched again, so forget what could make it count as unchanged.
            body_hash=None if snapshot.cut else document.body_hash,
            refresh_after=snapshot.refresh_after,
            whole=source.whole or holds_everything(source.address, snapshot),
        )
        etag, last_modified = (None, None) if snapshot.cut else (answer.etag, answer.last_modified)
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
        notice=moved_notice(source, answer) or source.notice,
        warnings=warnings,
    )


def _after_failure(source: Source, failure: FetchFailure, now: datetime, interval: timedelta) -> Source:
    """The source after a failure. Validators are kept."""
    if failure.is_rate_limited:
        return with_wait(source, failure)
    failures = source.failures + 1
    due = None if is_file(source) else next_due(source.address, now, interval, failures=failures)
    failed = replace(
        source,
        outcome=Outcome.FAILED,
        error=failure.sentence,
        failing_since=source.failing_since or now,
        failures=failures,
        checked_at=now,
        next_due=due,
        gone=failure.reason is FailureReason.GONE,
    )
    return with_wait(failed, failure)


def with_wait(source: Source, failure: FetchFailure) -> Source:
    """The source with the time until which its host wants no requests, and which host that is, if it is another one.

    Retry-After can only lengthen the wait until it is due.
    """
    host = failure.host if failure.host != host_of(source.address) else None
    due = max(filter(None, (source.next_due, failure.retry_at)), default=None)
    return replace(source, waits_until=failure.retry_at, waits_at=host, next_due=due)


def moved_notice(source: Source | None, answer: Fetched | NotModified) -> str | None:
    """The sentence on a source that has moved permanently; None when it has not."""
    if source is None or answer.address in {None, source.address}:
        return None
    before, after = redact(source.address), redact(answer.address or "")
    return f"It has moved for good, from {before} to {after}, and is followed there."


def with_document_facts(group: Group, source: Source | None, snapshot: Snapshot) -> Group:
    """The group with data from its document: its title (unless it has a final one), the site and the identity."""
    title, site, identities = group.title, group.site, group.identities
    if source is not None:
        title = snapshot.title if snapshot.title and title == provisional_title(source.address) else title
        site = site or snapshot.site
    if snapshot.identity is not None and snapshot.identity not in identities:
        identities = (*identities, snapshot.identity)
    return replace(group, title=title, site=site, identities=identities)
