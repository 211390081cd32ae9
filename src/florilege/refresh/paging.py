"""Where the next older page of a group is, and whether it may be followed. Pure.

A document or its server may name the next page; where they don't, the conventions of a service are known here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from florilege.formats import Snapshot
from florilege.model import Comment, Entry, instant
from florilege.urls import canonical, redact, site_of

_DIIGO_MOST = 100
"""Items of a page, at most. Source: the documentation of Diigo's API, version 2."""
_HYPOTHESIS_MOST = 200
"""Annotations of a page, at most. Source: hypothesis/h, the schema of its search."""


def older_page(address: str, snapshot: Snapshot, *, link: str | None = None) -> str | None:
    """The address of the page after this one; None when there is none.

    Args:
        address: Of this page.
        snapshot: What this page says.
        link: The next page in the `Link` header of its answer.
    """
    if not snapshot.entries:
        return None
    named = snapshot.next_page or link
    if named is not None:
        try:
            return urljoin(address, named)
        except ValueError:
            return None
    parts = _split(address)
    convention = next((rule for fits, rule in _CONVENTIONS if parts and fits(parts, snapshot)), None)
    return convention(parts, snapshot) if convention and parts else None


@dataclass
class Trail:
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
        self._seen |= {mark for entry in snapshot.entries for mark in _known_by(entry)}
        return len(self._seen) > before

    def objection(self, address: str) -> str | None:
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


def _known_by(entry: Entry) -> Iterator[str]:
    """What tells an entry from those seen before; of one gathered from annotations, what tells each of them."""
    yield entry.native_id or entry.url or entry.title
    if entry.gathered:
        yield from (highlight.id for highlight in entry.highlights)
        yield from (moment.isoformat() for moment in _made(entry))


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


def _is_at(parts: SplitResult, domain: str) -> bool:
    host = (parts.hostname or "").lower()
    return host == domain or host.endswith(f".{domain}")


def _is_diigo(parts: SplitResult, snapshot: Snapshot) -> bool:
    return snapshot.kind in {"diigo-rss", "diigo-json"} and _is_at(parts, "diigo.com")


def _after_diigo(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """`count` and `start`, both in items; a page shorter than it could be is the last."""
    asked = _number(parts, "count", 0)
    if len(snapshot.entries) < asked:
        return None
    start = _number(parts, "start", 0) + len(snapshot.entries)
    return _with(parts, count=asked or _DIIGO_MOST, start=start)


def _is_hypothesis(parts: SplitResult, snapshot: Snapshot) -> bool:
    return snapshot.kind.startswith("hypothesis") and parts.path.rstrip("/").endswith("/api/search")


def _after_hypothesis(parts: SplitResult, snapshot: Snapshot) -> str | None:
    """`search_after`: the moment the oldest annotation was made, in the order they were made.

    The first page may be in another order, so the walk begins at the newest one again.
    """
    asked = dict(parse_qsl(parts.query))
    if (asked.get("sort"), asked.get("order")) != ("created", "desc"):
        return _with(parts, sort="created", order="desc", limit=_HYPOTHESIS_MOST)
    oldest = min((moment for entry in snapshot.entries for moment in _made(entry)), key=instant, default=None)
    if oldest is None:
        return None
    after = oldest.astimezone(UTC).isoformat()
    return _with(parts, search_after=after) if after != asked.get("search_after") else None


def _made(entry: Entry) -> Iterator[datetime]:
    """When the annotations of a page were made, as far as that is known with its zone."""
    for comments in (entry.notes, entry.comments, *(highlight.comments for highlight in entry.highlights)):
        yield from _written(comments)
    yield from (highlight.made_at for highlight in entry.highlights if highlight.made_at and highlight.made_at.tzinfo)


def _written(comments: tuple[Comment, ...]) -> Iterator[datetime]:
    for comment in comments:
        if comment.made_at and comment.made_at.tzinfo:
            yield comment.made_at
        yield from _written(comment.replies)


def _is_zotero(parts: SplitResult, snapshot: Snapshot) -> bool:
    return snapshot.kind.startswith("zotero") and _is_at(parts, "api.zotero.org") and "limit=" in parts.query


def _after_zotero(parts: SplitResult, _snapshot: Snapshot) -> str | None:
    """`start` and `limit`, both in records; children are folded into items, so a short page proves nothing."""
    limit = _number(parts, "limit", 0)
    return _with(parts, start=_number(parts, "start", 0) + limit) if limit else None


_Fits = Callable[[SplitResult, Snapshot], bool]
_Next = Callable[[SplitResult, Snapshot], str | None]
_CONVENTIONS: tuple[tuple[_Fits, _Next], ...] = (
    (_is_diigo, _after_diigo),
    (_is_hypothesis, _after_hypothesis),
    (_is_zotero, _after_zotero),
)
"""Whether a service has a convention of its own, and what it is. Another one is a line here."""
