"""One row of a list of items. Pure."""

from dataclasses import dataclass

from florilege.model import Head


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the items pane: the item as a list shows it, and where it is from."""

    head: Head
    group_title: str
    also_in: tuple[str, ...] = ()
    """Titles of the other groups in which the same page was shared."""

    @property
    def key(self) -> str:
        """The item's id: unique in the library."""
        return self.head.id
