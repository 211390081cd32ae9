"""The sources of groups: which addresses and files may be one, when one is asked, and what is written about it then.

Pure, the time being an argument, but for asking whether a file is there.
"""

import os
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.model import Group, Outcome, Source
from florilege.net import FailureReason, Fetched, FetchFailure, NotModified, host_of
from florilege.net.headers import LONGEST_WAIT
from florilege.refresh.paging import holds_everything
from florilege.text import clean_line, digest
from florilege.urls import canonical, redact, scheme_of, site_of, without_feed_scheme

if TYPE_CHECKING:
    from florilege.refresh.documents import Fresh

_WITHOUT_SCHEME = re.compile(
    r"(?:(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.){1,20}([a-z]{2,24})|localhost|\d{1,3}(?:\.\d{1,3}){3})"
    r"(?::\d{1,5})?([/?]\S*)?",
    re.IGNORECASE,
)
_ENDINGS = frozenset(
    ["atom", "csv", "gz", "htm", "html", "json", "jsonld", "jsonl", "md", "opml", "rdf", "rss", "txt", "xml", "zip"]
)
"""Of files that groups come in."""
_FEED_SCHEME = re.compile(r"feed:(?://)?", re.IGNORECASE)

STANDARD_INPUT = "-"
"""The source that is no address: a document already read."""

Known = dict[tuple[str, str | None], tuple[Group, Source]]
"""The groups and sources there are, by canonical address and part."""
LONGEST_ABSENCE = timedelta(days=1)
"""Longest time we stay away of our own accord: from a source that fails, or that calls itself fresh."""
_EARLY = timedelta(minutes=2)
"""A job that runs every hour does not start at the same second: what is due so soon is due now."""
_FIRST_WAIT = timedelta(minutes=1)
"""Shortest wait after a failure, also for who has set no interval."""


def address_of(source: str) -> str | None:
    """The address kept for what a reader names: an http(s) address as it is, the absolute path of a file.

    None when it has another scheme: florilege does not follow it.
    """
    source = without_feed_scheme(source)
    scheme = scheme_of(source)
    if scheme in {"http", "https"}:
        return source
    if scheme is None or len(scheme) == 1 or Path(source).exists():  # one letter: a drive
        return os.path.abspath(source)  # noqa: PTH100 -- `..` is resolved, links are not: the reader's own name stays
    return None


def completed(source: str) -> str | None:
    """The address that a reader means by one without its beginning: `example.org/feed`, or one that begins `feed:`.

    None when it looks like none, or when there is a file of that name. The last word of the host must not be the ending
    of a file: `export.csv` is one that is not there.
    """
    beyond = _FEED_SCHEME.sub("", source.strip())
    match = _WITHOUT_SCHEME.fullmatch(beyond)
    if match is None or ((match[1] or "").lower() in _ENDINGS and not match[2]) or os.path.lexists(source):
        return None
    return f"https://{beyond}"


def is_address(word: str) -> bool:
    """Whether a word is a web address, be it without its beginning."""
    return scheme_of(address_of(word) or "") in {"http", "https"} or completed(word) is not None


def stand_in(address: str) -> str:
    """The title of a group whose document has not said its own: the host and what follows it, the name of the file.

    The host alone would not do: groups of one service that can't be reached yet could not be told from each other.
    """
    if address == STANDARD_INPUT:
        return "Standard input"
    site = site_of(address)
    if site is None:
        return clean_line(Path(address).name) or redact(address)
    beyond = redact(address).partition("://")[2].partition("/")[2]
    return f"{site}/{beyond}".rstrip("/")


def known_sources(groups: Iterable[Group]) -> Known:
    """The sources of groups; of several with one address, in whatever spelling, the first."""
    known: Known = {}
    for group in groups:
        for source in group.sources:
            known.setdefault((canonical(source.address), source.part), (group, source))
    return known


def known_as(known: Known, address: str, part: str | None = None) -> tuple[Group, Source] | None:
    """The group and source that already have this address, in whatever spelling, or a part of the document there."""
    return known.get((canonical(address), part))


def named_by(groups: Iterable[Group], identity: str | None) -> Group | None:
    """The group that a document names: one that had a document of that name before, or an export of this very group."""
    if identity is None:
        return None
    return next(
        (group for group in groups if identity in group.identities or identity == f"florilege:group:{group.id}"), None
    )


# When it is asked


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
