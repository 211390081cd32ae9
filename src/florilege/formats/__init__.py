"""Formats: bytes in, a `Snapshot` out. Pure: no I/O, no network, no clock, no Textual; one module a format.

This file says what every format gives back. `detect` finds the format, `worker` is the process it runs in.
"""

from collections.abc import Sequence
from urllib.parse import urljoin

import msgspec

from florilege.model import Entry, FlorilegeError
from florilege.text import clean_line
from florilege.urls import redact, safe_to_open

MEBIBYTE = 1 << 20
LIMIT = 64 * MEBIBYTE
"""Bytes of a document, unpacked. Genuine feeds reach 1.6 MB."""
_LONGEST = 200
"""Characters of a foreign address in a message."""


class Subscription(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A group that a list names by its address, without any items of it."""

    address: str
    """http or https."""
    title: str | None = None
    tags: tuple[str, ...] = ()
    """The folders it stands in, outermost first, and its categories: the reader's own tags for the group."""
    site: str | None = None
    """The group's page on the web."""


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one document says: facts about its group, its entries, and what was odd in it."""

    kind: str
    """The format recognised: `diigo-rss`, `rss`, `atom`, `rdf`, `diigo-json`. Stable, shown by `--json`."""
    title: str | None = None
    """The group's own title, when the document names it."""
    site: str | None = None
    """The group's page on the web."""
    entries: tuple[Entry, ...] = ()
    """In the order of the document."""
    warnings: tuple[str, ...] = ()
    """One sentence for each thing that was odd but did not cost the document."""
    identity: str | None = None
    """A stable name of the group or owner the document names, the same in every export of it: `diigo:group:NAME`,
    `raindrop:collection:ID`. None when the document names none: then only the reader knows where it belongs."""
    cut: bool = False
    """The document breaks off: what came before the cut was read. Whoever asked is told that it is not the whole, and
    nothing vouches for it, so that the whole is asked for again."""
    older: bool = False
    """The document says that there are older pages, which it does not hold. The last warning says so in a sentence."""
    next_page: str | None = None
    """Where the next older page is, as the document writes it: perhaps relative to its own address. None when it
    names none. Sources: RFC 5005, sections 3 and 4; `next_url` of JSON Feed."""
    refresh_after: int | None = None
    """Seconds for which the document asks to be left alone (`ttl`, `sy:updatePeriod`); None when it does not say."""
    parts: "tuple[Snapshot, ...]" = ()
    """The groups that a document of several describes (folders, collections), in its order, each with its own title and
    entries; their kind is that of the whole. `entries` always holds all of them, those in no part included."""
    subscriptions: tuple[Subscription, ...] = ()
    """The groups that a list names by their addresses; such a document has no entries."""


class SourceError(FlorilegeError):
    """These bytes can't be read as a group: empty, an unknown format, a login page, broken. The text says which.

    It never means that a group has become empty.

    Args:
        sentence: What they seem to be, and what to do; what to do is left out when there are `feeds`.
        feeds: Address and title of each feed that a web page names, as they stand there: perhaps relative to the page's
            own address.
    """

    def __init__(self, sentence: str, *, feeds: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.feeds = tuple(feeds)

    def __str__(self) -> str:
        """The sentence as far as the document alone knows it."""
        return self.about("")

    def feeds_of(self, address: str) -> tuple[tuple[str, str], ...]:
        """The feeds that can be added, with their whole addresses: see `about`."""
        whole = [(joined(address, feed), title) for feed, title in self.feeds]
        return tuple((feed, title) for feed, title in whole if safe_to_open(feed))

    def about(self, address: str) -> str:
        """The sentence about a document that came from an address; empty when it came from none."""
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
    """The address of a feed that a page at an address names; as it is when it can't be joined to that."""
    try:
        return urljoin(safe_to_open(address) or "", feed)
    except ValueError:
        return feed
