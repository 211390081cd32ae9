"""Short notation for entries and decisions, for tests of the decision."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from florilege.formats import Snapshot
from florilege.merge import Decision, decide
from florilege.model import Comment, Entry, Highlight, Item, Sharer
from florilege.text import digest

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LINK = "https://example.org/marges"
ODETTE = Sharer(name="Odette Plumier", handle="odette")
BASILE = Sharer(name="Basile Encrier", handle="basile")


def entry(title: str = "Marges", *, url: str | None = LINK, sharer: Sharer | None = ODETTE, **facts: object) -> Entry:
    """An entry; its quotes may be given as strings."""
    quotes = facts.pop("quotes", ())
    highlights = tuple(quoted(quote) for quote in quotes)  # type: ignore[attr-defined]
    facts.setdefault("highlights", highlights)
    return Entry(title=title, url=url, sharer=sharer, **facts)  # type: ignore[arg-type]


def quoted(quote: str, *, id: str | None = None, **facts: object) -> Highlight:  # noqa: A002 -- the field's name
    """A highlight; its default id is the one derived from the quote."""
    return Highlight(id=id or digest(quote, "0"), quote=quote, **facts)  # type: ignore[arg-type]


def said(text: str, author: str | None = None, *replies: Comment) -> Comment:
    """A comment."""
    return Comment(text=text, author=author, replies=replies)


def decided(known: Sequence[Item], *entries: Entry, read: Collection[str] = ()) -> Decision:
    """The decision about these entries."""
    return decide(known, Snapshot(kind="test", entries=entries), group="g", now=NOW, read=read)


def stored(known: Iterable[Item], decision: Decision) -> list[Item]:
    """The items of the group once a decision is stored."""
    items = {item.id: item for item in known} | {item.id: item for item in decision.items}
    return list(items.values())


def after(*documents: Sequence[Entry]) -> list[Item]:
    """The items of a group after these documents, in order."""
    known: list[Item] = []
    for entries in documents:
        known = stored(known, decided(known, *entries))
    return known
