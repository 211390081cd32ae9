"""Where the words of a query stand in a line as it is shown, so that they can be marked. Pure."""

from functools import lru_cache

from florilege.query.nodes import Field, Query, Words, leaves
from florilege.text import fold_with_places, search_key


def spans(query: Query, line: str, field: str | None = None) -> list[tuple[int, int]]:
    """Where the plain words and phrases of a query stand in a line: (start, end) in its characters, in order, apart.

    Words are found as they match, without regard to accents, case, ligatures or kinds of space; the places are those
    of the line as given. Excluded words (`-word`) are not marked.

    Args:
        query: What was asked.
        line: A title, a quote, a note, as shown.
        field: `title`, `quote` or `note` when the line is one: then the values of that field are marked too.
    """
    needles = _needles(query, field)
    if not needles:
        return []
    folded, places = fold_with_places(line)
    found: list[tuple[int, int]] = []
    for needle in needles:
        start = folded.find(needle)
        while start >= 0:
            end = start + len(needle)
            found.append((places[start][0], places[end - 1][1]))
            start = folded.find(needle, end)
    return _joined(sorted(found))


@lru_cache(maxsize=32)
def _needles(query: Query, field: str | None) -> tuple[str, ...]:
    """What to look for, folded. Remembered, for it is asked for every line shown."""
    texts = [
        leaf.value if isinstance(leaf, Field) else leaf.text
        for leaf in leaves(query)
        if isinstance(leaf, Words) or (isinstance(leaf, Field) and leaf.name == field)
    ]
    return tuple(dict.fromkeys(needle for needle in map(search_key, texts) if needle.strip()))


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order with those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
