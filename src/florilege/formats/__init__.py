"""Formats: bytes in, a `Snapshot` out. Pure: no I/O, no network, no clock, no Textual; one module per format.

This module defines what every reader returns and raises. `detect` finds the format; readers run in the process that
`worker` implements.
"""

from collections.abc import Sequence

import msgspec

from florilege.model import Entry, FlorilegeError
from florilege.text import clean_line
from florilege.urls import redact, resolve, safe_to_open

MEBIBYTE = 1 << 20
LIMIT = 64 * MEBIBYTE
"""Maximum size of an unpacked document in bytes. Genuine feeds reach 1.6 MB."""
_LONGEST = 200
"""Maximum number of characters shown of an address taken from a document."""


class Subscription(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A group listed by its address only, without its items."""

    address: str
    """http or https."""
    title: str | None = None
    tags: tuple[str, ...] = ()
    """The folders it is in, outermost first, then its categories: the user's own tags for the group."""
    site: str | None = None
    """The group's page on the web."""


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The content of one document: facts about its group, its entries, and warnings."""

    kind: str
    """The format recognised, such as `diigo-rss`, `atom` or `diigo-json`. Stable, shown by `--json`."""
    title: str | None = None
    """The group's own title, if the document gives it."""
    site: str | None = None
    """The group's page on the web."""
    entries: tuple[Entry, ...] = ()
    """In document order."""
    warnings: tuple[str, ...] = ()
    """One sentence per problem that did not prevent the document from being read."""
    identity: str | None = None
    """A stable name for the group or owner, the same in every export of it: `diigo:group:NAME`,
    `raindrop:collection:ID`. None if the document names neither: then only the user knows where it belongs."""
    cut: bool = False
    """The document is truncated, and only what precedes the cut was read. The user is told, and neither hash nor
    validators of the response are kept, so that the next refresh fetches the whole document."""
    older: bool = False
    """Whether the document refers to older pages that it does not contain. The last warning says so."""
    next_page: str | None = None
    """Address of the next older page as written in the document, possibly relative to its own address; None if it
    gives none. Sources: RFC 5005, sections 3 and 4; `next_url` of JSON Feed."""
    refresh_after: int | None = None
    """Minimum interval in seconds that the document asks for between refreshes (`ttl`, `sy:updatePeriod`), or None."""
    parts: "tuple[Snapshot, ...]" = ()
    """The groups (folders, collections) in a document that describes several, in document order, each with its own
    title and entries and the same kind as the whole. `entries` always holds all entries, including those in no part."""
    subscriptions: tuple[Subscription, ...] = ()
    """The groups listed by address, in a subscription list; such a document has no entries."""


class SourceError(FlorilegeError):
    """The document can't be read as a group: empty, an unknown format, a login page, broken. The text says which.

    It never means that a group has become empty.

    Args:
        sentence: What the document seems to be and what to do about it; without the latter if there are `feeds`.
        feeds: Address and title of each feed that a web page names, as written there: addresses may be relative to the
            page's own address.
    """

    def __init__(self, sentence: str, *, feeds: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.feeds = tuple(feeds)

    def __str__(self) -> str:
        """The message, when the document's own address is not known: see `about`."""
        return self.about("")

    def feeds_of(self, address: str) -> tuple[tuple[str, str], ...]:
        """The absolute addresses and titles of the feeds that are safe to add.

        Args:
            address: Where the document came from; empty if unknown.
        """
        whole = [(joined(address, feed), title) for feed, title in self.feeds]
        return tuple((feed, title) for feed, title in whole if safe_to_open(feed))

    def about(self, address: str) -> str:
        """The message, naming the absolute addresses of the feeds.

        Args:
            address: Where the document came from; empty if unknown.
        """
        if not self.feeds:
            return self.sentence
        if len(self.feeds) > 1:
            shown = ", ".join(redact(joined(address, feed))[:_LONGEST] for feed, _ in self.feeds)
            return f"{self.sentence}: it names several feeds; add the one you want: {shown}"
        feed = joined(address, self.feeds[0][0])
        if safe_to_open(feed) is None:
            return f"{self.sentence}: look on it for the address of the feed it names ({redact(feed)[:_LONGEST]})."
        if (shown := redact(feed)) != clean_line(feed):
            return f"{self.sentence}: add the feed it names, after copying its secret address from there ({shown})."
        return f"{self.sentence}: add the feed it names instead, {shown}"


def joined(address: str, feed: str) -> str:
    """The absolute address of a feed named by the page at `address`; unchanged if the two can't be joined."""
    return resolve(safe_to_open(address) or "", feed) or feed
