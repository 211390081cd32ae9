"""Highlights as services list them, and their names, the same for every format. Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from florilege.formats import fields
from florilege.model import Comment, Highlight
from florilege.text import digest, fold


def annotation(
    quote: str | None,
    note: str | None = None,
    *,
    name: float | str | None = None,
    made_at: datetime | None = None,
    colour: str | None = None,
    tags: tuple[str, ...] = (),
    location: str | None = None,
) -> Highlight:
    """A passage, and what the member wrote beside it. Without a passage it is a note on the page: see `parted`."""
    words = fields.prose(note)
    return Highlight(
        id=fields.identifier(name) or "",
        quote=fields.without_source_breaks(fields.prose(quote) or ""),
        made_at=made_at,
        colour=fields.line(colour),
        tags=tags,
        location=location,
        comments=(Comment(text=words),) if words else (),
    )


def parted(annotations: Iterable[Highlight]) -> tuple[tuple[Highlight, ...], tuple[Comment, ...]]:
    """The highlights among annotations, each with a name, and the notes on the page: what was written on no passage."""
    given = tuple(annotations)
    notes = tuple(comment for each in given if not each.quote for comment in each.comments)
    return named(each for each in given if each.quote), notes


def named(highlights: Iterable[Highlight]) -> tuple[Highlight, ...]:
    """The highlights of one entry, each with an id of its own.

    An id the service gave stays. One that is empty, or that an earlier highlight of the entry has, becomes a hash of
    the normalised quote and its ordinal among equals, so that the same document gives the same ids each time.
    """
    taken: set[str] = set()
    equals: dict[str, int] = {}
    result: list[Highlight] = []
    for highlight in highlights:
        name = highlight.id
        while not name or name in taken:
            key = fold(highlight.quote).strip()
            ordinal = equals.get(key, 0)
            equals[key] = ordinal + 1
            name = digest(key, str(ordinal))
        taken.add(name)
        result.append(highlight if name == highlight.id else msgspec.structs.replace(highlight, id=name))
    return tuple(result)
