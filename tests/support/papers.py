"""Documents and parsers for tests that are not about formats: a document is a snapshot as JSON."""

import asyncio
from collections.abc import Callable, Collection, Sequence

import msgspec

from florilege.formats import Snapshot, SourceError, detect
from florilege.model import Entry, Highlight


def paper(*titles: str, group: str | None = "Encre & Papier", quotes: Sequence[str] = (), kind: str = "rss") -> bytes:
    """A document with one entry per title; the first has the quotes."""
    highlights = tuple(Highlight(id=f"h-{quote}", quote=quote) for quote in quotes)
    entries = tuple(
        Entry(
            native_id=title,
            title=title,
            url=f"https://example.org/{title}",
            highlights=highlights if title == titles[0] else (),
        )
        for title in titles
    )
    return msgspec.json.encode(Snapshot(kind=kind, title=group, site="https://example.org/", entries=entries))


def paper_of(*entries: Entry, **facts: object) -> bytes:
    """A document with these entries and other facts of a snapshot."""
    return msgspec.json.encode(Snapshot(**({"kind": "rss", "entries": entries} | facts)))  # type: ignore[arg-type]


class PaperParser:
    """Parses such documents, refuses all others, and counts them."""

    def __init__(self) -> None:
        self.read = 0
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.reached = asyncio.Event()

    async def parse(self, data: bytes, known: object = None) -> Snapshot:
        """Parse a document, after waiting for `may_go_on` if it is not set."""
        self.read += 1
        self.reached.set()
        await self.may_go_on.wait()
        try:
            return msgspec.json.decode(data, type=Snapshot)
        except msgspec.DecodeError as error:
            raise SourceError("This is not a feed, perhaps a login page: look for the address of a feed.") from error


class RealParser:
    """Parses documents with the real readers, in this process."""

    async def parse(self, data: bytes, known: Callable[[], Collection[str]] = tuple) -> Snapshot:
        """Parse a document."""
        return detect.read(data, frozenset(known()))
