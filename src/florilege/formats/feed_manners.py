"""What a feed says about how it wants to be asked: how often, and where its older pages are. Pure; knows no parser."""

from collections.abc import Mapping
from typing import Any

from florilege.formats import fields
from florilege.urls import safe_to_open

_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
"""Seconds of each `sy:updatePeriod`. Source: the syndication module of RSS 1.0."""
_LONGEST = 31_536_000
"""Seconds; who asks for more has made a mistake."""
_OLDER = ("next", "prev-archive")
"""Relations that lead to older entries: of a paged feed, of an archive. Source: RFC 5005, sections 3 and 4."""


def refresh_after(feed: Mapping[str, Any]) -> int | None:
    """Seconds for which a feed asks to be left alone: the longest of what it says, None when it says nothing.

    `ttl` is in minutes; `sy:updatePeriod` is divided by `sy:updateFrequency`, which is 1 when it is not said.
    """
    said = []
    if minutes := _whole(feed, "ttl"):
        said.append(minutes * 60)
    if period := _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower()):
        said.append(period // (_whole(feed, "sy_updatefrequency") or 1))
    return min(max(said), _LONGEST) if said else None


def next_page(feed: Mapping[str, Any]) -> str | None:
    """The address of the next older page, as it is written; None when there is none."""
    links: list[Mapping[str, Any]] = feed.get("links") or []
    written = {str(link.get("rel")): fields.address(link.get("href")) for link in reversed(links)}
    return next((address for relation in _OLDER if (address := written.get(relation))), None)


def own_address(feed: Mapping[str, Any]) -> str | None:
    """Where the feed says that it is itself; None when it does not."""
    links: list[Mapping[str, Any]] = feed.get("links") or []
    written = (fields.address(link.get("href")) for link in links if link.get("rel") == "self")
    return next((address for address in written if safe_to_open(address)), None)


def _whole(feed: Mapping[str, Any], name: str) -> int:
    """A positive whole number; 0 when there is none."""
    text = str(feed.get(name) or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
