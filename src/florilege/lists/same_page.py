"""Pages shared more than once: finds them, and combines all items of a page into one.

Nothing is lost or duplicated: a quote highlighted by several members appears once, with all their names.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from msgspec.structs import replace

from florilege.model import Comment, Group, Highlight, Item, ItemSummary
from florilege.text import search_key
from florilege.urls import canonical
from florilege.words import NO_SHARER


def pages_shared_again(
    groups: Iterable[Group], summaries_of: Callable[[str], Iterable[ItemSummary]], pause: Callable[[], None]
) -> dict[int, frozenset[str]]:
    """The pages that were shared more than once, each as a number (`page_of`), with the ids of their groups.

    Args:
        groups: The groups to search.
        summaries_of: Returns the items of a group, by its id.
        pause: Called after each group.
    """
    seen: dict[int, frozenset[str]] = {}
    again: set[int] = set()
    for group in groups:
        only = frozenset([group.id])
        for summary in summaries_of(group.id):
            if summary.url:
                page = page_of(summary.url)
                if page in seen:
                    again.add(page)
                seen[page] = seen[page] | only if page in seen else only
        pause()
    return {page: seen[page] for page in again}


@lru_cache(1_000)  # rows look it up whenever they are drawn
def page_of(url: str) -> int:
    """A hash that identifies a page, equal for all its addresses."""
    return hash(canonical(url))


def combined(item: Item, others: Sequence[tuple[Item, str]]) -> Item:
    """Add to an item the highlights, notes and descriptions of other items of the same page, with their authors.

    Args:
        item: The item; its own highlights and notes come first and keep their ids.
        others: The other items, with the titles of their groups.
    """
    marked: dict[str, Highlight] = {}
    names: dict[str, list[str]] = {}
    for place, highlight in enumerate(item.highlights):
        words = _words(highlight)
        key = words if words not in marked else f"{words}\n{place}"  # an item may have the same quote twice
        marked[key], names[key] = highlight, [_who(highlight.author, item, "")]
    shared: set[str] = set()
    notes = list(item.notes)
    for other, title in others:
        group = "" if other.group == item.group else title
        for highlight in other.highlights:
            key, name = _words(highlight), _who(highlight.author, other, group)
            shared.add(key)
            if key not in marked:
                marked[key], names[key] = replace(highlight, id=f"{other.id}/{highlight.id}", revision=0), [name]
                continue
            if name not in names[key]:
                names[key].append(name)
            comments = dict.fromkeys((*marked[key].comments, *highlight.comments))
            marked[key] = replace(marked[key], comments=tuple(comments))
        if other.description:
            notes.append(Comment(text=other.description, author=_who(None, other, group), made_at=other.shared_at))
        notes += [replace(note, author=_who(note.author, other, group)) for note in other.notes]
    highlights = (
        replace(each, author=", ".join(names[key])) if key in shared else each for key, each in marked.items()
    )
    return replace(item, highlights=tuple(highlights), notes=tuple(notes))


def _words(highlight: Highlight) -> str:
    """The comparison key of a quote, ignoring spacing, case and accents."""
    return " ".join(search_key(highlight.quote).split())


def _who(author: str | None, item: Item, group: str) -> str:
    """The name of an author, followed by the group if one is given."""
    name = author or (item.sharer.label if item.sharer else "") or NO_SHARER
    return f"{name} in {group}" if group else name
