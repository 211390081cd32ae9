"""Names of highlights, the same for every format. Pure."""

from collections.abc import Iterable

import msgspec

from florilege.model import Highlight
from florilege.text import digest, fold


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
