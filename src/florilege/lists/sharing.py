"""Which pages were shared more than once, and where: learnt by looking through every item, of which none is kept."""

from collections.abc import Callable, Iterable

from florilege.model import Group, Head
from florilege.store import NoSuchGroup
from florilege.urls import canonical


class Sharing:
    """The pages that were shared more than once, each as a number."""

    def __init__(self) -> None:
        self._groups: dict[int, frozenset[str]] | None = None

    @property
    def is_known(self) -> bool:
        """Whether it has been learnt."""
        return self._groups is not None

    def groups_with(self, head: Head) -> frozenset[str]:
        """Ids of the groups with the page of this item, when it was shared more than once."""
        if self._groups is None or head.url is None:
            return frozenset()
        return self._groups.get(page_of(head.url), frozenset())

    def learn(
        self, groups: Iterable[Group], heads_of: Callable[[str], Iterable[Head]], rest: Callable[[], None]
    ) -> None:
        """Find out anew.

        Args:
            groups: Where to look.
            heads_of: Gives the items of a group, by its id.
            rest: Called after each group.
        """
        seen: dict[int, frozenset[str]] = {}
        again: set[int] = set()
        for group in groups:
            only = frozenset([group.id])
            try:
                heads = heads_of(group.id)
            except NoSuchGroup:
                continue  # removed meanwhile
            for head in heads:
                if head.url:
                    page = page_of(head.url)
                    if page in seen:
                        again.add(page)
                    seen[page] = seen[page] | only if page in seen else only
            rest()
        self._groups = {page: seen[page] for page in again}


def page_of(url: str) -> int:
    """A page as a number: the same for every address of it."""
    return hash(canonical(url))
