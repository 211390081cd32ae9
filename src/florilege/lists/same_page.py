"""One page shared more than once: which pages those are, and what all who shared one say of it, as one item.

Nothing is lost and nothing counted twice: a quote that several members marked stands once, with all their names.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from florilege.model import Comment, Group, Highlight, Item, ItemSummary
from florilege.text import search_key
from florilege.urls import canonical
from florilege.words import NO_SHARER


def pages_shared_again(
    groups: Iterable[Group], heads_of: Callable[[str], Iterable[ItemSummary]], pause: Callable[[], None]
) -> dict[int, frozenset[str]]:
    """The pages that were shared more than once, each as a number (`page_of`), with the ids of their groups.

    Args:
        groups: Where to look.
        heads_of: Gives the items of a group, by its id.
        pause: Called after each group.
    """
    seen: dict[int, frozenset[str]] = {}
    again: set[int] = set()
    for group in groups:
        only = frozenset([group.id])
        for head in heads_of(group.id):
            if head.url:
                page = page_of(head.url)
                if page in seen:
                    again.add(page)
                seen[page] = seen[page] | only if page in seen else only
        pause()
    return {page: seen[page] for page in again}


def page_of(url: str) -> int:
    """A page as a number: the same for every address of it."""
    return hash(canonical(url))


def combined(item: Item, others: Sequence[tuple[Item, str]]) -> Item:
    """The item with the highlights, notes and descriptions of others of the same page, each with who it is from.

    Args:
        item: The item; what is its own comes first, and keeps its ids.
        others: The other items, with the titles of their groups.
    """
    page = _Page(item)
    for other, group in others:
        page.add(other, "" if other.group == item.group else group)
    return msgspec.structs.replace(item, highlights=page.highlights, notes=(*item.notes, *page.notes))


class _Page:
    """Highlights by their words, with who marked them."""

    def __init__(self, item: Item) -> None:
        self._marked: dict[str, Highlight] = {}
        self._names: dict[str, list[str]] = {}
        self._shared: set[str] = set()
        self.notes: list[Comment] = []
        for place, highlight in enumerate(item.highlights):
            words = _words(highlight)
            key = words if words not in self._marked else f"{words}\n{place}"  # an item may mark the same words twice
            self._marked[key] = highlight
            self._names[key] = [_who(highlight.author, item, "")]

    @property
    def highlights(self) -> tuple[Highlight, ...]:
        """All of them; those marked by several have all their names."""
        return tuple(
            msgspec.structs.replace(each, author=", ".join(self._names[key])) if key in self._shared else each
            for key, each in self._marked.items()
        )

    def add(self, other: Item, group: str) -> None:
        """Add what another item says."""
        for highlight in other.highlights:
            key, name = _words(highlight), _who(highlight.author, other, group)
            self._shared.add(key)
            before = self._marked.get(key)
            if before is None:
                self._marked[key] = msgspec.structs.replace(highlight, id=f"{other.id}/{highlight.id}", revision=0)
                self._names[key] = [name]
                continue
            if name not in self._names[key]:
                self._names[key].append(name)
            self._marked[key] = msgspec.structs.replace(before, comments=_united(before.comments, highlight.comments))
        if other.description:
            self.notes.append(Comment(text=other.description, author=_who(None, other, group), made_at=other.shared_at))
        self.notes += [
            msgspec.structs.replace(note, author=_who(note.author, other, group)) for note in other.notes
        ]  # fmt: skip


def _united(first: Iterable[Comment], second: Iterable[Comment]) -> tuple[Comment, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _words(highlight: Highlight) -> str:
    """The words of a quote, without regard to how they are spaced and spelt."""
    return " ".join(search_key(highlight.quote).split())


def _who(author: str | None, item: Item, group: str) -> str:
    """Who said it, and in which group when that is another one."""
    name = author or (item.sharer.label if item.sharer else "") or NO_SHARER
    return f"{name} in {group}" if group else name
