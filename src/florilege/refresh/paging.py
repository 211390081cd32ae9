"""Where the pages of a group are: the first as large as can be, the next older one, and which may be followed.

A document or its server may name the next page; where they don't, the conventions of a service are known here. Pure.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.model import Comment, Entry, instant
from florilege.urls import canonical, redact, site_of

_PAUSE = 1.0
"""Seconds between two older pages."""


@dataclass(frozen=True)
class Service:
    """How a service is asked for its pages."""

    at: re.Pattern[str]
    """What the host and path of its addresses look like."""
    after: Callable[[SplitResult, Snapshot], str | None]
    """The page after one that is not empty."""
    largest: tuple[str, int] | None = None
    """The parameter for the size of a page, and the most the service gives."""
    since: str | None = None
    """The parameter for the moment after which something must have changed, where the service has one."""
    begins_again: bool = False
    """Whether its older pages begin at the newest item again, in another order than the first page."""
    is_followed_whole: bool = False
    """Whether its first fetch goes on to the last page: an archive of the reader's own, not the news of a group."""
    pause: float = _PAUSE
    """Seconds between two pages."""


def service_of(address: str) -> Service | None:
    """The service an address belongs to; None when it is none known here."""
    parts = _split(address)
    place = f"{parts.hostname or ''}{parts.path}" if parts else ""
    return next((each for each in SERVICES if each.at.search(place)), None)


def first_page(address: str, since: datetime | None = None) -> str:
    """The address to ask for the newest page: with as many items on it as the service gives.

    Args:
        address: Of the source, as the reader gave it; a size that it names stays.
        since: When everything was fetched last; services that can are asked for what changed after it.
    """
    service, parts = service_of(address), _split(address)
    if service is None or parts is None:
        return address
    asked = dict(parse_qsl(parts.query))
    changes: dict[str, str | int] = {}
    if service.largest and service.largest[0] not in asked:
        changes[service.largest[0]] = service.largest[1]
    if service.since and since is not None:
        changes[service.since] = since.astimezone(UTC).isoformat()
    return _with(parts, **changes) if changes else address


def holds_everything(address: str, snapshot: Snapshot) -> bool:
    """Whether the newest page of a service that says when there are others is all there is."""
    service = service_of(address)
    return service is not None and service.largest is not None and not snapshot.older and not snapshot.cut


def without_older(snapshot: Snapshot) -> Snapshot:
    """A page without its warning that there are older ones, for who has them, or goes on to fetch them."""
    return replace(snapshot, warnings=snapshot.warnings[:-1]) if snapshot.older else snapshot


def walk_from(address: str, snapshot: Snapshot) -> "PageWalk":
    """A walk that begins at the newest page of a group."""
    walk, service = PageWalk(address), service_of(address)
    if service is None or not service.begins_again:
        walk.visit(address, snapshot)
    return walk


def older_page(address: str, snapshot: Snapshot, *, link: str | None = None) -> str | None:
    """The address of the page after this one; None when there is none.

    Args:
        address: Of this page, as it was asked for.
        snapshot: What this page says.
        link: The next page in the `Link` header of its answer.
    """
    service, parts = service_of(address), _split(address)
    if not snapshot.entries and not (service and service.since and snapshot.next_page):
        return None
    named = snapshot.next_page or link
    if named is not None and not (service and service.since):
        try:
            return urljoin(address, named)
        except ValueError:
            return None
    return service.after(parts, snapshot) if service and parts else None


@dataclass
class PageWalk:
    """Where a walk through older pages has been, so that it ends."""

    home: str
    """The address of the group; pages lie on its host."""
    pages: int = 0
    """Older pages read."""
    items: int = 0
    """Items on them."""
    _visited: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._visited.add(canonical(self.home))

    def visit(self, address: str, snapshot: Snapshot) -> bool:
        """Note a page that was read. False when it held nothing that no page before it had: then the end is reached."""
        self._visited.add(canonical(address))
        before = len(self._seen)
        self._seen |= {mark for entry in snapshot.entries for mark in _marks_of(entry)}
        return len(self._seen) > before

    def refusal(self, address: str) -> str | None:
        """Why a page must not be followed, as a sentence; None when it may."""
        here, there = _split(self.home), _split(address)
        if there is None or here is None or there.scheme not in {"http", "https"} or not there.hostname:
            return "The address of its next older page is none that florilege can follow."
        if there.hostname != here.hostname:
            where = site_of(address) or redact(address)
            return f"Its older pages are at {where}, another host, and are not fetched unasked: add {redact(address)}."
        if (here.scheme, there.scheme) == ("https", "http"):
            return "Its older pages are not behind a secure connection, and are not fetched."
        if canonical(address) in self._visited:
            return "Its older pages lead in a circle: the end is taken to be reached."
        return None


def _marks_of(entry: Entry) -> Iterator[str]:
    """What an entry is known by; of one made of annotations, also what each of them is known by."""
    yield entry.native_id or entry.url or entry.title
    if entry.is_aggregate:
        yield from (highlight.id for highlight in entry.highlights)
        yield from (moment.isoformat() for moment in _moments_of(entry))


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 -- reading it is what raises for a broken one
    except ValueError:
        return None
    return parts


def _with(parts: SplitResult, **changes: str | int) -> str:
    """The address with some parameters of its query changed."""
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in changes]
    query = urlencode([*kept, *((name, str(value)) for name, value in changes.items())])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _number(parts: SplitResult, name: str, otherwise: int) -> int:
    """A whole number of the query."""
    value = dict(parse_qsl(parts.query)).get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else otherwise


def _after_diigo(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """`count` and `start`, both in items; a page shorter than it could be is the last. Source: Diigo's API 2."""
    asked = _number(parts, "count", 0)
    if snapshot.kind not in {"diigo-rss", "diigo-json"} or len(snapshot.entries) < asked:
        return None
    start = _number(parts, "start", 0) + len(snapshot.entries)
    return _with(parts, count=asked or 100, start=start)


def _after_hypothesis(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """`search_after`: the moment the oldest annotation was made, in the order they were made.

    What was made at that very moment comes again, for some of it may be on this page and some not; moments are kept by
    the millisecond there. The first page may be in another order, so the walk begins at the newest one again.
    """
    if not snapshot.kind.startswith("hypothesis") or not snapshot.older:
        return None
    asked = dict(parse_qsl(parts.query))
    if (asked.get("sort"), asked.get("order")) != ("created", "desc"):
        return _with(parts, sort="created", order="desc", limit=200)
    oldest = min((moment for entry in snapshot.entries for moment in _moments_of(entry)), key=instant, default=None)
    if oldest is None:
        return None
    moments = (oldest + timedelta(milliseconds=1), oldest)
    afters = (moment.astimezone(UTC).isoformat() for moment in moments)
    return next((_with(parts, search_after=after) for after in afters if after != asked.get("search_after")), None)


def _moments_of(entry: Entry) -> Iterator[datetime]:
    """When the annotations of a page were made, as far as that is known with its zone."""
    for comments in (entry.notes, entry.comments, *(highlight.comments for highlight in entry.highlights)):
        yield from _written(comments)
    yield from (highlight.made_at for highlight in entry.highlights if highlight.made_at and highlight.made_at.tzinfo)


def _written(comments: tuple[Comment, ...]) -> Iterator[datetime]:
    waiting = list(comments)
    while waiting:
        comment = waiting.pop()
        if comment.made_at and comment.made_at.tzinfo:
            yield comment.made_at
        waiting += comment.replies


def _after_zotero(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """`start` and `limit`, both in records; children are folded into items, so a short page proves nothing."""
    limit = _number(parts, "limit", 0)
    if not snapshot.kind.startswith("zotero") or not limit:
        return None
    return _with(parts, start=_number(parts, "start", 0) + limit)


def _after_raindrop(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """`page`, from 0, until one is empty."""
    return _with(parts, page=_number(parts, "page", 0) + 1) if snapshot.kind.startswith("raindrop") else None


def _after_readwise(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """`pageCursor`, as the page before names it."""
    named = dict(parse_qsl((snapshot.next_page or "").removeprefix("?")))
    return _with(parts, pageCursor=named["pageCursor"]) if "pageCursor" in named else None


SERVICES = (
    Service(re.compile(r"^(?:[^/]+\.)?diigo\.com(?:/|$)"), _after_diigo),
    Service(re.compile(r"/api/search/*$"), _after_hypothesis, ("limit", 200), begins_again=True),
    Service(re.compile(r"^(?:[^/]+\.)?api\.zotero\.org/"), _after_zotero),
    Service(
        re.compile(r"^[^/]*/rest/v1/(?:raindrops/|highlights)"),
        _after_raindrop,
        ("perpage", 50),
        is_followed_whole=True,
    ),
    # Twenty requests a minute are allowed. Source: Readwise's documentation of its API.
    Service(
        re.compile(r"/api/v(?:2/export|3/list)/*$"),
        _after_readwise,
        since="updatedAfter",
        is_followed_whole=True,
        pause=3.0,
    ),
)
"""Another is a line. Sources of the sizes: the schema of hypothesis/h, and what Raindrop documents."""
