"""The addresses of the pages of a source: the newest with the largest page size, the next older one. Pure.

A document or its server may name the next page; otherwise the conventions of known services are used. Also decides
which pages may be followed.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import SplitResult, parse_qsl, urlencode, urlunsplit

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.model import Comment, Entry, instant
from florilege.urls import canonical, redact, resolve, site_of, split


@dataclass(frozen=True)
class Service:
    """The paging conventions of a service."""

    at: re.Pattern[str]
    """Matches the host and path of its addresses."""
    after: Callable[[SplitResult, Snapshot], str | None]
    """Returns the address of the page after a given one that is not empty; None when that was the last."""
    largest: tuple[str, int] | None = None
    """The parameter for the page size, and the maximum that the service allows."""
    since: str | None = None
    """The parameter to request only what changed after a given time, if the service has one."""
    begins_again: bool = False
    """Whether its older pages start again with the newest item, in another order than the first page."""
    is_followed_whole: bool = False
    """Whether the first fetch continues to the last page, because it is the user's own archive and not a group."""
    pause: float = 1.0
    """Seconds between two older pages."""


def service_of(address: str) -> Service:
    """The service that an address belongs to; the last of `SERVICES` if it is none of those known."""
    parts = split(address)
    place = f"{parts.hostname or ''}{parts.path}" if parts else ""
    return next(each for each in SERVICES if each.at.search(place))


def first_page(address: str, since: datetime | None = None) -> str:
    """The address of the newest page, with the largest page size of the service.

    Args:
        address: The address of the source, as the user gave it; a page size in it is kept.
        since: When everything was last fetched; from services that support it, only later changes are requested.
    """
    service, parts = service_of(address), split(address)
    changes: dict[str, str | int] = {}
    if parts and service.largest and service.largest[0] not in dict(parse_qsl(parts.query)):
        changes[service.largest[0]] = service.largest[1]
    if service.since and since is not None:
        changes[service.since] = since.astimezone(UTC).isoformat()
    return _with(parts, **changes) if parts and changes else address


def holds_everything(address: str, snapshot: Snapshot) -> bool:
    """Whether the newest page is the only one, for services that show whether there are others."""
    return service_of(address).largest is not None and not snapshot.older and not snapshot.cut


def without_older(snapshot: Snapshot) -> Snapshot:
    """A page without its warning that there are older ones, if those were fetched already or are about to be."""
    return replace(snapshot, warnings=snapshot.warnings[:-1]) if snapshot.older else snapshot


def older_page(address: str, snapshot: Snapshot, *, link: str | None = None) -> str | None:
    """The address of the page after this one; None when there is none.

    Args:
        address: The address from which this page was requested.
        snapshot: The content of this page.
        link: The next page according to the `Link` header.
    """
    service, parts, named = service_of(address), split(address), snapshot.next_page or link
    if not snapshot.entries and not (service.since and snapshot.next_page):
        return None
    if named is not None and not service.since:
        return resolve(address, named)
    return service.after(parts, snapshot) if parts else None


def walk_from(address: str, snapshot: Snapshot, following: str | None) -> "PageWalk":
    """A walk that begins at the newest page of a source."""
    walk = PageWalk(address, following)
    if not service_of(address).begins_again:
        walk.visit(address, snapshot)
    return walk


@dataclass
class PageWalk:
    """Keeps track of a walk through older pages, so that it ends."""

    home: str
    """The address of the source; pages on other hosts are refused."""
    following: str | None = None
    """The address of the next older page; None at the end."""
    pages: int = 0
    """Number of older pages read."""
    items: int = 0
    """Number of items on them."""
    _visited: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._visited.add(canonical(self.home))

    def visit(self, address: str, snapshot: Snapshot) -> bool:
        """Record a page that was read. Returns False if it held nothing new, which means that the end is reached."""
        self._visited.add(canonical(address))
        before = len(self._seen)
        self._seen |= {mark for entry in snapshot.entries for mark in _marks_of(entry)}
        return len(self._seen) > before

    def refusal(self, address: str) -> str | None:
        """A sentence on why a page must not be fetched; None when it may be."""
        here, there = split(self.home), split(address)
        if there is None or here is None or there.scheme not in {"http", "https"} or not there.hostname:
            return "The address of its next older page is none that florilege can follow."
        if there.hostname != here.hostname:
            where = site_of(address) or redact(address)
            return f"Its older pages are on another host, {where}: to fetch them, add {redact(address)}."
        if (here.scheme, there.scheme) == ("https", "http"):
            return "Its older pages are not behind a secure connection, and are not fetched."
        if canonical(address) in self._visited:
            return "Its older pages lead in a circle: the end is taken to be reached."
        return None


def _marks_of(entry: Entry) -> Iterator[str]:
    """Strings that identify an entry; for one made of annotations, also strings for each annotation."""
    yield entry.native_id or entry.url or entry.title
    if entry.is_aggregate:
        yield from (highlight.id for highlight in entry.highlights)
        yield from (moment.isoformat() for moment in _moments_of(entry))


def _with(parts: SplitResult, **changes: str | int) -> str:
    """The address with some query parameters changed."""
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in changes]
    query = urlencode([*kept, *((name, str(value)) for name, value in changes.items())])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _number(parts: SplitResult, name: str, otherwise: int) -> int:
    """A query parameter as an integer."""
    value = dict(parse_qsl(parts.query)).get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else otherwise


def _after_diigo(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """Pages by `count` and `start`, both in items; a page that isn't full is the last. Source: Diigo's API 2."""
    asked = _number(parts, "count", 0)
    if snapshot.kind not in {"diigo-rss", "diigo-json"} or len(snapshot.entries) < asked:
        return None
    start = _number(parts, "start", 0) + len(snapshot.entries)
    return _with(parts, count=asked or 100, start=start)


def _after_hypothesis(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """Pages by `search_after`, the time at which the oldest annotation was made, sorted by that time.

    Annotations of that very moment are requested again, since some of them may not be on this page; the service has a
    resolution of a millisecond. The first page may have another order, so the walk begins at the newest one again.
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
    """Yield when the annotations of an entry were made, as far as known with the time zone."""
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
    """Pages by `start` and `limit`, in records. A short page may not be the last: child records are part of items."""
    limit = _number(parts, "limit", 0)
    if not snapshot.kind.startswith("zotero") or not limit:
        return None
    return _with(parts, start=_number(parts, "start", 0) + limit)


def _after_raindrop(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """Pages by `page`, from 0, until one is empty."""
    return _with(parts, page=_number(parts, "page", 0) + 1) if snapshot.kind.startswith("raindrop") else None


def _after_readwise(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """Pages by `pageCursor`, as given in the previous page."""
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
    # Twenty requests per minute are allowed. Source: Readwise's API documentation.
    Service(
        re.compile(r"/api/v(?:2/export|3/list)/*$"),
        _after_readwise,
        since="updatedAfter",
        is_followed_whole=True,
        pause=3.0,
    ),
    Service(re.compile(""), lambda _parts, _snapshot: None),
)
"""The known services, and last any other. Sources of the page sizes: the schema of hypothesis/h, and the documentation
of Raindrop."""
